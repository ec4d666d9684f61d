//! How an Airflow is looked at: by which paths, and how it is found out which of them it has.

use houston_deploy::io::{Cause, Head};
use houston_deploy::report::Proof;
use serde_json::{Value, json};

use super::{Asked, Page, Reply, health, requests, rolled, run, said, seconds, world};
use crate::world::{World, answer, fails, only};

/// The paths that were asked of Airflow, those of the look before the change and then those of the next look.
fn paths(world: &World) -> [Vec<String>; 2] {
    let is_change = |(page, ..): &(Page, _, _)| *page == Page::Change;
    let requests = requests(world);
    let change = requests.iter().position(is_change).expect("a change");
    let of = |from: &[(Page, String, std::time::Duration)], second: u64| {
        let mut paths: Vec<_> = from
            .iter()
            .filter(|(_, _, at)| at.as_secs() == second)
            .filter_map(|(page, ..)| if let Page::Airflow(path) = page { Some(path.clone()) } else { None })
            .collect();
        paths.sort();
        paths
    };
    [of(&requests[..change], 0), of(&requests[change..], 0)]
}

const HEALTH_2: &str = "/health";
const VERSION_2: &str = "/api/v1/version";
const STARTS: &str = "/api/v1/eventLogs?event=cli_scheduler&order_by=-event_log_id&limit=100";
const DAG_PROCESSORS: &str = "/api/v2/jobs?job_type=DagProcessorJob&order_by=-id&limit=100";
const SCHEDULERS: &str = "/api/v2/jobs?job_type=SchedulerJob&order_by=-id&limit=100";
const TRIGGERERS: &str = "/api/v2/jobs?job_type=TriggererJob&order_by=-id&limit=100";
const HEALTH_3: &str = "/api/v2/monitor/health";
const VERSION_3: &str = "/api/v2/version";

/// The pages of an Airflow 2 whose scheduler starts anew in second 10; `None` for those of Houston.
fn airflow_2(asked: &Asked) -> Option<Reply> {
    let Page::Airflow(path) = &asked.page else { return None };
    let start = |id: u64, host: &str| json!({ "event_log_id": id, "event": "cli_scheduler", "extra": json!({ "host_name": host }).to_string() });
    let mut starts = vec![start(40, "dev-scheduler-7d9f8c6b5d-aaaaa")];
    if asked.second() >= 10 {
        starts.insert(0, start(44, "dev-scheduler-5c4b7f9d8e-bbbbb"));
    }
    Some(match path.as_str() {
        HEALTH_2 => health("healthy", asked.second()),
        VERSION_2 => said(&json!({ "version": "2.9.1+astro.1" })),
        STARTS => said(&json!({ "event_logs": starts })),
        _ => answer(404, "<html>"),
    })
}

/// Houston says that Airflow 2.9.1 is to come up.
fn houston_2(asked: &Asked) -> Option<Reply> {
    let deployment: Value = json!({ "id": "1", "releaseName": "dev", "runtimeVersion": "11.3.0", "runtimeAirflowVersion": "2.9.1" });
    (asked.page == Page::ReadById).then(|| said(&json!({ "data": { "deployment": deployment } })))
}

#[test]
fn airflow_3_is_asked_for_its_own_pages() {
    let world = world(rolled(), |_| None);
    assert_eq!(only(&run(&world, &[])).proof, Some(Proof::Restarted));
    let before = [DAG_PROCESSORS, SCHEDULERS, TRIGGERERS, HEALTH_3, VERSION_3];
    assert_eq!(paths(&world), [before.to_vec(), vec![SCHEDULERS, HEALTH_3, VERSION_3]]);
}

#[test]
fn parts_that_ran_before_are_asked_for_afterwards() {
    let other = |asked: &Asked| {
        if !asked.is("health") && !asked.is("TriggererJob") {
            return None;
        }
        let beat = "2026-03-01T12:00:00Z";
        let row =
            json!({ "id": 3, "state": "running", "latest_heartbeat": beat, "hostname": "dev-triggerer-x" });
        Some(if asked.is("health") {
            let well = json!({ "status": "healthy", "latest_scheduler_heartbeat": beat });
            said(&json!({ "metadatabase": well, "scheduler": well, "triggerer": well }))
        } else {
            said(&json!({ "jobs": [row] }))
        })
    };
    let world = world(rolled(), other);
    assert_eq!(run(&world, &["--timeout", "61s"]).exit_code, 6);
    assert_eq!(paths(&world)[1], [SCHEDULERS, TRIGGERERS, HEALTH_3, VERSION_3]);
}

