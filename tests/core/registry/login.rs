//! Which credentials are shown to whom: by the options, by docker's config file, or none, at a Basic and at a Bearer
//! challenge, and what their refusal is called.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;

use super::world::{
    ASKED, BEARER, ISSUED, Image, REALM, REFRESH, Serving, auto, basic, by_config, by_password, challenged,
    issued, refused, required, tag,
};
use crate::world::answer;

const BASIC: &str = r#"Basic realm="Registry Realm""#;
const DENIED: &str =
    "check the registry's user and password, and that the user may pull from this repository";
const ANONYMOUS: &str =
    "set `registry-username` and HOUSTON_REGISTRY_PASSWORD, or log in with docker before this step";

/// What each request was shown: host and words.
#[track_caller]
fn shows(serving: &Serving, shown: &[&str]) {
    let named = |words: &String| words.replace(&basic(), "BASIC").replace(ISSUED, "ISSUED");
    assert_eq!(serving.shown().iter().map(named).collect::<Vec<_>>(), shown);
}

#[test]
fn a_basic_challenge_is_shown_user_and_password_from_then_on() {
    let serving = Serving::new().asks(BASIC).holds(&Image::usual()).yes();
    serving.succeeds(&by_password(required(&[])));
    shows(
        &serving,
        &[
            "registry.example.com: nothing",
            "registry.example.com: BASIC",
            "registry.example.com: BASIC",
            "registry.example.com: BASIC",
        ],
    );
}

#[test]
fn a_bearer_challenge_is_shown_a_token_that_the_realm_gave_for_them() {
    let serving = Serving::new().asks(BEARER).at(ASKED, issued()).holds(&Image::usual()).yes();
    serving.succeeds(&by_password(required(&[])));
    shows(
        &serving,
        &[
            "registry.example.com: nothing",
            "auth.example.com: BASIC",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
        ],
    );
}

#[test]
fn without_credentials_the_realm_may_still_give_a_token() {
    let serving = Serving::new().asks(BEARER).at(ASKED, issued()).holds(&Image::usual()).yes();
    serving.succeeds(&required(&[]));
    shows(
        &serving,
        &[
            "registry.example.com: nothing",
            "auth.example.com: nothing",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
        ],
    );
}

#[test]
fn of_several_challenges_bearer_goes_first() {
    for challenge in [format!("{BASIC}, {BEARER}"), format!("Negotiate, {BEARER}, {BASIC}")] {
        let serving = Serving::new().asks(&challenge).at(ASKED, issued()).holds(&Image::usual()).yes();
        serving.succeeds(&by_password(required(&[])));
        assert_eq!(serving.lines().len(), 5);
    }
    let serving = Serving::new().asks(&format!("Negotiate TlRM== , {BASIC}")).holds(&Image::usual()).yes();
    serving.succeeds(&by_password(required(&[])));
    assert_eq!(serving.lines().len(), 4);
}

#[test]
fn docker_s_config_file_has_them_too() {
    let auth = basic().replace("Basic ", "");
    let config = json!({ "auths": { "registry.example.com": { "auth": auth } } });
    let serving = Serving::new().asks(BASIC).holds(&Image::usual()).yes();
    serving.succeeds(&by_config(required(&[]), &config));
    shows(
        &serving,
        &[
            "registry.example.com: nothing",
            "registry.example.com: BASIC",
            "registry.example.com: BASIC",
            "registry.example.com: BASIC",
        ],
    );
}

#[test]
fn the_options_go_before_the_file() {
    let config =
        json!({ "auths": { "registry.example.com": { "auth": BASE64_STANDARD.encode("other:0th3r") } } });
    let serving = Serving::new().asks(BASIC).holds(&Image::usual()).yes();
    serving.succeeds(&by_password(by_config(required(&[]), &config)));
    assert_eq!(serving.shown()[1], format!("registry.example.com: {}", basic()));
}

#[test]
fn a_refresh_token_is_exchanged_by_post() {
    let config = json!({ "auths": { "registry.example.com": { "identitytoken": REFRESH } } });
    let serving = Serving::new()
        .asks(BEARER)
        .at(format!("POST {REALM}"), answer(200, &json!({ "access_token": ISSUED }).to_string()))
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&by_config(required(&[]), &config));
    shows(
        &serving,
        &[
            "registry.example.com: nothing",
            "auth.example.com: nothing",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
            "registry.example.com: Bearer ISSUED",
        ],
    );
    assert_eq!(
        serving.seen()[1].body,
        "grant_type=refresh_token&client_id=houston-deploy&service=registry.example.com&\
         scope=repository%3Aacme%2Fairflow%3Apull&refresh_token=r3fr3sh%2Br3fr3sh%2Fr3fr3sh"
    );
}

#[test]
fn a_refresh_token_is_nothing_to_a_basic_challenge() {
    let config = json!({ "auths": { "registry.example.com": { "identitytoken": REFRESH } } });
    let serving =
        Serving::new().asks(BASIC).at(tag("HEAD"), challenged(BASIC)).at(tag("GET"), challenged(BASIC));
    serving.ends(
        &by_config(required(&[]), &config),
        &format!("3 REGISTRY_DENIED: registry.example.com refused an anonymous look: HTTP 401 | {ANONYMOUS}"),
    );
    assert_eq!(serving.shown(), ["registry.example.com: nothing"; 3]);
}

