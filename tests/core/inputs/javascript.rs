//! Properties in JavaScript: their names, and the types that they take.

use std::time::Duration;

use houston_deploy::inputs::Given;
use serde_json::{Value, json};

use super::{gets, good, names, read, script, told};
use crate::world::TOKEN;

#[test]
fn properties_are_in_camel_case() {
    let inputs =
        good(script(json!({ "requestTimeout": "5s", "platformVersion": "2.1.0", "failFast": true })));
    assert_eq!((inputs.request_timeout, inputs.fail_fast), (Duration::from_secs(5), true));
    assert_eq!(inputs.platform.map(|platform| platform.numbers()), Some((2, 1, 0)));
    gets(
        script(json!({ "request-timeout": "5s" })),
        &["request-timeout: is no option | did you mean `requestTimeout`?"],
    );
    gets(script(json!({ "relese": "x" })), &["relese: is no option | did you mean `release`?"]);
}

#[test]
fn properties_have_the_types_of_javascript() {
    assert_eq!(good(script(json!({ "attempts": 2 }))).attempts, 2);
    assert_eq!(good(script(json!({ "attempts": "2" }))).attempts, 2);
    assert!(good(script(json!({ "dryRun": true }))).dry_run);
    assert!(!good(script(json!({ "dryRun": false }))).dry_run);
    assert!(good(script(json!({ "dryRun": "true" }))).dry_run);
}

#[test]
fn a_property_of_a_wrong_type_is_named_once_and_not_shown() {
    for (properties, option) in [
        (json!({ "dryRun": 1 }), "dry-run"),
        (json!({ "attempts": 2.5 }), "attempts"),
        (json!({ "attempts": -1 }), "attempts"),
        (json!({ "workspace": true }), "workspace"),
        (json!({ "workspace": ["a"] }), "workspace"),
        (json!({ "workspace": {} }), "workspace"),
        (json!({ "release": ["a", 1] }), "release"),
        (json!({ "image": ["a"] }), "image"),
        (json!({ "token": [TOKEN] }), "token"),
    ] {
        gets(script(properties), &[&format!("{option}: is of a type that this option does not take")]);
    }
}

#[test]
fn what_is_right_is_said_where_the_type_alone_does_not_tell() {
    let hint = "is no duration: it needs a whole number and ms, s, m or h, such as 30s";
    gets(script(json!({ "timeout": 30 })), &[&format!("timeout: \"30\" {hint}")]);
    gets(script(json!({ "wait": true })), &["wait: \"true\" is none of auto, require, off"]);
}

#[test]
fn a_release_may_be_an_array() {
    assert_eq!(names(&good(script(json!({ "release": ["a", "b c", "d"] })))), ["a", "b", "c", "d"]);
    gets(script(json!({ "release": [] })), &["release: names no release"]);
    gets(script(json!({ "release": "" })), &["release: names no release"]);
}

#[test]
fn null_is_not_given() {
    let inputs = good(script(json!({ "attempts": null, "houstonUrl": null, "dryRun": null })));
    assert_eq!((inputs.attempts, inputs.dry_run), (4, false));
    // A name that is none stays one.
    gets(script(json!({ "relese": null })), &["relese: is no option | did you mean `release`?"]);
}

#[test]
fn options_that_are_no_object_are_a_problem() {
    for value in [Value::Null, json!("dev"), json!([1])] {
        let mut given = Given::default();
        given.take_properties(&read(&value), "call deploy({ release: … })");
        assert_eq!(told(&given.problems), ["options: are no object | call deploy({ release: … })"]);
    }
}
