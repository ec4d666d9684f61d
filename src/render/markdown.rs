//! The report as a page: what was deployed where, from which commit, how long it took, and what to do where it did
//! not work.

use std::time::Duration;

use super::{Origin, Told, all_checks, before, failures, warnings};
use crate::duration::shown;
use crate::report::{Check, Failure, ReleaseReport, Report, Status, Verdict};
use crate::text::{cut, decimal, fill, filled, replaced};

/// The most rows of a table: GitHub takes a summary of 1 MiB, and nobody reads more.
const MOST_ROWS: usize = 1000;

/// How many of a kind are read at a glance; what is more is folded away.
const FEW: usize = 10;

/// The same of reasons, which take a line or two each.
const FEW_REASONS: usize = 5;

/// The summary in Markdown: what needs somebody's attention comes before what is well.
#[must_use]
pub fn summary(report: &Report, origin: &Origin) -> String {
    let mut page = String::new();
    let checks = all_checks(report);
    headline(&mut page, report, !checks.is_empty());
    counts(&mut page, report);
    facts(&mut page, report, origin);
    tell(&mut page, "❌", report, &failures(report));
    if checks.is_empty() {
        releases(&mut page, report);
    } else {
        looked_at(&mut page, report, &checks);
    }
    tell(&mut page, "⚠️", report, &warnings(report));
    page
}

/// Tells of errors or warnings; those that lead to the same advice together.
fn tell(page: &mut String, sign: &str, report: &Report, all: &[Told<'_>]) {
    'each: for (index, (first, _)) in all.iter().enumerate() {
        let mut alike = Vec::new();
        for (place, (one, releases)) in all.iter().enumerate() {
            if one.code == first.code && one.hint == first.hint {
                if place < index {
                    continue 'each;
                }
                alike.push((*one, releases));
            }
        }
        let count = alike.len();
        fill(page, "### {} {}\n\n", &[sign, first.code.as_str()]);
        for (number, (one, releases)) in alike.iter().enumerate() {
            if number == FEW_REASONS {
                fold(page, &filled("and {} more", &[&decimal(count - FEW_REASONS)]));
            }
            if count > 1 {
                page.push_str("- ");
            }
            named(page, report, releases);
            message(page, one);
            page.push('\n');
        }
        page.push_str(if count > FEW_REASONS { UNFOLD } else { "\n" });
        if let Some(hint) = &first.hint {
            fill(page, "**What to do:** {}\n\n", &[&words(hint)]);
        }
    }
}

/// The releases that a failure concerns, for the start of a sentence; nothing where there is only one release.
fn named(page: &mut String, report: &Report, releases: &[&str]) {
    if report.results.len() < 2 || releases.is_empty() {
        return;
    }
    for (index, release) in releases.iter().take(FEW).enumerate() {
        fill(page, if index > 0 { ", {}" } else { "{}" }, &[&code(release)]);
    }
    if releases.len() > FEW {
        fill(page, " and {} more", &[&decimal(releases.len() - FEW)]);
    }
    page.push_str(": ");
}

fn message(page: &mut String, failure: &Failure) {
    page.push_str(&code(&failure.message));
    if failure.problems.len() > 1 {
        page.push('\n');
        for problem in &failure.problems {
            fill(page, "\n- {} {}", &[&code(&problem.option), &code(&problem.message)]);
            if let Some(hint) = &problem.hint {
                fill(page, " — {}", &[&words(hint)]);
            }
        }
    }
}

/// Everything that `check` looked at.
fn looked_at(page: &mut String, report: &Report, checks: &[(&str, &Check)]) {
    let is_well = |check: &Check| matches!(check.verdict, Verdict::Good | Verdict::Unknown);
    // A short list reads best in the order in which things were looked at.
    let folds = checks.iter().filter(|(_, check)| is_well(check)).count() > FEW;
    let (mut urgent, mut rest) = (Rows::default(), Rows::default());
    for (release, check) in checks {
        let sign = match check.verdict {
            Verdict::Good => "✅",
            Verdict::Unknown => "❔",
            Verdict::Doubtful => "⚠️",
            Verdict::Bad => "❌",
        };
        let release = if report.results.len() > 1 { release } else { "" };
        let seen = code(&(before(release, ": ") + &check.message));
        let rows = if folds && is_well(check) { &mut rest } else { &mut urgent };
        rows.add("| {} | {} | {} |\n", &[sign, check.what, &seen]);
    }
    table(page, "| | Checked | Seen |\n|---|---|---|\n", &urgent, &rest);
}

/// The releases, the worst first.
fn releases(page: &mut String, report: &Report) {
    let (mut urgent, mut rest) = (Rows::default(), Rows::default());
    for status in &WORST_FIRST {
        let rows = if *status > Status::Deployed { &mut urgent } else { &mut rest };
        for result in &report.results {
            if result.status == *status {
                row(rows, result);
            }
        }
    }
    let head = "| | Release | Status | Version | Proof | Time | Airflow |\n|---|---|---|---|---|--:|---|\n";
    table(page, head, &urgent, &rest);
}

