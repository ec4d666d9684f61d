//! As long as the rows alone say that it is not yet restarted, they alone are looked at; once they say anything else,
//! and near the deadline, a look is a whole one.

use houston_deploy::io::Head;
use serde_json::json;

use super::{Asked, Page, Reply, after, good, health, requests, rolled, run, said, seconds, world};
use crate::airflow::model::{NEW, OLD, new, old};
use crate::world::{World, answer, only};

/// The pages of the looks in these seconds, in short: `s` and `t` for the rows of schedulers and triggerers, `h` for the
/// health, `v` for the version.
fn pages(world: &World, from: u64, to: u64) -> Vec<String> {
    let mut looks: Vec<(u128, String)> = Vec::new();
    for (page, _, at) in requests(world) {
        let Page::Airflow(path) = page else { continue };
        if at < seconds(from) || at > seconds(to) {
            continue;
        }
        let names = [("=SchedulerJob", "s"), ("=TriggererJob", "t"), ("/health", "h"), ("/version", "v")];
        let name = names.iter().find(|(part, _)| path.contains(part)).map_or("?", |(_, name)| name);
        match looks.last_mut() {
            Some((when, names)) if *when == at.as_millis() => names.push_str(name),
            _ => looks.push((at.as_millis(), name.to_owned())),
        }
    }
    looks.into_iter().map(|(_, names)| names).collect()
}

#[test]
fn the_rows_alone_are_looked_at_until_all_are_new_and_then_all_in_the_same_look() {
    let world = world(vec![old(7, OLD).ends(25), new(8, NEW, 24)], |_| None);
    let ended = run(&world, &["--poll-interval", "5s"]);
    assert_eq!((ended.exit_code, only(&ended).verified), (0, true));
    assert_eq!(pages(&world, 1, 24), ["s", "s", "s", "s"]);
    // The old one's last heartbeat is of second 25, and counts for ten.
    assert_eq!(pages(&world, 25, 36), ["s", "s", "shvs"]);
    let after = pages(&world, 37, 600);
    assert!(after.len() > 10 && after.iter().all(|look| look == "hvs"), "{after:?}");
}

#[test]
fn the_rows_of_each_part_are_among_them() {
    let beat = |asked: &Asked| format!("2026-03-01T12:00:{:02}Z", asked.second() / 5 * 5 % 60);
    let other = move |asked: &Asked| {
        let well = json!({ "status": "healthy", "latest_scheduler_heartbeat": beat(asked) });
        let row = json!({ "id": 3, "state": "running", "latest_heartbeat": beat(asked), "hostname": "dev-triggerer-x" });
        if asked.is("/health") {
            return Some(said(&json!({ "metadatabase": well, "scheduler": well, "triggerer": well })));
        }
        asked.is("=TriggererJob").then(|| said(&json!({ "jobs": [row] })))
    };
    // The triggerer stays the old one.
    let world = world(vec![old(7, OLD).ends(40), new(8, NEW, 30)], other);
    let ended = run(&world, &["--timeout", "2m"]);
    assert_eq!(pages(&world, 1, 29), ["st", "st", "st", "st", "st"]);
    assert_eq!(ended.exit_code, 6);
}

#[test]
fn a_whole_look_follows_at_once_where_the_rows_cannot_be_read() {
    let other = |asked: &Asked| {
        let is_airflow = matches!(asked.page, Page::Airflow(_));
        (is_airflow && (12..40).contains(&asked.second())).then(|| answer(502, "<html>"))
    };
    let world = world(vec![old(7, OLD).ends(25), new(8, NEW, 24)], other);
    let ended = run(&world, &["--poll-interval", "5s"]);
    assert_eq!((ended.exit_code, only(&ended).verified), (0, true));
    // Once it does not answer, each look is a whole one until all is well again.
    assert_eq!(pages(&world, 1, 29), ["s", "s", "shvs", "hvs", "hvs"]);
    let words: Vec<_> = world.told().into_iter().filter(|words| words.contains("answer yet")).collect();
    assert_eq!(words, ["Airflow does not answer yet: HTTP 502"]);
}

