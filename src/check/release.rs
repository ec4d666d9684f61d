//! What `check` looks at for one release: its Deployment, what the token may do there, and its Airflow. It reads alone.

use std::rc::Rc;

use super::{Shared, bad, beside_its_release, doubtful, good, unknown};
use crate::airflow::{Line, Look, Seen};
use crate::deploy::Outcome;
use crate::error::{Code, Error, Mismatch, Said, WatchFault};
use crate::event::{milliseconds, progress, warn};
use crate::fleet::Place;
use crate::houston::{AskDeployment, By, Deployment, Fields};
use crate::inputs::{Inputs, Mode};
use crate::io::Io;
use crate::prepare::limits;
use crate::release::ReleaseName;
use crate::report::{Check, ReleaseReport, State, Status, Verdict, Warning};
use crate::retry::Limits;
use crate::send::ask;
use crate::text::filled;
use crate::watch::Watched;

/// One release that is looked at.
struct One<'a, I> {
    io: &'a I,
    inputs: &'a Inputs,
    release: &'a ReleaseName,
    limits: Limits,
    report: ReleaseReport,
    warnings: Vec<Warning>,
    ended: Option<Rc<Error>>,
}

/// Looks at one release: its Deployment, whether the token opens it, its Airflow.
pub async fn check<I: Io>(
    io: &I,
    inputs: &Inputs,
    release: &ReleaseName,
    shared: &Shared,
    place: Place,
) -> Outcome {
    let started = io.now();
    let mut one = One {
        io,
        inputs,
        release,
        limits: limits(io, inputs),
        report: ReleaseReport::new(release, Status::Checked),
        warnings: Vec::new(),
        ended: shared.error.clone(),
    };
    one.look(shared.silent).await;
    drop(place);
    let One { mut report, warnings, ended, .. } = one;
    report.milliseconds = milliseconds(io.now().saturating_sub(started));
    if let Some(error) = ended {
        report.fail(&error);
    }
    Outcome { report, warnings }
}

/// Says of a release that was never begun why nothing was looked at.
pub fn never_begun(report: &mut ReleaseReport) {
    if report.checks.is_empty() {
        let mut check =
            unknown("deployment", "not looked at, since another release failed and `fail-fast` is set");
        if let Some(failure) = &report.error {
            (check.verdict, check.message) = (Verdict::Bad, failure.message.clone());
            check.failure = Some(failure.clone());
        }
        report.checks.push(check);
    }
}

impl<'a, I: Io> One<'a, I> {
    async fn look(&mut self, silent: bool) {
        let why = if silent {
            self.note(unknown("deployment", "not read, since Houston gives no answer"));
            "not looked at, since Houston gives no answer"
        } else {
            progress(self.io, Some(self.release), "looking at the Deployment".into());
            let read = match &self.inputs.workspace {
                Some(workspace) => Some(self.read(workspace).await),
                None => None,
            };
            match self.deployment(read) {
                Ok(found) => {
                    if let Some(mut watched) = self.airflow(found) {
                        let look = watched.once(&self.limits).await;
                        self.judge(look);
                    }
                    return;
                }
                Err(why) => why,
            }
        };
        self.note(unknown("airflow", why));
    }

