//! The Markdown summary: what it says, and that nothing foreign leaves its code span.

use houston_deploy::error::Code;
use houston_deploy::render::{self, Origin};
use houston_deploy::report::{Check, ReleaseReport, Report, Status, Verdict};

use super::origin::{SHA, origin};
use super::{
    deployed, deployed_release, failed, failure, mixed, of, planned, problem, refused, release, state,
    two_problems, warning, wrong,
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
         | | Release | Status | Version | Proof | Time | Airflow |\n\
         |---|---|---|---|---|--:|---|\n\
         | ✅ | `dev` | deployed | `10.0.0` → `11.3.0` | accepted | 8.1 s | \
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
    assert_eq!(headline(&mixed()), "## ❓ 2 of 5 releases deployed");
    assert_eq!(headline(&refused()), "## ❌ Refused: dev");
    assert_eq!(headline(&planned()), "## 📝 Planned: dev");
    let two = vec![deployed_release("a"), deployed_release("b")];
    assert_eq!(headline(&of(Status::Deployed, two)), "## ✅ 2 releases deployed");
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
        "### ⚠️ WAIT_IMPOSSIBLE\n\n`not watched`\n\n**What to do:** set `wait` to off\n\n\
         ### ⚠️ IMAGE_MOVES\n\n`the tag may move`\n\n"
    ));
}

#[test]
fn the_summarys_table_ends_at_a_thousand_rows() {
    let results: Vec<_> = (0..1002).map(|number| deployed_release(&format!("r{number}"))).collect();
    let page = summary(&of(Status::Deployed, results));
    assert!(page.contains("| `r999` |") && !page.contains("| `r1000` |"));
    assert!(page.contains("\nand 2 more: see the report\n"));
}

#[test]
fn a_table_of_a_thousand_rows_is_whole() {
    let results: Vec<_> = (0..1000).map(|number| deployed_release(&format!("r{number}"))).collect();
    let page = summary(&of(Status::Deployed, results));
    assert!(page.contains("| `r999` |") && !page.contains("more: see the report"));
}

#[test]
fn a_row_has_the_one_version_that_is_known() {
    for (before, after, shown) in [
        (Some("10.0.0"), None, "`10.0.0`"),
        (None, Some("11.3.0"), "`11.3.0`"),
        (Some(""), Some("11.3.0"), "`11.3.0`"),
        (None, None, "–"),
    ] {
        let one = ReleaseReport {
            before: before.map(|version| state(version, None)),
            after: after.map(|version| state(version, None)),
            ..release("dev", Status::Failed)
        };
        let page = summary(&of(Status::Failed, vec![one]));
        assert!(page.contains(&format!("| `dev` | failed | {shown} | – |")), "{page}");
    }
}

#[test]
fn another_hint_is_another_section() {
    let mut report = deployed();
    report.warnings = vec![
        warning(Code::WaitImpossible, "one", Some("do this")),
        warning(Code::WaitImpossible, "two", Some("do that")),
        warning(Code::WaitImpossible, "three", Some("do this")),
    ];
    assert!(summary(&report).ends_with(
        "### ⚠️ WAIT_IMPOSSIBLE\n\n- `one`\n- `three`\n\n**What to do:** do this\n\n\
         ### ⚠️ WAIT_IMPOSSIBLE\n\n`two`\n\n**What to do:** do that\n\n"
    ));
}

/// The lines of a page's tables, without their heads; what is folded away in brackets.
fn rows(page: &str) -> Vec<String> {
    let mut folded = false;
    let mut rows = Vec::new();
    for line in page.lines() {
        folded = (folded || line.starts_with("<details>")) && line != "</details>";
        if line.starts_with("| ") && !line.starts_with("| |") {
            let cells: Vec<_> = line.split('|').map(str::trim).take(4).collect();
            let row = cells[1..].join(" ");
            rows.push(if folded { format!("({row})") } else { row });
        }
    }
    rows
}

#[test]
fn several_releases_are_counted_and_the_worst_come_first() {
    let page = summary(&mixed());
    assert_eq!(page.lines().nth(2), Some("❓ 1 unknown · ❌ 2 refused · ✅ 2 deployed"));
    assert_eq!(
        rows(&page),
        [
            "❓ `qa` unknown",
            "❌ `no-1` refused",
            "❌ `no-2` refused",
            "✅ `dev` deployed",
            "✅ `production` deployed"
        ]
    );
    assert!(!page.contains("<details>"), "{page}");
}