/// Rows of a table, of which no more are kept than are shown.
#[derive(Default)]
struct Rows {
    text: String,
    count: usize,
}

impl Rows {
    fn add(&mut self, template: &str, cells: &[&str]) {
        self.count += 1;
        if self.count <= MOST_ROWS {
            fill(&mut self.text, template, cells);
        }
    }

    fn show(&self, page: &mut String) {
        page.push_str(&self.text);
        if self.count > MOST_ROWS {
            fill(page, "\nand {} more: see the report\n", &[&decimal(self.count - MOST_ROWS)]);
        }
    }
}

/// A table in which what is urgent is on top; where the rest is long, it is folded away.
fn table(page: &mut String, head: &str, urgent: &Rows, rest: &Rows) {
    if urgent.count + rest.count == 0 {
        return;
    }
    let folds = rest.count > FEW;
    if urgent.count > 0 || !folds {
        page.push_str(head);
        urgent.show(page);
    }
    if folds {
        let which = if urgent.count > 0 { "the other" } else { "all" };
        fold(page, &filled("{} {}", &[which, &decimal(rest.count)]));
        page.push_str(head);
    }
    rest.show(page);
    page.push_str(if folds { UNFOLD } else { "\n" });
}

/// Begins what is shown only once it is asked for; GitHub and GitLab take these elements in Markdown.
fn fold(page: &mut String, title: &str) {
    fill(page, "\n<details><summary>{}</summary>\n\n", &[title]);
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

fn headline(page: &mut String, report: &Report, only_checked: bool) {
    let count = report.results.len();
    if count > 1 {
        let (mut good, mut best) = (0, None);
        for result in &report.results {
            if result.status <= Status::Deployed {
                good += 1;
                best = best.max(Some(result.status));
            }
        }
        let word = if only_checked { "ready" } else { best.unwrap_or(Status::Deployed).as_str() };
        let (good, count) = (decimal(good), decimal(count));
        fill(page, "## {} {}", &[sign(report.status), &good]);
        if good != count {
            fill(page, " of {}", &[&count]);
        }
        return fill(page, " releases {}\n\n", &[word]);
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
    fill(page, "## {} {}: {}\n\n", &[sign(report.status), status, &words(what)]);
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
    let mut between = "";
    for status in WORST_FIRST.iter().copied() {
        let count = report.results.iter().filter(|result| result.status == status).count();
        if count > 0 && count < report.results.len() {
            let count = decimal(count);
            fill(page, "{}{} {} {}", &[between, sign(status), &count, status.as_str()]);
            between = " · ";
        }
    }
    if !between.is_empty() {
        page.push_str("\n\n");
    }
}

fn facts(page: &mut String, report: &Report, origin: &Origin) {
    if let Some(image) = &report.image {
        fill(page, "- **Image:** {}\n", &[&code(&image.reference)]);
        let (kind, version) = match &image.runtime_version {
            None => ("Airflow", &image.airflow_version),
            runtime => ("Runtime", runtime),
        };
        if let Some(version) = version {
            fill(page, "- **Version:** {} {}\n", &[kind, &words(version)]);
        }
    }
    if let Some(houston) = &report.houston {
        fill(page, "- **Houston:** {}", &[&code(&houston.url)]);
        if let Some(version) = &houston.version {
            fill(page, " ({})", &[&words(version)]);
        }
        page.push('\n');
    }
    if let Some(commit) = &origin.commit {
        let short = code(commit.get(..7).unwrap_or(commit));
        let url = origin.commit_url.as_deref().unwrap_or_default();
        let template = if url.is_empty() { "- **Commit:** {}\n" } else { "- **Commit:** [{}]({})\n" };
        fill(page, template, &[&short, url]);
    }
    if let Some(url) = &origin.run_url {
        fill(page, "- **Run:** [log]({})\n", &[url]);
    }
    page.push('\n');
}

fn row(rows: &mut Rows, result: &ReleaseReport) {
    let versions = match result.versions() {
        ["", one] | [one, ""] => code(one),
        [before, after] => filled("{} → {}", &[&code(before), &code(after)]),
    };
    let link = result.airflow_url.as_ref().map_or_else(|| "–".into(), |url| filled("[open]({})", &[url]));
    let took = match result.milliseconds {
        0 => "–".into(),
        milliseconds => shown(Duration::from_millis(milliseconds)),
    };
    rows.add(
        "| {} | {} | {} | {} | {} | {} | {} |\n",
        &[
            sign(result.status),
            &code(&result.release),
            result.status.as_str(),
            &versions,
            result.proof.map_or("–", |proof| proof.as_str()),
            &took,
            &link,
        ],
    );
}

/// A code span that nothing inside can end, fit for a table's cell.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "–".into();
    }
    let text = in_a_cell(text);
    let mut fence = String::from("`");
    while cut(&text, &fence).is_some() {
        fence.push('`');
    }
    // A space keeps a backtick at either end from joining the fence; Markdown takes one away again.
    let space = if fence.len() > 1 { " " } else { "" };
    filled("{}{}{}{}{}", &[&fence, space, &text, space, &fence])
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
