//! Images: what a reference and a digest are taken apart into, and what makes them none.

use houston_deploy::foreign::visible;
use houston_deploy::image::{Digest, ImageReference};
use proptest::prelude::*;

use super::{parsed, quiet, refused};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[track_caller]
fn image(text: &str) -> ImageReference {
    parsed(text)
}

#[track_caller]
pub(super) fn no_image(text: &str, why: &str) {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..quiet() })]

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
}
