//! Whether the image is there: by tag, by digest, by both, for the platform; how many requests that costs; and what a
//! 404 means to whom.

use std::time::Duration;

use houston_deploy::io::Response;
use serde_json::json;

use super::world::{
    ASKED, BASE, BEARER, Image, Serving, auto, by_password, challenged, issued, named, not_found, refused,
    required, sha256, tag,
};
use crate::world::{Reply, answer};

const MISSING: &str = "registry.example.com has no tag \"1.4.2\" in \"acme/airflow\"";
const PUSH: &str = "push the image before deploying, or correct `image`";
const PRIVATE: &str = "push the image before deploying, or correct `image`; a private repository shows itself only \
                       with `registry-username` and HOUSTON_REGISTRY_PASSWORD";
const FAILED: &str = "check that `image` names a registry, reachable without a login page in front";
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// The option `image` by this digest.
fn by_digest(digest: &str) -> String {
    format!("registry.example.com/acme/airflow@{digest}")
}

#[test]
fn a_tag_costs_three_requests() {
    let image = Image::usual();
    let serving = Serving::new().holds(&image).yes();
    let ended = serving.succeeds(&required(&[]));
    assert_eq!(
        serving.lines(),
        [
            tag("HEAD"),
            format!("GET {BASE}manifests/{}", image.digest()),
            format!("GET {BASE}blobs/{}", sha256(&image.config)),
        ]
    );
    let accepts: Vec<_> = serving.seen().into_iter().map(|seen| seen.accept).take(3).collect();
    assert_eq!(accepts, [MANIFESTS, MANIFESTS, "*/*"]);
    let seen = ended.report.image.expect("an image");
    assert_eq!(seen.digest, Some(image.digest()));
    assert_eq!(seen.runtime_version.as_deref(), Some("11.3.0"));
    assert_eq!(seen.airflow_version.as_deref(), Some("2.9.1"));
    assert_eq!(serving.shown(), ["registry.example.com: nothing"; 3]);
    assert_eq!(ended.report.warnings, []);
}

#[test]
fn a_challenge_costs_two_more() {
    let serving = Serving::new().asks(BEARER).at(ASKED, issued()).holds(&Image::usual()).yes();
    serving.succeeds(&required(&[]));
    assert_eq!(serving.lines().len(), 5);
}

#[test]
fn a_digest_is_asked_for_by_itself() {
    let image = Image::usual();
    let serving = Serving::new().holds_at(BASE, &image.digest(), &image).yes();
    let ended = serving.succeeds(&required(&["--image", &by_digest(&image.digest())]));
    assert_eq!(serving.lines().len(), 3);
    assert_eq!(ended.report.image.expect("an image").digest, Some(image.digest()));
}

#[test]
fn a_digest_may_be_of_sha512() {
    use sha2::Digest as _;
    let image = Image::usual();
    let digest =
        format!("sha512:{}", houston_deploy::io::hex(&sha2::Sha512::digest(image.manifest.as_bytes())));
    let alone = Serving::new()
        .at(format!("HEAD {BASE}manifests/{digest}"), answer(200, ""))
        .at(format!("GET {BASE}manifests/{digest}"), answer(200, &image.manifest))
        .at(format!("GET {BASE}blobs/{}", sha256(&image.config)), answer(200, &image.config))
        .yes();
    let ended = alone.succeeds(&required(&["--image", &by_digest(&digest)]));
    assert_eq!(ended.report.image.expect("an image").digest.as_deref(), Some(digest.as_str()));
    // Beside a tag it may be of another kind than the registry's own.
    let both = Serving::new().holds(&image).yes();
    both.succeeds(&required(&["--image", &format!("registry.example.com/acme/airflow:1.4.2@{digest}")]));
}

#[test]
fn a_digest_of_an_unknown_kind_is_no_proof() {
    let digest = format!("blake3:{}", "a".repeat(64));
    let serving = Serving::new()
        .at(format!("HEAD {BASE}manifests/{digest}"), answer(200, ""))
        .at(format!("GET {BASE}manifests/{digest}"), answer(200, &Image::usual().manifest));
    serving.ends(
        &required(&["--image", &by_digest(&digest)]),
        &format!(
            "4 REGISTRY_FAILED: registry.example.com names a digest of a kind that cannot be checked | {FAILED}"
        ),
    );
}

