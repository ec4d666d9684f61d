//! The rules of `docs/outcomes.md`, part 2, by the pure parts alone: what an answer is read as, and what a row of looks
//! proves. Each sentence of the rules has a test.

mod healthy;
pub mod model;
mod reading;
mod restarted;
mod restarted_2;
mod rows;
mod unchanged;

use std::time::Duration;

use houston_deploy::airflow::{Before, Line, Look, Progress, Proving, Seen};
use houston_deploy::inputs::{Mode, Watching};
use houston_deploy::report::Proof;

/// The interval between two looks, how long it must stay healthy, and the deadline, in seconds.
const INTERVAL: i64 = 5;
const STABLE_FOR: i64 = 60;
const DEADLINE: i64 = 600;

/// What a watch ended with, and in which second.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Proven(Proof, bool, i64),
    Impossible(String, i64),
    /// At the deadline: no scheduler was restarted.
    Unchanged,
    /// At the deadline: the last state was a bad one.
    Unhealthy(String),
    /// At the deadline: the last state was one on the way.
    Timeout(String),
}

/// A watch over a scene, which is a look for each second.
struct Watch {
    before: Option<Before>,
    expected: Option<&'static str>,
    unchanged_ok: bool,
}

/// A watch that knows what was there before the change.
fn since(before: &Look) -> Watch {
    Watch { before: Some(Before::of(before)), expected: None, unchanged_ok: false }
}

impl Watch {
    fn expecting(self, version: &'static str) -> Self {
        Self { expected: Some(version), ..self }
    }

    fn unchanged_ok(self) -> Self {
        Self { unchanged_ok: true, ..self }
    }

    fn proving(&self) -> Proving {
        let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
        let watching = Watching {
            mode: Mode::Auto,
            poll_interval: seconds(INTERVAL),
            stable_for: seconds(STABLE_FOR),
            unchanged_ok: self.unchanged_ok,
        };
        Proving::new(self.before.clone(), self.expected, watching)
    }

    /// Looks at the scene from second 1 on, until it ends.
    fn sees(&self, scene: impl Fn(i64) -> Look) -> End {
        self.looks(scene, looked)
    }

    /// The same with whole looks alone.
    fn sees_all(&self, scene: impl Fn(i64) -> Look) -> End {
        self.looks(scene, |proving, look, _, second| observe(proving, look, second))
    }

    fn looks(
        &self,
        scene: impl Fn(i64) -> Look,
        looked: impl Fn(&mut Proving, &Look, Option<Line>, i64) -> Progress,
    ) -> End {
        let mut proving = self.proving();
        let (mut second, mut line) = (1, None);
        while second <= DEADLINE {
            let look = scene(second);
            match looked(&mut proving, &look, line.replace(look.line), second) {
                Progress::Proven(proof, verified) => return End::Proven(proof, verified, second),
                Progress::Impossible(why) => return End::Impossible(why, second),
                Progress::Waiting(state) => {
                    assert_eq!(proving.state(), state, "the state is what it waits for");
                }
            }
            second += INTERVAL;
        }
        let state = proving.state().to_owned();
        match (proving.nothing_restarted(), proving.is_unhealthy()) {
            (true, _) => End::Unchanged,
            (false, true) => End::Unhealthy(state),
            (false, false) => End::Timeout(state),
        }
    }
}

/// One look of a watch: at the rows alone, by the paths of the `line` that answered last, as long as they say enough
/// and the deadline is far.
fn looked(proving: &mut Proving, look: &Look, line: Option<Line>, second: i64) -> Progress {
    let at = Duration::from_secs(second.unsigned_abs());
    let rows_do = proving.waits_for_rows() && second < DEADLINE - INTERVAL;
    let rows = if line == Some(look.line) { look.rows.clone() } else { [None, None, None] };
    let still_old = if rows_do { proving.observe_rows(&rows, at) } else { None };
    still_old.map_or_else(|| proving.observe(look, at), Progress::Waiting)
}

fn observe(proving: &mut Proving, look: &Look, second: i64) -> Progress {
    proving.observe(look, Duration::from_secs(second.unsigned_abs()))
}

/// What it waits for after this look.
#[track_caller]
fn waits(proving: &mut Proving, look: &Look, second: i64) -> String {
    match observe(proving, look, second) {
        Progress::Waiting(state) => state,
        other => panic!("it does not wait: {other:?}"),
    }
}

/// A look at an Airflow that is not there yet.
fn not_yet(look: Look) -> Look {
    unseen(look, Seen::NotYet("HTTP 502".into()))
}

/// A look that failed.
fn failed(look: Look) -> Look {
    unseen(look, Seen::Failed("HTTP 500".into()))
}

fn unseen(mut look: Look, health: Seen<houston_deploy::airflow::Health>) -> Look {
    look.health = health;
    look.version = None;
    look.rows = [None, None, None];
    look
}

/// A look at a health that is another in these ways.
fn ailing(mut look: Look, change: impl FnOnce(&mut houston_deploy::airflow::Health)) -> Look {
    if let Seen::Here(health) = &mut look.health {
        change(health);
    }
    look
}
