//! What a watch ends with: exit code, status, proof, and the words, to the letter.

use houston_deploy::error::Code;
use houston_deploy::fleet::Ended;
use houston_deploy::io::{Cause, Head};
use houston_deploy::report::{Change, Proof, Status};
use serde_json::json;

use super::{Asked, Page, Reply, health, rolled, run, said, shown, world};
use crate::airflow::model::{NEW, OLD, new, old};
use crate::world::{World, answer, fails, only};

/// Exit code, status, proof, and whether it is verified.
#[track_caller]
fn ending(ended: &Ended) -> (u8, Status, Option<Proof>, bool) {
    let release = only(ended);
    assert_eq!((ended.report.proof(), ended.report.verified()), (release.proof, release.verified));
    (ended.exit_code, release.status, release.proof, release.verified)
}

/// The error: code, message, hint.
#[track_caller]
fn error(ended: &Ended) -> (Code, String, String) {
    let error = only(ended).error.clone().expect("an error");
    (error.code, error.message, error.hint.expect("a hint").into_owned())
}

/// The warnings: code, message, hint.
fn warnings(ended: &Ended) -> Vec<(Code, String, String)> {
    let warnings = ended.report.warnings.iter();
    warnings
        .map(|warning| {
            (warning.code, warning.message.clone(), warning.hint.clone().unwrap_or_default().into_owned())
        })
        .collect()
}

const NOTHING: fn(&Asked) -> Option<Reply> = |_| None;
const WATCH_HINT: &str =
    "let this runner reach the Deployment's Airflow with a token that opens it, or set `wait` to off";

#[test]
fn restarted() {
    for wait in ["auto", "require"] {
        let world = world(rolled(), NOTHING);
        let ended = run(&world, &["--wait", wait]);
        assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Restarted), true));
        assert_eq!((only(&ended).change, warnings(&ended)), (Change::Confirmed, vec![]));
        assert_eq!(
            only(&ended).airflow_url.as_deref(),
            Some("https://deployments.astro.example.com/dev/airflow")
        );
        let told: Vec<_> =
            world.told().into_iter().filter(|message| !message.contains(" -> HTTP ")).collect();
        assert_eq!(
            told,
            [
                "sending registry.example.com/acme/airflow:1.4.2 to Houston",
                "Houston accepted the image",
                "no scheduler has been restarted yet",
                "1 of 2 schedulers are from before the change",
                "new and healthy for 0 ms of 1 min",
                "new and healthy for 5 s of 1 min",
                "restarted: the Deployment is up",
            ]
        );
    }
}

#[test]
fn nothing_restarts() {
    for wait in ["auto", "require"] {
        let ended = run(&world(vec![old(7, OLD)], NOTHING), &["--wait", wait]);
        assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Read), false));
        assert_eq!(only(&ended).change, Change::Confirmed);
        let message = "Houston accepted the image, but no scheduler of dev was restarted in 10 min";
        let hint = "look at the Deployment's pods, since the roll may have failed; if it ran this image before, set \
                    `unchanged-ok`";
        assert_eq!(error(&ended), (Code::WaitTimeout, message.into(), hint.into()));
    }
}

#[test]
fn nothing_restarts_and_that_is_fine() {
    for wait in ["auto", "require"] {
        let ended = run(&world(vec![old(7, OLD)], NOTHING), &["--wait", wait, "--unchanged-ok"]);
        assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Healthy), false));
        let message = "dev is healthy, and no restart was seen";
        let hint = "look at the Deployment's page if a restart was to be expected";
        assert_eq!(warnings(&ended), [(Code::WaitImpossible, message.into(), hint.into())]);
    }
}

#[test]
fn unhealthy_at_the_deadline() {
    let ill = |asked: &Asked| {
        (asked.is("health") && asked.second() > 20).then(|| health("unhealthy", asked.second()))
    };
    for wait in ["auto", "require"] {
        let ended = run(&world(rolled(), ill), &["--wait", wait, "--timeout", "2m"]);
        assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Read), false));
        let message =
            "Houston accepted the image, but dev is not healthy after 2 min: the scheduler is not healthy";
        let hint = "look at the logs of the Deployment's scheduler; nothing was undone";
        assert_eq!(error(&ended), (Code::Unhealthy, message.into(), hint.into()));
    }
}