#[test]
fn airflow_2_is_found_out_once() {
    let world = world(vec![], |asked| houston_2(asked).or_else(|| airflow_2(asked)));
    let ended = run(&world, &[]);
    assert_eq!((only(&ended).proof, only(&ended).verified), (Some(Proof::Restarted), true));
    assert_eq!(paths(&world)[1], [STARTS, VERSION_2, HEALTH_2]);
}

#[test]
fn an_airflow_2_that_has_the_health_of_airflow_3_is_one_of_2() {
    let monitored = |asked: &Asked| {
        let is_monitor = asked.is(HEALTH_3);
        houston_2(asked)
            .or_else(|| is_monitor.then(|| health("healthy", asked.second())))
            .or_else(|| airflow_2(asked))
    };
    let world = world(vec![], monitored);
    let ended = run(&world, &[]);
    assert_eq!((only(&ended).proof, only(&ended).verified), (Some(Proof::Restarted), true));
    assert_eq!(paths(&world)[1], [STARTS, VERSION_2, HEALTH_2]);
}

#[test]
fn an_airflow_2_is_found_out_by_its_health_where_its_version_is_kept() {
    let kept = |asked: &Asked| {
        let unknown = json!({ "id": "1", "releaseName": "dev", "runtimeVersion": "11.3.0" });
        match asked.page {
            Page::ReadById => Some(said(&json!({ "data": { "deployment": unknown } }))),
            _ if asked.is(VERSION_2) => Some(answer(403, "{}")),
            _ => airflow_2(asked),
        }
    };
    let ended = run(&world(vec![], kept), &[]);
    assert_eq!((only(&ended).proof, only(&ended).verified), (Some(Proof::Restarted), true));
}

#[test]
fn an_airflow_3_that_keeps_its_version_stays_one_of_3() {
    let other = |asked: &Asked| {
        let unknown = json!({ "id": "1", "releaseName": "dev", "runtimeVersion": "11.3.0" });
        match asked.page {
            Page::ReadById => Some(said(&json!({ "data": { "deployment": unknown } }))),
            _ if asked.is(VERSION_3) || asked.is("/v1/") => Some(answer(404, "{}")),
            _ if asked.is(HEALTH_2) => Some(health("healthy", asked.second())),
            _ => None,
        }
    };
    let ended = run(&world(rolled(), other), &[]);
    assert_eq!((only(&ended).proof, only(&ended).verified), (Some(Proof::Restarted), true));
}

#[test]
fn an_airflow_2_that_becomes_an_airflow_3_is_followed() {
    let other = |asked: &Asked| {
        let is_airflow = matches!(asked.page, Page::Airflow(_));
        (is_airflow && asked.second() < 20).then(|| airflow_2(asked)).flatten()
    };
    let world = world(rolled(), other);
    let ended = run(&world, &["--wait", "require"]);
    assert_eq!((ended.exit_code, only(&ended).proof, only(&ended).verified), (0, Some(Proof::Healthy), true));
    // Once it was found, the pages of Airflow 2 are asked for no more.
    let old = requests(&world).into_iter().filter(|(page, _, at)| {
        *at > seconds(30) && matches!(page, Page::Airflow(path) if path == HEALTH_2 || path.contains("/v1/"))
    });
    assert_eq!(old.count(), 0);
}

#[test]
fn where_no_page_is_there_both_are_tried_and_neither_is_settled_on() {
    let other = |asked: &Asked| {
        let is_airflow = matches!(asked.page, Page::Airflow(_));
        (is_airflow && asked.second() < 20).then(|| answer(404, "default backend - 404"))
    };
    let ended = run(&world(rolled(), other), &[]);
    // Nothing was seen before the change, so that nothing can be told from it.
    assert_eq!(
        (ended.exit_code, only(&ended).proof, only(&ended).verified),
        (0, Some(Proof::Healthy), false)
    );
}

