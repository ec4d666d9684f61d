//! The look-up among the other steps: at the same time as Houston's version, once for all releases, ended by a cancel.

use std::time::Duration;

use houston_deploy::io::{Head, Signal};
use houston_deploy::report::Status;

use super::world::{BASE, Image, Serving, auto, later, named, not_found, required, sha256, tag};
use crate::world::{Reply, answer, inputs};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A registry that takes so long for each of its three answers.
fn slow(after: Duration) -> Serving {
    let image = Image::usual();
    Serving::new()
        .at(tag("HEAD"), later(after, named(&image.digest())))
        .at(format!("GET {BASE}manifests/{}", image.digest()), later(after, answer(200, &image.manifest)))
        .at(format!("GET {BASE}blobs/{}", sha256(&image.config)), later(after, answer(200, &image.config)))
}

fn change_at(serving: &Serving) -> Duration {
    serving.seen().iter().find(|seen| seen.line == "UpdateDeploymentImage").expect("a change").at
}

#[test]
fn the_change_goes_out_after_the_longer_of_the_two() {
    for (registry, houston, both) in [(1, 2, 3), (1, 5, 5), (2, 6, 6), (3, 1, 9)] {
        let serving = slow(seconds(registry)).version("0.34.1", seconds(houston)).yes();
        serving.succeeds(&inputs(&["--preflight", "require"]));
        assert_eq!(change_at(&serving), seconds(both));
        let begun = serving.seen();
        assert_eq!((begun[0].at, begun[1].at), (Duration::ZERO, Duration::ZERO));
    }
}

#[test]
fn many_releases_look_once() {
    let serving = slow(seconds(1)).version("0.34.1", seconds(1));
    let yes = |release: &str| {
        let yes = format!(
            r#"{{"data":{{"updateDeploymentImage":{{"id":"ck1","releaseName":"{release}","runtimeVersion":"11.3.0"}}}}}}"#
        );
        later(Duration::ZERO, answer(200, &yes))
    };
    let serving = ["a1", "b2", "c3"]
        .into_iter()
        .fold(serving, |serving, release| serving.at("UpdateDeploymentImage", yes(release)));
    let ended = serving.succeeds(&inputs(&["--preflight", "require", "--release", "a1,b2,c3"]));
    assert_eq!(ended.report.results.len(), 3);
    assert_eq!(serving.lines().len(), 3);
    assert_eq!(change_at(&serving), seconds(3));
}

#[test]
fn many_releases_are_all_told_that_the_image_is_missing() {
    let serving = Serving::new().at(tag("HEAD"), not_found()).at(tag("GET"), not_found());
    let ended = serving.ends(
        &auto(&["--release", "a1,b2,c3"]),
        "3 IMAGE_NOT_FOUND: registry.example.com has no tag \"1.4.2\" in \"acme/airflow\" | push the image before \
         deploying, or correct `image`",
    );
    assert_eq!(
        ended.report.results.iter().map(|result| result.status).collect::<Vec<_>>(),
        [Status::Refused; 3]
    );
    assert_eq!(serving.lines().len(), 2);
}

#[test]
fn a_cancel_ends_the_look() {
    for (signal, why) in [
        (Signal::Interrupt, "130 CANCELLED: cancelled before anything was changed | -"),
        (Signal::Terminate, "143 CANCELLED: cancelled by SIGTERM before anything was changed | -"),
    ] {
        for mode in [auto, required] {
            let serving =
                Serving::new().at(tag("HEAD"), Reply::Hangs(Head::Written)).cancelled_at(seconds(4), signal);
            let ended = serving.ends(&mode(&[]), why);
            assert_eq!(serving.clock(), seconds(4));
            assert_eq!(ended.report.warnings, []);
        }
    }
    // While it waits to ask again, too.
    let busy = crate::world::busy(429, "20");
    let serving = Serving::new().at(tag("HEAD"), busy).cancelled_at(seconds(4), Signal::Interrupt);
    serving.ends(&auto(&[]), "130 CANCELLED: cancelled before anything was changed | -");
    assert_eq!(serving.clock(), seconds(4));
}

#[test]
fn a_dry_run_looks_as_well_and_shows_what_would_be_sent() {
    let image = Image::usual();
    let serving = Serving::new().holds(&image);
    let ended = serving.succeeds(&required(&["--dry-run", "--pin"]));
    let planned = &ended.report.results[0].requests[0];
    assert!(planned.body.contains(&image.digest()), "{}", planned.body);
    assert_eq!(serving.lines().len(), 3);
}

#[test]
fn a_look_that_hangs_holds_the_deploy_up_for_one_request_at_most() {
    let serving =
        Serving::new().at(tag("HEAD"), Reply::Hangs(Head::Written)).version("0.34.1", seconds(1)).yes();
    serving.warns(
        &inputs(&["--preflight", "auto", "--request-timeout", "10s"]),
        "REGISTRY_UNREACHABLE: the image was not looked up: registry.example.com could not be reached: no answer within \
         10 s (request ID) | open the way from this runner to the registry, or set `preflight` to off where only the \
         cluster can reach it",
    );
    assert_eq!(change_at(&serving), seconds(10));
}

#[test]
fn the_steps_are_told() {
    let image = Image::usual();
    let serving = Serving::new().holds(&image).yes();
    serving.succeeds(&auto(&[]));
    let told = serving.told();
    assert!(told.contains(&"looking up registry.example.com/acme/airflow:1.4.2".to_owned()), "{told:?}");
    assert!(told.contains(&format!("the registry has it as {}", &image.digest()[..19])), "{told:?}");
}