#[test]
fn tag_and_digest_must_agree() {
    let image = Image::usual();
    let both = |digest: &str| format!("registry.example.com/acme/airflow:1.4.2@{digest}");
    Serving::new().holds(&image).yes().succeeds(&required(&["--image", &both(&image.digest())]));
    let other = sha256("another");
    for mode in [required, auto] {
        let serving = Serving::new()
            .at(tag("HEAD"), named(&image.digest()))
            .at(format!("GET {BASE}manifests/{}", image.digest()), answer(200, &image.manifest));
        serving.ends(
            &mode(&["--image", &both(&other)]),
            &format!(
                "3 IMAGE_NOT_FOUND: tag \"1.4.2\" stands for {} in registry.example.com, not for the digest in \
                 `image` | {PUSH}",
                image.digest()
            ),
        );
    }
}

#[test]
fn where_head_fails_get_may_do() {
    for status in [400, 404, 405, 501] {
        let image = Image::usual();
        let manifest = || answer(200, &image.manifest);
        let serving = Serving::new()
            .at(tag("HEAD"), answer(status, ""))
            .at(tag("GET"), manifest())
            .at(tag("GET"), manifest())
            .at(format!("GET {BASE}blobs/{}", sha256(&image.config)), answer(200, &image.config))
            .yes();
        let ended = serving.succeeds(&required(&[]));
        assert_eq!(ended.report.image.expect("an image").digest, Some(image.digest()));
    }
}

#[test]
fn without_a_digest_in_the_header_the_body_tells() {
    for head in [answer(200, ""), named("nonsense"), named("sha256:short"), named("")] {
        let image = Image::usual();
        let serving = Serving::new()
            .at(tag("HEAD"), head)
            .at(tag("GET"), answer(200, &image.manifest))
            .at(format!("GET {BASE}blobs/{}", sha256(&image.config)), answer(200, &image.config))
            .yes();
        let ended = serving.succeeds(&required(&[]));
        assert_eq!(ended.report.image.expect("an image").digest, Some(image.digest()));
    }
}

#[test]
fn a_404_without_a_challenge_is_definite() {
    for mode in [required, auto] {
        let serving = Serving::new().at(tag("HEAD"), not_found()).at(tag("GET"), not_found());
        let ended = serving.ends(&mode(&[]), &format!("3 IMAGE_NOT_FOUND: {MISSING} | {PUSH}"));
        assert_eq!(ended.report.warnings, []);
    }
    let digest = sha256("nothing");
    let serving = Serving::new()
        .at(format!("HEAD {BASE}manifests/{digest}"), answer(404, ""))
        .at(format!("GET {BASE}manifests/{digest}"), refused(404, "NAME_UNKNOWN", "no such repository"));
    serving.ends(
        &auto(&["--image", &by_digest(&digest)]),
        &format!(
            "3 IMAGE_NOT_FOUND: registry.example.com has no digest {digest} in \"acme/airflow\" | {PUSH}"
        ),
    );
}

