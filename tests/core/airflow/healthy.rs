//! `healthy`: one unbroken window of at least `stable-for` and three looks, and when that alone is proof.

use std::time::Duration;

use houston_deploy::airflow::{Before, Line, Look, Progress, Proving, Seen};
use houston_deploy::inputs::{Mode, Watching};
use houston_deploy::report::Proof::{Healthy, Restarted};

use super::model::{NEW, OLD, new, old, well, well_2};
use super::{End, Watch, ailing, failed, not_yet, observe, since, waits};

/// An Airflow whose rows may not be read.
fn kept(look: Look) -> Look {
    Look { rows: [None, None, None], ..look }
}

fn version(version: &str, look: Look) -> Look {
    Look { version: Some(version.into()), ..look }
}

/// What was there before, whose rows could not be read.
fn unseen() -> Watch {
    since(&kept(version("2.9.1", well(0, &[]))))
}

#[test]
fn it_is_healthy_once_it_was_so_for_stable_for() {
    assert_eq!(unseen().sees(|second| kept(well(second, &[]))), End::Proven(Healthy, false, 61));
}

#[test]
fn without_a_look_before_it_is_healthy_and_no_proof() {
    let watch = Watch { before: None, expected: Some("3.0.0"), unchanged_ok: false };
    assert_eq!(watch.sees(|second| well(second, &[old(7, OLD)])), End::Proven(Healthy, false, 61));
}

#[test]
fn it_is_proof_where_the_version_was_another_before_and_is_the_expected_one_now() {
    let scene = |second| kept(well(second, &[]));
    assert_eq!(unseen().expecting("3.0.0").sees(scene), End::Proven(Healthy, true, 61));
    assert_eq!(unseen().expecting("3.0.0+astro.4").sees(scene), End::Proven(Healthy, true, 61));
    // The same before as now, or none that was known before, or none that is expected, proves nothing.
    let same = since(&kept(well(0, &[])));
    assert_eq!(same.expecting("3.0.0").sees(scene), End::Proven(Healthy, false, 61));
    let unknown = since(&Look { version: None, ..kept(well(0, &[])) });
    assert_eq!(unknown.expecting("3.0.0").sees(scene), End::Proven(Healthy, false, 61));
    assert_eq!(unseen().sees(scene), End::Proven(Healthy, false, 61));
}

#[test]
fn old_pods_alone_do_not_make_it_so() {
    let scene = |second| version("2.9.1", kept(well(second, &[])));
    let state = "waiting for Airflow 3.0.0: 2.9.1 still answers";
    assert_eq!(unseen().expecting("3.0.0").sees(scene), End::Timeout(state.into()));
    let scene = |second| Look { version: None, ..kept(well(second, &[])) };
    let state = "waiting for Airflow 3.0.0: no version still answers";
    assert_eq!(unseen().expecting("3.0.0").sees(scene), End::Timeout(state.into()));
}

#[test]
fn a_new_version_that_comes_up_starts_the_window() {
    let scene =
        |second| kept(if second < 30 { version("2.9.1", well(second, &[])) } else { well(second, &[]) });
    assert_eq!(unseen().expecting("3.0.0").sees(scene), End::Proven(Healthy, true, 91));
}

#[test]
fn healthy_and_then_broken_inside_stable_for_begins_again() {
    let broken = |from: i64, until: i64| {
        move |second: i64| {
            let look = kept(well(second, &[]));
            if (from..until).contains(&second) {
                ailing(look, |health| health.scheduler = false)
            } else {
                look
            }
        }
    };
    assert_eq!(unseen().sees(broken(56, 57)), End::Proven(Healthy, false, 121));
    assert_eq!(unseen().sees(broken(56, 1000)), End::Unhealthy("the scheduler is not healthy".into()));
    // Anything that is not health breaks the window.
    let breaks: [fn(Look) -> Look; 5] = [
        |look| ailing(look, |health| health.database = false),
        |look| ailing(look, |health| health.heartbeat = None),
        not_yet,
        failed,
        |look| Look { health: Seen::Denied("HTTP 403".into()), ..look },
    ];
    for breaks in breaks {
        let scene = |second| {
            let look = kept(well(second, &[]));
            if second == 56 { breaks(look) } else { look }
        };
        assert_eq!(unseen().sees(scene), End::Proven(Healthy, false, 121));
    }
}

