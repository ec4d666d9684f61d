//! What is asked again and what is not, how long that may take in all, and what its end is called.

use std::time::Duration;

use houston_deploy::io::{Cause, Head, Response};

use super::world::{ASKED, BEARER, Image, Serving, auto, issued, later, refused, required, tag};
use crate::world::{Reply, answer, busy, fails};

const LOOK: &str = "look at the registry's own state, then run again";
const WAY: &str = "open the way from this runner to the registry, or set `preflight` to off where only the cluster can \
                   reach it";
const LATER: &str = "run again later, or give `request-timeout` more time";

#[test]
fn a_registry_in_trouble_is_asked_again() {
    let replies = [
        answer(408, ""),
        answer(500, ""),
        answer(502, ""),
        answer(503, ""),
        answer(504, ""),
        busy(429, "0"),
        fails(Cause::Broken("ECONNRESET".into()), Head::Written),
        fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten),
        fails(Cause::NameNotFound("EAI_AGAIN".into()), Head::Unwritten),
    ];
    for reply in replies {
        let serving = Serving::new().at(tag("HEAD"), reply).holds(&Image::usual()).yes();
        serving.succeeds(&required(&[]));
        assert_eq!(serving.lines().len(), 4);
        assert!(serving.clock() < Duration::from_secs(1));
    }
    // So is its realm.
    let serving = Serving::new()
        .asks(BEARER)
        .at(ASKED, answer(502, ""))
        .at(ASKED, issued())
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&required(&[]));
}

#[test]
fn nothing_else_is() {
    for status in [400, 402, 406, 409, 410, 418, 422, 501, 505, 204, 206] {
        let serving = Serving::new().at(tag("HEAD"), answer(status, "")).at(tag("GET"), answer(status, ""));
        serving.ends(
            &required(&[]),
            &format!(
                "4 REGISTRY_FAILED: registry.example.com answered HTTP {status} | check that `image` names a registry, \
                 reachable without a login page in front"
            ),
        );
        assert_eq!(serving.lines().len(), 2, "{status}");
    }
}

#[test]
fn it_is_left_alone_as_long_as_it_asks() {
    for (wish, seconds) in [("7", 7), ("Mon, 23 Nov 2026 20:00:11 GMT", 11)] {
        for status in [429, 503] {
            let serving = Serving::new().at(tag("HEAD"), busy(status, wish)).holds(&Image::usual()).yes();
            serving.succeeds(&required(&[]));
            assert_eq!(serving.clock(), Duration::from_secs(seconds), "{status} {wish}");
        }
    }
}

#[test]
fn a_wait_that_would_take_too_long_is_not_begun() {
    for (wish, shown) in [("30", "30 s"), ("Mon, 23 Nov 2026 20:01:00 GMT", "1 min")] {
        let world = || Serving::new().at(tag("HEAD"), busy(429, wish));
        let message = format!("registry.example.com answered HTTP 429 and asks to wait {shown} (request ID)");
        let serving = world();
        serving.ends(&required(&[]), &format!("4 RATE_LIMITED: {message} | {LATER}"));
        assert_eq!(serving.clock(), Duration::ZERO);
        world()
            .yes()
            .warns(&auto(&[]), &format!("RATE_LIMITED: the image was not looked up: {message} | {LATER}"));
    }
}

#[test]
fn it_is_asked_four_times_at_most() {
    let mut serving = Serving::new();
    for _ in 0..4 {
        serving = serving.at(tag("HEAD"), refused(503, "UNAVAILABLE", "down"));
    }
    serving.ends(
        &required(&[]),
        &format!("4 REGISTRY_FAILED: registry.example.com answered HTTP 503 (request ID) | {LOOK}"),
    );
    let serving = Serving::new().at(tag("HEAD"), answer(500, "")).yes();
    serving.warns(
        &auto(&["--attempts", "1"]),
        &format!(
            "REGISTRY_FAILED: the image was not looked up: registry.example.com answered HTTP 500 (request ID) | {LOOK}"
        ),
    );
}

