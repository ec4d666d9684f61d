//! The command `setup`: what the platform needs once, so that `deploy` can work, as steps, as Helm values, as a script
//! or as data; and what is wrong in the values that it has today. A function from options to text: it sends nothing,
//! writes nothing, and merges nothing.

pub mod findings;
pub mod names;
mod render;
pub mod steps;
pub mod values;
#[cfg(target_family = "wasm")]
mod wasm;
pub mod yaml;

use crate::error::{Code, Error, Problem};
use crate::handover::Handover;
use crate::inputs::{Files, Format, SetupRead, read_setup};
use crate::json::Json;
use crate::release::ReleaseName;
use crate::render::{blocks, json_failure};
use crate::report::{Report, Warning};
use crate::version::PlatformVersion;

use findings::{Finding, Level};
use names::{Namespace, Repository, SecretName};

/// What the platform is to be prepared for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whether the platform reaches other registries.
    pub mode: Mode,
    /// Where the images are.
    pub registries: Registries,
    /// The pull secret.
    pub secret: SecretName,
    /// The platform's namespace.
    pub namespace: Namespace,
    /// The platform's Helm release.
    pub platform_release: ReleaseName,
    /// The platform's version; without it both forms of its keys are shown.
    pub platform: Option<PlatformVersion>,
    /// The registry's user, unless it is read where the commands run.
    pub username: Option<String>,
    /// An e-mail address for the secret.
    pub email: Option<String>,
}

/// Whether the platform reaches other registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Standard,
    /// It does not: its own Airflow images come from this registry as well.
    Airgapped,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Airgapped => "airgapped",
        }
    }
}

/// Where the images are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registries {
    /// One registry and repository for all Deployments.
    One(Repository),
    /// A registry for each Deployment.
    ForEach {
        /// The Deployments.
        releases: Vec<ReleaseName>,
        /// The platform's own Airflow image, where the platform is air-gapped.
        airflow: Option<Repository>,
    },
}

/// Does the command. What leaves is JSON, as [`Session::run`](crate::session::Session::run) has it: `exitCode`,
/// `stdout`, `stderr`, `files` (none), `report` (JSON as text), or `say`.
pub fn run(handover: &Handover, files: &impl Files) -> String {
    let read =
        read_setup(handover.front, &handover.arguments, &handover.properties, &handover.environment, files);
    if read.help {
        return leave(&Json::default(), 0, "", "", "null", Some("setup"));
    }
    let SetupRead { asked, values, format, redactor, warnings, .. } = read;
    let clean = Json::cleaned(&redactor);
    let asked = match asked {
        Ok(asked) => asked,
        Err(problems) => return refuse(&clean, format, problems, &[], warnings),
    };
    let settings = values::settings(&asked);
    let found =
        values.map(|values| findings::find(&values, &asked, &settings, &redactor)).unwrap_or_default();
    let problems: Vec<_> = found.iter().filter(|one| one.level == Level::Error).map(problem).collect();
    if !problems.is_empty() {
        return refuse(&clean, format, problems, &found, warnings);
    }
    let steps = steps::steps(&asked, &settings);
    // An option that holds a secret was refused, and what was found is clean: what is left are this program's own
    // words, which must not suffer where a password happens to be one of them.
    let report = render::json(&asked, &settings, &steps, &found, &warnings);
    let stdout = match format {
        Format::Text => render::text(&asked, &steps),
        Format::Yaml => render::overlay(&asked, &settings),
        Format::Shell => render::script(&asked, &steps),
        Format::Json => [&report, "\n"].concat(),
    };
    leave(&clean, 0, &stdout, &told(&found, &warnings), &report, None)
}

/// A finding as a problem of the option that names the values.
fn problem(finding: &Finding) -> Problem {
    Problem {
        option: "values-file".into(),
        code: Code::InputInvalid,
        message: words(finding),
        hint: Some(finding.hint.clone()),
    }
}

fn words(Finding { line, path, message, .. }: &Finding) -> String {
    let space = if path.is_empty() { "" } else { " " };
    ["line ", &line.to_string(), ": ", path, space, message].concat()
}

/// Warnings as they stand on standard error.
fn told(found: &[Finding], warnings: &[Warning]) -> String {
    let mut text = String::new();
    let mut tell = |code: Code, message: &[&str], hint: Option<&str>| {
        text.push_str(&["warning[", code.as_str(), "]: ", &message.concat(), "\n"].concat());
        if let Some(hint) = hint {
            text.push_str(&["hint: ", hint, "\n"].concat());
        }
    };
    for Warning { code, message, hint, .. } in warnings {
        tell(*code, &[message], hint.as_deref());
    }
    for finding in found.iter().filter(|one| one.level == Level::Warning) {
        tell(Code::InputInvalid, &["values-file: ", &words(finding)], Some(&finding.hint));
    }
    text
}

/// Says what is wrong, and prints nothing of what was asked: half of it could be run.
fn refuse(
    clean: &Json,
    format: Format,
    problems: Vec<Problem>,
    found: &[Finding],
    warnings: Vec<Warning>,
) -> String {
    let error = Error::InputInvalid { problems };
    let told = told(found, &warnings);
    let report = Report::failed(&error, warnings);
    let mut json = clean.clone();
    json.open('{').number("schema", 1).key("status").word(report.status.as_str());
    json_failure(json.key("error"), report.error.as_ref());
    json.key("houston").raw("null").key("image").raw("null").key("results").raw("[]");
    render::findings(&mut json, found);
    json.key("warnings").open('[');
    for warning in &report.warnings {
        json_failure(&mut json, Some(warning));
    }
    json.close(']').close('}');
    let text = json.into_text();
    let stdout = if format == Format::Json { [&text, "\n"].concat() } else { String::new() };
    leave(clean, error.exit_code(), &stdout, &[blocks(&report), told].concat(), &text, None)
}

fn leave(clean: &Json, exit_code: u8, stdout: &str, stderr: &str, report: &str, say: Option<&str>) -> String {
    let mut json = clean.clone();
    json.open('{').number("exitCode", exit_code.into()).field("stderr", stderr);
    // Both are clean already.
    json.key("stdout").word(stdout).key("files").raw("[]").key("report").word(report);
    if let Some(text) = say {
        json.key("say").word(text);
    }
    json.close('}');
    json.into_text()
}
