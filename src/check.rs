//! `check`: everything that a deploy would look at, and nothing changed. A line for each thing, and no line passed
//! over: what cannot be found out without changing something is said as well.

mod release;

pub use release::{check, never_begun};

use std::pin::pin;
use std::rc::Rc;

use crate::error::{Code, Error, Said, WatchFault, setting};
use crate::houston::{AskReleases, AskedVersion};
use crate::inputs::Inputs;
use crate::io::Io;
use crate::prepare::{self, Asked, limits};
use crate::report::{Check, Verdict, Warning};
use crate::send::ask;
use crate::text::{decimal, filled};
use crate::token::TokenKind;
use crate::wait::both;

// Every line would bring a copy of this along.
#[inline(never)]
fn line(what: &'static str, verdict: Verdict, message: String) -> Check {
    Check { what, verdict, message, failure: None }
}

fn good(what: &'static str, message: String) -> Check {
    line(what, Verdict::Good, message)
}

fn unknown(what: &'static str, message: &str) -> Check {
    line(what, Verdict::Unknown, message.to_owned())
}

fn bad(what: &'static str, error: &Error) -> Check {
    Check { what, verdict: Verdict::Bad, message: beside_its_release(error), failure: Some(error.into()) }
}

fn doubtful(what: &'static str, message: String, warning: &Warning) -> Check {
    Check { what, verdict: Verdict::Doubtful, message, failure: Some(warning.clone()) }
}

/// What happened, in the words for a line that names the release already.
fn beside_its_release(error: &Error) -> String {
    match error {
        Error::DeploymentNotFound { about, release: Some(_) } => {
            about.sentence("has no Deployment with this release name", &[])
        }
        Error::Watch(WatchFault::Impossible { why, .. }) => {
            filled("it cannot be watched from here: {}", &[why])
        }
        error => error.message(),
    }
}

/// What all releases share, as far as it was found out.
#[derive(Debug, Default)]
pub struct Shared {
    /// A line for each thing.
    pub checks: Vec<Check>,
    /// The first error that a deploy would have ended with.
    error: Option<Rc<Error>>,
    /// Whether Houston gives no answer, so that asking it for each release would only take time.
    silent: bool,
}

/// Looks at what all releases share.
pub async fn shared<I: Io>(io: &I, inputs: &Inputs, asked: &mut Asked) -> Shared {
    let (mut of_houston, mut error, mut doubt, mut of_image) = (None, None, None, None);
    // Neither ends the other.
    let platform = async {
        of_houston = prepare::platform(io, inputs, &mut asked.platform, &mut doubt).await.err();
        Ok(())
    };
    let image = async {
        error = prepare::image(io, inputs, &mut asked.found, &mut of_image).await.err();
        Ok(())
    };
    let _ = both(pin!(platform), pin!(image)).await;
    let mut looking = Looking { inputs, asked, checks: Vec::new(), of_houston, doubt, error };
    looking.image(of_image);
    let mut heard = false;
    if let Some(version) = looking.version() {
        let mut question = AskReleases::new(&inputs.houston, &version);
        let asked = ask(io, None, &mut question, &limits(io, inputs)).await;
        heard = looking.listed(&version, asked.map(|()| question.listed));
    }
    looking.end(heard)
}

/// What all releases share, while it is looked at.
struct Looking<'a> {
    inputs: &'a Inputs,
    asked: &'a mut Asked,
    /// The lines of the image and of what follows from it.
    checks: Vec<Check>,
    /// Why Houston gives no answer.
    of_houston: Option<Rc<Error>>,
    /// What a deploy would warn of where Houston keeps its version to itself.
    doubt: Option<Warning>,
    /// The first other error that a deploy would have ended with.
    error: Option<Rc<Error>>,
}

