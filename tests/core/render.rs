//! The faces of a report: what each says of the same data, and that nothing in the data can act in any of them or
//! show a secret. The reports are made by hand; what leads to one is tested elsewhere.

use houston_deploy::error::{Code, Error, OpenAttempt, Problem};
use houston_deploy::inputs::options::{DEPLOY, Kind};
use houston_deploy::inputs::{Environment, Front, Surroundings};
use houston_deploy::render::{self, Origin};
use houston_deploy::report::{
    Change, Failure, HoustonSeen, ImageSeen, PlannedRequest, Proof, ReleaseReport, Report, State, Status,
    Warning,
};
use houston_deploy::session::{Handover, Session};
use houston_deploy::token::Redactor;
use serde_json::{Value, json};

use crate::world::{NoFiles, TOKEN, WALL, World, answer, deploy, inputs};

// Reports.

fn release(name: &str, status: Status) -> ReleaseReport {
    ReleaseReport { release: name.into(), ..ReleaseReport::new(&"x".parse().expect("a name"), status) }
}

fn failure(code: Code, message: &str, hint: Option<&'static str>) -> Failure {
    Failure { code, message: message.into(), hint: hint.map(Into::into), problems: Vec::new() }
}

fn failed(name: &str, status: Status, exit_code: u8, error: Failure) -> ReleaseReport {
    ReleaseReport { error: Some(error), exit_code, ..release(name, status) }
}

fn state(version: &str, updated_at: Option<&str>) -> State {
    State { version: Some(version.into()), updated_at: updated_at.map(Into::into) }
}

fn of(status: Status, results: Vec<ReleaseReport>) -> Report {
    let worst = results.iter().max_by_key(|result| result.exit_code);
    Report {
        schema: 1,
        status,
        error: worst.and_then(|worst| worst.error.clone()),
        houston: Some(HoustonSeen {
            url: "https://houston.astro.example.com/v1".into(),
            version: Some("0.34.1".into()),
        }),
        image: Some(ImageSeen {
            reference: "registry.example.com/acme/airflow:1.4.2".into(),
            digest: None,
            runtime_version: Some("11.3.0".into()),
            airflow_version: None,
        }),
        results,
        warnings: Vec::new(),
    }
}

fn deployed_release(name: &str) -> ReleaseReport {
    ReleaseReport {
        change: Change::Confirmed,
        proof: Some(Proof::Accepted),
        deployment_id: Some("ck1".into()),
        airflow_url: Some(format!("https://deployments.astro.example.com/{name}/airflow")),
        before: Some(state("10.0.0", Some("2026-11-22T10:00:00Z"))),
        after: Some(state("11.3.0", None)),
        attempts: 2,
        milliseconds: 8121,
        ..release(name, Status::Deployed)
    }
}

/// One release, deployed.
fn deployed() -> Report {
    of(Status::Deployed, vec![deployed_release("dev")])
}

/// One release, refused.
fn refused() -> Report {
    let error = failure(
        Code::PermissionDenied,
        "houston.astro.example.com answered HTTP 401 (request 01)",
        Some("check that `token` is complete"),
    );
    of(Status::Refused, vec![ReleaseReport { milliseconds: 40, ..failed("dev", Status::Refused, 3, error) }])
}

/// Five releases: two deployed, two refused for the same reason, and one of which the outcome is not known.
fn mixed() -> Report {
    let absent = || failure(Code::DeploymentNotFound, "no such Deployment", Some("correct `release`"));
    let unknown = failure(Code::OutcomeUnknown, "whether qa was changed is not known", None);
    of(
        Status::Unknown,
        vec![
            deployed_release("dev"),
            failed("no-1", Status::Refused, 3, absent()),
            ReleaseReport {
                change: Change::Unknown,
                attempts: 2,
                milliseconds: 61_000,
                may_have_arrived: vec![
                    OpenAttempt { attempt: 1, request_id: "01".into() },
                    OpenAttempt { attempt: 2, request_id: "02".into() },
                ],
                ..failed("qa", Status::Unknown, 5, unknown)
            },
            failed("no-2", Status::Refused, 3, absent()),
            deployed_release("production"),
        ],
    )
}

fn problem(option: &str, message: &str, hint: Option<&'static str>) -> Problem {
    Problem {
        option: option.into(),
        code: Code::InputInvalid,
        message: message.to_owned().into(),
        hint: hint.map(Into::into),
    }
}

