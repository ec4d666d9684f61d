//! The Markdown summary: what it says, and that nothing foreign leaves its code span.

use houston_deploy::error::Code;
use houston_deploy::render::{self, Origin};
use houston_deploy::report::{Report, Status};

use super::origin::{SHA, origin};
use super::{
    deployed, deployed_release, failure, mixed, of, planned, problem, refused, state, two_problems, warning,
    wrong,
};

fn summary(report: &Report) -> String {
    render::summary(report, &Origin::default())
}

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
