//! The whole program, from a command line to all that it writes, with the input's answers from every server. Whatever
//! they are, the run ends in time, asks only so often, keeps the token to itself, and is green only after a yes.

use std::time::Duration;

use houston_deploy::handover::Handover;
use houston_deploy::inputs::Front;
use houston_deploy::io::Io as _;
use houston_deploy::session::Session;
use serde_json::Value;

use crate::inputs::{SURROUNDINGS, Same, as_json, environment};
use crate::mutate::BETWEEN;
use crate::shape::{Shape, is_one_line};
use crate::world::{Sent, TOKEN, World};

/// A whole run is over by then: `--timeout`, and the last request under way.
const LATEST: Duration = Duration::from_secs(90 + 10 + 3);

/// Two releases, each with a look every five seconds of up to six pages asked three times, and the questions before.
const MOST_REQUESTS: usize = 2 * 20 * 6 * 3 + 100;

const PASSWORD: &str = "r3g1stry+r3g1stry/r3g1stry";

/// The first part has words for the options, the others are answers.
pub fn whole_flow(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut parts = text.split(BETWEEN);
    let words: Vec<&str> = parts.next().unwrap_or_default().split_whitespace().collect();
    let cancel = words.iter().find_map(|word| word.strip_prefix("cancel=")?.parse::<u8>().ok());
    let world = World::new(parts, cancel.map(|second| Duration::from_secs(second.into())));
    let only_looks = words.contains(&"check");
    let session = Session::open(handover(&words), &Same(b"{\"auths\":{}}"));
    let left = world.run(session.run(&world));

    assert!(world.now() <= LATEST, "it took {:?}", world.now());
    let sent = world.sent.borrow();
    assert!(sent.len() <= MOST_REQUESTS, "{} requests", sent.len());
    sent.iter().for_each(keeps_secrets);
    assert_eq!(
        sent.iter().filter(|one| one.body.contains("\"mutation ")).count() * usize::from(only_looks),
        0
    );

    let events: Vec<String> = world.events.borrow().iter().map(|event| session.shown(event)).collect();
    for text in events.iter().chain([&left]) {
        assert!(!text.contains(TOKEN) && !text.contains(PASSWORD), "a secret in {text}");
    }
    let left = as_json(&left);
    let code = left["exitCode"].as_u64().expect("an exit code");
    let report = as_json(left["files"][0][1].as_str().expect("a report"));
    let results = report["results"].as_array().expect("results");
    if code == 0 && !only_looks {
        for result in results {
            let release = result["release"].as_str().expect("a release");
            let yes = sent.iter().any(|sent| is_yes(sent, release));
            assert!(yes, "green without a yes for {release}");
        }
    }
    let mut shape = Shape::default();
    shape.saw(code).saw(sent.len().min(12));
    for result in results {
        shape.saw(&result["status"]).saw(&result["proof"]).saw(&result["error"]["code"]);
        result["error"]["message"].as_str().into_iter().for_each(is_one_line);
    }
    for warning in report["warnings"].as_array().expect("warnings") {
        shape.saw(&warning["code"]).said(warning["message"].as_str().expect("a message"));
    }
    shape.words()
}

fn handover(words: &[&str]) -> Handover {
    let has = |word: &str| words.contains(&word);
    let mut arguments = vec![
        if has("check") { "check" } else { "deploy" },
        "--base-domain=astro.example.com",
        "--image=registry.example.com/acme/airflow:1.4.2",
        "--timeout=90s",
        "--request-timeout=10s",
        "--stable-for=20s",
        "--attempts=3",
        "--report-file=report",
        "--summary-file=summary",
        "--junit-file=junit",
        "--dotenv-file=dotenv",
        "--annotations-file=annotations",
    ];
    arguments.push(if has("two") { "--release=dev,second" } else { "--release=dev" });
    for (word, argument) in [
        ("require", "--wait=require"),
        ("insist", "--preflight=require"),
        ("unwatched", "--wait=off"),
        ("pin", "--pin"),
        ("given", "--runtime-version=11.3.0"),
        ("airflow", "--airflow-version=2.9.1"),
        ("new", "--platform-version=2.1.0"),
        ("secret", "--dockerconfigjson-file=x"),
        ("unchanged", "--unchanged-ok"),
        ("login", "--registry-username=robot"),
    ] {
        if has(word) {
            arguments.push(argument);
        }
    }
    if !has("nowhere") {
        arguments.push("--workspace=w");
    }
    Handover {
        front: Front::CommandLine,
        arguments: arguments.into_iter().map(str::to_owned).collect(),
        environment: environment(if has("login") { &[("HOUSTON_REGISTRY_PASSWORD", PASSWORD)] } else { &[] }),
        properties: houston_deploy::value::Value::Null,
        check: false,
        surroundings: SURROUNDINGS,
    }
}

/// The token goes to Houston and to the Airflow of a release below the same domain, and nowhere else.
fn keeps_secrets(sent: &Sent) {
    let Sent { url, authorization, body, .. } = sent;
    assert!(!url.contains(TOKEN) && !body.contains(TOKEN), "the token in {url} or its body");
    assert!(!url.contains(PASSWORD), "the password in {url}");
    if !authorization.contains(TOKEN) {
        return;
    }
    let (host, path) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')).expect("https");
    let (host, port) = host.split_once(':').unwrap_or((host, ""));
    assert!(port.bytes().all(|byte| byte.is_ascii_digit()), "{url}");
    assert!(host.ends_with(".astro.example.com") || host == "astro.example.com", "the token for {url}");
    let own = host == "houston.astro.example.com" && path == "v1";
    assert!(own || path.starts_with("dev/") || path.starts_with("second/"), "the token for {url}");
}

/// Whether this is a change of the release, and Houston's yes to it.
fn is_yes(sent: &Sent, release: &str) -> bool {
    let Some(answer) = &sent.answer else { return false };
    let asked: Value = serde_json::from_str(&sent.body).unwrap_or_default();
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let shown = ["updateDeploymentImage", "upsertDeployment"].map(|name| &said["data"][name]);
    asked["query"].as_str().is_some_and(|query| query.starts_with("mutation "))
        && asked["variables"]["releaseName"] == release
        && shown.iter().any(|shown| shown["releaseName"] == release)
        && said["errors"].as_array().is_none_or(Vec::is_empty)
        && !(300..=399).contains(&answer.status)
}
