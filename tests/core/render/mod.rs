//! The faces of a report: what each says of the same data, and that nothing in the data can act in any of them or
//! show a secret. The reports are made by hand, here; what leads to one is tested elsewhere.

use houston_deploy::error::{Code, Error, OpenAttempt, Problem};
use houston_deploy::io::RequestId;
use houston_deploy::report::{
    Change, Failure, HoustonSeen, ImageSeen, PlannedRequest, Proof, ReleaseReport, Report, State, Status,
    Warning,
};
use serde_json::Value;

mod gitlab;
mod json;
mod junit;
mod margin;
mod markdown;
mod origin;
mod secrets;
mod session;
mod text;

fn release(name: &str, status: Status) -> ReleaseReport {
    ReleaseReport { release: name.into(), ..ReleaseReport::new(&"x".parse().expect("a name"), status) }
}

fn failure(code: Code, message: &str, hint: Option<&'static str>) -> Failure {
    Failure { code, message: message.into(), hint: hint.map(Into::into), problems: Vec::new() }
}

fn failed(name: &str, status: Status, exit_code: u8, error: Failure) -> ReleaseReport {
    ReleaseReport { error: Some(error), exit_code, ..release(name, status) }
}

fn state(version: &str, updated_at: Option<&str>) -> State {
    State { version: Some(version.into()), updated_at: updated_at.map(Into::into) }
}

fn of(status: Status, results: Vec<ReleaseReport>) -> Report {
    let worst = results.iter().max_by_key(|result| result.exit_code);
    Report {
        schema: 1,
        status,
        error: worst.and_then(|worst| worst.error.clone()),
        houston: Some(HoustonSeen {
            url: "https://houston.astro.example.com/v1".into(),
            version: Some("0.34.1".into()),
        }),
        image: Some(ImageSeen {
            reference: "registry.example.com/acme/airflow:1.4.2".into(),
            digest: None,
            runtime_version: Some("11.3.0".into()),
            airflow_version: None,
        }),
        results,
        warnings: Vec::new(),
        checks: Vec::new(),
    }
}

fn deployed_release(name: &str) -> ReleaseReport {
    ReleaseReport {
        change: Change::Confirmed,
        proof: Some(Proof::Accepted),
        deployment_id: Some("ck1".into()),
        airflow_url: Some(format!("https://deployments.astro.example.com/{name}/airflow")),
        before: Some(state("10.0.0", Some("2026-11-22T10:00:00Z"))),
        after: Some(state("11.3.0", None)),
        attempts: 2,
        milliseconds: 8121,
        ..release(name, Status::Deployed)
    }
}

/// One release, deployed.
fn deployed() -> Report {
    of(Status::Deployed, vec![deployed_release("dev")])
}

/// One release, refused.
fn refused() -> Report {
    let error = failure(
        Code::PermissionDenied,
        "houston.astro.example.com answered HTTP 401 (request 01)",
        Some("check that `token` is complete"),
    );
    of(Status::Refused, vec![ReleaseReport { milliseconds: 40, ..failed("dev", Status::Refused, 3, error) }])
}

/// Five releases: two deployed, two refused for the same reason, and one of which the outcome is not known.
fn mixed() -> Report {
    let absent = || failure(Code::DeploymentNotFound, "no such Deployment", Some("correct `release`"));
    let unknown = failure(Code::OutcomeUnknown, "whether qa was changed is not known", None);
    of(
        Status::Unknown,
        vec![
            deployed_release("dev"),
            failed("no-1", Status::Refused, 3, absent()),
            ReleaseReport {
                change: Change::Unknown,
                attempts: 2,
                milliseconds: 61_000,
                may_have_arrived: vec![
                    OpenAttempt { attempt: 1, request: RequestId::new(0, 1) },
                    OpenAttempt { attempt: 2, request: RequestId::new(0, 2) },
                ],
                ..failed("qa", Status::Unknown, 5, unknown)
            },
            failed("no-2", Status::Refused, 3, absent()),
            deployed_release("production"),
        ],
    )
}

fn problem(option: &str, message: &str, hint: Option<&'static str>) -> Problem {
    Problem {
        option: option.into(),
        code: Code::InputInvalid,
        message: message.to_owned(),
        hint: hint.map(Into::into),
    }
}

/// Wrong input, in this many ways.
fn wrong(problems: Vec<Problem>) -> Report {
    Report::failed(&Error::InputInvalid { problems }, Vec::new())
}

fn two_problems() -> Report {
    wrong(vec![
        problem("image", "\"a/b\" has neither a tag nor a digest", None),
        problem("release", "is missing", Some("set it")),
    ])
}

/// A dry run.
fn planned() -> Report {
    let request = PlannedRequest {
        method: "POST",
        url: "https://houston.astro.example.com/v1".into(),
        headers: vec![("authorization", "***".into()), ("content-type", "application/json".into())],
        body: r#"{"query":"mutation","variables":{"releaseName":"dev"}}"#.into(),
    };
    of(Status::Planned, vec![ReleaseReport { requests: vec![request], ..release("dev", Status::Planned) }])
}

fn warning(code: Code, message: &str, hint: Option<&'static str>) -> Warning {
    Warning::new(code, message.into(), hint)
}

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}