#[test]
fn what_went_wrong_beside_the_rows_is_known_at_the_deadline() {
    let ill = |asked: &Asked| {
        (asked.is("/health") && asked.second() > 20).then(|| health("unhealthy", asked.second()))
    };
    let denied = |asked: &Asked| -> Option<Reply> {
        (asked.is("/health") && asked.second() > 20).then(|| answer(302, ""))
    };
    let message = |other: fn(&Asked) -> Option<Reply>| {
        let ended = run(&world(vec![old(7, OLD)], other), &["--timeout", "5m", "--wait", "require"]);
        (ended.exit_code, only(&ended).error.clone().expect("an error").message)
    };
    let words =
        "Houston accepted the image, but dev is not healthy after 5 min: the scheduler is not healthy";
    assert_eq!(message(ill), (6, words.into()));
    let words = "Houston accepted the image, but dev did not come up in 5 min: Airflow cannot be looked at: a redirect, \
                 such as to a login";
    assert_eq!(message(denied), (6, words.into()));
}

#[test]
fn what_may_stay_as_it_is_is_looked_at_whole() {
    let world = world(vec![old(7, OLD)], |_| None);
    let ended = run(&world, &["--unchanged-ok"]);
    assert_eq!(ended.exit_code, 0);
    let looks = pages(&world, 1, 600);
    assert!(looks.iter().all(|look| look == "hvs"), "{looks:?}");
}

#[test]
fn a_whole_look_is_due_wherever_the_last_one_was_not_well() {
    let ill = |asked: &Asked| {
        (asked.is("/health") && asked.second() < 12).then(|| health("unhealthy", asked.second()))
    };
    let world = world(vec![old(7, OLD)], ill);
    run(&world, &["--timeout", "90s"]);
    // Half a minute before the deadline, a look that takes its time could turn out to be the last.
    let looks = pages(&world, 1, 90);
    let whole = |look: &&String| *look == "hvs";
    assert_eq!(looks.iter().take_while(whole).count(), 3, "{looks:?}");
    assert_eq!(looks.iter().rev().take_while(whole).count(), 7, "{looks:?}");
    assert!(looks.iter().filter(|look| *look == "s").count() > 6, "{looks:?}");
}

#[test]
fn a_whole_look_has_its_own_time_however_long_the_rows_took() {
    let told = |world: &World| {
        let told = world.told().into_iter();
        told.filter(|words| !words.contains(" -> HTTP ") && words.contains("look")).collect::<Vec<_>>()
    };
    // The rows hang once, and come late once.
    let hangs = |asked: &Asked| {
        let is_it = asked.is("=SchedulerJob") && (8..20).contains(&asked.second());
        is_it.then_some(Reply::Hangs(Head::Written))
    };
    let late = |asked: &Asked| {
        let is_it = asked.is("/") && (8..20).contains(&asked.second());
        is_it.then(|| after(20_000, good(asked, &rolled())))
    };
    for other in [hangs as fn(&Asked) -> Option<Reply>, late] {
        let world = world(rolled(), other);
        let ended = run(&world, &["--timeout", "3m"]);
        assert_eq!((ended.exit_code, only(&ended).verified, told(&world)), (0, true, vec![]));
    }
}

#[test]
fn the_look_after_one_that_took_long_keeps_its_distance() {
    // Each answer takes four seconds of the five between two looks.
    let slow = |asked: &Asked| {
        asked.is("/").then(|| after(4000, good(asked, &[old(7, OLD).ends(25), new(8, NEW, 10)])))
    };
    let world = world(vec![], slow);
    assert_eq!(run(&world, &[]).exit_code, 0);
    let is_health =
        |(page, ..): &(Page, _, _)| matches!(page, Page::Airflow(path) if path.contains("/health"));
    let times: Vec<_> = requests(&world).into_iter().filter(is_health).map(|(.., at)| at).skip(1).collect();
    assert!(times.windows(2).all(|pair| pair[1].saturating_sub(pair[0]) >= seconds(5)), "{times:?}");
}
