//! Everything that can end a release or a run other than well. One enum of causes; what each is called, says,
//! advises and means for the exit code is decided by exhaustive matches below, so that a new cause forces all of
//! these decisions.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

mod image;
mod mismatch;
mod watch;

pub use crate::code::Code;
pub use image::ImageFault;
pub use mismatch::Mismatch;
pub use watch::WatchFault;

use crate::duration;
use crate::foreign::{quoted, visible};
use crate::io::{Cause, RequestId, Signal};
use crate::release::ReleaseName;
use crate::text::{decimal, fill, filled};
use crate::version::PlatformVersion;

/// Where the setting of the endpoint stands in the platform's Helm values, by chart version.
///
/// Source: the vendor's documentation, "Configure a custom image registry".
const SETTING_BELOW_2: &str = "astronomer.houston.config.deployments.enableUpdateDeploymentImageEndpoint";
const SETTING_FROM_2: &str =
    "astronomer.houston.config.deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled";

/// One thing that is wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The option's name, as the contract has it.
    pub option: String,
    /// `INPUT_INVALID` or `TOKEN_EXPIRED`.
    pub code: Code,
    /// What is wrong, with the value unless that is a secret.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A request that an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The server's host name.
    pub host: String,
    /// The request's id, to be found in the platform's own logs.
    pub request: RequestId,
}

/// A send of the change that may have arrived although no answer says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAttempt {
    /// Which send it was, counted from 1.
    pub attempt: u32,
    /// Its id, to be found in the platform's own logs.
    pub request: RequestId,
}

/// Why it cannot be known whether the change arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The last send ended with this, after at least one that may have arrived.
    Ended(Box<Error>),
    /// The Deployment was changed since the first send: by us, or by somebody else.
    Moved,
    /// Houston's answer contradicts what was asked or itself.
    Contradiction(String),
}

/// Why a release, or the whole run, did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named after its code, and its fields after what they hold")]
pub enum Error {
    Internal { detail: String },
    Image(ImageFault),
    Watch(WatchFault),
    InputInvalid { problems: Vec<Problem> },
    PermissionDenied { about: About, said: Said },
    DeploymentNotFound { about: About, release: Option<ReleaseName> },
    EndpointDisabled { about: About, platform: PlatformVersion },
    ApiMismatch { host: String, mismatch: Mismatch },
    HoustonRefused { about: About, said: Said, platform: Option<PlatformVersion> },
    HoustonUnreachable { about: About, cause: Cause, proxy_ignored: bool },
    TlsUntrusted { about: About, cause: Cause },
    NotHouston { about: About, status: u16, what: &'static str },
    HoustonFailed { about: About, said: Said },
    RateLimited { about: About, status: u16, retry_after: Option<Duration> },
    OutcomeUnknown { release: ReleaseName, doubt: Doubt, open: Vec<OpenAttempt> },
    Cancelled { signal: Signal, sent: Sent },
}

/// What a server answered, as far as it can be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A status without words.
    Status(u16),
    /// The message of a GraphQL error.
    Words(String),
    /// A 2xx answer that holds neither data nor errors.
    Nothing,
}

impl Said {
    /// The answer, in words that follow the host.
    fn words(&self) -> String {
        let (template, what) = match self {
            Self::Status(status) => ("answered HTTP {}", decimal(*status)),
            Self::Words(words) => ("answered {}", quoted(words)),
            Self::Nothing => ("answered with neither data nor an error", String::new()),
        };
        filled(template, &[&what])
    }
}

/// How far a cancelled release had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The change was not sent.
    Nothing,
    /// The change was sent, and no answer came.
    Unanswered,
    /// Houston had said yes.
    Confirmed,
}

