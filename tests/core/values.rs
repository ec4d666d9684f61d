//! Values: each text that becomes a type of its own, the exact words in which its mistakes are named, and the promise
//! that no text makes a parser panic. Nothing here knows an option or a request.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use houston_deploy::endpoint::Endpoint;
use houston_deploy::foreign::{is_plain_id, is_plain_url, quoted, visible};
use houston_deploy::image::{Digest, ImageReference};
use houston_deploy::inputs::{Environment, Shard};
use houston_deploy::json::Json;
use houston_deploy::malformed::Malformed;
use houston_deploy::release::ReleaseName;
use houston_deploy::retry::retry_after;
use houston_deploy::token::{PullSecret, Redactor, Token, TokenKind};
use houston_deploy::version::{PlatformVersion, Version};
use houston_deploy::{date, duration};
use proptest::prelude::*;
use serde_json::Value;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[track_caller]
fn parsed<T: FromStr<Err = Malformed>>(text: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(why) => panic!("{text:?} {why}"),
    }
}

/// Parses nothing, and says just this.
#[track_caller]
fn refused<T: FromStr<Err = Malformed> + fmt::Debug>(text: &str, why: &str) {
    says(text.parse::<T>(), why);
}

#[track_caller]
fn says<T: fmt::Debug>(result: Result<T, Malformed>, why: &str) {
    assert_eq!(result.expect_err("refused").to_string(), why);
}

/// A test that fails writes no file beside the sources: the failing value is in its output.
fn quiet() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

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

// Images.

#[track_caller]
fn image(text: &str) -> ImageReference {
    parsed(text)
}

#[track_caller]
fn no_image(text: &str, why: &str) {
    refused::<ImageReference>(text, why);
}

/// What a reference is taken apart into: registry, repository, tag.
#[track_caller]
fn parts(text: &str, registry: &str, repository: &str, tag: Option<&str>) {
    let image = image(text);
    assert_eq!((image.registry(), image.repository(), image.tag()), (registry, repository, tag));
}

#[test]
fn a_colon_before_the_last_slash_is_a_port() {
    parts("registry:5000/a/b:1", "registry:5000", "a/b", Some("1"));
    no_image("registry:5000/a/b", "has neither a tag nor a digest");
    // Without a slash it can only be a tag.
    parts("registry:5000", "docker.io", "registry", Some("5000"));
}

#[test]
fn an_image_has_a_tag_or_a_digest_or_both() {
    let both = image(&format!("registry.example.com/acme/airflow:1.4.2@{DIGEST}"));
    assert_eq!((both.tag(), both.digest().map(Digest::as_str)), (Some("1.4.2"), Some(DIGEST)));
    let digest = image(&format!("acme/airflow@{DIGEST}"));
    assert_eq!((digest.tag(), digest.digest().map(Digest::as_str)), (None, Some(DIGEST)));
    assert_eq!(image("acme/airflow:1").digest(), None);
    no_image("registry.example.com/acme/airflow", "has neither a tag nor a digest");
    no_image("airflow", "has neither a tag nor a digest");
}

#[test]
fn an_image_without_a_host_is_one_of_docker_hub() {
    parts("airflow:1", "docker.io", "airflow", Some("1"));
    parts("acme/airflow:1", "docker.io", "acme/airflow", Some("1"));
    parts("docker.io/acme/airflow:1", "docker.io", "acme/airflow", Some("1"));
    parts("localhost/airflow:1", "localhost", "airflow", Some("1"));
    parts("example.com/airflow:1", "example.com", "airflow", Some("1"));
}

#[test]
fn an_image_may_be_at_an_ipv6_host() {
    parts("[::1]:5000/a/b:1", "[::1]:5000", "a/b", Some("1"));
    parts("[2001:db8::1]/a:1", "[2001:db8::1]", "a", Some("1"));
    no_image("[::1/a:1", "has an IPv6 address without a closing bracket");
    no_image("[zz]/a:1", "has \"[zz]\" for a host, which is no IPv6 address");
    no_image("[::1]x/a:1", "has something behind the IPv6 address that is no port");
}

#[test]
fn a_port_is_a_number_that_a_port_can_be() {
    for port in ["1", "65535"] {
        parts(&format!("registry:{port}/a:1"), &format!("registry:{port}"), "a", Some("1"));
    }
    for port in ["", "0", "65536", "+80", "http"] {
        no_image(
            &format!("registry:{port}/a:1"),
            &format!("has \"{port}\" for a port, which must be a number from 1 to 65535"),
        );
    }
}

#[test]
fn an_image_is_no_url() {
    no_image("https://registry.example.com/a:1", "is a URL: leave out \"https://\"");
    no_image("docker://a:1", "is a URL: leave out \"docker://\"");
}

#[test]
fn upper_case_is_named_with_its_position() {
    no_image("Acme/airflow:1", "has upper-case letter 'A' at position 1 of the repository name");
    no_image(
        "registry.example.com/acme/airFlow:1",
        "has upper-case letter 'F' at position 9 of the repository name",
    );
    // A host may be written as one likes.
    parts("Registry.Example.COM/a:1", "Registry.Example.COM", "a", Some("1"));
}

