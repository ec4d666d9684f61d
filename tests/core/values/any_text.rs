//! Any text: what holds for all parsers alike. None panics, none loses white space, and no message breaks its line.

use std::time::Duration;

use houston_deploy::endpoint::Endpoint;
use houston_deploy::image::{Digest, ImageReference};
use houston_deploy::inputs::{Environment, Shard};
use houston_deploy::release::ReleaseName;
use houston_deploy::retry::retry_after;
use houston_deploy::token::{PullSecret, Token};
use houston_deploy::version::{PlatformVersion, Version};
use houston_deploy::{date, duration};
use proptest::prelude::*;

use super::endpoint::no_url;
use super::image::no_image;
use super::names::no_version;
use super::{quiet, redactor};

/// Any text, and texts of the characters that the grammars are made of, which get much further into the parsers.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-cA-C0-9:/@.\\[\\]_+=#% \\-é\u{200b}\n\t]{0,80}",
        "(https?://)?(\\[?[0-9a-f:.]{1,12}\\]?|[a-c.-]{1,12})(:[0-9]{0,6})?(/[a-c._-]{0,9}){0,3}(:[a-c.0-9]{0,4})?(@sha256:[0-9a-f]{0,66})?",
        "\\[?[a1\n\u{1b}:]{0,4}\\]?(://|:|/)[1\n]{0,3}/a:1",
        "[0-9]{0,22}(ms|s|m|h|\\.|-|\\+|/)?[0-9a-z.+-]{0,12}",
        "(Bearer )?[!-~]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}",
        "(Sun|Mon|x)?, ?[0-9]{1,3} (Jan|Feb|Dec|Foo) [0-9]{1,20} [0-9]{1,3}:[0-9]{1,3}:[0-9]{1,3} (GMT|UTC)",
    ]
}

#[test]
fn white_space_is_named_where_it_stands() {
    no_image("a:1\r\n", "has a line break at position 2 of the tag");
    no_image("a:1 ", "has white space at position 2 of the tag");
    no_version("1.2.3 ", "has white space at position 6 of the version");
    no_url("https://houston.example.com/ v1", "has white space at position 29 of the address");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..quiet() })]

    #[test]
    fn no_text_makes_a_parser_panic(text in texts()) {
        let image = text.parse::<ImageReference>();
        if let Ok(image) = &image {
            prop_assert_eq!(image.to_string(), text.as_str());
            prop_assert_eq!(image.as_str(), text.as_str());
        }
        if let Ok(digest) = text.parse::<Digest>() {
            prop_assert_eq!(digest.as_str(), text.as_str());
        }
        if let Ok(release) = text.parse::<ReleaseName>() {
            prop_assert_eq!(release.as_str(), text.as_str());
        }
        if let Ok(version) = text.parse::<Version>() {
            prop_assert!(version.is_same(&text));
        }
        if let Ok(version) = text.parse::<PlatformVersion>() {
            prop_assert_eq!(version.as_str(), text.as_str());
        }
        if let Ok(endpoint) = Endpoint::at_url(&text) {
            prop_assert!(endpoint.url().contains(endpoint.host()));
        }
        if let Ok(endpoint) = Endpoint::at_base_domain(&text) {
            prop_assert_eq!(endpoint.url(), format!("https://houston.{}/v1", text.to_ascii_lowercase()));
        }
        if let Ok(token) = Token::parse(&text) {
            prop_assert!(text.ends_with(token.header().on_the_wire()));
        }
        let _ = PullSecret::parse(&text);
        let _ = duration::parse(&text);
        let _ = date::parse_http(&text);
        let _ = retry_after(&text, Duration::ZERO);
        let _ = Shard::parse(&text, &Environment::default());
        let _ = redactor(&[&text]).clean(&text);
    }

    #[test]
    fn no_message_can_break_its_line(text in texts()) {
        let environment = Environment::default();
        let whys = [
            text.parse::<ImageReference>().err(),
            text.parse::<ReleaseName>().err(),
            text.parse::<Version>().err(),
            text.parse::<PlatformVersion>().err(),
            Endpoint::at_base_domain(&text).err(),
            Endpoint::at_url(&text).err(),
            duration::parse(&text).err(),
            Shard::parse(&text, &environment).err(),
        ];
        for why in whys.into_iter().flatten() {
            prop_assert!(!why.to_string().contains(|character: char| character.is_control()), "{why:?}");
        }
    }
}
