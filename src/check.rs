//! `check`: everything that a deploy would look at, and nothing changed. A line for each thing, and no line passed
//! over: what cannot be found out without changing something is said as well.

use futures_util::future::join;

use crate::airflow::Line;
use crate::deploy::{Outcome, Place};
use crate::error::{Code, Error, Mismatch, Said, WatchFault, setting};
use crate::event::milliseconds;
use crate::houston::{AskDeployment, AskReleases, AskedVersion, By, Deployment, Fields};
use crate::inputs::{Inputs, Mode};
use crate::io::Io;
use crate::prepare::{self, Asked, limits};
use crate::release::ReleaseName;
use crate::report::{Check, Failure, ReleaseReport, Status, Verdict, Warning};
use crate::send::ask;
use crate::token::TokenKind;
use crate::watch::Watched;

fn line(what: &'static str, verdict: Verdict, message: String) -> Check {
    Check { what, verdict, message, failure: None }
}

fn bad(what: &'static str, error: &Error) -> Check {
    Check { what, verdict: Verdict::Bad, message: error.message(), failure: Some(Failure::from(error)) }
}

fn doubtful(what: &'static str, warning: &Warning) -> Check {
    let Warning { code, message, hint } = warning.clone();
    let failure = Failure { code, message: message.clone(), hint, problems: Vec::new() };
    Check { what, verdict: Verdict::Doubtful, message, failure: Some(failure) }
}

/// Looks at what all releases share. The error is the first that a deploy would have ended with.
pub async fn shared<I: Io>(io: &I, inputs: &Inputs, asked: &mut Asked) -> (Vec<Check>, Option<Error>) {
    let mut checks = vec![input(inputs), token(inputs)];
    let mut worst = None;
    let (platform, image) = join(prepare::platform(io, inputs), prepare::image(io, inputs)).await;
    match platform {
        Ok((platform, warning)) => {
            let version = platform.as_ref().map_or("of unknown version", |platform| platform.as_str());
            let message = ["Houston ", version, " at ", inputs.houston.endpoint.url()].concat();
            checks.push(line("houston", Verdict::Good, message));
            checks.extend(warning.iter().map(|warning| doubtful("houston", warning)));
            asked.warnings.extend(warning);
            asked.platform = platform;
        }
        Err(error) => {
            checks.push(bad("houston", &error));
            worst = Some(error);
        }
    }
    match image {
        Ok((Some(found), _)) => {
            let message = [inputs.image.as_str(), " is ", found.digest.as_str()].concat();
            checks.push(line("image", Verdict::Good, message));
            asked.found = Some(found);
        }
        Ok((None, Some(warning))) => {
            checks.push(doubtful("image", &warning));
            asked.warnings.push(warning);
        }
        Ok((None, None)) => {
            checks.push(line("image", Verdict::Unknown, "not looked up, since `preflight` is off".into()));
        }
        Err(error) => {
            checks.push(bad("image", &error));
            worst = worst.or(Some(error));
        }
    }
    // Without Houston's version nothing more can be said of the change.
    if worst.is_some() {
        return (checks, worst);
    }
    match prepare::resolve(inputs, asked) {
        Ok(shared) => {
            let message =
                [shared.version.version().as_str(), ", sent by ", shared.dialect.mutation()].concat();
            checks.push(line("version", Verdict::Good, message));
            checks.extend(listed(io, inputs, &shared.version, asked).await);
            let why = "whether the endpoint is switched on shows only with a change: look for ";
            let message = [why, &setting(shared.platform.as_ref())].concat();
            checks.push(line("endpoint", Verdict::Unknown, message));
        }
        Err(error) => {
            checks.push(bad("version", &error));
            worst = Some(error);
        }
    }
    (checks, worst)
}

fn input(inputs: &Inputs) -> Check {
    let count = inputs.releases.len();
    let releases = if count == 1 { " release, " } else { " releases, " };
    line("input", Verdict::Good, [&count.to_string(), releases, inputs.image.as_str()].concat())
}

fn token(inputs: &Inputs) -> Check {
    let kind = match inputs.houston.token.kind() {
        TokenKind::ServiceAccountKey => "a service account's key, which does not expire".into(),
        TokenKind::User { expires: Some(expires) } => {
            ["a user's token, until ", &crate::date::shown(expires)].concat()
        }
        TokenKind::User { expires: None } => "a user's token that does not say until when".into(),
    };
    line("token", Verdict::Good, kind)
}

/// Whether the platform lists the version; that it does not is a warning, since lists lag behind.
async fn listed<I: Io>(io: &I, inputs: &Inputs, version: &AskedVersion, asked: &mut Asked) -> Option<Check> {
    let question = AskReleases { houston: &inputs.houston, version };
    match ask(io, None, &question, limits(io, inputs)).await {
        Ok(list) if list.iter().any(|one| version.version().is_same(one)) => {
            Some(line("version", Verdict::Good, "the platform lists it".into()))
        }
        Ok(list) if list.is_empty() => None,
        Ok(_) => {
            let message = ["the platform does not list ", version.version().as_str()].concat();
            let hint = "check the version option against the platform's own list";
            let warning = Warning::new(Code::VersionUnknown, message, Some(hint));
            asked.warnings.push(warning.clone());
            Some(doubtful("version", &warning))
        }
        Err(error) => {
            let message = ["the platform's list could not be read: ", &error.message()].concat();
            Some(line("version", Verdict::Unknown, message))
        }
    }
}

