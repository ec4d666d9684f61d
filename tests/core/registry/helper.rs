//! Credential helpers: what they print, how they fail, and how long they may take.

use std::time::Duration;

use houston_deploy::inputs::Inputs;
use houston_deploy::io::Signal;
use serde_json::json;

use super::world::{
    ASKED, BEARER, Helper, ISSUED, Image, PASSWORD, REALM, REFRESH, Serving, USER, auto, basic, by_config,
    challenged, issued, required, tag,
};

const BASIC: &str = "Basic realm=x";
const REPAIR: &str = "repair docker's config file, or set `registry-username` and HOUSTON_REGISTRY_PASSWORD";

fn printed(user: &str, secret: &str) -> String {
    json!({ "ServerURL": "registry.example.com", "Username": user, "Secret": secret }).to_string()
}

fn at_once(text: &str) -> Helper {
    Helper::Prints(Duration::ZERO, text.to_owned())
}

/// The inputs with a helper for the registry.
fn helped(inputs: Inputs) -> Inputs {
    by_config(inputs, &json!({ "credHelpers": { "registry.example.com": "vault" } }))
}

fn why(what: &str) -> String {
    format!(
        "4 REGISTRY_FAILED: registry.example.com was not asked: docker's config file names the credential helper \
         docker-credential-vault, which {what} | {REPAIR}"
    )
}

#[test]
fn a_helper_has_a_password() {
    let serving = Serving::new()
        .asks(BASIC)
        .helper("vault for registry.example.com", at_once(&printed(USER, PASSWORD)))
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&helped(required(&[])));
    assert_eq!(serving.shown()[1], format!("registry.example.com: {}", basic()));
}

#[test]
fn a_helper_has_a_refresh_token() {
    let serving = Serving::new()
        .asks(BEARER)
        .helper("vault for registry.example.com", at_once(&printed("<token>", REFRESH)))
        .at(format!("POST {REALM}"), issued())
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&helped(required(&[])));
    assert_eq!(serving.shown()[2], format!("registry.example.com: Bearer {ISSUED}"));
}

#[test]
fn the_store_is_asked_for_docker_hub_by_its_old_name() {
    let hub = "https://registry-1.docker.io/v2/acme/airflow/";
    let serving = Serving::new()
        .at(format!("HEAD {hub}manifests/1.4.2"), challenged(BASIC))
        .helper("desktop for https://index.docker.io/v1/", at_once(&printed(USER, PASSWORD)))
        .holds_at(hub, "1.4.2", &Image::usual())
        .yes();
    serving.succeeds(&by_config(
        required(&["--image", "acme/airflow:1.4.2"]),
        &json!({ "credsStore": "desktop", "auths": { "https://index.docker.io/v1/": {} } }),
    ));
    assert_eq!(serving.shown()[1], format!("registry-1.docker.io: {}", basic()));
}

#[test]
fn a_helper_is_not_run_where_nobody_asks() {
    Serving::new().holds(&Image::usual()).yes().succeeds(&helped(required(&[])));
}

#[test]
fn a_helper_that_has_none_leads_to_the_file_and_then_to_an_anonymous_look() {
    // Some say so by a failure, some by credentials with nothing in them.
    for nothing in
        [Helper::Fails("credentials not found in native keychain\n".into()), at_once(&printed("", ""))]
    {
        let serving = Serving::new()
            .asks(BEARER)
            .helper("vault for registry.example.com", nothing.clone())
            .at(ASKED, issued())
            .holds(&Image::usual())
            .yes();
        serving.succeeds(&helped(required(&[])));
        assert_eq!(serving.shown()[1], "auth.example.com: nothing");
        let serving = Serving::new()
            .asks(BASIC)
            .helper("vault for registry.example.com", nothing)
            .holds(&Image::usual())
            .yes();
        let entry = json!({ "username": USER, "password": PASSWORD });
        serving.succeeds(&by_config(
            required(&[]),
            &json!({ "credsStore": "vault", "auths": { "registry.example.com": entry } }),
        ));
        assert_eq!(serving.shown()[1], format!("registry.example.com: {}", basic()));
    }
}

#[test]
fn a_helper_that_is_missing_or_fails_is_told_without_what_it_printed() {
    let secret = format!("cannot open the vault with {PASSWORD}");
    for (helper, what) in [
        (Helper::Missing, "is not to be found"),
        (Helper::Fails(secret.clone()), "failed"),
        (Helper::Fails(String::new()), "failed"),
        (at_once(&secret), "printed no credentials"),
        (at_once(""), "printed no credentials"),
        (at_once(r#"{"Username":"a"}"#), "printed no credentials"),
    ] {
        Serving::new()
            .asks(BASIC)
            .helper("vault for registry.example.com", helper)
            .ends(&helped(required(&[])), &why(what));
    }
    let serving = Serving::new().asks(BASIC).helper("vault for registry.example.com", Helper::Missing).yes();
    let warning = why("is not to be found")
        .replace("4 REGISTRY_FAILED: ", "REGISTRY_FAILED: the image was not looked up: ");
    serving.warns(&helped(auto(&[])), &warning);
}

#[test]
fn a_helper_has_twenty_seconds() {
    let almost = Helper::Prints(Duration::from_millis(19_999), printed(USER, PASSWORD));
    let serving = Serving::new()
        .asks(BASIC)
        .helper("vault for registry.example.com", almost)
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&helped(required(&[])));
    let serving = Serving::new().asks(BASIC).helper("vault for registry.example.com", Helper::Hangs);
    serving.ends(&helped(required(&[])), &why("did not end in time"));
    assert_eq!((serving.clock(), serving.ended.get()), (Duration::from_secs(20), true));
}

#[test]
fn a_helper_has_no_longer_than_the_whole_look() {
    let serving = Serving::new().asks(BASIC).helper("vault for registry.example.com", Helper::Hangs);
    serving.ends(&helped(required(&["--request-timeout", "5s"])), &why("did not end in time"));
    assert_eq!((serving.clock(), serving.ended.get()), (Duration::from_secs(5), true));
}

#[test]
fn a_cancel_ends_a_helper() {
    let serving = Serving::new()
        .asks(BASIC)
        .helper("vault for registry.example.com", Helper::Hangs)
        .cancelled_at(Duration::from_secs(3), Signal::Interrupt);
    serving.ends(&helped(auto(&[])), "130 CANCELLED: cancelled before anything was changed | -");
    assert_eq!((serving.clock(), serving.ended.get()), (Duration::from_secs(3), true));
}

#[test]
fn a_name_that_could_be_a_path_is_not_run() {
    for name in ["../../bin/sh", "a b", "x;y"] {
        let config = json!({ "credsStore": name });
        Serving::new().asks(BASIC).ends(
            &by_config(required(&[]), &config),
            &format!(
                "4 REGISTRY_FAILED: registry.example.com was not asked: docker's config file names a credential \
                 helper that cannot be one | {REPAIR}"
            ),
        );
    }
}

#[test]
fn a_helper_is_run_once() {
    // Asked a second time, the world panics.
    let serving = Serving::new()
        .asks(BASIC)
        .helper("vault for registry.example.com", at_once(&printed(USER, PASSWORD)))
        .at(tag("HEAD"), challenged(BASIC))
        .at(tag("GET"), challenged(BASIC));
    serving.ends(
        &helped(required(&[])),
        "3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP 401 | check the registry's user and \
         password, and that the user may pull from this repository",
    );
}
