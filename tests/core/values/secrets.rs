//! Pull secrets, and the redactor that takes every form of a secret out of a text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use houston_deploy::token::{PullSecret, Redactor};
use proptest::prelude::*;

use super::{quiet, redactor, says};

// Pull secrets.

#[track_caller]
fn no_pull_secret(text: &str, why: &str) {
    says(PullSecret::parse(text), why);
}

/// A redactor that knows the values of this pull secret.
#[track_caller]
fn knows(text: &str) -> Redactor {
    let redactor = Redactor::default();
    redactor.add_pull_secret(text);
    redactor
}

#[test]
fn a_pull_secret_is_json_with_a_registry() {
    no_pull_secret("", "is no JSON (line 1, column 0)");
    no_pull_secret("{s3cr3t", "is no JSON (line 1, column 2)");
    no_pull_secret("{\n\"auths\": s3cr3t}", "is no JSON (line 2, column 10)");
    let without = "has no registry under \"auths\", as a .dockerconfigjson must";
    for text in ["[]", "{}", "\"s3cr3t\"", "null", r#"{"auths":{}}"#, r#"{"auths":[]}"#] {
        no_pull_secret(text, without);
    }
    no_pull_secret(r#"{"auths":{"registry.example.com":"s3cr3t"}}"#, without);
    no_pull_secret(r#"{"auths":{"a.example":{},"b.example":null}}"#, without);
}

#[test]
fn every_value_of_a_pull_secret_is_secret() {
    let auth = STANDARD.encode("robot$acme:s3cr3t-p4ss");
    let redactor = knows(&format!(
        r#"{{"auths":{{"registry.example.com":{{"username":"robot$acme","auth":"{auth}","more":["n3sted"]}}}},"n":1}}"#
    ));
    for secret in ["robot$acme", "s3cr3t-p4ss", auth.as_str(), "n3sted"] {
        assert_eq!(redactor.clean(&format!("<{secret}>")), "<***>", "{secret}");
    }
    // Names are not values: which registry it is for may be said.
    assert_eq!(redactor.clean("registry.example.com"), "registry.example.com");
}

#[test]
fn a_password_may_have_colons_in_it() {
    let auth = STANDARD.encode("user:pa:ss:word");
    let redactor = knows(&format!(r#"{{"auths":{{"r.example":{{"auth":"{auth}"}}}}}}"#));
    assert_eq!(redactor.clean("<pa:ss:word>"), "<***>");
}

#[test]
fn the_password_of_an_auth_in_lines_is_secret() {
    let auth = STANDARD.encode("user:s3cr3t-p4ss");
    let (first, rest) = auth.split_at(8);
    let redactor = knows(&format!(r#"{{"auths":{{"r.example":{{"auth":"{first}\n{rest}\n"}}}}}}"#));
    assert_eq!(redactor.clean("<s3cr3t-p4ss>"), "<***>");
}

#[test]
fn a_pull_secret_is_shown_as_three_stars() {
    let secret = PullSecret::parse(r#"{"auths":{"r.example":{"auth":"czNjcjN0"}}}"#).expect("a pull secret");
    assert_eq!(format!("{secret:?}"), "***");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn the_password_inside_an_auth_is_secret(password in "[!-~é]{4,40}", form in 0..4) {
        let plain = format!("user:{password}");
        let auth = match form {
            0 => STANDARD.encode(plain),
            1 => STANDARD_NO_PAD.encode(plain),
            2 => URL_SAFE.encode(plain),
            _ => URL_SAFE_NO_PAD.encode(plain),
        };
        let redactor = knows(&serde_json::json!({ "auths": { "r.example": { "auth": auth } } }).to_string());
        prop_assert_eq!(redactor.clean(&format!("\n{password}\n")), "\n***\n");
    }
}

// Redaction.

/// `encodeURIComponent`, by the list of characters that its specification leaves alone.
fn encode_uri_component(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    let shown = |byte: u8| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(shown).collect()
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = "p\"ä?>~\\w0rd";
    let redactor = redactor(&[secret]);
    for form in [
        secret.to_owned(),
        "p\\\"ä?>~\\\\w0rd".to_owned(),
        "p%22%C3%A4%3F%3E~%5Cw0rd".to_owned(),
        "cCLDpD8+flx3MHJk".to_owned(),
        "cCLDpD8-flx3MHJk".to_owned(),
    ] {
        assert_eq!(redactor.clean(&format!("a {form} b {form}")), "a *** b ***", "{form}");
    }
}

#[test]
fn nothing_is_left_of_a_text_with_a_secret_that_is_escaped_otherwise() {
    let redactor = redactor(&["p\"ä?>~\\w0rd"]);
    let all: Vec<String> = "p\"ä?>~\\w0rd".bytes().map(|byte| format!("%{byte:02x}")).collect();
    let all = all.concat();
    for form in ["p%22%c3%a4%3f%3e~%5cw0rd", "p%22%C3%a4%3F%3E%7e%5Cw0rd", &all, "%zz%p%22ä?>~\\w0rd%"] {
        assert_eq!(redactor.clean(&format!("a {form} b")), "***", "{form}");
    }
    for plain in ["100 % of p%22", "%", "%%2", "%41%42", "é%c3"] {
        assert_eq!(redactor.clean(plain), plain);
    }
}

#[test]
fn the_longest_secret_goes_first() {
    for secrets in [["abcd", "abcdefgh"], ["abcdefgh", "abcd"]] {
        assert_eq!(redactor(&secrets).clean("abcdefgh abcd"), "*** ***");
    }
}

#[test]
fn a_secret_of_three_characters_is_no_secret() {
    let redactor = redactor(&["abc", "  x  ", ""]);
    assert_eq!(redactor.clean("abc YWJj x"), "abc YWJj x");
    assert!(redactor.lines().is_empty());
}

#[test]
fn a_text_without_a_secret_stays_as_it_is() {
    assert_eq!(redactor(&["s3cr3t"]).clean("nothing s3cr3 here ***"), "nothing s3cr3 here ***");
}

#[test]
fn the_token_behind_bearer_is_secret_by_itself_and_the_word_is_not() {
    let redactor = redactor(&["Bearer s3cr3t"]);
    assert_eq!(redactor.clean("s3cr3t Bearer Bearer s3cr3t"), "*** Bearer ***");
}

#[test]
fn a_secret_between_white_space_of_any_kind_is_secret_by_itself() {
    for space in [" ", "\t", "\r\n", "\u{a0}", "\u{b}", "\u{3000}"] {
        let redactor = redactor(&[&format!("{space}s3cr3t{space}")]);
        assert_eq!(redactor.clean("<s3cr3t>"), "<***>", "{space:?}");
    }
}

#[test]
fn a_runner_is_given_each_line_once() {
    let redactor = redactor(&["-----BEGIN-----\r\n  line one \nabc\n\nline one\n"]);
    let mut lines = redactor.lines().clone();
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), redactor.lines().len(), "each once");
    assert!(lines.contains(&"-----BEGIN-----".into()));
    assert!(lines.contains(&"line one".into()));
    assert!(lines.iter().all(|line| line.len() >= 4 && line.trim() == line && !line.contains('\n')));
}

#[test]
fn a_redactor_is_shown_as_three_stars() {
    assert_eq!(format!("{:?}", redactor(&["s3cr3t"])), "***");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn no_form_of_a_secret_is_left(secret in "[!-~éß漢]{4,60}") {
        let redactor = redactor(&[&secret]);
        let json = serde_json::to_string(&secret).expect("JSON");
        for form in [
            secret.clone(),
            json[1..json.len() - 1].to_owned(),
            STANDARD_NO_PAD.encode(&secret),
            URL_SAFE_NO_PAD.encode(&secret),
            encode_uri_component(&secret),
        ] {
            let cleaned = redactor.clean(&format!("\n{form}\n"));
            prop_assert!(!cleaned.contains(&form) || form.chars().all(|character| character == '*'), "{cleaned:?}");
        }
        // With padding, only the padding is left.
        let padded = redactor.clean(&STANDARD.encode(&secret));
        prop_assert_eq!(padded.trim_end_matches('='), "***");
    }

    #[test]
    fn no_part_of_several_secrets_is_left(secrets in prop::collection::vec("[ab]{4,9}", 1..6)) {
        let redactor = redactor(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        for secret in &secrets {
            prop_assert_eq!(redactor.clean(&format!("<{secret}>")), "<***>");
        }
    }
}
