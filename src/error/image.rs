//! What a look at the image in its registry can end with.

use std::borrow::Cow;
use std::time::Duration;

use super::{About, Code};
use crate::foreign::quoted;
use crate::io::Cause;
use crate::text::filled;

/// Why the image cannot be deployed, or could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named after its code, and its fields after what they hold")]
pub enum ImageFault {
    /// `what` is the tag or the digest. It is definite unless an anonymous look could have been kept from seeing it.
    NotFound {
        registry: String,
        repository: String,
        what: String,
        definite: bool,
    },
    /// Tag and digest were given, and the tag stands for another digest.
    Differs {
        registry: String,
        what: String,
        digest: String,
    },
    Platform {
        image: String,
        wanted: String,
        found: String,
    },
    VersionMismatch {
        option: &'static str,
        given: String,
        label: String,
    },
    VersionUnknown {
        why: Cow<'static, str>,
    },
    /// `shown` tells whether credentials were sent.
    Denied {
        registry: String,
        said: String,
        shown: bool,
    },
    Unreachable {
        about: About,
        cause: Cause,
        proxy_ignored: bool,
    },
    Untrusted {
        about: About,
        cause: Cause,
    },
    Busy {
        about: About,
        status: u16,
        retry_after: Option<Duration>,
    },
    Failed {
        registry: String,
        what: Cow<'static, str>,
        hint: &'static str,
    },
}

impl ImageFault {
    /// Whether it says something of the image itself, so that it counts under `auto` as well.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        match self {
            Self::NotFound { definite, .. } => *definite,
            Self::Differs { .. }
            | Self::Platform { .. }
            | Self::VersionMismatch { .. }
            | Self::VersionUnknown { .. } => true,
            Self::Denied { .. }
            | Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::Busy { .. }
            | Self::Failed { .. } => false,
        }
    }

    pub(super) fn code(&self) -> Code {
        match self {
            Self::NotFound { .. } | Self::Differs { .. } => Code::ImageNotFound,
            Self::Platform { .. } => Code::ImagePlatform,
            Self::VersionMismatch { .. } => Code::VersionMismatch,
            Self::VersionUnknown { .. } => Code::VersionUnknown,
            Self::Denied { .. } => Code::RegistryDenied,
            Self::Unreachable { .. } => Code::RegistryUnreachable,
            Self::Untrusted { .. } => Code::TlsUntrusted,
            Self::Busy { .. } => Code::RateLimited,
            Self::Failed { .. } => Code::RegistryFailed,
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound { .. }
            | Self::Differs { .. }
            | Self::Platform { .. }
            | Self::VersionMismatch { .. }
            | Self::VersionUnknown { .. }
            | Self::Denied { .. } => 3,
            Self::Unreachable { .. } | Self::Untrusted { .. } | Self::Busy { .. } | Self::Failed { .. } => 4,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::NotFound { registry, repository, what, .. } => {
                filled("{} has no {} in \"{}\"", &[registry, what, repository])
            }
            Self::Differs { registry, what, digest } => {
                filled("{} stands for {} in {}, not for the digest in `image`", &[what, digest, registry])
            }
            Self::Platform { image, wanted, found } => {
                filled("{} does not run on {}: it is for {}", &[image, wanted, found])
            }
            Self::VersionMismatch { option, given, label } => {
                filled("`{}` is \"{}\", and the image's label says {}", &[option, given, &quoted(label)])
            }
            Self::VersionUnknown { why } => filled("the version in the image is not known: {}", &[why]),
            Self::Denied { registry, said, shown } => {
                let with = if *shown { "these credentials" } else { "an anonymous look" };
                filled("{} refused {}: {}", &[registry, with, said])
            }
            Self::Unreachable { about, cause, .. } => super::unreached(about, cause),
            Self::Untrusted { about, cause } => super::untrusted(about, cause),
            Self::Busy { about, status, retry_after } => super::turned_away(about, *status, *retry_after),
            Self::Failed { registry, what, .. } => filled("{} {}", &[registry, what]),
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { definite: true, .. } | Self::Differs { .. } => {
                "push the image before deploying, or correct `image`"
            }
            Self::NotFound { definite: false, .. } => {
                "push the image before deploying, or correct `image`; a private repository shows itself only with \
                 `registry-username` and HOUSTON_REGISTRY_PASSWORD"
            }
            Self::Platform { .. } => "build the image for the cluster's platform, or correct `platform`",
            Self::VersionMismatch { .. } => "correct the option, or leave it out: the label is then used",
            Self::VersionUnknown { .. } => {
                "set `runtime-version` for an Astro Runtime image, `airflow-version` for an older one"
            }
            Self::Denied { shown: true, .. } => {
                "check the registry's user and password, and that the user may pull from this repository"
            }
            Self::Denied { shown: false, .. } => {
                "set `registry-username` and HOUSTON_REGISTRY_PASSWORD, or log in with docker before this step"
            }
            Self::Unreachable { proxy_ignored: true, .. } => {
                "start Node with NODE_USE_ENV_PROXY=1 (22.21 or 24.5 and later): the environment names a proxy, \
                 which this Node uses only then"
            }
            Self::Unreachable { .. } => {
                "open the way from this runner to the registry, or set `preflight` to off where only the cluster \
                 can reach it"
            }
            Self::Untrusted { .. } => {
                "set `ca-cert` to the PEM file of the CA that signed the registry's certificate"
            }
            Self::Busy { .. } => "run again later, or give `request-timeout` more time",
            Self::Failed { hint, .. } => hint,
        }
    }
}
