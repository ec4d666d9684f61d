//! The table of `docs/outcomes.md`, part 1: a test for each row, by the real flow against scripted answers.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::io::{Cause, Coded, Head, Signal};
use houston_deploy::report::{Change, Status};
use houston_deploy::retry::{Row, Then};

use crate::world::{
    Reply, World, YES, answer, busy, deploy, deployment, fails, inputs, invalid, only, refused, yes,
};

/// What a release ended with: exit code, error code, change, and how often it was sent.
type Ending = (u8, Option<Code>, Change, u32);

/// Deploys `dev` to a platform of 0.34.1, whose version is given, with these answers to the change.
#[track_caller]
fn ends(replies: impl IntoIterator<Item = Reply>, more: &[&str]) -> Ending {
    let world = World::new(replies);
    let mut options = vec!["--platform-version", "0.34.1"];
    options.extend(more);
    let ended = deploy(&world, &inputs(&options));
    let release = only(&ended);
    (ended.exit_code, release.error.as_ref().map(|error| error.code), release.change, release.attempts)
}

#[track_caller]
fn ends_twice_at_most(replies: impl IntoIterator<Item = Reply>) -> Ending {
    ends(replies, &["--attempts", "2"])
}

fn broken() -> Cause {
    Cause::Broken("ECONNRESET".into())
}

fn html(status: u16) -> Reply {
    answer(status, "<html>sorry</html>")
}

const GREEN: (u8, Option<Code>, Change) = (0, None, Change::Confirmed);

#[track_caller]
fn sent_again_and_then_green(first: Reply) {
    assert_eq!(ends([first, yes()], &[]), (GREEN.0, GREEN.1, GREEN.2, 2));
}

#[track_caller]
fn unsent(first: &Reply) {
    sent_again_and_then_green(first.clone());
    let ending = ends_twice_at_most([first.clone(), first.clone()]);
    assert_eq!(ending, (4, Some(Code::HoustonUnreachable), Change::None, 2));
}

#[track_caller]
fn stops(reply: Reply, exit_code: u8, code: Code) {
    assert_eq!(ends([reply], &[]), (exit_code, Some(code), Change::None, 1));
}

/// Rows 18 to 20 from a send that may have arrived.
#[track_caller]
fn open(first: &Reply) {
    // 20: it cannot be read, since no workspace is given: again, with a warning.
    sent_again_and_then_green(first.clone());
    let ending = ends_twice_at_most([first.clone(), first.clone()]);
    assert_eq!(ending, (5, Some(Code::OutcomeUnknown), Change::Unknown, 2));
    // 18: it was read and has not moved: again.
    let workspace = ["--workspace", "ws1"];
    let ending = ends([deployment("t0"), first.clone(), deployment("t0"), yes()], &workspace);
    assert_eq!(ending, (0, None, Change::Confirmed, 2));
    // 19: it was read and has moved: no further send.
    let ending = ends([deployment("t0"), first.clone(), deployment("t1")], &workspace);
    assert_eq!(ending, (5, Some(Code::OutcomeUnknown), Change::Unknown, 1));
}

#[test]
fn row_1_head_never_written() {
    unsent(&fails(broken(), Head::Unwritten));
    unsent(&fails(Cause::Other, Head::Unwritten));
    unsent(&Reply::Hangs(Head::Unwritten));
}

#[test]
fn row_2_name_not_found() {
    for code in ["ENOTFOUND", "EAI_AGAIN"] {
        let cause = Cause::from_codes(&[Coded { code, syscall: "getaddrinfo" }]);
        unsent(&fails(cause.clone(), Head::Unwritten));
        unsent(&fails(cause, Head::Unknown));
    }
}

#[test]
fn row_3_not_connected() {
    for code in ["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"] {
        unsent(&fails(Cause::from_codes(&[Coded { code, syscall: "connect" }]), Head::Unknown));
    }
    unsent(&fails(
        Cause::from_codes(&[Coded { code: "UND_ERR_CONNECT_TIMEOUT", syscall: "" }]),
        Head::Unknown,
    ));
}

#[test]
fn row_3_of_several_addresses_every_one_must_have_failed_to_connect() {
    let refused = Coded { code: "ECONNREFUSED", syscall: "connect" };
    let reset = Coded { code: "ECONNRESET", syscall: "read" };
    unsent(&fails(Cause::from_codes(&[refused, refused]), Head::Unknown));
    open(&fails(Cause::from_codes(&[refused, reset]), Head::Unknown));
    open(&fails(Cause::from_codes(&[reset, refused]), Head::Unknown));
}