/// Wrong input, in this many ways.
fn wrong(problems: Vec<Problem>) -> Report {
    Report::failed(&Error::InputInvalid { problems }, Vec::new())
}

fn two_problems() -> Report {
    wrong(vec![
        problem("image", "\"a/b\" has neither a tag nor a digest", None),
        problem("release", "is missing", Some("set it")),
    ])
}

/// A dry run.
fn planned() -> Report {
    let request = PlannedRequest {
        method: "POST",
        url: "https://houston.astro.example.com/v1".into(),
        headers: vec![("authorization", "***".into()), ("content-type", "application/json".into())],
        body: r#"{"query":"mutation","variables":{"releaseName":"dev"}}"#.into(),
    };
    of(Status::Planned, vec![ReleaseReport { requests: vec![request], ..release("dev", Status::Planned) }])
}

fn warning(code: Code, message: &str, hint: Option<&'static str>) -> Warning {
    Warning::new(code, message.into(), hint)
}

// Text.

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

// The Markdown summary.

fn summary(report: &Report) -> String {
    render::summary(report, &Origin::default())
}

fn origin(variables: &[(&str, &str)]) -> Origin {
    let variables = variables.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect();
    Origin::of(&Environment::new(variables))
}

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn the_summary_says_what_where_from_which_commit_and_how_long() {
    let origin = origin(&[
        ("GITHUB_SHA", SHA),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/dags"),
        ("GITHUB_RUN_ID", "42"),
    ]);
    assert_eq!(
        render::summary(&deployed(), &origin),
        "## ✅ Deployed: dev\n\
         \n\
         - **Image:** `registry.example.com/acme/airflow:1.4.2`\n\
         - **Version:** Runtime 11.3.0\n\
         - **Houston:** `https://houston.astro.example.com/v1` (0.34.1)\n\
         - **Commit:** [`0123456`](https://github.com/acme/dags/commit/0123456789abcdef0123456789abcdef01234567)\n\
         - **Run:** [log](https://github.com/acme/dags/actions/runs/42)\n\
         \n\
         | Release | Status | Before | After | Proof | Time | Airflow |\n\
         |---|---|---|---|---|--:|---|\n\
         | `dev` | deployed | `10.0.0` | `11.3.0` | accepted | 8.1 s | \
         [open](https://deployments.astro.example.com/dev/airflow) |\n\
         \n"
    );
}

#[test]
fn the_summary_of_wrong_input_lists_every_problem() {
    assert_eq!(
        summary(&two_problems()),
        "## ❌ Refused: nothing was sent\n\
         \n\
         \n\
         ### ❌ INPUT_INVALID\n\
         \n\
         `2 problems with the input, nothing was sent`\n\
         \n\
         - `image` `\"a/b\" has neither a tag nor a digest`\n\
         - `release` `is missing` — set it\n\
         \n\
         **What to do:** correct the options named, then run again\n\
         \n"
    );
}

#[test]
fn the_summarys_headline_counts() {
    let headline = |report: &Report| summary(report).lines().next().unwrap_or_default().to_owned();
    assert_eq!(headline(&mixed()), "## ❓ Outcome unknown: 2 of 5 releases done");
    assert_eq!(headline(&refused()), "## ❌ Refused: dev");
    assert_eq!(headline(&planned()), "## 📝 Planned: dev");
    let two = vec![deployed_release("a"), deployed_release("b")];
    assert_eq!(headline(&of(Status::Deployed, two)), "## ✅ Deployed: 2 releases");
    assert_eq!(headline(&of(Status::Skipped, Vec::new())), "## ⏭️ Skipped: nothing was sent");
}

#[test]
fn the_summary_has_a_warning_with_its_hint() {
    let mut report = deployed();
    report.warnings = vec![
        warning(Code::WaitImpossible, "not watched", Some("set `wait` to off")),
        warning(Code::ImageMoves, "the tag may move", None),
    ];
    let page = summary(&report);
    assert!(page.ends_with(
        "> ⚠️ **WAIT_IMPOSSIBLE** `not watched` — set `wait` to off\n\n> ⚠️ **IMAGE_MOVES** `the tag may move`\n\n"
    ));
}