#[test]
fn the_separators_of_a_repository_name_are_dockers() {
    for name in ["a.b", "a_b", "a__b", "a-b", "a-----b", "0", "a/b/c.d-e_f"] {
        parts(&format!("registry.example.com/{name}:1"), "registry.example.com", name, Some("1"));
    }
    for separator in ["..", "___", "._", ".-", "-_", "__."] {
        no_image(&format!("a{separator}b:1"), &format!("has \"{separator}\" inside its repository name"));
    }
    for component in ["-a", "a-", ".a", "_a", "a.", "a__"] {
        no_image(
            &format!("x/{component}/y:1"),
            &format!("has a component \"{component}\" that does not start and end with a letter or digit"),
        );
    }
}

#[test]
fn no_part_of_an_image_is_empty() {
    no_image("", "is empty");
    no_image(&format!("@{DIGEST}"), "has no repository name");
    no_image("registry.example.com/", "has no repository name");
    no_image("/a:1", "has an empty component in its repository name");
    no_image("a//b:1", "has an empty component in its repository name");
    no_image("a:", "has an empty tag");
    no_image(":1", "has unexpected character ':' at position 1 of the repository name");
}

#[test]
fn a_name_has_255_characters_at_most() {
    let host = "registry.example.com/";
    let longest = format!("{host}{}", "a".repeat(255 - host.len()));
    image(&format!("{longest}:1"));
    // Tag and digest do not count.
    image(&format!("{longest}:{}@{DIGEST}", "1".repeat(128)));
    no_image(&format!("{longest}a:1"), "has a host and name of 256 characters, 255 at most");
}

#[test]
fn a_tag_has_128_characters_at_most_and_only_some() {
    assert_eq!(image("a:Az09_.-").tag(), Some("Az09_.-"));
    assert_eq!(image(&format!("a:{}", "t".repeat(128))).tag().map(str::len), Some(128));
    no_image(&format!("a:{}", "t".repeat(129)), "has a tag of 129 characters, 128 at most");
    no_image("a:.1", "has a tag that starts with '.' or '-'");
    no_image("a:-1", "has a tag that starts with '.' or '-'");
    no_image("a:1+2", "has unexpected character '+' at position 2 of the tag");
}

#[test]
fn what_cannot_be_seen_is_shown_by_its_code() {
    no_image("a\u{1b}:1", "has unexpected character '\\u{1b}' at position 2 of the repository name");
    no_image("aé:1", "has unexpected character 'é' at position 2 of the repository name");
    no_image("é\u{202e}:1", "has unexpected character 'é' at position 1 of the repository name");
    no_image("a\u{202e}:1", "has unexpected character '\\u{202e}' at position 2 of the repository name");
}

#[test]
fn white_space_is_shown_where_it_stands() {
    no_image("a:1 ", "has unexpected character ' ' at position 2 of the tag");
    no_version("1.2.3 ", "has unexpected character ' ' at position 6 of the version");
    no_url("https://houston.example.com/ v1", "has unexpected character ' ' at position 29 of the address");
}

#[test]
fn no_message_about_an_image_can_break_its_line() {
    for hostile in ["\u{1b}[31m://x", "host:1\n::error::x/a:1", "[\n::error::]/a:1", "a:\u{202e}/b:1"] {
        let why = hostile.parse::<ImageReference>().expect_err("refused").to_string();
        assert_eq!(visible(&why), why);
    }
}

#[test]
fn pinned_is_the_digest_without_the_tag() {
    let digest: Digest = parsed(DIGEST);
    assert_eq!(image("registry:5000/a/b:1").pinned(&digest), format!("registry:5000/a/b@{DIGEST}"));
    assert_eq!(image("acme/airflow:1").pinned(&digest), format!("acme/airflow@{DIGEST}"));
    let other = DIGEST.replace('0', "f");
    assert_eq!(image(&format!("[::1]/a:1@{other}")).pinned(&digest), format!("[::1]/a@{DIGEST}"));
}

#[test]
fn a_digest_has_the_digits_of_its_algorithm() {
    refused::<Digest>("sha256:", "has a sha256 digest of 0 digits, 64 are needed");
    no_image("a/b@sha256:", "has a sha256 digest of 0 digits, 64 are needed");
    no_image("a/b@sha256:0123", "has a sha256 digest of 4 digits, 64 are needed");
    refused::<Digest>(&format!("{DIGEST}0"), "has a sha256 digest of 65 digits, 64 are needed");
    refused::<Digest>(
        &DIGEST.replace("sha256", "sha512"),
        "has a sha512 digest of 64 digits, 128 are needed",
    );
    let sha512 = format!("sha512:{}", "0".repeat(128));
    assert_eq!(parsed::<Digest>(&sha512).as_str(), sha512);
}

#[test]
fn a_digest_is_of_lower_case_hexadecimal_digits() {
    refused::<Digest>("sha256:0A", "has upper-case letter 'A' at position 2 of the digest");
    refused::<Digest>("sha256:g", "has unexpected character 'g' at position 1 of the digest");
    refused::<Digest>("SHA256:00", "has upper-case letter 'S' at position 1 of the digest's algorithm");
}

