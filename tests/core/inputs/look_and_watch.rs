//! The options of the look-up and of the watch: what they become, and what is wrong together.

use std::time::Duration;

use houston_deploy::inputs::{Mode, Watching};
use houston_deploy::value::{Object, Value};

use super::{good, usual};

#[test]
fn by_default_there_is_a_look_and_a_watch() {
    let inputs = usual().without("--preflight").without("--wait").good();
    assert_eq!(inputs.preflight, Mode::Auto);
    assert_eq!(
        inputs.watching,
        Watching {
            mode: Mode::Auto,
            poll_interval: Duration::from_secs(5),
            stable_for: Duration::from_mins(1),
            unchanged_ok: false,
        }
    );
    assert_eq!(inputs.look_up.platform.to_string(), "linux/amd64");
    assert_eq!(inputs.concurrency, 4);
}

#[test]
fn both_can_be_required() {
    let inputs = usual().but("--preflight", "require").but("--wait", "require").good();
    assert_eq!((inputs.preflight, inputs.watching.mode), (Mode::Require, Mode::Require));
}

#[test]
fn without_a_look_a_tag_cannot_be_pinned() {
    usual().with(&["--pin"]).gets(&[
        "pin: cannot find out the digest of a tag while `preflight` is off | give `image` with its digest, or leave \
         `preflight` on",
    ]);
    let digest = format!("sha256:{}", "0".repeat(64));
    let image = format!("registry:5000/a/b:1@{digest}");
    let given = usual().but("--image", &image).with(&["--pin"]).good();
    assert!(given.pin);
    assert_eq!(given.image.as_str(), image);
    assert!(usual().but("--preflight", "auto").with(&["--pin"]).good().pin);
}

#[test]
fn only_with_a_look_may_the_version_be_left_to_the_labels() {
    usual()
        .without("--runtime-version")
        .gets(&["runtime-version: is missing | set it, or `airflow-version`, to the version in the image"]);
    assert_eq!(usual().without("--runtime-version").but("--preflight", "auto").good().version, None);
}

#[test]
fn where_it_waits_the_timeout_is_longer_than_stable_for() {
    let short = usual().with(&["--timeout", "60s"]);
    assert_eq!(short.good().timeout, Duration::from_mins(1));
    short.but("--wait", "auto").gets(&["timeout: \"60s\" is no longer than `stable-for`, 1 min"]);
    usual().but("--wait", "require").with(&["--timeout", "5s", "--stable-for", "4s"]).warns(&[]);
}

#[test]
fn a_tag_that_moves_is_a_warning_unless_its_digest_is_sent() {
    for tag in ["latest", "main", "latest-2", "stable"] {
        let image = format!("registry.example.com/acme/airflow:{tag}");
        let moving = || usual().but("--preflight", "auto").but("--image", &image);
        moving().warns(&[&format!(
            "IMAGE_MOVES: the tag \"{tag}\" may be used again: where it stands for another image than at the last \
             deploy, the platform may not roll | give each image a tag of its own, or set `pin` to send its digest"
        )]);
        moving().with(&["--pin"]).warns(&[]);
    }
    for tag in ["1.4.2", "build-77", "sha-0a1b2c3"] {
        usual().but("--image", &format!("registry.example.com/acme/airflow:{tag}")).warns(&[]);
    }
}

#[test]
fn a_platform_has_two_or_three_words() {
    let given = usual().with(&["--platform", "linux/arm64/v8"]).good();
    assert_eq!(given.look_up.platform.to_string(), "linux/arm64/v8");
    usual().with(&["--platform", "amd64"]).gets(&["platform: \"amd64\" is no platform, such as linux/amd64"]);
}

#[test]
fn dockers_config_file_is_found_where_docker_has_it() {
    let config = |variables: &[(&str, &str)], path: &str, content: &str| {
        let case = usual().but("--preflight", "auto").file(path, content);
        let case = variables.iter().fold(case, |case, (name, value)| case.variable(name, value));
        good(case.read()).look_up.config
    };
    let empty = Ok(Value::Object(Object::default()));
    for (variables, path) in [
        (&[("DOCKER_CONFIG", "/d"), ("HOME", "/h")][..], "/d/config.json"),
        (&[("HOME", "/h"), ("USERPROFILE", "/u")], "/h/.docker/config.json"),
        (&[("USERPROFILE", "/u")], "/u/.docker/config.json"),
    ] {
        assert_eq!(config(variables, path, "{}"), empty, "{path}");
        assert_eq!(config(variables, path, " \n"), Ok(Value::Null), "{path}");
        assert_eq!(config(variables, path, "{"), Err("is no JSON".into()), "{path}");
        assert_eq!(config(variables, "/elsewhere", "{}"), Ok(Value::Null), "{path}");
    }
}
