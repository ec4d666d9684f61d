//! `restarted` for Airflow 3: healthy, and the schedulers are new by their rows among the jobs.

use std::time::Duration;

use houston_deploy::airflow::{Before, Look, Part, Proving, Row};
use houston_deploy::inputs::{Mode, Watching};
use houston_deploy::report::Proof::{Healthy, Restarted};

use super::model::{NEVER, NEW, OLD, Process, new, old, rows, well};
use super::{End, ailing, since, waits};

const THIRD: &str = "dev-scheduler-5c4b7f9d8e-ccccc";
const NONE_YET: &str = "no scheduler has been restarted yet";

/// What this scene ends with, where it starts with these schedulers.
#[track_caller]
fn ends(schedulers: &[Process]) -> End {
    since(&well(0, schedulers)).sees(|second| well(second, schedulers))
}

/// A look with triggerers as well, of which the health says that they are well.
fn with_triggerers(look: Look, triggerers: &[Process], second: i64) -> Look {
    let look = ailing(look, |health| health.others = [true, false]);
    let [schedulers, _, processors] = look.rows;
    Look { rows: [schedulers, Some(rows(triggerers, second)), processors], ..look }
}

#[test]
fn new_schedulers_and_no_old_one_are_a_restart() {
    // The old one is seen to beat at 26 for the last time, and counts as gone ten seconds later.
    assert_eq!(ends(&[old(7, OLD).ends(25), new(8, NEW, 10)]), End::Proven(Restarted, true, 96));
}

#[test]
fn none_before_is_one_with_the_number_0() {
    let before = well(0, &[]);
    let scene = |second| well(second, &[new(1, NEW, 10)]);
    assert_eq!(since(&before).sees(scene), End::Proven(Restarted, true, 71));
}

#[test]
fn only_what_is_above_the_highest_id_is_new() {
    // The row with the highest id is known from before, whether or not it ran then.
    let before = well(0, &[old(7, OLD), old(8, NEW).ends(-60)]);
    let revived = Row { id: 8, running: true, heartbeat: String::new(), host: THIRD.into() };
    let scene = |second: i64| {
        let mut look = well(second, &[old(7, OLD).ends(10)]);
        let beat = Row { heartbeat: second.to_string(), ..revived.clone() };
        look.rows = [
            look.rows[0].take().map(|mut rows| {
                rows.insert(0, beat);
                rows
            }),
            None,
            None,
        ];
        look
    };
    assert_eq!(since(&before).sees(scene), End::Unchanged);
    // One more is new.
    let scene = |second| well(second, &[old(7, OLD).ends(10), old(8, NEW).ends(-60), new(9, THIRD, 10)]);
    assert_eq!(since(&before).sees(scene), End::Proven(Restarted, true, 81));
}

#[test]
fn two_schedulers_of_which_one_is_old() {
    let schedulers = [old(6, OLD), old(7, THIRD).ends(25), new(8, NEW, 10)];
    let state = "1 of 2 schedulers are from before the change";
    assert_eq!(ends(&schedulers), End::Timeout(state.into()));
    let mut proving = since(&well(0, &schedulers)).proving();
    assert_eq!(waits(&mut proving, &well(1, &schedulers), 1), NONE_YET);
    assert_eq!(
        waits(&mut proving, &well(11, &schedulers), 11),
        "2 of 3 schedulers are from before the change",
        "a row from before counts while its heartbeat changes"
    );
    // Once that one is gone as well, the window begins.
    assert_eq!(
        ends(&[old(6, OLD).ends(200), schedulers[1], schedulers[2]]),
        End::Proven(Restarted, true, 271)
    );
}

#[test]
fn between_two_beats_an_old_one_is_still_there_however_often_it_is_looked_at() {
    let schedulers = [old(7, OLD), new(8, NEW, 3)];
    let watching = Watching {
        mode: Mode::Auto,
        poll_interval: Duration::from_secs(1),
        stable_for: Duration::from_mins(1),
        unchanged_ok: false,
    };
    let mut proving = Proving::new(Some(Before::of(&well(0, &schedulers))), None, watching);
    for second in 1..5 {
        waits(&mut proving, &well(second, &schedulers), second);
    }
    for second in 5..30 {
        let state = waits(&mut proving, &well(second, &schedulers), second);
        assert_eq!(state, "1 of 2 schedulers are from before the change", "{second}");
    }
}

