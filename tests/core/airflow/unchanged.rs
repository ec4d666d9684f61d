//! Nothing restarts: red at the deadline, and green with `unchanged-ok`.

use houston_deploy::airflow::{Line, Look};
use houston_deploy::report::Proof::{Healthy, Restarted};

use super::model::{NEW, OLD, new, old, well};
use super::{End, ailing, not_yet, since};

#[test]
fn it_is_red_at_the_deadline() {
    let scene = |second| well(second, &[old(7, OLD)]);
    assert_eq!(since(&scene(0)).sees(scene), End::Unchanged);
    assert_eq!(since(&scene(0)).expecting("3.0.0").sees(scene), End::Unchanged);
}

#[test]
fn it_is_green_with_unchanged_ok_and_not_verified() {
    let scene = |second| well(second, &[old(7, OLD)]);
    assert_eq!(since(&scene(0)).unchanged_ok().sees(scene), End::Proven(Healthy, false, 61));
    // Healthy it has to be, and of the version that was asked.
    let ill = |second| ailing(scene(second), |health| health.scheduler = false);
    assert_eq!(
        since(&scene(0)).unchanged_ok().sees(ill),
        End::Unhealthy("the scheduler is not healthy".into())
    );
    let state = "waiting for Airflow 3.0.1: 3.0.0 still answers";
    assert_eq!(since(&scene(0)).unchanged_ok().expecting("3.0.1").sees(scene), End::Timeout(state.into()));
}

#[test]
fn a_roll_that_is_seen_is_waited_for_all_the_same() {
    let rolled = [old(7, OLD).ends(25), new(8, NEW, 10)];
    let scene = |second| well(second, &rolled);
    assert_eq!(since(&scene(0)).unchanged_ok().sees(scene), End::Proven(Restarted, true, 96));
    // One that fails is no roll that did not happen.
    let stuck = [old(7, OLD), new(8, NEW, 10)];
    let scene = |second| well(second, &stuck);
    let state = "1 of 2 schedulers are from before the change";
    assert_eq!(since(&scene(0)).unchanged_ok().sees(scene), End::Timeout(state.into()));
    let crashed = [old(7, OLD), new(8, NEW, 10).ends(20)];
    let scene = |second| well(second, &crashed);
    let state = "no scheduler has been restarted yet";
    assert_eq!(since(&scene(0)).unchanged_ok().sees(scene), End::Timeout(state.into()));
}

#[test]
fn it_is_not_said_where_something_else_is_wrong_at_the_end() {
    let from = |from: i64, broken: fn(Look) -> Look| {
        let scene = |second| well(second, &[old(7, OLD)]);
        since(&scene(0)).sees(move |second| if second > from { broken(scene(second)) } else { scene(second) })
    };
    let until = |broken| from(590, broken);
    assert_eq!(until(|look| look), End::Unchanged);
    assert_eq!(until(not_yet), End::Timeout("Airflow does not answer yet: HTTP 502".into()));
    let ill: fn(Look) -> Look = |look| ailing(look, |health| health.scheduler = false);
    assert_eq!(until(ill), End::Unhealthy("the scheduler is not healthy".into()));
    let unread: fn(Look) -> Look = |look| Look { rows: [None, None, None], ..look };
    assert_eq!(until(unread), End::Timeout("the rows of each scheduler cannot be read".into()));
    // Another Airflow that answers by then was not seen before the change.
    let other: fn(Look) -> Look = |look| Look { line: Line::Two, rows: [None, None, None], ..look };
    let End::Timeout(state) = from(595, other) else { panic!("no timeout") };
    assert!(state.starts_with("healthy for "), "{state}");
}
