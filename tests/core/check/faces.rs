//! The faces of a check: the lines on a terminal, `JUnit`, Markdown, JSON, annotations; and that none shows a secret.

use houston_deploy::fleet::Ended;
use houston_deploy::handover::Handover;
use houston_deploy::inputs::{Environment, Front, Surroundings};
use houston_deploy::render;
use houston_deploy::session::Session;
use houston_deploy::token::Redactor;
use houston_deploy::value::Value as Own;
use serde_json::{Value, json};

use super::{check, failed, of, options, world};
use crate::world::{NoFiles, TOKEN, WALL, World, answer};

/// Two releases, one of which is not there, and a version that is not listed.
fn mixed() -> Ended {
    let world = world(|what, release| match (what, release) {
        ("WorkspaceDeployments", "production") => {
            Some(answer(200, r#"{"data":{"workspaceDeployments":[]}}"#))
        }
        ("RuntimeReleases", _) => Some(answer(200, r#"{"data":{"runtimeReleases":[{"version":"3.0-1"}]}}"#)),
        _ => None,
    });
    check(&world, &options(&["--release", "dev,production", "--preflight", "off"]))
}

#[test]
fn a_terminal_has_a_line_for_each_thing_in_columns() {
    assert_eq!(
        render::result(&mixed().report),
        "\
good     input       2 releases, registry.example.com/acme/airflow:1.4.2
good     token       a service account's key, which does not expire
good     houston     Houston 0.34.1 at https://houston.astro.example.com/v1
unknown  image       not looked up, since `preflight` is off
good     version     11.3.0, sent by updateDeploymentImage
warning  listed      VERSION_UNKNOWN: the platform does not list 11.3.0
unknown  endpoint    whether the endpoint is switched on shows only with a change: look for \
astronomer.houston.config.deployments.enableUpdateDeploymentImageEndpoint
good     deployment  dev         runs 10.0.0, changed last at 2026-11-22T10:00:00Z
good     token       dev         Houston knows it, and it may deploy
good     airflow     dev         Airflow 2.9.1 answers, and its schedulers can be seen
bad      deployment  production  DEPLOYMENT_NOT_FOUND: houston.astro.example.com has no Deployment with this release name
unknown  airflow     production  not looked at, since its Deployment could not be read
"
    );
}

#[test]
fn a_single_release_is_named_once() {
    let ended = check(&world(|_, _| None), &options(&[]));
    let text = render::result(&ended.report);
    assert_eq!(text.lines().filter(|line| line.contains("dev")).count(), 1, "{text}");
    assert!(text.contains("\ngood     deployment  runs 10.0.0, "), "{text}");
}

#[test]
fn no_line_names_its_release_twice() {
    let world = world(|what, release| match what {
        "WorkspaceDeployments" if release == "staging" => {
            Some(failed("workspaceDeployments", "INTERNAL_SERVER_ERROR", "boom"))
        }
        "WorkspaceDeployments" if release == "production" => {
            let rights = json!({ "canDeploy": false });
            Some(super::deployment(release, &[("deploymentCapabilities", rights)]))
        }
        "WorkspaceDeployments" => Some(answer(200, r#"{"data":{"workspaceDeployments":[]}}"#)),
        what if what.contains("/airflow/api/") => Some(answer(401, "")),
        _ => None,
    });
    let ended = check(&world, &options(&["--release", "staging,production,gone-1", "--attempts", "1"]));
    for line in render::result(&ended.report).lines() {
        for release in ["staging", "production", "gone-1"] {
            assert!(line.matches(release).count() <= 1, "{line}");
        }
    }
}

#[test]
fn the_hint_of_all_that_is_bad_stands_beside_the_lines() {
    let blocks = render::blocks(&mixed().report);
    let (error, hint) = blocks.trim_end().split_once('\n').expect("two lines");
    assert_eq!(
        super::plain(error),
        "error[DEPLOYMENT_NOT_FOUND]: production: houston.astro.example.com has no Deployment with the release name \
         \"production\""
    );
    assert!(hint.starts_with("hint: correct `release`"), "{hint}");
}

#[test]
fn a_fault_that_all_releases_share_is_told_once_and_of_none() {
    let world = world(|what, _| (what == "AppConfig").then(|| answer(404, "<html>")));
    let ended = check(&world, &options(&["--release", "dev,qa,prod"]));
    let blocks = render::blocks(&ended.report);
    assert!(blocks.starts_with("error[NOT_HOUSTON]: houston.astro.example.com answered"), "{blocks}");
    assert_eq!(blocks.matches("error[").count(), 1, "{blocks}");
    assert_eq!(render::margin(&ended.report).len(), 1);
}

#[test]
fn junit_has_a_test_case_for_each_line_and_no_name_twice() {
    let ended = mixed();
    let junit = render::junit(&ended.report);
    let names: Vec<_> = junit.split(" name=\"").skip(2).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(
        names,
        [
            "input",
            "token",
            "houston",
            "image",
            "version",
            "listed",
            "endpoint",
            "dev: deployment",
            "dev: token",
            "dev: airflow",
            "production: deployment",
            "production: airflow"
        ]
    );
    assert!(junit.contains("tests=\"12\" failures=\"1\" errors=\"0\" skipped=\"3\""), "{junit}");
    assert_eq!(junit.matches("<failure type=\"DEPLOYMENT_NOT_FOUND\"").count(), 1);
    assert_eq!(junit.matches("<skipped/>").count(), 3);
    assert!(junit.contains("hint: correct `release`"), "{junit}");
}

#[test]
fn junit_is_red_where_a_cancel_came_before_a_release() {
    let world = world(|what, _| {
        (what == "AppConfig").then_some(crate::world::Reply::Hangs(houston_deploy::io::Head::Written))
    });
    let signal = houston_deploy::io::Signal::Terminate;
    let ended = check(&world.cancelled_at(std::time::Duration::from_secs(1), signal), &options(&[]));
    assert_eq!(ended.exit_code, 143);
    assert!(
        render::junit(&ended.report)
            .contains("name=\"dev: deployment\" time=\"0.000\">\n      <failure type=\"CANCELLED\"")
    );
}

#[test]
fn a_page_has_a_row_for_each_line() {
    let page = render::summary(&mixed().report, &render::Origin::default());
    assert!(page.starts_with("## ❌ 1 of 2 releases ready\n"), "{page}");
    for row in [
        "| ✅ | houston | `Houston 0.34.1 at https://houston.astro.example.com/v1` |",
        "| ⚠️ | listed | `the platform does not list 11.3.0` |",
        "| ❔ | airflow | `production: not looked at, since its Deployment could not be read` |",
        "| ✅ | token | `dev: Houston knows it, and it may deploy` |",
        "### ❌ DEPLOYMENT_NOT_FOUND",
        "**What to do:** correct `release`",
        "### ⚠️ VERSION_UNKNOWN\n\n`the platform does not list 11.3.0`\n\n**What to do:** check the version option",
    ] {
        assert!(page.contains(row), "{row} is not in\n{page}");
    }
    let good = check(&world(|_, _| None), &options(&[]));
    let page = render::summary(&good.report, &render::Origin::default());
    assert!(page.starts_with("## ✅ Checked: dev\n"), "{page}");
    assert!(page.contains("| ✅ | deployment | `runs 10.0.0, "), "{page}");
}

#[test]
fn the_report_has_a_list_of_checks_at_the_top_and_in_each_result() {
    let ended = mixed();
    let report: Value =
        serde_json::from_str(&render::json(&ended.report, &Redactor::default())).expect("JSON");
    let shared = report["checks"].as_array().expect("checks");
    assert_eq!(
        shared[5],
        json!({
            "what": "listed",
            "verdict": "warning",
            "message": "the platform does not list 11.3.0",
            "code": "VERSION_UNKNOWN",
            "hint": "check the version option against the platform's own list",
        })
    );
    assert_eq!(shared[2]["code"], Value::Null);
    let result = &report["results"][1];
    assert_eq!((&result["status"], &result["change"]), (&json!("refused"), &json!("none")));
    assert_eq!(result["checks"][0]["verdict"], "bad");
    assert_eq!(result["checks"][0]["code"], result["error"]["code"]);
    assert_eq!(report["error"]["code"], "DEPLOYMENT_NOT_FOUND");
    // A deploy has none.
    let deployed = crate::world::deploy(
        &World::new([crate::world::yes()]),
        &crate::world::inputs(&["--platform-version", "0.34.1"]),
    );
    assert!(!render::json(&deployed.report, &Redactor::default()).contains("\"checks\""));
}

/// What leaves a whole session of `check` against a platform that quotes the token in whatever it says.
#[track_caller]
fn leaves(arguments: &[&str]) -> (String, World) {
    let variables = [("HOUSTON_TOKEN", TOKEN), ("HOUSTON_WORKSPACE", "ws1")];
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let mut all = vec!["check"];
    all.extend(crate::world::USUAL.iter().flatten().filter(|word| **word != "--wait" && **word != "off"));
    all.retain(|word| *word != "--preflight");
    all.extend(["--preflight", "off"]);
    all.extend(arguments);
    let handover = Handover {
        front: Front::CommandLine,
        arguments: all.iter().map(|&word| word.to_owned()).collect(),
        environment: Environment::new(variables),
        properties: Own::Null,
        check: false,
        surroundings: Surroundings {
            wall: WALL,
            can_trust: true,
            proxy_ignored: false,
            proxy_invalid: false,
        },
    };
    let quoting = format!("who is {TOKEN}?");
    let world = world(move |what, release| match what {
        "AppConfig" => Some(failed("appConfig", "FORBIDDEN", &quoting)),
        "RuntimeReleases" => Some(failed("runtimeReleases", "FORBIDDEN", &quoting)),
        "WorkspaceDeployments" if release == "dev" => Some(super::deployment(
            release,
            &[("runtimeVersion", json!(quoting)), ("updatedAt", json!(quoting))],
        )),
        "WorkspaceDeployments" => Some(failed("workspaceDeployments", "FORBIDDEN", &quoting)),
        what if what.ends_with("/version") => Some(super::said(&json!({ "version": quoting }))),
        _ => None,
    });
    (world.run(Session::open(handover, &NoFiles).run(&world)), world)
}

#[test]
fn a_secret_that_houston_quotes_is_in_no_face() {
    let files = ["report", "summary", "junit", "dotenv", "annotations"]
        .map(|name| [format!("--{name}-file"), name.to_owned()]);
    let files: Vec<_> = files.iter().flatten().map(String::as_str).collect();
    let (left, world) = leaves(&[&files[..], &["--release", "dev,qa"]].concat());
    assert!(!left.contains(TOKEN), "the token is in what leaves");
    let left: Value = serde_json::from_str(&left).expect("JSON");
    assert_eq!(left["exitCode"], 3);
    assert_eq!(left["files"].as_array().map(Vec::len), Some(5));
    // It was quoted, and taken out.
    assert!(
        left["stdout"].as_str().is_some_and(|text| text.contains("runs who is ***?")),
        "{}",
        left["stdout"]
    );
    assert!(!world.told().is_empty());
}

#[test]
fn a_check_that_is_not_cut_short_ends_green_with_its_lines_on_standard_output() {
    let ended = check(&world(|_, _| None), &options(&[]));
    assert!(of(&ended, "houston").starts_with("good "));
    assert_eq!(render::blocks(&ended.report), "");
    let outputs = render::outputs(&ended.report);
    assert_eq!(outputs[..3], [("status", "checked"), ("verified", "false"), ("proof", "")]);
}