#[test]
fn what_needs_attention_is_found_at_once_among_many() {
    let absent =
        |name: &str| failure(Code::DeploymentNotFound, &format!("no {name}"), Some("correct `release`"));
    let results = (0..200)
        .map(|number| match (number, format!("r{number}")) {
            (7 | 180, name) => failed(&name, Status::Refused, 3, absent(&name)),
            (199, name) => release(&name, Status::Skipped),
            (_, name) => deployed_release(&name),
        })
        .collect();
    let page = summary(&of(Status::Refused, results));
    let rows = rows(&page);
    assert_eq!(
        rows[..4],
        ["❌ `r7` refused", "❌ `r180` refused", "⏭️ `r199` skipped", "(✅ `r0` deployed)"]
    );
    assert_eq!(rows.len(), 200);
    assert!(rows[3..].iter().all(|row| row.starts_with('(')), "{rows:?}");
    assert!(page.contains("\n<details><summary>the other 197</summary>\n\n| | Release |"), "{page}");
    // The reasons are above all rows, together where they lead to the same advice.
    assert!(page.contains(
        "### ❌ DEPLOYMENT_NOT_FOUND\n\n- `r7`: `no r7`\n- `r180`: `no r180`\n\n\
         **What to do:** correct `release`\n\n| | Release |"
    ));
    let green = (0..11).map(|number| deployed_release(&format!("r{number}"))).collect();
    assert!(
        summary(&of(Status::Deployed, green)).contains("<details><summary>all 11</summary>\n\n| | Release |")
    );
}

#[test]
fn many_failures_are_folded_and_many_names_counted() {
    let with = |message: &dyn Fn(usize) -> String| {
        let one = |number| failure(Code::HoustonFailed, &message(number), Some("run again"));
        let results =
            (0..13).map(|number| failed(&format!("r{number}"), Status::Failed, 4, one(number))).collect();
        summary(&of(Status::Failed, results))
    };
    let page = with(&|number| format!("error {number}"));
    assert_eq!(page.matches("### ❌ HOUSTON_FAILED").count(), 1);
    assert!(
        page.contains("\n- `r4`: `error 4`\n\n<details><summary>and 8 more</summary>\n\n- `r5`: `error 5`\n")
    );
    assert!(page.contains("\n- `r12`: `error 12`\n\n</details>\n\n**What to do:** run again\n"));
    let page = with(&|_| "the same".into());
    assert!(page.contains("`r8`, `r9` and 3 more: `the same`\n"), "{page}");
}

#[test]
fn the_summary_of_a_check_is_a_list_of_what_was_seen() {
    let check = |what, verdict| Check { what, verdict, message: "seen".into(), failure: None };
    let mut report = of(Status::Checked, vec![release("dev", Status::Checked)]);
    report.checks = vec![
        check("input", Verdict::Good),
        check("version", Verdict::Doubtful),
        check("endpoint", Verdict::Unknown),
    ];
    report.results[0].checks = vec![check("deployment", Verdict::Bad)];
    let page = summary(&report);
    assert!(page.starts_with("## ✅ Checked: dev\n"), "{page}");
    assert_eq!(
        rows(&page),
        ["✅ input `seen`", "⚠️ version `seen`", "❔ endpoint `seen`", "❌ deployment `seen`"]
    );
    report.status = Status::Refused;
    assert!(summary(&report).starts_with("## ❌ Not ready: dev\n"));

    let ready = |name: String| ReleaseReport {
        checks: vec![check("deployment", Verdict::Good)],
        ..release(&name, Status::Checked)
    };
    report.results.extend((0..10).map(|number| ready(format!("r{number}"))));
    report.results[0].status = Status::Refused;
    let page = summary(&report);
    assert!(page.starts_with("## ❌ 10 of 11 releases ready\n\n❌ 1 refused · ✅ 10 checked\n"), "{page}");
    let rows = rows(&page);
    assert_eq!(rows[..3], ["⚠️ version `seen`", "❌ deployment `dev: seen`", "(✅ input `seen`)"]);
    assert!(page.contains("<summary>the other 12</summary>"));
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
        assert_eq!(page.lines().count(), 18, "{hostile:?}: {page}");
        let row = page.lines().find(|line| line.starts_with("| ❌ | `")).expect("a row");
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
    let row = summary(&report).lines().find(|line| line.starts_with("| ❌ | `")).expect("a row").to_owned();
    assert!(!without_code(&row).contains('`'), "{row}");
}
