//! What follows from the labels: the version that Houston is told, versions that differ, and the digest in the tag's
//! place.

use std::time::Duration;

use houston_deploy::inputs::Inputs;
use houston_deploy::io::{Cause, Head};
use serde_json::{Value, json};

use super::world::{Image, Serving, auto, required, sha256, tag, unversioned};
use crate::world::{Reply, answer, fails, inputs};

const OPTION: &str = "correct the option, or leave it out: the label is then used";
const SET: &str = "set `runtime-version` for an Astro Runtime image, `airflow-version` for an older one";

/// Houston's yes to an Airflow version.
fn yes_to_airflow(version: &str) -> Reply {
    let body = json!({ "data": { "updateDeploymentImage": { "id": "ck1", "releaseName": "dev", "airflowVersion": version } } });
    answer(200, &body.to_string())
}

/// The variables of the change.
fn sent(serving: &Serving) -> Value {
    let change = serving.seen().pop().expect("a request");
    assert_eq!(change.line, "UpdateDeploymentImage");
    serde_json::from_str::<Value>(&change.body).expect("JSON")["variables"].clone()
}

#[track_caller]
fn agree(option: [&str; 2], labels: &[(&str, &str)]) {
    let serving = Serving::new().holds(&Image::labelled(labels));
    let serving = match option[0] {
        "--airflow-version" => serving.at("UpdateDeploymentImage", yes_to_airflow(option[1])),
        _ => serving.at(
            "UpdateDeploymentImage",
            answer(
                200,
                &json!({ "data": { "updateDeploymentImage": { "id": "ck1", "releaseName": "dev", "runtimeVersion": option[1] } } })
                    .to_string(),
            ),
        ),
    };
    let ended = serving.succeeds(&auto(&option));
    assert_eq!(ended.report.warnings, [], "{option:?} {labels:?}");
}

#[track_caller]
fn differ(option: [&str; 2], labels: &[(&str, &str)], label: &str) {
    for mode in [auto, required] {
        Serving::new().holds(&Image::labelled(labels)).ends(
            &mode(&option),
            &format!(
                "3 VERSION_MISMATCH: `{}` is \"{}\", and the image's label says \"{label}\" | {OPTION}",
                &option[0][2..],
                option[1]
            ),
        );
    }
}

#[test]
fn a_version_that_is_given_is_that_of_the_label() {
    agree(["--runtime-version", "11.3.0"], &[("runtime", "11.3.0")]);
    agree(["--runtime-version", "11.3.0"], &[("runtime", "11.3.0-base")]);
    agree(["--runtime-version", "11.3.0-base"], &[("runtime", "11.3.0")]);
    agree(["--airflow-version", "2.9.1"], &[("airflow", "2.9.1+astro.4")]);
    agree(["--airflow-version", "2.9.1+astro.4"], &[("airflow", "2.9.1")]);
    agree(["--airflow-version", "2.9.1+astro.4"], &[("airflow", "2.9.1+astro.5"), ("runtime", "11.3.0")]);
    // Astronomer Certified has builds of one Airflow.
    agree(["--airflow-version", "2.2.5-4"], &[("airflow", "2.2.5"), ("ac", "2.2.5-4")]);
    agree(["--airflow-version", "2.2.5"], &[("airflow", "2.2.5"), ("ac", "2.2.5-4")]);
    agree(["--airflow-version", "2.2.5-4"], &[("ac", "2.2.5-4")]);
}

#[test]
fn a_version_that_differs_from_the_label_is_refused_with_both() {
    differ(["--runtime-version", "11.3.0"], &[("runtime", "11.3.1")], "11.3.1");
    differ(["--runtime-version", "11.3.0"], &[("runtime", "11.3.0-1")], "11.3.0-1");
    differ(["--airflow-version", "2.9.1"], &[("airflow", "2.9.2+astro.1")], "2.9.2");
    differ(["--airflow-version", "2.2.5-3"], &[("airflow", "2.2.5"), ("ac", "2.2.5-4")], "2.2.5");
    differ(["--airflow-version", "2.2.5-3"], &[("ac", "2.2.5-4")], "2.2.5-4");
}

#[test]
fn a_version_of_which_no_label_speaks_is_a_warning() {
    for labels in [&[][..], &[("airflow", "2.9.1")], &[("runtime", "dev")]] {
        Serving::new().holds(&Image::labelled(labels)).yes().warns(
            &required(&[]),
            "VERSION_UNKNOWN: the image has no label that `runtime-version` could be set against | -",
        );
    }
}

#[test]
fn without_a_version_the_runtime_label_is_sent() {
    let serving = Serving::new().holds(&Image::usual()).yes();
    let ended = serving.succeeds(&unversioned(auto(&[])));
    assert_eq!(sent(&serving)["runtimeVersion"], "11.3.0");
    let seen = ended.report.image.expect("an image");
    assert_eq!(
        (seen.runtime_version.as_deref(), seen.airflow_version.as_deref()),
        (Some("11.3.0"), Some("2.9.1"))
    );
}

/// The usual inputs without a version, of a platform of this one.
fn on(platform: &str) -> Inputs {
    unversioned(inputs(&["--preflight", "auto", "--platform-version", platform]))
}