#[test]
fn the_summarys_table_ends_at_a_thousand_rows() {
    let results: Vec<_> = (0..1002).map(|number| deployed_release(&format!("r{number}"))).collect();
    let page = summary(&of(Status::Deployed, results));
    assert!(page.contains("| `r999` |") && !page.contains("| `r1000` |"));
    assert!(page.contains("\nand 2 more: see the report\n"));
}

/// Takes the code spans out of one line of Markdown, as `CommonMark` has it: a span ends at the next run of backticks
/// that is as long as the one it began with.
fn without_code(line: &str) -> String {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let (mut rest, mut left) = (line, String::new());
    while let Some(start) = rest.find('`') {
        left += &rest[..start];
        rest = &rest[start..];
        let fence = run(rest);
        let mut place = fence;
        let end = loop {
            match rest[place..].find('`').map(|next| place + next) {
                Some(next) if run(&rest[next..]) == fence => break Some(next + fence),
                Some(next) => place = next + run(&rest[next..]),
                None => break None,
            }
        };
        // A run without its counterpart is just backticks.
        if end.is_none() {
            left += &rest[..fence];
        }
        rest = &rest[end.unwrap_or(fence)..];
    }
    left + rest
}

#[test]
fn nothing_leaves_a_code_span() {
    for hostile in [
        "EVIL",
        "`EVIL`",
        "``EVIL",
        "EVIL```",
        "` `` ``` EVIL ` `` ```",
        "a | EVIL | b",
        "\\` EVIL \\`",
        "a\nEVIL\r\n# EVIL",
        "![EVIL](https://evil.example)",
        "<img src=EVIL>",
        "`",
    ] {
        let mut report = refused();
        report.image.as_mut().expect("an image").reference = hostile.into();
        report.results[0].before = Some(state(hostile, None));
        report.results[0].error = Some(failure(Code::HoustonRefused, hostile, None));
        report.warnings = vec![warning(Code::ImageMoves, hostile, None)];
        let page = summary(&report);
        let bare: Vec<_> = page.lines().map(without_code).collect();
        assert!(!bare.concat().contains(['`', '<']), "{hostile:?}: {page}");
        assert!(!bare.concat().contains("EVIL") && !bare.concat().contains("evil"), "{hostile:?}: {page}");
        // The page has as many lines and the table as many cells as with a plain value.
        assert_eq!(page.lines().count(), 16, "{hostile:?}: {page}");
        let row = page.lines().find(|line| line.starts_with("| `")).expect("a row");
        assert_eq!(row.matches('|').count(), 8, "{hostile:?}: {row}");
    }
}

#[test]
fn a_hint_cannot_be_html_or_a_cell() {
    let page =
        summary(&wrong(vec![problem("image", "is missing", Some("set it to <host>/<name>:<tag> | x\ny"))]));
    assert!(page.contains("**What to do:** set it to &lt;host>/&lt;name>:&lt;tag> ¦ x y\n"), "{page}");
}

#[test]
fn the_name_of_an_option_cannot_act_in_the_summary() {
    let hostile = "![x](https://evil.example/x.png)";
    let page =
        summary(&wrong(vec![problem(hostile, "is no option", None), problem("image", "is missing", None)]));
    assert!(!page.lines().map(without_code).any(|line| line.contains("evil")), "{page}");
}

#[test]
fn an_empty_text_is_no_open_code_span() {
    let mut report = refused();
    report.results[0].before = Some(state("", None));
    let row = summary(&report).lines().find(|line| line.starts_with("| `")).expect("a row").to_owned();
    assert!(!without_code(&row).contains('`'), "{row}");
}

// Where the run comes from.

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

// JUnit.

/// One element as it was read: name, attributes, and the text directly in it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    #[track_caller]
    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value.as_str())
    }
}

/// Resolves the five entities. Anything else that XML would not take as text fails.
#[track_caller]
fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text:?}");
    let forbidden = |character| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(forbidden), "{text:?}");
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        let (name, after) = entity.split_once(';').expect("an entity ends");
        plain += before;
        plain += match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            other => panic!("the entity {other}"),
        };
        rest = after;
    }
    plain + rest
}

