//! Repositories, and the names by Kubernetes's rules.

use houston_deploy::setup::names::{Namespace, Repository, SecretName};

#[track_caller]
fn is_none(text: &str, why: &str) {
    assert_eq!(text.parse::<Repository>().expect_err(text).to_string(), why);
}

#[test]
fn a_repository_is_a_registry_and_a_name() {
    for (text, registry) in [
        ("registry.example.com/acme", "registry.example.com"),
        ("registry.example.com/acme/airflow", "registry.example.com"),
        ("registry.example.com:5000/a/b/c", "registry.example.com:5000"),
        ("localhost/airflow", "localhost"),
        ("[::1]:5000/airflow", "[::1]:5000"),
        (
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/airflow",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        ),
    ] {
        let repository: Repository = text.parse().expect(text);
        assert_eq!((repository.as_str(), repository.registry()), (text, registry));
    }
}

#[test]
fn what_is_no_repository_is_told_why() {
    is_none("", "is empty");
    is_none("https://registry.example.com/acme", "is a URL: leave out \"https://\"");
    is_none("registry.example.com/acme:1.4", "has a tag: leave out \":1.4\"");
    is_none("registry.example.com:5000/acme:1.4", "has a tag: leave out \":1.4\"");
    is_none("registry.example.com/acme@sha256:0f", "has an '@': leave out a digest, and a user name");
    is_none("user@registry.example.com/acme", "has an '@': leave out a digest, and a user name");
    let alone = "has no repository behind the registry: <registry>/<repository> is needed";
    is_none("registry.example.com", alone);
    is_none("registry.example.com:5000", alone);
    is_none("acme/airflow", "has no registry in front, such as registry.example.com/");
    is_none("registry.example.com/", "has no repository name");
    is_none("registry.example.com/acme/", "has an empty component in its repository name");
    is_none("registry.example.com/Acme", "has upper-case letter 'A' at position 1 of the repository name");
    is_none("registry.example.com/a'b", "has unexpected character ''' at position 2 of the repository name");
    is_none("registry.example.com/a\nb", "has a line break at position 2 of the repository name");
    is_none(&format!("registry.example.com/{}", "a".repeat(250)), "has 271 characters, 255 at most");
}

#[test]
fn a_secret_is_named_by_kubernetess_rule() {
    for text in ["pull", "a", "1", "acme-registry", "acme.registry-2.x", &"a".repeat(253)] {
        assert_eq!(text.parse::<SecretName>().expect(text).as_str(), text);
    }
    let around = "does not start and end with a letter or digit, around each dot too";
    for (text, why) in [
        ("", "is empty"),
        ("Pull", "has upper-case letter 'P' at position 1 of the secret's name"),
        ("pull_secret", "has unexpected character '_' at position 5 of the secret's name"),
        ("pull secret", "has white space at position 5 of the secret's name"),
        ("-pull", around),
        ("pull-", around),
        (".pull", around),
        ("a..b", around),
        ("a.-b", around),
        (&"a".repeat(254), "has 254 characters, 253 at most"),
    ] {
        assert_eq!(text.parse::<SecretName>().expect_err(text).to_string(), why, "{text}");
    }
}

#[test]
fn a_namespace_is_one_label() {
    assert_eq!("astronomer".parse::<Namespace>().expect("good").as_str(), "astronomer");
    for (text, why) in [
        ("a.b", "has unexpected character '.' at position 2 of the namespace"),
        ("a-", "does not start and end with a letter or digit"),
        (&"a".repeat(64), "has 64 characters, 63 at most"),
    ] {
        assert_eq!(text.parse::<Namespace>().expect_err(text).to_string(), why, "{text}");
    }
}
