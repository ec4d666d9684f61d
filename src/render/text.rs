//! The report as plain text, for terminals and logs.

use std::fmt::Write as _;
use std::time::Duration;

use super::{all_checks, concerned, failures};
use crate::duration::shown;
use crate::report::{ReleaseReport, Report, State};
use crate::text::{cut, filled};

/// The result: a line for each release, or the requests of a dry run.
#[must_use]
pub fn result(report: &Report) -> String {
    let mut text = String::new();
    let width = report.results.iter().map(|result| result.release.len()).max().unwrap_or_default();
    let checks = all_checks(report);
    if !checks.is_empty() {
        for (release, check) in checks {
            let verdict = check.verdict.as_str();
            let _ = write!(text, "{verdict:<7}  {:<10}  ", check.what);
            if report.results.len() > 1 && !release.is_empty() {
                let _ = write!(text, "{release:<width$}  ");
            }
            if let Some(failure) = &check.failure {
                text.push_str(&[failure.code.as_str(), ": "].concat());
            }
            // The whole of what is wrong, with the request's id, stands beside its hint.
            let message = cut(&check.message, " (request ").map_or(check.message.as_str(), |(said, _)| said);
            text.push_str(message);
            text.push('\n');
        }
        return text;
    }
    for result in &report.results {
        if result.requests.is_empty() {
            text.push_str(line(result, width).trim_end());
            text.push('\n');
        } else {
            requests(&mut text, result);
        }
    }
    if report.results.is_empty() {
        let _ = writeln!(text, "{}", report.status.as_str());
    }
    text
}

fn line(result: &ReleaseReport, width: usize) -> String {
    let version = |state: &Option<State>| state.as_ref().and_then(|state| state.version.clone());
    let versions = match (version(&result.before), version(&result.after)) {
        (Some(before), Some(after)) => filled("{} -> {}", &[&before, &after]),
        (None, Some(after)) => after,
        (_, None) => String::new(),
    };
    let took = match result.milliseconds {
        0 => String::new(),
        milliseconds => shown(Duration::from_millis(milliseconds)),
    };
    let proof = result.proof.map_or("", |proof| proof.as_str());
    let mut line = format!("{:<9}  {:<width$}", result.status.as_str(), result.release);
    for part in [&versions, proof, &took, result.airflow_url.as_deref().unwrap_or_default()] {
        if !part.is_empty() {
            line.push_str("  ");
            line.push_str(part);
        }
    }
    line
}

fn requests(text: &mut String, result: &ReleaseReport) {
    for request in &result.requests {
        let _ = writeln!(text, "# {}: would send\n{} {}", result.release, request.method, request.url);
        for (name, value) in &request.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        let _ = writeln!(text, "\n{}\n", request.body);
    }
}

/// The errors, each as `error[CODE]: message` with its hint on a line of its own.
#[must_use]
pub fn blocks(report: &Report) -> String {
    let mut text = String::new();
    for (failure, releases) in failures(report) {
        let concerned = concerned(report, &releases);
        let _ = writeln!(text, "error[{}]: {concerned}{}", failure.code.as_str(), failure.message);
        if failure.problems.len() > 1 {
            for problem in &failure.problems {
                let _ = writeln!(text, "  {}: {}", problem.option, problem.message);
                if let Some(hint) = &problem.hint {
                    let _ = writeln!(text, "    hint: {hint}");
                }
            }
        }
        if let Some(hint) = &failure.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
    }
    text
}
