//! Manifests, indexes, configs and labels: which image of an index is taken, for whom it is, and which versions are in
//! it.

use houston_deploy::image::Digest;
use houston_deploy::registry::{Labels, Manifest, Platform, read_config, read_manifest};
use serde_json::{Value, json};

const NO_IMAGE: &str = "sent something that is no manifest of an image";

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

fn parsed(digit: char) -> Digest {
    digest(digit).parse().expect("a digest")
}

fn platform(text: &str) -> Platform {
    text.parse().expect("a platform")
}

fn entry(digit: char, os: &str, architecture: &str, variant: Option<&str>) -> Value {
    let platform = match variant {
        Some(variant) => json!({ "os": os, "architecture": architecture, "variant": variant }),
        None => json!({ "os": os, "architecture": architecture }),
    };
    json!({ "digest": digest(digit), "platform": platform })
}

#[track_caller]
fn reads(value: &Value, on: &str, read: &Result<Manifest, &'static str>) {
    assert_eq!(read_manifest(value.to_string().as_bytes(), &platform(on)), *read, "{value}");
}

fn index(entries: &[Value]) -> Value {
    json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries })
}

#[test]
fn an_image_names_its_config() {
    for kind in
        ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"]
    {
        let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "config": { "digest": digest('a') } });
        reads(&manifest, "linux/amd64", &Ok(Manifest::Image(parsed('a'))));
    }
}

#[test]
fn an_index_has_an_image_for_each_platform() {
    let both = index(&[entry('a', "linux", "arm64", Some("v8")), entry('b', "linux", "amd64", None)]);
    reads(&both, "linux/amd64", &Ok(Manifest::Index(parsed('b'))));
    reads(&both, "linux/arm64", &Ok(Manifest::Index(parsed('a'))));
    reads(&both, "linux/arm64/v8", &Ok(Manifest::Index(parsed('a'))));
    reads(&both, "Linux/ARM64", &Ok(Manifest::Index(parsed('a'))));
    reads(&both, "linux/arm64/v9", &Ok(Manifest::Elsewhere("linux/arm64/v8, linux/amd64".into())));
    reads(&both, "windows/amd64", &Ok(Manifest::Elsewhere("linux/arm64/v8, linux/amd64".into())));
    reads(&both, "linux/s390x", &Ok(Manifest::Elsewhere("linux/arm64/v8, linux/amd64".into())));
}

#[test]
fn an_attestation_is_no_image() {
    let attested = index(&[entry('a', "unknown", "unknown", None), entry('b', "linux", "amd64", None)]);
    reads(&attested, "linux/amd64", &Ok(Manifest::Index(parsed('b'))));
    reads(&attested, "linux/arm64", &Ok(Manifest::Elsewhere("linux/amd64".into())));
    let alone = index(&[entry('a', "unknown", "unknown", None)]);
    reads(&alone, "linux/amd64", &Ok(Manifest::Elsewhere("no platform".into())));
    reads(&index(&[]), "linux/amd64", &Ok(Manifest::Elsewhere("no platform".into())));
}

#[test]
fn an_entry_that_names_no_platform_is_taken_where_none_fits() {
    let nameless = json!({ "digest": digest('a') });
    let null = json!({ "digest": digest('a'), "platform": null });
    for one in [nameless, null] {
        reads(&index(std::slice::from_ref(&one)), "linux/amd64", &Ok(Manifest::Unnamed(parsed('a'))));
        let fitting = index(&[one.clone(), entry('b', "linux", "amd64", None)]);
        reads(&fitting, "linux/amd64", &Ok(Manifest::Index(parsed('b'))));
        let other = index(&[entry('b', "linux", "arm64", None), one]);
        reads(&other, "linux/amd64", &Ok(Manifest::Unnamed(parsed('a'))));
    }
    let empty = index(&[json!({ "platform": {} }), entry('b', "linux", "arm64", None)]);
    reads(&empty, "linux/amd64", &Ok(Manifest::Elsewhere("no platform, linux/arm64".into())));
}

#[test]
fn what_an_index_has_is_listed_safely_and_not_for_ever() {
    let many: Vec<_> = (0..1000).map(|number| entry('a', "os", &format!("cpu{number}"), None)).collect();
    let Ok(Manifest::Elsewhere(listed)) =
        read_manifest(index(&many).to_string().as_bytes(), &platform("linux/amd64"))
    else {
        panic!("it has none")
    };
    assert!(listed.starts_with("os/cpu0, os/cpu1") && listed.len() < 220, "{listed}");
    let hostile = index(&[entry('a', "\u{1b}[31m\n::error::", "x", None)]);
    reads(&hostile, "linux/amd64", &Ok(Manifest::Elsewhere("\\u{1b}[31m ::error::/x".into())));
}