#[test]
fn the_last_state_says_whether_it_is_unhealthy() {
    let database = |second| ailing(well(second, &[]), |health| health.database = false);
    assert_eq!(unseen().sees(database), End::Unhealthy("Airflow's database is not healthy".into()));
    let silent = |second| ailing(well(second, &[]), |health| health.heartbeat = None);
    assert_eq!(unseen().sees(silent), End::Timeout("the scheduler has no heartbeat yet".into()));
    let down = |second| not_yet(well(second, &[]));
    assert_eq!(unseen().sees(down), End::Timeout("Airflow does not answer yet: HTTP 502".into()));
    // What it was before the last state does not count.
    let went = |second| {
        let look = well(second, &[]);
        if second < 300 { ailing(look, |health| health.scheduler = false) } else { not_yet(look) }
    };
    assert_eq!(unseen().sees(went), End::Timeout("Airflow does not answer yet: HTTP 502".into()));
}

/// Looks in these seconds, with these heartbeats; which look proves something.
fn proven_at(stable_for: u64, looks: &[(i64, &str)]) -> Option<i64> {
    let watching = Watching {
        mode: Mode::Auto,
        poll_interval: Duration::from_secs(1),
        stable_for: Duration::from_secs(stable_for),
        unchanged_ok: false,
    };
    let mut proving = Proving::new(None, None, watching);
    let beats = |beat: &str| ailing(well(0, &[]), |health| health.heartbeat = Some(beat.to_owned()));
    for (second, beat) in looks {
        let progress = observe(&mut proving, &beats(beat), *second);
        if let Progress::Proven(proof, _) = progress {
            assert_eq!(proof, Healthy);
            return Some(*second);
        }
    }
    None
}

#[test]
fn a_window_has_three_looks_and_two_new_heartbeats() {
    assert_eq!(proven_at(10, &[(0, "a"), (5, "b"), (10, "c")]), Some(10));
    // Two looks, however far apart.
    assert_eq!(proven_at(10, &[(0, "a"), (10, "b")]), None);
    assert_eq!(proven_at(10, &[(0, "a"), (10, "b"), (11, "c")]), Some(11));
    // A heartbeat that stands still, or moves once.
    assert_eq!(proven_at(10, &[(0, "a"), (5, "a"), (10, "a"), (15, "a"), (20, "a")]), None);
    assert_eq!(proven_at(10, &[(0, "a"), (5, "a"), (10, "b"), (15, "b"), (20, "b")]), None);
    assert_eq!(proven_at(10, &[(0, "a"), (5, "a"), (10, "b"), (15, "b"), (20, "c")]), Some(20));
    // A span that is too short by a second.
    assert_eq!(proven_at(10, &[(0, "a"), (5, "b"), (9, "c")]), None);
    // A heartbeat is only ever set against the one before: one that goes back is another one too.
    assert_eq!(proven_at(10, &[(0, "c"), (5, "b"), (10, "a")]), Some(10));
}

#[test]
fn ten_failed_looks_in_a_row_are_tolerated_and_the_eleventh_is_not() {
    let why = "Airflow cannot be looked at: HTTP 500";
    let after = |failures: i64| {
        move |second: i64| {
            let look = kept(well(second, &[]));
            if second < failures * 5 { failed(look) } else { look }
        }
    };
    assert_eq!(unseen().sees(after(10)), End::Proven(Healthy, false, 111));
    assert_eq!(unseen().sees(after(11)), End::Impossible(why.into(), 51));
    // One good look sets it back.
    let with_one_good =
        |second: i64| if second == 51 { kept(well(second, &[])) } else { failed(well(second, &[])) };
    assert_eq!(unseen().sees(with_one_good), End::Impossible(why.into(), 106));
    // An Airflow that is well and does not yet suit is one that was seen.
    let old = |second: i64| {
        if second == 51 { version("2.9.1", well(second, &[])) } else { failed(well(second, &[])) }
    };
    assert_eq!(unseen().expecting("3.0.0").sees(old), End::Impossible(why.into(), 106));
    // Those that find nobody there are not counted.
    assert_eq!(
        unseen().sees(|second| not_yet(well(second, &[]))),
        End::Timeout("Airflow does not answer yet: HTTP 502".into())
    );
}

