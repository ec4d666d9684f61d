//! The token: which of its sources is used, what is cut off it, and when it is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use houston_deploy::error::Code;
use serde_json::json;

use super::{Case, action, gets, good, told, usual};
use crate::world::{TOKEN, WALL};

/// The token that is sent.
#[track_caller]
fn sent(case: &Case) -> String {
    case.good().houston.token.header().on_the_wire().to_owned()
}

#[test]
fn the_token_comes_from_the_first_source_that_has_one() {
    let vendors = usual().without_token().variable("ASTRONOMER_KEY_SECRET", "vendors-key");
    assert_eq!(sent(&vendors), "vendors-key");
    let file = vendors.file("t", "file-key\n").variable("HOUSTON_TOKEN_FILE", "t");
    assert_eq!(sent(&file), "file-key");
    let variable = file.variable("HOUSTON_TOKEN", "variable-key");
    assert_eq!(sent(&variable), "variable-key");
    // A file that is named outright comes before what happens to be in the environment.
    let flag = variable.file("flag", "flag-key").with(&["--token-file", "flag"]);
    assert_eq!(sent(&flag), "flag-key");
}

#[test]
fn a_token_in_the_actions_input_comes_before_a_file_in_the_environment() {
    let inputs = good(action(&[("HOUSTON_TOKEN_FILE", "gone"), ("ASTRONOMER_KEY_SECRET", "vendors-key")]));
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
}

#[test]
fn a_token_and_a_token_file_given_outright_are_too_much() {
    gets(
        action(&[("INPUT_TOKEN-FILE", "t")]),
        &["token: is given beside `token-file` | give one of the two"],
    );
}

#[test]
fn a_leading_bearer_and_a_files_last_line_break_are_no_part_of_the_token() {
    assert_eq!(sent(&usual().variable("HOUSTON_TOKEN", "Bearer abcd")), "abcd");
    for content in ["abcd", "abcd\n", "abcd\r\n", "\u{feff}Bearer abcd\n\n"] {
        assert_eq!(sent(&usual().with(&["--token-file", "t"]).file("t", content)), "abcd", "{content:?}");
    }
}

#[test]
fn a_bad_token_is_described_and_not_shown() {
    let hint = "copy the token again, in one line";
    usual()
        .variable("HOUSTON_TOKEN", "s3cr3t\nsecond")
        .gets(&[&format!("token: has a line break at position 7 of 13 | {hint}")]);
    usual()
        .with(&["--token-file", "t"])
        .file("t", "s3cr3t key")
        .gets(&[&format!("token-file: has white space at position 7 of 10 | {hint}")]);
    usual().with(&["--token-file", "t"]).file("t", "\n").gets(&[&format!("token-file: is empty | {hint}")]);
    usual().with(&["--token-file", "gone"]).gets(&["token-file: \"gone\" does not exist"]);
}

fn expiring_at(seconds: u64) -> String {
    let claims = json!({ "sub": "me", "exp": seconds }).to_string();
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn an_expired_token_is_found_before_anything_is_sent() {
    let token = expiring_at(WALL.as_secs() - 3780);
    let problems = usual().variable("HOUSTON_TOKEN", &token).read().inputs.expect_err("bad input");
    assert_eq!(
        told(&problems),
        [
            "token: expired 1 h 3 min ago, at 2026-11-23 18:57 UTC | log in again for a new token, or use a service \
             account's key, which does not expire"
        ]
    );
    assert_eq!(problems[0].code, Code::TokenExpired);
}

#[test]
fn a_token_expires_at_its_second() {
    let with = |seconds| usual().variable("HOUSTON_TOKEN", &expiring_at(seconds)).read().inputs;
    assert!(with(WALL.as_secs()).is_err());
    assert!(with(WALL.as_secs() + 1).is_ok());
    assert!(with(u64::MAX).is_ok());
    assert!(with(0).is_err());
}

/// A file that gives its content once, as a pipe does.
struct Pipe(std::cell::RefCell<Option<Vec<u8>>>);

impl houston_deploy::inputs::Files for Pipe {
    fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, String> {
        Ok(self.0.take().unwrap_or_default())
    }

    fn can_write(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_token_file_can_be_a_pipe() {
    let arguments = ["deploy", "--token-file", "/dev/fd/63"].map(str::to_owned);
    let mut given = houston_deploy::inputs::Given::default();
    given.take_arguments(&arguments);
    let pipe = Pipe(std::cell::RefCell::new(Some(b"c4n4ryc4n4ryc4n4ry".to_vec())));
    let surroundings = houston_deploy::inputs::Surroundings {
        wall: crate::world::WALL,
        can_trust: false,
        proxy_ignored: false,
        proxy_invalid: false,
    };
    let read = houston_deploy::inputs::read(
        given,
        &houston_deploy::inputs::Environment::default(),
        &pipe,
        surroundings,
    );
    let problems = read.inputs.expect_err("other options are missing");
    assert!(!problems.iter().any(|problem| problem.option.starts_with("token")), "{problems:?}");
    assert!(read.redactor.finds("c4n4ryc4n4ryc4n4ry"));
}
