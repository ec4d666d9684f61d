//! What all releases share: input, token, image, version, endpoint; and that a check ends as a deploy would.

use houston_deploy::report::Status;
use serde_json::json;

use super::{
    but, check, end, forbidden, lines, of, options, ready, said, warnings, without_workspace, world,
};
use crate::registry::given::{Image, named, refused, sha256, tag};
use crate::world::{Reply, World, answer, deploy, fails, inputs};
use houston_deploy::io::{Cause, Head};

fn unreachable() -> Reply {
    fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten)
}

fn missing() -> Reply {
    refused(404, "MANIFEST_UNKNOWN", "unknown")
}

fn is_of_tag(what: &str) -> bool {
    what.ends_with("/manifests/1.4.2")
}

#[test]
fn everything_is_ready() {
    let world = world(|_, _| None);
    let ended = check(&world, &options(&[]));
    let digest = Image::usual().digest();
    assert_eq!(
        lines(&ended.report),
        [
            "good input: release dev, registry.example.com/acme/airflow:1.4.2".to_owned(),
            "good token: a service account's key, which does not expire".to_owned(),
            "good houston: Houston 0.34.1 at https://houston.astro.example.com/v1".to_owned(),
            format!("good image: registry.example.com/acme/airflow:1.4.2 is {digest}"),
            "good version: 11.3.0, sent by updateDeploymentImage".to_owned(),
            "good listed: the platform lists this version".to_owned(),
            "unknown endpoint: whether the endpoint is switched on shows only with a change: look for \
             astronomer.houston.config.deployments.enableUpdateDeploymentImageEndpoint"
                .to_owned(),
            "good deployment: runs 10.0.0, changed last at 2026-11-22T10:00:00Z".to_owned(),
            "good token: Houston knows it, and it may deploy".to_owned(),
            "good airflow: Airflow 2.9.1 answers, and its schedulers can be seen".to_owned(),
        ]
    );
    let report = &ended.report;
    assert_eq!((end(&ended).as_str(), report.status, report.warnings.len()), ("0", Status::Checked, 0));
    let result = report.only().expect("one release");
    assert_eq!(result.airflow_url.as_deref(), Some("https://deployments.astro.example.com/dev/airflow"));
    assert_eq!(result.before.as_ref().and_then(|before| before.version.as_deref()), Some("10.0.0"));
    assert_eq!((result.attempts, &result.deployment_id, &result.after), (0, &None, &None));
}

#[test]
fn an_image_that_is_not_there_ends_it_and_all_else_is_looked_at() {
    let world = world(|what, _| is_of_tag(what).then(missing));
    // A look with credentials is definite.
    let inputs = crate::registry::given::by_password(options(&["--preflight", "require"]));
    let ended = check(&world, &inputs);
    assert_eq!(end(&ended), "3 IMAGE_NOT_FOUND");
    assert_eq!(
        of(&ended, "image"),
        "bad image IMAGE_NOT_FOUND: registry.example.com has no tag \"1.4.2\" in \"acme/airflow\""
    );
    let all: Vec<_> = lines(&ended.report);
    let heads: Vec<_> = all.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        heads,
        [
            "good input",
            "good token",
            "good houston",
            "bad image IMAGE_NOT_FOUND",
            "good version",
            "good listed",
            "unknown endpoint",
            "good deployment",
            "good token",
            "good airflow"
        ]
    );
}

#[test]
fn a_version_that_the_missing_image_would_say_is_not_known() {
    let world = world(|what, _| is_of_tag(what).then(missing));
    let inputs = crate::registry::given::unversioned(options(&["--preflight", "require"]));
    let ended = check(&world, &inputs);
    assert_eq!(end(&ended), "3 IMAGE_NOT_FOUND");
    assert_eq!(of(&ended, "version"), "unknown version: not known: the image's labels would say it");
}

