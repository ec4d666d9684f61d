//! Docker's config file as `docker login`, `docker/login-action` and cloud tools write it: which entry is a registry's,
//! which source goes first, and what is none.

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, Engine as _};
use houston_deploy::registry::credentials::{Source, find, is_helper_name, printed};
use houston_deploy::token::{Login, Redactor};
use serde_json::{Value, json};

use super::given::{PASSWORD, REFRESH, USER, own};

const HOST: &str = "registry.example.com";

fn password() -> Source<'static> {
    Source::Here(Login::password(USER, PASSWORD, &Redactor::default()))
}

fn refresh() -> Source<'static> {
    Source::Here(Login::refresh(REFRESH, &Redactor::default()))
}

fn good() -> Value {
    json!({ "auth": BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}")) })
}

fn bad() -> Value {
    json!({ "auth": BASE64_STANDARD.encode("other:0th3r0th3r") })
}

#[track_caller]
fn has(config: &Value, registry: &str, source: &Source<'_>) {
    assert_eq!(find(&own(config), registry, &Redactor::default()), *source, "{registry} in {config}");
}

fn helper<'a>(name: &'a str, server: &'static str) -> Source<'a> {
    Source::Helper(name, server)
}

#[test]
fn an_entry_has_one_of_three_forms() {
    let both = format!("{USER}:{PASSWORD}");
    for entry in [
        good(),
        json!({ "auth": BASE64_STANDARD_NO_PAD.encode(&both) }),
        json!({ "auth": BASE64_URL_SAFE.encode(&both) }),
        json!({ "username": USER, "password": PASSWORD }),
        json!({ "username": USER, "password": PASSWORD, "auth": "" , "identitytoken": "" }),
    ] {
        has(&json!({ "auths": { HOST: entry } }), HOST, &password());
    }
    for entry in [
        json!({ "identitytoken": REFRESH }),
        json!({ "auth": BASE64_STANDARD.encode("00000000-0000-0000-0000-000000000000:"), "identitytoken": REFRESH }),
    ] {
        has(&json!({ "auths": { HOST: entry } }), HOST, &refresh());
    }
    // A password may have colons in it.
    let colons = json!({ "auths": { HOST: { "auth": BASE64_STANDARD.encode("_json_key:{\"a\":1}") } } });
    let login = Login::password("_json_key", "{\"a\":1}", &Redactor::default());
    has(&colons, HOST, &Source::Here(login));
}

#[test]
fn an_entry_may_be_named_by_an_address() {
    for name in [
        HOST,
        "https://registry.example.com",
        "http://registry.example.com",
        "https://registry.example.com/",
        "https://registry.example.com/v1/",
        "registry.example.com/v2/",
        "Registry.Example.com",
    ] {
        has(&json!({ "auths": { name: good() } }), HOST, &password());
    }
    let upper = json!({ "auths": { HOST: good() } });
    has(&upper, "Registry.Example.COM", &password());
    for name in
        ["registry.example.com:443", "registry.example.com.evil.example", "example.com", "", "https://"]
    {
        has(&json!({ "auths": { name: good() } }), HOST, &Source::Nowhere);
    }
    has(&json!({ "auths": { "127.0.0.1:5000": good() } }), "127.0.0.1:5000", &password());
    has(&json!({ "auths": { "127.0.0.1:5000": good() } }), "127.0.0.1:5001", &Source::Nowhere);
}

#[test]
fn the_entry_of_its_own_name_goes_first() {
    has(&json!({ "auths": { "https://registry.example.com/v1/": bad(), HOST: good() } }), HOST, &password());
    let hub = json!({ "auths": { "docker.io": bad(), "https://index.docker.io/v1/": good() } });
    has(&hub, "docker.io", &password());
    has(
        &json!({ "credHelpers": { "https://registry.example.com": "b", HOST: "a" } }),
        HOST,
        &helper("a", ""),
    );
}

#[test]
fn docker_hub_has_many_names() {
    for name in ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"] {
        for registry in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
            has(&json!({ "auths": { name: good() } }), registry, &password());
        }
        has(&json!({ "auths": { name: good() } }), HOST, &Source::Nowhere);
    }
    // A login in the browser leaves two more entries behind.
    let browser = json!({ "auths": {
        "https://index.docker.io/v1/": good(),
        "https://index.docker.io/v1/access-token": bad(),
        "https://index.docker.io/v1/refresh-token": bad(),
    } });
    has(&browser, "docker.io", &password());
    has(&json!({ "credsStore": "x" }), "docker.io", &helper("x", "https://index.docker.io/v1/"));
    has(
        &json!({ "credHelpers": { "docker.io": "x" } }),
        "docker.io",
        &helper("x", "https://index.docker.io/v1/"),
    );
}

