//! The flow of a release: which dialect a platform is spoken to in, what is asked first, and what the report says.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::houston::{AskedVersion, Dialect};
use houston_deploy::io::{Cause, Head};
use houston_deploy::report::{Change, Proof, Status};
use serde_json::json;

use crate::world::{Reply, World, answer, deploy, fails, inputs, invalid, only, refused, yes};

fn version(version: &str) -> Reply {
    answer(200, &format!(r#"{{"data":{{"appConfig":{{"version":{version}}}}}}}"#))
}

fn upserted() -> Reply {
    answer(200, r#"{"data":{"upsertDeployment":{"id":"ck1","releaseName":"dev","runtimeVersion":"11.3.0"}}}"#)
}

fn updated_airflow() -> Reply {
    answer(
        200,
        r#"{"data":{"updateDeploymentImage":{"id":"ck1","releaseName":"dev","airflowVersion":"2.9.1+astro.4","runtimeVersion":null}}}"#,
    )
}

#[track_caller]
fn dialect(platform: Option<&str>, asked: &AskedVersion) -> Option<Dialect> {
    let platform = platform.map(|platform| platform.parse().expect("a platform version"));
    Dialect::of(platform.as_ref(), asked).ok()
}

#[test]
fn each_platform_is_spoken_to_in_its_own_dialect() {
    let runtime = AskedVersion::Runtime("11.3.0".parse().expect("a version"));
    let airflow = AskedVersion::Airflow("2.9.1".parse().expect("a version"));
    let (either, required, upsert) = (Dialect::EitherVersion, Dialect::RuntimeVersion, Dialect::Upsert);
    let rows = [
        (Some("0.28.9"), None, None),
        (Some("0.29.0"), Some(either), Some(either)),
        (Some("0.29.0-rc1"), Some(either), Some(either)),
        (Some("0.37.5"), Some(either), Some(either)),
        (Some("1.0.0"), Some(either), Some(either)),
        (Some("1.0.1"), Some(required), None),
        (Some("1.1.0"), Some(required), None),
        (Some("2.0.9"), Some(required), None),
        // What a pre-release of 2.1.0 has is not known: the mutation that can create nothing is the safe one.
        (Some("2.1.0-rc.1"), Some(required), None),
        (Some("2.1.0"), Some(upsert), None),
        (Some("2.1.1-rc.1"), Some(upsert), None),
        (Some("10.0.0"), Some(upsert), None),
        (None, Some(required), Some(either)),
    ];
    for (platform, for_runtime, for_airflow) in rows {
        assert_eq!(dialect(platform, &runtime), for_runtime, "{platform:?}, Runtime");
        assert_eq!(dialect(platform, &airflow), for_airflow, "{platform:?}, Airflow");
    }
}

#[test]
fn the_oldest_platforms_take_either_version() {
    let world = World::new([version("\"0.34.1\""), yes()]);
    let ended = deploy(&world, &inputs(&[]));
    let sent = world.sent();
    assert_eq!(sent[0].query, "query AppConfig { appConfig { version } }");
    assert_eq!(
        sent[1].query,
        "mutation UpdateDeploymentImage($releaseName: String!, $image: String!, $runtimeVersion: String) { \
         updateDeploymentImage(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { \
         id releaseName airflowVersion runtimeVersion } }"
    );
    assert_eq!(
        sent[1].variables,
        json!({ "releaseName": "dev", "image": "registry.example.com/acme/airflow:1.4.2", "runtimeVersion": "11.3.0" })
    );
    let release = only(&ended);
    assert_eq!(
        (release.status, release.change, release.proof),
        (Status::Deployed, Change::Confirmed, Some(Proof::Accepted))
    );
    assert!(!release.verified);
    assert_eq!(release.deployment_id.as_deref(), Some("ck1"));
    assert_eq!(release.airflow_url.as_deref(), Some("https://deployments.astro.example.com/dev/airflow"));
    assert_eq!(ended.report.houston.and_then(|houston| houston.version).as_deref(), Some("0.34.1"));
}

#[test]
fn an_airflow_version_is_an_argument_of_its_own() {
    let world = World::new([version("\"0.34.1\""), updated_airflow()]);
    let ended = deploy(&world, &inputs(&["--airflow-version", "2.9.1"]));
    assert!(world.sent()[1].query.contains("$airflowVersion: String)"));
    assert_eq!(world.sent()[1].variables["airflowVersion"], "2.9.1");
    // The vendor's build suffix is no other version.
    assert_eq!((ended.exit_code, ended.report.warnings.len()), (0, 0));
}

#[test]
fn from_1_0_1_on_the_runtime_version_is_required() {
    let world = World::new([version("\"1.0.1\""), yes()]);
    deploy(&world, &inputs(&[]));
    assert!(world.sent()[1].query.contains("$runtimeVersion: String!)"));
    assert!(!world.sent()[1].query.contains("airflowVersion"));
}

#[test]
fn an_airflow_version_is_refused_from_1_0_1_on() {
    for platform in ["1.0.1", "2.0.3", "2.1.0"] {
        let world = World::new([]);
        let ended = deploy(&world, &inputs(&["--airflow-version", "2.9.1", "--platform-version", platform]));
        let error = only(&ended).error.as_ref().expect("an error");
        assert_eq!((ended.exit_code, error.code, only(&ended).change), (3, Code::ApiMismatch, Change::None));
        assert_eq!(
            error.message,
            format!(
                "Houston at houston.astro.example.com is {platform}, which takes Runtime versions only, and \
                 `airflow-version` was given"
            )
        );
    }
}

#[test]
fn below_0_29_there_is_no_such_call() {
    let ended = deploy(&World::new([version("\"0.28.7\"")]), &inputs(&[]));
    let error = only(&ended).error.as_ref().expect("an error");
    assert_eq!((ended.exit_code, error.code), (3, Code::ApiMismatch));
    assert_eq!(
        error.message,
        "Houston at houston.astro.example.com is 0.28.7; deploying an image needs 0.29.0 or later"
    );
}

#[test]
fn from_2_1_0_on_it_is_an_upsert() {
    let world = World::new([version("\"2.1.0\""), upserted()]);
    let ended = deploy(&world, &inputs(&[]));
    assert_eq!(
        world.sent()[1].query,
        "mutation UpsertDeployment($releaseName: String, $image: String, $runtimeVersion: String) { \
         upsertDeployment(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { \
         id releaseName runtimeVersion } }"
    );
    assert_eq!(ended.exit_code, 0);
}

#[test]
fn a_platform_without_the_upsert_gets_the_update() {
    let unknown =
        invalid("Cannot query field \"upsertDeployment\" on type \"Mutation\". Did you mean \"x\"?");
    let world = World::new([version("\"2.1.0\""), unknown, yes()]);
    let ended = deploy(&world, &inputs(&[]));
    assert!(world.sent()[2].query.starts_with("mutation UpdateDeploymentImage("));
    assert_eq!((ended.exit_code, only(&ended).attempts), (0, 2));
}

#[test]
fn only_that_very_answer_leads_to_the_other_mutation() {
    for message in [
        "Cannot query field \"runtimeVersion\" on type \"Deployment\".",
        "Cannot query field \"somethingElse\" on type \"Mutation\".",
        "Cannot query field \"upsertDeployment\" on type \"Query\".",
        "Unknown argument \"image\" on field \"Mutation.upsertDeployment\".",
    ] {
        let world = World::new([version("\"2.1.0\""), invalid(message)]);
        let ended = deploy(&world, &inputs(&[]));
        assert_eq!(only(&ended).error.as_ref().map(|error| error.code), Some(Code::ApiMismatch), "{message}");
    }
}

#[test]
fn the_upsert_is_never_a_way_out() {
    let unknown = || invalid("Cannot query field \"updateDeploymentImage\" on type \"Mutation\".");
    for (platform, code) in [
        ("\"0.34.1\"", Code::EndpointDisabled),
        ("\"2.0.5\"", Code::EndpointDisabled),
        ("\"2.1.0-rc.1\"", Code::ApiMismatch),
        ("null", Code::ApiMismatch),
    ] {
        let world = World::new([version(platform), unknown()]);
        let ended = deploy(&world, &inputs(&[]));
        assert_eq!(only(&ended).error.as_ref().map(|error| error.code), Some(code), "{platform}");
        assert!(!world.sent().iter().any(|sent| sent.query.contains("upsert")), "{platform}");
    }
}

#[test]
fn a_platform_that_keeps_its_version_to_itself_is_guessed_from_the_input() {
    let answers = [
        version("null"),
        version("\"unreleased\""),
        answer(200, r#"{"data":{"appConfig":null}}"#),
        invalid("Cannot query field \"version\" on type \"AppConfig\"."),
        answer(200, r#"{"data":null,"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}"#),
    ];
    for reply in answers {
        let world = World::new([reply, yes()]);
        let ended = deploy(&world, &inputs(&[]));
        let warnings: Vec<_> = ended.report.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!((ended.exit_code, warnings), (0, vec![Code::ApiMismatch]));
        assert!(world.told().contains(&ended.report.warnings[0].message), "a warning is told as it comes up");
    }
    let world = World::new([version("null"), updated_airflow()]);
    assert_eq!(deploy(&world, &inputs(&["--airflow-version", "2.9.1"])).exit_code, 0);
}

#[test]
fn the_version_is_asked_once_for_all_releases() {
    let other = answer(
        200,
        r#"{"data":{"updateDeploymentImage":{"id":"2","releaseName":"prod","runtimeVersion":"11.3.0"}}}"#,
    );
    let world = World::new([version("\"0.34.1\""), yes(), other]);
    let ended = deploy(&world, &inputs(&["--release", "dev,prod"]));
    assert_eq!((ended.exit_code, ended.report.results.len()), (0, 2));
}

#[test]
fn no_question_is_asked_where_the_version_is_given() {
    let world = World::new([yes()]);
    deploy(&world, &inputs(&["--platform-version", "0.34.1"]));
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn a_version_question_that_fails_ends_every_release_and_sends_nothing() {
    let gone = || fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten);
    let world = World::new([gone(), gone(), gone(), gone()]);
    let ended = deploy(&world, &inputs(&["--release", "dev,prod"]));
    let codes: Vec<_> =
        ended.report.results.iter().map(|result| result.error.as_ref().map(|error| error.code)).collect();
    assert_eq!(codes, [Some(Code::HoustonUnreachable); 2]);
    let asked_for = ended.report.image.and_then(|image| image.runtime_version);
    assert_eq!(asked_for.as_deref(), Some("11.3.0"));
    assert_eq!((ended.exit_code, ended.report.status), (4, Status::Failed));
}

#[test]
fn every_release_is_finished_even_when_one_fails() {
    let replies = || [refused("FORBIDDEN", "no"), yes()];
    let options = ["--platform-version", "0.34.1", "--release", "prod,dev"];
    let ended = deploy(&World::new(replies()), &inputs(&options));
    let statuses: Vec<_> = ended.report.results.iter().map(|result| result.status).collect();
    assert_eq!((ended.exit_code, statuses), (3, vec![Status::Refused, Status::Deployed]));
    assert_eq!(ended.report.error.map(|error| error.code), Some(Code::PermissionDenied));
}

#[test]
fn fail_fast_skips_the_rest() {
    let world = World::new([refused("FORBIDDEN", "no")]);
    let options =
        ["--platform-version", "0.34.1", "--release", "prod,dev", "--fail-fast", "--concurrency", "1"];
    let ended = deploy(&world, &inputs(&options));
    let statuses: Vec<_> = ended.report.results.iter().map(|result| result.status).collect();
    assert_eq!((ended.exit_code, statuses), (3, vec![Status::Refused, Status::Skipped]));
}

#[test]
fn the_exit_code_is_the_largest_of_any_release() {
    let replies = [refused("FORBIDDEN", "no"), answer(502, ""), yes()];
    let options = ["--platform-version", "0.34.1", "--release", "a,b,dev", "--attempts", "1"];
    let ended = deploy(&World::new(replies), &inputs(&options));
    assert_eq!((ended.exit_code, ended.report.status), (5, Status::Unknown));
}

#[test]
fn of_errors_alike_the_report_has_that_of_the_first_name() {
    let replies = [refused("FORBIDDEN", "no"), refused("BAD_USER_INPUT", "no")];
    let ended =
        deploy(&World::new(replies), &inputs(&["--platform-version", "0.34.1", "--release", "prod,dev"]));
    assert_eq!(ended.report.error.map(|error| error.code), Some(Code::HoustonRefused));
}

#[test]
fn a_dry_run_asks_for_the_version_and_sends_nothing() {
    let world = World::new([version("\"2.1.0\"")]);
    let ended = deploy(&world, &inputs(&["--dry-run", "--workspace", "ws1"]));
    let release = only(&ended);
    assert_eq!((ended.exit_code, release.status, release.change), (0, Status::Planned, Change::None));
    assert_eq!(release.requests.len(), 2);
    let change = &release.requests[1];
    assert_eq!((change.method, change.url.as_str()), ("POST", "https://houston.astro.example.com/v1"));
    assert!(change.headers.contains(&("authorization", "***".to_owned())));
    assert!(change.body.contains("mutation UpsertDeployment("));
}

#[test]
fn a_question_is_cut_off_at_the_deadline_and_a_change_is_not() {
    let world = World::new([Reply::Hangs(Head::Written)]);
    let ended = deploy(&world, &inputs(&["--timeout", "5s"]));
    assert_eq!((ended.exit_code, world.clock()), (4, Duration::from_secs(5)));
    let world = World::new([Reply::Hangs(Head::Written)]);
    let ended = deploy(&world, &inputs(&["--timeout", "5s", "--platform-version", "0.34.1"]));
    assert_eq!((ended.exit_code, world.clock()), (5, Duration::from_secs(30)));
}

#[test]
fn pinning_sends_the_digest_alone() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let image = format!("registry.example.com/acme/airflow:1.4.2@{digest}");
    let world = World::new([yes()]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--image", &image, "--pin"]));
    assert_eq!(world.sent()[0].variables["image"], format!("registry.example.com/acme/airflow@{digest}"));
    assert_eq!(ended.report.image.and_then(|image| image.digest), Some(digest));
}

#[test]
fn what_is_told_on_the_way() {
    let world = World::new([version("\"0.34.1\""), yes()]);
    deploy(&world, &inputs(&[]));
    assert_eq!(
        world.told(),
        [
            "asking houston.astro.example.com for its version",
            "POST https://houston.astro.example.com/v1 -> HTTP 200 in 0 ms (request 00000000000000010000000000000002)",
            "Houston 0.34.1",
            "sending registry.example.com/acme/airflow:1.4.2 to Houston",
            "POST https://houston.astro.example.com/v1 -> HTTP 200 in 0 ms (request 00000000000000030000000000000004)",
            "Houston accepted the image",
        ]
    );
}
