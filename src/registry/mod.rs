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

use std::time::Duration;

use crate::text::filled;
use crate::value::Value;

use crate::error::{Error, ImageFault};
use crate::image::{Digest, ImageReference};
use crate::io::{Io, Response};
use crate::retry::Limits;
use crate::token::{Login, Redactor};

use client::Client;

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
    limits: Limits,
) -> Result<Found, Error> {
    let mut client = Client::new(io, look_up, image, limits)?;
    let not_there = |what: String, definite: bool| {
        Error::Image(ImageFault::NotFound {
            registry: image.registry().to_owned(),
            repository: image.repository().to_owned(),
            what,
            definite,
        })
    };
    let (what, asked) = match (image.tag(), image.digest()) {
        (Some(tag), _) => (filled("tag \"{}\"", &[tag]), tag.to_owned()),
        (None, digest) => {
            let digest = digest.map_or("", Digest::as_str).to_owned();
            (filled("digest {}", &[&digest]), digest)
        }
    };
    let path = filled("manifests/{}", &[&asked]);
    let mut head = Response::default();
    // An answer to HEAD has no body that could say why it is not 200.
    for method in ["HEAD", "GET"] {
        head = client.fetch(method, &path).await?;
        if head.status == 200 {
            break;
        }
    }
    if head.status != 200 {
        // A page that is missing at whatever stands before the registry says nothing of the image.
        let by_registry = Value::read(&head.body).is_ok_and(|value| value.get("errors").is_some());
        return Err(if head.status == 404 && by_registry {
            not_there(what, client.sees_all())
        } else {
            client.refusal(&head)
        });
    }
    let named: Option<Digest> = match image.tag() {
        Some(_) => head.digest.as_deref().and_then(|digest| digest.parse().ok()),
        None => image.digest().cloned(),
    };
    // By its digest, so that a tag which moves meanwhile cannot mix two images.
    let path = filled("manifests/{}", &[named.as_ref().map_or(asked.as_str(), Digest::as_str)]);
    let (body, digest) = client.content(&path, named.as_ref()).await?;
    // The two may be of different algorithms.
    if let (Some(_), Some(wanted)) = (image.tag(), image.digest())
        && *wanted != client.hashed(wanted.algorithm(), &body).await?
    {
        return Err(Error::Image(ImageFault::Differs {
            registry: image.registry().to_owned(),
            what,
            digest: digest.as_str().to_owned(),
        }));
    }
    let elsewhere = |found: String| {
        Error::Image(ImageFault::Platform {
            image: image.as_str().to_owned(),
            wanted: look_up.platform.to_string(),
            found,
        })
    };
    let mut manifest = read_manifest(&body, &look_up.platform);
    // The cluster takes the index's word, and so does this: a config may be wrong where its image still runs.
    let platform = Some(&look_up.platform).filter(|_| !matches!(manifest, Ok(Manifest::Index(_))));
    let mut within = false;
    // From an index to its image, and from that to its config.
    let wrong = loop {
        let (kind, inner) = match manifest {
            Ok(Manifest::Image(config)) => ("blobs", config),
            Ok(Manifest::Index(inner) | Manifest::Unnamed(inner)) if !within => ("manifests", inner),
            Ok(Manifest::Index(_) | Manifest::Unnamed(_)) => {
                break client.failed("sent an index within an index");
            }
            Ok(Manifest::Elsewhere(found)) => break elsewhere(found),
            Err(what) => break client.failed(what),
        };
        let path = filled("{}/{}", &[kind, inner.as_str()]);
        let (body, _) = client.content(&path, Some(&inner)).await?;
        if kind == "manifests" {
            manifest = read_manifest(&body, &look_up.platform);
            within = true;
            continue;
        }
        match read_config(&body, platform) {
            Ok(Ok(labels)) => return Ok(Found { digest, labels }),
            Ok(Err(found)) => break elsewhere(found),
            Err(what) => break client.failed(what),
        }
    };
    Err(wrong)
}
