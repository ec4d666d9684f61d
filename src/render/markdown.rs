//! The report as a page: what was deployed where, from which commit, how long it took, and what to do where it did
//! not work.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Origin, all_checks, before, failures};
use crate::duration::shown;
use crate::error::Code;
use crate::report::{Failure, ReleaseReport, Report, State, Status, Verdict};
use crate::text::replaced;

/// The most rows of a table: GitHub takes a summary of 1 MiB, and nobody reads more.
const MOST_ROWS: usize = 1000;

/// How many of a kind are read at a glance; what is more is folded away.
const FEW: usize = 10;

/// The same of reasons, which take a line or two each.
const FEW_REASONS: usize = 5;

/// The summary in Markdown: what needs somebody's attention comes before what is well.
#[must_use]
pub fn summary(report: &Report, origin: &Origin) -> String {
    let mut page = ["## ", &headline(report), "\n\n"].concat();
    counts(&mut page, report);
    facts(&mut page, report, origin);
    let failed: Vec<_> = failures(report)
        .into_iter()
        .map(|(failure, releases)| Said {
            code: failure.code,
            hint: failure.hint.as_deref(),
            text: named(report, &releases) + &message(failure),
        })
        .collect();
    tell(&mut page, "❌", &failed);
    if has_checks(report) {
        checks(&mut page, report);
    } else {
        releases(&mut page, report);
    }
    let warned: Vec<_> = report
        .warnings
        .iter()
        .map(|warning| Said {
            code: warning.code,
            hint: warning.hint.as_deref(),
            text: code(&warning.message),
        })
        .collect();
    tell(&mut page, "⚠️", &warned);
    page
}

/// An error or a warning, ready for the page.
struct Said<'a> {
    code: Code,
    hint: Option<&'a str>,
    text: String,
}