#[test]
fn what_was_kept_before_the_change_is_not_waited_for() {
    let denied = |second| Look { health: Seen::Denied("HTTP 401".into()), ..kept(well(second, &[])) };
    let why = "Airflow cannot be looked at: HTTP 401";
    assert_eq!(since(&denied(0)).sees(denied), End::Impossible(why.into(), 6));
    assert_eq!(unseen().sees(denied), End::Impossible(why.into(), 51));
    // A look that failed before, as any look may, says nothing of those to come.
    assert_eq!(since(&failed(well(0, &[]))).sees(denied), End::Impossible(why.into(), 51));
    assert_eq!(since(&not_yet(well(0, &[]))).sees(denied), End::Impossible(why.into(), 51));
}

#[test]
fn from_airflow_2_to_3_the_version_is_the_proof() {
    let before = well_2(0, &[old(7, OLD)]);
    let scene = |second| {
        if second < 30 { well_2(second, &[old(7, OLD)]) } else { well(second, &[new(1, NEW, 25)]) }
    };
    assert_eq!(since(&before).expecting("3.0.0").sees(scene), End::Proven(Healthy, true, 91));
    // What the Airflow 2 showed is no part of the window of the Airflow 3.
    assert_eq!(since(&before).sees(scene), End::Proven(Healthy, false, 91));
    let back = |second| {
        if second < 30 { well(second, &[old(7, OLD)]) } else { well_2(second, &[new(1, NEW, 25)]) }
    };
    assert_eq!(since(&well(0, &[old(7, OLD)])).expecting("2.9.1").sees(back), End::Proven(Healthy, true, 91));
}

#[test]
fn where_the_rows_may_not_be_read_before_nothing_is_restarted() {
    let scene = |second| well(second, &[old(7, OLD).ends(20), new(8, NEW, 10)]);
    assert_eq!(unseen().expecting("3.0.0").sees(scene), End::Proven(Healthy, true, 61));
    assert_eq!(since(&kept(well(0, &[]))).expecting("3.0.0").sees(scene), End::Proven(Healthy, false, 61));
    assert_eq!(since(&well(0, &[old(7, OLD)])).sees(scene), End::Proven(Restarted, true, 91));
}

#[test]
fn without_the_schedulers_from_before_the_other_parts_prove_nothing() {
    let rolled = [old(5, OLD).ends(10), new(9, NEW, 12)];
    let scene = |second| {
        let look = ailing(well(second, &rolled), |health| health.others = [true, false]);
        let [schedulers, ..] = look.rows.clone();
        Look { rows: [if second > 0 { Some(vec![]) } else { None }, schedulers, None], ..look }
    };
    assert_eq!(since(&scene(0)).sees(scene), End::Proven(Healthy, false, 61));
}

#[test]
fn the_words_say_how_long_it_has_been_healthy() {
    let mut proving = unseen().proving();
    assert_eq!(waits(&mut proving, &kept(well(1, &[])), 1), "healthy for 0 ms of 1 min");
    assert_eq!(waits(&mut proving, &kept(well(13, &[])), 13), "healthy for 12 s of 1 min");
    assert_eq!(proving.state(), "healthy for 12 s of 1 min");
    assert_eq!(unseen().proving().state(), "not looked at yet");
}

#[test]
fn what_a_look_before_the_change_is_remembered_as() {
    let before = Before::of(&version("2.9.1", well_2(0, &[])));
    assert_eq!((before.line(), before.version()), (Some(Line::Two), Some("2.9.1")));
    assert_eq!(Before::default().line(), None);
}