#[test]
fn not_up_at_the_deadline() {
    let rows = [
        (answer(502, "<html>"), "Airflow does not answer yet: HTTP 502"),
        (answer(503, ""), "Airflow does not answer yet: HTTP 503"),
        (answer(504, ""), "Airflow does not answer yet: HTTP 504"),
        (answer(404, "default backend - 404"), "Airflow does not answer yet: HTTP 404"),
        (said(&json!({ "version": "2.9.1" })), "waiting for Airflow 3.0.0: 2.9.1 still answers"),
    ];
    for (reply, state) in rows {
        let is_version = state.starts_with("waiting");
        let other = move |asked: &Asked| {
            let concerns = asked.is(if is_version { "/version" } else { "/" });
            (concerns && asked.second() > 20).then(|| reply.clone())
        };
        let ended = run(&world(rolled(), other), &["--timeout", "2m"]);
        assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Read), false));
        let message = ["Houston accepted the image, but dev did not come up in 2 min: ", state].concat();
        let hint = "look at the Deployment's pods, or give `timeout` more time; nothing was undone";
        assert_eq!(error(&ended), (Code::WaitTimeout, message, hint.into()));
    }
}

#[test]
fn what_is_up_in_the_last_look_is_up() {
    // The window is full three seconds after the look before that.
    let kept = |asked: &Asked| asked.is("/jobs").then(|| answer(403, "{}"));
    let options = ["--timeout", "58s", "--stable-for", "57s"];
    let ended = run(&world(rolled(), kept), &options);
    assert_eq!((ending(&ended).2, only(&ended).milliseconds), (Some(Proof::Healthy), 58_000));
    let ill_at_first = move |asked: &Asked| {
        let is_ill = asked.is("health") && asked.second() < 5;
        kept(asked).or_else(|| is_ill.then(|| health("unhealthy", asked.second())))
    };
    let ended = run(&world(rolled(), ill_at_first), &options);
    let message = "Houston accepted the image, but dev did not come up in 58 s: healthy for 52 s of 57 s";
    assert_eq!((ended.exit_code, error(&ended).1.as_str()), (6, message));
}

#[test]
fn not_to_be_watched() {
    let rows = [
        (answer(401, ""), "Airflow cannot be looked at: HTTP 401"),
        (answer(403, "{}"), "Airflow cannot be looked at: HTTP 403"),
        (answer(302, ""), "Airflow cannot be looked at: a redirect, such as to a login"),
        (
            answer(200, "<html>"),
            "Airflow cannot be looked at: a page that is not Airflow's, such as a login's",
        ),
        (answer(200, "[]"), "Airflow cannot be looked at: a page that is not Airflow's, such as a login's"),
        (answer(200, "{}"), "Airflow cannot be looked at: an answer that is not Airflow's"),
        (answer(500, "{}"), "Airflow cannot be looked at: HTTP 500"),
    ];
    for (reply, why) in rows {
        let other = move |asked: &Asked| asked.is("/").then(|| reply.clone());
        let message = ["dev cannot be watched from here: ", why].concat();
        let ended = run(&world(rolled(), other.clone()), &["--wait", "auto"]);
        assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Read), false));
        assert_eq!(warnings(&ended), [(Code::WaitImpossible, message.clone(), WATCH_HINT.into())]);
        let ended = run(&world(rolled(), other), &["--wait", "require"]);
        assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Read), false));
        assert_eq!(error(&ended), (Code::WaitImpossible, message, WATCH_HINT.into()));
    }
}

#[test]
fn no_way_there() {
    let other = |asked: &Asked| {
        asked.is("/").then(|| fails(Cause::NameNotFound("ENOTFOUND".into()), Head::Unwritten))
    };
    let ended = run(&world(rolled(), other), &[]);
    assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Read), false));
    let warning = &ended.report.warnings[0];
    let start = "dev cannot be watched from here: Airflow cannot be looked at: deployments.astro.example.com could not \
                 be reached: its name could not be resolved (ENOTFOUND) (request ";
    assert!(warning.message.starts_with(start), "{}", warning.message);
}