#[test]
fn the_registrys_helper_goes_before_the_store_and_that_before_the_file() {
    let all =
        json!({ "auths": { HOST: good() }, "credHelpers": { HOST: "ecr-login" }, "credsStore": "desktop" });
    has(&all, HOST, &helper("ecr-login", ""));
    let store =
        json!({ "auths": { HOST: good() }, "credHelpers": { "a.example": "x" }, "credsStore": "desktop" });
    has(&store, HOST, &helper("desktop", ""));
    has(&json!({ "auths": { HOST: good() }, "credsStore": "" }), HOST, &password());
    // A registry may be taken out of the store.
    let out = json!({ "auths": { HOST: good() }, "credHelpers": { HOST: "" }, "credsStore": "desktop" });
    has(&out, HOST, &password());
}

#[test]
fn odd_json_holds_no_credentials() {
    for config in [
        json!(null),
        json!([]),
        json!("auths"),
        json!(7),
        json!({}),
        json!({ "auths": null }),
        json!({ "auths": [HOST] }),
        json!({ "auths": { HOST: null } }),
        json!({ "auths": { HOST: [] } }),
        json!({ "auths": { HOST: "auth" } }),
        json!({ "auths": { HOST: {} } }),
        json!({ "auths": { HOST: { "auth": 7, "identitytoken": {}, "username": [], "password": true } } }),
        json!({ "auths": { HOST: { "auth": "" } } }),
        json!({ "auths": { HOST: { "username": USER } } }),
        json!({ "credHelpers": [HOST], "credsStore": 7 }),
        json!({ "credHelpers": { HOST: null } }),
    ] {
        has(&config, HOST, &Source::Nowhere);
    }
}

#[test]
fn an_entry_that_cannot_be_read_is_not_passed_over() {
    for auth in ["%%%", "YQ", "/////w=="] {
        has(&json!({ "auths": { HOST: { "auth": auth } } }), HOST, &Source::Unreadable);
    }
}

#[test]
fn a_helper_prints_a_user_and_a_secret() {
    let read = |text: &str| printed(text, &Redactor::default());
    let text = json!({ "ServerURL": HOST, "Username": USER, "Secret": PASSWORD }).to_string();
    assert_eq!(read(&text), password());
    assert_eq!(read(&format!("{text}\n")), password());
    let token = json!({ "Username": "<token>", "Secret": REFRESH }).to_string();
    assert_eq!(read(&token), refresh());
    for text in [
        "",
        "{}",
        "[]",
        "null",
        "credentials",
        r#"{"Username":"a"}"#,
        r#"{"Secret":"a"}"#,
        r#"{"username":"a","secret":"b"}"#,
    ] {
        assert_eq!(read(text), Source::Unreadable, "{text}");
    }
}

#[test]
fn half_a_pair_is_no_credentials() {
    for (user, password) in [("", ""), (USER, ""), ("", PASSWORD)] {
        let text = json!({ "Username": user, "Secret": password }).to_string();
        assert_eq!(printed(&text, &Redactor::default()), Source::Nowhere, "{text}");
        let auth = BASE64_STANDARD.encode(format!("{user}:{password}"));
        has(&json!({ "auths": { HOST: { "auth": auth } } }), HOST, &Source::Nowhere);
    }
    let token = json!({ "Username": "<token>", "Secret": "" }).to_string();
    assert_eq!(printed(&token, &Redactor::default()), Source::Nowhere);
}

#[test]
fn a_helpers_name_is_no_path_and_no_words() {
    for name in ["ecr-login", "desktop.exe", "gcloud", "a_b", "acr-env", "X9"] {
        assert!(is_helper_name(name), "{name}");
    }
    for name in ["../x", "a/b", "a\\b", "a b", "a;b", "$(a)", "a\n", "ä", "a\0", &"a".repeat(65)] {
        assert!(!is_helper_name(name), "{name:?}");
    }
}

#[test]
fn what_is_read_is_known_as_secret() {
    let redactor = Redactor::default();
    let _ = find(&own(&json!({ "auths": { HOST: good() } })), HOST, &redactor);
    for form in [PASSWORD, good()["auth"].as_str().expect("a text"), &format!("{USER}:{PASSWORD}")] {
        assert!(redactor.finds(form), "{form}");
    }
    let redactor = Redactor::default();
    let _ = find(&own(&json!({ "auths": { HOST: { "identitytoken": REFRESH } } })), HOST, &redactor);
    assert!(redactor.finds(REFRESH));
    assert_eq!(
        format!("{:?} {:?}", password(), refresh()),
        format!("Here(Password({USER:?}, ***)) Here(Refresh(***))")
    );
}
