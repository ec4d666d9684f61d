//! The report: what is said of a run, once, as data. Every face of it (text, Markdown, `JUnit`, dotenv, annotations)
//! is made from this and says nothing else.

use std::borrow::Cow;

use crate::error::{Code, Error, OpenAttempt, Problem};
use crate::io::{Body, Request};

/// The report. Fields are added, never changed or dropped, within schema 1.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the contract's, and docs/report.md has their meaning")]
pub struct Report {
    pub schema: u32,
    pub status: Status,
    pub error: Option<Failure>,
    pub houston: Option<HoustonSeen>,
    pub image: Option<ImageSeen>,
    pub results: Vec<ReleaseReport>,
    pub warnings: Vec<Warning>,
    /// What `check` looked at for all releases.
    pub checks: Vec<Check>,
}

/// One thing that `check` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is: `token`, `houston`, `image` and so on.
    pub what: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, in one line.
    pub message: String,
    /// The code and hint of what is wrong.
    pub failure: Option<Failure>,
}

/// What came of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is ready.
    Good,
    /// A deploy would go on, with a warning.
    Doubtful,
    /// It cannot be found out without changing something, or without more input.
    Unknown,
    /// A deploy would fail.
    Bad,
}

impl Verdict {
    /// The word as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "warning",
            Self::Unknown => "unknown",
            Self::Bad => "bad",
        }
    }
}

/// How a release, or the whole run, ended; from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words are the contract's")]
pub enum Status {
    Planned,
    Checked,
    Deployed,
    Skipped,
    Refused,
    Failed,
    Unknown,
    Unhealthy,
    Cancelled,
}

impl Status {
    /// The status as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Checked => "checked",
            Self::Deployed => "deployed",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Unhealthy => "unhealthy",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status that an error leads to.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error.exit_code() {
            2 | 3 => Self::Refused,
            5 => Self::Unknown,
            6 => Self::Unhealthy,
            130 | 143 => Self::Cancelled,
            _ => Self::Failed,
        }
    }
}

/// Whether the Deployment was changed by this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are the contract's")]
pub enum Change {
    None,
    Unknown,
    Confirmed,
}

impl Change {
    /// The word as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Confirmed => "confirmed",
        }
    }
}

/// What was proven, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Houston said yes, with the release and version that were asked.
    Accepted,
    /// Asked again, Houston shows that release and version.
    Read,
    /// Airflow was healthy over a whole window.
    Healthy,
    /// Its schedulers are new as well.
    Restarted,
}

impl Proof {
    /// The word as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Read => "read",
            Self::Healthy => "healthy",
            Self::Restarted => "restarted",
        }
    }
}

/// An error, as the report has it; also a warning, which has no problems.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct Failure {
    pub code: Code,
    pub message: String,
    pub hint: Option<Cow<'static, str>>,
    pub problems: Vec<Problem>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let problems = match error {
            Error::InputInvalid { problems } => problems.clone(),
            _ => Vec::new(),
        };
        Self { code: error.code(), message: error.message(), hint: error.hint(), problems }
    }
}

/// Something that should be known though the run goes on.
pub type Warning = Failure;

impl Warning {
    /// A warning.
    // Every warning would bring a copy of this along.
    #[inline(never)]
    #[must_use]
    pub fn new(code: Code, message: String, hint: Option<&'static str>) -> Self {
        Self { code, message, hint: hint.map(Cow::Borrowed), problems: Vec::new() }
    }

    /// The warning of an error that ends nothing, in other words.
    #[inline(never)]
    #[must_use]
    pub fn of(error: &Error, message: String) -> Self {
        Self { code: error.code(), message, hint: error.hint(), problems: Vec::new() }
    }
}

/// Houston as it was seen.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct HoustonSeen {
    pub url: String,
    pub version: Option<String>,
}

/// The image that was asked for.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct ImageSeen {
    pub reference: String,
    pub digest: Option<String>,
    pub runtime_version: Option<String>,
    pub airflow_version: Option<String>,
}

/// What became of one release.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the contract's, and docs/report.md has their meaning")]
pub struct ReleaseReport {
    pub release: String,
    pub status: Status,
    pub change: Change,
    pub proof: Option<Proof>,
    pub verified: bool,
    pub deployment_id: Option<String>,
    pub airflow_url: Option<String>,
    pub before: Option<State>,
    pub after: Option<State>,
    pub attempts: u32,
    pub milliseconds: u64,
    pub error: Option<Failure>,
    pub may_have_arrived: Vec<OpenAttempt>,
    pub requests: Vec<PlannedRequest>,
    /// What `check` looked at for this release.
    pub checks: Vec<Check>,
    /// The exit code that this release alone would have led to.
    pub exit_code: u8,
}

impl ReleaseReport {
    /// A release of which nothing is known yet.
    #[must_use]
    pub fn new(release: &crate::release::ReleaseName, status: Status) -> Self {
        Self {
            release: release.as_str().to_owned(),
            status,
            change: Change::None,
            proof: None,
            verified: false,
            deployment_id: None,
            airflow_url: None,
            before: None,
            after: None,
            attempts: 0,
            milliseconds: 0,
            error: None,
            may_have_arrived: Vec::new(),
            requests: Vec::new(),
            checks: Vec::new(),
            exit_code: 0,
        }
    }

    /// The versions before and after, each empty where it is not known.
    #[must_use]
    pub fn versions(&self) -> [&str; 2] {
        [shown_version(self.before.as_ref()), shown_version(self.after.as_ref())]
    }

    /// Ends it with an error.
    pub fn fail(&mut self, error: &Error) {
        self.status = Status::of(error);
        self.exit_code = error.exit_code();
        self.error = Some(error.into());
    }
}

fn shown_version(state: Option<&State>) -> &str {
    match state {
        Some(State { version: Some(version), .. }) => version,
        _ => "",
    }
}

/// A Deployment at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the contract's")]
pub struct State {
    pub version: Option<String>,
    pub updated_at: Option<String>,
}

/// A request that a dry run did not send, with secrets replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of an HTTP request")]
pub struct PlannedRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: String,
}

impl PlannedRequest {
    /// The request as people may see it.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            headers.push((*name, value.shown().to_owned()));
        }
        Self {
            method: request.method,
            url: request.url.clone(),
            headers,
            body: request.body.as_ref().map_or("null", Body::shown).to_owned(),
        }
    }
}

impl Report {
    /// The report of a run that ended before any release was begun.
    #[must_use]
    pub fn failed(error: &Error, warnings: Vec<Warning>) -> Self {
        Self {
            schema: 1,
            status: Status::of(error),
            error: Some(error.into()),
            houston: None,
            image: None,
            results: Vec::new(),
            warnings,
            checks: Vec::new(),
        }
    }

    /// The proof that every release has, which is the least of them all.
    #[must_use]
    pub fn proof(&self) -> Option<Proof> {
        let mut least = None;
        for result in &self.results {
            let proof = result.proof?;
            least = Some(least.unwrap_or(proof).min(proof));
        }
        least
    }

    /// Whether every release is verified, and there is one.
    #[must_use]
    pub fn verified(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.verified)
    }

    /// The only release, if there is but one.
    #[must_use]
    pub fn only(&self) -> Option<&ReleaseReport> {
        match self.results.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}
