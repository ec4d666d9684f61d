//! One release: its Deployment on each generation, what the token may do there, and its Airflow.

use serde_json::json;

use super::{
    but, check, deployment, end, failed, forbidden, health, lines, of, options, ready, said, warnings,
    without_workspace, world,
};
use crate::world::{Reply, answer, invalid};

const NOBODY: &str = r#"{"data":{"workspaceDeployments":[]}}"#;

#[test]
fn one_of_several_that_is_missing_ends_it_and_the_others_are_looked_at() {
    let world = world(|what, release| {
        (what == "WorkspaceDeployments" && release == "qa").then(|| answer(200, NOBODY))
    });
    let ended = check(&world, &options(&["--release", "dev,qa,prod"]));
    assert_eq!(end(&ended), "3 DEPLOYMENT_NOT_FOUND");
    let codes: Vec<_> = ended.report.results.iter().map(|result| result.exit_code).collect();
    assert_eq!(codes, [0, 3, 0]);
    let [dev, qa, prod] = ended.report.results.as_slice() else { panic!("three releases") };
    assert_eq!(dev.checks, prod.checks);
    let of_qa: Vec<_> = qa.checks.iter().map(super::line).collect();
    assert_eq!(
        of_qa,
        [
            "bad deployment DEPLOYMENT_NOT_FOUND: houston.astro.example.com has no Deployment with this release name",
            "unknown airflow: not looked at, since its Deployment could not be read"
        ]
    );
    // No link leads to an Airflow that is not there.
    assert_eq!(qa.airflow_url, None);
}

#[test]
fn with_fail_fast_what_was_not_begun_is_said() {
    let world = world(|what, release| {
        (what == "WorkspaceDeployments" && release == "dev").then(|| answer(200, NOBODY))
    });
    let ended = check(&world, &options(&["--release", "dev,qa", "--fail-fast", "--concurrency", "1"]));
    assert_eq!(end(&ended), "3 DEPLOYMENT_NOT_FOUND");
    let qa = ended.report.results.last().expect("a release");
    assert_eq!(
        (qa.status.as_str(), qa.checks.iter().map(super::line).collect::<Vec<_>>()),
        (
            "skipped",
            vec![
                "unknown deployment: not looked at, since another release failed and `fail-fast` is set"
                    .into()
            ]
        )
    );
}

#[test]
fn a_token_that_may_not_deploy_is_a_warning() {
    let rights = json!({ "canDeploy": false });
    let world = but("WorkspaceDeployments", deployment("dev", &[("deploymentCapabilities", rights)]));
    let ended = check(&world, &options(&[]));
    assert_eq!(end(&ended), "0");
    assert!(
        lines(&ended.report)
            .contains(&"warning token PERMISSION_DENIED: Houston knows it, and it may not deploy".to_owned())
    );
    assert_eq!(
        warnings(&world, &ended),
        [
            "PERMISSION_DENIED: this token may read dev and not deploy to it | set `token` to a key with the role Editor \
          or Admin where it is to deploy; to check alone, this one is right"
        ]
    );
}

#[test]
fn a_token_that_houston_does_not_know_is_refused() {
    let world = world(|what, _| match what {
        "WorkspaceDeployments" => Some(forbidden("workspaceDeployments")),
        "RuntimeReleases" => Some(forbidden("runtimeReleases")),
        _ => None,
    });
    let ended = check(&world, &options(&[]));
    assert_eq!(end(&ended), "3 PERMISSION_DENIED");
    assert!(of(&ended, "deployment").starts_with("bad deployment PERMISSION_DENIED: "));
    let error = ended.report.error.expect("an error");
    assert!(error.hint.is_some_and(|hint| hint.starts_with("check that `token` is complete")));
}

