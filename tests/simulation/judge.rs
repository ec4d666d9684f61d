//! The ten invariants of `docs/outcomes.md`, part 3, held against the truth that the models know. Each finding opens
//! with the number of the invariant that was broken.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::fleet::Ended;
use houston_deploy::report::{Change, Proof, ReleaseReport, Status};

use crate::airflow::{Process, clock};
use crate::fault::{Class, Fault};
use crate::oracle::{Told, is_open, stops, told, updated_at};
use crate::setting::{Sight, numbers};
use crate::tally::Tally;
use crate::world::{Ending, Sent, State, World};

/// What a run is judged by.
pub struct Judge<'a> {
    pub world: &'a World<'a>,
    pub state: &'a State,
    pub faults: &'a [Fault],
    pub ended: &'a Ended,
    /// When the run was over. (What was on its way has arrived since.)
    pub over: Duration,
    pub cancelled: Option<Duration>,
}

type Verdict = Result<(), String>;

fn hold(holds: bool, words: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(words()) }
}

fn ended_at(sent: &Sent) -> Duration {
    match sent.ending {
        Ending::Ended(at, _) | Ending::GivenUp(at) => at,
        Ending::Pending => Duration::MAX,
    }
}

/// Whether a look asked for the processes of schedulers.
fn asks_for_schedulers(sent: &Sent) -> bool {
    let url = &sent.request.url;
    url.contains("job_type=SchedulerJob") || url.contains("event=cli_scheduler")
}

fn asks_for_health(sent: &Sent) -> bool {
    sent.request.url.ends_with("/health")
}

fn is_good(sent: &Sent) -> bool {
    matches!(&sent.ending, Ending::Ended(_, Ok(response)) if response.status == 200)
}

