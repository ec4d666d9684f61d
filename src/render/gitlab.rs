//! The report in the two formats that GitLab reads from a job: dotenv and annotations.

use crate::json::Json;
use crate::report::{Proof, Report};
use crate::text::{fill, filled, replaced};
use crate::token::Redactor;

/// What other steps and jobs read from a run, by the names that the contract gives them (without `report`).
#[must_use]
pub fn outputs(report: &Report) -> [(&'static str, &str); 6] {
    let only = report.only();
    let digest = report.image.as_ref().and_then(|image| image.digest.as_deref());
    [
        ("status", report.status.as_str()),
        ("verified", if report.verified() { "true" } else { "false" }),
        ("proof", report.proof().map_or("", Proof::as_str)),
        ("deployment-id", only.and_then(|only| only.deployment_id.as_deref()).unwrap_or_default()),
        ("airflow-url", only.and_then(|only| only.airflow_url.as_deref()).unwrap_or_default()),
        ("digest", digest.unwrap_or_default()),
    ]
}

/// The outputs as GitLab's dotenv report: `HOUSTON_STATUS=deployed` and so on, a line each, without quotes, which
/// GitLab would keep.
#[must_use]
pub fn dotenv(report: &Report) -> String {
    let mut lines = String::new();
    for (name, value) in &outputs(report) {
        let name = replaced(&name.to_ascii_uppercase(), "-", "_");
        fill(&mut lines, "HOUSTON_{}={}\n", &[&name, value]);
    }
    lines
}

/// Links for the job's page: the Airflow of every release that has one.
#[must_use]
pub fn annotations(report: &Report, redactor: &Redactor) -> String {
    let mut json = Json::cleaned(redactor);
    json.open('{').key("Airflow").open('[');
    for result in &report.results {
        if let Some(url) = &result.airflow_url {
            let label = filled("Airflow {}", &[&result.release]);
            json.open('{')
                .key("external_link")
                .open('{')
                .field("label", &label)
                .field("url", url)
                .close('}')
                .close('}');
        }
    }
    json.close(']').close('}');
    json.into_text()
}