#[test]
fn a_digest_may_be_of_another_algorithm() {
    for length in [32, 256] {
        parsed::<Digest>(&format!("sha3+b64:{}", "Zz=_".repeat(length / 4)));
    }
    refused::<Digest>(
        &format!("blake3:{}", "z".repeat(31)),
        "has a digest of 31 characters, between 32 and 256 are needed",
    );
    refused::<Digest>(
        &format!("blake3:{}", "z".repeat(257)),
        "has a digest of 257 characters, between 32 and 256 are needed",
    );
    refused::<Digest>("blake3:a/b", "has unexpected character '/' at position 2 of the digest");
}

#[test]
fn a_digest_has_two_parts() {
    no_image("a@sha256", "has a digest without ':' between algorithm and value");
    no_image("a@", "has a digest without ':' between algorithm and value");
    no_image("a@:00", "has a digest without an algorithm");
}

// Release names.

#[test]
fn a_release_name_has_53_characters_at_most() {
    let longest = "a".repeat(53);
    assert_eq!(parsed::<ReleaseName>(&longest).as_str(), longest);
    refused::<ReleaseName>(&format!("{longest}b"), "has 54 characters, 53 at most");
}

#[test]
fn a_release_name_is_a_label() {
    for name in ["a", "0", "galactic-force-1234", "a--b"] {
        assert_eq!(parsed::<ReleaseName>(name).to_string(), name);
    }
    refused::<ReleaseName>("", "is empty");
    refused::<ReleaseName>("analytics-Dev", "has upper-case letter 'D' at position 11 of the release name");
    refused::<ReleaseName>("a_b", "has unexpected character '_' at position 2 of the release name");
    refused::<ReleaseName>("a.b", "has unexpected character '.' at position 2 of the release name");
    refused::<ReleaseName>("é", "has unexpected character 'é' at position 1 of the release name");
    refused::<ReleaseName>("-a", "does not start and end with a letter or digit");
    refused::<ReleaseName>("a-", "does not start and end with a letter or digit");
    refused::<ReleaseName>("-", "does not start and end with a letter or digit");
}

// Versions.

#[test]
fn a_version_is_kept_as_it_was_written() {
    for text in ["3.0-1", "11.3.0", "2.2.5-4", "2.9.1+astro.3", "2.7.0.1", "2.0.0-rc.1_b", "0.0"] {
        assert_eq!(parsed::<Version>(text).as_str(), text);
    }
}

#[track_caller]
fn no_version(text: &str, why: &str) {
    refused::<Version>(text, why);
    refused::<PlatformVersion>(text, why);
}

#[test]
fn both_kinds_of_version_name_the_same_mistakes() {
    no_version("", "is empty");
    no_version("v1.2.3", "starts with a 'v': leave it out");
    no_version("V1.2.3", "starts with a 'v': leave it out");
    no_version("1.02.3", "has the number 02 with a leading zero");
    no_version("1.2.00", "has the number 00 with a leading zero");
    no_version("1..3", "has an empty number");
    no_version("1.2.", "has an empty number");
    no_version("-rc", "has an empty number");
    no_version("1.2.3-", "ends in an empty suffix");
    no_version("1.2.3-rc+", "ends in an empty suffix");
    no_version("1.2.x", "has unexpected character 'x' at position 5 of the version");
    no_version("1.2.3-rc/1", "has unexpected character '/' at position 4 of the version's suffix");
    no_version("1.2.3.4.5", "has 5 numbers, 4 at most");
    no_version("1.2.4294967296", "has the number 4294967296, which is too large");
    no_version(&format!("1.2.3-{}", "a".repeat(59)), "has 65 characters, 64 at most");
}

#[test]
fn a_version_has_two_numbers_and_a_platform_version_three() {
    refused::<Version>("11", "needs at least a major and a minor number, such as 11.3.0");
    refused::<Version>("11-1", "needs at least a major and a minor number, such as 11.3.0");
    for text in ["1", "0.34", "0.34-1", "1.2.3.4"] {
        refused::<PlatformVersion>(text, "needs three numbers, such as 0.34.1");
    }
}

#[test]
fn a_build_suffix_makes_no_other_version() {
    let version: Version = parsed("2.9.1");
    assert!(version.is_same("2.9.1"));
    assert!(version.is_same("2.9.1+astro.3"));
    assert!(!version.is_same("2.9.10"));
    assert!(!version.is_same("2.9"));
    assert!(!version.is_same("2.9.1-1"));
    assert!(!version.is_same(""));
    let version: Version = parsed("2.9.1+astro.2");
    assert!(version.is_same("2.9.1+astro.3"));
    assert!(version.is_same("2.9.1"));
}

#[test]
fn a_platform_version_has_numbers_and_maybe_a_pre_release() {
    let version: PlatformVersion = parsed("0.34.1");
    assert_eq!((version.numbers(), version.is_pre_release()), ((0, 34, 1), false));
    let version: PlatformVersion = parsed("2.1.0-rc.1");
    assert_eq!((version.numbers(), version.is_pre_release()), ((2, 1, 0), true));
    assert_eq!(version.to_string(), "2.1.0-rc.1");
    let version: PlatformVersion = parsed("2.1.0+build-7");
    assert_eq!((version.numbers(), version.is_pre_release()), ((2, 1, 0), false));
}