impl Judge<'_> {
    /// Judges the whole run, and counts what it reached.
    pub fn judge(&self, tally: &mut Tally) -> Verdict {
        if let Some(violation) = self.state.violations.first() {
            return Err(format!("7: {violation}"));
        }
        hold(self.state.houston.created == 0, || "5: a Deployment was created".into())?;
        self.counts()?;
        self.cancel()?;
        for (index, report) in self.ended.report.results.iter().enumerate() {
            let changes: Vec<&Sent> = self.of(Class::Change, index).collect();
            let tolds: Vec<Told> = changes.iter().map(|sent| told(self.world, sent)).collect();
            self.truth(index, report).map_err(|words| format!("{words} ({})", report.release))?;
            self.sends(index, report, &changes, &tolds, tally)
                .map_err(|words| format!("{words} ({}: {tolds:?})", report.release))?;
            Self::ending(report, &changes, &tolds)
                .map_err(|words| format!("{words} ({}: {tolds:?})", report.release))?;
            self.proven(index, report, &changes).map_err(|words| format!("{words} ({})", report.release))?;
            self.time(index, report)?;
        }
        self.liveness(tally)
    }

    fn of(&self, class: Class, release: usize) -> impl Iterator<Item = &Sent> {
        let of = move |sent: &&Sent| sent.target.class == class && sent.target.release == release;
        self.state.sent.iter().filter(of)
    }

    fn applied(&self, release: usize) -> bool {
        self.state.houston.accepted.iter().any(|accepted| accepted.ours && accepted.release == release)
    }

    /// 4 and 5, over the whole run.
    fn counts(&self) -> Verdict {
        let setting = self.world.setting;
        let attempts = usize::try_from(setting.attempts).unwrap();
        let upserts = self.state.sent.iter().filter(|sent| sent.field == "upsertDeployment").count();
        hold(upserts == 0 || setting.may_upsert(), || {
            format!("5: upsertDeployment was sent to Houston {}", setting.platform)
        })?;
        let versions = self.of(Class::Version, 0).count();
        hold(versions <= attempts, || format!("4: {versions} sends of the version question"))?;
        for release in 0..setting.releases {
            for field in ["updateDeploymentImage", "upsertDeployment"] {
                let sends = self.of(Class::Change, release).filter(|sent| sent.field == field).count();
                hold(sends <= attempts, || format!("4: {sends} sends of {field}"))?;
            }
        }
        let first =
            self.state.sent.iter().filter(|sent| sent.target.class == Class::Change).map(|sent| sent.at);
        let first = first.min().unwrap_or(Duration::MAX);
        let mut before = self.state.sent.iter();
        hold(!before.any(|sent| sent.target.class == Class::Registry && sent.at > first), || {
            "4: the registry was asked after the change had been sent".into()
        })?;
        let looked_up = self.ended.report.results.iter().all(|result| {
            result.error.as_ref().is_none_or(|error| {
                !matches!(
                    error.code,
                    Code::ImageNotFound
                        | Code::ImagePlatform
                        | Code::VersionMismatch
                        | Code::VersionUnknown
                        | Code::RegistryDenied
                        | Code::RegistryFailed
                        | Code::RegistryUnreachable
                )
            })
        });
        hold(looked_up || first == Duration::MAX, || "4: a send after a failed look-up".into())
    }

    /// 4 and 6: nothing is sent after a cancel, and what was sent gets three seconds.
    fn cancel(&self) -> Verdict {
        let Some(cancelled) = self.cancelled else { return Ok(()) };
        hold(self.state.sent.iter().all(|sent| sent.at <= cancelled), || {
            "4: a send after the cancel".into()
        })?;
        hold(self.over <= cancelled + Duration::from_secs(3), || {
            format!("6: the run went on for {:?} after the cancel", self.over.saturating_sub(cancelled))
        })
    }

    /// 1, 2, 3 and 8, of one release.
    fn truth(&self, index: usize, report: &ReleaseReport) -> Verdict {
        let (applied, exit, change) = (self.applied(index), report.exit_code, report.change);
        hold(exit != 1, || format!("8: {:?}", report.error))?;
        hold((exit == 0) == report.error.is_none(), || {
            format!("8: exit code {exit} and {:?}", report.error)
        })?;
        if exit == 0 && report.status != Status::Skipped {
            hold(report.status == Status::Deployed, || format!("8: {:?} with exit code 0", report.status))?;
            hold(applied, || "1: exit code 0, and nothing was applied".into())?;
            hold(change == Change::Confirmed, || format!("3: exit code 0 with change {}", change.as_str()))?;
        }
        if matches!(exit, 2..=4) || report.status == Status::Skipped {
            hold(!applied, || format!("2: exit code {exit}, and it was applied"))?;
            hold(change == Change::None, || format!("2: exit code {exit} with change {}", change.as_str()))?;
        }
        match change {
            Change::Confirmed => hold(applied, || "3: change confirmed, and nothing was applied".into()),
            Change::None => hold(!applied, || "3: change none, and it was applied".into()),
            Change::Unknown => Ok(()),
        }
    }

    /// 4: the table's rows, and what follows each.
    fn sends(
        &self,
        index: usize,
        report: &ReleaseReport,
        changes: &[&Sent],
        tolds: &[Told],
        tally: &mut Tally,
    ) -> Verdict {
        let attempts = usize::try_from(report.attempts).unwrap();
        hold(attempts == changes.len(), || format!("8: {attempts} attempts, {} sends", changes.len()))?;
        let Some(first) = changes.first() else { return Ok(()) };
        let mut count = |row: u8| *tally.rows.entry(row).or_default() += 1;
        let reads: Vec<&Sent> = self.of(Class::Read, index).collect();
        let early = reads.iter().filter(|read| ended_at(read) <= first.at);
        let before = early.filter_map(|read| updated_at(read)).next_back();
        let (mut open, mut blind) = (false, false);
        for (place, (sent, told)) in changes.iter().zip(tolds).enumerate() {
            if let Told::Row(row) = told {
                count(*row);
            }
            open |= is_open(*told);
            let from = ended_at(sent);
            let until = changes.get(place + 1).map_or(self.over, |next| next.at);
            let mut between = reads.iter().filter(|read| read.at >= from && read.at <= until);
            let looked = between.clone().count() > 0;
            let shown =
                between.clone().filter_map(|read| updated_at(read)).map(|(_, shown)| shown).next_back();
            let moved = between.any(|read| {
                updated_at(read).is_some_and(|(_, now)| before.as_ref().is_some_and(|(_, then)| *then != now))
            });
            if changes.get(place + 1).is_none() {
                if open && moved && *told != Told::Yes {
                    count(19);
                }
                continue;
            }
            hold(!moved, || "4: sent again over a change that a read had shown".into())?;
            let other = sent.field != changes[place + 1].field;
            let falls_back = other && *told == Told::Row(14) && sent.field == "upsertDeployment";
            hold(!other || falls_back, || "4: the other mutation was sent without need".into())?;
            hold(falls_back || !stops(*told, sent), || format!("4: sent again after {told:?}"))?;
            if open {
                hold(before.is_none() || looked, || {
                    "4: sent again without a look, which was possible".into()
                })?;
                let unmoved = before.is_some() && shown.is_some();
                count(if unmoved { 18 } else { 20 });
                blind |= !unmoved;
            }
        }
        let words = format!("{} was sent again although", report.release);
        let warned = self.ended.report.warnings.iter().any(|warning| warning.message.starts_with(&words));
        hold(warned == blind, || format!("8: sent again blindly: {blind}, and the warning: {warned}"))?;
        let earlier = tolds.iter().rev().skip(1).any(|told| is_open(*told));
        if let (Some(Told::Row(1..=5 | 9..=11 | 13..=15)), true) = (tolds.last(), earlier) {
            count(21);
        }
        Ok(())
    }

    /// The table's column "ends at last as".
    fn ending(report: &ReleaseReport, changes: &[&Sent], tolds: &[Told]) -> Verdict {
        let Some(last) = tolds.last() else { return Ok(()) };
        let code = report.error.as_ref().map(|error| error.code);
        let ends = |codes: &[Code]| {
            hold(code.is_some_and(|code| codes.contains(&code)), || {
                format!("8: ends as {code:?}, not as {codes:?}")
            })
        };
        let open = tolds.iter().any(|told| is_open(*told));
        let cancelled = code == Some(Code::Cancelled);
        match last {
            // A read afterwards may show another version, and what is known is then nothing.
            Told::Yes if code == Some(Code::OutcomeUnknown) => Ok(()),
            Told::Yes => {
                hold(report.change == Change::Confirmed, || "3: Houston's yes is not confirmed".into())
            }
            _ if cancelled && open => {
                hold(report.change == Change::Unknown, || "3: cancelled, open, and not unknown".into())
            }
            _ if cancelled => hold(report.change == Change::None, || "3: cancelled before it left".into()),
            Told::Cancelled(_) => ends(&[Code::Cancelled]),
            _ if open => ends(&[Code::OutcomeUnknown]),
            Told::Row(1..=3 | 5) => ends(&[Code::HoustonUnreachable]),
            Told::Row(4) => ends(&[Code::TlsUntrusted]),
            Told::Row(9) => ends(&[Code::NotHouston]),
            Told::Row(10) => ends(&[Code::PermissionDenied]),
            Told::Row(11) => ends(&[Code::HoustonRefused]),
            Told::Row(13) => ends(&[Code::RateLimited]),
            Told::Row(14) if changes.last().is_some_and(|sent| sent.field == "upsertDeployment") => {
                // The other mutation was not sent any more: its time was over.
                ends(&[Code::ApiMismatch, Code::HoustonUnreachable])
            }
            Told::Row(14) => ends(&[Code::ApiMismatch, Code::EndpointDisabled]),
            Told::Row(15) => ends(&[Code::PermissionDenied, Code::HoustonRefused, Code::DeploymentNotFound]),
            Told::Row(_) => ends(&[Code::OutcomeUnknown]),
        }
    }

    /// 1, of what was watched.
    fn proven(&self, index: usize, report: &ReleaseReport, changes: &[&Sent]) -> Verdict {
        let setting = self.world.setting;
        let airflow = &self.state.airflows[index];
        let looks: Vec<&Sent> = self.of(Class::Airflow, index).collect();
        hold(setting.watches() || looks.is_empty(), || "1: looked, and was not to".into())?;
        let Some(first) = changes.first() else { return Ok(()) };
        // M is noted before the first send, and no longer ago than from one look to the next.
        let before = looks.iter().filter(|look| look.at < first.at).map(|look| ended_at(look)).max();
        hold(before.is_none_or(|before| before + setting.poll_interval >= first.at), || {
            format!("1: M was noted at {before:?}, and the change was sent at {:?}", first.at)
        })?;
        if report.exit_code != 0 || !setting.watches() || report.status == Status::Skipped {
            return Ok(());
        }
        let warned = self.ended.report.warnings.iter().any(|warning| warning.code == Code::WaitImpossible);
        hold(report.verified || warned, || "1: green, not verified, and no warning says so".into())?;
        hold(report.verified || setting.wait != "require" || setting.unchanged_ok, || {
            "1: green, not verified, and that was required".into()
        })?;
        if report.proof < Some(Proof::Healthy) {
            return hold(!report.verified, || "1: verified without a look".into());
        }
        // One unbroken window of good looks.
        let health: Vec<&&Sent> = looks.iter().filter(|look| asks_for_health(look)).collect();
        let Some(last) = health.iter().rev().find(|look| is_good(look)) else {
            return Err("1: healthy without a good look".into());
        };
        // Where the paths of one line are gone, those of the other are asked in the same look.
        let counts = |place: &usize| {
            let next = health.get(place + 1).filter(|next| next.request.url != health[*place].request.url);
            is_good(health[*place]) || next.is_none()
        };
        let unbroken = (0..health.len()).rev().filter(counts).map(|place| health[place]);
        let unbroken: Vec<_> =
            unbroken.skip_while(|look| !is_good(look)).take_while(|look| is_good(look)).collect();
        hold(unbroken.len() >= 3, || "1: healthy after fewer than three looks".into())?;
        // The window runs from the end of one look to the end of another.
        let whole = |look: &Sent| {
            let next = health.iter().map(|other| other.at).filter(|at| *at >= ended_at(look)).min();
            let parts =
                looks.iter().filter(|part| part.at >= look.at && next.is_none_or(|next| part.at < next));
            parts.map(|part| ended_at(part)).max().unwrap_or_default()
        };
        let since = unbroken.last().map_or(Duration::MAX, |look| whole(look));
        hold(whole(last).saturating_sub(since) >= setting.stable_for, || {
            "1: healthy over a broken window".into()
        })?;
        let now = clock(last.served.unwrap());
        hold(!airflow.is_sick(now), || "1: healthy, and its database is not".into())?;
        if report.proof == Some(Proof::Healthy) {
            return hold(!report.verified || airflow.version(now) == setting.image.1, || {
                format!("1: verified, and Airflow {} answers", airflow.version(now))
            });
        }
        let Some(rows) = looks.iter().rev().find(|look| asks_for_schedulers(look) && is_good(look)) else {
            return Err("1: restarted without rows".into());
        };
        let now = clock(rows.served.unwrap());
        // What starts between the look that noted M and the send cannot be told from what follows.
        let noted = looks.iter().rfind(|look| look.at < first.at && asks_for_schedulers(look));
        let since = clock(noted.and_then(|look| look.served).unwrap_or(first.at));
        let lived = |process: &&Process| process.end.is_none_or(|end| end + airflow.patience() > now);
        let mut begun = airflow.processes.iter().filter(|process| process.part == 0 && process.start <= now);
        hold(begun.any(|process| lived(&process)), || "1: restarted, and no scheduler lives".into())?;
        let old = airflow.schedulers(now).find(|process| {
            let begun = if airflow.ordinal() { process.start } else { process.pod };
            begun <= since
        });
        hold(old.is_none(), || {
            format!("1: restarted, and a scheduler from before the change lives: {old:?}, sent at {since}")
        })
    }

    /// 6, of one release: its time runs from its own first request.
    fn time(&self, index: usize, report: &ReleaseReport) -> Verdict {
        let setting = self.world.setting;
        let most = setting.timeout + setting.request_timeout;
        let took = Duration::from_millis(report.milliseconds);
        hold(took <= most, || format!("6: {} took {took:?}, {most:?} at most", report.release))?;
        let own = || {
            let classes = [Class::Read, Class::ReadAgain, Class::Change, Class::Airflow];
            classes.into_iter().flat_map(|class| self.of(class, index))
        };
        let Some(first) = own().map(|sent| sent.at).min() else { return Ok(()) };
        let last = own().map(ended_at).max().unwrap_or_default();
        let took = last.saturating_sub(first);
        hold(took <= most, || {
            format!("6: the requests of {} took {:?}, {most:?} at most", report.release, took)
        })
    }

    /// 9: a good deploy whose troubles all pass ends 0.
    fn liveness(&self, tally: &mut Tally) -> Verdict {
        let setting = self.world.setting;
        if !setting.mild || !self.is_good_deploy() {
            return Ok(());
        }
        tally.had_to_be_green += 1;
        hold(self.ended.exit_code == 0, || {
            let errors = self.ended.report.results.iter().filter_map(|result| result.error.as_ref());
            let errors: Vec<_> = errors.map(|error| error.message.as_str()).collect();
            format!("9: a good deploy ended {}: {errors:?}", self.ended.exit_code)
        })
    }

    fn is_good_deploy(&self) -> bool {
        let setting = self.world.setting;
        // A platform that keeps its version to itself and has no `updateDeploymentImage` cannot be deployed to.
        let known = setting.platform_told || setting.version == crate::setting::Version::Shown;
        let speaks = known || numbers(setting.platform).0 < (2, 1, 0);
        // Where no roll can be seen, a proof that is required is rightly missed.
        let shows = setting.airflows.iter().all(|airflow| {
            airflow.sight != Sight::HealthAlone
                && !airflow.ordinal.iter().any(|ordinal| *ordinal)
                && airflow.before.1.as_bytes()[0] == setting.image.1.as_bytes()[0]
        });
        let rolls = setting.airflows.iter().all(|airflow| !airflow.unchanged);
        let provable = setting.wait != "require" || (shows && rolls) || setting.unchanged_ok;
        let looked_up =
            setting.door != crate::setting::Door::Basic || setting.credentials || setting.preflight == "off";
        let passing =
            self.faults.iter().all(|fault| matches!(fault, Fault::Request(..) | Fault::ClockJump { .. }));
        // A send that may have arrived is no ground to try the other mutation.
        let changes =
            |fault: &Fault| matches!(fault, Fault::Request(target, _) if target.class == Class::Change);
        let falls_back = setting.may_upsert() && !setting.has_upsert;
        let certain = !falls_back || !self.faults.iter().any(changes);
        speaks && provable && looked_up && passing && certain
    }
}
