//! What an Airflow was before the change, as far as it is later set against what it then is. It notes; what follows from
//! the notes is decided in `proof.rs`.

use super::{Line, Look, Part, Row, Seen};
use crate::text::cut;

/// The parts, in the order of a look's rows.
pub(super) const PARTS: [Part; 3] = [Part::Scheduler, Part::Triggerer, Part::DagProcessor];

/// An Airflow before the change.
#[derive(Debug, Clone, Default)]
pub struct Before {
    pub(super) line: Option<Line>,
    pub(super) version: Option<String>,
    pub(super) marks: [Option<Mark>; 3],
    /// Whether it was kept from us.
    pub(super) kept: bool,
}

/// What there was of a part before the change.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    /// The highest id.
    pub(super) highest: u64,
    /// The processes, with their heartbeats.
    pub(super) beats: Vec<(u64, String)>,
    /// The pods in which it ran or runs.
    pub(super) hosts: Vec<String>,
    /// Whether it has to be new after the change.
    pub(super) ran: bool,
    /// Whether a new pod can be told from an old one by its name.
    pub(super) decides: bool,
}

#[cfg(feature = "mutants")]
impl Mark {
    /// The mark with the fault that is planted in it, if one is.
    pub(super) fn planted(&self) -> Self {
        use crate::mutant::{Mutant, is};
        let mut mark = self.clone();
        if is(Mutant::MarkTooLow) {
            mark.highest = mark.highest.saturating_sub(1);
        }
        if is(Mutant::MarkTooHigh) {
            mark.highest += 1;
        }
        if is(Mutant::HostsSkipped) {
            mark.hosts.clear();
        }
        mark
    }
}

impl Before {
    /// What a look before the change showed.
    #[must_use]
    pub fn of(look: &Look) -> Self {
        let others = look.health.here().map(|health| health.others).unwrap_or_default();
        let mark = |rows: &Option<Vec<Row>>, ran: bool| {
            let mut mark = Mark { decides: true, ..Mark::default() };
            for (index, row) in rows.as_ref()?.iter().enumerate() {
                mark.highest = mark.highest.max(row.id);
                mark.beats.push((row.id, row.heartbeat.clone()));
                // One that has just crashed may be back in its pod by the next look.
                mark.hosts.push(row.host.clone());
                mark.ran |= ran && row.running;
                if row.running || index == 0 {
                    mark.decides &= !row.host.is_empty() && !is_ordinal(&row.host);
                }
            }
            Some(mark)
        };
        let [schedulers, triggerers, processors] = &look.rows;
        let [triggerer, processor] = others;
        let mut scheduler = mark(schedulers, true);
        if let Some(scheduler) = &mut scheduler {
            scheduler.ran = true;
        }
        Self {
            line: Some(look.line),
            version: look.version.clone(),
            marks: [scheduler, mark(triggerers, triggerer), mark(processors, processor)],
            kept: matches!(look.health, Seen::Denied(_)),
        }
    }

    /// The Airflow version before the change.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Which paths were answered.
    #[must_use]
    pub fn line(&self) -> Option<Line> {
        self.line
    }

    /// The parts that have to be new, beside the scheduler.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        let [_, triggerer, processor] = &self.marks;
        for (part, mark) in [(Part::Triggerer, triggerer), (Part::DagProcessor, processor)] {
            if mark.as_ref().is_some_and(|mark| mark.ran) {
                parts.push(part);
            }
        }
        parts
    }

    /// Whether a roll-out can be seen: the schedulers were read, and some part's pods can be told apart.
    pub(super) fn shows_rolls(&self) -> bool {
        let [scheduler, ..] = &self.marks;
        let mut marks = self.marks.iter().flatten().filter(|mark| mark.ran);
        scheduler.is_some() && marks.any(|mark| mark.decides)
    }
}

/// A pod of a set with fixed names keeps its name when it is replaced. (The random part of any other name is longer.) Where
/// the set has a service of its own, Airflow takes the pod's whole name, of which the pod's own is the first part.
fn is_ordinal(host: &str) -> bool {
    let pod = cut(host, ".").map_or(host, |(pod, _)| pod);
    let last = pod.bytes().rev().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&last) && pod.bytes().rev().nth(last) == Some(b'-')
}
