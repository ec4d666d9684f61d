//! The report as JSON: every field of the contract, null where it is not known.

use houston_deploy::error::Code;
use houston_deploy::render;
use houston_deploy::report::{Report, Status};
use houston_deploy::token::Redactor;
use serde_json::{Value, json};

use super::{deployed, mixed, of, parsed, planned, problem, release, two_problems, warning, wrong};

#[track_caller]
fn report_of(report: &Report) -> Value {
    let text = render::json(report, &Redactor::default());
    assert!(!text.contains('\n'), "one line");
    parsed(&text)
}

#[test]
fn the_report_of_one_deployed_is_the_contracts() {
    let mut report = deployed();
    report.warnings = vec![warning(Code::ImageMoves, "the tag may move", Some("use a digest"))];
    report.warnings.push(warning(Code::WaitImpossible, "not watched", None));
    assert_eq!(
        report_of(&report),
        json!({
            "schema": 1, "status": "deployed", "error": null,
            "houston": { "url": "https://houston.astro.example.com/v1", "version": "0.34.1" },
            "image": {
                "reference": "registry.example.com/acme/airflow:1.4.2", "digest": null,
                "runtimeVersion": "11.3.0", "airflowVersion": null,
            },
            "results": [{
                "release": "dev", "status": "deployed", "change": "confirmed", "proof": "accepted", "verified": false,
                "deploymentId": "ck1", "airflowUrl": "https://deployments.astro.example.com/dev/airflow",
                "before": { "version": "10.0.0", "updatedAt": "2026-11-22T10:00:00Z" },
                "after": { "version": "11.3.0", "updatedAt": null },
                "attempts": 2, "milliseconds": 8121, "error": null, "mayHaveArrived": [],
            }],
            "warnings": [
                { "code": "IMAGE_MOVES", "message": "the tag may move", "hint": "use a digest" },
                { "code": "WAIT_IMPOSSIBLE", "message": "not watched", "hint": null },
            ],
        })
    );
}

#[test]
fn what_is_not_known_is_null_and_not_absent() {
    let report =
        Report { houston: None, image: None, ..of(Status::Skipped, vec![release("dev", Status::Skipped)]) };
    assert_eq!(
        report_of(&report),
        json!({
            "schema": 1, "status": "skipped", "error": null, "houston": null, "image": null,
            "results": [{
                "release": "dev", "status": "skipped", "change": "none", "proof": null, "verified": false,
                "deploymentId": null, "airflowUrl": null, "before": null, "after": null,
                "attempts": 0, "milliseconds": 0, "error": null, "mayHaveArrived": [],
            }],
            "warnings": [],
        })
    );
}

#[test]
fn the_report_names_what_may_have_arrived() {
    let report = report_of(&mixed());
    assert_eq!(
        report["results"][2]["mayHaveArrived"],
        json!([
            { "attempt": 1, "requestId": "00000000000000000000000000000001" },
            { "attempt": 2, "requestId": "00000000000000000000000000000002" },
        ])
    );
    let error =
        json!({ "code": "OUTCOME_UNKNOWN", "message": "whether qa was changed is not known", "hint": null });
    assert_eq!(report["results"][2]["error"], error);
    // The whole has the error of the worst.
    assert_eq!(report["error"], error);
    assert_eq!(report["results"][2]["change"], "unknown");
}

#[test]
fn the_report_of_wrong_input_has_the_problems_and_no_results() {
    assert_eq!(
        report_of(&two_problems()),
        json!({
            "schema": 1, "status": "refused",
            "error": {
                "code": "INPUT_INVALID", "message": "2 problems with the input, nothing was sent",
                "hint": "correct the options named, then run again",
                "problems": [
                    {
                        "option": "image", "code": "INPUT_INVALID",
                        "message": "\"a/b\" has neither a tag nor a digest", "hint": null,
                    },
                    { "option": "release", "code": "INPUT_INVALID", "message": "is missing", "hint": "set it" },
                ],
            },
            "houston": null, "image": null, "results": [], "warnings": [],
        })
    );
}

#[test]
fn a_single_problem_is_in_the_list_too() {
    let report = report_of(&wrong(vec![problem("release", "is missing", None)]));
    assert_eq!(report["error"]["message"], "release: is missing");
    assert_eq!(report["error"]["problems"][0]["option"], "release");
}

#[test]
fn the_report_of_a_dry_run_has_the_requests() {
    assert_eq!(
        report_of(&planned())["results"][0]["requests"],
        json!([{
            "method": "POST", "url": "https://houston.astro.example.com/v1",
            "headers": { "authorization": "***", "content-type": "application/json" },
            "body": { "query": "mutation", "variables": { "releaseName": "dev" } },
        }])
    );
}
