//! References beside another parser: `oci-spec` takes them apart by one regular expression and docker's rules for
//! names without a host. Both must agree, but for the kinds of disagreement below, each with its reason; none of
//! them is here without an example.

use std::net::Ipv4Addr;

use houston_deploy::image::{Digest, ImageReference};
use oci_spec::distribution::Reference;
use proptest::prelude::*;

use super::quiet;

/// Registry, repository, tag, digest; none where the text is refused.
type Parts = Option<Found>;

type Found = (String, String, Option<String>, Option<String>);

/// Why the two may disagree about a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// We: `docker.io` as it was written, since Houston is sent just that. They: the name that Docker Hub's API has,
    /// with `library/` before a single word, and without `index.`.
    DockerHub,
    /// They: a reference without tag and digest means `latest`. We: nobody deploys that by an oversight.
    NeitherTagNorDigest,
    /// They: a port is any digits. We: a number from 1 to 65535, since nothing can be asked at another.
    NoPort,
    /// They: a first component with a dot is a host, even with `_` in it. No host name has that.
    UnderscoreInHost,
    /// They: any labels. We: a host that ends in a number is an IPv4 address or nothing (WHATWG URL, section 3.5),
    /// and one without leading zeros, which some take for octal.
    NumberAsHost,
    /// They: a label of any length. We: 63 characters at most (RFC 1123).
    LongLabel,
    /// They: upper case passes in a first component that could have been a host, and is a repository in the end.
    /// The specification has no such names, and no registry takes them.
    UpperCaseName,
    /// They: `\w` of a regular expression over Unicode. The specification has ASCII.
    TagBeyondAscii,
    /// They: hexadecimal digits of both cases. The specification has lower case, and registries compare bytes.
    UpperCaseDigest,
    /// They: 255 characters for the name. We: for host and name together, as docker's client has it.
    LongWithHost,
    /// They: 255 characters with the `library/` that they put before it. We: as it was written.
    LongWithLibrary,
    /// They: no IPv6 hosts. Docker's grammar has them, in brackets.
    Ipv6,
    /// They: `sha256`, `sha384` and `sha512`. The specification leaves the list open.
    OtherAlgorithm,
}

const ZEROS: &str = "00000000000000000000000000000000";

fn ours(text: &str) -> Parts {
    let image: ImageReference = text.parse().ok()?;
    Some((
        image.registry().to_owned(),
        image.repository().to_owned(),
        image.tag().map(str::to_owned),
        image.digest().map(Digest::to_string),
    ))
}

fn theirs(text: &str) -> Parts {
    let image: Reference = text.parse().ok()?;
    Some((
        image.registry().to_owned(),
        image.repository().to_owned(),
        image.tag().map(str::to_owned),
        image.digest().map(str::to_owned),
    ))
}

/// As `oci-spec` has the names of Docker Hub.
fn at_docker_hub(parts: Parts) -> Parts {
    let (registry, repository, tag, digest) = parts?;
    if registry != "docker.io" && registry != "index.docker.io" {
        return Some((registry, repository, tag, digest));
    }
    let repository = if repository.contains('/') { repository } else { ["library/", &repository].concat() };
    Some(("docker.io".to_owned(), repository, tag, digest))
}

/// Whether the two agree about a text, and if not, why that is right; an error where there is no reason.
fn compare(text: &str) -> Result<Option<Reason>, String> {
    let (our, their) = (ours(text), theirs(text));
    if our == their {
        return Ok(None);
    }
    if our.is_some() && at_docker_hub(our.clone()) == their {
        return Ok(Some(Reason::DockerHub));
    }
    let reason = match (&our, &their) {
        (None, Some(parts)) => too_strict(text, parts),
        (Some(parts), None) => too_lax(parts),
        _ => None,
    };
    reason.map(Some).ok_or_else(|| format!("no reason: {text:?} is {our:?}, and by oci-spec {their:?}"))
}

/// Why we refuse what they take apart.
fn too_strict(text: &str, parts: &Found) -> Option<Reason> {
    let (registry, repository, tag, digest) = parts;
    let is_upper = |text: &str| text.chars().any(|letter| letter.is_ascii_uppercase());
    let (host, port) =
        registry.split_once(':').map_or((registry.as_str(), None), |(host, port)| (host, Some(port)));
    let labels: Vec<&str> = host.split('.').collect();
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let is_ipv4 = host.parse::<Ipv4Addr>().is_ok();
    let name = text.split('@').next().unwrap_or_default();
    let has_tag = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    let reasons = [
        (Reason::NeitherTagNorDigest, !has_tag && digest.is_none()),
        (Reason::NoPort, port.is_some_and(|port| !port.parse::<u16>().is_ok_and(|port| port > 0))),
        (Reason::UnderscoreInHost, host.contains('_')),
        (Reason::NumberAsHost, labels.last().is_some_and(|label| is_number(label)) && !is_ipv4),
        (Reason::LongLabel, labels.iter().any(|label| label.len() > 63)),
        (Reason::UpperCaseName, is_upper(repository)),
        (Reason::TagBeyondAscii, tag.as_ref().is_some_and(|tag| !tag.is_ascii())),
        (Reason::UpperCaseDigest, digest.as_ref().is_some_and(|digest| is_upper(digest))),
        (Reason::LongWithHost, registry.len() + 1 + repository.len() > 255),
    ];
    reasons.into_iter().find_map(|(reason, holds)| holds.then_some(reason))
}