/// Tells of errors or warnings; those that lead to the same advice together.
fn tell(page: &mut String, sign: &str, all: &[Said<'_>]) {
    for (index, first) in all.iter().enumerate() {
        let is_alike = |one: &&Said<'_>| one.code == first.code && one.hint == first.hint;
        if all.iter().take(index).any(|one| is_alike(&one)) {
            continue;
        }
        let count = all.iter().filter(is_alike).count();
        for part in ["### ", sign, " ", first.code.as_str(), "\n\n"] {
            page.push_str(part);
        }
        for (number, one) in all.iter().filter(is_alike).enumerate() {
            if number == FEW_REASONS {
                fold(page, &["and ", &(count - FEW_REASONS).to_string(), " more"].concat());
            }
            page.push_str(if count > 1 { "- " } else { "" });
            page.push_str(&one.text);
            page.push('\n');
        }
        page.push_str(if count > FEW_REASONS { UNFOLD } else { "\n" });
        if let Some(hint) = first.hint {
            page.push_str(&["**What to do:** ", &words(hint), "\n\n"].concat());
        }
    }
}

/// The releases that a failure concerns, for the start of a sentence; nothing where there is only one release.
fn named(report: &Report, releases: &[&str]) -> String {
    if report.results.len() < 2 || releases.is_empty() {
        return String::new();
    }
    let mut names = String::new();
    for (index, release) in releases.iter().take(FEW).enumerate() {
        names.push_str(if index > 0 { ", " } else { "" });
        names.push_str(&code(release));
    }
    if releases.len() > FEW {
        names.push_str(&[" and ", &(releases.len() - FEW).to_string(), " more"].concat());
    }
    names + ": "
}

fn message(failure: &Failure) -> String {
    let mut text = code(&failure.message);
    if failure.problems.len() > 1 {
        text.push('\n');
        for problem in &failure.problems {
            text.push_str(&["\n- ", &code(&problem.option), " ", &code(&problem.message)].concat());
            if let Some(hint) = &problem.hint {
                text.push_str(&[" — ", &words(hint)].concat());
            }
        }
    }
    text
}

fn has_checks(report: &Report) -> bool {
    !report.checks.is_empty() || report.results.iter().any(|result| !result.checks.is_empty())
}

/// Everything that `check` looked at.
fn checks(page: &mut String, report: &Report) {
    let (mut all, mut urgent, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for (release, check) in all_checks(report) {
        let (sign, rows) = match check.verdict {
            Verdict::Good => ("✅", &mut rest),
            Verdict::Unknown => ("❔", &mut rest),
            Verdict::Doubtful => ("⚠️", &mut urgent),
            Verdict::Bad => ("❌", &mut urgent),
        };
        let release = if report.results.len() > 1 { release } else { "" };
        let seen = code(&[&before(release, ": "), check.message.as_str()].concat());
        let row = ["| ", sign, " | ", check.what, " | ", &seen, " |\n"].concat();
        rows.push(row.clone());
        all.push(row);
    }
    let head = "| | Checked | Seen |\n|---|---|---|\n";
    // A short list reads best in the order in which things were looked at.
    if rest.len() > FEW { table(page, head, &urgent, &rest) } else { table(page, head, &all, &[]) }
}

/// The releases, the worst first.
fn releases(page: &mut String, report: &Report) {
    let (mut urgent, mut rest) = (Vec::new(), Vec::new());
    for status in WORST_FIRST {
        let rows = if status > Status::Deployed { &mut urgent } else { &mut rest };
        rows.extend(report.results.iter().filter(|result| result.status == status).map(row));
    }
    let head = "| | Release | Status | Version | Proof | Time | Airflow |\n|---|---|---|---|---|--:|---|\n";
    table(page, head, &urgent, &rest);
}

/// A table in which what is urgent is on top; where the rest is long, it is folded away.
fn table(page: &mut String, head: &str, urgent: &[String], rest: &[String]) {
    if urgent.is_empty() && rest.is_empty() {
        return;
    }
    let fill = |page: &mut String, rows: &[String]| {
        for row in rows.iter().take(MOST_ROWS) {
            page.push_str(row);
        }
        let more = rows.len().saturating_sub(MOST_ROWS);
        if more > 0 {
            page.push_str(&["\nand ", &more.to_string(), " more: see the report\n"].concat());
        }
    };
    let folds = rest.len() > FEW;
    if !urgent.is_empty() || !folds {
        page.push_str(head);
        fill(page, urgent);
    }
    if folds {
        let which = if urgent.is_empty() { "all " } else { "the other " };
        fold(page, &[which, &rest.len().to_string()].concat());
        page.push_str(head);
    }
    fill(page, rest);
    page.push_str(if folds { UNFOLD } else { "\n" });
}

/// Begins what is shown only once it is asked for; GitHub and GitLab take these elements in Markdown.
fn fold(page: &mut String, title: &str) {
    page.push_str(&["\n<details><summary>", title, "</summary>\n\n"].concat());
}

/// Ends what [`fold`] began.
const UNFOLD: &str = "\n</details>\n\n";

/// Every status, in the order in which people should see them.
const WORST_FIRST: [Status; 9] = [
    Status::Unknown,
    Status::Unhealthy,
    Status::Failed,
    Status::Refused,
    Status::Cancelled,
    Status::Skipped,
    Status::Deployed,
    Status::Checked,
    Status::Planned,
];

fn headline(report: &Report) -> String {
    let only_checked = has_checks(report);
    let count = report.results.len();
    if count > 1 {
        let good =
            || report.results.iter().map(|result| result.status).filter(|&one| one <= Status::Deployed);
        let word = if only_checked { "ready" } else { good().max().unwrap_or(Status::Deployed).as_str() };
        let (good, count) = (good().count(), count.to_string());
        let of = if good.to_string() == count { count } else { [&good.to_string(), " of ", &count].concat() };
        return [sign(report.status), " ", &of, " releases ", word].concat();
    }
    let what = report.only().map_or("nothing was sent", |only| only.release.as_str());
    let status = match report.status {
        Status::Planned => "Planned",
        Status::Checked => "Checked",
        Status::Deployed => "Deployed",
        Status::Skipped => "Skipped",
        Status::Refused | Status::Failed if only_checked => "Not ready",
        Status::Refused => "Refused",
        Status::Failed => "Failed",
        Status::Unknown => "Outcome unknown",
        Status::Unhealthy => "Not healthy",
        Status::Cancelled => "Cancelled",
    };
    [sign(report.status), " ", status, ": ", &words(what)].concat()
}

fn sign(status: Status) -> &'static str {
    match status {
        Status::Planned => "📝",
        Status::Checked | Status::Deployed => "✅",
        Status::Skipped => "⏭️",
        Status::Refused | Status::Failed | Status::Unhealthy => "❌",
        Status::Unknown => "❓",
        Status::Cancelled => "🛑",
    }
}

/// How many of several releases ended in which way, where they did not all end alike.
fn counts(page: &mut String, report: &Report) {
    let mut parts = Vec::new();
    for status in WORST_FIRST {
        let count = report.results.iter().filter(|result| result.status == status).count();
        if count > 0 {
            parts.push([sign(status), " ", &count.to_string(), " ", status.as_str()].concat());
        }
    }
    if parts.len() > 1 {
        page.push_str(&(parts.join(" · ") + "\n\n"));
    }
}

fn facts(page: &mut String, report: &Report, origin: &Origin) {
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(page, "- **{name}:** {value}");
    };
    if let Some(image) = &report.image {
        fact("Image", code(&image.reference));
        let version = match (&image.runtime_version, &image.airflow_version) {
            (Some(runtime), _) => Some(format!("Runtime {runtime}")),
            (None, Some(airflow)) => Some(format!("Airflow {airflow}")),
            (None, None) => None,
        };
        if let Some(version) = version {
            fact("Version", words(&version));
        }
    }
    if let Some(houston) = &report.houston {
        let version =
            houston.version.as_deref().map(|version| format!(" ({})", words(version))).unwrap_or_default();
        fact("Houston", code(&houston.url) + &version);
    }
    if let Some(commit) = &origin.commit {
        let short = code(commit.get(..7).unwrap_or(commit));
        fact(
            "Commit",
            origin.commit_url.as_ref().map_or_else(|| short.clone(), |url| format!("[{short}]({url})")),
        );
    }
    if let Some(url) = &origin.run_url {
        fact("Run", format!("[log]({url})"));
    }
    page.push('\n');
}