#[test]
fn a_registry_that_cannot_be_reached_is_a_warning_or_an_error() {
    let world = || world(|what, _| is_of_tag(what).then(unreachable));
    let here = world();
    let ended = check(&here, &options(&[]));
    assert_eq!(end(&ended), "0");
    assert!(
        of(&ended, "image").starts_with("warning image REGISTRY_UNREACHABLE: the image was not looked up: ")
    );
    let [warning] = warnings(&here, &ended).try_into().expect("one warning");
    assert!(warning.contains("| open the way from this runner to the registry"), "{warning}");

    let ended = check(&world(), &options(&["--preflight", "require"]));
    assert_eq!(end(&ended), "4 REGISTRY_UNREACHABLE");
    // Nothing else can then tell the version.
    let ended = check(&world(), &crate::registry::given::unversioned(options(&[])));
    assert_eq!(end(&ended), "3 VERSION_UNKNOWN");
}

#[test]
fn a_look_that_is_not_asked_for_is_said() {
    let ended = check(&world(|_, _| None), &options(&["--preflight", "off", "--wait", "off"]));
    assert_eq!(of(&ended, "image"), "unknown image: not looked up, since `preflight` is off");
    assert_eq!(of(&ended, "airflow"), "unknown airflow: not looked at, since `wait` is off");
    assert_eq!(end(&ended), "0");
}

#[test]
fn a_version_other_than_the_label_is_an_error_and_an_absent_label_a_doubt() {
    let ended = check(&world(|_, _| None), &options(&["--runtime-version", "3.0-1"]));
    assert_eq!(end(&ended), "3 VERSION_MISMATCH");
    assert!(of(&ended, "version").starts_with("bad version VERSION_MISMATCH: "));

    let image = Image::labelled(&[]);
    let world = world(move |what, _| match what {
        what if what == tag("HEAD") => Some(named(&image.digest())),
        what if what.ends_with(&image.digest()) => Some(answer(200, &image.manifest)),
        what if what.ends_with(&sha256(&image.config)) => Some(answer(200, &image.config)),
        _ => None,
    });
    let ended = check(&world, &options(&[]));
    assert_eq!(
        of(&ended, "labels"),
        "warning labels VERSION_UNKNOWN: the image has no label that `runtime-version` could be set against"
    );
    assert_eq!(warnings(&world, &ended).len(), 1);
}

#[test]
fn a_version_that_is_not_listed_is_a_warning() {
    let other = said(&json!({ "data": { "runtimeReleases": [{ "version": "3.0-1" }] } }));
    let world = but("RuntimeReleases", other);
    let ended = check(&world, &options(&[]));
    assert_eq!(end(&ended), "0");
    assert_eq!(of(&ended, "listed"), "warning listed VERSION_UNKNOWN: the platform does not list 11.3.0");
    assert_eq!(
        warnings(&world, &ended),
        [
            "VERSION_UNKNOWN: the platform does not list 11.3.0 | check the version option against the platform's own \
          list"
        ]
    );
}

#[test]
fn a_list_that_says_nothing_is_said() {
    let none = said(&json!({ "data": { "runtimeReleases": [] } }));
    let rows = [
        (none, "unknown listed: the platform lists no versions"),
        (
            forbidden("runtimeReleases"),
            "unknown listed: the platform's list could not be read: houston.astro.example.com answered \"You do not \
             have the appropriate permissions for that\"",
        ),
    ];
    for (reply, line) in rows {
        let ended = check(&but("RuntimeReleases", reply), &options(&[]));
        assert_eq!((of(&ended, "listed").as_str(), end(&ended).as_str()), (line, "0"));
        assert_eq!(ended.report.warnings.len(), 0);
    }
}

#[test]
fn the_list_is_that_of_the_kind_of_version_and_of_the_platform() {
    let airflow = ["--airflow-version", "2.9.1"];
    let rows: [(&str, &[&str], &str); 4] = [
        ("0.29.0", &[], "RuntimeReleases"),
        ("1.0.0", &airflow, "DeploymentConfig"),
        ("1.0.1", &[], "RuntimeReleases"),
        ("2.1.0", &[], "RuntimeReleases"),
    ];
    for (platform, more, list) in rows {
        let version = said(&json!({ "data": { "appConfig": { "version": platform } } }));
        let world = but("AppConfig", version);
        let ended = check(&world, &options(more));
        assert_eq!(of(&ended, "listed"), "good listed: the platform lists this version", "{platform}");
        let queries: Vec<_> = world.sent().iter().map(|sent| sent.query.clone()).collect();
        assert_eq!(queries.iter().filter(|query| query.contains(&format!("query {list} "))).count(), 1);
        assert_eq!(
            queries.iter().any(|query| query.contains("deploymentConfig")),
            list == "DeploymentConfig"
        );
    }
}

