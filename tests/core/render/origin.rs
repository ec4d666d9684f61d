//! Where the run comes from: the commit and the job, of GitHub or of GitLab, or nothing where they are malformed.

use houston_deploy::inputs::Environment;
use houston_deploy::render::{self, Origin};

use super::deployed;

pub(super) fn origin(variables: &[(&str, &str)]) -> Origin {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Origin::of(&Environment::new(variables))
}

pub(super) const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn the_commit_is_gitlabs_too() {
    let origin = origin(&[
        ("CI_COMMIT_SHA", SHA),
        ("CI_PROJECT_URL", "https://gitlab.example.com/acme/dags"),
        ("CI_JOB_URL", "https://gitlab.example.com/acme/dags/-/jobs/7"),
    ]);
    assert_eq!(origin.commit.as_deref(), Some(SHA));
    let url = format!("https://gitlab.example.com/acme/dags/-/commit/{SHA}");
    assert_eq!(origin.commit_url.as_deref(), Some(url.as_str()));
    assert_eq!(origin.run_url.as_deref(), Some("https://gitlab.example.com/acme/dags/-/jobs/7"));
}

#[test]
fn where_both_are_named_it_is_githubs() {
    let origin = origin(&[
        ("GITHUB_SHA", SHA),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/dags"),
        ("CI_PROJECT_URL", "https://gitlab.example.com/acme/dags"),
    ]);
    let url = format!("https://github.com/acme/dags/commit/{SHA}");
    assert_eq!(origin.commit_url.as_deref(), Some(url.as_str()));
}

#[test]
fn an_origin_that_is_malformed_is_left_out() {
    assert_eq!(origin(&[]), Origin::default());
    for sha in ["main", "0123456g", "012345", "", "01234567)", &"0".repeat(65)] {
        let origin = origin(&[("GITHUB_SHA", sha), ("CI_PROJECT_URL", "https://gitlab.example.com/a/b")]);
        assert_eq!(origin, Origin::default(), "{sha}");
    }
    for server in
        ["javascript:alert(1)//", "https://evil.example/)[x](", "https://a.example/\n", "ftp://a.example"]
    {
        let origin = origin(&[
            ("GITHUB_SHA", SHA),
            ("GITHUB_SERVER_URL", server),
            ("GITHUB_REPOSITORY", "acme/dags"),
            ("GITHUB_RUN_ID", "1"),
        ]);
        assert_eq!(
            (origin.commit.as_deref(), origin.commit_url, origin.run_url),
            (Some(SHA), None, None),
            "{server}"
        );
    }
    let origin = origin(&[
        ("CI_COMMIT_SHA", SHA),
        ("CI_PROJECT_URL", "nowhere"),
        ("CI_JOB_URL", "https://x.example/<"),
    ]);
    assert_eq!((origin.commit_url, origin.run_url), (None, None));
}

#[test]
fn a_commit_without_a_page_is_no_link() {
    let page = render::summary(&deployed(), &origin(&[("GITHUB_SHA", SHA)]));
    assert!(page.contains("- **Commit:** `0123456`\n"), "{page}");
    assert!(!page.contains("**Run:**"), "{page}");
}

#[test]
fn a_run_without_a_number_has_no_page() {
    let origin = origin(&[("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "acme/dags")]);
    assert_eq!(origin.run_url, None);
}
