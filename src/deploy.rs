//! THE FLOW of one release: look up → read → send → watch. The only file that orders these steps; each step is a
//! call elsewhere. Looking the image up is asked once for all releases (`prepare.rs`), at the same time as this
//! release's own questions.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use crate::airflow::{Before, Line};
use crate::call::Call as _;
use crate::error::{Code, Doubt, Error, Mismatch, Said, Sent, WatchFault};
use crate::event::{milliseconds, progress, warn};
use crate::fleet::Place;
use crate::houston::{AskDeployment, By, Deployment, Dialect, Fields, Shown, UpdateImage};
use crate::inputs::{Inputs, Mode};
use crate::io::{Io, RequestId, Signal};
use crate::prepare::{Gate, Shared, limits};
use crate::release::ReleaseName;
use crate::report::{Change, PlannedRequest, Proof, ReleaseReport, State, Status, Warning};
use crate::retry::Limits;
use crate::send::{Changed, Look, ask, change};
use crate::text::filled;
use crate::version::Version;
use crate::wait::both;
use crate::watch::Watched;

/// What became of one release, and what should be known about it.
#[derive(Debug)]
pub struct Outcome {
    /// Its part of the report.
    pub report: ReleaseReport,
    /// What should be known though it went on.
    pub warnings: Vec<Warning>,
}

/// Deploys the image to one release, which gives its place back once Houston has answered.
pub async fn deploy<I: Io>(
    io: &I,
    inputs: &Inputs,
    gate: &Gate,
    release: &ReleaseName,
    place: Place,
) -> Outcome {
    let outcome = Outcome { report: ReleaseReport::new(release, Status::Deployed), warnings: Vec::new() };
    let (started, limits) = (io.now(), limits(io, inputs));
    let mut flow = Flow {
        io,
        inputs,
        release,
        started,
        limits,
        looked: started,
        airflow: None,
        fields: Fields::default(),
        place: Some(place),
        outcome,
    };
    if let Err(error) = flow.run(gate).await {
        flow.outcome.report.fail(&error);
    }
    flow.outcome.report.milliseconds = milliseconds(io.now().saturating_sub(flow.started));
    flow.outcome
}

/// One release on its way.
struct Flow<'a, I> {
    io: &'a I,
    inputs: &'a Inputs,
    release: &'a ReleaseName,
    /// When its own first request went out.
    started: Duration,
    limits: Limits,
    /// When its Airflow was looked at before the change.
    looked: Duration,
    /// What that showed, where its address was known.
    airflow: Option<Before>,
    /// Which fields of a Deployment this platform has.
    fields: Fields,
    /// Given back once Houston has answered.
    place: Option<Place>,
    outcome: Outcome,
}

impl<'a, I: Io> Flow<'a, I> {
    async fn run(&mut self, gate: &Gate) -> Result<(), Rc<Error>> {
        let watching = self.inputs.watching;
        let watches = watching.mode != Mode::Off;
        let asks = !self.inputs.dry_run && (self.inputs.workspace.is_some() || watches);
        if asks {
            // Look up and read, at the same time.
            let opened = async {
                gate.wait().await?;
                Ok(())
            };
            both(Box::pin(opened), Box::pin(self.before())).await?;
            // The registry or Houston may have taken long: what was started in the meantime is not of this change.
            let age = self.io.now().saturating_sub(self.looked);
            if self.airflow.is_some() && age > watching.poll_interval {
                self.look_before().await?;
            }
        }
        let shared = gate.wait().await?;
        if !asks {
            // It has no question of its own: its time starts once it can send.
            (self.started, self.limits) = (self.io.now(), limits(self.io, self.inputs));
        }
        if self.inputs.dry_run {
            self.plan(shared);
            return Ok(());
        }

        let shown = self.send(shared).await?;
        self.accepted(&shown)?;
        if !watches {
            return Ok(());
        }

        // Read it again, by the id that the change gave, and watch it.
        let by = match (&shown.deployment_id, &self.inputs.workspace) {
            (Some(id), _) => Some(By::Id(id)),
            (None, Some(workspace)) => Some(By::Workspace(workspace)),
            (None, None) => None,
        };
        let mut expected = None;
        if let Some(by) = by {
            self.fields = self.fields.of(shared.platform.as_ref());
            let read = self.ask_deployment(by).await;
            expected = self.read_again(shared, &shown, read)?;
        }
        let expected = expected.as_deref().or(shared.airflow.as_ref().map(Version::as_str));
        let up = match self.watched(expected) {
            Some(mut watched) => {
                let (before, deadline) = (self.airflow.take(), self.limits.deadline);
                watched.until_up(before, expected, watching, self.started, deadline).await
            }
            None => Err(Rc::new(Error::Watch(WatchFault::Impossible {
                release: self.release.clone(),
                why: "Houston gives no address of its Airflow".into(),
            }))),
        };
        self.watched_until(up)
    }

