//! The report as a page: what was deployed where, from which commit, how long it took, and what to do where it did
//! not work.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Origin, all_checks, before, concerned, failures};
use crate::duration::shown;
use crate::report::{ReleaseReport, Report, State, Status, Verdict};
use crate::text::replaced;

/// The most rows of the table: GitHub takes a summary of 1 MiB, and nobody reads more.
const MOST_ROWS: usize = 1000;

/// The summary in Markdown.
#[must_use]
pub fn summary(report: &Report, origin: &Origin) -> String {
    let mut page = format!("## {}\n\n", headline(report));
    facts(&mut page, report, origin);
    let checks = all_checks(report);
    if checks.is_empty() {
        if !report.results.is_empty() {
            table(&mut page, report);
        }
    } else {
        page.push_str("| | Checked | Seen |\n|---|---|---|\n");
        for (release, check) in checks.iter().take(MOST_ROWS) {
            let sign = match check.verdict {
                Verdict::Good => "✅",
                Verdict::Doubtful => "⚠️",
                Verdict::Unknown => "❔",
                Verdict::Bad => "❌",
            };
            let release = if report.results.len() > 1 { *release } else { "" };
            let seen = code(&[&before(release, ": "), check.message.as_str()].concat());
            let _ = writeln!(page, "| {sign} | {} | {seen} |", check.what);
        }
        page.push('\n');
    }
    for (failure, releases) in failures(report) {
        let _ = write!(
            page,
            "### ❌ {}\n\n{}\n\n",
            failure.code.as_str(),
            code(&(concerned(report, &releases) + &failure.message))
        );
        if failure.problems.len() > 1 {
            for problem in &failure.problems {
                let hint =
                    problem.hint.as_ref().map(|hint| format!(" — {}", words(hint))).unwrap_or_default();
                let _ = writeln!(page, "- {} {}{hint}", code(&problem.option), code(&problem.message));
            }
            page.push('\n');
        }
        if let Some(hint) = &failure.hint {
            let _ = write!(page, "**What to do:** {}\n\n", words(hint));
        }
    }
    for warning in &report.warnings {
        let hint = warning.hint.as_ref().map(|hint| format!(" — {}", words(hint))).unwrap_or_default();
        let _ = write!(page, "> ⚠️ **{}** {}{hint}\n\n", warning.code.as_str(), code(&warning.message));
    }
    page
}

fn headline(report: &Report) -> String {
    let count = report.results.len();
    let good = report.results.iter().filter(|result| result.status <= Status::Deployed).count();
    let what = match (report.only(), count) {
        (Some(only), _) => only.release.clone(),
        (None, 0) => "nothing was sent".into(),
        (None, _) if good == count => format!("{count} releases"),
        (None, _) => format!("{good} of {count} releases done"),
    };
    let (sign, status) = match report.status {
        Status::Planned => ("📝", "Planned"),
        Status::Checked => ("✅", "Checked"),
        Status::Deployed => ("✅", "Deployed"),
        Status::Skipped => ("⏭️", "Skipped"),
        Status::Refused => ("❌", "Refused"),
        Status::Failed => ("❌", "Failed"),
        Status::Unknown => ("❓", "Outcome unknown"),
        Status::Unhealthy => ("❌", "Not healthy"),
        Status::Cancelled => ("🛑", "Cancelled"),
    };
    format!("{sign} {status}: {}", words(&what))
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

fn table(page: &mut String, report: &Report) {
    page.push_str(
        "| Release | Status | Before | After | Proof | Time | Airflow |\n|---|---|---|---|---|--:|---|\n",
    );
    for result in report.results.iter().take(MOST_ROWS) {
        row(page, result);
    }
    let more = report.results.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        let _ = write!(page, "\nand {more} more: see the report\n");
    }
    page.push('\n');
}

fn row(page: &mut String, result: &ReleaseReport) {
    let version = |state: &Option<State>| {
        state.as_ref().and_then(|state| state.version.as_deref()).map_or_else(|| "–".into(), code)
    };
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} | {} | {} | {} |",
        code(&result.release),
        result.status.as_str(),
        version(&result.before),
        version(&result.after),
        result.proof.map_or("–", |proof| proof.as_str()),
        shown(Duration::from_millis(result.milliseconds)),
        result.airflow_url.as_ref().map_or_else(|| "–".into(), |url| format!("[open]({url})")),
    );
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
