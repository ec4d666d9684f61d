//! The engine itself: what is planted is found, and named as what it is. A seed gives the same run twice.

use std::time::Duration;

use crate::corpus;
use crate::engine::{Budget, Fault, Ran, SLOWEST, Target, run};
use crate::mutate::Form;

const KEPT: &str = r#"{\"jobs\":[{\"id\":7,\"state\":\"running\"}]}"#;

fn planted(run: fn(&[u8]) -> String) -> &'static Target {
    let words = &["jobs", "id", "state", "hostname"];
    Box::leak(Box::new(Target { name: "planted", kept: KEPT, form: Form::Json, words, run }))
}

const BUDGET: Budget =
    Budget { time: Duration::from_mins(1), executions: 200_000, seed: 1, slowest: SLOWEST };

#[track_caller]
fn found(ran: Ran) -> (String, Fault) {
    let (input, fault) = ran.found.expect("what was planted is found");
    (corpus::line(&input), fault)
}

fn brackets(input: &[u8]) -> usize {
    String::from_utf8_lossy(input).matches('[').count()
}

fn state(input: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice::<serde_json::Value>(input).ok()?["jobs"][0].get("state").cloned()
}

#[test]
fn a_planted_panic_is_found_and_made_small() {
    // Behind the reader of JSON, in a field of the wrong kind.
    let target = planted(|input| match state(input) {
        Some(state) if state.is_object() => panic!("planted"),
        other => other.is_some().to_string(),
    });
    let (line, fault) = found(run(target, BUDGET));
    assert!(matches!(&fault, Fault::Panic(what) if what.ends_with(": planted")), "{fault}");
    assert!(line.len() < 60, "{line}");
}

#[test]
fn a_planted_hunger_is_found() {
    let target = planted(|input| {
        let held = brackets(input);
        vec![0_u8; held.pow(2) * 100_000].len().to_string()
    });
    let (line, fault) = found(run(target, BUDGET));
    assert!(matches!(fault, Fault::Hungry(bytes) if bytes > 8_000_000), "{fault}");
    assert!(line.contains('['), "{line}");
}

#[test]
fn a_planted_delay_is_found() {
    let target = planted(|input| {
        let depth = u32::try_from(brackets(input)).unwrap();
        // A step for each way through the brackets.
        (0..1_u64 << depth.min(40)).fold(0_u64, |sum, step| sum.rotate_left(1) ^ step.pow(2)).to_string()
    });
    let (line, fault) = found(run(target, Budget { slowest: Duration::from_millis(20), ..BUDGET }));
    assert!(matches!(fault, Fault::Slow(_)), "{fault}");
    assert!(line.matches('[').count() > 8, "{line}");
}

#[test]
fn one_seed_is_one_run() {
    let target = planted(|input| input.escape_ascii().to_string());
    let [one, same] = [(); 2].map(|()| run(target, Budget { executions: 500, seed: 7, ..BUDGET }));
    // Each input is a shape of its own here, so that the number of shapes stands for all inputs.
    assert_eq!((one.executions, one.shapes), (same.executions, same.shapes));
    assert!(one.shapes > 400, "{} different inputs of 500", one.shapes);
}