impl Error {
    /// The stable word for it.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Internal { .. } => Code::Internal,
            Self::Image(fault) => fault.code(),
            Self::Watch(fault) => fault.code(),
            Self::InputInvalid { problems } => match problems.as_slice() {
                [problem] => problem.code,
                _ => Code::InputInvalid,
            },
            Self::PermissionDenied { .. } => Code::PermissionDenied,
            Self::DeploymentNotFound { .. } => Code::DeploymentNotFound,
            Self::EndpointDisabled { .. } => Code::EndpointDisabled,
            Self::ApiMismatch { .. } => Code::ApiMismatch,
            Self::HoustonRefused { .. } => Code::HoustonRefused,
            Self::HoustonUnreachable { .. } => Code::HoustonUnreachable,
            Self::TlsUntrusted { .. } => Code::TlsUntrusted,
            Self::NotHouston { .. } => Code::NotHouston,
            Self::HoustonFailed { .. } => Code::HoustonFailed,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::OutcomeUnknown { .. } => Code::OutcomeUnknown,
            Self::Cancelled { .. } => Code::Cancelled,
        }
    }

    /// The exit code that it leads to.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Internal { .. } => 1,
            Self::Image(fault) => fault.exit_code(),
            Self::Watch(_) => 6,
            Self::InputInvalid { .. } => 2,
            Self::PermissionDenied { .. }
            | Self::DeploymentNotFound { .. }
            | Self::EndpointDisabled { .. }
            | Self::ApiMismatch { .. }
            | Self::HoustonRefused { .. } => 3,
            Self::HoustonUnreachable { .. }
            | Self::TlsUntrusted { .. }
            | Self::NotHouston { .. }
            | Self::HoustonFailed { .. }
            | Self::RateLimited { .. } => 4,
            Self::OutcomeUnknown { .. } => 5,
            Self::Cancelled { signal: Signal::Interrupt, .. } => 130,
            Self::Cancelled { signal: Signal::Terminate, .. } => 143,
        }
    }

    /// What happened, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Internal { detail } => filled("this program failed: {}", &[detail]),
            Self::Image(fault) => fault.message(),
            Self::Watch(fault) => fault.message(),
            Self::InputInvalid { problems } => match problems.as_slice() {
                [problem] => filled("{}: {}", &[&problem.option, &problem.message]),
                _ => filled("{} problems with the input, nothing was sent", &[&decimal(problems.len())]),
            },
            Self::PermissionDenied { about, said }
            | Self::HoustonRefused { about, said, .. }
            | Self::HoustonFailed { about, said } => about.sentence("{}", &[&said.words()]),
            Self::DeploymentNotFound { about, release: Some(release) } => {
                about.sentence("has no Deployment with the release name \"{}\"", &[release.as_str()])
            }
            Self::DeploymentNotFound { about, release: None } => {
                about.sentence("does not know what was asked for", &[])
            }
            Self::EndpointDisabled { about, platform } => {
                let rest = about.sentence("does not offer updateDeploymentImage", &[]);
                filled("Houston {} at {}", &[platform.as_str(), &rest])
            }
            Self::ApiMismatch { host, mismatch } => mismatch.message(host),
            Self::HoustonUnreachable { about, cause, .. } => unreached(about, cause),
            Self::TlsUntrusted { about, cause } => untrusted(about, cause),
            Self::NotHouston { about, status, what } => about
                .sentence("answered HTTP {} with {}, which Houston never does", &[&decimal(*status), what]),
            Self::RateLimited { about, status, retry_after } => turned_away(about, *status, *retry_after),
            Self::OutcomeUnknown { release, doubt, open } => filled(
                "whether {} was changed is not known: {}{}",
                &[release.as_str(), &doubt.words(), &listed(open)],
            ),
            Self::Cancelled { signal, sent } => {
                let by = match signal {
                    // A script cancels without a signal, and ends as with this one.
                    Signal::Interrupt => "",
                    Signal::Terminate => " by SIGTERM",
                };
                let state = match sent {
                    Sent::Nothing => "before anything was changed",
                    Sent::Unanswered => "after the change was sent and before Houston answered",
                    Sent::Confirmed => "after Houston had accepted the image",
                };
                filled("cancelled{} {}", &[by, state])
            }
        }
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            Self::Image(fault) => fault.hint(),
            Self::Watch(fault) => fault.hint(),
            Self::Internal { .. } => "report this with the log at the project's issue tracker",
            Self::InputInvalid { problems } => match problems.as_slice() {
                [problem] => return problem.hint.clone().map(Cow::Owned),
                _ => "correct the options named, then run again",
            },
            Self::PermissionDenied { .. } => {
                "check that `token` is complete, belongs to this platform, has not \
                expired, and is a service account's with the role Editor or Admin on this Deployment"
            }
            Self::DeploymentNotFound { release, .. } => {
                let hint = "correct `{}`: the release name is on the Deployment's page, such as \"galactic-force-1234\"";
                return Some(filled(hint, &[if release.is_some() { "release" } else { "workspace" }]).into());
            }
            Self::EndpointDisabled { platform, .. } => {
                let hint = "set {} to true in the platform's Helm values and apply them";
                return Some(of_setting(hint, Some(platform)));
            }
            Self::ApiMismatch { mismatch, .. } => return Some(mismatch.hint()),
            Self::HoustonRefused { platform, .. } => {
                let hint = "read Houston's reason; where it names none, check that {} is true in the platform's Helm \
                            values";
                return Some(of_setting(hint, platform.as_ref()));
            }
            Self::HoustonUnreachable { proxy_ignored: true, .. } => {
                "start Node with NODE_USE_ENV_PROXY=1 (22.21 or \
                24.5 and later): the environment names a proxy, which this Node uses only then"
            }
            Self::HoustonUnreachable { cause, .. } => match cause {
                Cause::NameNotFound(_) => {
                    "correct `base-domain` or `houston-url`, or let this runner resolve the \
                    platform's names"
                }
                Cause::Proxy(_) => "let the proxy through to Houston, or name Houston's host in NO_PROXY",
                Cause::TimedOut(_)
                | Cause::NotConnected(_)
                | Cause::Untrusted(_)
                | Cause::Broken(_)
                | Cause::Cut(_)
                | Cause::TooLarge(_)
                | Cause::Other => {
                    "open the way from this runner to the platform, or set HTTPS_PROXY where it leads \
                    through a proxy"
                }
            },
            Self::TlsUntrusted { .. } => {
                "set `ca-cert` to the PEM file of the CA that signed the platform's \
                certificate, and check that `base-domain` is the name in it"
            }
            Self::NotHouston { .. } => {
                "correct `base-domain` or `houston-url`: Houston is \
                https://houston.<base-domain>/v1, reachable without a login page in front"
            }
            Self::HoustonFailed { .. } => "look at Houston's pods and logs on the platform, then run again",
            Self::RateLimited { .. } => "run again later, or give `timeout` more time",
            Self::OutcomeUnknown { .. } => {
                "look at the Deployment's page for the image that it runs; if it is not \
                the one that was asked for, run again"
            }
            Self::Cancelled { sent: Sent::Unanswered, .. } => {
                "look at the Deployment's page for the image that it runs before the next deploy"
            }
            Self::Cancelled { .. } => return None,
        };
        Some(hint.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&filled("{}: {}", &[self.code().as_str(), &self.message()]))
    }
}

