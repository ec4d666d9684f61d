//! Secrets, by way of a whole session: none is in any face of a report, however a face writes it.

use houston_deploy::inputs::Front;
use serde_json::json;

use super::parsed;
use super::session::leaves;
use crate::world::TOKEN;

/// A value that wrong input quotes in every face of the action: `workspace` is no id with this in it.
#[track_caller]
fn every_face_quoting(secret: &str) -> String {
    let quoting = format!("workspace {secret} .");
    leaves(
        Front::Action,
        &[
            ("INPUT_TOKEN", TOKEN),
            ("INPUT_REGISTRY-PASSWORD", secret),
            ("INPUT_WORKSPACE", &quoting),
            ("INPUT_REPORT-FILE", "r"),
            ("HOUSTON_SUMMARY_FILE", "s"),
            ("INPUT_JUNIT-FILE", "j"),
            ("HOUSTON_DOTENV_FILE", "d"),
            ("HOUSTON_ANNOTATIONS_FILE", "a"),
            ("INPUT_REGISTRY-USERNAME", "robot"),
            ("INPUT_IMAGE", "acme/airflow"),
        ],
        &[],
    )
}

#[test]
fn a_secret_is_in_no_face_of_a_report() {
    let left = every_face_quoting("s3cr3t-p4ss");
    assert!(!left.contains("s3cr3t"), "{left}");
    let left = parsed(&left);
    let quoted = "holds a secret, which does not belong here";
    assert_eq!(left["exitCode"], 2);
    assert_eq!(left["stdout"], "");
    assert!(left["stderr"].as_str().expect("text").contains(quoted));
    assert!(left["summary"].as_str().expect("text").contains(quoted));
    assert!(left["annotations"][0]["text"].as_str().expect("text").contains(quoted));
    let files = left["files"].as_array().expect("files");
    let paths: Vec<_> = files.iter().map(|file| file[0].as_str().expect("a path")).collect();
    assert_eq!(paths, ["r", "s", "j", "d", "a"]);
    let file = |index: usize| files[index][1].as_str().expect("text");
    assert!(file(1).contains(quoted));
    assert!(file(2).contains(quoted));
    for report in [file(0), left["outputs"]["report"].as_str().expect("text")] {
        let report = parsed(report);
        let problems = report["error"]["problems"].as_array().expect("problems");
        assert!(problems.iter().any(|problem| problem["message"] == quoted), "{report}");
    }
}

#[test]
fn the_last_thing_before_a_text_leaves_takes_secrets_out_of_it() {
    let left = leaves(
        Front::CommandLine,
        &[("HOUSTON_TOKEN", TOKEN), ("HOUSTON_REGISTRY_PASSWORD", "s3cr3t-p4ss")],
        &[
            "deploy",
            "--base-domain",
            "astro.example.com",
            "--platform-version",
            "0.34.1",
            "--release",
            "dev",
            "--registry-username",
            "robot",
            "--runtime-version",
            "11.3.0",
            "--dry-run",
            "--preflight",
            "off",
            "--summary-file",
            "s",
            "--report-file",
            "r",
            "--image",
            "registry.example.com/s3cr3t-p4ss/airflow:1",
        ],
    );
    assert!(!left.contains("s3cr3t"), "{left}");
    let left = parsed(&left);
    assert_eq!(left["exitCode"], 0);
    for face in [&left["stdout"], &left["files"][0][1], &left["files"][1][1]] {
        assert!(face.as_str().expect("text").contains("registry.example.com/***/airflow:1"), "{face}");
    }
}

#[test]
fn what_leaves_is_json_whatever_the_secret_is() {
    for secret in
        ["\"}],:", "\\\\\\\\", "null", "message", "workspace", "\",\"", "deployed", "INPUT_INVALID", "schema"]
    {
        let left = parsed(&every_face_quoting(secret));
        let report = parsed(left["outputs"]["report"].as_str().expect("text"));
        assert_eq!(
            (&report["schema"], &report["error"]["code"]),
            (&json!(1), &json!("INPUT_INVALID")),
            "{secret}"
        );
    }
}

#[test]
fn a_secret_that_is_cut_is_not_shown() {
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", "c4n4ry".repeat(100));
    let left = leaves(
        Front::CommandLine,
        &[("HOUSTON_TOKEN", &token), ("HOUSTON_WORKSPACE", &token)],
        &["deploy", "--base-domain", "astro.example.com"],
    );
    assert!(!left.contains("c4n4ry"), "{left}");
}

#[test]
fn a_secret_that_a_face_escapes_is_not_shown() {
    for secret in ["s3cr3t|p4ss", "s3cr3t&p4ss", "s3cr3t<p4ss", "s3cr3t>p4ss", "s3cr3t\np4ss"] {
        let left = every_face_quoting(secret);
        assert!(!left.contains("s3cr3t"), "{secret:?}: {left}");
    }
}
