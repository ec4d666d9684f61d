//! THE FLOW of one release: look up → read → send → watch. The only file that orders these steps; each step is a
//! call elsewhere. Looking the image up and watching the Deployment come up have their places marked.

use std::future::Future;
use std::pin::Pin;

use crate::call::Call as _;
use crate::error::{Code, Error, Mismatch, Said, Sent};
use crate::event::{Event, Kind, milliseconds};
use crate::houston::{AskDeployment, AskVersion, Deployment, Dialect, Fields, Shown, UpdateImage};
use crate::inputs::Inputs;
use crate::io::{Body, Io, Request, RequestId};
use crate::release::ReleaseName;
use crate::report::{Change, PlannedRequest, Proof, ReleaseReport, State, Status, Warning};
use crate::retry::Limits;
use crate::send::{Changed, Look, ask, change};
use crate::token::HeaderValue;
use crate::version::PlatformVersion;

/// What became of one release, and what should be known about it.
#[derive(Debug)]
pub struct Outcome {
    /// Its part of the report.
    pub report: ReleaseReport,
    /// What should be known though it went on.
    pub warnings: Vec<Warning>,
}

/// What all releases of a run share: asked once, before the first of them.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    /// The platform's version, where it is known.
    pub platform: Option<PlatformVersion>,
}

/// Asks what all releases share.
///
/// # Errors
/// Houston not to be reached, or something that is no Houston. A Houston that keeps its version to itself is none:
/// the input then decides which form of the change is used, and a warning says so.
pub async fn prepare<I: Io>(io: &I, inputs: &Inputs) -> Result<(Shared, Vec<Warning>), Error> {
    if let Some(platform) = &inputs.platform {
        return Ok((Shared { platform: Some(platform.clone()) }, Vec::new()));
    }
    progress(io, None, format!("asking {} for its version", inputs.houston.endpoint.host()));
    let said = match ask(io, None, &AskVersion { houston: &inputs.houston }, limits(io, inputs)).await {
        Ok(Some(platform)) => {
            progress(io, None, format!("Houston {platform}"));
            return Ok((Shared { platform: Some(platform) }, Vec::new()));
        }
        Ok(None) => "gives none".to_owned(),
        // Houston answered, and the answer is no version: an older platform may not know the question.
        Err(
            error @ (Error::ApiMismatch { .. }
            | Error::HoustonFailed { said: Said::Words(_), .. }
            | Error::PermissionDenied { said: Said::Words(_), .. }
            | Error::HoustonRefused { said: Said::Words(_), .. }),
        ) => format!("could not be asked: {}", error.message()),
        Err(error) => return Err(error),
    };
    let warning = Warning::new(
        Code::ApiMismatch,
        format!("Houston's version {said}; the form of the request follows from the version option"),
        Some("set `platform-version` to the platform's version"),
    );
    Ok((Shared::default(), vec![warning]))
}

/// Deploys the image to one release.
pub async fn deploy<I: Io>(io: &I, inputs: &Inputs, shared: &Shared, release: &ReleaseName) -> Outcome {
    let started = io.now();
    let outcome = Outcome { report: ReleaseReport::new(release, Status::Deployed), warnings: Vec::new() };
    let mut flow = Flow { io, inputs, shared, release, limits: limits(io, inputs), outcome };
    if let Err(error) = flow.run().await {
        flow.outcome.report.fail(&error);
    }
    flow.outcome.report.milliseconds = milliseconds(io.now().saturating_sub(started));
    flow.outcome
}

/// One release on its way.
struct Flow<'a, I> {
    io: &'a I,
    inputs: &'a Inputs,
    shared: &'a Shared,
    release: &'a ReleaseName,
    limits: Limits,
    outcome: Outcome,
}