impl std::error::Error for Error {}

fn unreached(about: &About, cause: &Cause) -> String {
    about.sentence("could not be reached: {}", &[&cause.words()])
}

fn untrusted(about: &About, cause: &Cause) -> String {
    filled("no secure connection to {}: {} {}", &[&about.host, &cause.words(), &about.id()])
}

fn turned_away(about: &About, status: u16, retry_after: Option<Duration>) -> String {
    let wish = retry_after
        .map_or_else(String::new, |wait| filled(" and asks to wait {}", &[&duration::shown(wait)]));
    about.sentence("answered HTTP {}{}", &[&decimal(status), &wish])
}

impl About {
    /// What the server did, in words that `template` has, with its host before them and the request behind them.
    pub(crate) fn sentence(&self, template: &str, values: &[&str]) -> String {
        filled("{} {} {}", &[&self.host, &filled(template, values), &self.id()])
    }

    pub(crate) fn id(&self) -> String {
        filled("(request {})", &[&self.request.text()])
    }
}

impl Doubt {
    fn words(&self) -> String {
        match self {
            Self::Ended(error) => error.message(),
            Self::Moved => {
                "the Deployment was changed since the first send, by that send or by somebody else".into()
            }
            Self::Contradiction(what) => visible(what),
        }
    }
}

/// The setting of the platform's Helm values that switches the endpoint on.
pub(crate) fn setting(platform: Option<&PlatformVersion>) -> Cow<'static, str> {
    match platform.map(PlatformVersion::numbers) {
        Some(numbers) if numbers < (2, 0, 0) => SETTING_BELOW_2.into(),
        Some(_) => SETTING_FROM_2.into(),
        None => filled("{} (chart 2.0 and later: {})", &[SETTING_BELOW_2, SETTING_FROM_2]).into(),
    }
}

/// A hint in which the setting has its place.
fn of_setting(template: &str, platform: Option<&PlatformVersion>) -> Cow<'static, str> {
    filled(template, &[&setting(platform)]).into()
}

fn listed(open: &[OpenAttempt]) -> String {
    let mut listed = String::new();
    for OpenAttempt { attempt, request } in open {
        let between = if listed.is_empty() { "; " } else { ", " };
        fill(&mut listed, "{}send {} (request {})", &[between, &decimal(*attempt), &request.text()]);
    }
    if !listed.is_empty() {
        listed.push_str(" may have arrived");
    }
    listed
}
