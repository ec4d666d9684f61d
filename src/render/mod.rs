//! The faces of a report. Each is a function from the report to a text; what none of them does is decide.

mod gitlab;
#[cfg(not(target_family = "wasm"))]
mod help;
mod json;
mod junit;
mod markdown;
mod text;

pub use gitlab::{annotations, dotenv, outputs};
#[cfg(all(not(target_family = "wasm"), feature = "setup"))]
pub use help::setup as help_of_setup;
#[cfg(not(target_family = "wasm"))]
pub use help::{check as help_of_check, deploy as help_of_deploy, program as help_of_program};
pub(crate) use json::failure as json_failure;
pub use json::report as json;
pub use junit::junit;
pub use markdown::summary;
pub use text::{blocks, result};

use crate::error::Code;
use crate::foreign::is_plain_url;
use crate::inputs::Environment;
use crate::report::{Check, Failure, Report, Verdict};
use crate::text::{Index, cut, decimal, fill, filled};

/// Where the run comes from, as the CI system says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The commit, as hexadecimal digits.
    pub commit: Option<String>,
    /// The commit's page.
    pub commit_url: Option<String>,
    /// The page of the pipeline's run.
    pub run_url: Option<String>,
}

impl Origin {
    /// Reads GitHub's and GitLab's predefined variables. One that does not look as it should is left out.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let get = |name: &str| environment.get(name);
        let commit = get("GITHUB_SHA")
            .or_else(|| get("CI_COMMIT_SHA"))
            .filter(|sha| (7..=64).contains(&sha.len()) && sha.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let github = match (get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY")) {
            (Some(server), Some(name)) => Some(filled("{}/{}", &[server, name])),
            _ => None,
        };
        let between = if github.is_some() { "commit" } else { "-/commit" };
        let commit_url = match (commit, github.as_deref().or_else(|| get("CI_PROJECT_URL"))) {
            (Some(sha), Some(project)) => filled("{}/{}/{}", &[project, between, sha]),
            _ => String::new(),
        };
        let run_url = match (get("GITHUB_RUN_ID"), &github) {
            (Some(run), Some(project)) => filled("{}/actions/runs/{}", &[project, run]),
            (Some(_), None) => String::new(),
            (None, _) => get("CI_JOB_URL").unwrap_or_default().to_owned(),
        };
        let plain = |url: String| Some(url).filter(|url| is_plain_url(url));
        Self { commit: commit.map(str::to_owned), commit_url: plain(commit_url), run_url: plain(run_url) }
    }
}

/// A failure or a warning, with the releases that it concerns; none where it concerns all.
type Told<'a> = (&'a Failure, Vec<&'a str>);

/// The warnings of a report.
fn warnings(report: &Report) -> Vec<Told<'_>> {
    let mut told = Vec::new();
    for warning in &report.warnings {
        told.push((warning, Vec::new()));
    }
    told
}

/// The failures of a report, each of those that say the same once.
fn failures<'r>(report: &'r Report) -> Vec<Told<'r>> {
    let (mut told, mut known) = (Vec::<Told<'_>>::new(), Index::default());
    let mut tell = |release: &'r str, failure: &'r Failure| {
        // Every request has an id of its own; that alone makes no other failure.
        let key = filled("{}{}", &[failure.code.as_str(), without_request(&failure.message)]);
        let number = known.number(&key, told.len());
        if number == told.len() {
            told.push((failure, Vec::new()));
        }
        if let Some((_, releases)) = told.get_mut(number)
            && !release.is_empty()
        {
            releases.push(release);
        }
    };
    let checks = all_checks(report);
    if report.results.is_empty() {
        if let Some(error) = &report.error {
            tell("", error);
        }
    } else if checks.is_empty() {
        for result in &report.results {
            if let Some(error) = &result.error {
                tell(&result.release, error);
            }
        }
    } else {
        // A check goes on after the first fault, and tells of all.
        for (release, check) in &checks {
            if let (Verdict::Bad, Some(failure)) = (check.verdict, &check.failure) {
                tell(release, failure);
            }
        }
    }
    told
}

/// A message without the id of the request that it is about.
fn without_request(message: &str) -> &str {
    cut(message, " (request ").map_or(message, |(said, _)| said)
}

/// The releases that a failure concerns, for the start of a sentence; nothing where there is only one release.
fn concerned(report: &Report, releases: &[&str]) -> String {
    match releases {
        _ if report.results.len() < 2 => String::new(),
        [] => String::new(),
        [one] => filled("{}: ", &[one]),
        [one, two] => filled("{}, {}: ", &[one, two]),
        [first, rest @ ..] => filled("{} and {} more: ", &[first, &decimal(rest.len())]),
    }
}

/// Everything that `check` looked at, each with its release, which is empty where it is for all of them.
fn all_checks(report: &Report) -> Vec<(&str, &Check)> {
    let mut all = Vec::new();
    for check in &report.checks {
        all.push(("", check));
    }
    for result in &report.results {
        for check in &result.checks {
            all.push((result.release.as_str(), check));
        }
    }
    all
}

/// A release before what is said of it; nothing where there is none.
fn before(release: &str, between: &str) -> String {
    if release.is_empty() { String::new() } else { filled("{}{}", &[release, between]) }
}

/// One line of a run's log or margin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// `error` or `warning`.
    pub level: &'static str,
    /// The code.
    pub title: Code,
    /// Message and hint, in lines.
    pub text: String,
}

/// The most annotations of a kind that a GitHub step shows.
const MOST_ANNOTATIONS: usize = 10;

/// What belongs in the margin of a run: every error and warning, ten of a kind at most.
#[must_use]
pub fn margin(report: &Report) -> Vec<Annotation> {
    let mut margin = Vec::new();
    for (level, found) in &[("error", failures(report)), ("warning", warnings(report))] {
        for (index, (failure, releases)) in found.iter().enumerate().take(MOST_ANNOTATIONS) {
            let mut text = concerned(report, releases) + &failure.message;
            problems(&mut text, failure, "\n{}: {}", " ({})");
            if let Some(hint) = &failure.hint {
                fill(&mut text, "\nhint: {}", &[hint]);
            }
            if index + 1 == MOST_ANNOTATIONS && found.len() > MOST_ANNOTATIONS {
                let more = decimal(found.len() - MOST_ANNOTATIONS);
                fill(&mut text, "\nand {} more: see the summary", &[&more]);
            }
            margin.push(Annotation { level, title: failure.code, text });
        }
    }
    margin
}

/// Each of several problems with its hint, by a template for either.
fn problems(text: &mut String, failure: &Failure, of_problem: &str, of_hint: &str) {
    if failure.problems.len() > 1 {
        for problem in &failure.problems {
            fill(text, of_problem, &[&problem.option, &problem.message]);
            if let Some(hint) = &problem.hint {
                fill(text, of_hint, &[hint]);
            }
        }
    }
}
