//! What this version cannot do yet: `auto` is off with a warning, `require` is a problem.

use super::usual;

#[test]
fn auto_is_off_with_a_warning() {
    usual().without("--preflight").warns(&[
        "REGISTRY_UNREACHABLE: the image was not looked up in its registry: this version cannot | set `preflight` \
         to off, and make sure that the image was pushed",
    ]);
    usual().but("--wait", "auto").warns(&[
        "WAIT_IMPOSSIBLE: the Deployment is not watched coming up: this version cannot | set `wait` to off, and \
         look at the Deployment's page for how it comes up",
    ]);
    usual().warns(&[]);
}

#[test]
fn require_is_a_problem() {
    usual().but("--preflight", "require").gets(&[
        "preflight: \"require\" is not possible in this version | set `preflight` to off, and make sure that the \
         image was pushed",
    ]);
    usual().but("--wait", "require").gets(&[
        "wait: \"require\" is not possible in this version | set `wait` to off, and look at the Deployment's page \
         for how it comes up",
    ]);
}

#[test]
fn pin_sends_the_digest_alone() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let image = format!("registry:5000/a/b:1@{digest}");
    let case = usual().but("--image", &image).with(&["--pin"]);
    assert_eq!(case.good().image_to_send, format!("registry:5000/a/b@{digest}"));
    assert_eq!(case.good().image.as_str(), image);
    usual()
        .with(&["--pin"])
        .gets(&["pin: cannot find out the digest of a tag in this version | give `image` with its digest"]);
}