#[test]
fn no_address_of_an_airflow() {
    let url = ["--houston-url", "https://apc.example.com/v1"];
    let message = "dev cannot be watched from here: Houston gives no address of its Airflow";
    let at = |wait: &'static str| {
        let world = world(rolled(), NOTHING);
        let options = [&url[..], &["--wait", wait]].concat();
        let ended = run(&world, &options);
        assert!(world.sent().iter().all(|sent| sent.url == url[1]), "nothing but Houston is asked");
        ended
    };
    let ended = at("auto");
    assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Read), false));
    assert_eq!(warnings(&ended), [(Code::WaitImpossible, message.into(), WATCH_HINT.into())]);
    let ended = at("require");
    assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Read), false));
    assert_eq!(error(&ended), (Code::WaitImpossible, message.into(), WATCH_HINT.into()));
}

#[test]
fn the_rows_may_not_be_read_while_the_health_may() {
    let kept = |asked: &Asked| asked.is("/jobs").then(|| answer(403, "{}"));
    let message = "dev is healthy, but whether the new image runs could not be seen";
    let hint = "let the token read Airflow's jobs (its audit log in Airflow 2), and set `workspace`, so that a restart \
                shows";
    let ended = run(&world(rolled(), kept), &[]);
    assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Healthy), false));
    assert_eq!(warnings(&ended), [(Code::WaitImpossible, message.into(), hint.into())]);
    let ended = run(&world(rolled(), kept), &["--wait", "require"]);
    assert_eq!(ending(&ended), (6, Status::Unhealthy, Some(Proof::Healthy), false));
    assert_eq!(error(&ended), (Code::WaitImpossible, message.into(), hint.into()));
    // The version is then the proof, where it was another.
    let changed = move |asked: &Asked| {
        let is_old = asked.is("/version") && asked.second() < 20;
        kept(asked).or_else(|| is_old.then(|| said(&json!({ "version": "2.9.1+astro.1" }))))
    };
    let ended = run(&world(rolled(), changed), &["--wait", "require"]);
    assert_eq!(
        (ending(&ended), warnings(&ended)),
        ((0, Status::Deployed, Some(Proof::Healthy), true), vec![])
    );
}

#[test]
fn what_is_read_after_the_change_has_to_be_what_was_asked() {
    let rows = [
        (shown("dev", "10.0.0"), "Houston accepted 11.3.0 and then showed 10.0.0"),
        (shown("prod", "11.3.0"), "Houston accepted the image and then showed the release \"prod\""),
    ];
    for (deployment, what) in rows {
        let other = move |asked: &Asked| {
            (asked.page == Page::ReadById)
                .then(|| said(&json!({ "data": { "deployment": deployment.clone() } })))
        };
        let world = world(rolled(), other);
        let ended = run(&world, &[]);
        assert_eq!(ending(&ended), (5, Status::Unknown, Some(Proof::Accepted), false));
        assert_eq!(only(&ended).change, Change::Unknown);
        let hint = "look at the Deployment's page for the image that it runs; if it is not the one that was asked \
                    for, run again";
        let message = ["whether dev was changed is not known: ", what].concat();
        assert_eq!(error(&ended), (Code::OutcomeUnknown, message, hint.into()));
        assert_eq!(super::looks(&world, "dev").len(), 1, "nothing is watched after it");
    }
}

#[test]
fn what_cannot_be_read_after_the_change_is_a_warning_and_the_rest_counts() {
    let rows = [
        (said(&json!({ "data": { "deployment": null } })), Code::DeploymentNotFound),
        (answer(502, ""), Code::HoustonFailed),
        (
            said(
                &json!({ "data": null, "errors": [{ "message": "no", "path": ["deployment"], "extensions": { "code": "FORBIDDEN" } }] }),
            ),
            Code::PermissionDenied,
        ),
    ];
    for (reply, code) in rows {
        let other = move |asked: &Asked| (asked.page == Page::ReadById).then(|| reply.clone());
        let ended = run(&world(rolled(), other), &[]);
        assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Restarted), true), "{code:?}");
        let [(said, message, _)] = &warnings(&ended)[..] else { panic!("one warning for {code:?}") };
        assert_eq!(*said, code);
        assert!(message.starts_with("dev could not be read after the change: "), "{message}");
    }
}