    /// Notes Houston's yes. The error is a cancel in the meantime.
    fn accepted(&mut self, shown: &Shown) -> Result<(), Rc<Error>> {
        self.place = None;
        let report = &mut self.outcome.report;
        report.deployment_id.clone_from(&shown.deployment_id);
        report.after = Some(State { version: Some(shown.version.clone()), updated_at: None });
        report.proof = Some(Proof::Accepted);
        if let Some(signal) = self.io.signal() {
            return Err(confirmed(signal));
        }
        self.progress("Houston accepted the image".into());
        Ok(())
    }

    /// Notes what there is before the change: the Deployment, where a workspace is given, and its Airflow, where it is to
    /// be watched and its address is known.
    async fn before(&mut self) -> Result<(), Rc<Error>> {
        if let Some(workspace) = &self.inputs.workspace {
            self.progress("reading the Deployment".into());
            let read = self.ask_deployment(By::Workspace(workspace)).await;
            self.read(read)?;
        }
        if self.inputs.watching.mode == Mode::Off { Ok(()) } else { self.look_before().await }
    }

    /// Notes what the Airflow shows before the change, where its address is known.
    async fn look_before(&mut self) -> Result<(), Rc<Error>> {
        if let Some(mut watched) = self.watched(None) {
            let look = watched.once(&self.limits).await?;
            self.airflow = Some(Before::of(&look));
        }
        self.looked = self.io.now();
        Ok(())
    }

