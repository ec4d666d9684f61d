//! Bad input, case by case (issue 2), and good input that looks bad.

use super::{told, usual};

#[test]
fn no_input_at_all_gets_every_problem_at_once() {
    let mut case = usual().without_token();
    case.arguments.clear();
    case.gets(&[
        "base-domain: is missing | set it to the platform's base domain, or set `houston-url`",
        "token: is missing | set HOUSTON_TOKEN, or `token-file`, to a service account's key",
        "release: is missing | set it to the Deployment's release name, or set `release-file`",
        "image: is missing | set it to <host>/<name>:<tag>",
    ]);
}

#[test]
fn every_option_that_is_wrong_is_named_at_once() {
    let read = usual()
        .but("--base-domain", "https://astro.example.com")
        .variable("HOUSTON_TOKEN", "abcd\nefgh")
        .but("--release", "Dev,prod_1")
        .but("--image", "acme/airflow")
        .but("--runtime-version", "v11.3.0")
        .but("--preflight", "never")
        .but("--wait", "Auto")
        .with(&["--workspace", "my workspace", "--platform", "linux", "--platform-version", "0.34"])
        .with(&["--timeout", "10", "--request-timeout", "0s", "--stable-for", "25h"])
        .with(&["--attempts", "21", "--concurrency", "0", "--shard", "6/5", "--dry-run=1", "--pin=yes"])
        .with(&["--fail-fast=no", "--unchanged-ok=0", "--output", "yaml", "--debug=on"])
        .with(&["--report-file", "nowhere/r.json", "--quux", "--ca-cert", "ca.pem"])
        .with(&["--dockerconfigjson-file", "pull.json", "--registry-username", "robot"])
        .read();
    // In which order they are named is not promised.
    let mut problems = told(&read.inputs.expect_err("bad input"));
    problems.sort();
    assert_eq!(
        problems,
        [
            "attempts: \"21\" is no whole number from 1 to 20",
            "base-domain: \"https://astro.example.com\" is a URL: leave out \"https://\"",
            "ca-cert: \"ca.pem\" does not exist",
            "concurrency: \"0\" is no whole number from 1 to 256",
            "debug: \"on\" is neither true nor false",
            "dockerconfigjson-file: \"pull.json\" does not exist",
            "dry-run: \"1\" is neither true nor false",
            "fail-fast: \"no\" is neither true nor false",
            "image: \"acme/airflow\" has neither a tag nor a digest",
            "output: \"yaml\" is none of text, json",
            "pin: \"yes\" is neither true nor false",
            "platform-version: \"0.34\" needs three numbers, such as 0.34.1",
            "platform: \"linux\" is no platform, such as linux/amd64",
            "preflight: \"never\" is none of auto, require, off",
            "quux: is no option | --help lists the options",
            "registry-username: has no password beside it | set HOUSTON_REGISTRY_PASSWORD",
            "release: \"Dev\" has upper-case letter 'D' at position 1 of the release name | the release name is on the Deployment's page, such as \"galactic-force-1234\"",
            "release: \"prod_1\" has unexpected character '_' at position 5 of the release name",
            "report-file: \"nowhere/r.json\" is in a folder that does not exist",
            "request-timeout: \"0s\" is zero",
            "runtime-version: \"v11.3.0\" starts with a 'v': leave it out",
            "shard: \"6/5\" is no part of a list: the parts of five are 1/5 to 5/5",
            "stable-for: \"25h\" is longer than 24h",
            "timeout: \"10\" is no duration: it needs a whole number and ms, s, m or h, such as 30s",
            "token: has a line break at position 5 of 9 | copy the token again, in one line",
            "unchanged-ok: \"0\" is neither true nor false",
            "wait: \"Auto\" is none of auto, require, off",
            "workspace: \"my workspace\" is no workspace id: that is the last part of its page's address",
        ]
    );
}

#[test]
fn both_versions() {
    usual().with(&["--airflow-version", "2.9.1"]).gets(&[
        "airflow-version: is given beside `runtime-version` | give `runtime-version` for Astro Runtime images, \
         `airflow-version` for the others",
    ]);
}

#[test]
fn an_image_that_is_none() {
    let digest = "0123456789abcdef".repeat(4);
    for (image, why) in [
        ("registry.example.com/acme/airflow", "has neither a tag nor a digest"),
        ("a/b@sha256:", "has a sha256 digest of 0 digits, 64 are needed"),
        (&format!("a/b@sha256:{}", &digest[1..]), "has a sha256 digest of 63 digits, 64 are needed"),
        (
            "registry.example.com/Acme/airflow:1",
            "has upper-case letter 'A' at position 1 of the repository name",
        ),
        ("https://registry.example.com/acme/airflow:1", "is a URL: leave out \"https://\""),
    ] {
        usual().but("--image", image).gets(&[&format!("image: \"{image}\" {why}")]);
    }
}