/// Looks at one release: its Deployment, whether the token opens it, its Airflow.
pub async fn check<I: Io>(
    io: &I,
    inputs: &Inputs,
    release: &ReleaseName,
    shared: Option<&Error>,
    place: Place,
) -> Outcome {
    let started = io.now();
    let mut report = ReleaseReport::new(release, Status::Checked);
    let mut warnings = Vec::new();
    let mut ended = shared.cloned();
    let mut url = inputs.houston.endpoint.airflow_url(release);
    match deployment(io, inputs, release).await {
        None => {
            let message = "not read, and the token not tried: that needs `workspace`";
            report.checks.push(line("deployment", Verdict::Unknown, message.into()));
        }
        Some(Ok(found)) => {
            let version = found.version.as_deref().unwrap_or("a version that is not shown");
            let since = found.updated_at.as_deref().unwrap_or("a time that is not shown");
            let message = ["runs ", version, ", changed last at ", since].concat();
            report.checks.push(line("deployment", Verdict::Good, message));
            if found.can_deploy == Some(false) {
                let message = ["this token may read ", release.as_str(), " and not deploy to it"].concat();
                let warning = Warning::new(Code::PermissionDenied, message, None);
                report.checks.push(doubtful("token", &warning));
                warnings.push(warning);
            }
            url = found.airflow_url.or(url);
        }
        Some(Err(error)) => {
            report.checks.push(bad("deployment", &error));
            ended = ended.or(Some(error));
        }
    }
    // What is not there has no Airflow.
    if inputs.watching.mode != Mode::Off && ended.is_none() {
        match airflow(io, inputs, release, url.as_deref()).await {
            Ok(check) => report.checks.push(check),
            Err(error @ Error::Watch(_)) if inputs.watching.mode == Mode::Auto => {
                let warning = Warning { code: error.code(), message: error.message(), hint: error.hint() };
                report.checks.push(doubtful("airflow", &warning));
                warnings.push(warning);
            }
            Err(error) => {
                report.checks.push(bad("airflow", &error));
                ended = ended.or(Some(error));
            }
        }
    }
    drop(place);
    report.airflow_url = url;
    report.milliseconds = milliseconds(io.now().saturating_sub(started));
    if let Some(error) = ended {
        report.fail(&error);
    }
    Outcome { report, warnings }
}

/// The Deployment, asked once more without the fields that this platform does not have.
async fn deployment<I: Io>(
    io: &I,
    inputs: &Inputs,
    release: &ReleaseName,
) -> Option<Result<Deployment, Error>> {
    let (houston, by) = (&inputs.houston, By::Workspace(inputs.workspace.as_deref()?));
    let limits = limits(io, inputs);
    let mut fields = Fields::default().with_rights();
    let mut answer =
        ask(io, Some(release), &AskDeployment { houston, by, release, fields: &fields }, limits).await;
    if let Err(Error::ApiMismatch { mismatch: Mismatch::NoFields(unknown), .. }) = &answer
        && let Some(known) = fields.without(unknown)
    {
        fields = known;
        answer =
            ask(io, Some(release), &AskDeployment { houston, by, release, fields: &fields }, limits).await;
    }
    Some(answer.map_err(|error| match error {
        // A deploy would go on without having read it; a token that Houston does not know would then be refused.
        Error::HoustonFailed { about, said: Said::Nothing } => {
            Error::DeploymentNotFound { about, release: None }
        }
        error => error,
    }))
}

async fn airflow<I: Io>(
    io: &I,
    inputs: &Inputs,
    release: &ReleaseName,
    url: Option<&str>,
) -> Result<Check, Error> {
    let impossible =
        |why: &str| Error::Watch(WatchFault::Impossible { release: release.clone(), why: why.to_owned() });
    let timeout = inputs.request_timeout;
    let watched = url.and_then(|url| Watched::at(io, &inputs.houston, release, url, Line::Three, timeout));
    let mut watched = watched.ok_or_else(|| impossible("the address of its Airflow is not known"))?;
    let look = watched.once(limits(io, inputs).deadline).await?;
    if look.health.here().is_none() {
        return Err(impossible(look.health.why()));
    }
    let [schedulers, ..] = &look.rows;
    let proof = match schedulers {
        Some(_) => "its schedulers can be seen",
        None => "its schedulers cannot be read, so that a restart would not be seen",
    };
    let version = look.version.as_deref().unwrap_or("of unknown version");
    Ok(line("airflow", Verdict::Good, ["Airflow ", version, " answers; ", proof].concat()))
}
