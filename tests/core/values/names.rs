//! Release names and versions, Houston's own among them.

use houston_deploy::release::ReleaseName;
use houston_deploy::version::{PlatformVersion, Version};
use proptest::prelude::*;

use super::{parsed, quiet, refused};

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..quiet() })]

    #[test]
    fn every_release_name_of_the_grammar_is_one(name in "[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?") {
        prop_assert_eq!(parsed::<ReleaseName>(&name).to_string(), name);
    }
}

// Versions.

#[test]
fn a_version_is_kept_as_it_was_written() {
    for text in ["3.0-1", "11.3.0", "2.2.5-4", "2.9.1+astro.3", "2.7.0.1", "2.0.0-rc.1_b", "0.0"] {
        assert_eq!(parsed::<Version>(text).as_str(), text);
    }
}

#[track_caller]
pub(super) fn no_version(text: &str, why: &str) {
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
