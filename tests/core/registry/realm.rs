//! The realm that a challenge names: where it may be, what it may answer, and which of its tokens are sent on.

use serde_json::{Value, json};

use super::world::{
    ASKED, BASE, BEARER, ISSUED, Image, Serving, basic, by_password, challenged, issued, leads, named,
    required, sha256, tag,
};
use crate::world::answer;

const LOGIN_PAGE: &str = "check that `image` names a registry, reachable without a login page in front";

fn failed(what: &str) -> String {
    format!("4 REGISTRY_FAILED: registry.example.com {what} | {LOGIN_PAGE}")
}

fn realm(realm: &str) -> String {
    format!(r#"Bearer realm="{realm}",service="s""#)
}

/// The look-up of an image at `host`, after whose challenge `realm` is asked.
#[track_caller]
fn goes(host: &str, realm_: &str, asked: &str) {
    let base = format!("https://{host}/v2/acme/airflow/");
    let serving = Serving::new()
        .at(format!("HEAD {base}manifests/1.4.2"), challenged(&realm(realm_)))
        .at(format!("GET {asked}"), issued())
        .holds_at(&base, "1.4.2", &Image::usual())
        .yes();
    serving.succeeds(&by_password(required(&["--image", &format!("{host}/acme/airflow:1.4.2")])));
    assert!(serving.shown()[1].ends_with(&basic()), "{host}");
    assert!(serving.shown()[2].ends_with(&format!("Bearer {ISSUED}")), "{host}");
}

/// The look-up of an image at `host`, which ends at the challenge: nothing goes to such a realm.
#[track_caller]
fn stays(host: &str, at: &str) {
    let serving = Serving::new()
        .at(format!("HEAD https://{host}/v2/acme/airflow/manifests/1.4.2"), challenged(&realm(at)));
    serving.ends(
        &by_password(required(&["--image", &format!("{host}/acme/airflow:1.4.2")])),
        &failed("names a realm to which no credentials may go").replace("registry.example.com", host),
    );
    assert_eq!(serving.lines().len(), 1, "{at}");
}

#[test]
fn a_realm_may_be_at_any_public_host_by_https() {
    let query = "service=s&scope=repository:acme/airflow:pull";
    let host = "registry.example.com";
    goes(
        host,
        "https://auth.elsewhere.example/token",
        &format!("https://auth.elsewhere.example/token?{query}"),
    );
    goes(host, "https://auth.elsewhere.example", &format!("https://auth.elsewhere.example/?{query}"));
    goes(
        host,
        "https://registry.example.com/v2/auth",
        &format!("https://registry.example.com/v2/auth?{query}"),
    );
    goes(host, "https://a.example/t?account=x", &format!("https://a.example/t?account=x&{query}"));
    goes(host, "https://8.8.8.8/t", &format!("https://8.8.8.8/t?{query}"));
    goes(host, "https://[2606:4700::1]/t", &format!("https://[2606:4700::1]/t?{query}"));
}

#[test]
fn a_realm_without_https_gets_nothing() {
    for at in [
        "http://auth.example.com/token",
        "http://registry.example.com/t",
        "http://127.0.0.1/t",
        "ftp://a.example/",
    ] {
        stays("registry.example.com", at);
    }
}

#[test]
fn a_realm_inside_a_private_network_gets_nothing() {
    for at in [
        "https://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254/",
        "https://10.0.0.1/t",
        "https://172.16.0.1/t",
        "https://192.168.0.1:8443/t",
        "https://100.100.100.200/t",
        "https://127.0.0.1/t",
        "https://localhost/t",
        "https://auth.localhost/t",
        "https://0.0.0.0/t",
        "https://[::1]/t",
        "https://[fe80::1]/t",
        "https://[fd00:ec2::254]/t",
        "https://[::ffff:10.0.0.1]/t",
        "https://[2002:a00:1::]/t",
        // What a fetch would take for an address of this machine is no address here.
        "https://2130706433/t",
        "https://0x7f000001/t",
        "https://0x7f.1/t",
        "https://0177.0.0.1/t",
        "https://127.1/t",
    ] {
        stays("registry.example.com", at);
    }
}

#[test]
fn a_realm_that_is_no_plain_address_gets_nothing() {
    for at in [
        "",
        "/token",
        "auth.example.com/token",
        "https://user:pw@auth.example.com/token",
        "https://auth.example.com@evil.example/",
        "https://auth.example.com/t#x",
        "https://auth.example.com\\\\@evil.example/",
        "https://auth.example.com/a b",
    ] {
        stays("registry.example.com", at);
    }
    let serving = Serving::new().asks("Bearer service=s");
    serving.ends(&by_password(required(&[])), &failed("names a realm to which no credentials may go"));
}

#[test]
fn a_registry_inside_may_have_its_realm_inside() {
    let query = "service=s&scope=repository:acme/airflow:pull";
    goes("10.0.0.5:5000", "https://10.0.0.6/t", &format!("https://10.0.0.6/t?{query}"));
    goes("10.0.0.5:5000", "https://auth.example.com/t", &format!("https://auth.example.com/t?{query}"));
    stays("10.0.0.5:5000", "http://10.0.0.5/t");
    goes("127.0.0.1:5000", "http://127.0.0.1:5001/t", &format!("http://127.0.0.1:5001/t?{query}"));
    goes("127.0.0.1:5000", "http://localhost:5001/t", &format!("http://localhost:5001/t?{query}"));
    stays("127.0.0.1:5000", "http://10.0.0.5/t");
    stays("127.0.0.1:5000", "http://auth.example.com/t");
}

#[test]
fn a_service_that_is_not_named_is_not_made_up() {
    let serving = Serving::new()
        .asks(r#"Bearer realm="https://auth.example.com/token""#)
        .at("GET https://auth.example.com/token?scope=repository:acme/airflow:pull", issued())
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&required(&[]));
    let serving = Serving::new()
        .asks(r#"Bearer realm="https://auth.example.com/token",service="a b&scope=x""#)
        .at(
            "GET https://auth.example.com/token?service=a%20b%26scope%3Dx&scope=repository:acme/airflow:pull",
            issued(),
        )
        .holds(&Image::usual())
        .yes();
    serving.succeeds(&required(&[]));
}

#[test]
fn a_token_comes_under_either_name() {
    for body in [
        json!({ "token": ISSUED }),
        json!({ "access_token": ISSUED }),
        json!({ "token": ISSUED, "access_token": ISSUED, "expires_in": 300, "issued_at": "2026-11-23T20:00:00Z" }),
        json!({ "token": "", "access_token": ISSUED }),
        json!({ "token": null, "access_token": ISSUED }),
    ] {
        let serving = Serving::new()
            .asks(BEARER)
            .at(ASKED, answer(200, &body.to_string()))
            .holds(&Image::usual())
            .yes();
        serving.succeeds(&required(&[]));
        assert_eq!(serving.shown()[4], format!("registry.example.com: Bearer {ISSUED}"));
    }
}

#[test]
fn what_is_no_token_is_not_sent() {
    let no_token = |body: &str| {
        let serving = Serving::new().asks(BEARER).at(ASKED, answer(200, body));
        serving.ends(&by_password(required(&[])), &failed("got no token from its realm that could be sent"));
    };
    for token in [
        Value::Null,
        json!(""),
        json!(7),
        json!([ISSUED]),
        json!(format!("{ISSUED}\r\nx-evil: 1")),
        json!(format!("{ISSUED}\n")),
        json!(format!("{ISSUED} {ISSUED}")),
        json!(format!("{ISSUED}ä")),
        json!(format!("{ISSUED}\u{0}")),
    ] {
        no_token(&json!({ "token": token }).to_string());
    }
    for body in ["", "{}", "[]", "<html>Log in</html>", ISSUED] {
        no_token(body);
    }
}

#[test]
fn what_a_realm_answers_instead_is_told() {
    for (reply, what) in [
        (answer(404, ""), "answered HTTP 404"),
        (answer(400, r#"{"error":"invalid_grant"}"#), "answered HTTP 400"),
        (leads(302, "https://login.example.com/"), "answered HTTP 302"),
        (answer(200, &"x".repeat(64 * 1024 + 1)), ""),
    ] {
        let mut serving = Serving::new().asks(BEARER).at(ASKED, reply.clone());
        if what.is_empty() {
            // An answer that is too long might have been cut short on its way: it is asked again, as any that broke.
            serving = serving.at(ASKED, reply.clone()).at(ASKED, reply.clone()).at(ASKED, reply);
            serving.ends(
                &required(&[]),
                "4 REGISTRY_FAILED: auth.example.com sent too much: the answer was longer than 65536 bytes | correct \
                 `image`: no registry sends so much here",
            );
        } else {
            serving.ends(&by_password(required(&[])), &failed(what));
        }
    }
}

#[test]
fn a_challenge_that_cannot_be_met_is_told() {
    let cannot_be_read = failed("asks for credentials in a way that cannot be read");
    for challenge in
        [r#"Bearer realm="https://auth.example.com"#, r#"Bearer realm="a\"#, "=", "Basic realm=a b=c"]
    {
        Serving::new().asks(challenge).ends(&by_password(required(&[])), &cannot_be_read);
    }
    let other = failed("asks for credentials of a kind that this program does not have");
    for challenge in ["Negotiate", "NTLM, Digest realm=x", ""] {
        Serving::new().asks(challenge).ends(&by_password(required(&[])), &other);
    }
}

#[test]
fn a_challenge_of_a_host_that_a_redirect_led_to_is_not_met() {
    let image = Image::usual();
    let config = format!("{BASE}blobs/{}", sha256(&image.config));
    let serving = Serving::new()
        .at(tag("HEAD"), named(&image.digest()))
        .at(format!("GET {BASE}manifests/{}", image.digest()), answer(200, &image.manifest))
        .at(format!("GET {config}"), leads(307, "https://blobs.elsewhere.example/x"))
        .at("GET https://blobs.elsewhere.example/x", challenged(BEARER));
    serving.ends(&by_password(required(&[])), &failed("redirects to a place that refuses what it gave"));
}

#[test]
fn a_registry_on_this_machine_leads_to_no_private_address() {
    let image = "127.0.0.1:5000/acme/airflow:1.4.2";
    for realm in ["https://169.254.169.254/", "https://10.0.0.1/token", "https://[fe80::1]/token"] {
        let challenge = format!("Bearer realm=\"{realm}\",service=\"x\"");
        let serving = Serving::new()
            .at("HEAD https://127.0.0.1:5000/v2/acme/airflow/manifests/1.4.2", challenged(&challenge));
        serving.ends(
            &by_password(required(&["--image", image])),
            &failed("names a realm to which no credentials may go")
                .replace("registry.example.com", "127.0.0.1:5000"),
        );
    }
}
