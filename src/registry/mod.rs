//! The image in its registry: whether it is there, what it is called for ever, where it runs and which versions are
//! in it. It changes nothing there, and says nothing of what the cluster itself can pull.
//!
//! Source: the OCI distribution specification, and docker's "Token Authentication Specification".

mod challenge;
mod client;
pub mod credentials;
mod manifest;

pub use challenge::{Challenge, parse as parse_challenges};
pub use manifest::{Labels, Manifest, Platform, read as read_manifest, read_config};

use std::rc::Rc;
use std::time::Duration;

use crate::text::filled;
use crate::value::Value;

use crate::error::{Error, ImageFault};
use crate::image::{Digest, ImageReference};
use crate::io::Io;
use crate::retry::Limits;
use crate::token::{Login, Redactor};

use client::{Client, image_fault};

/// The most bytes of a manifest or a config.
const LARGEST_MANIFEST: usize = 4 * 1024 * 1024;

/// How long a credential helper may take.
const HELPER_LIMIT: Duration = Duration::from_secs(20);

/// What there is to look up, and by which credentials.
#[derive(Debug, Clone)]
pub struct LookUp {
    /// What the cluster runs.
    pub platform: Platform,
    /// The credentials of the options.
    pub login: Option<Login>,
    /// Docker's config file: null where there is none, or the words why it cannot be read.
    pub config: Result<Value, String>,
    /// Whether the environment names a proxy that is not used.
    pub proxy_ignored: bool,
    /// Learns every secret of the registry's.
    pub redactor: Redactor,
}

/// What a registry said of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What the tag stands for now.
    pub digest: Digest,
    /// What the image's labels say is in it.
    pub labels: Labels,
}

/// Looks the image up.
///
/// # Errors
/// The image is not there or not for the platform; or the registry could not be asked.
pub async fn look_up<I: Io>(
    io: &I,
    look_up: &LookUp,
    image: &ImageReference,
    limits: &Limits,
) -> Result<Box<Found>, Rc<Error>> {
    let mut client = Client::new(io, look_up, image, limits)?;
    let asked = image.tag().or(image.digest().map(Digest::as_str)).unwrap_or_default();
    let what = || match image.tag() {
        Some(tag) => filled("tag \"{}\"", &[tag]),
        None => filled("digest {}", &[asked]),
    };
    let path = filled("manifests/{}", &[asked]);
    let mut method = "HEAD";
    let named: Option<Digest> = loop {
        let answer = client.fetch(method, &path).await?;
        match (answer.status, image.tag()) {
            (200, Some(_)) => break answer.digest.as_deref().and_then(|digest| digest.parse().ok()),
            (200, None) => break image.digest().cloned(),
            // An answer to HEAD has no body that could say why it is not 200.
            _ if method == "HEAD" => method = "GET",
            // A page that is missing at whatever stands before the registry says nothing of the image.
            (404, _) if Value::read(&answer.body).is_ok_and(|value| value.get("errors").is_some()) => {
                return Err(image_fault(ImageFault::NotFound {
                    registry: image.registry().to_owned(),
                    repository: image.repository().to_owned(),
                    what: what(),
                    definite: client.sees_all(),
                }));
            }
            _ => return Err(client.refusal(&answer)),
        }
    };
    let elsewhere = |found: String| {
        image_fault(ImageFault::Platform {
            image: image.as_str().to_owned(),
            wanted: look_up.platform.to_string(),
            found,
        })
    };
    // By its digest, so that a tag which moves meanwhile cannot mix two images.
    let mut path = filled("manifests/{}", &[named.as_ref().map_or(asked, Digest::as_str)]);
    let mut expected = named;
    let mut platform = Some(&look_up.platform);
    let mut first = None;
    // From what the tag stands for, which may be an index, to its image, and from that to its config.
    let wrong = loop {
        let (body, hashed) = client.content(&path, expected.as_ref()).await?;
        let within = first.is_some();
        let digest = first.unwrap_or(hashed);
        if path.starts_with("blobs/") {
            match read_config(&body, platform) {
                Ok(Ok(labels)) => return Ok(Box::new(Found { digest, labels })),
                Ok(Err(found)) => break elsewhere(found),
                Err(what) => break client.failed(what),
            }
        }
        // The two may be of different algorithms.
        if let (Some(_), Some(wanted), false) = (image.tag(), image.digest(), within)
            && *wanted != client.hashed(wanted.algorithm(), &body).await?
        {
            break image_fault(ImageFault::Differs {
                registry: image.registry().to_owned(),
                what: what(),
                digest: digest.as_str().to_owned(),
            });
        }
        let (kind, inner) = match read_manifest(&body, &look_up.platform) {
            Ok(Manifest::Image(config)) => ("blobs", config),
            Ok(Manifest::Index(_) | Manifest::Unnamed(_)) if within => {
                break client.failed("sent an index within an index");
            }
            Ok(Manifest::Index(inner)) => {
                // The cluster takes the index's word, and so does this: a config may be wrong where its image still runs.
                platform = None;
                ("manifests", inner)
            }
            Ok(Manifest::Unnamed(inner)) => ("manifests", inner),
            Ok(Manifest::Elsewhere(found)) => break elsewhere(found),
            Err(what) => break client.failed(what),
        };
        path = filled("{}/{}", &[kind, inner.as_str()]);
        expected = Some(inner);
        first = Some(digest);
    };
    Err(wrong)
}
