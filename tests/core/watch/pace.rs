//! When the looks are: never closer than `poll-interval`, at the deadline for the last time, and never too long.

use std::time::Duration;

use houston_deploy::io::Head;

use super::{Asked, Page, Reply, after, changes, good, looks, requests, rolled, run, seconds, world};
use crate::airflow::model::{OLD, old};
use crate::world::{answer, busy, only};

#[test]
fn wait_off_asks_nothing_but_the_change() {
    let world = world(rolled(), |_| None);
    assert_eq!(run(&world, &["--wait", "off"]).exit_code, 0);
    let pages: Vec<_> = requests(&world).into_iter().map(|(page, ..)| page).collect();
    assert_eq!(pages, [Page::Change]);
}

/// The spans between the looks after the change.
fn spans(times: &[Duration]) -> Vec<Duration> {
    times[1..].windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

#[test]
fn looks_are_never_closer_than_the_interval_and_the_last_is_at_the_deadline() {
    for (option, interval) in [("5s", 5000), ("1s", 1000), ("100ms", 100), ("45s", 45_000)] {
        for latency in [0, 70, 3000] {
            let other =
                move |asked: &Asked| asked.is("/").then(|| after(latency, good(asked, &[old(7, OLD)])));
            let world = world(vec![], other);
            let ended = run(&world, &["--poll-interval", option, "--timeout", "100s"]);
            assert_eq!(ended.exit_code, 6);
            let times = looks(&world, "dev");
            let mut spans = spans(&times);
            spans.pop();
            let (least, most) =
                (Duration::from_millis(interval), Duration::from_millis((interval * 11 / 10).max(latency)));
            assert!(spans.iter().all(|span| *span >= least), "{option} {latency}: {spans:?}");
            assert!(spans.iter().all(|span| *span <= most), "{option} {latency}: {spans:?}");
            let latest = times.last().copied().expect("a look");
            assert!(
                latest <= seconds(100) && latest + Duration::from_millis(latency) >= seconds(100),
                "{latest:?}"
            );
            if latency == 0 {
                assert_eq!(latest, seconds(100));
            }
        }
    }
}

#[test]
fn the_jitter_is_one() {
    let world = world(vec![old(7, OLD)], |_| None);
    run(&world, &["--timeout", "100s"]);
    let spans = spans(&looks(&world, "dev"));
    assert!(spans.windows(2).any(|pair| pair[0] != pair[1]), "{spans:?}");
}

#[test]
fn an_airflow_that_hangs_holds_nothing_up_beyond_one_request_timeout() {
    for from in [1, 60, 89, 115, 119] {
        let hangs = move |asked: &Asked| {
            (asked.is("/") && asked.second() >= from).then_some(Reply::Hangs(Head::Written))
        };
        let world = world(vec![old(7, OLD)], hangs);
        let ended = run(&world, &["--timeout", "2m"]);
        assert_eq!(ended.exit_code, 6, "{from}");
        assert!(world.clock() <= seconds(150), "{from}: {:?}", world.clock());
        assert!(world.clock() >= seconds(120), "{from}: {:?}", world.clock());
    }
}

#[test]
fn a_yes_after_the_deadline_leaves_one_look_and_no_more_time() {
    // Sent in the 40th second, answered in the 68th, seven seconds after the deadline.
    let late = |asked: &Asked| match asked.page {
        Page::Change if asked.second() < 40 => Some(busy(429, "40")),
        Page::Change => Some(after(28_000, good(asked, &[]))),
        Page::Airflow(_) if asked.second() > 60 => Some(Reply::Hangs(Head::Written)),
        _ => None,
    };
    let world = world(vec![old(7, OLD)], late);
    let ended = run(&world, &["--timeout", "61s"]);
    assert_eq!((ended.exit_code, world.clock()), (6, seconds(91)));
    assert_eq!(looks(&world, "dev"), [seconds(0), seconds(68)]);
}

#[test]
fn a_look_before_the_change_that_hangs_is_given_up() {
    let hangs = |asked: &Asked| asked.is("/").then_some(Reply::Hangs(Head::Written));
    let first = world(rolled(), hangs);
    run(&first, &["--request-timeout", "4s"]);
    assert_eq!(changes(&first), [seconds(4)]);
    // The deadline of the whole release cuts it off as well, and then there is no time to send.
    let second = world(rolled(), hangs);
    let ended = run(&second, &["--timeout", "3s", "--stable-for", "1s"]);
    assert_eq!((ended.exit_code, changes(&second), second.clock()), (4, vec![], seconds(3)));
}

#[test]
fn the_state_before_is_noted_while_houston_is_asked() {
    let slow = |asked: &Asked| {
        let before = asked.at < seconds(2);
        (before && asked.page != Page::Change).then(|| after(1000, good(asked, &rolled())))
    };
    let world = world(rolled(), slow);
    let ended = run(&world, &["--ask"]);
    assert!(only(&ended).verified);
    assert_eq!(changes(&world), [seconds(1)], "a second for all the questions together");
}

#[test]
fn a_timeout_runs_from_the_release_s_own_first_request() {
    // The second release begins once the first has its answer, and has its whole time then.
    let slow = |asked: &Asked| (asked.page == Page::Change).then(|| after(20_000, good(asked, &[])));
    let world = world(vec![old(7, OLD)], slow);
    let options = ["--release", "a,b", "--concurrency", "1", "--timeout", "100s"];
    let ended = run(&world, &options);
    assert_eq!(changes(&world), [seconds(0), seconds(20)]);
    assert_eq!(looks(&world, "a").last(), Some(&seconds(100)));
    assert_eq!(looks(&world, "b").last(), Some(&seconds(120)));
    assert_eq!(
        ended.report.results.iter().map(|result| result.milliseconds).collect::<Vec<_>>(),
        [100_000, 100_000]
    );
}

#[test]
fn where_it_asks_nothing_itself_a_release_s_time_runs_from_its_change() {
    let slow = |asked: &Asked| match asked.page {
        Page::Version => Some(after(8000, good(asked, &[]))),
        Page::Change if asked.second() < 10 => Some(busy(503, "5")),
        _ => None,
    };
    let world = world(vec![], slow);
    let ended = run(&world, &["--ask", "--wait", "off", "--timeout", "10s"]);
    assert_eq!((ended.exit_code, changes(&world)), (0, vec![seconds(8), seconds(13)]));
    assert_eq!(only(&ended).milliseconds, 5000);
}

#[test]
fn a_look_before_the_change_that_was_late_is_not_repeated() {
    let slow = |asked: &Asked| match asked.page {
        Page::Read => Some(after(8000, good(asked, &[]))),
        Page::Change => Some(after(1000, good(asked, &[]))),
        _ => None,
    };
    let world = world(rolled(), slow);
    run(&world, &["--workspace", "ws1"]);
    assert_eq!(looks(&world, "dev")[..2], [seconds(8), seconds(9)]);
}

#[test]
fn a_failed_look_is_not_repeated_before_its_time() {
    let busy = |asked: &Asked| asked.is("/").then(|| answer(503, ""));
    let world = world(vec![], busy);
    run(&world, &["--timeout", "61s"]);
    let mut spans = spans(&looks(&world, "dev"));
    spans.pop();
    assert!(spans.iter().all(|span| *span >= seconds(5)), "{spans:?}");
}
