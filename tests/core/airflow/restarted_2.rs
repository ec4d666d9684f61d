//! `restarted` for Airflow 2: the audit log has a row for every start of a scheduler, with its host.

use houston_deploy::report::Proof::{Healthy, Restarted};

use super::model::{NEW, OLD, Process, new, old, well_2};
use super::{End, since};

const THIRD: &str = "dev-scheduler-5c4b7f9d8e-ccccc";

#[track_caller]
fn ends(starts: &[Process]) -> End {
    since(&well_2(0, starts)).sees(|second| well_2(second, starts))
}

#[test]
fn a_start_in_a_new_pod_is_a_restart() {
    assert_eq!(ends(&[old(40, OLD), new(44, NEW, 10)]), End::Proven(Restarted, true, 71));
    assert_eq!(ends(&[new(1, NEW, 10)]), End::Proven(Restarted, true, 71));
}

#[test]
fn none_is_none() {
    assert_eq!(ends(&[old(40, OLD)]), End::Unchanged);
    // The highest row of before is not above itself.
    assert_eq!(ends(&[old(39, OLD), old(40, NEW)]), End::Unchanged);
}

#[test]
fn a_start_in_an_old_pod_is_a_crash() {
    assert_eq!(
        ends(&[old(40, OLD), new(44, OLD, 10)]),
        End::Timeout("no scheduler has been restarted yet".into())
    );
    // It does not hide the new pod's, nor the other way round.
    assert_eq!(ends(&[old(40, OLD), new(44, NEW, 10), new(45, OLD, 12)]), End::Proven(Restarted, true, 71));
}

#[test]
fn a_further_start_begins_the_window_anew() {
    assert_eq!(
        ends(&[old(40, OLD), new(44, NEW, 10), new(45, THIRD, 60)]),
        End::Proven(Restarted, true, 121)
    );
    let mut starts = vec![old(40, OLD)];
    starts.extend((41..).zip((10..900).step_by(50)).map(|(id, from)| new(id, NEW, from)));
    assert!(matches!(ends(&starts), End::Timeout(state) if state.starts_with("new and healthy for ")));
}

#[test]
fn where_names_are_fixed_it_cannot_be_told() {
    assert_eq!(
        ends(&[old(40, "dev-scheduler-0"), new(44, "dev-scheduler-0", 10)]),
        End::Proven(Healthy, false, 61)
    );
    assert_eq!(ends(&[old(40, ""), new(44, "", 10)]), End::Proven(Healthy, false, 61));
}

#[test]
fn a_start_without_a_host_is_none_that_is_known_to_be_new() {
    assert_eq!(
        ends(&[old(40, OLD), new(44, "", 10)]),
        End::Timeout("no scheduler has been restarted yet".into())
    );
}

#[test]
fn a_hundred_old_starts_are_no_hindrance() {
    let mut starts: Vec<Process> = (1..=150).map(|id| old(id, OLD)).collect();
    assert_eq!(ends(&starts), End::Unchanged);
    starts.push(new(151, NEW, 10));
    assert_eq!(ends(&starts), End::Proven(Restarted, true, 71));
}
