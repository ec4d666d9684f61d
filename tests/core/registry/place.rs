//! Where the registry is: docker's short names, hosts in capitals, and a registry on this machine without TLS.

use houston_deploy::io::{Cause, Head};
use serde_json::json;

use super::world::{
    ISSUED, Image, PASSWORD, Serving, USER, basic, by_config, by_password, challenged, issued, leads,
    not_found, required, sha256,
};
use crate::world::{Reply, answer, fails};

fn plain() -> Reply {
    fails(Cause::Untrusted("ERR_SSL_WRONG_VERSION_NUMBER".into()), Head::Unwritten)
}

#[test]
fn docker_hub_goes_by_short_names() {
    for (image, name) in [
        ("airflow:1.4.2", "library/airflow"),
        ("docker.io/airflow:1.4.2", "library/airflow"),
        ("acme/airflow:1.4.2", "acme/airflow"),
        ("docker.io/acme/airflow:1.4.2", "acme/airflow"),
        ("index.docker.io/acme/airflow:1.4.2", "acme/airflow"),
        ("docker.io/library/airflow:1.4.2", "library/airflow"),
        ("registry-1.docker.io/acme/airflow:1.4.2", "acme/airflow"),
    ] {
        let base = format!("https://registry-1.docker.io/v2/{name}/");
        let challenge = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
        let asked = format!(
            "GET https://auth.docker.io/token?service=registry.docker.io&scope=repository:{name}:pull"
        );
        let serving = Serving::new()
            .at(format!("HEAD {base}manifests/1.4.2"), challenged(challenge))
            .at(asked, issued())
            .holds_at(&base, "1.4.2", &Image::usual())
            .yes();
        let entry = json!({ "username": USER, "password": PASSWORD });
        let config = json!({ "auths": { "https://index.docker.io/v1/": entry } });
        serving.succeeds(&by_config(required(&["--image", image]), &config));
        assert_eq!(serving.shown()[1], format!("auth.docker.io: {}", basic()), "{image}");
        assert_eq!(serving.shown()[2], format!("registry-1.docker.io: Bearer {ISSUED}"), "{image}");
    }
}

#[test]
fn what_is_missing_on_docker_hub_is_named_as_it_was_written() {
    let base = "https://registry-1.docker.io/v2/library/airflow/";
    let serving = Serving::new()
        .at(format!("HEAD {base}manifests/1.4.2"), answer(404, ""))
        .at(format!("GET {base}manifests/1.4.2"), not_found());
    serving.ends(
        &required(&["--image", "airflow:1.4.2"]),
        "3 IMAGE_NOT_FOUND: docker.io has no tag \"1.4.2\" in \"airflow\" | push the image before deploying, or correct \
         `image`",
    );
}

#[test]
fn a_host_is_asked_in_small_letters_and_by_its_port() {
    for (image, base) in [
        ("Registry.Example.COM:8443/a:1.4.2", "https://registry.example.com:8443/v2/a/"),
        ("10.0.0.5/a/b/c:1.4.2", "https://10.0.0.5/v2/a/b/c/"),
        ("[2001:DB8::1]:5000/a:1.4.2", "https://[2001:db8::1]:5000/v2/a/"),
    ] {
        let serving = Serving::new().holds_at(base, "1.4.2", &Image::usual()).yes();
        serving.succeeds(&required(&["--image", image]));
    }
}

#[test]
fn a_registry_on_this_machine_may_do_without_tls() {
    for host in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000", "127.8.9.1"] {
        let (tls, base) = (format!("https://{host}/v2/a/"), format!("http://{host}/v2/a/"));
        let serving = Serving::new()
            .at(format!("HEAD {tls}manifests/1.4.2"), plain())
            .at(format!("HEAD {base}manifests/1.4.2"), challenged("Basic realm=x"))
            .holds_at(&base, "1.4.2", &Image::usual())
            .yes();
        serving.succeeds(&by_password(required(&["--image", &format!("{host}/a:1.4.2")])));
        assert_eq!(serving.shown()[0], format!("{host}: nothing"));
        assert_eq!(serving.shown()[4], format!("{host}: {}", basic()));
        assert_eq!(serving.lines().len(), 5);
    }
}

