//! The image in its registry: whether it is there, what it is called for ever, where it runs and which versions are
//! in it. It changes nothing there, and says nothing of what the cluster itself can pull.
//!
//! Source: the OCI distribution specification, and docker's "Token Authentication Specification".

mod challenge;
mod client;
pub mod credentials;
mod manifest;
mod walk;

pub use challenge::{Challenge, parse as parse_challenges};
pub use manifest::{Labels, Manifest, Platform, read as read_manifest, read_config};

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use crate::error::{Error, Sent};
use crate::image::{Digest, ImageReference};
use crate::io::Io;
use crate::retry::Limits;
use crate::send::{ask, pause};
use crate::text::cut;
use crate::token::{Login, Redactor};
use crate::value::Value;
use crate::wait::first;

use walk::Walk;

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

/// What is next on the way to an image.
enum Next<'a> {
    /// The request of the client.
    Ask,
    /// The credential helper of this name, for this server.
    Run(&'a str, &'a str),
    /// The last answer, which is the registry's last word on what was wanted.
    Page,
    /// The hash of the last body.
    Hash,
    /// Nothing more.
    End(Box<Found>),
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
    let mut walk = Walk::new(look_up, image)?;
    let mut next = walk.start();
    loop {
        next = match next? {
            Next::Ask => {
                let mut request = walk.client.request();
                let asked = ask(io, None, &mut request, limits).await;
                walk.response = request.response;
                walk.client.judge(asked.map(|()| &*walk.response))
            }
            Next::Run(name, server) => {
                let limit = HELPER_LIMIT.min(limits.deadline.saturating_sub(io.now()));
                let printed = match first(pin!(io.credentials(name, server)), pin!(pause(io, limit))).await {
                    Ok(Ok(printed)) => Ok(printed),
                    // By its protocol a helper that has none says so with these words and fails.
                    Ok(Err(Some(said))) if cut(&said, "credentials not found").is_some() => Err(""),
                    Ok(Err(Some(_))) => Err("failed"),
                    Ok(Err(None)) => Err("is not to be found"),
                    Err(Ok(())) => Err("did not end in time"),
                    Err(Err(signal)) => {
                        return Err(Rc::new(Error::Cancelled { signal, sent: Sent::Nothing }));
                    }
                };
                walk.client.helped(name, printed)
            }
            Next::Page => walk.page(),
            Next::Hash => {
                let hash = io.hash(walk.algorithm(), &walk.response.body).await;
                walk.hashed(hash)
            }
            Next::End(found) => return Ok(found),
        };
    }
}