#[test]
fn a_404_that_no_registry_wrote_says_nothing_of_the_image() {
    let failed = format!("REGISTRY_FAILED: registry.example.com answered HTTP 404 | {FAILED}");
    for page in
        ["", "404 page not found\n", "<html>not found</html>", "{}", r#"{"message":"no Route matched"}"#]
    {
        let world = || Serving::new().at(tag("HEAD"), answer(404, "")).at(tag("GET"), answer(404, page));
        world().ends(&required(&[]), &format!("4 {failed}"));
        let failed = failed.replace(": registry", ": the image was not looked up: registry");
        world().yes().warns(&auto(&[]), &failed);
        // Nor is it one where credentials were shown.
        let asking = Serving::new().asks("Basic realm=x").at(tag("HEAD"), answer(404, ""));
        asking.at(tag("GET"), answer(404, page)).yes().warns(&by_password(auto(&[])), &failed);
    }
}

#[test]
fn a_404_to_an_anonymous_look_is_not() {
    let world = || {
        Serving::new()
            .asks(BEARER)
            .at(ASKED, issued())
            .at(tag("HEAD"), not_found())
            .at(tag("GET"), not_found())
    };
    world().ends(&required(&[]), &format!("3 IMAGE_NOT_FOUND: {MISSING} | {PRIVATE}"));
    let serving = world().yes();
    serving
        .warns(&auto(&[]), &format!("IMAGE_NOT_FOUND: the image was not looked up: {MISSING} | {PRIVATE}"));
}

#[test]
fn a_404_with_credentials_is_definite() {
    for (mode, challenge) in [(required as fn(&[&str]) -> _, BEARER), (auto, BEARER), (auto, "Basic realm=x")]
    {
        let mut serving =
            Serving::new().asks(challenge).at(tag("HEAD"), not_found()).at(tag("GET"), not_found());
        if challenge == BEARER {
            serving = serving.at(ASKED, issued());
        }
        serving.ends(&by_password(mode(&[])), &format!("3 IMAGE_NOT_FOUND: {MISSING} | {PUSH}"));
    }
}

#[test]
fn a_body_hashes_to_its_digest() {
    let lie = format!(
        "4 REGISTRY_FAILED: registry.example.com sent a body that does not hash to its digest | {FAILED}"
    );
    let (image, other) = (Image::usual(), Image::labelled(&[]));
    let manifest = format!("GET {BASE}manifests/{}", image.digest());
    let config = format!("GET {BASE}blobs/{}", sha256(&image.config));
    let world = || Serving::new().at(tag("HEAD"), named(&image.digest()));
    world().at(&manifest, answer(200, &other.manifest)).ends(&required(&[]), &lie);
    let cut = || answer(200, &image.config[1..]);
    world().at(&manifest, answer(200, &image.manifest)).at(&config, cut()).ends(&required(&[]), &lie);
    // Under `auto` it is a warning: it says nothing of the image.
    world().at(&manifest, answer(200, &image.manifest)).at(&config, cut()).yes().warns(
        &auto(&[]),
        &format!(
            "REGISTRY_FAILED: the image was not looked up: registry.example.com sent a body that does not hash to its \
             digest | {FAILED}"
        ),
    );
    // A header that lies leads to what is not there.
    Serving::new()
        .at(tag("HEAD"), named(&sha256("a lie")))
        .at(format!("GET {BASE}manifests/{}", sha256("a lie")), not_found())
        .ends(
            &required(&[]),
            &format!(
                "4 REGISTRY_FAILED: registry.example.com answered HTTP 404 MANIFEST_UNKNOWN manifest unknown | \
                 {FAILED}"
            ),
        );
}

/// An index of these images, as one more manifest.
fn index(entries: &[(&Image, &str, &str)]) -> String {
    let entry = |&(image, os, architecture): &(&Image, &str, &str)| json!({ "digest": image.digest(), "platform": { "os": os, "architecture": architecture } });
    json!({ "schemaVersion": 2, "manifests": entries.iter().map(entry).collect::<Vec<_>>() }).to_string()
}

fn indexed(index: &str) -> Serving {
    Serving::new()
        .at(tag("HEAD"), named(&sha256(index)))
        .at(format!("GET {BASE}manifests/{}", sha256(index)), answer(200, index))
}

#[test]
fn an_index_costs_one_request_more_and_its_own_digest_is_told() {
    let (image, other) = (Image::usual(), Image::labelled(&[]));
    let index =
        index(&[(&other, "unknown", "unknown"), (&other, "linux", "arm64"), (&image, "linux", "amd64")]);
    let serving = indexed(&index).has(BASE, &image).yes();
    let ended = serving.succeeds(&required(&[]));
    assert_eq!(serving.lines().len(), 4);
    assert_eq!(ended.report.image.expect("an image").digest, Some(sha256(&index)));
}

#[test]
fn an_image_for_another_platform_is_refused() {
    const BUILD: &str = "build the image for the cluster's platform, or correct `platform`";
    let image = Image::of(&json!({ "os": "linux", "architecture": "arm64" }));
    let index = index(&[(&image, "linux", "arm64"), (&image, "windows", "amd64")]);
    for mode in [required, auto] {
        indexed(&index).ends(
            &mode(&[]),
            &format!(
                "3 IMAGE_PLATFORM: registry.example.com/acme/airflow:1.4.2 does not run on linux/amd64: it is for \
                 linux/arm64, windows/amd64 | {BUILD}"
            ),
        );
        Serving::new().holds(&image).ends(
            &mode(&[]),
            &format!(
                "3 IMAGE_PLATFORM: registry.example.com/acme/airflow:1.4.2 does not run on linux/amd64: it is for \
                 linux/arm64 | {BUILD}"
            ),
        );
    }
    Serving::new().holds(&image).yes().warns(
        &required(&["--platform", "linux/arm64"]),
        "VERSION_UNKNOWN: the image has no label that `runtime-version` could be set against | -",
    );
}

#[test]
fn what_an_index_says_of_an_image_goes_before_its_config() {
    // The cluster takes the index's word as well: it looks into the config only where there is none.
    for config in [json!({ "os": "linux", "architecture": "arm64" }), json!({})] {
        let image = Image::of(&config);
        let named = index(&[(&image, "linux", "amd64")]);
        indexed(&named).has(BASE, &image).yes().warns(
            &auto(&[]),
            "VERSION_UNKNOWN: the image has no label that `runtime-version` could be set against | -",
        );
        let nameless = json!({ "manifests": [{ "digest": image.digest() }] }).to_string();
        let ended = indexed(&nameless).has(BASE, &image).deploy(&auto(&[]));
        assert_eq!(ended.report.error.expect("an error").code.as_str(), "IMAGE_PLATFORM");
    }
}

#[test]
fn an_index_within_an_index_is_not_followed_for_ever() {
    let inner = index(&[(&Image::usual(), "linux", "amd64")]);
    let outer = json!({ "manifests": [{ "digest": sha256(&inner), "platform": { "os": "linux", "architecture": "amd64" } }] });
    indexed(&outer.to_string())
        .at(format!("GET {BASE}manifests/{}", sha256(&inner)), answer(200, &inner))
        .ends(
            &required(&[]),
            &format!("4 REGISTRY_FAILED: registry.example.com sent an index within an index | {FAILED}"),
        );
}

#[test]
fn what_is_no_manifest_is_a_failure_of_the_registry() {
    for (body, why) in [
        ("<html>Log in</html>", "sent a manifest that is no JSON"),
        (r#"{"schemaVersion":1,"fsLayers":[]}"#, "sent something that is no manifest of an image"),
    ] {
        Serving::new()
            .at(tag("HEAD"), answer(200, ""))
            .at(tag("GET"), answer(200, body))
            .ends(&required(&[]), &format!("4 REGISTRY_FAILED: registry.example.com {why} | {FAILED}"));
    }
}

#[test]
fn off_asks_nothing() {
    let serving = Serving::new().yes();
    serving.succeeds(&crate::world::inputs(&["--platform-version", "0.34.1"]));
    assert_eq!((serving.lines().len(), serving.clock()), (0, Duration::ZERO));
}

#[test]
fn a_blob_may_ask_for_credentials_of_its_own() {
    let image = Image::usual();
    let blob = format!("GET {BASE}blobs/{}", sha256(&image.config));
    let serving = Serving::new().at(&blob, challenged(BEARER)).at(ASKED, issued()).holds(&image).yes();
    serving.succeeds(&required(&[]));
    assert_eq!(serving.lines().len(), 5);
}

#[test]
fn no_other_status_than_200_names_an_image() {
    for status in [201, 204, 206] {
        let named = Response { status, digest: Some(Image::usual().digest()), ..Response::default() };
        let head = Reply::Answer(Duration::ZERO, named);
        Serving::new().at(tag("HEAD"), head).at(tag("GET"), answer(status, "")).ends(
            &required(&[]),
            &format!("4 REGISTRY_FAILED: registry.example.com answered HTTP {status} | {FAILED}"),
        );
    }
}
