//! Secrets beside the token: the pull secret and the registry's credentials. None is shown by anything that was read.

use houston_deploy::inputs::Given;

use super::{good, told, usual, variables};
use crate::world::TOKEN;

const PULL_SECRET: &str = r#"{"auths":{"r.example.com":{"auth":"cm9ib3Q6czNjcjN0LXA0c3M="}}}"#;

#[test]
fn a_pull_secret_is_read_and_secret() {
    let case = usual().with(&["--dockerconfigjson-file", "p"]).file("p", PULL_SECRET);
    let read = case.read();
    assert_eq!(
        read.redactor.clean("s3cr3t-p4ss cm9ib3Q6czNjcjN0LXA0c3M= r.example.com"),
        "*** *** r.example.com"
    );
    assert!(good(read).pull_secret.is_some());
}

#[test]
fn a_bad_pull_secret_is_described_and_not_shown() {
    let of = |content: &str| usual().with(&["--dockerconfigjson-file", "p"]).file("p", content);
    of("{\"auths\": s3cr3t}").gets(&["dockerconfigjson-file: is no JSON (line 1, column 11)"]);
    of("{\"s3cr3t\": 1}")
        .gets(&["dockerconfigjson-file: has no registry under \"auths\", as a .dockerconfigjson must"]);
}

#[test]
fn registry_credentials_are_a_pair() {
    usual().with(&["--registry-username", "robot"]).variable("HOUSTON_REGISTRY_PASSWORD", "s3cr3t").good();
    usual()
        .with(&["--registry-username", "robot"])
        .gets(&["registry-username: has no password beside it | set HOUSTON_REGISTRY_PASSWORD"]);
    usual()
        .variable("HOUSTON_REGISTRY_PASSWORD", "s3cr3t")
        .gets(&["registry-password: has no user beside it | set `registry-username`"]);
}

#[test]
fn no_problem_shows_a_secret() {
    let problems = usual()
        .variable("HOUSTON_TOKEN", "c4n4ry-one\n")
        .variable("ASTRONOMER_KEY_SECRET", "c4n4ry-two")
        .variable("HOUSTON_REGISTRY_PASSWORD", "c4n4ry-three")
        .with(&["--token", "c4n4ry-four", "--registry-password=c4n4ry-five", "--tokn", "c4n4ry-six"])
        .with(&["--dockerconfigjson-file", "p", "--token-file", "t"])
        .file("p", "{\"auths\":{\"r.example.com\":\"c4n4ry-seven\"}}")
        .file("t", "c4n4ry-eight c4n4ry-nine")
        .read()
        .inputs
        .expect_err("bad input");
    assert_eq!(problems.len(), 6, "{:#?}", told(&problems));
    assert!(!format!("{problems:?}").contains("c4n4ry"), "{:#?}", told(&problems));
}

#[test]
fn what_was_read_shows_no_secret() {
    let case = usual().with(&["--dockerconfigjson-file", "p"]).file("p", PULL_SECRET);
    let shown = format!("{:?}", case.read());
    assert!(!shown.contains(TOKEN) && !shown.contains("cm9ib3Q6czNjcjN0LXA0c3M"), "{shown}");
}

#[test]
fn what_was_given_shows_no_secret() {
    let environment = variables(&[("HOUSTON_TOKEN", TOKEN)]);
    let mut given = Given::default();
    given.add_environment(&environment);
    assert!(!format!("{given:?}{environment:?}").contains(TOKEN));
}

#[test]
fn every_secret_that_was_given_is_known_though_it_is_wrong_or_not_used() {
    let read = usual()
        .variable("HOUSTON_TOKEN", "not one\ntoken")
        .variable("ASTRONOMER_KEY_SECRET", "vendors-key")
        .variable("HOUSTON_REGISTRY_PASSWORD", "p4ssw0rd")
        .read();
    assert_eq!(read.redactor.clean("<token> <vendors-key> <p4ssw0rd>"), "<***> <***> <***>");
    assert!(read.inputs.is_err());
}

#[test]
fn a_byte_order_mark_hides_no_secret() {
    let pull = "\u{feff}{\"auths\": {\"r.example.com\": {\"password\": \"hunter2-hunter2\"}}}";
    let read = usual().with(&["--dockerconfigjson-file", "pull"]).file("pull", pull).read();
    assert!(read.inputs.is_ok());
    assert_eq!(read.redactor.clean("r/hunter2-hunter2/a"), "r/***/a");
    let read =
        usual().without_token().with(&["--token-file", "t"]).file("t", "\u{feff}c4n4ryc4n4ry\n").read();
    assert!(read.inputs.is_ok());
    assert_eq!(read.redactor.clean("a c4n4ryc4n4ry z"), "a *** z");
}
