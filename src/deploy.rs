//! THE FLOW of one release: look up → read → send → watch. The only file that orders these steps; each step is a
//! call elsewhere. Looking the image up is asked once for all releases (`prepare.rs`), at the same time as this
//! release's own questions.

mod notes;

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use crate::airflow::{Before, Line};
use crate::call::Call as _;
use crate::error::{Error, Mismatch, WatchFault};
use crate::event::{milliseconds, progress, warn};
use crate::fleet::Place;
use crate::houston::{AskDeployment, By, Deployment, Dialect, Fields, Shown, UpdateImage};
use crate::inputs::{Inputs, Mode};
use crate::io::{Io, RequestId};
use crate::prepare::{Gate, Shared, limits};
use crate::release::ReleaseName;
use crate::report::{PlannedRequest, ReleaseReport, Status, Warning};
use crate::retry::Limits;
use crate::send::{Look, ask, change};
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
            both(pin!(opened), pin!(self.before())).await?;
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
            Some(mut airflow) => {
                let (before, deadline) = (self.airflow.take(), self.limits.deadline);
                airflow.until_up(before, expected, watching, self.started, deadline).await
            }
            None => Err(Rc::new(Error::Watch(WatchFault::Impossible {
                release: self.release.clone(),
                why: "Houston gives no address of its Airflow".into(),
            }))),
        };
        self.proven(up)
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
            crate::mutant::planted_yes(&mut sent, &mut call.shown, shared.version.version().as_str());
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

    /// Writes down what would be sent.
    fn plan(&mut self, shared: &Shared) {
        let id = || RequestId::new(self.io.random(), self.io.random());
        let requests = &mut self.outcome.report.requests;
        if let Some(workspace) = &self.inputs.workspace {
            let (houston, by) = (&self.inputs.houston, By::Workspace(workspace));
            let question = AskDeployment::new(houston, by, self.release, &self.fields);
            requests.push(PlannedRequest::of(&question.request(id())));
        }
        let planned = PlannedRequest::of(&self.update_image(shared, shared.dialect).request(id()));
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