/// What is waited for in these seconds, where the old one's heartbeat changes this often until it is gone.
fn states(
    poll: u64,
    stable_for: u64,
    beats: i64,
    gone: i64,
    seconds: impl Iterator<Item = i64>,
) -> Vec<String> {
    let scene = |second: i64| {
        let mut look = well(second, &[old(7, OLD), new(8, NEW, 3)]);
        for row in look.rows.iter_mut().flatten().flatten().filter(|row| row.id == 7) {
            row.heartbeat = (second.min(gone) / beats).to_string();
        }
        look
    };
    let watching = Watching {
        mode: Mode::Auto,
        poll_interval: Duration::from_secs(poll),
        stable_for: Duration::from_secs(stable_for),
        unchanged_ok: false,
    };
    let mut proving = Proving::new(Some(Before::of(&scene(0))), None, watching);
    seconds.map(|second| waits(&mut proving, &scene(second), second)).collect()
}

#[test]
fn how_long_an_old_one_counts_after_its_last_beat() {
    let both = "1 of 2 schedulers are from before the change";
    // Two looks, since one may fall between two beats.
    let looks = states(20, 60, 30, NEVER, (40..600).step_by(20));
    assert!(looks.iter().all(|state| state == both), "{looks:?}");
    // No longer than it has to be well, where that is short.
    assert_eq!(states(1, 3, 1, 10, 9..14), [both, both, both, both, "new and healthy for 0 ms of 3 s"]);
    assert_eq!(states(1, 60, 1, 10, 9..21)[10..], [both, "new and healthy for 0 ms of 1 min"]);
}

#[test]
fn an_old_row_that_still_beats_counts_whatever_its_state_says() {
    let scene = |second| {
        let mut look = well(second, &[old(7, OLD), new(8, NEW, 10)]);
        for row in look.rows.iter_mut().flatten().flatten().filter(|row| row.id == 7) {
            row.running = false;
        }
        look
    };
    let state = "1 of 2 schedulers are from before the change";
    assert_eq!(since(&well(0, &[old(7, OLD)])).sees(scene), End::Timeout(state.into()));
}

#[test]
fn an_old_row_that_beats_once_more_inside_the_window_breaks_it() {
    let scene = |beats_at: i64| {
        move |second: i64| {
            let mut look = well(second, &[old(7, OLD).ends(10), new(8, NEW, 5)]);
            for row in
                look.rows.iter_mut().flatten().flatten().filter(|row| row.id == 7 && second >= beats_at)
            {
                row.heartbeat = "once more".into();
            }
            look
        }
    };
    let before = since(&well(0, &[old(7, OLD)]));
    assert_eq!(before.sees(scene(NEVER)), End::Proven(Restarted, true, 81));
    assert_eq!(before.sees(scene(70)), End::Proven(Restarted, true, 141));
}

#[test]
fn old_rows_of_the_killed_stand_still_and_count_for_nothing() {
    let dead = old(3, THIRD).is_killed(-600);
    assert_eq!(ends(&[dead, old(7, OLD).is_killed(25), new(8, NEW, 10)]), End::Proven(Restarted, true, 96));
}

#[test]
fn each_new_one_has_to_beat() {
    // A second one, killed as soon as it was there: its row says that it runs, and its heartbeat stands still.
    let state = "new and healthy for 9 min 35 s of 1 min";
    let killed = [old(7, OLD).ends(10), new(8, THIRD, 11).is_killed(12), new(9, NEW, 11)];
    assert_eq!(ends(&killed), End::Timeout(state.into()));
}

#[test]
fn the_new_ones_have_to_be_the_same_all_the_while() {
    let one_more = [old(7, OLD).ends(10), new(8, NEW, 5), new(9, THIRD, 60)];
    assert_eq!(ends(&one_more), End::Proven(Restarted, true, 121));
    let one_less = [old(7, OLD).ends(10), new(8, NEW, 5), new(9, THIRD, 5).ends(60)];
    assert_eq!(ends(&one_less), End::Proven(Restarted, true, 121));
}

#[test]
fn one_that_crashes_again_and_again_is_none() {
    let crashing = |pause: i64| {
        let mut schedulers = vec![old(7, OLD).ends(10)];
        for (id, from) in (8..).zip((12..900).step_by(40)) {
            schedulers.push(new(id, NEW, from).ends(from + 40 - pause));
        }
        ends(&schedulers)
    };
    assert!(matches!(crashing(0), End::Timeout(state) if state.starts_with("new and healthy for ")));
    assert!(matches!(crashing(20), End::Timeout(_)));
    // Rows of the killed go on saying that they run.
    let mut schedulers = vec![old(7, OLD).ends(10)];
    schedulers
        .extend((8..).zip((12..900).step_by(40)).map(|(id, from)| new(id, NEW, from).is_killed(from + 20)));
    assert!(matches!(ends(&schedulers), End::Timeout(_)));
    // So often that not one row of before is on the page any more.
    let mut schedulers = vec![old(7, OLD).ends(10)];
    schedulers.extend((8..130).map(|id| new(id, NEW, 12).ends(13)));
    schedulers.push(new(130, NEW, 14));
    assert_eq!(ends(&schedulers), End::Timeout("each scheduler starts again and again".into()));
}