#[test]
fn what_is_no_manifest_is_told() {
    let schema_1 =
        json!({ "schemaVersion": 1, "name": "a", "tag": "1", "fsLayers": [{ "blobSum": digest('a') }] });
    for value in [
        schema_1,
        json!(null),
        json!([]),
        json!({}),
        json!({ "config": null }),
        json!({ "config": { "digest": "sha256:short" } }),
        json!({ "config": digest('a') }),
        json!({ "manifests": {} }),
    ] {
        reads(&value, "linux/amd64", &Err(NO_IMAGE));
    }
    for body in ["", "<html>Log in</html>", "{\"schemaVersion\":2", "\u{feff}{}"] {
        let read = read_manifest(body.as_bytes(), &platform("linux/amd64"));
        assert_eq!(read, Err("sent a manifest that is no JSON"), "{body}");
    }
    let broken = json!({ "digest": "sha256:short", "platform": { "os": "linux", "architecture": "amd64" } });
    reads(&index(&[broken]), "linux/amd64", &Err("sent an index without digests"));
    reads(&index(&[json!({})]), "linux/amd64", &Err("sent an index without digests"));
    reads(&index(&[json!(null), json!(7)]), "linux/amd64", &Err("sent an index without digests"));
}

#[test]
fn a_config_says_for_whom_it_is() {
    let read = |value: &Value, on: &str| read_config(value.to_string().as_bytes(), Some(&platform(on)));
    let arm = json!({ "os": "linux", "architecture": "arm64", "variant": "v8" });
    assert_eq!(read(&arm, "linux/arm64"), Ok(Ok(Labels::default())));
    assert_eq!(read(&arm, "linux/amd64"), Ok(Err("linux/arm64/v8".into())));
    assert_eq!(read_config(arm.to_string().as_bytes(), None), Ok(Ok(Labels::default())));
    for none in [json!({}), json!(null), json!([]), json!({ "os": 7 }), json!({ "os": "" })] {
        assert_eq!(read(&none, "linux/amd64"), Ok(Err("no platform".into())), "{none}");
    }
    let read = read_config(b"<html>", Some(&platform("linux/amd64")));
    assert_eq!(read, Err("sent an image's config that is no JSON"));
}

#[track_caller]
fn labels(labels: &Value, runtime: Option<&str>, airflow: Option<&str>, certified: Option<&str>) {
    let config = json!({ "os": "linux", "architecture": "amd64", "config": { "Labels": labels } });
    let found = read_config(config.to_string().as_bytes(), Some(&platform("linux/amd64")))
        .expect("JSON")
        .expect("for it");
    let shown =
        |version: Option<houston_deploy::version::Version>| version.map(|version| version.to_string());
    assert_eq!(
        (shown(found.runtime), shown(found.airflow), shown(found.certified)),
        (runtime.map(str::to_owned), airflow.map(str::to_owned), certified.map(str::to_owned)),
        "{labels}"
    );
}

#[test]
fn labels_say_which_versions_are_in_it() {
    let (runtime, airflow, certified) = (
        "io.astronomer.docker.runtime.version",
        "io.astronomer.docker.airflow.version",
        "io.astronomer.docker.ac.version",
    );
    labels(&json!({ runtime: "11.3.0", airflow: "2.9.1" }), Some("11.3.0"), Some("2.9.1"), None);
    labels(&json!({ runtime: "11.3.0-base", airflow: "2.9.1+astro.4" }), Some("11.3.0"), Some("2.9.1"), None);
    labels(&json!({ runtime: "3.0-1-base" }), Some("3.0-1"), None, None);
    labels(&json!({ airflow: "2.2.5", certified: "2.2.5-4" }), None, Some("2.2.5"), Some("2.2.5-4"));
    labels(&json!({ certified: "2.2.5-4" }), None, None, Some("2.2.5-4"));
    labels(&json!({ airflow: "main", "version": "7.7.7" }), None, None, None);
    for none in [json!(null), json!([]), json!({}), json!({ runtime: 11 }), json!({ airflow: null })] {
        labels(&none, None, None, None);
    }
    // Beside a Runtime that cannot be told, the Airflow is not all there is.
    labels(&json!({ runtime: "dev", airflow: "2.9.1" }), None, None, None);
    labels(&json!({ runtime: "", airflow: "2.9.1", certified: "2.9.1-1" }), None, None, None);
}

#[test]
fn a_platform_is_two_or_three_words() {
    assert_eq!(platform("Linux/AMD64").to_string(), "linux/amd64");
    for text in [
        "",
        "linux",
        "linux/",
        "/amd64",
        "linux/amd64/",
        "linux/arm/v7/x",
        "linux/a b",
        "linux/ä",
        "linux//v8",
    ] {
        let why = text.parse::<Platform>().expect_err("refused").to_string();
        assert_eq!(why, "is no platform, such as linux/amd64", "{text}");
    }
}

#[test]
fn a_system_alone_is_no_platform() {
    let platform = "linux/amd64".parse().expect("a platform");
    let read = houston_deploy::registry::read_config(br#"{"os":"linux"}"#, Some(&platform));
    assert_eq!(read, Ok(Err("linux".to_owned())));
}

#[test]
fn a_word_of_a_platform_counts_whole_and_a_variant_where_both_name_one() {
    let takes = |ours: &str, architecture: &str| {
        let config = format!(r#"{{"os":"linux","architecture":"{architecture}"}}"#);
        let platform = ours.parse().expect("a platform");
        matches!(houston_deploy::registry::read_config(config.as_bytes(), Some(&platform)), Ok(Ok(_)))
    };
    assert!(takes("linux/arm", "arm/v7") && takes("linux/arm/v7", "arm"));
    assert!(!takes("linux/amd64", "amd64x") && !takes("linux/amd64", "amd6"));
    assert!(!takes("linux/arm/v7", "arm/v6"));
}
