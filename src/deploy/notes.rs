//! What the steps of a release's flow mean for its report: what is noted, what is a warning, and what ends it.

use std::rc::Rc;

use super::Flow;
use crate::error::{Code, Doubt, Error, Said, Sent, WatchFault};
use crate::houston::{Deployment, Shown};
use crate::inputs::Mode;
use crate::io::{Io, Signal};
use crate::prepare::Shared;
use crate::report::{Change, Proof, State, Warning};
use crate::send::Changed;
use crate::text::filled;

impl<I: Io> Flow<'_, I> {
    /// Notes Houston's yes. The error is a cancel in the meantime.
    pub(super) fn accepted(&mut self, shown: &Shown) -> Result<(), Rc<Error>> {
        self.place = None;
        let report = &mut self.outcome.report;
        report.deployment_id = shown.deployment_id.as_deref().map(str::to_owned);
        report.after = Some(State { version: Some(shown.version.clone()), updated_at: None });
        report.proof = Some(Proof::Accepted);
        if let Some(signal) = self.io.signal() {
            return Err(confirmed(signal));
        }
        self.progress("Houston accepted the image".into());
        Ok(())
    }

    /// Notes how the Deployment was read before anything is sent. Not being allowed to look is a warning; a Deployment
    /// that is not there is an error, since the change could only be refused.
    pub(super) fn read(&mut self, read: Result<Box<Deployment>, Rc<Error>>) -> Result<(), Rc<Error>> {
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

    /// Notes how the Deployment was read after the change: release and version must be what was asked. What cannot be
    /// read is a warning; the Airflow can be watched all the same. Gives the version of the Airflow in it, where that is
    /// shown.
    pub(super) fn read_again(
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
                self.warn(Warning::of(&error, message));
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
    pub(super) fn proven(&mut self, up: Result<(Proof, bool), Rc<Error>>) -> Result<(), Rc<Error>> {
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
        self.warn(Warning::of(&error, error.message()));
        Ok(())
    }

    /// Writes down what the sends mean for the Deployment, whatever they ended with.
    pub(super) fn note(&mut self, sent: &mut Changed) {
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
}

/// A cancel after Houston's yes.
fn confirmed(signal: Signal) -> Rc<Error> {
    Rc::new(Error::Cancelled { signal, sent: Sent::Confirmed })
}
