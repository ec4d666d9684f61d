//! Whether Houston answers, and what is still looked at where it does not.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::io::{Cause, Head, Signal};
use serde_json::json;

use super::{but, check, end, lines, of, options, said, warnings, without_workspace, world};
use crate::world::{Reply, answer, fails};

fn unreachable() -> Reply {
    fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten)
}

#[test]
fn a_houston_that_cannot_be_reached_is_asked_for_its_version_alone() {
    let world = world(|what, _| (!what.contains(' ')).then(unreachable));
    let ended = check(&world, &options(&["--release", "dev,qa,prod", "--attempts", "2"]));
    assert_eq!(end(&ended), "4 HOUSTON_UNREACHABLE");
    let all = lines(&ended.report);
    assert!(
        all[2].starts_with("bad houston HOUSTON_UNREACHABLE: houston.astro.example.com could not be reached")
    );
    assert!(all[3].starts_with("good image: "), "the registry is looked at all the same: {all:?}");
    assert_eq!(all[4], "unknown version: 11.3.0; which call takes it depends on the platform's version");
    assert!(all[5].starts_with("unknown endpoint: "));
    assert_eq!(
        all[6..8],
        [
            "unknown deployment: not read, since Houston gives no answer",
            "unknown airflow: not looked at, since Houston gives no answer"
        ]
    );
    assert_eq!(all.len(), 6 + 3 * 2);
    let to_houston = world.sent().iter().filter(|sent| sent.url.ends_with("/v1")).count();
    assert_eq!(to_houston, 2, "the version, `attempts` times");
}

#[test]
fn a_houston_that_keeps_its_version_to_itself_is_one_line() {
    let world = but("AppConfig", answer(200, r#"{"data":{"appConfig":{"version":null}}}"#));
    let ended = check(&world, &options(&[]));
    assert_eq!(
        of(&ended, "houston"),
        "warning houston API_MISMATCH: Houston's version gives none; the form of the request follows from the version \
         option"
    );
    assert_eq!((end(&ended).as_str(), warnings(&world, &ended).len()), ("0", 1));
}

#[test]
fn a_version_that_is_given_is_not_asked_for_and_does_not_hide_a_houston_that_is_not_there() {
    let given = ["--platform-version", "2.1.0"];
    let here = world(|_, _| None);
    let ended = check(&here, &options(&given));
    assert_eq!(of(&ended, "houston"), "good houston: Houston 2.1.0 at https://houston.astro.example.com/v1");
    assert_eq!(of(&ended, "version"), "good version: 11.3.0, sent by upsertDeployment");
    assert!(!here.sent().iter().any(|sent| sent.query.contains("appConfig")));

    let gone = world(|what, _| (!what.contains(' ')).then(unreachable));
    let ended = check(&gone, &without_workspace(&given));
    assert_eq!(end(&ended), "4 HOUSTON_UNREACHABLE");
    assert!(of(&ended, "houston").starts_with("bad houston HOUSTON_UNREACHABLE: "));
    assert_eq!(of(&ended, "deployment"), "unknown deployment: not read, since Houston gives no answer");
}

#[test]
fn a_version_that_is_given_and_wrong_leaves_houston_unasked() {
    let ended = check(&world(|_, _| None), &options(&["--platform-version", "0.28.0"]));
    assert_eq!(
        of(&ended, "houston"),
        "unknown houston: Houston 0.28.0 at https://houston.astro.example.com/v1, as `platform-version` says; nothing \
         was asked"
    );
    assert_eq!(end(&ended), "3 API_MISMATCH");
}

#[test]
fn a_list_that_breaks_off_does_not_make_a_houston_that_answered_a_bad_one() {
    let ended = check(&but("RuntimeReleases", unreachable()), &options(&["--attempts", "1"]));
    assert_eq!(end(&ended), "0");
    assert!(of(&ended, "listed").starts_with("unknown listed: the platform's list could not be read: "));
    assert!(of(&ended, "houston").starts_with("good houston: "));
}

#[test]
fn every_fault_is_told_though_one_ends_it() {
    let world = world(|what, _| match what {
        "AppConfig" => Some(answer(404, "<html>")),
        what if what.ends_with("/manifests/1.4.2") => {
            Some(answer(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#))
        }
        _ => None,
    });
    let inputs = crate::registry::given::by_password(options(&["--preflight", "require"]));
    let ended = check(&world, &inputs);
    assert_eq!(end(&ended), "4 NOT_HOUSTON");
    let blocks = houston_deploy::render::blocks(&ended.report);
    let heads: Vec<_> = blocks.lines().map(|line| line.split(':').next().expect("a head")).collect();
    assert_eq!(heads, ["error[NOT_HOUSTON]", "hint", "error[IMAGE_NOT_FOUND]", "hint"]);
}

#[test]
fn a_cancel_while_it_asks_ends_everything_at_once() {
    let hangs = |what: &'static str| {
        move |asked: &str, _: &str| (asked == what).then_some(Reply::Hangs(Head::Written))
    };
    let at = Duration::from_secs(2);
    let health = "GET https://deployments.astro.example.com/dev/airflow/api/v2/monitor/health";
    for what in ["AppConfig", "RuntimeReleases", "WorkspaceDeployments", health] {
        for (signal, ending) in [(Signal::Interrupt, "130 CANCELLED"), (Signal::Terminate, "143 CANCELLED")] {
            let world = world(hangs(what)).cancelled_at(at, signal);
            let ended = check(&world, &options(&["--release", "dev,qa", "--concurrency", "1"]));
            assert_eq!(end(&ended), ending, "{what}");
            assert_eq!(world.clock(), at, "{what}");
            assert!(world.sent().iter().all(|sent| sent.at < at), "{what}: asked after the cancel");
            let codes =
                ended.report.results.iter().map(|result| result.error.as_ref().map(|error| error.code));
            assert!(codes.eq([Some(Code::Cancelled); 2]), "{what}: each is cancelled");
            let qa = ended.report.results.last().expect("a release");
            assert_eq!(
                super::line(&qa.checks[0]),
                match signal {
                    Signal::Interrupt => "bad deployment CANCELLED: cancelled before anything was changed",
                    Signal::Terminate =>
                        "bad deployment CANCELLED: cancelled by SIGTERM before anything was changed",
                }
            );
        }
    }
}

#[test]
fn a_cancel_outweighs_what_was_found_before() {
    let world = world(|what, _| match what {
        "WorkspaceDeployments" => Some(Reply::Hangs(Head::Written)),
        "AppConfig" => Some(said(&json!({ "data": { "appConfig": { "version": "0.28.0" } } }))),
        _ => None,
    });
    let ended = check(&world.cancelled_at(Duration::from_secs(2), Signal::Interrupt), &options(&[]));
    assert_eq!(end(&ended), "130 CANCELLED");
    assert!(of(&ended, "version").starts_with("bad version API_MISMATCH: "));
}
