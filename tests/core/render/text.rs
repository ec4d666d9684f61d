//! Text: a line for each release, a block for each failure, the requests of a dry run, and the help.

use houston_deploy::error::{Code, Problem};
use houston_deploy::inputs::options::{DEPLOY, Kind};
use houston_deploy::render;
use houston_deploy::report::{ReleaseReport, Status};

use super::{
    deployed, deployed_release, failed, failure, mixed, of, planned, problem, refused, two_problems, wrong,
};
use crate::world::{World, answer, deploy, inputs};

#[test]
fn a_deployed_release_is_one_line() {
    assert_eq!(
        render::result(&deployed()),
        "deployed   dev  10.0.0 -> 11.3.0  accepted  8.1 s  https://deployments.astro.example.com/dev/airflow\n"
    );
    assert_eq!(render::blocks(&deployed()), "");
}

#[test]
fn a_version_before_that_is_not_known_is_left_out() {
    let release = ReleaseReport { before: None, airflow_url: None, ..deployed_release("dev") };
    assert_eq!(
        render::result(&of(Status::Deployed, vec![release])),
        "deployed   dev  11.3.0  accepted  8.1 s\n"
    );
}

#[test]
fn the_version_before_is_not_shown_for_the_one_that_runs() {
    let release = ReleaseReport { after: None, airflow_url: None, ..deployed_release("dev") };
    assert_eq!(render::result(&of(Status::Deployed, vec![release])), "deployed   dev  accepted  8.1 s\n");
}

#[test]
fn another_request_is_no_other_failure() {
    let one = |name, id| {
        let message = format!("Houston answered HTTP 401 (request {id})");
        failed(name, Status::Refused, 3, failure(Code::PermissionDenied, &message, None))
    };
    assert_eq!(
        render::blocks(&of(Status::Refused, vec![one("a", "01"), one("b", "02")])),
        "error[PERMISSION_DENIED]: a, b: Houston answered HTTP 401 (request 01)\n"
    );
}

#[test]
fn a_refused_release_is_a_line_and_a_block() {
    assert_eq!(render::result(&refused()), "refused    dev  40 ms\n");
    assert_eq!(
        render::blocks(&refused()),
        "error[PERMISSION_DENIED]: houston.astro.example.com answered HTTP 401 (request 01)\n\
         hint: check that `token` is complete\n"
    );
}

#[test]
fn several_releases_stand_in_columns_and_the_same_failure_is_said_once() {
    assert_eq!(
        render::result(&mixed()),
        "deployed   dev         10.0.0 -> 11.3.0  accepted  8.1 s  https://deployments.astro.example.com/dev/airflow\n\
         refused    no-1\n\
         unknown    qa          1 min 1 s\n\
         refused    no-2\n\
         deployed   production  10.0.0 -> 11.3.0  accepted  8.1 s  \
         https://deployments.astro.example.com/production/airflow\n"
    );
    assert_eq!(
        render::blocks(&mixed()),
        "error[DEPLOYMENT_NOT_FOUND]: no-1, no-2: no such Deployment\n\
         hint: correct `release`\n\
         error[OUTCOME_UNKNOWN]: qa: whether qa was changed is not known\n"
    );
}

#[test]
fn a_failure_of_more_than_two_releases_names_the_first_and_counts_the_rest() {
    let error = || failure(Code::HoustonUnreachable, "not reachable", None);
    let results = ["a", "b", "c", "d"].map(|name| failed(name, Status::Failed, 4, error()));
    let report = of(Status::Failed, results.into());
    assert_eq!(render::blocks(&report), "error[HOUSTON_UNREACHABLE]: a and 3 more: not reachable\n");
    assert_eq!(render::margin(&report).len(), 1);
}

#[test]
fn the_same_words_under_another_code_are_another_failure() {
    let results = vec![
        failed("a", Status::Refused, 3, failure(Code::HoustonRefused, "answered HTTP 500", None)),
        failed("b", Status::Failed, 4, failure(Code::HoustonFailed, "answered HTTP 500", None)),
    ];
    assert_eq!(
        render::blocks(&of(Status::Failed, results)),
        "error[HOUSTON_REFUSED]: a: answered HTTP 500\nerror[HOUSTON_FAILED]: b: answered HTTP 500\n"
    );
}

#[test]
fn wrong_input_is_one_block_with_a_line_for_each_problem() {
    assert_eq!(
        render::blocks(&two_problems()),
        "error[INPUT_INVALID]: 2 problems with the input, nothing was sent\n  \
         image: \"a/b\" has neither a tag nor a digest\n  \
         release: is missing\n    \
         hint: set it\n\
         hint: correct the options named, then run again\n"
    );
    assert_eq!(render::result(&two_problems()), "refused\n");
}

#[test]
fn a_single_problem_is_the_error_itself() {
    let report = wrong(vec![problem("release", "is missing", Some("set it"))]);
    assert_eq!(render::blocks(&report), "error[INPUT_INVALID]: release: is missing\nhint: set it\n");
    let expired = Problem { code: Code::TokenExpired, ..problem("token", "expired 1 h ago", None) };
    assert_eq!(render::blocks(&wrong(vec![expired])), "error[TOKEN_EXPIRED]: token: expired 1 h ago\n");
}

#[test]
fn a_dry_run_is_the_exact_requests() {
    assert_eq!(
        render::result(&planned()),
        "# dev: would send\n\
         POST https://houston.astro.example.com/v1\n\
         authorization: ***\n\
         content-type: application/json\n\
         \n\
         {\"query\":\"mutation\",\"variables\":{\"releaseName\":\"dev\"}}\n\n"
    );
}

#[test]
fn nothing_to_do_is_said() {
    assert_eq!(render::result(&of(Status::Skipped, Vec::new())), "skipped\n");
}

#[test]
fn a_version_that_houston_answers_with_does_not_act() {
    let hostile = r#"{"data":{"updateDeploymentImage":{"id":"ck1","releaseName":"dev","runtimeVersion":"11.3.0+\n::error::x"}}}"#;
    let world = World::new([answer(200, hostile)]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1"]));
    assert_eq!(render::result(&ended.report).lines().count(), 1, "{}", render::result(&ended.report));
}

#[test]
fn the_help_has_examples_first_and_every_option() {
    assert!(render::help_of_program().contains("\n\nExamples:\n"));
    let help = render::help_of_deploy();
    let examples = help.find("Examples:").expect("examples");
    assert!(examples < help.find("Options:").expect("options"), "examples first");
    for spec in &DEPLOY {
        // A secret is shown by its variable, since it has no flag.
        let flag = format!("  --{} ", spec.name);
        assert_eq!(help.contains(&flag), spec.kind != Kind::Secret, "{}", spec.name);
        if spec.kind == Kind::Secret {
            assert!(help.contains(&format!("  {} ", spec.environment_name())), "{}", spec.name);
        }
    }
    assert!(help.contains("(default: linux/amd64)"), "{help}");
}
