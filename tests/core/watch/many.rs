//! Many releases at once: how many are on their way to Houston, what they share, and in which order they are told of.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::fleet::Ended;
use houston_deploy::report::{Proof, Status};

use super::{Asked, Page, Reply, after, changes, good, health, looks, requests, rolled, run, seconds, world};
use crate::airflow::model::{NEW, OLD, Process, new, old};
use crate::world::{World, refused};

fn statuses(ended: &Ended) -> Vec<Status> {
    ended.report.results.iter().map(|result| result.status).collect()
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("team-{number}")).collect()
}

/// They roll once every change of a test is made.
fn rolled_late() -> Vec<Process> {
    vec![old(7, OLD).ends(60), new(8, NEW, 45)]
}

/// Takes two seconds for each change.
fn slow(asked: &Asked) -> Option<Reply> {
    (asked.page == Page::Change).then(|| after(2000, good(asked, &[])))
}

/// How many changes are on their way at once at most, each taking two seconds.
fn at_once(world: &World) -> usize {
    let changes = changes(world);
    let under_way =
        |moment: &Duration| changes.iter().filter(|at| *at <= moment && *moment < **at + seconds(2)).count();
    changes.iter().map(under_way).max().unwrap_or_default()
}

#[test]
fn no_more_are_on_their_way_than_there_are_places_and_none_stays_free() {
    for (places, option) in [(1, "1"), (3, "3"), (4, "4"), (10, "10"), (10, "64")] {
        for wait in ["auto", "off"] {
            let world = world(rolled_late(), slow);
            let names = names(10);
            let ended =
                run(&world, &["--release", &names.join(","), "--concurrency", option, "--wait", wait]);
            assert_eq!((ended.exit_code, at_once(&world)), (0, places), "{option} {wait}");
            let last = changes(&world).into_iter().max().expect("a change");
            assert_eq!(last, seconds(2) * u32::try_from(9 / places).unwrap(), "{option} {wait}");
        }
    }
}

#[test]
fn one_that_is_watched_holds_up_no_other() {
    let world = world(rolled_late(), slow);
    let ended = run(&world, &["--release", "a,b,c", "--concurrency", "1"]);
    assert_eq!(changes(&world), [seconds(0), seconds(2), seconds(4)]);
    assert!(ended.report.results.iter().all(|result| result.proof == Some(Proof::Restarted)));
    assert!(looks(&world, "a").last().is_some_and(|at| *at > seconds(60)), "the first is watched meanwhile");
}

#[test]
fn no_change_goes_out_before_its_own_deployment_was_looked_at() {
    let world = world(rolled_late(), slow);
    run(&world, &["--release", "a,b,c,d,e", "--concurrency", "2"]);
    for name in ["a", "b", "c", "d", "e"] {
        let of = requests(&world);
        let first = |wanted: fn(&Page) -> bool| {
            of.iter().position(|(page, release, _)| wanted(page) && release == name)
        };
        let (look, change) =
            (first(|page| matches!(page, Page::Airflow(_))), first(|page| *page == Page::Change));
        assert!(look.is_some() && look < change, "{name}");
    }
}

#[test]
fn results_are_told_in_the_order_in_which_they_were_named() {
    let uneven = |asked: &Asked| {
        let wait = match asked.release.as_str() {
            "z" => 9000,
            "m" => 10,
            _ => 500,
        };
        (asked.page == Page::Change).then(|| after(wait, good(asked, &[])))
    };
    let ended = run(&world(rolled(), uneven), &["--release", "z,a,m,b", "--concurrency", "3"]);
    let order: Vec<_> = ended.report.results.iter().map(|result| result.release.as_str()).collect();
    assert_eq!(order, ["z", "a", "m", "b"]);
}

#[test]
fn the_version_is_asked_once_for_all() {
    let world = world(rolled_late(), slow);
    let ended = run(&world, &["--ask", "--release", &names(20).join(","), "--concurrency", "7"]);
    let asked = requests(&world).into_iter().filter(|(page, ..)| *page == Page::Version).count();
    assert_eq!((ended.exit_code, asked, ended.report.results.len()), (0, 1, 20));
    assert!(ended.report.verified());
}

#[test]
fn every_one_is_finished_even_when_some_fail() {
    let mixed = |asked: &Asked| match (asked.release.as_str(), &asked.page) {
        ("refused", Page::Change) => Some(refused("FORBIDDEN", "no")),
        ("ill", Page::Airflow(path)) if path.contains("health") && asked.second() > 0 => {
            Some(health("unhealthy", asked.second()))
        }
        _ => None,
    };
    let options = ["--release", "refused,ill,fine,good", "--concurrency", "2", "--timeout", "2m"];
    let ended = run(&world(rolled(), mixed), &options);
    assert_eq!(statuses(&ended), [Status::Refused, Status::Unhealthy, Status::Deployed, Status::Deployed]);
    assert_eq!((ended.exit_code, ended.report.status), (6, Status::Unhealthy));
    assert_eq!(ended.report.error.as_ref().map(|error| error.code), Some(Code::Unhealthy));
    // The least of all is what holds for all.
    assert_eq!((ended.report.proof(), ended.report.verified()), (None, false));
}

#[test]
fn fail_fast_begins_no_other_and_finishes_what_was_begun() {
    let failing = |asked: &Asked| match (asked.release.as_str(), &asked.page) {
        ("b", Page::Change) => Some(after(1000, refused("FORBIDDEN", "no"))),
        (_, Page::Change) => Some(after(2000, good(asked, &[]))),
        _ => None,
    };
    let options = ["--release", "a,b,c,d", "--concurrency", "2", "--fail-fast"];
    let world = world(rolled(), failing);
    let ended = run(&world, &options);
    assert_eq!(statuses(&ended), [Status::Deployed, Status::Refused, Status::Skipped, Status::Skipped]);
    assert_eq!((ended.exit_code, changes(&world).len()), (3, 2));
    assert!(ended.report.results[0].verified, "it is watched to its end");
}

#[test]
fn fail_fast_does_not_wait_for_the_watch() {
    // The first one turns out not to come up when the others have long been sent.
    let world = world(vec![old(7, OLD)], |_| None);
    let options = ["--release", "a,b,c", "--concurrency", "1", "--fail-fast"];
    let ended = run(&world, &options);
    assert_eq!(statuses(&ended), [Status::Unhealthy; 3]);
    assert_eq!(changes(&world), [seconds(0); 3]);
}

#[test]
fn a_hundred_are_watched_and_none_more_often_than_asked() {
    let world = world(rolled(), |_| None);
    let names = names(100).join(",");
    let options =
        ["--release", &names, "--poll-interval", "3s", "--stable-for", "15s", "--concurrency", "32"];
    assert_eq!(run(&world, &options).exit_code, 0);
    for name in names.split(',') {
        let looks = looks(&world, name);
        // The first is the one before the change.
        assert!(looks.len() > 10, "{name}");
        assert!(looks[1..].windows(2).all(|pair| pair[1] >= pair[0] + seconds(3)), "{name}: {looks:?}");
    }
}