// Endpoints.

#[track_caller]
fn no_domain(text: &str, why: &str) {
    says(Endpoint::at_base_domain(text), why);
}

#[track_caller]
fn no_url(text: &str, why: &str) {
    says(Endpoint::at_url(text), why);
}

/// The Airflow of the release `dev`, which shows whether the endpoint knows a base domain, and which.
fn airflow(endpoint: &Endpoint) -> Option<String> {
    endpoint.airflow_url(&parsed("dev"))
}

#[test]
fn a_base_domain_leads_to_houston_and_to_airflow() {
    let endpoint = Endpoint::at_base_domain("Astro.Example.com").expect("a domain");
    assert_eq!(endpoint.url(), "https://houston.astro.example.com/v1");
    assert_eq!(endpoint.host(), "houston.astro.example.com");
    assert_eq!(endpoint.to_string(), endpoint.url());
    assert_eq!(airflow(&endpoint).as_deref(), Some("https://deployments.astro.example.com/dev/airflow"));
}

#[test]
fn a_base_domain_is_a_domain_alone() {
    no_domain("", "is empty");
    no_domain("https://astro.example.com", "is a URL: leave out \"https://\"");
    no_domain("astro.example.com/v1", "has a path: give the domain alone");
    no_domain("astro.example.com/", "has a path: give the domain alone");
    no_domain("astro.example.com:443", "has a port: give the domain alone, or all of `houston-url` instead");
    let address = "is an IP address: a base domain is a name, such as astro.example.com";
    for text in ["::1", "[::1]", "[2001:db8::1]:443", "2001:db8::1", "10.0.0.1", "127.0.0.1"] {
        no_domain(text, address);
    }
    no_domain("astro<example.com", "has unexpected character '<' at position 6 of the address");
    no_domain("astro.exämple.com", "has unexpected character 'ä' at position 9 of the address");
    no_domain("astro_1.example.com", "has unexpected character '_' at position 6 of the host");
    no_domain("user@example.com", "has unexpected character '@' at position 5 of the host");
    no_domain("astro..com", "has the label \"\" in its host, which no host name may have");
    no_domain("-a.com", "has the label \"-a\" in its host, which no host name may have");
    no_domain("a-.com", "has the label \"a-\" in its host, which no host name may have");
    let label = "a".repeat(64);
    no_domain(
        &format!("{label}.com"),
        &format!("has the label \"{label}\" in its host, which no host name may have"),
    );
    no_domain(&"a.".repeat(127), "has a host of 254 characters, 253 at most");
    no_domain(&"a".repeat(1025), "has 1025 characters, 1024 at most");
}

#[test]
fn a_url_is_kept_with_its_host_in_lower_case() {
    let endpoint = Endpoint::at_url("https://Houston.Example.COM:8443/V1/x").expect("a URL");
    assert_eq!(endpoint.url(), "https://houston.example.com:8443/V1/x");
    assert_eq!(endpoint.host(), "houston.example.com");
    assert_eq!(Endpoint::at_url("https://h.example.com").expect("a URL").url(), "https://h.example.com/");
    let endpoint = Endpoint::at_url("https://[2001:db8::1]:8443/v1").expect("a URL");
    assert_eq!((endpoint.url(), endpoint.host()), ("https://[2001:db8::1]:8443/v1", "2001:db8::1"));
}

#[test]
fn only_a_loopback_host_is_spoken_to_without_tls() {
    for host in ["localhost", "LOCALHOST", "localhost:4000", "127.0.0.1:4000", "127.1.2.3", "[::1]:4000"] {
        assert!(Endpoint::at_url(&format!("http://{host}/v1")).is_ok(), "{host}");
    }
    for host in [
        "houston.example.com",
        "localhost.example.com",
        "127.example.com",
        "127.0.0.1.example.com",
        "10.0.0.1",
        "[::2]",
        "[::ffff:10.0.0.1]",
        "0.0.0.0",
    ] {
        no_url(
            &format!("http://{host}/v1"),
            "would send the token unprotected: use https:// (http:// is for loopback)",
        );
    }
}

#[test]
fn a_url_has_nothing_but_host_port_and_path() {
    no_url("", "is empty");
    no_url("houston.example.com/v1", "is no URL: it needs the form https://houston.<base-domain>/v1");
    no_url(
        "https://user@houston.example.com/v1",
        "has a user name or password in it: credentials go into `token`",
    );
    no_url(
        "https://houston.example.com@evil.example/v1",
        "has a user name or password in it: credentials go into `token`",
    );
    no_url("https://houston.example.com/v1?x=1", "has a query or fragment: leave it out");
    no_url("https://houston.example.com/v1#x", "has a query or fragment: leave it out");
    no_url("https://houston.example.com?x", "has a query or fragment: leave it out");
    no_url("ftp://houston.example.com/v1", "has a scheme other than https://");
    no_url("https:///v1", "has no host");
    no_url("https://:443/v1", "has no host");
    no_url(
        "https://houston.example.com:0/v1",
        "has \"0\" for a port, which must be a number from 1 to 65535",
    );
    no_url(
        "https://houston.example.com\\@evil.example/v1",
        "has unexpected character '\\' at position 28 of the address",
    );
    no_url("https://::1/v1", "has no host");
    no_url("https://[::1/v1", "has an IPv6 address without a closing bracket");
}