#[test]
fn the_state_before_is_noted_again_where_the_other_questions_took_long() {
    // A rival's roll comes up while Houston takes its time to tell its version: that is not this change's.
    let rival = vec![
        crate::airflow::model::old(7, "dev-scheduler-7d9f8c6b5d-aaaaa").ends(12),
        crate::airflow::model::new(8, "dev-scheduler-5c4b7f9d8e-bbbbb", 10),
    ];
    let slow =
        |asked: &Asked| (asked.page == Page::Version).then(|| super::after(15_000, super::good(asked, &[])));
    let world = world(rival, slow);
    let ended = run(&world, &["--ask"]);
    let message = only(&ended).error.clone().expect("an error").message;
    assert_eq!(message, "Houston accepted the image, but no scheduler of dev was restarted in 10 min");
    assert_eq!(super::looks(&world, "dev")[..3], [seconds(0), seconds(15), seconds(15)]);
}

#[test]
fn a_page_that_fails_tells_more_than_one_that_is_not_there() {
    for (reply, why) in [(answer(500, "{}"), "HTTP 500"), (answer(302, ""), "a redirect, such as to a login")]
    {
        let other = move |asked: &Asked| {
            let Page::Airflow(path) = &asked.page else { return None };
            Some(if path.starts_with("/api/v2/") { answer(404, "<html>") } else { reply.clone() })
        };
        let ended = run(&world(vec![], other), &[]);
        assert_eq!((ended.exit_code, only(&ended).proof), (0, Some(Proof::Read)));
        let message = ["dev cannot be watched from here: Airflow cannot be looked at: ", why].concat();
        assert_eq!(ended.report.warnings[0].message, message);
    }
}

#[test]
fn a_question_that_is_lost_before_the_change_is_asked_again() {
    let left = std::cell::Cell::new(1);
    let world = world(rolled(), move |asked| {
        let lost = asked.is("SchedulerJob") && left.get() > 0;
        lost.then(|| {
            left.set(left.get() - 1);
            fails(Cause::Broken("ECONNRESET".into()), Head::Written)
        })
    });
    let ended = run(&world, &["--wait", "require"]);
    let result = only(&ended);
    assert_eq!((ended.exit_code, result.proof, result.verified), (0, Some(Proof::Restarted), true));
}

#[test]
fn a_question_that_is_lost_in_a_look_is_not_asked_again_before_the_next_look() {
    let lost = |asked: &Asked| {
        let is_it = asked.is("/health") && asked.second() > 0;
        is_it.then(|| fails(Cause::Broken("ECONNRESET".into()), Head::Written))
    };
    let world = world(rolled(), lost);
    run(&world, &["--timeout", "61s"]);
    let of = |part: &str| {
        let is_it = |(page, _, at): &(Page, String, _)| {
            matches!(page, Page::Airflow(path) if path.contains(part)) && *at > seconds(30)
        };
        requests(&world).into_iter().filter(is_it).count()
    };
    assert!(of("/health") > 3);
    assert_eq!(of("/health"), of("/version"));
}

#[test]
fn an_airflow_2_with_the_health_of_airflow_3_stays_one_of_2() {
    // Its own health is not there for a moment, and no version is waited for.
    let other = |asked: &Asked| {
        let unknown = json!({ "id": "1", "releaseName": "dev", "runtimeVersion": "11.3.0" });
        match asked.page {
            Page::ReadById => Some(said(&json!({ "data": { "deployment": unknown } }))),
            _ if asked.is(HEALTH_3) => Some(health("healthy", asked.second())),
            _ if asked.is(HEALTH_2) && (14..20).contains(&asked.second()) => Some(answer(404, "")),
            _ => airflow_2(asked),
        }
    };
    let ended = run(&world(vec![], other), &[]);
    assert_eq!((only(&ended).proof, only(&ended).verified), (Some(Proof::Restarted), true));
}

#[test]
fn a_version_that_nobody_waits_for_is_asked_for_in_the_first_look_alone() {
    let other = |asked: &Asked| {
        let unknown = json!({ "id": "1", "releaseName": "dev", "runtimeVersion": "11.3.0" });
        (asked.page == Page::ReadById).then(|| said(&json!({ "data": { "deployment": unknown } })))
    };
    let world = world(rolled(), other);
    assert_eq!(only(&run(&world, &[])).proof, Some(Proof::Restarted));
    let later = |(page, _, at): &(Page, String, _)| {
        matches!(page, Page::Airflow(path) if path == VERSION_3) && *at > seconds(0)
    };
    assert!(!requests(&world).iter().any(later));
}
