//! What a row of looks proves: the rules of `docs/outcomes.md`, part 2. Pure: it is told what each look brought and
//! when, and says what is proven or what is still waited for. Times are compared with earlier ones of the same field
//! alone.

use std::time::Duration;

use super::before::{Mark, PARTS};
use super::{Before, Health, Line, Look, Part, Row, Rows, Seen, plain_version};
use crate::duration::shown;
use crate::inputs::Watching;
use crate::report::Proof;
use crate::text::{decimal, filled};

/// How many looks in a row may fail.
const TOLERATED: u32 = 10;

/// How many rows one look reads of each part.
const PAGE: usize = 100;

/// Where the watch stands after a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It goes on, waiting for this.
    Waiting(String),
    /// So much is proven, and whether it is proof that the image runs.
    Proven(Proof, bool),
    /// It cannot be watched from here, for this reason.
    Impossible(String),
}

/// A process that is new: id, heartbeat at first, whether that has changed since.
type New = (u64, String, bool);

/// A span of looks that were all good.
#[derive(Debug, Clone)]
struct Window {
    since: Duration,
    /// How often the heartbeat changed: twice takes three looks.
    beats: u32,
    heartbeat: String,
    /// The new processes.
    new: Vec<New>,
}

impl Window {
    fn is_done(&self, now: Duration, stable_for: Duration) -> bool {
        now.saturating_sub(self.since) >= stable_for
            && self.beats >= 2
            && self.new.iter().all(|(.., beaten)| *beaten)
    }

    /// Adds one more good look to a window, or begins a new one where that shows other processes.
    fn extend(window: &mut Option<Self>, now: Duration, heartbeat: &str, new: Vec<New>) {
        let is_same = |known: &[New]| {
            let mut both = known.iter().zip(&new);
            known.len() == new.len() && both.all(|(known, new)| known.0 == new.0)
        };
        match window {
            Some(window) if is_same(&window.new) => {
                if window.heartbeat != heartbeat {
                    window.heartbeat = heartbeat.into();
                    window.beats += 1;
                }
                for ((.., first, beaten), (.., beat, _)) in window.new.iter_mut().zip(&new) {
                    *beaten |= first != beat;
                }
            }
            _ => *window = Some(Self { since: now, beats: 0, heartbeat: heartbeat.to_owned(), new }),
        }
    }
}

/// The watch over one Deployment.
#[derive(Debug)]
pub struct Proving {
    before: Before,
    expected: Option<String>,
    watching: Watching,
    failed: u32,
    /// Unbroken health.
    healthy: Option<Window>,
    /// Unbroken health with new schedulers.
    renewed: Option<Window>,
    /// The processes from before the change: id, last heartbeat, when that changed last. All parts' ids are of one row.
    old: Vec<(u64, String, Option<Duration>)>,
    /// Whether a process was seen that is new.
    saw_new: bool,
    /// Whether the last look read every part's rows.
    rows_read: bool,
    /// Which paths were answered last.
    line: Option<Line>,
    state: String,
    unhealthy: bool,
}

impl Proving {
    /// Nothing seen yet. `expected` is the Airflow version that is to come up, where it is known.
    #[must_use]
    pub fn new(before: Option<Before>, expected: Option<&str>, watching: Watching) -> Self {
        let before = before.unwrap_or_default();
        let mut old = Vec::new();
        for mark in before.marks.iter().flatten() {
            for (id, beat) in &mark.beats {
                old.push((*id, beat.clone(), None));
            }
        }
        Self {
            before,
            expected: expected.map(|version| plain_version(version).to_owned()),
            watching,
            failed: 0,
            healthy: None,
            renewed: None,
            old,
            saw_new: false,
            rows_read: false,
            line: None,
            state: "not looked at yet".into(),
            unhealthy: false,
        }
    }

    /// The last state, in words.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether the last state was a bad one, rather than one on the way.
    #[must_use]
    pub fn is_unhealthy(&self) -> bool {
        self.unhealthy
    }

    /// Whether all was well but that no scheduler was restarted, although that could have been seen.
    #[must_use]
    pub fn nothing_restarted(&self) -> bool {
        self.rows_read && !self.saw_new && self.healthy.is_some()
    }