#[test]
fn a_deployment_that_shows_no_version_is_not_read() {
    let other = |asked: &Asked| match asked.page {
        Page::ReadById => {
            Some(said(&json!({ "data": { "deployment": { "id": "ck1", "releaseName": "dev" } } })))
        }
        _ => asked.is("/").then(|| answer(403, "")),
    };
    let ended = run(&world(rolled(), other), &[]);
    assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Accepted), false));
    let after = only(&ended).after.clone().and_then(|state| state.version);
    assert_eq!(after.as_deref(), Some("11.3.0"), "what Houston said yes to");
}

#[test]
fn without_an_id_it_is_read_by_its_workspace_or_not_at_all() {
    let no_id = |asked: &Asked| {
        let deployment = json!({ "id": "$(id)", "releaseName": "dev", "runtimeVersion": "11.3.0" });
        match asked.page {
            Page::Change => Some(said(&json!({ "data": { "updateDeploymentImage": deployment } }))),
            Page::Read => {
                Some(said(&json!({ "data": { "workspaceDeployments": [shown("dev", "11.3.0")] } })))
            }
            _ => None,
        }
    };
    let reads = |world: &World| {
        let pages = super::requests(world).into_iter().map(|(page, ..)| page);
        pages.filter(|page| matches!(page, Page::Read | Page::ReadById)).collect::<Vec<_>>()
    };
    let without = world(rolled(), no_id);
    let ended = run(&without, &[]);
    assert_eq!(ending(&ended), (0, Status::Deployed, Some(Proof::Restarted), true));
    assert_eq!((reads(&without), only(&ended).deployment_id.as_deref()), (vec![], None));
    let with = world(rolled(), no_id);
    let ended = run(&with, &["--workspace", "ws1"]);
    assert_eq!((ended.exit_code, reads(&with)), (0, vec![Page::Read, Page::Read]));
    // Where nothing can be read or watched either, it stays at Houston's word.
    let denied = move |asked: &Asked| no_id(asked).or_else(|| asked.is("/").then(|| answer(403, "")));
    assert_eq!(
        ending(&run(&world(rolled(), denied), &[])),
        (0, Status::Deployed, Some(Proof::Accepted), false)
    );
}

#[test]
fn what_is_asked_of_a_deployment_depends_on_the_platform() {
    for (platform, fields) in [
        ("0.34.1", "airflowVersion runtimeVersion updatedAt urls { type url } }"),
        ("1.0.0", "airflowVersion runtimeVersion updatedAt urls { type url } runtimeAirflowVersion }"),
        ("1.0.1", "runtimeVersion updatedAt urls { type url } runtimeAirflowVersion }"),
    ] {
        let world = world(rolled(), NOTHING);
        run(&world, &["--platform-version", platform]);
        let sent = world.sent();
        let read = sent.iter().find(|sent| sent.query.contains("deployment(where")).expect("a read");
        assert!(read.query.contains(&format!("{{ id releaseName {fields}")), "{platform}: {}", read.query);
    }
}

#[test]
fn an_airflow_version_that_was_asked_for_is_waited_for() {
    // Houston does not say which Airflow it is.
    let silent = |asked: &Asked| {
        let shown = json!({ "id": "ck1", "releaseName": "dev", "airflowVersion": "3.1.0" });
        match asked.page {
            Page::Change => Some(said(&json!({ "data": { "updateDeploymentImage": shown } }))),
            Page::ReadById => Some(answer(502, "")),
            _ => None,
        }
    };
    let ended = run(&world(rolled(), silent), &["--airflow-version", "3.1.0", "--timeout", "2m"]);
    let message = "Houston accepted the image, but dev did not come up in 2 min: waiting for Airflow 3.1.0: 3.0.0 \
                   still answers";
    assert_eq!((error(&ended).0, error(&ended).1.as_str()), (Code::WaitTimeout, message));
}

#[test]
fn before_and_after_can_be_compared() {
    let ended = run(&world(vec![old(7, OLD).ends(25), new(8, NEW, 10)], NOTHING), &["--workspace", "ws1"]);
    let version =
        |state: &Option<houston_deploy::report::State>| state.clone().and_then(|state| state.version);
    let release = only(&ended);
    assert_eq!(version(&release.before).as_deref(), Some("10.0.0"));
    assert_eq!(version(&release.after).as_deref(), Some("11.3.0"));
    assert_eq!(release.after.clone().and_then(|state| state.updated_at).as_deref(), Some("t0"));
    assert_eq!(release.deployment_id.as_deref(), Some("id-of-dev"));
}