/// Reads XML as strictly as this program needs it, and gives its elements in the order in which they start.
#[track_caller]
fn elements(xml: &str) -> Vec<Element> {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, piece) in body.split('<').enumerate() {
        if index == 0 {
            assert_eq!(piece, "", "text before the root");
            continue;
        }
        let (tag, text) = piece.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            let ended = open.pop().expect("an open element");
            assert_eq!(elements[ended].name, name, "nesting");
        } else {
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let mut element = Element::default();
            let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
            name.clone_into(&mut element.name);
            while let Some((name, value)) = rest.split_once("=\"") {
                let (value, after) = value.split_once('"').expect("a value ends");
                element.attributes.push((name.into(), unescaped(value)));
                rest = after.trim_start();
            }
            assert_eq!(rest, "", "attributes");
            if !is_empty {
                open.push(elements.len());
            }
            elements.push(element);
        }
        match open.last() {
            Some(&inside) => elements[inside].text += &unescaped(text),
            None => assert_eq!(text.trim(), "", "text after the root"),
        }
    }
    assert_eq!(open.len(), 0, "every element ends");
    elements
}

/// tests, failures, skipped, time.
#[track_caller]
fn counts(elements: &[Element]) -> [&str; 4] {
    let suite = elements.iter().find(|element| element.name == "testsuite").expect("a suite");
    ["tests", "failures", "skipped", "time"].map(|name| suite.attribute(name))
}

#[test]
fn junit_of_one_deployed() {
    assert_eq!(
        render::junit(&deployed()),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites>\n  \
         <testsuite name=\"houston-deploy\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"8.121\">\n    \
         <testcase classname=\"houston-deploy\" name=\"dev\" time=\"8.121\"/>\n  \
         </testsuite>\n\
         </testsuites>\n"
    );
}

#[test]
fn junit_counts_what_it_holds() {
    let mut report = mixed();
    report.results.push(release("late", Status::Skipped));
    let xml = render::junit(&report);
    let elements = elements(&xml);
    assert_eq!(counts(&elements), ["6", "3", "1", "77.242"]);
    let of = |name: &str| elements.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    let names: Vec<_> = of("testcase").iter().map(|case| case.attribute("name")).collect();
    assert_eq!(names, ["dev", "no-1", "qa", "no-2", "production", "late"]);
    let types: Vec<_> = of("failure").iter().map(|failure| failure.attribute("type")).collect();
    assert_eq!(types, ["DEPLOYMENT_NOT_FOUND", "OUTCOME_UNKNOWN", "DEPLOYMENT_NOT_FOUND"]);
    assert_eq!(of("failure")[0].attribute("message"), "no such Deployment");
    assert_eq!(of("failure")[0].text, "hint: correct `release`");
    assert_eq!(of("skipped").len(), 1);
}

#[test]
fn junit_of_wrong_input_is_a_case_of_its_own() {
    let xml = render::junit(&two_problems());
    let elements = elements(&xml);
    assert_eq!(counts(&elements), ["1", "1", "0", "0.000"]);
    let failure = elements.last().expect("a failure");
    assert_eq!(failure.attribute("type"), "INPUT_INVALID");
    assert_eq!(failure.attribute("message"), "2 problems with the input, nothing was sent");
    assert_eq!(
        failure.text,
        "image: \"a/b\" has neither a tag nor a digest\nrelease: is missing\nhint: correct the options named, then \
         run again"
    );
}

#[test]
fn junit_of_an_empty_shard_is_skipped() {
    let xml = render::junit(&of(Status::Skipped, Vec::new()));
    assert_eq!(counts(&elements(&xml)), ["1", "0", "1", "0.000"]);
}

#[test]
fn nothing_leaves_its_place_in_junit() {
    let hostile = "]]> \"'<x y=\"z\">&amp;&#10;</failure>\u{0}\u{8}\u{b}\u{1b}\u{fffe}\u{ffff}é😀\u{7f}";
    let xml = render::junit(&wrong(vec![problem("image", hostile, None), problem(hostile, hostile, None)]));
    let elements = elements(&xml);
    let kept = "]]> \"'<x y=\"z\">&amp;&#10;</failure>é😀\u{7f}";
    let failure = elements.last().expect("a failure");
    assert_eq!(failure.text.lines().next(), Some(format!("image: {kept}").as_str()));
    assert_eq!(failure.text.lines().nth(1), Some(format!("{kept}: {kept}").as_str()));
    assert!(!xml.contains("]]>"));
    let one = render::junit(&wrong(vec![problem("image", hostile, None)]));
    assert_eq!(
        self::elements(&one).last().expect("a failure").attribute("message"),
        format!("image: {kept}")
    );
}

