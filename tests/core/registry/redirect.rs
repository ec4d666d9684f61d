//! Redirects: five at most, each by the rules for realms, and nothing is shown to another origin than the registry's.

use houston_deploy::inputs::Inputs;

use super::world::{
    ASKED, BASE, BEARER, ISSUED, Image, Serving, by_password, challenged, issued, leads, named, required,
    sha256, tag,
};
use crate::world::answer;

const LOGIN_PAGE: &str = "check that `image` names a registry, reachable without a login page in front";

fn failed(what: &str) -> String {
    format!("4 REGISTRY_FAILED: registry.example.com {what} | {LOGIN_PAGE}")
}

/// A registry that asked for a token, up to the request for the config.
fn up_to_the_blob(image: &Image) -> Serving {
    Serving::new()
        .asks(BEARER)
        .at(ASKED, issued())
        .at(tag("HEAD"), named(&image.digest()))
        .at(format!("GET {BASE}manifests/{}", image.digest()), answer(200, &image.manifest))
}

fn blob(image: &Image) -> String {
    format!("GET {BASE}blobs/{}", sha256(&image.config))
}

fn inputs() -> Inputs {
    by_password(required(&[]))
}

#[test]
fn a_blob_may_be_at_another_host_which_is_shown_nothing() {
    for status in [301, 302, 303, 307, 308] {
        let image = Image::usual();
        let at = "https://blobs.elsewhere.example/x?X-Amz-Signature=s1gn4tur3";
        let serving = up_to_the_blob(&image)
            .at(blob(&image), leads(status, at))
            .at(format!("GET {at}"), answer(200, &image.config))
            .yes();
        serving.succeeds(&inputs());
        assert_eq!(
            serving.shown()[4..],
            [format!("registry.example.com: Bearer {ISSUED}"), "blobs.elsewhere.example: nothing".to_owned(),]
        );
        // Whoever has such an address has the blob.
        assert!(!serving.told().join("\n").contains("s1gn4tur3"));
    }
}

#[test]
fn another_port_is_another_origin() {
    let image = Image::usual();
    let serving = up_to_the_blob(&image)
        .at(blob(&image), leads(307, "https://registry.example.com:8443/x"))
        .at("GET https://registry.example.com:8443/x", answer(200, &image.config))
        .yes();
    serving.succeeds(&inputs());
    assert_eq!(serving.shown()[5], "registry.example.com:8443: nothing");
}

#[test]
fn the_registry_itself_is_shown_the_token_on_the_way() {
    let image = Image::usual();
    for location in
        ["/x/y?z", "https://registry.example.com/x/y?z", "//registry.example.com/x/y?z", "/x/y?z#fragment"]
    {
        let serving = up_to_the_blob(&image)
            .at(blob(&image), leads(307, location))
            .at("GET https://registry.example.com/x/y?z", answer(200, &image.config))
            .yes();
        serving.succeeds(&inputs());
        assert_eq!(serving.shown()[5], format!("registry.example.com: Bearer {ISSUED}"));
    }
}

#[test]
fn five_redirects_are_followed_and_no_more() {
    let image = Image::usual();
    let chain = |length: usize| {
        let mut serving = up_to_the_blob(&image).at(blob(&image), leads(307, "https://hop1.example/"));
        for hop in 1..length {
            let next = format!("https://hop{}.example/", hop + 1);
            serving = serving.at(format!("GET https://hop{hop}.example/"), leads(307, &next));
        }
        serving
    };
    chain(5).at("GET https://hop5.example/", answer(200, &image.config)).yes().succeeds(&inputs());
    chain(5)
        .at("GET https://hop5.example/", leads(307, "https://hop6.example/"))
        .ends(&inputs(), &failed("redirects again and again"));
    // In a circle as well.
    let mut circle = Serving::new();
    for _ in 0..6 {
        circle = circle.at(tag("HEAD"), leads(302, &format!("{BASE}manifests/1.4.2")));
    }
    circle.ends(&inputs(), &failed("redirects again and again"));
}

#[test]
fn what_is_asked_again_with_a_token_has_its_redirects_anew() {
    let image = Image::usual();
    let mut serving = Serving::new();
    for _ in 0..2 {
        serving = serving.at(tag("HEAD"), leads(307, "/hop1"));
        for hop in 1..4 {
            serving = serving.at(
                format!("HEAD https://registry.example.com/hop{hop}"),
                leads(307, &format!("/hop{}", hop + 1)),
            );
        }
    }
    let last = "HEAD https://registry.example.com/hop4";
    serving
        .at(last, challenged(BEARER))
        .at(last, named(&image.digest()))
        .at(ASKED, issued())
        .has(BASE, &image)
        .yes()
        .succeeds(&inputs());
}