#[test]
fn beside_the_old_one_that_stays() {
    let mut schedulers = vec![old(7, OLD)];
    schedulers.extend((8..).zip((10..900).step_by(25)).map(|(id, from)| new(id, NEW, from).ends(from + 15)));
    let End::Timeout(state) = ends(&schedulers) else { panic!("no timeout") };
    assert!([NONE_YET, "1 of 2 schedulers are from before the change"].contains(&state.as_str()), "{state}");
}

#[test]
fn a_new_one_in_an_old_pod_is_a_crash_and_no_roll() {
    let state = "the scheduler was started again in the pod from before the change";
    assert_eq!(ends(&[old(7, OLD).ends(10), new(8, OLD, 12)]), End::Timeout(state.into()));
    // One of two is enough.
    let two = [old(6, THIRD).ends(10), old(7, OLD).ends(10), new(8, OLD, 12), new(9, NEW, 12)];
    assert_eq!(ends(&two), End::Timeout(state.into()));
}

#[test]
fn one_that_had_just_crashed_is_still_of_its_pod() {
    let schedulers = [old(7, OLD).ends(-5), new(8, OLD, 12)];
    let state = "the scheduler was started again in the pod from before the change";
    assert_eq!(ends(&schedulers), End::Timeout(state.into()));
}

#[test]
fn more_than_a_hundred_old_rows_are_no_hindrance() {
    let mut schedulers: Vec<Process> = (1..=150).map(|id| old(id, THIRD).ends(-60)).collect();
    schedulers.extend([old(151, OLD).ends(25), new(152, NEW, 10)]);
    assert_eq!(ends(&schedulers), End::Proven(Restarted, true, 96));
    // Nor those that still say that they run, whose hosts are then known.
    let mut schedulers: Vec<Process> = (1..=150).map(|id| old(id, THIRD).is_killed(-60)).collect();
    schedulers.extend([old(151, OLD).ends(25), new(152, NEW, 10)]);
    assert_eq!(ends(&schedulers), End::Proven(Restarted, true, 96));
    // A living one below a hundred rows that ended.
    let mut schedulers = vec![old(5, OLD)];
    schedulers.extend((6..=103).map(|id| old(id, THIRD).ends(-60)));
    schedulers.push(new(104, NEW, 10));
    assert_eq!(ends(&schedulers), End::Timeout("1 of 2 schedulers are from before the change".into()));
}

/// Names of pods that keep them; in a set with a service of its own Airflow takes the pod's whole name.
const ORDINALS: [&str; 4] = [
    "dev-scheduler-0",
    "dev-scheduler-12",
    "dev-scheduler-999",
    "dev-scheduler-0.dev-scheduler.astronomer-dev.svc.cluster.local",
];
const OLD_TRIGGERER: &str = "dev-triggerer-7d9f8c6b5d-ddddd";
const NEW_TRIGGERER: &str = "dev-triggerer-7d9f8c6b5d-eeeee";

#[test]
fn names_that_end_in_an_ordinal_decide_nothing() {
    for name in ORDINALS {
        let rolled = [old(7, name).ends(10), new(8, name, 12)];
        assert_eq!(ends(&rolled), End::Proven(Healthy, false, 61), "{name}");
        // It may have been down at the look before.
        let down = [old(7, name).ends(-5), new(8, name, 12)];
        assert_eq!(ends(&down), End::Proven(Healthy, false, 61), "{name}");
    }
    // A row without a host name neither.
    assert_eq!(ends(&[old(7, "").ends(10), new(8, "", 12)]), End::Proven(Healthy, false, 61));
    // The random end of a name can be made of digits alone.
    let rolled =
        [old(7, "dev-scheduler-7d9f8c6b5d-55555").ends(10), new(8, "dev-scheduler-7d9f8c6b5d-44444", 12)];
    assert_eq!(ends(&rolled), End::Proven(Restarted, true, 81));
}

