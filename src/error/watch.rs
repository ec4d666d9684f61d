//! What watching a Deployment come up can end with.

use std::time::Duration;

use super::Code;
use crate::duration::shown;
use crate::release::ReleaseName;
use crate::text::filled;

/// Why a Deployment that Houston accepted the image for does not count as up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named after its code, and its fields after what they hold")]
pub enum WatchFault {
    Unhealthy {
        release: ReleaseName,
        after: Duration,
        state: String,
    },
    Timeout {
        release: ReleaseName,
        after: Duration,
        state: String,
    },
    /// All is well, and no scheduler was restarted.
    Unchanged {
        release: ReleaseName,
        after: Duration,
    },
    Impossible {
        release: ReleaseName,
        why: String,
    },
    /// It is healthy, and nothing shows that the new image runs.
    Unproven {
        release: ReleaseName,
        unchanged_ok: bool,
    },
}

impl WatchFault {
    pub(super) fn code(&self) -> Code {
        match self {
            Self::Unhealthy { .. } => Code::Unhealthy,
            Self::Timeout { .. } | Self::Unchanged { .. } => Code::WaitTimeout,
            Self::Impossible { .. } | Self::Unproven { .. } => Code::WaitImpossible,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::Unhealthy { release, after, state } | Self::Timeout { release, after, state } => {
                let what = if self.code() == Code::Unhealthy {
                    "is not healthy after"
                } else {
                    "did not come up in"
                };
                filled(
                    "Houston accepted the image, but {} {} {}: {}",
                    &[release.as_str(), what, &shown(*after), state],
                )
            }
            Self::Unchanged { release, after } => filled(
                "Houston accepted the image, but no scheduler of {} was restarted in {}",
                &[release.as_str(), &shown(*after)],
            ),
            Self::Impossible { release, why } => {
                filled("{} cannot be watched from here: {}", &[release.as_str(), why])
            }
            Self::Unproven { release, unchanged_ok } => {
                let what = if *unchanged_ok {
                    "and no restart was seen"
                } else {
                    "but whether the new image runs could not be seen"
                };
                filled("{} is healthy, {}", &[release.as_str(), what])
            }
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Unhealthy { .. } => "look at the logs of the Deployment's scheduler; nothing was undone",
            Self::Timeout { .. } => {
                "look at the Deployment's pods, or give `timeout` more time; nothing was undone"
            }
            Self::Unchanged { .. } => {
                "look at the Deployment's pods, since the roll may have failed; if it ran this image before, set \
                 `unchanged-ok`"
            }
            Self::Unproven { unchanged_ok: true, .. } => {
                "look at the Deployment's page if a restart was to be expected"
            }
            Self::Unproven { unchanged_ok: false, .. } => {
                "let the token read Airflow's jobs (its audit log in Airflow 2), and set `workspace`, so that a restart \
                 shows"
            }
            Self::Impossible { .. } => {
                "let this runner reach the Deployment's Airflow with a token that opens it, or set `wait` to off"
            }
        }
    }
}