#[test]
fn a_wrong_password_is_denied_by_the_registry() {
    let no = || refused(401, "UNAUTHORIZED", "authentication required");
    let serving = Serving::new().asks(BASIC).at(tag("HEAD"), challenged(BASIC)).at(tag("GET"), no());
    serving.ends(
        &by_password(required(&[])),
        &format!(
            "3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP 401 UNAUTHORIZED authentication \
             required | {DENIED}"
        ),
    );
    let serving = Serving::new().asks(BASIC).at(tag("HEAD"), challenged(BASIC)).at(tag("GET"), no()).yes();
    serving.warns(
        &by_password(auto(&[])),
        &format!(
            "REGISTRY_DENIED: the image was not looked up: registry.example.com refused these credentials: HTTP 401 \
             UNAUTHORIZED authentication required | {DENIED}"
        ),
    );
}

#[test]
fn credentials_are_asked_for_once_though_they_are_refused_again_and_again() {
    let serving = Serving::new()
        .asks(BEARER)
        .at(ASKED, issued())
        .at(tag("HEAD"), challenged(BEARER))
        .at(tag("GET"), challenged(BEARER));
    serving.ends(
        &by_password(required(&[])),
        &format!("3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP 401 | {DENIED}"),
    );
    assert_eq!(serving.lines().len(), 4);
}

#[test]
fn a_wrong_password_is_denied_by_the_realm() {
    for status in [401, 403] {
        let serving = Serving::new().asks(BEARER).at(ASKED, refused(status, "UNAUTHORIZED", "no such user"));
        serving.ends(
            &by_password(required(&[])),
            &format!(
                "3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP {status} UNAUTHORIZED no such \
                 user | {DENIED}"
            ),
        );
    }
}

#[test]
fn no_permission_is_denied_though_a_token_was_granted() {
    let no = || refused(403, "DENIED", "requested access to the resource is denied");
    let serving =
        Serving::new().asks(BEARER).at(ASKED, issued()).at(tag("HEAD"), no()).at(tag("GET"), no()).yes();
    serving.warns(
        &auto(&[]),
        &format!(
            "REGISTRY_DENIED: the image was not looked up: registry.example.com refused an anonymous look: HTTP 403 \
             DENIED requested access to the resource is denied | {ANONYMOUS}"
        ),
    );
}

#[test]
fn a_401_without_a_challenge_is_denied() {
    let serving = Serving::new().at(tag("HEAD"), answer(401, "")).at(tag("GET"), answer(401, "<html>"));
    serving.ends(
        &by_password(required(&[])),
        &format!("3 REGISTRY_DENIED: registry.example.com refused an anonymous look: HTTP 401 | {ANONYMOUS}"),
    );
}

#[test]
fn what_a_registry_says_of_its_refusal_shows_no_secret_and_does_nothing() {
    let said = format!("{} \u{1b}[31m\n::error::\u{202e}{}", super::world::PASSWORD, basic());
    let no = || refused(403, "DENIED", &said);
    let serving = Serving::new().asks(BASIC).at(tag("HEAD"), no()).at(tag("GET"), no());
    serving.ends(
        &by_password(required(&[])),
        &format!(
            "3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP 403 DENIED *** \\u{{1b}}[31m \
             ::error::\\u{{202e}}Basic ***= | {DENIED}"
        ),
    );
}

#[test]
fn no_token_is_in_what_a_registry_says_of_its_refusal() {
    let said = format!("token {ISSUED} for {REFRESH}, or {}", BASE64_STANDARD.encode(ISSUED));
    let no = || refused(403, &said, "");
    let config = json!({ "auths": { "registry.example.com": { "identitytoken": REFRESH } } });
    let serving = Serving::new()
        .asks(BEARER)
        .at(format!("POST {REALM}"), issued())
        .at(tag("HEAD"), no())
        .at(tag("GET"), no());
    serving.ends(
        &by_config(required(&[]), &config),
        &format!(
            "3 REGISTRY_DENIED: registry.example.com refused these credentials: HTTP 403 token *** for ***, or *** | \
             {DENIED}"
        ),
    );
}

#[test]
fn a_config_file_that_cannot_be_used_is_told_once_it_is_needed() {
    const REPAIR: &str =
        "repair docker's config file, or set `registry-username` and HOUSTON_REGISTRY_PASSWORD";
    let broken = |why: &str| {
        let mut inputs = required(&[]);
        inputs.look_up.config = Err(why.to_owned());
        inputs
    };
    Serving::new().holds(&Image::usual()).yes().succeeds(&broken("is no JSON"));
    Serving::new().asks(BASIC).ends(
        &broken("is no JSON"),
        &format!(
            "4 REGISTRY_FAILED: registry.example.com was not asked: docker's config file is no JSON | {REPAIR}"
        ),
    );
    let config = json!({ "auths": { "registry.example.com": { "auth": "%%%" } } });
    Serving::new().asks(BASIC).ends(
        &by_config(required(&[]), &config),
        &format!(
            "4 REGISTRY_FAILED: registry.example.com was not asked: docker's config file has an entry for it that \
             cannot be read | {REPAIR}"
        ),
    );
}