fn row(result: &ReleaseReport) -> String {
    let version = |state: &Option<State>| state.as_ref()?.version.as_deref().map(code);
    let versions = match (version(&result.before), version(&result.after)) {
        (Some(before), Some(after)) => [&before, " → ", &after].concat(),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "–".into(),
    };
    let link = result.airflow_url.as_ref().map_or_else(|| "–".into(), |url| ["[open](", url, ")"].concat());
    let took = match result.milliseconds {
        0 => "–".into(),
        milliseconds => shown(Duration::from_millis(milliseconds)),
    };
    let mut row = String::from("|");
    for cell in [
        sign(result.status),
        &code(&result.release),
        result.status.as_str(),
        &versions,
        result.proof.map_or("–", |proof| proof.as_str()),
        &took,
        &link,
    ] {
        row.push_str(&[" ", cell, " |"].concat());
    }
    row + "\n"
}

/// A code span that nothing inside can end, fit for a table's cell.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "–".into();
    }
    let text = in_a_cell(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence: String = (0..=longest).map(|_| '`').collect();
    // A space keeps a backtick at either end from joining the fence; Markdown takes one away again.
    let space = if longest > 0 { " " } else { "" };
    [&fence, space, &text, space, &fence].concat()
}

/// Words of this program, in which nothing but a code span may act.
fn words(text: &str) -> String {
    replaced(&in_a_cell(text), "<", "&lt;")
}

/// `text` in one line and without what divides the cells of a table.
fn in_a_cell(text: &str) -> String {
    let fit = |character| match character {
        '|' => '¦',
        '\n' | '\r' => ' ',
        _ => character,
    };
    text.chars().map(fit).collect()
}