/// Why we take apart what they refuse.
fn too_lax(parts: &Found) -> Option<Reason> {
    let (registry, repository, _, digest) = parts;
    if registry.starts_with('[') {
        return Some(Reason::Ipv6);
    }
    if !repository.contains('/') && repository.len() + "library/".len() > 255 {
        return Some(Reason::LongWithLibrary);
    }
    let algorithm = digest.as_ref()?.split(':').next()?;
    (algorithm != "sha256" && algorithm != "sha512").then_some(Reason::OtherAlgorithm)
}

#[test]
fn each_reason_has_an_example() {
    let long = "a".repeat(64);
    let upper = format!("sha256:{}", "A".repeat(64));
    let rows = [
        ("airflow:1".to_owned(), Reason::DockerHub),
        ("index.docker.io/acme/airflow:1".to_owned(), Reason::DockerHub),
        ("registry.example.com/acme/airflow".to_owned(), Reason::NeitherTagNorDigest),
        ("registry:5000/acme/airflow".to_owned(), Reason::NeitherTagNorDigest),
        ("registry:0/a:1".to_owned(), Reason::NoPort),
        ("registry:65536/a:1".to_owned(), Reason::NoPort),
        ("my_registry.example/a:1".to_owned(), Reason::UnderscoreInHost),
        ("10.0.0.256/a:1".to_owned(), Reason::NumberAsHost),
        ("10.0.0.01/a:1".to_owned(), Reason::NumberAsHost),
        ("registry.5/a:1".to_owned(), Reason::NumberAsHost),
        (format!("{long}.example/a:1"), Reason::LongLabel),
        ("Acme/airflow:1".to_owned(), Reason::UpperCaseName),
        ("LOCALHOST/airflow:1".to_owned(), Reason::UpperCaseName),
        ("a/b:é".to_owned(), Reason::TagBeyondAscii),
        (format!("a/b@{upper}"), Reason::UpperCaseDigest),
        (format!("registry.example/{}:1", "a".repeat(240)), Reason::LongWithHost),
        (format!("{}:1", "a".repeat(248)), Reason::LongWithLibrary),
        ("[::1]:5000/a:1".to_owned(), Reason::Ipv6),
        (format!("a/b@blake3:{ZEROS}"), Reason::OtherAlgorithm),
        (format!("a/b@sha384:{ZEROS}"), Reason::OtherAlgorithm),
    ];
    for (text, reason) in rows {
        assert_eq!(compare(&text), Ok(Some(reason)), "{text}");
    }
}

#[test]
fn the_usual_is_the_same_for_both() {
    for text in [
        "registry.example.com/acme/airflow:1.4.2",
        "registry:5000/a/b:1",
        "localhost/a:1",
        "127.0.0.1:5000/acme/airflow:1.4.2",
        "acme/airflow:1",
        "ghcr.io/a/b/c.d__e---f:v1_x-",
    ] {
        assert!(ours(text).is_some(), "{text}");
        assert_eq!(compare(text), Ok(None), "{text}");
    }
}

/// References of every form, and what is nearly one: each part is good more often than not.
fn references() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        3 => Just(String::new()),
        4 => "([a-zA-Z0-9]([a-z0-9-]{0,5}[a-z0-9])?\\.){1,3}[a-z]{2,4}(:[0-9]{1,5})?/",
        1 => "(localhost|LOCALHOST|registry|docker\\.io|index\\.docker\\.io|-a|a-|a_b\\.c)(:[0-9]{0,6})?/",
        1 => "([0-9]{1,3}\\.){1,4}[0-9]{1,3}(:[0-9]{1,5})?/",
        1 => "\\[[0-9a-f:]{0,9}\\](:[0-9]{1,5})?/",
        1 => "[a-z]{60,66}\\.example/",
    ];
    let name = prop_oneof![
        6 => "[a-z0-9]{1,6}((\\.|_|__|-{1,3}|/)[a-z0-9]{1,6}){0,5}",
        2 => "[a-zA-Z0-9._/-]{0,12}",
        1 => "[a-z]{200,256}",
    ];
    let tag = prop_oneof![
        2 => Just(String::new()),
        5 => ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}",
        1 => ":[A-Za-z0-9_.+é-]{0,5}",
        1 => ":[a-z0-9]{126,130}",
    ];
    let digest = prop_oneof![
        5 => Just(String::new()),
        3 => "@sha256:[0-9a-f]{64}",
        1 => "@sha(256:[0-9a-f]{63,65}|384:[0-9a-f]{95,97}|512:[0-9a-f]{127,129}|1:[0-9a-f]{40})",
        1 => "@[a-zA-Z0-9]{1,4}[+._-]?[a-z0-9]{0,4}:[0-9a-fA-F]{30,70}",
        1 => "@sha256:[0-9a-fA-F]{64}",
    ];
    (host, name, tag, digest).prop_map(|(host, name, tag, digest)| [host, name, tag, digest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..quiet() })]

    #[test]
    fn both_agree_or_there_is_a_reason(text in references()) {
        let compared = compare(&text);
        prop_assert!(compared.is_ok(), "{compared:?}");
    }
}
