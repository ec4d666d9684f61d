//! Files: the CA to trust, and where results go.

use super::{gets, usual};

#[test]
fn a_ca_is_a_pem_file() {
    let pem = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
    let case = usual().with(&["--ca-cert", "ca"]).file("ca", pem);
    assert_eq!(case.read().ca_cert.as_deref(), Some(pem));
    case.good();
    usual()
        .with(&["--ca-cert", "ca"])
        .file("ca", "MII")
        .gets(&["ca-cert: holds no PEM certificate | name a file with -----BEGIN CERTIFICATE-----"]);
    usual().with(&["--ca-cert", "gone"]).gets(&["ca-cert: \"gone\" does not exist"]);
}

#[test]
fn a_ca_that_cannot_be_trusted_any_more_is_a_problem() {
    let mut case = usual().with(&["--ca-cert", "ca"]).file("ca", "-----BEGIN CERTIFICATE-----");
    case.surroundings.can_trust = false;
    case.gets(&[
        "ca-cert: cannot be trusted by this program once Node runs: that needs the command line or the action, on \
         Node 22.19, 24.5 or newer | set NODE_EXTRA_CA_CERTS to the file before Node starts",
    ]);
    assert_eq!(case.read().ca_cert, None);
}

#[test]
fn where_results_go_is_known_though_the_rest_is_wrong() {
    let read = usual()
        .but("--image", "x")
        .with(&["--output", "json", "--debug", "--report-file", "r", "--summary-file", "nowhere/s"])
        .with(&["--junit-file", "j", "--dotenv-file", "d", "--annotations-file", "a"])
        .read();
    let outputs = &read.outputs;
    assert!(outputs.json && outputs.debug);
    let paths = [&outputs.report, &outputs.summary, &outputs.junit, &outputs.dotenv, &outputs.annotations];
    assert_eq!(paths.map(Option::as_deref), [Some("r"), None, Some("j"), Some("d"), Some("a")]);
    gets(
        read,
        &[
            "summary-file: \"nowhere/s\" is in a folder that does not exist",
            "image: \"x\" has neither a tag nor a digest",
        ],
    );
}