impl<I: Io> Flow<'_, I> {
    async fn run(&mut self) -> Result<(), Error> {
        let dialect =
            Dialect::of(self.shared.platform.as_ref(), &self.inputs.version).map_err(|mismatch| {
                Error::ApiMismatch { host: self.inputs.houston.endpoint.host().to_owned(), mismatch }
            })?;

        // Look up: the image in its registry, once for all releases, goes here.

        if self.inputs.dry_run {
            self.plan(dialect);
            return Ok(());
        }

        // Read.
        let mut fields = Fields::default();
        let before = self.read(&mut fields).await?;
        if let Some(before) = &before {
            let Deployment { version, updated_at, airflow_url } = before.clone();
            self.outcome.report.before = Some(State { version, updated_at });
            self.outcome.report.airflow_url = airflow_url;
        }

        // Send.
        let shown = self.send(dialect, before.as_ref(), &fields).await?;
        self.outcome.report.deployment_id = shown.deployment_id;
        self.outcome.report.after = Some(State { version: Some(shown.version), updated_at: None });
        self.outcome.report.proof = Some(Proof::Accepted);
        if let Some(signal) = self.io.signal() {
            return Err(Error::Cancelled { signal, sent: Sent::Confirmed });
        }
        self.progress("Houston accepted the image".into());

        // Watch: reading the Deployment again and seeing it come up goes here.
        Ok(())
    }

    /// Reads the Deployment before anything is sent, where a workspace is given. Not being allowed to look is a
    /// warning; a Deployment that is not there is an error, since the change could only be refused.
    async fn read(&mut self, fields: &mut Fields) -> Result<Option<Deployment>, Error> {
        if self.inputs.workspace.is_none() {
            return Ok(None);
        }
        self.progress("reading the Deployment".into());
        let mut answer = self.ask_deployment(fields).await;
        // Fields come and go between platforms: those that this one does not have are dropped, once.
        if let Err(Error::ApiMismatch { mismatch: Mismatch::NoFields(unknown), .. }) = &answer
            && let Some(known) = fields.without(unknown)
        {
            *fields = known;
            answer = self.ask_deployment(fields).await;
        }
        match answer {
            Ok(deployment) => Ok(Some(deployment)),
            Err(
                error @ (Error::PermissionDenied { said: Said::Words(_), .. }
                | Error::HoustonFailed { said: Said::Words(_) | Said::Nothing, .. }
                | Error::ApiMismatch { .. }),
            ) => {
                self.warn(Warning::new(
                    error.code(),
                    format!("{} could not be read before the change: {}", self.release, error.message()),
                    Some("check `workspace`, and that the token may read this Deployment"),
                ));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_deployment(&self, fields: &Fields) -> Result<Deployment, Error> {
        let workspace = self.inputs.workspace.as_deref().unwrap_or_default();
        let question =
            AskDeployment { houston: &self.inputs.houston, workspace, release: self.release, fields };
        ask(self.io, Some(self.release), &question, self.limits).await
    }

    /// Whether somebody changed the Deployment since `before`.
    async fn look(&self, before: Option<&Deployment>, fields: &Fields) -> Look {
        let Some(before) = before.and_then(|before| before.updated_at.as_ref()) else { return Look::Unread };
        match self.ask_deployment(fields).await {
            Ok(Deployment { updated_at: Some(now), .. }) if now == *before => Look::Unmoved,
            Ok(Deployment { updated_at: Some(_), .. }) => Look::Moved,
            Ok(Deployment { updated_at: None, .. }) | Err(_) => Look::Unread,
        }
    }

    /// Sends the change in the platform's form of it, or in the other where Houston does not know that mutation.
    async fn send(
        &mut self,
        mut dialect: Dialect,
        before: Option<&Deployment>,
        fields: &Fields,
    ) -> Result<Shown, Error> {
        loop {
            self.progress(format!("sending {} to Houston", self.inputs.image_to_send));
            let call = self.update_image(dialect);
            let look = || -> Pin<Box<dyn Future<Output = Look> + '_>> { Box::pin(self.look(before, fields)) };
            let sent = change(self.io, self.release, &call, self.limits, &look).await;
            self.note(&sent);
            match (sent.outcome, dialect.fall_back()) {
                (Err(Error::ApiMismatch { mismatch: Mismatch::NoMutation(_), .. }), Some(other)) => {
                    self.progress(format!("Houston does not know the mutation {}", dialect.mutation()));
                    dialect = other;
                }
                (outcome, _) => return outcome,
            }
        }
    }

    /// Writes down what the sends mean for the Deployment, whatever they ended with.
    fn note(&mut self, sent: &Changed<Shown>) {
        let report = &mut self.outcome.report;
        report.attempts += sent.attempts;
        report.may_have_arrived.clone_from(&sent.open);
        report.change = match &sent.outcome {
            Ok(_) => Change::Confirmed,
            Err(Error::OutcomeUnknown { .. } | Error::Cancelled { sent: Sent::Unanswered, .. }) => {
                Change::Unknown
            }
            Err(_) => Change::None,
        };
        if report.change != Change::None && report.airflow_url.is_none() {
            report.airflow_url = self.inputs.houston.endpoint.airflow_url(self.release);
        }
        if sent.blind {
            self.warn(Warning::new(
                Code::OutcomeUnknown,
                format!(
                    "{} was sent again although an earlier send may have arrived: the platform may have taken the \
                     image twice",
                    self.release
                ),
                Some("set `workspace`: the Deployment is then read before anything is sent again"),
            ));
        }
    }

    /// Writes down what would be sent.
    fn plan(&mut self, dialect: Dialect) {
        let id = || RequestId::new(self.io.random(), self.io.random());
        let requests = &mut self.outcome.report.requests;
        if let Some(workspace) = &self.inputs.workspace {
            let fields = Fields::default();
            let houston = &self.inputs.houston;
            let question = AskDeployment { houston, workspace, release: self.release, fields: &fields };
            requests.push(planned(&question.request(&id())));
        }
        let planned = planned(&self.update_image(dialect).request(&id()));
        self.outcome.report.requests.push(planned);
        self.outcome.report.status = Status::Planned;
    }

    fn update_image(&self, dialect: Dialect) -> UpdateImage<'_> {
        UpdateImage {
            houston: &self.inputs.houston,
            dialect,
            platform: self.shared.platform.as_ref(),
            release: self.release,
            image: &self.inputs.image_to_send,
            version: &self.inputs.version,
            pull_secret: self.inputs.pull_secret.as_ref(),
        }
    }

    fn progress(&self, message: String) {
        progress(self.io, Some(self.release), message);
    }

    fn warn(&mut self, warning: Warning) {
        let event = Event::new(Kind::Warning, Some(self.release), warning.message.clone(), self.io.now());
        self.io.emit(Event { warning: Some(warning.clone()), ..event });
        self.outcome.warnings.push(warning);
    }
}

/// A request as people may see it.
fn planned(request: &Request) -> PlannedRequest {
    let shown = |(name, value): &(&'static str, HeaderValue)| (*name, value.shown().to_owned());
    PlannedRequest {
        method: request.method,
        url: request.url.clone(),
        headers: request.headers.iter().map(shown).collect(),
        body: request.body.as_ref().map_or("null", Body::shown).to_owned(),
    }
}

/// `timeout` runs from the first request of what it is for.
fn limits<I: Io>(io: &I, inputs: &Inputs) -> Limits {
    Limits {
        attempts: inputs.attempts,
        deadline: io.now().saturating_add(inputs.timeout),
        request_timeout: inputs.request_timeout,
    }
}

fn progress<I: Io>(io: &I, release: Option<&ReleaseName>, message: String) {
    io.emit(Event::new(Kind::Progress, release, message, io.now()));
}