// GitLab: dotenv and annotations; the action's outputs.

#[test]
fn dotenv_has_a_line_for_each_output() {
    let mut report = deployed();
    report.image.as_mut().expect("an image").digest = Some("sha256:00".into());
    assert_eq!(
        render::dotenv(&report),
        "HOUSTON_STATUS=deployed\n\
         HOUSTON_VERIFIED=false\n\
         HOUSTON_PROOF=accepted\n\
         HOUSTON_DEPLOYMENT_ID=ck1\n\
         HOUSTON_AIRFLOW_URL=https://deployments.astro.example.com/dev/airflow\n\
         HOUSTON_DIGEST=sha256:00\n"
    );
}

#[test]
fn dotenv_is_whole_whatever_happened() {
    for report in [deployed(), refused(), mixed(), two_problems(), planned(), of(Status::Skipped, Vec::new())]
    {
        let text = render::dotenv(&report);
        let keys: Vec<_> = text.lines().map(|line| line.split_once('=').expect("a line").0).collect();
        assert_eq!(keys.len(), 6, "{text}");
        for key in keys {
            assert!(key.starts_with("HOUSTON_"), "{key}");
            assert!(key.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{key}");
        }
    }
}

#[test]
fn several_releases_have_no_id_and_no_address_together() {
    let outputs = render::outputs(&mixed()).map(|(name, value)| format!("{name}={value}"));
    assert_eq!(
        outputs,
        ["status=unknown", "verified=false", "proof=", "deployment-id=", "airflow-url=", "digest="]
    );
}

#[test]
fn verified_is_every_release_and_proof_the_least() {
    let sure = |name| ReleaseReport { verified: true, ..deployed_release(name) };
    let of = |results| render::outputs(&of(Status::Deployed, results)).map(|(_, value)| value);
    assert_eq!(of(vec![sure("a"), sure("b")])[1..3], ["true", "accepted"]);
    assert_eq!(of(vec![sure("a"), deployed_release("b")])[1..3], ["false", "accepted"]);
    assert_eq!(of(vec![sure("a"), ReleaseReport { proof: None, ..sure("b") }])[1..3], ["true", ""]);
    assert_eq!(of(Vec::new())[1..3], ["false", ""]);
}

#[test]
fn annotations_link_to_every_airflow() {
    let text = render::annotations(&mixed(), &Redactor::default());
    let link = |name: &str| {
        json!({ "external_link": {
            "label": format!("Airflow {name}"),
            "url": format!("https://deployments.astro.example.com/{name}/airflow"),
        } })
    };
    assert_eq!(parsed(&text), json!({ "Airflow": [link("dev"), link("production")] }));
    assert_eq!(render::annotations(&two_problems(), &Redactor::default()), r#"{"Airflow":[]}"#);
}

// The report as JSON.

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[track_caller]
fn report_of(report: &Report) -> Value {
    let text = render::json(report, &Redactor::default());
    assert!(!text.contains('\n'), "one line");
    parsed(&text)
}

#[test]
fn the_report_of_one_deployed_is_the_contracts() {
    let mut report = deployed();
    report.warnings = vec![warning(Code::ImageMoves, "the tag may move", Some("use a digest"))];
    report.warnings.push(warning(Code::WaitImpossible, "not watched", None));
    assert_eq!(
        report_of(&report),
        json!({
            "schema": 1, "status": "deployed", "error": null,
            "houston": { "url": "https://houston.astro.example.com/v1", "version": "0.34.1" },
            "image": {
                "reference": "registry.example.com/acme/airflow:1.4.2", "digest": null,
                "runtimeVersion": "11.3.0", "airflowVersion": null,
            },
            "results": [{
                "release": "dev", "status": "deployed", "change": "confirmed", "proof": "accepted", "verified": false,
                "deploymentId": "ck1", "airflowUrl": "https://deployments.astro.example.com/dev/airflow",
                "before": { "version": "10.0.0", "updatedAt": "2026-11-22T10:00:00Z" },
                "after": { "version": "11.3.0", "updatedAt": null },
                "attempts": 2, "milliseconds": 8121, "error": null, "mayHaveArrived": [],
            }],
            "warnings": [
                { "code": "IMAGE_MOVES", "message": "the tag may move", "hint": "use a digest" },
                { "code": "WAIT_IMPOSSIBLE", "message": "not watched", "hint": null },
            ],
        })
    );
}

#[test]
fn what_is_not_known_is_null_and_not_absent() {
    let report =
        Report { houston: None, image: None, ..of(Status::Skipped, vec![release("dev", Status::Skipped)]) };
    assert_eq!(
        report_of(&report),
        json!({
            "schema": 1, "status": "skipped", "error": null, "houston": null, "image": null,
            "results": [{
                "release": "dev", "status": "skipped", "change": "none", "proof": null, "verified": false,
                "deploymentId": null, "airflowUrl": null, "before": null, "after": null,
                "attempts": 0, "milliseconds": 0, "error": null, "mayHaveArrived": [],
            }],
            "warnings": [],
        })
    );
}

#[test]
fn the_report_names_what_may_have_arrived() {
    let report = report_of(&mixed());
    assert_eq!(
        report["results"][2]["mayHaveArrived"],
        json!([{ "attempt": 1, "requestId": "01" }, { "attempt": 2, "requestId": "02" }])
    );
    let error =
        json!({ "code": "OUTCOME_UNKNOWN", "message": "whether qa was changed is not known", "hint": null });
    assert_eq!(report["results"][2]["error"], error);
    // The whole has the error of the worst.
    assert_eq!(report["error"], error);
    assert_eq!(report["results"][2]["change"], "unknown");
}

#[test]
fn the_report_of_wrong_input_has_the_problems_and_no_results() {
    assert_eq!(
        report_of(&two_problems()),
        json!({
            "schema": 1, "status": "refused",
            "error": {
                "code": "INPUT_INVALID", "message": "2 problems with the input, nothing was sent",
                "hint": "correct the options named, then run again",
                "problems": [
                    {
                        "option": "image", "code": "INPUT_INVALID",
                        "message": "\"a/b\" has neither a tag nor a digest", "hint": null,
                    },
                    { "option": "release", "code": "INPUT_INVALID", "message": "is missing", "hint": "set it" },
                ],
            },
            "houston": null, "image": null, "results": [], "warnings": [],
        })
    );
}

#[test]
fn a_single_problem_is_in_the_list_too() {
    let report = report_of(&wrong(vec![problem("release", "is missing", None)]));
    assert_eq!(report["error"]["message"], "release: is missing");
    assert_eq!(report["error"]["problems"][0]["option"], "release");
}

#[test]
fn the_report_of_a_dry_run_has_the_requests() {
    assert_eq!(
        report_of(&planned())["results"][0]["requests"],
        json!([{
            "method": "POST", "url": "https://houston.astro.example.com/v1",
            "headers": { "authorization": "***", "content-type": "application/json" },
            "body": { "query": "mutation", "variables": { "releaseName": "dev" } },
        }])
    );
}

// The margin.

#[test]
fn the_margin_has_every_error_and_warning_with_its_hint() {
    let mut report = mixed();
    report.warnings = vec![warning(Code::ImageMoves, "the tag may move", Some("use a digest"))];
    let margin: Vec<_> =
        render::margin(&report).into_iter().map(|one| (one.level, one.title.as_str(), one.text)).collect();
    assert_eq!(
        margin,
        [
            (
                "error",
                "DEPLOYMENT_NOT_FOUND",
                "no-1, no-2: no such Deployment\nhint: correct `release`".to_owned()
            ),
            ("error", "OUTCOME_UNKNOWN", "qa: whether qa was changed is not known".to_owned()),
            ("warning", "IMAGE_MOVES", "the tag may move\nhint: use a digest".to_owned()),
        ]
    );
}

#[test]
fn the_margin_of_wrong_input_is_one_entry() {
    let margin = render::margin(&two_problems());
    assert_eq!(margin.len(), 1);
    assert_eq!(
        margin[0].text,
        "2 problems with the input, nothing was sent\n\
         image: \"a/b\" has neither a tag nor a digest\n\
         release: is missing (set it)\n\
         hint: correct the options named, then run again"
    );
}

#[test]
fn the_margin_has_ten_of_a_kind_at_most_and_counts_the_rest() {
    let of = |count: usize| {
        let error = |number| failure(Code::HoustonFailed, &format!("error {number}"), None);
        let results = (0..count)
            .map(|number| failed(&format!("r{number}"), Status::Failed, 4, error(number)))
            .collect();
        let mut report = of(Status::Failed, results);
        report.warnings =
            (0..count).map(|number| warning(Code::ImageMoves, &format!("warning {number}"), None)).collect();
        render::margin(&report)
    };
    let margin = of(10);
    assert_eq!(margin.len(), 20);
    assert!(margin.iter().all(|one| !one.text.contains("more")));
    let margin = of(13);
    let level = |level| margin.iter().filter(|one| one.level == level).collect::<Vec<_>>();
    assert_eq!((level("error").len(), level("warning").len()), (10, 10));
    assert_eq!(level("error")[9].text, "r9: error 9\nand 3 more: see the summary");
    assert_eq!(level("warning")[9].text, "warning 9\nand 3 more: see the summary");
    assert_eq!(level("error")[8].text, "r8: error 8");
}

// Secrets, by way of a whole session.

/// Runs a session of `front` with these variables and arguments against a world that no request may reach, and
/// gives what leaves.
#[track_caller]
fn leaves(front: Front, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let environment = variables.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect();
    let handover = Handover {
        front,
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        environment: Environment::new(environment),
        properties: Value::Null,
        surroundings: Surroundings { wall: WALL, can_trust: true, proxy_ignored: false },
    };
    let world = World::new([]);
    world.run(Session::open(handover, &NoFiles).run(&world))
}

/// A value that wrong input quotes in every face: `workspace` is no id with this in it.
#[track_caller]
fn every_face_quoting(secret: &str) -> String {
    let quoting = format!("workspace {secret} .");
    leaves(
        Front::CommandLine,
        &[("HOUSTON_TOKEN", TOKEN), ("HOUSTON_REGISTRY_PASSWORD", secret), ("HOUSTON_WORKSPACE", &quoting)],
        &[
            "deploy",
            "--report-file",
            "r",
            "--summary-file",
            "s",
            "--junit-file",
            "j",
            "--dotenv-file",
            "d",
            "--annotations-file",
            "a",
            "--registry-username",
            "robot",
            "--image",
            "acme/airflow",
        ],
    )
}

#[test]
fn a_secret_is_in_no_face_of_a_report() {
    let left = every_face_quoting("s3cr3t-p4ss");
    assert!(!left.contains("s3cr3t"), "{left}");
    let left = parsed(&left);
    let quoted = "holds a secret, which does not belong here";
    assert_eq!(left["exitCode"], 2);
    assert_eq!(left["stdout"], "");
    assert!(left["stderr"].as_str().expect("text").contains(quoted));
    assert!(left["summary"].as_str().expect("text").contains(quoted));
    assert!(left["annotations"][0]["text"].as_str().expect("text").contains(quoted));
    let files = left["files"].as_array().expect("files");
    let paths: Vec<_> = files.iter().map(|file| file[0].as_str().expect("a path")).collect();
    assert_eq!(paths, ["r", "s", "j", "d", "a"]);
    let file = |index: usize| files[index][1].as_str().expect("text");
    assert!(file(1).contains(quoted));
    assert!(file(2).contains(quoted));
    for report in
        [file(0), left["report"].as_str().expect("text"), left["outputs"]["report"].as_str().expect("text")]
    {
        let report = parsed(report);
        let problems = report["error"]["problems"].as_array().expect("problems");
        assert!(problems.iter().any(|problem| problem["message"] == quoted), "{report}");
    }
}

#[test]
fn the_last_thing_before_a_text_leaves_takes_secrets_out_of_it() {
    let left = leaves(
        Front::CommandLine,
        &[("HOUSTON_TOKEN", TOKEN), ("HOUSTON_REGISTRY_PASSWORD", "s3cr3t-p4ss")],
        &[
            "deploy",
            "--base-domain",
            "astro.example.com",
            "--platform-version",
            "0.34.1",
            "--release",
            "dev",
            "--registry-username",
            "robot",
            "--runtime-version",
            "11.3.0",
            "--dry-run",
            "--summary-file",
            "s",
            "--image",
            "registry.example.com/s3cr3t-p4ss/airflow:1",
        ],
    );
    assert!(!left.contains("s3cr3t"), "{left}");
    let left = parsed(&left);
    assert_eq!(left["exitCode"], 0);
    for face in [&left["stdout"], &left["summary"], &left["files"][0][1], &left["report"]] {
        assert!(face.as_str().expect("text").contains("registry.example.com/***/airflow:1"), "{face}");
    }
}

#[test]
fn what_leaves_is_json_whatever_the_secret_is() {
    for secret in
        ["\"}],:", "\\\\\\\\", "null", "message", "workspace", "\",\"", "deployed", "INPUT_INVALID", "schema"]
    {
        let left = parsed(&every_face_quoting(secret));
        let report = parsed(left["report"].as_str().expect("text"));
        assert_eq!(
            (&report["schema"], &report["error"]["code"]),
            (&json!(1), &json!("INPUT_INVALID")),
            "{secret}"
        );
    }
}

#[test]
fn a_secret_that_is_cut_is_not_shown() {
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", "c4n4ry".repeat(100));
    let left = leaves(
        Front::CommandLine,
        &[("HOUSTON_TOKEN", &token), ("HOUSTON_WORKSPACE", &token)],
        &["deploy", "--base-domain", "astro.example.com"],
    );
    assert!(!left.contains("c4n4ry"), "{left}");
}

#[test]
fn a_secret_that_a_face_escapes_is_not_shown() {
    for secret in ["s3cr3t|p4ss", "s3cr3t&p4ss", "s3cr3t<p4ss", "s3cr3t>p4ss", "s3cr3t\np4ss"] {
        let left = every_face_quoting(secret);
        assert!(!left.contains("s3cr3t"), "{secret:?}: {left}");
    }
}

#[test]
fn the_report_alone_is_on_standard_output_where_json_is_asked_for() {
    let left = parsed(&leaves(Front::CommandLine, &[], &["deploy", "--output", "json"]));
    assert_eq!(
        left["stdout"].as_str(),
        Some(format!("{}\n", left["report"].as_str().expect("text")).as_str())
    );
    assert_eq!(parsed(left["stdout"].as_str().expect("text"))["status"], "refused");
}

#[test]
fn an_unknown_command_is_the_only_thing_that_is_wrong() {
    let left = parsed(&leaves(Front::CommandLine, &[], &["depoly", "--image", "x"]));
    assert_eq!(left["exitCode"], 2);
    assert_eq!(
        left["stderr"],
        "error[INPUT_INVALID]: command: \"depoly\" is no command\nhint: did you mean `deploy`?\n"
    );
}

#[test]
fn outputs_are_there_on_failure_too() {
    let left = parsed(&leaves(Front::Action, &[("INPUT_IMAGE", "x")], &[]));
    let outputs = left["outputs"].as_object().expect("outputs");
    let names: Vec<_> = outputs.keys().map(String::as_str).collect();
    let mut all = ["status", "verified", "proof", "deployment-id", "airflow-url", "digest", "report"];
    all.sort_unstable();
    assert_eq!(names, all);
    assert_eq!(outputs["status"], "refused");
    assert_eq!(left["exitCode"], 2);
}

#[test]
fn only_the_action_is_told_what_to_mask() {
    let masks = |front, variable| {
        let environment =
            Environment::new([(String::from(variable), Value::from(TOKEN))].into_iter().collect());
        let surroundings = Surroundings { wall: WALL, can_trust: true, proxy_ignored: false };
        let handover = Handover {
            front,
            arguments: vec!["deploy".into()],
            environment,
            properties: json!({}),
            surroundings,
        };
        parsed(&Session::open(handover, &NoFiles).opening())["masks"].clone()
    };
    assert_eq!(masks(Front::Action, "INPUT_TOKEN"), json!([TOKEN]));
    assert_eq!(masks(Front::CommandLine, "HOUSTON_TOKEN"), json!([]));
    assert_eq!(masks(Front::Library, "HOUSTON_TOKEN"), json!([]));
}

#[test]
fn help_and_version_are_named_and_end_well() {
    for (arguments, say) in [
        (&["--help"][..], "program"),
        (&[][..], "program"),
        (&["deploy", "--help"][..], "deploy"),
        (&["--version"][..], "version"),
    ] {
        let left = parsed(&leaves(Front::CommandLine, &[], arguments));
        assert_eq!((&left["exitCode"], &left["say"]), (&json!(0), &json!(say)));
    }
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