#[test]
fn row_4_certificates() {
    for code in ["SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERT_ALTNAME_INVALID", "ERR_SSL_WRONG_VERSION_NUMBER"]
    {
        let cause = Cause::from_codes(&[Coded { code, syscall: "" }]);
        stops(fails(cause.clone(), Head::Unwritten), 4, Code::TlsUntrusted);
        stops(fails(cause, Head::Unknown), 4, Code::TlsUntrusted);
    }
}

#[test]
fn row_5_proxy() {
    stops(fails(Cause::Proxy(403), Head::Unwritten), 4, Code::HoustonUnreachable);
    stops(fails(Cause::Proxy(407), Head::Unknown), 4, Code::HoustonUnreachable);
    unsent(&fails(Cause::Proxy(502), Head::Unwritten));
}

#[test]
fn row_6_no_answer_after_the_head() {
    open(&Reply::Hangs(Head::Written));
    open(&Reply::Hangs(Head::Unknown));
}

#[test]
fn row_7_broken_after_the_head() {
    for code in
        ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "Z_DATA_ERROR", "HPE_INVALID_CHUNK_SIZE", "HTTPParserError"]
    {
        open(&fails(Cause::from_codes(&[Coded { code, syscall: "read" }]), Head::Written));
    }
    open(&fails(Cause::TooLarge(1), Head::Written));
    open(&fails(Cause::Other, Head::Unknown));
    // A code that would prove it unsent proves nothing once the head was written.
    open(&fails(Cause::from_codes(&[Coded { code: "ECONNREFUSED", syscall: "connect" }]), Head::Written));
    open(&fails(Cause::Untrusted("ERR_SSL_BAD_RECORD".into()), Head::Written));
}

#[test]
fn row_8_success_without_a_graphql_answer() {
    for body in [
        "",
        "<html></html>",
        "{}",
        "[]",
        "{\"data\":null}",
        &YES[..40],
        "{\"data\":{\"updateDeploymentImage\":null}}",
    ] {
        open(&answer(200, body));
    }
}

#[test]
fn row_9_not_houston() {
    for status in [301, 302, 307, 308, 404, 405] {
        stops(html(status), 4, Code::NotHouston);
    }
    stops(answer(302, YES), 4, Code::NotHouston);
}

#[test]
fn row_10_denied() {
    stops(html(401), 3, Code::PermissionDenied);
    stops(html(403), 3, Code::PermissionDenied);
}

#[test]
fn row_11_other_4xx() {
    for status in [400, 402, 409, 410, 413, 422] {
        stops(html(status), 3, Code::HoustonRefused);
    }
}

#[test]
fn row_12_timeouts_and_5xx() {
    for status in [408, 500, 502, 503, 504, 520] {
        open(&html(status));
    }
}

#[test]
fn row_13_busy() {
    for (status, wish) in [(429, "2"), (503, "2"), (429, "")] {
        sent_again_and_then_green(busy(status, wish));
    }
    let ending = ends_twice_at_most([busy(429, "1"), busy(503, "1")]);
    assert_eq!(ending, (4, Some(Code::RateLimited), Change::None, 2));
}

#[test]
fn row_13_waits_as_long_as_it_is_asked_to() {
    let date = "Mon, 23 Nov 2026 20:00:07 GMT";
    for (wish, wait) in [("5", 5), (date, 7)] {
        let world = World::new([busy(429, wish), yes()]);
        deploy(&world, &inputs(&["--platform-version", "0.34.1"]));
        assert_eq!(world.sent()[1].at, Duration::from_secs(wait), "{wish}");
    }
}

