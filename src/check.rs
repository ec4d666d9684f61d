//! `check`: everything that a deploy would look at, and nothing changed. A line for each thing, and no line passed
//! over: what cannot be found out without changing something is said as well.

mod release;

pub use release::{check, never_begun};

use std::rc::Rc;

use futures_util::future::join;

use crate::error::{Code, Error, Said, WatchFault, setting};
use crate::houston::{AskReleases, AskedVersion};
use crate::inputs::Inputs;
use crate::io::Io;
use crate::prepare::{self, Asked, limits};
use crate::report::{Check, Failure, Verdict, Warning};
use crate::send::ask;
use crate::text::{decimal, filled};
use crate::token::TokenKind;

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
    let Warning { code, message: whole, hint } = warning.clone();
    let failure = Failure { code, message: whole, hint, problems: Vec::new() };
    Check { what, verdict: Verdict::Doubtful, message, failure: Some(failure) }
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
    let (platform, image) = join(prepare::platform(io, inputs), prepare::image(io, inputs)).await;
    let mut of_houston = None;
    let mut doubt = None;
    match platform {
        Ok((platform, warning)) => {
            asked.platform = platform;
            if let Some(warning) = &warning {
                asked.warnings.push(warning.clone());
            }
            doubt = warning;
        }
        Err(error) => of_houston = Some(error),
    }
    let mut error = None;
    let of_image = match image {
        Ok((Some(found), _)) => {
            let message = filled("{} is {}", &[inputs.image.as_str(), found.digest.as_str()]);
            asked.found = Some(found);
            good("image", message)
        }
        Ok((None, Some(warning))) => {
            let check = doubtful("image", warning.message.clone(), &warning);
            asked.warnings.push(warning);
            check
        }
        Ok((None, None)) => unknown("image", "not looked up, since `preflight` is off"),
        Err(fault) => {
            let check = bad("image", &fault);
            error = Some(fault);
            check
        }
    };

    let (mut versions, mut heard) = (Vec::new(), false);
    if error.is_some() && inputs.version.is_none() {
        versions.push(unknown("version", "not known: the image's labels would say it"));
    } else {
        let fault = version(io, inputs, asked, &mut versions, of_houston.is_some()).await;
        match fault {
            Ok(answered) => heard = answered,
            Err((fault, true)) => of_houston = Some(fault),
            Err((fault, false)) => error = error.or(Some(fault)),
        }
    }

    let houston = match (&of_houston, doubt) {
        (Some(fault), _) => bad("houston", fault),
        (None, Some(warning)) => doubtful("houston", warning.message.clone(), &warning),
        (None, None) => {
            let version = asked.platform.as_ref().map_or("", |platform| platform.as_str());
            let message = filled("Houston {} at {}", &[version, inputs.houston.endpoint.url()]);
            if inputs.platform.is_some() && !heard {
                unknown("houston", &(message + ", as `platform-version` says; nothing was asked"))
            } else {
                good("houston", message)
            }
        }
    };
    let why = "whether the endpoint is switched on shows only with a change: look for {}";
    let endpoint = unknown("endpoint", &filled(why, &[&setting(asked.platform.as_ref())]));
    let mut checks = vec![input(inputs), token(inputs), houston, of_image];
    checks.append(&mut versions);
    checks.push(endpoint);
    let silent = of_houston.is_some();
    Shared { checks, error: of_houston.or(error).map(Rc::new), silent }
}

/// The version that would be sent. The good answer is whether Houston gave one; the error is what a deploy would end
/// with, and whether it is Houston's.
async fn version<I: Io>(
    io: &I,
    inputs: &Inputs,
    asked: &mut Asked,
    checks: &mut Vec<Check>,
    silent: bool,
) -> Result<bool, (Error, bool)> {
    let told = asked.warnings.len();
    let shared = match prepare::resolve(inputs, asked) {
        Ok(shared) => shared,
        Err(fault) => {
            checks.push(bad("version", &fault));
            return Err((fault, false));
        }
    };
    let version = shared.version.version().as_str();
    if silent {
        let message = filled("{}; which call takes it depends on the platform's version", &[version]);
        checks.push(unknown("version", &message));
    } else {
        checks.push(good("version", filled("{}, sent by {}", &[version, shared.dialect.mutation()])));
    }
    for warning in asked.warnings.iter().skip(told) {
        checks.push(doubtful("labels", warning.message.clone(), warning));
    }
    if silent {
        return Ok(false);
    }
    match listed(io, inputs, &shared.version, asked).await {
        Ok(check) => {
            checks.push(check);
            Ok(true)
        }
        // Houston's version was not asked for, so that this is all that is known of Houston.
        Err(fault) if inputs.platform.is_some() => Err((fault, true)),
        Err(fault) => {
            checks.push(not_listed(&fault));
            Ok(false)
        }
    }
}

fn not_listed(fault: &Error) -> Check {
    unknown("listed", &filled("the platform's list could not be read: {}", &[&fault.message()]))
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

/// Whether the platform lists the version; that it does not is a warning, since lists lag behind. The error is of a
/// Houston that gives no answer at all, or a cancel.
async fn listed<I: Io>(
    io: &I,
    inputs: &Inputs,
    version: &AskedVersion,
    asked: &mut Asked,
) -> Result<Check, Error> {
    let question = AskReleases { houston: &inputs.houston, version };
    match ask(io, None, &question, limits(io, inputs)).await {
        Ok(list) if list.iter().any(|one| version.version().is_same(one)) => {
            Ok(good("listed", "the platform lists this version".into()))
        }
        Ok(list) if list.is_empty() => Ok(unknown("listed", "the platform lists no versions")),
        Ok(_) => {
            let message = filled("the platform does not list {}", &[version.version().as_str()]);
            let hint = "check the version option against the platform's own list";
            let warning = Warning::new(Code::VersionUnknown, message.clone(), Some(hint));
            asked.warnings.push(warning.clone());
            Ok(doubtful("listed", message, &warning))
        }
        Err(
            error @ (Error::ApiMismatch { .. }
            | Error::HoustonFailed { said: Said::Words(_) | Said::Nothing, .. }
            | Error::PermissionDenied { said: Said::Words(_), .. }
            | Error::DeploymentNotFound { .. }
            | Error::HoustonRefused { said: Said::Words(_), .. }),
        ) => Ok(not_listed(&error)),
        Err(error) => Err(error),
    }
}