#[test]
fn no_redirect_leads_down_or_inside() {
    let image = Image::usual();
    for location in [
        "http://registry.example.com/x",
        "http://blobs.elsewhere.example/x",
        "http://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/x",
        "https://0x0a000001/x",
        "//10.0.0.1/x",
        "https://user:pw@blobs.elsewhere.example/x",
        "https://blobs.elsewhere.example/a/../b",
        "ftp://blobs.elsewhere.example/x",
        "javascript:alert(1)",
        "x/y",
        "\\\\evil.example\\x",
        "",
    ] {
        let serving = up_to_the_blob(&image).at(blob(&image), leads(307, location));
        serving.ends(&inputs(), &failed("redirects to where this program does not go"));
        assert_eq!(serving.lines().len(), 5, "{location}");
    }
    // Nor does one to nowhere.
    up_to_the_blob(&image)
        .at(blob(&image), answer(307, ""))
        .ends(&inputs(), &failed("redirects to where this program does not go"));
}

#[test]
fn each_hop_is_by_the_same_rules() {
    let image = Image::usual();
    up_to_the_blob(&image)
        .at(blob(&image), leads(307, "https://hop1.example/"))
        .at("GET https://hop1.example/", leads(302, "http://hop2.example/"))
        .ends(&inputs(), &failed("redirects to where this program does not go"));
    // A path is one of the host that names it.
    let serving = up_to_the_blob(&image)
        .at(blob(&image), leads(307, "https://hop1.example/a"))
        .at("GET https://hop1.example/a", leads(302, "/b"))
        .at("GET https://hop1.example/b", answer(200, &image.config))
        .yes();
    serving.succeeds(&inputs());
    assert_eq!(serving.shown()[6], "hop1.example: nothing");
}

#[test]
fn a_registry_on_this_machine_may_lead_to_this_machine() {
    let image = Image::usual();
    let base = "https://127.0.0.1:5000/v2/acme/airflow/";
    let world = |location: &str| {
        Serving::new()
            .at(format!("HEAD {base}manifests/1.4.2"), named(&image.digest()))
            .at(format!("GET {base}manifests/{}", image.digest()), answer(200, &image.manifest))
            .at(format!("GET {base}blobs/{}", sha256(&image.config)), leads(307, location))
    };
    let inputs = required(&["--image", "127.0.0.1:5000/acme/airflow:1.4.2"]);
    world("http://127.0.0.1:5001/x")
        .at("GET http://127.0.0.1:5001/x", answer(200, &image.config))
        .yes()
        .succeeds(&inputs);
    let refused = failed("redirects to where this program does not go")
        .replace("registry.example.com", "127.0.0.1:5000");
    world("http://10.0.0.1/x").ends(&inputs, &refused);
    world("http://blobs.elsewhere.example/x").ends(&inputs, &refused);
}

#[test]
fn a_registry_inside_leads_to_nothing_on_this_machine() {
    let refused =
        failed("redirects to where this program does not go").replace("registry.example.com", "10.0.0.5");
    let at = "HEAD https://10.0.0.5/v2/acme/airflow/manifests/1.4.2";
    let inputs = required(&["--image", "10.0.0.5/acme/airflow:1.4.2"]);
    for location in ["http://127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x"] {
        Serving::new().at(at, leads(307, location)).ends(&inputs, &refused);
    }
}

#[test]
fn what_refuses_behind_a_redirect_is_not_the_registry() {
    for status in [401, 403] {
        let image = Image::usual();
        up_to_the_blob(&image)
            .at(blob(&image), leads(307, "https://blobs.elsewhere.example/x"))
            .at("GET https://blobs.elsewhere.example/x", answer(status, "<Error>expired</Error>"))
            .ends(&inputs(), &failed("redirects to a place that refuses what it gave"));
    }
}

#[test]
fn an_address_that_is_signed_for_get_alone_is_no_refusal() {
    let image = Image::usual();
    let (at, by_digest) = ("https://blobs.elsewhere.example/a?s=1", "https://blobs.elsewhere.example/b?s=2");
    Serving::new()
        .at(tag("HEAD"), leads(307, at))
        .at(format!("HEAD {at}"), answer(403, ""))
        .at(tag("GET"), leads(307, at))
        .at(format!("GET {at}"), answer(200, &image.manifest))
        .at(tag("GET"), leads(307, by_digest))
        .at(format!("GET {by_digest}"), answer(200, &image.manifest))
        .at(blob(&image), answer(200, &image.config))
        .yes()
        .succeeds(&inputs());
}

#[test]
fn a_redirect_to_a_login_page_is_told_as_no_manifest() {
    let page = "https://login.example.com/?next=x";
    Serving::new()
        .at(tag("HEAD"), leads(302, page))
        .at(format!("HEAD {page}"), answer(200, ""))
        .at(tag("GET"), leads(302, page))
        .at(format!("GET {page}"), answer(200, "<html>Log in</html>"))
        .ends(&required(&[]), &failed("sent a manifest that is no JSON"));
    // One that has moved is not the registry saying that there is no such image.
    Serving::new()
        .at(tag("HEAD"), leads(302, page))
        .at(format!("HEAD {page}"), answer(404, ""))
        .at(tag("GET"), leads(302, page))
        .at(format!("GET {page}"), answer(404, "<html>Not found</html>"))
        .ends(&required(&[]), &failed("answered HTTP 404"));
}