#[test]
fn a_url_shows_a_base_domain_only_behind_houston_and_of_two_labels() {
    let at = |url: &str| airflow(&Endpoint::at_url(url).expect("a URL"));
    let known = |domain: &str| Some(format!("https://deployments.{domain}/dev/airflow"));
    assert_eq!(at("https://houston.example.com/v1"), known("example.com"));
    assert_eq!(at("https://HOUSTON.astro.Example.com:8443/v1"), known("astro.example.com"));
    // Otherwise a token would be shown to whoever owns deployments.com.
    assert_eq!(at("https://houston.com/v1"), None);
    assert_eq!(at("https://api.example.com/v1"), None);
    assert_eq!(at("https://houston-2.example.com/v1"), None);
    assert_eq!(at("https://my.houston.example.com/v1"), None);
    assert_eq!(at("https://houston/v1"), None);
    assert_eq!(at("http://127.0.0.1:4000/v1"), None);
}

#[test]
fn an_address_that_is_none_is_refused() {
    for host in ["127.evil.example.1", "127.0.0.1.2", "127.0.0.256", "[:::::]", "[1:2]"] {
        assert!(Endpoint::at_url(&format!("http://{host}/v1")).is_err(), "{host}");
    }
}

// Tokens.

const KEY: &str = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry32";

#[track_caller]
fn no_token(text: &str, why: &str) {
    says(Token::parse(text), why);
}

#[track_caller]
fn on_the_wire(text: &str) -> String {
    Token::parse(text).expect("a token").header().on_the_wire().to_owned()
}

fn jwt(payload: &str) -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(payload))
}

#[track_caller]
fn kind(text: &str) -> TokenKind {
    Token::parse(text).expect("a token").kind()
}

#[test]
fn a_leading_bearer_is_cut_off_once() {
    for scheme in ["", "Bearer ", "bearer ", "BEARER "] {
        assert_eq!(on_the_wire(&format!("{scheme}{KEY}")), KEY);
    }
    no_token("Bearer Bearer abcd", "has white space at position 7 of 11");
    assert_eq!(on_the_wire("Bearer-abcd"), "Bearer-abcd");
    no_token("Bearer ", "is empty");
}

#[test]
fn a_token_that_cannot_be_a_header_is_described_and_not_shown() {
    no_token("", "is empty");
    no_token("abcd\nefgh", "has a line break at position 5 of 9");
    no_token("abcd\r\n", "has a line break at position 5 of 6");
    no_token("abcd efgh", "has white space at position 5 of 9");
    no_token(" abcd", "has white space at position 1 of 5");
    no_token("ab\tcd", "has white space at position 3 of 5");
    no_token("abcdéf", "has a character that no token has at position 5 of 6");
    no_token("ééa", "has a character that no token has at position 1 of 3");
    no_token("abcd\u{0}", "has a character that no token has at position 5 of 5");
    no_token("abcd\u{7f}", "has a character that no token has at position 5 of 5");
}

#[test]
fn a_token_has_4_to_8192_characters() {
    assert_eq!(on_the_wire("abcd"), "abcd");
    assert_eq!(on_the_wire(&"x".repeat(8192)).len(), 8192);
    no_token("abc", "has 3 characters; 4 to 8192 are possible");
    no_token(&"x".repeat(8193), "has 8193 characters; 4 to 8192 are possible");
}

