//! GitLab's dotenv and annotations, and the action's outputs, which are the same values.

use houston_deploy::render;
use houston_deploy::report::{ReleaseReport, Status};
use houston_deploy::token::Redactor;
use serde_json::json;

use super::{deployed, deployed_release, mixed, of, parsed, planned, refused, two_problems};

#[test]
fn dotenv_has_a_line_for_each_output() {
    let mut report = deployed();
    report.image.as_mut().expect("an image").digest = Some("sha256:00".into());
    assert_eq!(
        render::dotenv(&report),
        "HOUSTON_STATUS=deployed\n\
         HOUSTON_VERIFIED=false\n\
         HOUSTON_PROOF=accepted\n\
         HOUSTON_DEPLOYMENT_ID=ck1\n\
         HOUSTON_AIRFLOW_URL=https://deployments.astro.example.com/dev/airflow\n\
         HOUSTON_DIGEST=sha256:00\n"
    );
}

#[test]
fn dotenv_is_whole_whatever_happened() {
    for report in [deployed(), refused(), mixed(), two_problems(), planned(), of(Status::Skipped, Vec::new())]
    {
        let text = render::dotenv(&report);
        let keys: Vec<_> = text.lines().map(|line| line.split_once('=').expect("a line").0).collect();
        assert_eq!(keys.len(), 6, "{text}");
        for key in keys {
            assert!(key.starts_with("HOUSTON_"), "{key}");
            assert!(key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{key}");
        }
    }
}

#[test]
fn several_releases_have_no_id_and_no_address_together() {
    let outputs = render::outputs(&mixed()).map(|(name, value)| format!("{name}={value}"));
    assert_eq!(
        outputs,
        ["status=unknown", "verified=false", "proof=", "deployment-id=", "airflow-url=", "digest="]
    );
}

#[test]
fn verified_is_every_release_and_proof_the_least() {
    let sure = |name| ReleaseReport { verified: true, ..deployed_release(name) };
    let of = |results| render::outputs(&of(Status::Deployed, results)).map(|(_, value)| value.to_owned());
    assert_eq!(of(vec![sure("a"), sure("b")])[1..3], ["true", "accepted"]);
    assert_eq!(of(vec![sure("a"), deployed_release("b")])[1..3], ["false", "accepted"]);
    assert_eq!(of(vec![sure("a"), ReleaseReport { proof: None, ..sure("b") }])[1..3], ["true", ""]);
    assert_eq!(of(Vec::new())[1..3], ["false", ""]);
}

#[test]
fn annotations_link_to_every_airflow() {
    let text = render::annotations(&mixed(), &Redactor::default());
    let link = |name: &str| {
        json!({ "external_link": {
            "label": format!("Airflow {name}"),
            "url": format!("https://deployments.astro.example.com/{name}/airflow"),
        } })
    };
    assert_eq!(parsed(&text), json!({ "Airflow": [link("dev"), link("production")] }));
    assert_eq!(render::annotations(&two_problems(), &Redactor::default()), r#"{"Airflow":[]}"#);
}