    /// Whether all that is waited for are other processes, which the rows alone show: the last whole look found all
    /// well but them.
    #[must_use]
    pub fn waits_for_rows(&self) -> bool {
        self.rows_read && self.healthy.is_some() && self.renewed.is_none() && !self.watching.unchanged_ok
    }

    /// Takes in the rows of a look at nothing else. What is still waited for, if they can tell; otherwise only a whole
    /// look tells more.
    pub fn observe_rows(&mut self, rows: &Rows, now: Duration) -> Option<String> {
        let waiting = self.new_processes(rows, self.line?, now)?.err();
        let waiting = waiting.filter(|_| self.rows_read)?;
        self.state = waiting.as_str().into();
        Some(waiting)
    }

    /// Takes one look in.
    pub fn observe(&mut self, look: &Look, now: Duration) -> Progress {
        let progress = self.judge(look, now);
        if let Progress::Waiting(state) | Progress::Impossible(state) = &progress {
            self.state = state.as_str().into();
        }
        progress
    }

    fn judge(&mut self, look: &Look, now: Duration) -> Progress {
        self.rows_read = false;
        // Another Airflow answers than before: nothing of what the other one showed holds for it.
        if self.line.replace(look.line).is_some_and(|line| line != look.line) {
            self.start_over(false);
        }
        let health = match &look.health {
            Seen::Here(health) => health,
            Seen::NotYet(why) => {
                self.start_over(false);
                return Progress::Waiting(filled("Airflow does not answer yet: {}", &[why]));
            }
            Seen::Denied(why) | Seen::Failed(why) => {
                self.start_over(false);
                self.failed += 1;
                // What was kept from us before the change as well will not open now.
                let tolerated = if self.before.kept { 1 } else { TOLERATED };
                let why = filled("Airflow cannot be looked at: {}", &[why]);
                return if self.failed > tolerated {
                    Progress::Impossible(why)
                } else {
                    Progress::Waiting(why)
                };
            }
        };
        self.failed = 0;
        let new = self.new_processes(&look.rows, look.line, now);
        let heartbeat = match self.well(health, look.version.as_deref()) {
            Ok(heartbeat) => heartbeat,
            Err(state) => {
                self.start_over(!health.database || !health.scheduler);
                return Progress::Waiting(state);
            }
        };
        self.unhealthy = false;
        Window::extend(&mut self.healthy, now, heartbeat, Vec::new());
        let stable_for = self.watching.stable_for;
        let is_done =
            |window: &Option<Window>| window.as_ref().is_some_and(|window| window.is_done(now, stable_for));
        let healthy = is_done(&self.healthy);
        match new {
            // The roll-out cannot be seen.
            None if healthy => {
                let changed = self.before.version.is_some()
                    && self.expected.is_some()
                    && self.before.version != self.expected;
                Progress::Proven(Proof::Healthy, changed)
            }
            None => self.healthy_so_far(now, false),
            Some(Ok(new)) => {
                Window::extend(&mut self.renewed, now, heartbeat, new);
                if is_done(&self.renewed) {
                    Progress::Proven(Proof::Restarted, true)
                } else {
                    self.healthy_so_far(now, true)
                }
            }
            Some(Err(state)) => {
                self.renewed = None;
                if healthy && self.watching.unchanged_ok && !self.saw_new {
                    Progress::Proven(Proof::Healthy, false)
                } else {
                    Progress::Waiting(state)
                }
            }
        }
    }

    fn start_over(&mut self, unhealthy: bool) {
        self.healthy = None;
        self.renewed = None;
        self.unhealthy = unhealthy;
    }

    fn healthy_so_far(&self, now: Duration, renewed: bool) -> Progress {
        let window = if renewed { &self.renewed } else { &self.healthy };
        let since = window.as_ref().map_or(now, |window| window.since);
        let what = if renewed { "new and healthy for " } else { "healthy for " };
        // Whole seconds, so that it reads calmly.
        let so_far = Duration::from_secs(now.saturating_sub(since).as_secs());
        Progress::Waiting(filled("{}{} of {}", &[what, &shown(so_far), &shown(self.watching.stable_for)]))
    }