impl Looking<'_> {
    /// The line of the image, which was found, not to be looked up, or a reason to warn.
    fn image(&mut self, doubt: Option<Warning>) {
        if let Some(warning) = &self.doubt {
            self.asked.warnings.push(warning.clone());
        }
        let check = if let Some(fault) = &self.error {
            bad("image", fault)
        } else if let Some(found) = &self.asked.found {
            good("image", filled("{} is {}", &[self.inputs.image.as_str(), found.digest.as_str()]))
        } else if let Some(warning) = doubt {
            let check = doubtful("image", warning.message.clone(), &warning);
            self.asked.warnings.push(warning);
            check
        } else {
            unknown("image", "not looked up, since `preflight` is off")
        };
        self.checks.push(check);
    }

    /// The version that would be sent, if Houston is to be asked whether it lists it.
    fn version(&mut self) -> Option<AskedVersion> {
        if self.error.is_some() && self.inputs.version.is_none() {
            self.checks.push(unknown("version", "not known: the image's labels would say it"));
            return None;
        }
        let told = self.asked.warnings.len();
        let shared = match prepare::resolve(self.inputs, self.asked) {
            Ok(shared) => shared,
            Err(fault) => {
                self.checks.push(bad("version", &fault));
                self.error.get_or_insert(fault);
                return None;
            }
        };
        let version = shared.version.version().as_str();
        let silent = self.of_houston.is_some();
        self.checks.push(if silent {
            let message = filled("{}; which call takes it depends on the platform's version", &[version]);
            unknown("version", &message)
        } else {
            good("version", filled("{}, sent by {}", &[version, shared.dialect.mutation()]))
        });
        for warning in self.asked.warnings.iter().skip(told) {
            self.checks.push(doubtful("labels", warning.message.clone(), warning));
        }
        (!silent).then_some(shared.version)
    }

    /// Whether the platform lists the version; that it does not is a warning, since lists lag behind. The answer is
    /// whether Houston gave one.
    fn listed(&mut self, version: &AskedVersion, list: Result<Vec<String>, Rc<Error>>) -> bool {
        let version = version.version();
        let check = match list {
            Ok(list) if list.iter().any(|one| version.is_same(one)) => {
                good("listed", "the platform lists this version".into())
            }
            Ok(list) if list.is_empty() => unknown("listed", "the platform lists no versions"),
            Ok(_) => {
                let message = filled("the platform does not list {}", &[version.as_str()]);
                let hint = "check the version option against the platform's own list";
                let warning = Warning::new(Code::VersionUnknown, message.clone(), Some(hint));
                let check = doubtful("listed", message, &warning);
                self.asked.warnings.push(warning);
                check
            }
            Err(error) => {
                // Anything else is of a Houston that gives no answer at all, or a cancel.
                let answered = matches!(
                    *error,
                    Error::ApiMismatch { .. }
                        | Error::HoustonFailed { said: Said::Words(_) | Said::Nothing, .. }
                        | Error::PermissionDenied { said: Said::Words(_), .. }
                        | Error::DeploymentNotFound { .. }
                        | Error::HoustonRefused { said: Said::Words(_), .. }
                );
                // Where Houston's version was not asked for, this is all that is known of Houston.
                if !answered && self.inputs.platform.is_some() {
                    self.of_houston = Some(error);
                    return false;
                }
                let message = filled("the platform's list could not be read: {}", &[&error.message()]);
                self.checks.push(unknown("listed", &message));
                return answered;
            }
        };
        self.checks.push(check);
        true
    }

    fn end(mut self, heard: bool) -> Shared {
        let inputs = self.inputs;
        let houston = match (&self.of_houston, self.doubt) {
            (Some(fault), _) => bad("houston", fault),
            (None, Some(warning)) => doubtful("houston", warning.message.clone(), &warning),
            (None, None) => {
                let version = self.asked.platform.as_ref().map_or("", |platform| platform.as_str());
                let message = filled("Houston {} at {}", &[version, inputs.houston.endpoint.url()]);
                if inputs.platform.is_some() && !heard {
                    unknown("houston", &(message + ", as `platform-version` says; nothing was asked"))
                } else {
                    good("houston", message)
                }
            }
        };
        let why = "whether the endpoint is switched on shows only with a change: look for {}";
        let endpoint = unknown("endpoint", &filled(why, &[&setting(self.asked.platform.as_ref())]));
        let mut checks = vec![input(inputs), token(inputs), houston];
        checks.append(&mut self.checks);
        checks.push(endpoint);
        let silent = self.of_houston.is_some();
        Shared { checks, error: self.of_houston.or(self.error), silent }
    }
}

fn input(inputs: &Inputs) -> Check {
    let releases = match inputs.releases.as_slice() {
        [only] => filled("release {}", &[only.as_str()]),
        several => filled("{} releases", &[&decimal(several.len())]),
    };
    good("input", filled("{}, {}", &[&releases, inputs.image.as_str()]))
}

fn token(inputs: &Inputs) -> Check {
    let kind = match inputs.houston.token.kind() {
        TokenKind::ServiceAccountKey => "a service account's key, which does not expire".into(),
        TokenKind::User { expires: Some(expires) } => {
            filled("a user's token, until {}", &[&crate::date::shown(expires)])
        }
        TokenKind::User { expires: None } => "a user's token that does not say until when".into(),
    };
    good("token", kind)
}