#[test]
fn the_setting_of_the_endpoint_is_named_by_the_platforms_version() {
    let below = "astronomer.houston.config.deployments.enableUpdateDeploymentImageEndpoint";
    let from = "astronomer.houston.config.deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled";
    let both = format!("{below} (chart 2.0 and later: {from})");
    let rows = [
        ("\"0.34.1\"", below),
        ("\"1.1.0\"", below),
        ("\"2.0.0\"", from),
        ("\"2.1.0\"", from),
        ("null", &both),
    ];
    for (platform, setting) in rows {
        let version = answer(200, &format!(r#"{{"data":{{"appConfig":{{"version":{platform}}}}}}}"#));
        let ended = check(&but("AppConfig", version), &options(&[]));
        let line = of(&ended, "endpoint");
        assert!(
            line.starts_with("unknown endpoint: ") && line.ends_with(&format!("look for {setting}")),
            "{line}"
        );
    }
}

/// A world for a check and another of the same for a deploy, in which Houston takes every change.
fn both(faulty: impl Fn(&str) -> Option<Reply> + Clone + 'static) -> [World; 2] {
    [(); 2].map(|()| {
        let faulty = faulty.clone();
        world(move |what, release| {
            faulty(what).or_else(|| match what {
                "UpdateDeploymentImage" => Some(crate::world::yes()),
                what => Some(ready(what, release)),
            })
        })
    })
}

#[test]
fn it_ends_as_a_deploy_would() {
    type Fault = fn(&str) -> Option<Reply>;
    let rows: [(&str, Fault, &[&str]); 8] = [
        ("0", |_| None, &[]),
        ("4 HOUSTON_UNREACHABLE", |what| (what == "AppConfig").then(unreachable), &[]),
        ("4 NOT_HOUSTON", |what| (what == "AppConfig").then(|| answer(404, "<html>")), &[]),
        ("3 IMAGE_NOT_FOUND", |what| is_of_tag(what).then(missing), &["--preflight", "require"]),
        (
            "3 DEPLOYMENT_NOT_FOUND",
            |what| {
                (what == "WorkspaceDeployments")
                    .then(|| answer(200, r#"{"data":{"workspaceDeployments":[]}}"#))
            },
            &[],
        ),
        (
            "3 API_MISMATCH",
            |what| {
                (what == "AppConfig").then(|| answer(200, r#"{"data":{"appConfig":{"version":"1.0.1"}}}"#))
            },
            &["--airflow-version", "2.9.1"],
        ),
        (
            "3 API_MISMATCH",
            |what| {
                (what == "AppConfig").then(|| answer(200, r#"{"data":{"appConfig":{"version":"0.28.7"}}}"#))
            },
            &[],
        ),
        ("3 VERSION_MISMATCH", |_| None, &["--runtime-version", "3.0-1"]),
    ];
    for (ending, fault, more) in rows {
        let [checked, deployed] = both(fault);
        let inputs = options(&[&["--wait", "off"], more].concat());
        assert_eq!(end(&check(&checked, &inputs)), ending);
        assert_eq!(end(&deploy(&deployed, &inputs)), ending, "the deploy");
    }
}

#[test]
fn nothing_is_changed_by_a_dry_run_or_a_pinned_check_either() {
    for more in [&["--dry-run"][..], &["--pin"], &["--fail-fast"], &["--unchanged-ok"]] {
        let ended = check(&world(|_, _| None), &options(more));
        assert_eq!((end(&ended).as_str(), ended.report.status), ("0", Status::Checked), "{more:?}");
    }
}

#[test]
fn an_empty_part_of_the_list_asks_nothing() {
    let ended = check(&World::new([]), &inputs(&["--shard", "2/2"]));
    assert_eq!((ended.exit_code, ended.report.status, ended.report.checks.len()), (0, Status::Skipped, 0));
}

#[test]
fn without_a_workspace_the_token_is_not_tried_and_that_is_said() {
    let ended = check(&world(|_, _| None), &without_workspace(&[]));
    assert_eq!(
        of(&ended, "deployment"),
        "unknown deployment: not read, and the token not tried: that needs `workspace`"
    );
    assert!(of(&ended, "airflow").starts_with("good airflow: "));
}