#[test]
fn then_triggerer_or_dag_processor_decide() {
    let schedulers = [old(7, ORDINALS[0]).ends(10), new(8, ORDINALS[0], 12)];
    let scene = |triggerers: [Process; 2]| {
        let look = move |second| with_triggerers(well(second, &schedulers), &triggerers, second);
        since(&look(0)).sees(look)
    };
    let old_one = old(5, OLD_TRIGGERER);
    assert_eq!(scene([old_one.ends(10), new(9, NEW_TRIGGERER, 12)]), End::Proven(Restarted, true, 81));
    let state = "1 of 2 triggerers are from before the change";
    assert_eq!(scene([old_one, new(9, NEW_TRIGGERER, 12)]), End::Timeout(state.into()));
    let state = "the triggerer was started again in the pod from before the change";
    assert_eq!(scene([old_one.ends(10), new(9, OLD_TRIGGERER, 12)]), End::Timeout(state.into()));
    // Where it has fixed names as well, none of them can tell.
    let fixed = [old(5, "dev-triggerer-0").ends(10), new(9, "dev-triggerer-0", 12)];
    assert_eq!(scene(fixed), End::Proven(Healthy, false, 61));
    // The dag processor does as well as the triggerer.
    let look = |second: i64| {
        let triggered = with_triggerers(
            well(second, &schedulers),
            &[old_one.ends(10), new(9, NEW_TRIGGERER, 12)],
            second,
        );
        let look = ailing(triggered, |health| health.others = [false, true]);
        let [schedulers, triggerers, _] = look.rows;
        Look { rows: [schedulers, None, triggerers], ..look }
    };
    assert_eq!(since(&look(0)).sees(look), End::Proven(Restarted, true, 81));
}

/// Triggerers: one that stays, one that is replaced late, one that ended long ago.
static NEVER_NEW: [Process; 1] =
    [Process { id: 5, host: OLD_TRIGGERER, from: -3600, until: NEVER, killed: false }];
static LATER: [Process; 2] = [
    Process { id: 5, host: OLD_TRIGGERER, from: -3600, until: 100, killed: false },
    Process { id: 9, host: NEW_TRIGGERER, from: 90, until: NEVER, killed: false },
];
static ENDED: [Process; 1] = [Process { id: 5, host: OLD_TRIGGERER, from: -3600, until: -60, killed: false }];

#[test]
fn a_part_that_ran_before_has_to_be_new_as_well() {
    let schedulers = [old(7, OLD).ends(10), new(8, NEW, 12)];
    let scene = |triggerers: &'static [Process]| {
        let look = move |second| with_triggerers(well(second, &schedulers), triggerers, second);
        (Before::of(&look(0)).parts(), since(&look(0)).sees(look))
    };
    let state = "no triggerer has been restarted yet";
    assert_eq!(scene(&NEVER_NEW), (vec![Part::Triggerer], End::Timeout(state.into())));
    assert_eq!(scene(&LATER), (vec![Part::Triggerer], End::Proven(Restarted, true, 171)));
    // One that did not run before is not asked for, whether its rows or the health say so.
    assert_eq!(scene(&ENDED), (vec![], End::Proven(Restarted, true, 81)));
    let look = |second| {
        let look = with_triggerers(well(second, &schedulers), &NEVER_NEW, second);
        ailing(look, |health| health.others = [false, false])
    };
    assert_eq!(Before::of(&look(0)).parts(), []);
    assert_eq!(since(&look(0)).sees(look), End::Proven(Restarted, true, 81));
}

#[test]
fn rows_that_cannot_be_read_for_once_break_the_window() {
    let schedulers = [old(7, OLD).ends(10), new(8, NEW, 12)];
    let scene = |unread: fn(i64) -> bool| {
        since(&well(0, &schedulers)).sees(move |second| {
            let look = well(second, &schedulers);
            if unread(second) { Look { rows: [None, None, None], ..look } } else { look }
        })
    };
    assert_eq!(scene(|second| second == 51), End::Proven(Restarted, true, 116));
    // For good: nobody can say that no scheduler was restarted.
    let state = "the rows of each scheduler cannot be read";
    assert_eq!(scene(|_| true), End::Timeout(state.into()));
}

#[test]
fn a_restart_is_healthy_too() {
    let schedulers = [old(7, OLD).ends(10), new(8, NEW, 12)];
    let broken = |second| {
        let look = well(second, &schedulers);
        if second == 56 { ailing(look, |health| health.scheduler = false) } else { look }
    };
    assert_eq!(since(&well(0, &schedulers)).sees(broken), End::Proven(Restarted, true, 121));
    let ill = |second| ailing(well(second, &schedulers), |health| health.scheduler = false);
    assert_eq!(since(&well(0, &schedulers)).sees(ill), End::Unhealthy("the scheduler is not healthy".into()));
    let version = |second| Look { version: Some("2.9.1".into()), ..well(second, &schedulers) };
    let state = "waiting for Airflow 3.0.0: 2.9.1 still answers";
    assert_eq!(since(&well(0, &schedulers)).expecting("3.0.0").sees(version), End::Timeout(state.into()));
}
