//! The table of options: one name everywhere, defaults that are good, and who has which option.

use houston_deploy::inputs::options::{DEPLOY, Kind, Reach, distance};
use houston_deploy::inputs::{Command, Environment, Given};
use serde_json::json;

use super::{action, finish, gets, script, usual};

#[test]
fn an_option_has_the_same_name_everywhere() {
    for spec in &DEPLOY {
        let words: Vec<_> = spec.name.split('-').collect();
        let upper = words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_");
        let environment = upper.strip_prefix("HOUSTON_").unwrap_or(&upper);
        assert_eq!(spec.environment_name(), format!("HOUSTON_{environment}"));
        let property = spec.property_name();
        assert_eq!(property.to_lowercase(), words.concat());
        assert_eq!(property.matches(char::is_uppercase).count(), words.len() - 1, "{property}");
    }
}

#[test]
fn every_default_is_a_value_of_its_option() {
    for spec in DEPLOY.iter().filter(|spec| !spec.default.is_empty()) {
        let mut given = Given::default();
        let command = given.take_arguments(&["deploy".into(), format!("--{}={}", spec.name, spec.default)]);
        assert_eq!((command, given.problems.len()), (Command::Deploy, 0), "{}", spec.name);
        let case = usual();
        let Err(problems) = finish(given, &Environment::default(), &case).inputs else {
            panic!("good input")
        };
        assert!(!problems.iter().any(|problem| problem.option == spec.name), "{}", spec.name);
    }
}

#[test]
fn only_secrets_lack_a_flag_and_only_two_options_are_the_command_lines_own() {
    let of = |fits: fn(&&houston_deploy::inputs::options::Spec) -> bool| {
        DEPLOY.iter().filter(fits).map(|spec| spec.name).collect::<Vec<_>>()
    };
    assert_eq!(of(|spec| spec.kind == Kind::Secret), ["token", "registry-password"]);
    assert_eq!(of(|spec| spec.reach == Reach::CommandLine), ["output", "debug"]);
}

#[test]
fn an_option_of_the_command_line_alone_is_not_suggested_to_others() {
    gets(action(&[("INPUT_OUTPUT", "json")]), &["output: is no option | the README lists the options"]);
    gets(script(json!({ "debug": true })), &["debug: is no option | the README lists the options"]);
}

#[test]
fn the_nearest_name_differs_in_a_third_at_most() {
    assert_eq!(distance("release", "release"), Some(0));
    assert_eq!(distance("relese", "release"), Some(1));
    assert_eq!(distance("releases-file", "release-file"), Some(1));
    assert_eq!(distance("imag", "image"), Some(1));
    assert_eq!(distance("imgae", "image"), None);
    assert_eq!(distance("", "image"), None);
    assert_eq!(distance(&"x".repeat(100_000), "image"), None);
}
