//! The environment: an option's variable, and the inputs of the action, which are variables too.

use std::time::Duration;

use houston_deploy::houston::AskedVersion;
use houston_deploy::inputs::Environment;
use houston_deploy::value::Value;

use super::{action, gets, good, names, usual};
use crate::world::TOKEN;

// Variables.

#[test]
fn every_option_has_a_variable() {
    let mut case = usual().variable("HOUSTON_URL", "https://houston.example.com/v1");
    case.arguments.clear();
    for (name, value) in [
        ("HOUSTON_RELEASE", "a b"),
        ("HOUSTON_IMAGE", "acme/airflow:1"),
        ("HOUSTON_AIRFLOW_VERSION", "2.9.1"),
        ("HOUSTON_WORKSPACE", "ws1"),
        ("HOUSTON_PREFLIGHT", "off"),
        ("HOUSTON_WAIT", "off"),
        ("HOUSTON_PLATFORM_VERSION", "0.34.1"),
        ("HOUSTON_REQUEST_TIMEOUT", "5s"),
        ("HOUSTON_DRY_RUN", "true"),
        ("HOUSTON_FAIL_FAST", "false"),
    ] {
        case = case.variable(name, value);
    }
    let inputs = case.good();
    assert_eq!(inputs.houston.endpoint.url(), "https://houston.example.com/v1");
    assert_eq!(names(&inputs), ["a", "b"]);
    assert!(matches!(&inputs.version, Some(AskedVersion::Airflow(version)) if version.as_str() == "2.9.1"));
    assert_eq!(inputs.workspace.as_deref(), Some("ws1"));
    assert_eq!(inputs.platform.map(|platform| platform.to_string()).as_deref(), Some("0.34.1"));
    assert_eq!(
        (inputs.request_timeout, inputs.dry_run, inputs.fail_fast),
        (Duration::from_secs(5), true, false)
    );
}

#[test]
fn a_flag_comes_before_a_variable_and_a_variable_before_the_default() {
    let case = usual().variable("HOUSTON_ATTEMPTS", "7");
    assert_eq!(case.good().attempts, 7);
    assert_eq!(case.with(&["--attempts", "2"]).good().attempts, 2);
    assert_eq!(names(&usual().variable("HOUSTON_RELEASE", "prod").good()), ["dev"]);
    assert!(!usual().variable("HOUSTON_DRY_RUN", "true").with(&["--dry-run=false"]).good().dry_run);
}

/// Somebody else's variable must not add Deployments to the one that a flag names.
#[test]
fn a_flag_comes_before_the_variable_of_what_stands_in_its_place() {
    let file = usual().variable("HOUSTON_RELEASE_FILE", "list").file("list", "prod\n");
    assert_eq!(names(&file.good()), ["dev"]);
    let file = usual().without("--release").variable("HOUSTON_RELEASE", "prod").file("list", "a\n");
    assert_eq!(names(&file.with(&["--release-file", "list"]).good()), ["a"]);
    let case = usual().variable("HOUSTON_URL", "https://houston.example.com/v1");
    assert_eq!(case.good().houston.endpoint.host(), "houston.astro.example.com");
    let case = usual().without("--runtime-version").with(&["--airflow-version", "2.9.1"]);
    let case = case.variable("HOUSTON_RUNTIME_VERSION", "11.3.0");
    assert!(matches!(case.good().version, Some(AskedVersion::Airflow(_))));
    // Between two variables nothing decides.
    let case = usual().without("--base-domain").variable("HOUSTON_BASE_DOMAIN", "astro.example.com");
    case.variable("HOUSTON_URL", "https://houston.example.com/v1")
        .gets(&["base-domain: is given beside `houston-url` | give one of the two"]);
}

#[test]
fn an_empty_variable_is_not_set() {
    let inputs = usual().variable("HOUSTON_URL", "").variable("HOUSTON_ATTEMPTS", "").good();
    assert_eq!((inputs.houston.endpoint.host(), inputs.attempts), ("houston.astro.example.com", 4));
}

#[test]
fn a_variable_that_is_no_options_is_somebody_elses() {
    usual()
        .variable("HOUSTON_RELESE", "x")
        .variable("HOUSTON_HOUSTON_URL", "x")
        .variable("HOUSTON_runtime_version", "x")
        .variable("INPUT_RELESE", "x")
        .good();
}

#[test]
fn a_problem_in_a_variable_has_the_options_name() {
    usual()
        .variable("HOUSTON_TIMEOUT", "soon")
        .gets(&["timeout: \"soon\" is no duration: it needs a whole number and ms, s, m or h, such as 30s"]);
}

/// An environment of JSON as a wrapper hands it over: what is no text is not set.
#[test]
fn a_variable_that_is_no_text_is_not_set() {
    let number = Value::read(b"3").expect("JSON");
    let variables = [("HOUSTON_ATTEMPTS".to_owned(), number)].into_iter().collect();
    assert_eq!(Environment::new(variables).get("HOUSTON_ATTEMPTS"), None);
}

#[test]
fn a_proxy_without_an_address_is_named_and_not_shown() {
    let mut case = usual();
    case.surroundings.proxy_invalid = true;
    case.gets(&["proxy: HTTPS_PROXY or HTTP_PROXY is no address of a proxy | set it to the proxy's whole URL, such as \
                 http://proxy.example.com:3128"]);
}

// The action.

#[test]
fn the_actions_inputs_are_the_options() {
    let inputs = good(action(&[("INPUT_REQUEST-TIMEOUT", "5s"), ("INPUT_DRY-RUN", "true")]));
    assert_eq!(inputs.houston.endpoint.host(), "houston.astro.example.com");
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
    assert_eq!((inputs.request_timeout, inputs.dry_run), (Duration::from_secs(5), true));
}

#[test]
fn an_empty_input_of_the_action_is_not_given() {
    good(action(&[("INPUT_HOUSTON-URL", ""), ("INPUT_ATTEMPTS", ""), ("INPUT_RELESE", "")]));
}

#[test]
fn a_misspelt_input_of_the_action_is_named() {
    gets(action(&[("INPUT_RELESE", "x")]), &["relese: is no option | did you mean `release`?"]);
    gets(action(&[("INPUT_BASE_DOMAIN", "x")]), &["base_domain: is no option | did you mean `base-domain`?"]);
}

#[test]
fn an_input_of_the_action_comes_before_a_variable() {
    let inputs =
        good(action(&[("INPUT_ATTEMPTS", "2"), ("HOUSTON_ATTEMPTS", "7"), ("HOUSTON_WORKSPACE", "ws1")]));
    assert_eq!((inputs.attempts, inputs.workspace.as_deref()), (2, Some("ws1")));
}