#[test]
fn no_other_failure_of_tls_leads_to_http() {
    const CA: &str = "set `ca-cert` to the PEM file of the CA that signed the registry's certificate";
    for code in [
        "SELF_SIGNED_CERT_IN_CHAIN",
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "EPROTO",
        "ERR_SSL_UNSUPPORTED_PROTOCOL",
    ] {
        let reply = fails(Cause::Untrusted(code.into()), Head::Unwritten);
        Serving::new().at("HEAD https://127.0.0.1:5000/v2/a/manifests/1.4.2", reply).ends(
            &required(&["--image", "127.0.0.1:5000/a:1.4.2"]),
            &format!("4 TLS_UNTRUSTED: no secure connection to 127.0.0.1:5000: TLS failed ({code}) (request ID) | {CA}"),
        );
    }
    let refused = fails(Cause::NotConnected("ECONNREFUSED".into()), Head::Unwritten);
    Serving::new().at("HEAD https://127.0.0.1:5000/v2/a/manifests/1.4.2", refused).ends(
        &required(&["--image", "127.0.0.1:5000/a:1.4.2", "--attempts", "1"]),
        "4 REGISTRY_UNREACHABLE: 127.0.0.1:5000 could not be reached: no connection came about (ECONNREFUSED) (request \
         ID) | open the way from this runner to the registry, or set `preflight` to off where only the cluster can reach \
         it",
    );
}

#[test]
fn whatever_a_registry_on_this_machine_leads_to_is_asked_by_tls() {
    let tls = "HEAD https://localhost:5000/v2/a/manifests/1.4.2";
    let realm = "https://localhost:5001/token";
    let ask = format!("GET {realm}?scope=repository:a:pull");
    let serving = Serving::new().at(tls, challenged(&format!("Bearer realm=\"{realm}\""))).at(ask, plain());
    let moved = Serving::new()
        .at(tls, leads(307, "https://localhost:5001/x"))
        .at("HEAD https://localhost:5001/x", plain());
    for serving in [serving, moved] {
        serving.ends(
            &required(&["--image", "localhost:5000/a:1.4.2"]),
            "4 TLS_UNTRUSTED: no secure connection to localhost:5001: TLS failed (ERR_SSL_WRONG_VERSION_NUMBER) (request \
             ID) | set `ca-cert` to the PEM file of the CA that signed the registry's certificate",
        );
    }
}

#[test]
fn no_other_registry_is_asked_without_tls() {
    for host in ["registry.example.com", "10.0.0.5:5000", "localhost.example.com:5000"] {
        Serving::new().at(format!("HEAD https://{host}/v2/a/manifests/1.4.2"), plain()).ends(
            &required(&["--image", &format!("{host}/a:1.4.2")]),
            &format!(
                "4 TLS_UNTRUSTED: no secure connection to {host}: TLS failed (ERR_SSL_WRONG_VERSION_NUMBER) (request ID) \
                 | set `ca-cert` to the PEM file of the CA that signed the registry's certificate"
            ),
        );
    }
}

#[test]
fn a_digest_that_is_pinned_is_that_of_the_name_as_it_was_written() {
    let image = Image::usual();
    let base = "https://registry-1.docker.io/v2/library/airflow/";
    let serving = Serving::new().holds_at(base, "1.4.2", &image).yes();
    serving.succeeds(&required(&["--image", "airflow:1.4.2", "--pin"]));
    let sent = serving.seen().last().expect("the change").body.clone();
    assert!(sent.contains(&format!("\"airflow@{}\"", sha256(&image.manifest))), "{sent}");
}
