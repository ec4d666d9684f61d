//! The report as JSON: the one object of the contract. Fields are added, never changed or dropped, within schema 1.

use crate::error::Problem;
use crate::json::Json;
use crate::report::{Check, Failure, ReleaseReport, Report, State};
use crate::token::Redactor;

/// The report, in one line, without secrets.
#[must_use]
pub fn report(report: &Report, redactor: &Redactor) -> String {
    let mut json = Json::cleaned(redactor);
    json.open('{').number("schema", 1).key("status").word(report.status.as_str());
    failure(json.key("error"), report.error.as_ref());
    json.key("houston");
    match &report.houston {
        Some(houston) => {
            json.open('{').field("url", &houston.url).optional("version", &houston.version).close('}')
        }
        None => json.raw("null"),
    };
    json.key("image");
    match &report.image {
        Some(image) => json
            .open('{')
            .field("reference", &image.reference)
            .optional("digest", &image.digest)
            .optional("runtimeVersion", &image.runtime_version)
            .optional("airflowVersion", &image.airflow_version)
            .close('}'),
        None => json.raw("null"),
    };
    json.key("results").open('[');
    for result in &report.results {
        release(&mut json, result, redactor);
    }
    json.close(']').key("warnings").open('[');
    for warning in &report.warnings {
        failure(&mut json, Some(warning));
    }
    json.close(']');
    checks(&mut json, &report.checks);
    json.close('}');
    json.into_text()
}

/// What `check` looked at, where it did.
fn checks(json: &mut Json, checks: &[Check]) {
    if checks.is_empty() {
        return;
    }
    json.key("checks").open('[');
    for check in checks {
        json.open('{').key("what").word(check.what).key("verdict").word(check.verdict.as_str());
        json.field("message", &check.message).key("code");
        match &check.failure {
            Some(failure) => json.word(failure.code.as_str()).optional("hint", &failure.hint),
            None => json.raw("null").key("hint").raw("null"),
        };
        json.close('}');
    }
    json.close(']');
}

fn release(json: &mut Json, result: &ReleaseReport, redactor: &Redactor) {
    json.open('{').field("release", &result.release);
    json.key("status").word(result.status.as_str()).key("change").word(result.change.as_str()).key("proof");
    match result.proof {
        Some(proof) => json.word(proof.as_str()),
        None => json.raw("null"),
    };
    json.boolean("verified", result.verified)
        .optional("deploymentId", &result.deployment_id)
        .optional("airflowUrl", &result.airflow_url);
    state(json.key("before"), result.before.as_ref());
    state(json.key("after"), result.after.as_ref());
    json.number("attempts", result.attempts.into()).number("milliseconds", result.milliseconds);
    failure(json.key("error"), result.error.as_ref());
    json.key("mayHaveArrived").open('[');
    for open in &result.may_have_arrived {
        json.open('{')
            .number("attempt", open.attempt.into())
            .field("requestId", &open.request.text())
            .close('}');
    }
    json.close(']');
    if !result.requests.is_empty() {
        json.key("requests").open('[');
        for request in &result.requests {
            let body = redactor.clean(&request.body);
            json.open('{')
                .field("method", request.method)
                .field("url", &request.url)
                .key("headers")
                .open('{');
            for (name, value) in &request.headers {
                json.field(name, value);
            }
            // The body is JSON, and stays it: a secret can be found within its strings only.
            json.close('}').key("body").raw(&body).close('}');
        }
        json.close(']');
    }
    checks(json, &result.checks);
    json.close('}');
}

fn state(json: &mut Json, state: Option<&State>) {
    match state {
        Some(state) => json
            .open('{')
            .optional("version", &state.version)
            .optional("updatedAt", &state.updated_at)
            .close('}'),
        None => json.raw("null"),
    };
}

/// An error or a warning as an object.
pub(crate) fn failure(json: &mut Json, failure: Option<&Failure>) {
    let Some(failure) = failure else {
        json.raw("null");
        return;
    };
    json.open('{').key("code").word(failure.code.as_str()).field("message", &failure.message);
    json.optional("hint", &failure.hint);
    if !failure.problems.is_empty() {
        json.key("problems").open('[');
        for Problem { option, code, message, hint } in &failure.problems {
            json.open('{').field("option", option).key("code").word(code.as_str());
            json.field("message", message).optional("hint", hint).close('}');
        }
        json.close(']');
    }
    json.close('}');
}