    /// The heartbeat of an Airflow that is well, or words for what is not.
    fn well<'a>(&self, health: &'a Health, version: Option<&str>) -> Result<&'a str, String> {
        if !health.database {
            return Err("Airflow's database is not healthy".into());
        }
        if !health.scheduler {
            return Err("the scheduler is not healthy".into());
        }
        if let Some(expected) = self.expected.as_deref()
            && version != Some(expected)
        {
            let here = version.unwrap_or("no version");
            return Err(filled("waiting for Airflow {}: {} still answers", &[expected, here]));
        }
        health.heartbeat.as_deref().ok_or_else(|| "the scheduler has no heartbeat yet".into())
    }

    /// The processes that are new, or words for why there are none yet; nothing where that cannot be seen.
    fn new_processes(&mut self, rows: &Rows, line: Line, now: Duration) -> Option<Result<Vec<New>, String>> {
        if !self.before.shows_rolls() || self.before.line != Some(line) {
            return None;
        }
        let marks = std::mem::take(&mut self.before.marks);
        let mut new = Vec::new();
        let mut why = None;
        self.rows_read = true;
        for ((part, mark), rows) in PARTS.iter().zip(&marks).zip(rows) {
            let Some(mark) = mark.as_ref().filter(|mark| mark.ran) else { continue };
            if let Err(words) = self.new_of(*part, mark, rows.as_deref(), line, now, &mut new) {
                why.get_or_insert(words);
            }
        }
        self.before.marks = marks;
        Some(why.map_or(Ok(new), Err))
    }

    /// Adds the new processes of one part, or has words for why there are none yet.
    fn new_of(
        &mut self,
        part: Part,
        mark: &Mark,
        rows: Option<&[Row]>,
        line: Line,
        now: Duration,
        new: &mut Vec<New>,
    ) -> Result<(), String> {
        #[cfg(feature = "mutants")]
        let mark = &mark.planted();
        let name = match part {
            Part::Scheduler => "scheduler",
            Part::Triggerer => "triggerer",
            Part::DagProcessor => "dag processor",
        };
        let Some(rows) = rows else {
            self.rows_read = false;
            return Err(filled("the rows of each {} cannot be read", &[name]));
        };
        let is_known = |row: &&Row| mark.decides && mark.hosts.contains(&row.host);
        let mut above = Vec::new();
        for row in rows {
            if row.running && row.id > mark.highest {
                above.push(row);
            }
        }
        self.saw_new |= !above.is_empty();
        if line == Line::Two {
            // The audit log tells of starts alone: the last one in a pod that was not there before.
            let last = above.iter().find(|row| !row.host.is_empty() && !is_known(row));
            let Some(last) = last else { return Err(filled("no {} has been restarted yet", &[name])) };
            new.push((last.id, String::new(), true));
            return Ok(());
        }
        let old = self.old_of(mark, rows, now);
        let total = old + above.len();
        if above.is_empty() {
            return Err(filled("no {} has been restarted yet", &[name]));
        }
        if old > 0 {
            let (old, total) = (decimal(old), decimal(total));
            return Err(filled("{} of {} {}s are from before the change", &[&old, &total, name]));
        }
        if above.iter().any(is_known) {
            return Err(filled("the {} was started again in the pod from before the change", &[name]));
        }
        // Older rows than these are not read: whether one of them still lives could not be seen.
        if rows.len() >= PAGE && rows.iter().all(|row| row.id > mark.highest) {
            return Err(filled("each {} starts again and again", &[name]));
        }
        for row in above {
            new.push((row.id, row.heartbeat.clone(), false));
        }
        Ok(())
    }

    /// How many processes from before the change still live: their heartbeat has changed of late.
    fn old_of(&mut self, mark: &Mark, rows: &[Row], now: Duration) -> usize {
        let Watching { poll_interval, stable_for, .. } = self.watching;
        let recently =
            poll_interval.saturating_add(poll_interval).max(stable_for.min(Duration::from_secs(10)));
        let mut living = 0;
        for row in rows.iter().filter(|row| row.id <= mark.highest) {
            let known = self.old.iter_mut().find(|(id, ..)| *id == row.id);
            let Some((.., beat, changed)) = known else {
                self.old.push((row.id, row.heartbeat.clone(), None));
                continue;
            };
            if *beat != row.heartbeat {
                *beat = row.heartbeat.as_str().into();
                *changed = Some(now);
            }
            living += usize::from(changed.is_some_and(|at| now.saturating_sub(at) < recently));
        }
        living
    }
}