#[test]
fn up_to_1_0_0_the_airflow_label_serves_alone() {
    for platform in ["0.29.0", "0.37.5", "1.0.0"] {
        let serving = Serving::new()
            .holds(&Image::labelled(&[("airflow", "2.9.1+astro.4")]))
            .at("UpdateDeploymentImage", yes_to_airflow("2.9.1"));
        serving.succeeds(&on(platform));
        assert_eq!(sent(&serving)["airflowVersion"], "2.9.1");
    }
    let serving = Serving::new()
        .holds(&Image::labelled(&[("ac", "2.2.5-4")]))
        .at("UpdateDeploymentImage", yes_to_airflow("2.2.5-4"));
    let ended = serving.succeeds(&on("0.29.0"));
    assert_eq!(sent(&serving)["airflowVersion"], "2.2.5-4");
    let seen = ended.report.image.expect("an image");
    assert_eq!(seen.airflow_version.as_deref(), Some("2.2.5-4"), "what was sent");
}

#[test]
fn from_1_0_1_on_it_does_not() {
    for platform in ["1.0.1", "1.1.0", "2.1.0"] {
        Serving::new().holds(&Image::labelled(&[("airflow", "2.9.1+astro.4")])).ends(
            &on(platform),
            &format!(
                "3 VERSION_UNKNOWN: the version in the image is not known: the image's labels say Airflow 2.9.1 alone, and \
                 Houston {platform} takes Runtime versions only | {SET}"
            ),
        );
    }
}

#[test]
fn no_label_and_no_option_is_refused() {
    for labels in [&[][..], &[("runtime", "dev"), ("airflow", "2.9.1")], &[("airflow", "main")]] {
        Serving::new().holds(&Image::labelled(labels)).ends(
            &on("0.34.1"),
            &format!(
                "3 VERSION_UNKNOWN: the version in the image is not known: neither option was given, and the image has \
                 none of the vendor's labels that can be read | {SET}"
            ),
        );
    }
}

#[test]
fn where_the_look_only_warns_the_version_is_unknown_all_the_same() {
    let reply = fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten);
    let serving = Serving::new().at(tag("HEAD"), reply);
    let inputs = unversioned(auto(&["--attempts", "1"]));
    let ended = serving.ends(
        &inputs,
        &format!(
            "3 VERSION_UNKNOWN: the version in the image is not known: neither option was given, and the image could not \
             be looked up | {SET}"
        ),
    );
    // The warning says why.
    assert_eq!(
        serving.warnings(&ended),
        [
            "REGISTRY_UNREACHABLE: the image was not looked up: registry.example.com could not be reached: no connection came \
         about (ECONNREFUSED) (request ID) | open the way from this runner to the registry, or set `preflight` to off \
         where only the cluster can reach it"
        ]
    );
}

#[test]
fn pin_sends_the_digest_that_the_tag_stands_for() {
    let image = Image::usual();
    let serving = Serving::new().holds(&image).yes();
    serving.succeeds(&auto(&["--pin"]));
    assert_eq!(sent(&serving)["image"], format!("registry.example.com/acme/airflow@{}", image.digest()));
    let serving = Serving::new().holds(&image).yes();
    serving.succeeds(&auto(&[]));
    assert_eq!(sent(&serving)["image"], "registry.example.com/acme/airflow:1.4.2");
}

#[test]
fn pin_is_an_error_where_the_digest_cannot_be_found_out() {
    let gone = || fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten);
    let why = "4 REGISTRY_UNREACHABLE: registry.example.com could not be reached: no connection came about \
               (ECONNREFUSED) (request ID) | open the way from this runner to the registry, or set `preflight` to off \
               where only the cluster can reach it";
    Serving::new().at(tag("HEAD"), gone()).ends(&auto(&["--pin", "--attempts", "1"]), why);
    // One that was given needs no finding out.
    let digest = sha256("given");
    let serving = Serving::new().at(tag("HEAD"), gone()).yes();
    let image = format!("registry.example.com/acme/airflow:1.4.2@{digest}");
    let ended = serving.succeeds(&auto(&["--pin", "--attempts", "1", "--image", &image]));
    assert_eq!(sent(&serving)["image"], format!("registry.example.com/acme/airflow@{digest}"));
    assert_eq!(ended.report.image.expect("an image").digest, Some(digest));
}

#[test]
fn what_was_found_out_is_told_though_the_rest_failed() {
    let image = Image::labelled(&[("runtime", "11.3.1")]);
    let ended = Serving::new().holds(&image).deploy(&auto(&[]));
    let seen = ended.report.image.expect("an image");
    assert_eq!((ended.exit_code, seen.digest), (3, Some(image.digest())));
    // Houston is no Houston, and the image had been found by then.
    let serving = Serving::new()
        .holds(&image)
        .at("AppConfig", super::world::later(Duration::from_secs(2), answer(404, "")));
    let ended = serving.deploy(&inputs(&["--preflight", "auto"]));
    let seen = ended.report.image.expect("an image");
    assert_eq!((ended.exit_code, seen.digest), (4, Some(image.digest())));
    // The image is not there, and Houston had said its version by then.
    let late = || super::world::later(Duration::from_secs(2), super::world::not_found());
    let serving =
        Serving::new().version("0.34.1", Duration::ZERO).at(tag("HEAD"), late()).at(tag("GET"), late());
    let ended = serving.deploy(&inputs(&["--preflight", "auto"]));
    let houston = ended.report.houston.expect("Houston");
    assert_eq!((ended.exit_code, houston.version.as_deref()), (3, Some("0.34.1")));
}