#[test]
fn what_a_deploy_would_go_on_without_is_a_warning() {
    let rows = [
        (failed("workspaceDeployments", "INTERNAL_SERVER_ERROR", "boom"), "HOUSTON_FAILED"),
        (answer(200, r#"{"data":{"workspaceDeployments":null}}"#), "HOUSTON_FAILED"),
        (
            invalid("Unknown argument \"releaseName\" on field \"Query.workspaceDeployments\"."),
            "API_MISMATCH",
        ),
    ];
    for (reply, code) in rows {
        let world = but("WorkspaceDeployments", reply);
        let ended = check(&world, &options(&["--attempts", "1"]));
        assert_eq!(end(&ended), "0", "{code}");
        assert!(
            of(&ended, "deployment")
                .starts_with(&format!("warning deployment {code}: it could not be read: "))
        );
        let [warning] = warnings(&world, &ended).try_into().expect("one warning");
        assert!(warning.starts_with(&format!("{code}: dev could not be read: ")), "{warning}");
        assert!(
            warning.ends_with("| check `workspace`, and that the token may read this Deployment"),
            "{warning}"
        );
        assert!(of(&ended, "airflow").starts_with("good airflow: "), "{code}");
    }
}

#[test]
fn fields_that_this_platform_does_not_have_are_left_out() {
    // As each of the generations says it, and one that has no `updatedAt` either.
    for absent in
        [&["airflowVersion"][..], &["deploymentCapabilities"], &["airflowVersion", "updatedAt", "urls"]]
    {
        let world = crate::world::World::serving(move |request, _| {
            let (what, release) = super::asked(request);
            let query = request.body.as_ref().map_or("", |body| body.on_the_wire());
            let missing: Vec<_> =
                absent.iter().filter(|field| query.contains(&format!(" {field} "))).collect();
            if what != "WorkspaceDeployments" || missing.is_empty() {
                return ready(&what, &release);
            }
            let error = |field: &&&str| {
                json!({
                    "message": format!("Cannot query field \"{field}\" on type \"Deployment\"."),
                    "extensions": { "code": "GRAPHQL_VALIDATION_FAILED" },
                })
            };
            answer(400, &json!({ "errors": missing.iter().map(error).collect::<Vec<_>>() }).to_string())
        });
        let ended = check(&world, &options(&[]));
        assert_eq!((end(&ended).as_str(), ended.report.warnings.len()), ("0", 0), "{absent:?}");
        assert!(lines(&ended.report).iter().any(|line| line.starts_with("good deployment: ")), "{absent:?}");
        let reads = world.sent().iter().filter(|sent| sent.query.contains("workspaceDeployments")).count();
        assert_eq!(reads, 2, "{absent:?}");
    }
}

#[test]
fn rights_that_cannot_be_told_do_not_stand_for_more() {
    let below = json!({
        "data": { "workspaceDeployments": [{ "id": "ck1", "releaseName": "dev", "deploymentCapabilities": null }] },
        "errors": [{
            "message": "You do not have the appropriate permissions for that",
            "path": ["workspaceDeployments", 0, "deploymentCapabilities"],
            "extensions": { "code": "FORBIDDEN" },
        }],
    });
    let rows =
        [said(&below), invalid("Cannot query field \"canDeploy\" on type \"DeploymentCapabilities\".")];
    for reply in rows {
        let world = crate::world::World::serving(move |request, _| {
            let (what, release) = super::asked(request);
            let query = request.body.as_ref().map_or("", |body| body.on_the_wire());
            match what.as_str() {
                "WorkspaceDeployments" if query.contains("deploymentCapabilities") => reply.clone(),
                "WorkspaceDeployments" => deployment(&release, &[("deploymentCapabilities", json!(null))]),
                _ => ready(&what, &release),
            }
        });
        let ended = check(&world, &options(&[]));
        assert_eq!((end(&ended).as_str(), ended.report.warnings.len()), ("0", 0));
        assert!(lines(&ended.report).contains(
            &"unknown token: Houston knows it, and does not tell whether it may deploy".to_owned()
        ));
    }
}

/// The Airflow's page with this in its address is answered so.
fn airflow(page: &'static str, reply: Reply) -> crate::world::World {
    world(move |what, _| {
        what.split_once("/dev/airflow").filter(|(_, path)| path.contains(page)).map(|_| reply.clone())
    })
}

#[test]
fn an_airflow_that_is_kept_from_us_is_a_warning_or_an_error() {
    let login = || airflow("/", answer(200, "<html>log in</html>"));
    let said = "it cannot be watched from here: a page that is not Airflow's, such as a login's";
    let here = login();
    let ended = check(&here, &options(&[]));
    assert_eq!(end(&ended), "0");
    assert_eq!(of(&ended, "airflow"), format!("warning airflow WAIT_IMPOSSIBLE: {said}"));
    assert_eq!(
        warnings(&here, &ended),
        [
            "WAIT_IMPOSSIBLE: dev cannot be watched from here: a page that is not Airflow's, such as a login's | let this \
          runner reach the Deployment's Airflow with a token that opens it, or set `wait` to off"
        ]
    );
    let ended = check(&login(), &options(&["--wait", "require"]));
    assert_eq!(end(&ended), "6 WAIT_IMPOSSIBLE");
    assert_eq!(of(&ended, "airflow"), format!("bad airflow WAIT_IMPOSSIBLE: {said}"));
    let denied = airflow("/", answer(403, "{}"));
    assert_eq!(end(&check(&denied, &options(&["--wait", "require"]))), "6 WAIT_IMPOSSIBLE");
}

#[test]
fn schedulers_that_cannot_be_read_leave_it_open_whether_a_restart_is_seen() {
    for wait in ["auto", "require"] {
        let world = airflow("/api/v2/jobs", answer(401, "{}"));
        let ended = check(&world, &options(&["--wait", wait]));
        assert_eq!(end(&ended), "0", "{wait}");
        assert_eq!(
            of(&ended, "airflow"),
            "warning airflow WAIT_IMPOSSIBLE: Airflow 2.9.1 answers; its schedulers cannot be read, so that a restart \
             would not be seen"
        );
        assert_eq!(warnings(&world, &ended).len(), 1);
    }
}

#[test]
fn an_airflow_that_is_down_or_ill_is_what_a_deploy_may_mend() {
    let rows = [
        (airflow("/", answer(502, "")), "Airflow does not answer now: HTTP 502"),
        (airflow("/api/v2/monitor/health", health("unhealthy")), "Airflow 2.9.1 answers and is not healthy"),
    ];
    for (world, seen) in rows {
        let ended = check(&world, &options(&["--wait", "require"]));
        assert_eq!(end(&ended), "0", "{seen}");
        assert_eq!(of(&ended, "airflow"), format!("warning airflow UNHEALTHY: {seen}"));
        assert_eq!(warnings(&world, &ended).len(), 1, "{seen}");
    }
}

#[test]
fn an_airflow_2_is_found_by_its_own_paths() {
    let world = world(|what, _| {
        let path = what.split_once("/airflow").map(|(_, path)| path)?;
        Some(match path {
            "/health" => health("healthy"),
            "/api/v1/version" => said(&json!({ "version": "2.9.1" })),
            path if path.starts_with("/api/v1/eventLogs") => said(&json!({ "event_logs": [] })),
            path if path.starts_with("/api/v2/") => answer(404, "{}"),
            _ => return None,
        })
    });
    let ended = check(&world, &options(&[]));
    assert_eq!(of(&ended, "airflow"), "good airflow: Airflow 2.9.1 answers, and its schedulers can be seen");
}

#[test]
fn an_address_that_only_houston_knows() {
    let elsewhere = ["--houston-url", "https://127.0.0.1/v1"];
    let ended = check(&world(|_, _| None), &without_workspace(&elsewhere));
    assert_eq!(of(&ended, "airflow"), "unknown airflow: not looked at: its address shows with `workspace`");
    // Houston shows the Deployment, and no address with it.
    let ended = check(&world(|_, _| None), &options(&[&elsewhere[..], &["--wait", "require"]].concat()));
    assert_eq!(
        of(&ended, "airflow"),
        "bad airflow WAIT_IMPOSSIBLE: it cannot be watched from here: Houston gives no address of its Airflow"
    );
    assert_eq!(end(&ended), "6 WAIT_IMPOSSIBLE");
    // The address that Houston shows is the one that is looked at.
    let urls = json!([{ "type": "airflow", "url": "https://airflow.example.org/dev/airflow" }]);
    let world = but("WorkspaceDeployments", deployment("dev", &[("urls", urls)]));
    let ended = check(&world, &options(&[]));
    assert!(of(&ended, "airflow").starts_with("good airflow: "));
    assert!(world.sent().iter().any(|sent| sent.url.starts_with("https://airflow.example.org/dev/airflow/")));
    let result = ended.report.only().expect("one release");
    assert_eq!(result.airflow_url.as_deref(), Some("https://airflow.example.org/dev/airflow"));
}