#[test]
fn row_13_does_not_wait_past_the_deadline() {
    let world = World::new([busy(429, "600")]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--timeout", "10m"]));
    assert_eq!(world.clock(), Duration::ZERO);
    let error = only(&ended).error.as_ref().expect("an error");
    assert_eq!(error.code, Code::RateLimited);
    assert_eq!(
        error.message,
        "houston.astro.example.com answered HTTP 429 and asks to wait 10 min \
         (request 00000000000000010000000000000002)"
    );
}

#[test]
fn row_14_nothing_ran() {
    stops(
        invalid("Cannot query field \"updateDeploymentImage\" on type \"Mutation\"."),
        3,
        Code::EndpointDisabled,
    );
    stops(
        invalid("Unknown argument \"image\" on field \"Mutation.updateDeploymentImage\"."),
        3,
        Code::ApiMismatch,
    );
    stops(invalid("Cannot query field \"runtimeVersion\" on type \"Deployment\"."), 3, Code::ApiMismatch);
    // Without a code, by the words and by the missing `data`.
    let message =
        r#"{"errors":[{"message":"Cannot query field \"updateDeploymentImage\" on type \"Mutation\"."}]}"#;
    stops(answer(200, message), 3, Code::EndpointDisabled);
}

#[test]
fn row_14_needs_the_data_key_to_be_missing() {
    let body = r#"{"data":{"updateDeploymentImage":null},"errors":[{"message":"late","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#;
    open(&answer(200, body));
}

#[test]
fn row_15_refusals() {
    for (code, message, expected) in [
        ("FORBIDDEN", "You do not have the appropriate permissions for that", Code::PermissionDenied),
        ("UNAUTHENTICATED", "who are you", Code::PermissionDenied),
        ("BAD_USER_INPUT", "no such version", Code::HoustonRefused),
        ("RESOURCE_NOT_FOUND", "nothing there", Code::DeploymentNotFound),
        ("INTERNAL_SERVER_ERROR", "No deployment exists with releaseName: dev", Code::DeploymentNotFound),
    ] {
        stops(refused(code, message), 3, expected);
    }
    let without_path = r#"{"errors":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}"#;
    stops(answer(400, without_path), 3, Code::HoustonRefused);
}

#[test]
fn row_16_faults_of_the_server() {
    open(&refused("INTERNAL_SERVER_ERROR", "boom"));
    open(&refused("SOMETHING_NEW", "boom"));
    // One error that leaves it open outweighs a refusal beside it.
    let both =
        r#"{"data":null,"errors":[{"message":"a","extensions":{"code":"FORBIDDEN"}},{"message":"b"}]}"#;
    open(&answer(200, both));
}

#[test]
fn row_17_contradictions() {
    let contradictions = [
        // Errors only below the mutation.
        r#"{"data":{"updateDeploymentImage":{"id":"1","releaseName":"dev","runtimeVersion":"11.3.0"}},"errors":[{"message":"x","path":["updateDeploymentImage","urls"]}]}"#,
        r#"{"data":{"updateDeploymentImage":null},"errors":[{"message":"x","path":["updateDeploymentImage","id"],"extensions":{"code":"FORBIDDEN"}}]}"#,
        // Another release, another version, no version.
        r#"{"data":{"updateDeploymentImage":{"id":"1","releaseName":"prod","runtimeVersion":"11.3.0"}}}"#,
        r#"{"data":{"updateDeploymentImage":{"id":"1","releaseName":"dev","runtimeVersion":"11.2.0"}}}"#,
        r#"{"data":{"updateDeploymentImage":{"id":"1","releaseName":"dev","runtimeVersion":null}}}"#,
        r#"{"data":{"updateDeploymentImage":{"id":"1"}}}"#,
    ];
    for body in contradictions {
        let ending = ends([answer(200, body)], &[]);
        assert_eq!(ending, (5, Some(Code::OutcomeUnknown), Change::Unknown, 1), "{body}");
    }
}

#[test]
fn row_18_is_read_right_before_the_next_send() {
    let world = World::new([deployment("t0"), html(502), deployment("t0"), yes()]);
    deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    let sent = world.sent();
    let kinds: Vec<_> =
        sent.iter().map(|sent| sent.query.split(['(', ' ']).nth(1).unwrap_or_default()).collect();
    let (read, update) = ("WorkspaceDeployments", "UpdateDeploymentImage");
    assert_eq!(kinds, [read, update, read, update]);
    assert_eq!(sent[2].at, sent[3].at, "the back-off comes before the look");
}

#[test]
fn row_20_warns() {
    let world = World::new([html(502), yes()]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1"]));
    let codes: Vec<_> = ended.report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [Code::OutcomeUnknown]);
    // The look before the send failed: the same.
    let world = World::new([deployment("t0"), html(502), html(404), yes()]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    assert_eq!((ended.exit_code, ended.report.warnings.len()), (0, 1));
    // It shows no time of the last change: that is no sign that there was none.
    let timeless = r#"{"data":{"workspaceDeployments":[{"id":"ck1","releaseName":"dev"}]}}"#;
    let world = World::new([deployment("t0"), html(502), answer(200, timeless), yes()]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    assert_eq!((ended.exit_code, ended.report.warnings.len()), (0, 1));
}

#[test]
fn row_21_no_ending_after_an_open_send_says_that_nothing_changed() {
    let endings = [
        fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten),
        fails(Cause::Untrusted("CERT_HAS_EXPIRED".into()), Head::Unwritten),
        fails(Cause::Proxy(403), Head::Unwritten),
        html(404),
        html(403),
        html(410),
        busy(429, "99999"),
        invalid("Cannot query field \"updateDeploymentImage\" on type \"Mutation\"."),
        refused("FORBIDDEN", "no"),
        refused("RESOURCE_NOT_FOUND", "no"),
    ];
    for ending in endings {
        let ended = ends_twice_at_most([html(502), ending]);
        assert_eq!(ended, (5, Some(Code::OutcomeUnknown), Change::Unknown, 2));
    }
}

#[test]
fn the_report_names_the_sends_that_may_have_arrived() {
    let refused = fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten);
    let world = World::new([html(502), refused, fails(broken(), Head::Written)]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--attempts", "3"]));
    let open: Vec<_> = only(&ended).may_have_arrived.iter().map(|open| open.attempt).collect();
    assert_eq!(open, [1, 3]);
    let sent = world.sent();
    let (first, third) = (&sent[0].id, &sent[2].id);
    assert_eq!(
        only(&ended).error.as_ref().map(|error| error.message.clone()),
        Some(format!(
            "whether dev was changed is not known: houston.astro.example.com could not be reached: the connection \
             broke (ECONNRESET) (request {third}); send 1 (request {first}), send 3 (request {third}) may have arrived"
        ))
    );
}

#[test]
fn cancel_starts_no_send() {
    let at_once = World::new([]).cancelled_at(Duration::ZERO, Signal::Interrupt);
    let ended = deploy(&at_once, &inputs(&["--platform-version", "0.34.1"]));
    assert_eq!((ended.exit_code, only(&ended).change), (130, Change::None));
    // During the wait before the next send.
    let waiting = World::new([busy(429, "60")]).cancelled_at(Duration::from_secs(1), Signal::Terminate);
    let ended = deploy(&waiting, &inputs(&["--platform-version", "0.34.1"]));
    assert_eq!(
        (ended.exit_code, only(&ended).change, waiting.clock()),
        (143, Change::None, Duration::from_secs(1))
    );
}

#[test]
fn cancel_during_the_look_before_a_send_keeps_it_from_going_out() {
    let script = [deployment("t0"), html(502), Reply::Hangs(Head::Written)];
    let world = World::new(script).cancelled_at(Duration::from_secs(1), Signal::Interrupt);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    assert_eq!((ended.exit_code, only(&ended).change, only(&ended).attempts), (130, Change::Unknown, 1));
    assert_eq!(world.clock(), Duration::from_secs(1));
}

#[test]
fn cancel_gives_what_was_sent_three_seconds() {
    let cancelled = |reply| World::new([reply]).cancelled_at(Duration::from_secs(1), Signal::Interrupt);
    let options = ["--platform-version", "0.34.1"];

    let hanging = cancelled(Reply::Hangs(Head::Written));
    let ended = deploy(&hanging, &inputs(&options));
    assert_eq!((ended.exit_code, only(&ended).change), (130, Change::Unknown));
    assert_eq!(hanging.clock(), Duration::from_secs(4));

    let unsent = cancelled(Reply::Hangs(Head::Unwritten));
    let ended = deploy(&unsent, &inputs(&options));
    assert_eq!((ended.exit_code, only(&ended).change), (130, Change::None));

    let Reply::Answer(_, good) = yes() else { unreachable!("yes is an answer") };
    let answered = cancelled(Reply::Answer(Duration::from_secs(3), good));
    let ended = deploy(&answered, &inputs(&options));
    assert_eq!(
        (ended.exit_code, only(&ended).status, only(&ended).change),
        (130, Status::Cancelled, Change::Confirmed)
    );
    assert_eq!(answered.clock(), Duration::from_secs(3));
}

#[test]
fn questions_are_asked_again_on_their_rows_alone() {
    let again = [1, 2, 3, 105, 6, 7, 8, 12, 13];
    let rows = [
        Row::HeadNeverWritten,
        Row::NameNotFound,
        Row::NotConnected,
        Row::Untrusted,
        Row::ProxyRefused,
        Row::ProxyFailed,
        Row::NoAnswer,
        Row::Broken,
        Row::NotGraphql,
        Row::NotHouston,
        Row::Denied,
        Row::ClientError,
        Row::ServerError,
        Row::Busy,
        Row::NothingRan,
        Row::Refused,
        Row::ServerFault,
        Row::Contradiction,
    ];
    for row in rows {
        assert_eq!(row.asks_again(), again.contains(&(row as u32)), "{row:?}");
        assert!(row.then() != Then::Stop || !row.asks_again(), "{row:?}");
    }
}
