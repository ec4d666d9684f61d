//! Endpoints: where a base domain or a URL leads, and which of them would lead the token astray.

use houston_deploy::endpoint::Endpoint;

use super::{parsed, says};

#[track_caller]
fn no_domain(text: &str, why: &str) {
    says(Endpoint::at_base_domain(text), why);
}

#[track_caller]
pub(super) fn no_url(text: &str, why: &str) {
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
    for host in ["127.evil.example.1", "127.0.0.1.2", "127.0.0.256", "[:::::]", "[1:2]", "[::+1.0.0.1]"] {
        assert!(Endpoint::at_url(&format!("http://{host}/v1")).is_err(), "{host}");
    }
}