    /// Judges the Deployment, which was read where a workspace is given. The error says why its Airflow is not looked
    /// at.
    fn deployment(
        &mut self,
        read: Option<Result<Box<Deployment>, Rc<Error>>>,
    ) -> Result<Option<Box<Deployment>>, &'static str> {
        let Some(read) = read else {
            let message = "not read, and the token not tried: that needs `workspace`";
            self.note(unknown("deployment", message));
            return Ok(None);
        };
        match read {
            Ok(found) => {
                let version = found.version.as_deref().unwrap_or("a version that is not shown");
                let since = found.updated_at.as_deref().unwrap_or("a time that is not shown");
                self.note(good("deployment", filled("runs {}, changed last at {}", &[version, since])));
                match found.can_deploy {
                    Some(true) => self.note(good("token", "Houston knows it, and it may deploy".into())),
                    Some(false) => {
                        let message =
                            filled("this token may read {} and not deploy to it", &[self.release.as_str()]);
                        let hint = "set `token` to a key with the role Editor or Admin where it is to deploy; to \
                                    check alone, this one is right";
                        let warning = Warning::new(Code::PermissionDenied, message, Some(hint));
                        self.doubt("token", "Houston knows it, and it may not deploy".into(), warning);
                    }
                    None => {
                        self.note(unknown(
                            "token",
                            "Houston knows it, and does not tell whether it may deploy",
                        ));
                    }
                }
                let (version, updated_at) = (found.version.clone(), found.updated_at.clone());
                self.report.before = Some(State { version, updated_at });
                Ok(Some(found))
            }
            // A deploy goes on without having read it.
            Err(error)
                if matches!(
                    *error,
                    Error::HoustonFailed { said: Said::Words(_) | Said::Nothing, .. }
                        | Error::ApiMismatch { .. }
                ) =>
            {
                let short = filled("it could not be read: {}", &[&error.message()]);
                let message = filled("{} could not be read: {}", &[self.release.as_str(), &error.message()]);
                let hint = "check `workspace`, and that the token may read this Deployment";
                self.doubt("deployment", short, Warning::new(error.code(), message, Some(hint)));
                Ok(None)
            }
            Err(error) => {
                self.fail("deployment", error);
                Err("not looked at, since its Deployment could not be read")
            }
        }
    }

    /// The Deployment, asked again without the fields that this platform does not have.
    async fn read(&self, workspace: &str) -> Result<Box<Deployment>, Rc<Error>> {
        let (houston, by, release) = (&self.inputs.houston, By::Workspace(workspace), self.release);
        let mut fields = Fields::default().with_rights();
        loop {
            let mut question = AskDeployment::new(houston, by, release, &fields);
            let error = match ask(self.io, Some(release), &mut question, &self.limits).await {
                Ok(()) => return Ok(question.found),
                Err(error) => error,
            };
            let fewer = match &*error {
                Error::ApiMismatch { mismatch: Mismatch::NoFields(unknown), .. } => fields.without(unknown),
                // No deploy asks what the token may do: that this cannot be told must not stand for more.
                Error::ApiMismatch { .. } | Error::HoustonFailed { said: Said::Words(_), .. } => {
                    fields.without(&["deploymentCapabilities".to_owned()])
                }
                _ => None,
            };
            let Some(fewer) = fewer else { return Err(error) };
            fields = fewer;
        }
    }

    /// The Airflow that is to be looked at, of which Houston may have shown the address.
    fn airflow(&mut self, found: Option<Box<Deployment>>) -> Option<Watched<'a, I>> {
        let houston = &self.inputs.houston;
        let was_read = found.is_some();
        let shown = found.and_then(|found| found.airflow_url);
        let url = shown.or_else(|| houston.endpoint.airflow_url(self.release));
        self.report.airflow_url.clone_from(&url);
        if self.inputs.watching.mode == Mode::Off {
            self.note(unknown("airflow", "not looked at, since `wait` is off"));
            return None;
        }
        let timeout = self.inputs.request_timeout;
        let watched =
            url.and_then(|url| Watched::at(self.io, houston, self.release, &url, Line::Three, timeout));
        if watched.is_none() && was_read {
            self.cannot_watch("Houston gives no address of its Airflow");
        } else if watched.is_none() {
            // After a change Houston shows the Deployment, and so the address.
            self.note(unknown("airflow", "not looked at: its address shows with `workspace`"));
        }
        watched
    }

    fn judge(&mut self, look: Result<Box<Look>, Rc<Error>>) {
        let look = match look {
            Ok(look) => look,
            Err(error) => return self.fail("airflow", error),
        };
        let health = match &look.health {
            Seen::Here(health) => health,
            Seen::NotYet(why) => {
                return self.ailing(filled("Airflow does not answer now: {}", &[why]));
            }
            Seen::Denied(why) | Seen::Failed(why) => return self.cannot_watch(why),
        };
        let version = look.version.as_deref().unwrap_or("of unknown version");
        let seen = filled("Airflow {} answers", &[version]);
        if !(health.database && health.scheduler) {
            return self.ailing(seen + " and is not healthy");
        }
        let [schedulers, ..] = &look.rows;
        if schedulers.is_some() {
            return self.note(good("airflow", seen + ", and its schedulers can be seen"));
        }
        let why = "its schedulers cannot be read, so that a restart would not be seen";
        let message = filled("{} can be watched in part: {}", &[self.release.as_str(), why]);
        let hint = "let the token open the Deployment's Airflow, or set `wait` to off";
        let warning = Warning::new(Code::WaitImpossible, message, Some(hint));
        self.doubt("airflow", filled("{}; {}", &[&seen, why]), warning);
    }

    /// A deploy would wait for it to come up.
    fn ailing(&mut self, seen: String) {
        let message = filled("{} is not up: {}", &[self.release.as_str(), &seen]);
        let hint = "look at the Deployment's pods, unless the new image is to mend it";
        self.doubt("airflow", seen, Warning::new(Code::Unhealthy, message, Some(hint)));
    }

    fn cannot_watch(&mut self, why: &str) {
        let fault = WatchFault::Impossible { release: self.release.clone(), why: why.to_owned() };
        let error = Rc::new(Error::Watch(fault));
        if self.inputs.watching.mode == Mode::Require {
            return self.fail("airflow", error);
        }
        let warning = Warning::of(&error, error.message());
        self.doubt("airflow", beside_its_release(&error), warning);
    }

    // Every line would bring a copy of this along.
    #[inline(never)]
    fn note(&mut self, check: Check) {
        self.report.checks.push(check);
    }

    fn doubt(&mut self, what: &'static str, message: String, warning: Warning) {
        warn(self.io, Some(self.release), &warning);
        self.note(doubtful(what, message, &warning));
        self.warnings.push(warning);
    }

    /// A deploy would end with this, unless something worse came first; what was cancelled is not finished.
    fn fail(&mut self, what: &'static str, error: Rc<Error>) {
        self.note(bad(what, &error));
        if self.ended.is_none() || matches!(*error, Error::Cancelled { .. }) {
            self.ended = Some(error);
        }
    }
}