#[test]
fn all_of_it_is_within_the_time_of_one_request() {
    let unreachable = |cause: &str| {
        format!(
            "4 REGISTRY_UNREACHABLE: registry.example.com could not be reached: {cause} (request ID) | {WAY}"
        )
    };
    // It hangs at once.
    let serving = Serving::new().at(tag("HEAD"), Reply::Hangs(Head::Written));
    serving.ends(&required(&[]), &unreachable("no answer within 30 s"));
    assert_eq!(serving.clock(), Duration::from_secs(30));
    // It hangs at last.
    let slow = later(Duration::from_secs(6), answer(405, ""));
    let serving = Serving::new().at(tag("HEAD"), slow).at(tag("GET"), Reply::Hangs(Head::Written));
    serving.ends(&required(&["--request-timeout", "10s"]), &unreachable("no answer within 4 s"));
    assert_eq!(serving.clock(), Duration::from_secs(10));
    // It takes its time with each answer, and again and again.
    let mut serving = Serving::new();
    for _ in 0..4 {
        serving = serving.at(tag("HEAD"), later(Duration::from_millis(2400), answer(502, "")));
    }
    serving.ends(
        &required(&["--request-timeout", "10s"]),
        &format!("4 REGISTRY_FAILED: registry.example.com answered HTTP 502 (request ID) | {LOOK}"),
    );
    assert!(serving.clock() < Duration::from_secs(10));
}

#[test]
fn under_auto_what_cannot_be_reached_is_a_warning() {
    for (reply, cause) in [
        (
            fails(Cause::NameNotFound("ENOTFOUND".into()), Head::Unwritten),
            "its name could not be resolved (ENOTFOUND)",
        ),
        (
            fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten),
            "no connection came about (ECONNREFUSED)",
        ),
        (
            fails(Cause::Broken("UND_ERR_SOCKET".into()), Head::Written),
            "the connection broke (UND_ERR_SOCKET)",
        ),
        (fails(Cause::Proxy(403), Head::Unwritten), "the proxy answered CONNECT with HTTP 403"),
        (fails(Cause::Other, Head::Unwritten), "the request failed"),
    ] {
        let serving = Serving::new().at(tag("HEAD"), reply).yes();
        serving.warns(
            &auto(&["--attempts", "1"]),
            &format!(
                "REGISTRY_UNREACHABLE: the image was not looked up: registry.example.com could not be reached: {cause} \
                 (request ID) | {WAY}"
            ),
        );
    }
    let broken = fails(Cause::Cut("UND_ERR_SOCKET".into()), Head::Written);
    Serving::new().at(tag("HEAD"), broken).yes().warns(
        &auto(&["--attempts", "1"]),
        "REGISTRY_FAILED: the image was not looked up: registry.example.com did not answer in full: the connection \
         broke (UND_ERR_SOCKET) (request ID) | look at the registry's own state and at what stands before it, then run \
         again",
    );
    let mut inputs = auto(&["--attempts", "1"]);
    inputs.look_up.proxy_ignored = true;
    let gone = fails(Cause::NotConnected("ETIMEDOUT".into()), Head::Unwritten);
    Serving::new().at(tag("HEAD"), gone).yes().warns(
        &inputs,
        "REGISTRY_UNREACHABLE: the image was not looked up: registry.example.com could not be reached: no connection \
         came about (ETIMEDOUT) (request ID) | start Node with NODE_USE_ENV_PROXY=1 (22.21 or 24.5 and later): the \
         environment names a proxy, which this Node uses only then",
    );
}

#[test]
fn a_certificate_that_is_not_trusted_is_not_tried_again() {
    const CA: &str = "set `ca-cert` to the PEM file of the CA that signed the registry's certificate";
    let message =
        "no secure connection to registry.example.com: TLS failed (SELF_SIGNED_CERT_IN_CHAIN) (request ID)";
    let reply = || fails(Cause::Untrusted("SELF_SIGNED_CERT_IN_CHAIN".into()), Head::Unwritten);
    let serving = Serving::new().at(tag("HEAD"), reply());
    serving.ends(&required(&[]), &format!("4 TLS_UNTRUSTED: {message} | {CA}"));
    Serving::new()
        .at(tag("HEAD"), reply())
        .yes()
        .warns(&auto(&[]), &format!("TLS_UNTRUSTED: the image was not looked up: {message} | {CA}"));
}

#[test]
fn a_body_without_end_is_not_read_to_its_end() {
    let image = Image::usual();
    let huge = Response { status: 200, body: vec![b' '; 4 * 1024 * 1024 + 1], ..Response::default() };
    let serving = Serving::new().at(tag("HEAD"), super::world::named(&image.digest())).at(
        format!("GET {}manifests/{}", super::world::BASE, image.digest()),
        Reply::Answer(Duration::ZERO, huge),
    );
    serving.ends(
        &required(&["--attempts", "1"]),
        "4 REGISTRY_FAILED: registry.example.com sent too much: the answer was longer than 4194304 bytes | correct \
         `image`: no registry sends so much here",
    );
}
