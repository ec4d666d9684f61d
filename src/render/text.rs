//! The report as plain text, for terminals and logs.

use std::time::Duration;

use super::{all_checks, concerned, failures, problems, without_request};
use crate::duration::shown;
use crate::report::{ReleaseReport, Report};
use crate::text::{fill, filled};

/// The result: a line for each release, or the requests of a dry run.
#[must_use]
pub fn result(report: &Report) -> String {
    let mut text = String::new();
    let mut width = 0;
    for result in &report.results {
        width = width.max(result.release.len());
    }
    let checks = all_checks(report);
    if !checks.is_empty() {
        for (release, check) in &checks {
            column(&mut text, check.verdict.as_str(), 7);
            column(&mut text, check.what, 10);
            if report.results.len() > 1 && !release.is_empty() {
                column(&mut text, release, width);
            }
            if let Some(failure) = &check.failure {
                fill(&mut text, "{}: ", &[failure.code.as_str()]);
            }
            // The whole of what is wrong, with the request's id, stands beside its hint.
            fill(&mut text, "{}\n", &[without_request(&check.message)]);
        }
        return text;
    }
    for result in &report.results {
        if result.requests.is_empty() {
            fill(&mut text, "{}\n", &[line(result, width).trim_end()]);
        } else {
            requests(&mut text, result);
        }
    }
    if report.results.is_empty() {
        fill(&mut text, "{}\n", &[report.status.as_str()]);
    }
    text
}

/// Adds a text and the spaces up to the next column.
fn column(text: &mut String, cell: &str, width: usize) {
    text.push_str(cell);
    for _ in cell.len()..width {
        text.push(' ');
    }
    text.push_str("  ");
}

fn line(result: &ReleaseReport, width: usize) -> String {
    let versions = match result.versions() {
        ["", after] | [_, after @ ""] => after.to_owned(),
        [before, after] => filled("{} -> {}", &[before, after]),
    };
    let took = match result.milliseconds {
        0 => String::new(),
        milliseconds => shown(Duration::from_millis(milliseconds)),
    };
    let proof = result.proof.map_or("", |proof| proof.as_str());
    let mut line = String::new();
    column(&mut line, result.status.as_str(), 9);
    column(&mut line, &result.release, width);
    for part in &[&*versions, proof, &took, result.airflow_url.as_deref().unwrap_or_default()] {
        if !part.is_empty() {
            column(&mut line, part, 0);
        }
    }
    line
}

fn requests(text: &mut String, result: &ReleaseReport) {
    for request in &result.requests {
        let values = [result.release.as_str(), request.method, &request.url];
        fill(text, "# {}: would send\n{} {}\n", &values);
        for (name, value) in &request.headers {
            fill(text, "{}: {}\n", &[name, value]);
        }
        fill(text, "\n{}\n\n", &[&request.body]);
    }
}

/// The errors, each as `error[CODE]: message` with its hint on a line of its own.
#[must_use]
pub fn blocks(report: &Report) -> String {
    let mut text = String::new();
    for (failure, releases) in &failures(report) {
        let concerned = concerned(report, releases);
        let values = [failure.code.as_str(), &concerned, &failure.message];
        fill(&mut text, "error[{}]: {}{}\n", &values);
        problems(&mut text, failure, "  {}: {}\n", "    hint: {}\n");
        if let Some(hint) = &failure.hint {
            fill(&mut text, "hint: {}\n", &[hint]);
        }
    }
    text
}