    /// The release's Airflow, where its address is known.
    fn watched(&self, version: Option<&str>) -> Option<Watched<'a, I>> {
        let Inputs { houston, request_timeout, .. } = self.inputs;
        let known = self.outcome.report.airflow_url.clone();
        let url = known.or_else(|| houston.endpoint.airflow_url(self.release))?;
        let line = version.map_or(Line::Three, Line::of);
        Watched::at(self.io, houston, self.release, &url, line, *request_timeout)
    }

    /// Notes how the Deployment was read before anything is sent. Not being allowed to look is a warning; a Deployment
    /// that is not there is an error, since the change could only be refused.
    fn read(&mut self, read: Result<Box<Deployment>, Rc<Error>>) -> Result<(), Rc<Error>> {
        let error = match read {
            Ok(before) => {
                let Deployment { version, updated_at, airflow_url, .. } = *before;
                self.outcome.report.before = Some(State { version, updated_at });
                self.outcome.report.airflow_url = airflow_url;
                return Ok(());
            }
            Err(error) => error,
        };
        match &*error {
            Error::PermissionDenied { said: Said::Words(_), .. }
            | Error::HoustonFailed { said: Said::Words(_) | Said::Nothing, .. }
            | Error::ApiMismatch { .. } => {
                let message = filled(
                    "{} could not be read before the change: {}",
                    &[self.release.as_str(), &error.message()],
                );
                let hint = "check `workspace`, and that the token may read this Deployment";
                self.warn(Warning::new(error.code(), message, Some(hint)));
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// Asks for the Deployment, once more without the fields that this platform does not have.
    async fn ask_deployment(&mut self, by: By<'_>) -> Result<Box<Deployment>, Rc<Error>> {
        let mut is_first = true;
        loop {
            let answer = self.ask_for(by).await;
            if is_first
                && let Err(error) = &answer
                && let Error::ApiMismatch { mismatch: Mismatch::NoFields(unknown), .. } = &**error
                && let Some(known) = self.fields.without(unknown)
            {
                self.fields = known;
                is_first = false;
                continue;
            }
            return answer;
        }
    }

    async fn ask_for(&self, by: By<'_>) -> Result<Box<Deployment>, Rc<Error>> {
        let Inputs { houston, .. } = self.inputs;
        let mut question = AskDeployment::new(houston, by, self.release, &self.fields);
        ask(self.io, Some(self.release), &mut question, &self.limits).await?;
        Ok(question.found)
    }

    /// Notes how the Deployment was read after the change: release and version must be what was asked. What cannot be
    /// read is a warning; the Airflow can be watched all the same. Gives the version of the Airflow in it, where that is
    /// shown.
    fn read_again(
        &mut self,
        shared: &Shared,
        shown: &Shown,
        read: Result<Box<Deployment>, Rc<Error>>,
    ) -> Result<Option<String>, Rc<Error>> {
        let after = match read {
            Ok(after) => after,
            Err(error) => {
                match &*error {
                    Error::Cancelled { signal, .. } => return Err(confirmed(*signal)),
                    Error::OutcomeUnknown { .. } => {
                        self.outcome.report.change = Change::Unknown;
                        return Err(error);
                    }
                    _ => {}
                }
                let message = filled(
                    "{} could not be read after the change: {}",
                    &[self.release.as_str(), &error.message()],
                );
                self.warn(Warning { code: error.code(), message, hint: error.hint() });
                return Ok(None);
            }
        };
        let asked = shared.version.version();
        if let Some(version) = after.version.as_deref().filter(|version| !asked.is_same(version)) {
            let what = filled("Houston accepted {} and then showed {}", &[asked.as_str(), version]);
            let (release, doubt) = (self.release.clone(), Doubt::Contradiction(what));
            self.outcome.report.change = Change::Unknown;
            return Err(Rc::new(Error::OutcomeUnknown { release, doubt, open: Vec::new() }));
        }
        let report = &mut self.outcome.report;
        if after.version.is_some() {
            report.proof = Some(Proof::Read);
        }
        let version = after.version.or_else(|| Some(shown.version.clone()));
        report.after = Some(State { version, updated_at: after.updated_at });
        if after.airflow_url.is_some() {
            report.airflow_url = after.airflow_url;
        }
        Ok(after.airflow_version)
    }

    /// Notes how watching the Deployment come up ended.
    fn watched_until(&mut self, up: Result<(Proof, bool), Rc<Error>>) -> Result<(), Rc<Error>> {
        let watching = &self.inputs.watching;
        let required = watching.mode == Mode::Require;
        match up {
            Ok((proof, verified)) => {
                self.outcome.report.proof = Some(proof);
                self.outcome.report.verified = verified;
                self.progress(filled(
                    "{}{}",
                    &[proof.as_str(), if verified { ": the Deployment is up" } else { "" }],
                ));
                if verified {
                    return Ok(());
                }
                let unchanged_ok = watching.unchanged_ok;
                let fault = WatchFault::Unproven { release: self.release.clone(), unchanged_ok };
                self.unproven(Rc::new(Error::Watch(fault)), required && !watching.unchanged_ok)
            }
            Err(error) => match &*error {
                Error::Cancelled { signal, .. } => Err(confirmed(*signal)),
                Error::Watch(WatchFault::Impossible { .. }) => self.unproven(error, required),
                _ => Err(error),
            },
        }
    }

    /// What could not be proven is an error where the proof is required, and otherwise a warning.
    fn unproven(&mut self, error: Rc<Error>, required: bool) -> Result<(), Rc<Error>> {
        if required {
            return Err(error);
        }
        self.warn(Warning { code: Code::WaitImpossible, message: error.message(), hint: error.hint() });
        Ok(())
    }

    /// Whether somebody changed the Deployment since it was read before the change.
    async fn look(&self) -> Look {
        let before = self.outcome.report.before.as_ref();
        let updated_at = before.and_then(|before| before.updated_at.as_ref());
        let (Some(before), Some(workspace)) = (updated_at, &self.inputs.workspace) else {
            return Look::Unread;
        };
        match self.ask_for(By::Workspace(workspace)).await {
            Ok(found) => match &found.updated_at {
                Some(now) if now == before => Look::Unmoved,
                Some(_) => Look::Moved,
                None => Look::Unread,
            },
            Err(_) => Look::Unread,
        }
    }

    /// Sends the change in the platform's form of it, or in the other where Houston does not know that mutation.
    async fn send(&mut self, shared: &Shared) -> Result<Shown, Rc<Error>> {
        let mut dialect = shared.dialect;
        loop {
            self.progress(filled("sending {} to Houston", &[&shared.image]));
            let mut call = self.update_image(shared, dialect);
            let look = || -> Pin<Box<dyn Future<Output = Look> + '_>> { Box::pin(self.look()) };
            #[cfg(feature = "mutants")]
            let look = || crate::mutant::planted_look(look());
            let mut sent = change(self.io, self.release, &mut call, &self.limits, &look).await;
            #[cfg(feature = "mutants")]
            let mut sent =
                crate::mutant::planted_yes(sent, &mut call.shown, shared.version.version().as_str());
            self.note(&mut sent);
            if let Err(error) = &sent.outcome
                && let Error::ApiMismatch { mismatch: Mismatch::NoMutation(_), .. } = &**error
                && let Some(other) = dialect.fall_back()
            {
                self.progress(filled("Houston does not know the mutation {}", &[dialect.mutation()]));
                dialect = other;
                continue;
            }
            sent.outcome?;
            return call
                .shown
                .ok_or_else(|| Rc::new(Error::Internal { detail: "a good answer was lost".into() }));
        }
    }

    /// Writes down what the sends mean for the Deployment, whatever they ended with.
    fn note(&mut self, sent: &mut Changed) {
        let report = &mut self.outcome.report;
        report.attempts += sent.attempts;
        report.may_have_arrived = std::mem::take(&mut sent.open);
        report.change = match &sent.outcome {
            Ok(()) => Change::Confirmed,
            Err(error) => match **error {
                Error::OutcomeUnknown { .. } | Error::Cancelled { sent: Sent::Unanswered, .. } => {
                    Change::Unknown
                }
                _ => Change::None,
            },
        };
        if report.change != Change::None && report.airflow_url.is_none() {
            report.airflow_url = self.inputs.houston.endpoint.airflow_url(self.release);
        }
        if sent.blind {
            self.warn(Warning::new(
                Code::OutcomeUnknown,
                filled(
                    "{} was sent again although an earlier send may have arrived: the platform may have taken the \
                     image twice",
                    &[self.release.as_str()],
                ),
                Some("set `workspace`: the Deployment is then read before anything is sent again"),
            ));
        }
    }

    /// Writes down what would be sent.
    fn plan(&mut self, shared: &Shared) {
        let id = || RequestId::new(self.io.random(), self.io.random());
        let requests = &mut self.outcome.report.requests;
        if let Some(workspace) = &self.inputs.workspace {
            let (houston, by) = (&self.inputs.houston, By::Workspace(workspace));
            let question = AskDeployment::new(houston, by, self.release, &self.fields);
            requests.push(PlannedRequest::of(&question.request(&id())));
        }
        let planned = PlannedRequest::of(&self.update_image(shared, shared.dialect).request(&id()));
        self.outcome.report.requests.push(planned);
        self.outcome.report.status = Status::Planned;
    }

    fn update_image<'s>(&self, shared: &'s Shared, dialect: Dialect) -> UpdateImage<'s>
    where
        'a: 's,
    {
        UpdateImage {
            houston: &self.inputs.houston,
            dialect,
            platform: shared.platform.as_ref(),
            release: self.release,
            image: &shared.image,
            version: &shared.version,
            pull_secret: self.inputs.pull_secret.as_ref(),
            shown: None,
        }
    }

    fn progress(&self, message: String) {
        progress(self.io, Some(self.release), message);
    }

    fn warn(&mut self, warning: Warning) {
        warn(self.io, Some(self.release), &warning);
        self.outcome.warnings.push(warning);
    }
}

/// A cancel after Houston's yes.
fn confirmed(signal: Signal) -> Rc<Error> {
    Rc::new(Error::Cancelled { signal, sent: Sent::Confirmed })
}