#[test]
fn a_token_of_three_parts_with_claims_is_a_users() {
    let seconds = |seconds| TokenKind::User { expires: Some(Duration::from_secs(seconds)) };
    assert_eq!(kind(&jwt(r#"{"exp":1795464000}"#)), seconds(1_795_464_000));
    assert_eq!(kind(&format!("Bearer {}", jwt(r#"{"exp":1}"#))), seconds(1));
    assert_eq!(kind(&jwt("{}")), TokenKind::User { expires: None });
    assert_eq!(kind(&jwt(r#"{"exp":"soon"}"#)), TokenKind::User { expires: None });
}

#[test]
fn any_other_token_is_a_service_accounts_key() {
    for text in [KEY, "abc.def.ghi", "a.b.c.d", "..ab", &jwt("[1]"), &jwt("no json"), "astro.key"] {
        assert_eq!(kind(text), TokenKind::ServiceAccountKey, "{text}");
    }
}

#[test]
fn the_end_of_a_token_may_be_a_fraction() {
    let expires = Some(Duration::from_secs(1_700_000_000));
    assert_eq!(kind(&jwt(r#"{"exp":1700000000.5}"#)), TokenKind::User { expires });
}

#[test]
fn a_token_is_shown_as_three_stars() {
    let token = Token::parse(KEY).expect("a token");
    assert_eq!(token.header().shown(), "***");
    assert_eq!(format!("{:?}", token.header()), "Sensitive(***)");
    assert_eq!(format!("{token:?}"), "Token { secret: ***, kind: ServiceAccountKey }");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn no_error_shows_a_token(text in "[A-Z0-9]{6,40}", bad in "[\n\t é\u{0}]", tail in "[A-Z0-9]{6,40}") {
        let why = Token::parse(&format!("{text}{bad}{tail}")).expect_err("refused");
        let shown = format!("{why} {why:?}");
        prop_assert!(!shown.contains(&text) && !shown.contains(&tail), "shown");
    }

    #[test]
    fn the_end_of_a_token_is_read_from_any_claims(exp: u64, subject: String, padded: bool) {
        let payload = serde_json::json!({ "sub": subject, "exp": exp }).to_string();
        let payload = if padded { URL_SAFE.encode(payload) } else { STANDARD_NO_PAD.encode(payload) };
        let text = format!("a.{payload}.c");
        prop_assume!(text.len() <= 8192);
        prop_assert_eq!(kind(&text), TokenKind::User { expires: Some(Duration::from_secs(exp)) });
    }
}

// Pull secrets.

#[track_caller]
fn no_pull_secret(text: &str, why: &str) {
    says(PullSecret::parse(text), why);
}

/// A redactor that knows the values of this pull secret.
#[track_caller]
fn knows(text: &str) -> Redactor {
    let mut redactor = Redactor::default();
    redactor.add_pull_secret(&PullSecret::parse(text).expect("a pull secret"));
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
        prop_assert_eq!(redactor.clean(&format!("\n{password}\n")).into_owned(), "\n***\n");
    }
}

// Redaction.

fn redactor(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    for secret in secrets {
        redactor.add_text(secret);
    }
    redactor
}

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
fn a_runner_is_given_each_line_once() {
    let redactor = redactor(&["-----BEGIN-----\r\n  line one \nabc\n\nline one\n"]);
    let mut lines = redactor.lines().to_vec();
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
            let cleaned = redactor.clean(&format!("\n{form}\n")).into_owned();
            prop_assert!(!cleaned.contains(&form) || form.chars().all(|character| character == '*'), "{cleaned:?}");
        }
        // With padding, only the padding is left.
        let padded = redactor.clean(&STANDARD.encode(&secret)).into_owned();
        prop_assert_eq!(padded.trim_end_matches('='), "***");
    }

    #[test]
    fn no_part_of_several_secrets_is_left(secrets in prop::collection::vec("[ab]{4,9}", 1..6)) {
        let redactor = redactor(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        for secret in &secrets {
            prop_assert_eq!(redactor.clean(&format!("<{secret}>")).into_owned(), "<***>");
        }
    }
}

// Durations.

#[track_caller]
fn no_duration(text: &str, why: &str) {
    says(duration::parse(text), why);
}

#[test]
fn a_duration_is_a_whole_number_and_a_unit() {
    let parsed = |text: &str| duration::parse(text).expect("a duration");
    assert_eq!(parsed("500ms"), Duration::from_millis(500));
    assert_eq!(parsed("30s"), Duration::from_secs(30));
    assert_eq!(parsed("10m"), Duration::from_mins(10));
    assert_eq!(parsed("1h"), Duration::from_hours(1));
    assert_eq!(parsed("024h"), Duration::from_hours(24));
    assert_eq!(parsed("86400s"), Duration::from_hours(24));
}

#[test]
fn nothing_else_is_a_duration() {
    let form = "is no duration: it needs a whole number and ms, s, m or h, such as 30s";
    for text in ["", "30", "1.5s", "-1s", "+1s", " 1s", "1s ", "1 s", "1d", "1S", "1m30s", "soon", "١s"] {
        no_duration(text, form);
    }
    for text in ["ms", "s", "h"] {
        no_duration(text, "is no duration: it starts with no number");
    }
    for text in ["0s", "0ms", "00h"] {
        no_duration(text, "is zero");
    }
    for text in ["25h", "86401s", "86400001ms", "99999999999999999999h", "18446744073709551615h"] {
        no_duration(text, "is longer than 24h");
    }
}

#[test]
fn a_duration_is_shown_as_people_say_it() {
    for (milliseconds, shown) in [
        (0, "0 ms"),
        (350, "350 ms"),
        (999, "999 ms"),
        (1000, "1 s"),
        (1049, "1 s"),
        (1050, "1.0 s"),
        (8121, "8.1 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min"),
        (60_999, "1 min"),
        (125_000, "2 min 5 s"),
        (3_599_999, "59 min 59 s"),
        (3_600_000, "1 h"),
        (3_659_999, "1 h"),
        (3_780_000, "1 h 3 min"),
        (86_400_000, "24 h"),
    ] {
        assert_eq!(duration::shown(Duration::from_millis(milliseconds)), shown, "{milliseconds} ms");
    }
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn a_duration_up_to_a_day_is_understood(milliseconds in 1_u64..=86_400_000) {
        let duration = Duration::from_millis(milliseconds);
        prop_assert_eq!(duration::parse(&format!("{milliseconds}ms")), Ok(duration));
    }
}

// Dates and `Retry-After`.

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

fn http_date(seconds: u64) -> String {
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[test]
fn an_http_date_is_read() {
    let read = |text: &str| date::parse_http(text).map(|time| time.as_secs());
    assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    assert_eq!(read("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(read("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
    assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LAST));
    // A leap second is a second.
    assert_eq!(read("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_800));
}

#[test]
fn nothing_else_is_an_http_date() {
    for text in [
        "",
        "soon",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 06 Nov 10000 08:49:37 GMT",
        "Sun, 06 Nov -1 08:49:37 GMT",
        "Sun, 06 Nov 18446744073709551616 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
    ] {
        assert_eq!(date::parse_http(text), None, "{text}");
    }
}

#[test]
fn a_moment_is_shown_to_the_minute() {
    let shown = |seconds| date::shown(Duration::from_secs(seconds));
    assert_eq!(shown(0), "1970-01-01 00:00 UTC");
    assert_eq!(shown(784_111_777), "1994-11-06 08:49 UTC");
    assert_eq!(shown(951_782_400), "2000-02-29 00:00 UTC");
    assert_eq!(shown(4_107_542_400), "2100-03-01 00:00 UTC");
    assert_eq!(shown(1_735_689_599), "2024-12-31 23:59 UTC");
    assert_eq!(shown(1_795_464_000), "2026-11-23 20:00 UTC");
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn dates_are_those_of_another_crate(seconds in prop_oneof![0..=LAST, 0_u64..4_200_000_000]) {
        let text = http_date(seconds);
        prop_assert_eq!(date::parse_http(&text), Some(Duration::from_secs(seconds)));
        // "Sun, 06 Nov 1994 08:49:37 GMT"
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = months.iter().position(|name| *name == &text[8..11]).expect("a month") + 1;
        let shown = format!("{}-{month:02}-{} {} UTC", &text[12..16], &text[5..7], &text[17..22]);
        prop_assert_eq!(date::shown(Duration::from_secs(seconds)), shown);
    }
}

/// What `Retry-After` says at 08:49:37 on 6 November 1994.
fn wish(value: &str) -> Option<u64> {
    retry_after(value, Duration::from_secs(784_111_777)).map(|wish| wish.as_secs())
}

const YEAR: u64 = 365 * 24 * 60 * 60;

#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(wish("0"), Some(0));
    assert_eq!(wish(" 120 "), Some(120));
    assert_eq!(wish("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
    assert_eq!(wish("Mon, 07 Nov 1994 08:49:37 GMT"), Some(86400));
    // A moment that is over asks for no wait.
    assert_eq!(wish("Sun, 06 Nov 1994 08:49:36 GMT"), Some(0));
}

#[test]
fn retry_after_is_a_year_at_most() {
    assert_eq!(wish("31536001"), Some(YEAR));
    assert_eq!(wish("99999999999999999999999"), Some(YEAR));
    assert_eq!(wish("Fri, 31 Dec 9999 23:59:59 GMT"), Some(YEAR));
}

#[test]
fn a_retry_after_that_is_neither_is_none() {
    for value in ["", " ", "soon", "-5", "+5", "1.5", "1e3", "1 2", "0x10", "120s", "٣"] {
        assert_eq!(wish(value), None, "{value}");
    }
}

// JSON.

/// Writes a value with the crate's own writer.
fn write(json: &mut Json, value: &Value) {
    match value {
        Value::Null => _ = json.raw("null"),
        Value::Bool(true) => _ = json.raw("true"),
        Value::Bool(false) => _ = json.raw("false"),
        Value::Number(number) => _ = json.raw(&number.to_string()),
        Value::String(text) => _ = json.string(text),
        Value::Array(items) => {
            json.open('[');
            for item in items {
                write(json, item);
            }
            json.close(']');
        }
        Value::Object(entries) => {
            json.open('{');
            for (key, value) in entries {
                match value {
                    Value::Bool(value) => _ = json.boolean(key, *value),
                    Value::Null => _ = json.optional(key, None),
                    Value::String(text) => _ = json.field(key, text),
                    Value::Number(number) => _ = json.number(key, number.as_u64().expect("unsigned")),
                    Value::Array(_) | Value::Object(_) => write(json.key(key), value),
                }
            }
            json.close('}');
        }
    }
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\u{0}-\u{20}\"\\\\/\u{7f}\u{2028}é😀]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn what_is_written_is_read_back_as_the_same(value in json_values()) {
        let mut json = Json::default();
        write(&mut json, &value);
        let text = json.into_text();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(read, value);
    }
}

#[test]
fn a_text_is_cleaned_before_it_is_escaped_and_a_word_is_not() {
    let mut json = Json::cleaned(&redactor(&["s3cr3t\"x"]));
    json.open('{')
        .field("a", "s3cr3t\"x")
        .optional("b", Some("<s3cr3t\"x>"))
        .key("c")
        .word("s3cr3t\"x")
        .close('}');
    assert_eq!(json.into_text(), r#"{"a":"***","b":"<***>","c":"s3cr3t\"x"}"#);
}

#[test]
fn commas_stand_between_values_and_nowhere_else() {
    let mut json = Json::default();
    json.open('[').open('{').close('}').open('[').close(']').raw("1").string("").open('{');
    json.number("a", 0)
        .boolean("b", true)
        .optional("c", None)
        .key("d")
        .open('[')
        .close(']')
        .close('}')
        .close(']');
    assert_eq!(json.into_text(), r#"[{},[],1,"",{"a":0,"b":true,"c":null,"d":[]}]"#);
}

// Foreign text.

#[test]
fn what_could_act_in_a_log_is_shown() {
    for (foreign, shown) in [
        ("  plain text ", "plain text"),
        ("two\nlines\r\nand\ttab", "two lines  and tab"),
        ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"),
        ("\u{9b}31m", "\\u{9b}31m"),
        (
            "a\u{202e}b\u{2066}c\u{feff}d\u{200b}e\u{61c}f\u{2029}g",
            "a\\u{202e}b\\u{2066}c\\u{feff}d\\u{200b}e\\u{61c}f\\u{2029}g",
        ),
        ("##[error]x ##[group]y", "## [error]x ## [group]y"),
        ("###[x", "### [x"),
        ("::error::x", ": :error::x"),
        ("\n ::error::x", ": :error::x"),
        (":::x", ": ::x"),
        (":", ":"),
        ("a::b", "a::b"),
        ("::", ": :"),
        ("é😀", "é😀"),
        ("", ""),
    ] {
        assert_eq!(visible(foreign), shown, "{foreign:?}");
    }
    assert_eq!(quoted("a\n\"b\""), "\"a \"b\"\"");
}

#[test]
fn a_foreign_text_is_cut_at_400_characters() {
    let text = "é".repeat(400);
    assert_eq!(visible(&text), text);
    assert_eq!(visible(&format!("{text}é")), format!("{text}…"));
}

/// The marks of the Unicode bidirectional algorithm, the line and paragraph separators, and the byte order mark.
const STEERING: [char; 15] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

proptest! {
    #![proptest_config(quiet())]

    #[test]
    fn nothing_foreign_acts(text in prop_oneof![any::<String>(), "[#:\\[ \n\u{1b}\u{202e}x]{0,30}"]) {
        let shown = visible(&text);
        prop_assert!(!shown.contains("##["));
        prop_assert!(!shown.starts_with("::"));
        prop_assert!(!shown.contains(|character: char| character.is_control()));
        prop_assert_eq!(shown.find(STEERING), None);
        // It may pass twice, since messages are made of messages.
        prop_assert_eq!(visible(&shown), shown.trim());
    }
}

#[test]
fn an_id_that_a_shell_may_see() {
    for id in ["ck1", "A-b_9", &"x".repeat(128)] {
        assert!(is_plain_id(id), "{id}");
    }
    for id in ["", "a b", "a$b", "a\nb", "é", "a.b", &"x".repeat(129)] {
        assert!(!is_plain_id(id), "{id}");
    }
}

#[test]
fn an_address_that_a_shell_may_see() {
    for url in ["https://a.example/dev/airflow", "http://127.0.0.1:8080/?a=b&c=%20#x~", "https://[::1]/"] {
        assert!(is_plain_url(url), "{url}");
    }
    for bad in "\"'`$\\<>(){}|; \n\u{7f}é".chars() {
        assert!(!is_plain_url(&format!("https://a.example/{bad}")), "{bad:?}");
    }
    for url in ["", "ftp://a.example", "javascript:https://", "HTTPS://a.example", "//a.example"] {
        assert!(!is_plain_url(url), "{url}");
    }
    assert!(is_plain_url(&format!("https://{}", "a".repeat(1016))));
    assert!(!is_plain_url(&format!("https://{}", "a".repeat(1017))));
}

// Any text.

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
    fn an_image_is_put_together_from_its_parts(
        registry in prop::option::of("([a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\\.){1,3}[a-z]{2,6}(:[1-9][0-9]{0,3})?"),
        // Without a registry, a first component with a dot in it would be one.
        name in "[a-z]{1,5}(/[a-z0-9]{1,9}((\\.|_|__|-{1,3})[a-z0-9]{1,9}){0,3}){0,3}",
        (tag, digest) in prop_oneof![
            ("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}").prop_map(|tag| (Some(tag), None)),
            ("sha256:[0-9a-f]{64}").prop_map(|digest| (None, Some(digest))),
            ("[A-Za-z0-9_]{1,128}", "sha512:[0-9a-f]{128}").prop_map(|(tag, digest)| (Some(tag), Some(digest))),
        ],
    ) {
        let mut text = registry.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
        text += &name;
        text += &tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        text += &digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
        let image = image(&text);
        prop_assert_eq!(image.registry(), registry.as_deref().unwrap_or("docker.io"));
        prop_assert_eq!(image.repository(), name);
        prop_assert_eq!(image.tag(), tag.as_deref());
        prop_assert_eq!(image.digest().map(Digest::to_string), digest);
        prop_assert_eq!(image.to_string(), text);
    }

    #[test]
    fn every_release_name_of_the_grammar_is_one(name in "[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?") {
        prop_assert_eq!(parsed::<ReleaseName>(&name).to_string(), name);
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
