//! What leaves a whole session: standard output, the exit code, the action's outputs and masks, and which help.

use std::time::Duration;

use houston_deploy::event::{Event, Kind};
use houston_deploy::handover::Handover;
use houston_deploy::inputs::{Environment, Front, Surroundings};
use houston_deploy::session::Session;
use houston_deploy::value::Value;
use serde_json::json;

use super::parsed;
use crate::world::{NoFiles, TOKEN, WALL, World};

/// Runs a session of `front` with these variables and arguments against a world that no request may reach, and
/// gives what leaves.
#[track_caller]
pub(super) fn leaves(front: Front, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let world = World::new([]);
    world.run(Session::open(handover(front, variables, arguments), &NoFiles).run(&world))
}

fn handover(front: Front, variables: &[(&str, &str)], arguments: &[&str]) -> Handover {
    let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Handover {
        front,
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        environment: Environment::new(environment),
        properties: Value::Null,
        check: false,
        surroundings: Surroundings {
            wall: WALL,
            can_trust: true,
            proxy_ignored: false,
            proxy_invalid: false,
        },
    }
}

#[test]
fn the_report_alone_is_on_standard_output_where_json_is_asked_for() {
    let left =
        parsed(&leaves(Front::CommandLine, &[], &["deploy", "--output", "json", "--report-file", "r"]));
    assert_eq!(left["stdout"], left["files"][0][1]);
    assert_eq!(parsed(left["stdout"].as_str().expect("text"))["status"], "refused");
}

#[test]
fn an_unknown_command_is_the_only_thing_that_is_wrong() {
    let left = parsed(&leaves(Front::CommandLine, &[], &["depoly", "--image", "x"]));
    assert_eq!(left["exitCode"], 2);
    assert_eq!(
        left["stderr"],
        "error[INPUT_INVALID]: command: \"depoly\" is no command\nhint: did you mean `deploy`?\n"
    );
}

#[test]
fn each_front_is_given_the_faces_that_it_shows() {
    let names = |front, variables: &[(&str, &str)], arguments: &[&str]| {
        let left = parsed(&leaves(front, variables, arguments));
        left.as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(Front::CommandLine, &[], &["deploy"]), "exitCode files stderr stdout");
    assert_eq!(names(Front::Library, &[], &[]), "exitCode files report stderr stdout");
    assert_eq!(
        names(Front::Action, &[("INPUT_IMAGE", "x")], &[]),
        "annotations exitCode files outputs stderr stdout summary"
    );
}

#[test]
fn outputs_are_there_on_failure_too() {
    let left = parsed(&leaves(Front::Action, &[("INPUT_IMAGE", "x")], &[]));
    let outputs = left["outputs"].as_object().expect("outputs");
    let names: Vec<_> = outputs.keys().map(String::as_str).collect();
    let mut all = ["status", "verified", "proof", "deployment-id", "airflow-url", "digest", "report"];
    all.sort_unstable();
    assert_eq!(names, all);
    assert_eq!(outputs["status"], "refused");
    assert_eq!(left["exitCode"], 2);
}

#[test]
fn only_the_action_is_told_what_to_mask() {
    let masks = |front, variable| {
        let environment = Environment::new([(String::from(variable), TOKEN.into())].into_iter().collect());
        let surroundings =
            Surroundings { wall: WALL, can_trust: true, proxy_ignored: false, proxy_invalid: false };
        let handover = Handover {
            front,
            arguments: vec!["deploy".into()],
            environment,
            properties: Value::Null,
            check: false,
            surroundings,
        };
        parsed(&Session::open(handover, &NoFiles).opening())["masks"].clone()
    };
    assert_eq!(masks(Front::Action, "INPUT_TOKEN"), json!([TOKEN]));
    assert_eq!(masks(Front::CommandLine, "HOUSTON_TOKEN"), json!([]));
    assert_eq!(masks(Front::Library, "HOUSTON_TOKEN"), json!([]));
}

#[test]
fn requests_are_heard_by_the_library_and_the_action_and_where_they_are_asked_for() {
    let event = |kind| Event::new(kind, None, String::new(), Duration::ZERO);
    let hears = |front, more: &[&str], kind| {
        let arguments =
            ["deploy", "--image", "r.example.com/a:1", "--release", "dev", "--runtime-version", "11.3.0"];
        let words = [&arguments, more].concat();
        let variables = [("HOUSTON_TOKEN", TOKEN), ("HOUSTON_BASE_DOMAIN", "astro.example.com")];
        Session::open(handover(front, &variables, &words), &NoFiles).is_heard(&event(kind))
    };
    assert!(hears(Front::Action, &[], Kind::Request) && hears(Front::Library, &[], Kind::Request));
    assert!(hears(Front::CommandLine, &["--debug"], Kind::Request));
    assert!(!hears(Front::CommandLine, &[], Kind::Request));
    for kind in [Kind::Progress, Kind::Retry, Kind::Warning] {
        assert!(hears(Front::CommandLine, &[], kind));
    }
}

#[test]
fn help_and_version_are_named_and_end_well() {
    for (arguments, say) in [
        (&["--help"][..], "program"),
        (&[][..], "program"),
        (&["deploy", "--help"][..], "deploy"),
        (&["--version"][..], "version"),
    ] {
        let left = parsed(&leaves(Front::CommandLine, &[], arguments));
        assert_eq!((&left["exitCode"], &left["say"]), (&json!(0), &json!(say)));
    }
}

#[test]
fn setup_is_for_another_module_and_nothing_else_is() {
    for (word, module) in [("setup", json!("setup")), ("deploy", json!(null)), ("--help", json!(null))] {
        let handover = json!({ "front": "command-line", "arguments": [word, "--quux"] }).to_string();
        let handover = Handover::from_json(&handover).expect("a wrapper's words");
        assert_eq!(parsed(&Session::open(handover, &NoFiles).opening())["module"], module, "{word}");
    }
}

#[test]
fn each_word_of_a_wrapper_is_read_by_its_name() {
    let of = |name: &str| {
        let handover = Handover::from_json(&json!({ "front": "library", name: true }).to_string());
        let Handover { check, surroundings, .. } = handover.expect("a wrapper's words");
        let Surroundings { can_trust, proxy_ignored, proxy_invalid, .. } = surroundings;
        [check, can_trust, proxy_ignored, proxy_invalid]
    };
    assert_eq!(of("check"), [true, false, false, false]);
    assert_eq!(of("canTrust"), [false, true, false, false]);
    assert_eq!(of("proxyIgnored"), [false, false, true, false]);
    assert_eq!(of("proxyInvalid"), [false, false, false, true]);
    assert_eq!(of("other"), [false; 4]);
}