#[test]
fn a_release_of_54_characters() {
    let name = "a".repeat(54);
    usual().but("--release", &name).gets(&[&format!(
        "release: \"{name}\" has 54 characters, 53 at most | the release name is on the Deployment's page, such as \"galactic-force-1234\""
    )]);
}

#[test]
fn a_base_domain_that_is_more_than_a_domain() {
    for (domain, why) in [
        ("https://astro.example.com", "is a URL: leave out \"https://\""),
        ("astro.example.com/v1", "has a path: give the domain alone"),
        ("astro.example.com:8443", "has a port: give the domain alone, or all of `houston-url` instead"),
        ("[2001:db8::1]", "is an IP address: a base domain is a name, such as astro.example.com"),
        ("2001:db8::1", "is an IP address: a base domain is a name, such as astro.example.com"),
    ] {
        usual().but("--base-domain", domain).gets(&[&format!("base-domain: \"{domain}\" {why}")]);
    }
}

#[test]
fn base_domain_and_houston_url_are_one_of_two() {
    usual()
        .with(&["--houston-url", "https://houston.example.com/v1"])
        .gets(&["base-domain: is given beside `houston-url` | give one of the two"]);
}

#[test]
fn http_to_a_host_that_is_not_loopback() {
    usual().without("--base-domain").with(&["--houston-url", "http://houston.example.com/v1"]).gets(&[
        "houston-url: \"http://houston.example.com/v1\" would send the token unprotected: use https:// (http:// is \
         for loopback)",
    ]);
    usual().without("--base-domain").with(&["--houston-url", "http://127.0.0.1:4000/v1"]).good();
}

#[test]
fn a_password_inside_houston_url_is_not_shown() {
    usual().without("--base-domain").with(&["--houston-url", "https://user:hunter2@houston.example.com/v1"]).gets(&[
        "houston-url: \"https://***@houston.example.com/v1\" has a user name or password in it: credentials go into \
         `token`",
    ]);
    usual()
        .but("--base-domain", "https://user:hun@ter2@astro.example.com")
        .gets(&["base-domain: \"https://***@astro.example.com\" is a URL: leave out \"https://\""]);
    usual()
        .but("--image", "https://user:hunter2@registry.example.com/a:1")
        .gets(&["image: \"https://***@registry.example.com/a:1\" is a URL: leave out \"https://\""]);
}

#[test]
fn a_password_in_any_address_is_not_shown() {
    for (option, text) in [
        ("--houston-url", "https://user:hunter2/x@houston.example.com/v1"),
        ("--houston-url", "user:hunter2@houston.example.com/v1"),
        ("--base-domain", "user:hunter2@astro.example.com"),
        ("--image", "user:hunter2@registry.example.com/a:1"),
    ] {
        let case = match option {
            "--houston-url" => usual().without("--base-domain").with(&[option, text]),
            _ => usual().but(option, text),
        };
        let problems = told(&case.read().inputs.expect_err("bad input"));
        assert!(!problems.concat().contains("hunter2"), "{problems:?}");
    }
}

#[test]
fn a_poll_interval_that_is_too_short_is_quoted() {
    usual().with(&["--poll-interval", "99ms"]).gets(&["poll-interval: \"99ms\" is shorter than 100ms"]);
}

#[test]
fn a_port_a_digest_and_both() {
    let digest = format!("sha256:{}", "0".repeat(64));
    for image in ["registry:5000/a/b:1", &format!("a/b@{digest}"), &format!("a/b:1@{digest}")] {
        assert_eq!(usual().but("--image", image).good().image.as_str(), image);
    }
}

#[test]
fn a_hostile_value_is_shown_and_does_not_act() {
    usual()
        .with(&["--workspace", "\u{1b}[31m\n##[error]x"])
        .gets(&["workspace: \"\\u{1b}[31m ## [error]x\" is no workspace id: that is the last part of its page's address"]);
    usual()
        .with(&["--shard", "1\n::error::x/2"])
        .gets(&["shard: \"1 ::error::x/2\" is no part of a list: the parts of five are 1/5 to 5/5"]);
    usual().with(&["--qu\u{1b}ux"]).gets(&["qu\\u{1b}ux: is no option | --help lists the options"]);
}
