//! The envelope of Houston's answers: what is a GraphQL answer at all, and which row of the table each other answer
//! is. A status alone never makes success, and a status alone never hides a good answer.

use super::Houston;
use crate::call::Answered;
use crate::error::{About, Error, Mismatch, Said};
use crate::foreign::visible;
use crate::retry::{Miss, Row, retry_after};
use crate::text::cut;
use crate::token::Redactor;
use crate::value::Value;

/// What Houston says where a token is missing, invalid, expired or not allowed, all alike.
const NOT_PERMITTED: &str = "You do not have the appropriate permissions";
const NO_DEPLOYMENT: &str = "No deployment exists";

/// The most fields that are told as missing.
const MOST_FIELDS: usize = 16;

/// One entry of `errors`.
struct GraphqlError<'a> {
    message: String,
    code: Option<&'a str>,
    place: Place,
}

/// Where in the answer an error belongs.
#[derive(PartialEq, Clone, Copy)]
enum Place {
    /// It names no place, or that of another field.
    Nowhere,
    /// The field that was asked for.
    Field,
    /// Something inside that field: the field's own resolver had run to its end.
    Below,
}

/// Judges an answer to a request for `field`, and gives the field's value, which is never null.
pub(super) fn field(houston: &Houston, answered: &Answered, field: &str) -> Result<Value, Box<Miss>> {
    let response = &answered.response;
    let parsed = match response.status {
        // A redirect is never followed with a token, whatever its body says.
        300..=399 => None,
        _ => Value::read(&response.body).ok(),
    };
    let Some(mut body) = parsed else { return Err(not_graphql(answered)) };
    let listed = body.take("errors").unwrap_or_default();
    let errors = read_errors(&houston.redactor, listed.as_array().unwrap_or_default(), field);
    let mut data = body.take("data");
    if errors.is_empty() && !data.as_ref().is_some_and(Value::is_object) {
        return Err(not_graphql(answered));
    }
    let value = data.as_mut().and_then(|data| data.take(field)).filter(|value| !value.is_null());
    match value {
        _ if !errors.is_empty() => Err(of_errors(answered, &errors, data.is_some(), value.is_some())),
        Some(value) => Ok(value),
        None => Err(failed(answered, Row::NotGraphql, Said::Nothing)),
    }
}

/// Whether Houston answered with neither data nor an error.
pub(super) fn is_nothing(miss: &Miss) -> bool {
    matches!(miss.error, Error::HoustonFailed { said: Said::Nothing, .. })
}

fn read_errors<'a>(redactor: &Redactor, errors: &'a [Value], field: &str) -> Vec<GraphqlError<'a>> {
    let mut read = Vec::new();
    for error in errors {
        let message = error.get("message").and_then(Value::as_str).unwrap_or("an error without a message");
        read.push(GraphqlError {
            message: visible(&redactor.clean(message)),
            code: error.get("extensions").and_then(|more| more.get("code")?.as_str()),
            place: match error.get("path").and_then(Value::as_array) {
                Some([only]) if only.as_str() == Some(field) => Place::Field,
                Some([first, ..]) if first.as_str() == Some(field) => Place::Below,
                _ => Place::Nowhere,
            },
        });
    }
    read
}

/// A Houston that did not do what was asked.
fn failed(answered: &Answered, row: Row, said: Said) -> Box<Miss> {
    Miss::new(row, Error::HoustonFailed { about: answered.about.clone(), said })
}

/// Rows 13 to 17, for an answer with errors.
fn of_errors(
    answered: &Answered,
    errors: &[GraphqlError<'_>],
    has_data_key: bool,
    has_value: bool,
) -> Box<Miss> {
    // Without a `data` key nothing was executed (GraphQL specification, section 7.1): a validation error.
    if !has_data_key && errors.iter().all(GraphqlError::is_validation) {
        let mismatch = mismatch(errors);
        let host = answered.about.host.clone();
        return Miss::new(Row::NothingRan, Error::ApiMismatch { host, mismatch });
    }
    if has_value || errors.iter().all(|error| error.place == Place::Below) {
        let said = errors.first().map(|error| error.message.clone()).unwrap_or_default();
        return failed(answered, Row::Contradiction, Said::Words(said));
    }
    if !has_data_key && is_busy(answered) {
        return busy(answered);
    }
    let mut refused = None;
    for error in errors {
        if error.place == Place::Below {
            continue;
        }
        let Some(refusal) = error.refusal() else {
            // One error that leaves it open outweighs any number of refusals.
            return failed(answered, Row::ServerFault, Said::Words(error.message.clone()));
        };
        refused = refused.or(Some((refusal, error)));
    }
    match refused {
        Some((refusal, error)) => {
            Miss::new(Row::Refused, refusal(answered.about.clone(), Said::Words(error.message.clone())))
        }
        None => failed(answered, Row::ServerFault, Said::Nothing),
    }
}

/// What makes an error of a refusal.
type Refusal = fn(About, Said) -> Error;

fn denied(about: About, said: Said) -> Error {
    Error::PermissionDenied { about, said }
}

fn refused(about: About, said: Said) -> Error {
    Error::HoustonRefused { about, said, platform: None }
}

fn not_found(about: About, _: Said) -> Error {
    Error::DeploymentNotFound { about, release: None }
}

impl GraphqlError<'_> {
    /// Whether it says that the request does not fit the schema. Servers that give no codes are known by
    /// graphql-js's own words.
    fn is_validation(&self) -> bool {
        if let Some(code) = self.code {
            matches!(code, "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED")
        } else {
            let starts = ["Cannot query field \"", "Unknown argument \"", "Unknown type \"", "Syntax Error"];
            self.place == Place::Nowhere && starts.iter().any(|start| self.message.starts_with(start))
        }
    }

    /// The refusal that it is, if it is one after which nothing can have changed (row 15).
    fn refusal(&self) -> Option<Refusal> {
        match self.code {
            _ if self.message.starts_with(NO_DEPLOYMENT) => Some(not_found),
            Some("FORBIDDEN" | "UNAUTHENTICATED") => Some(denied),
            Some("RESOURCE_NOT_FOUND") => Some(not_found),
            Some("BAD_USER_INPUT") => Some(refused),
            None if self.message.starts_with(NOT_PERMITTED) => Some(denied),
            Some(_) | None => None,
        }
    }
}

/// What a validation error is about: a missing mutation, missing fields of a Deployment, or something else.
fn mismatch(errors: &[GraphqlError<'_>]) -> Mismatch {
    let said = || Mismatch::Said(errors.first().map(|error| error.message.clone()).unwrap_or_default());
    let mut fields = Vec::new();
    for error in errors {
        match missing_field(&error.message) {
            Some(("updateDeploymentImage", "Mutation")) if errors.len() == 1 => {
                return Mismatch::NoMutation("updateDeploymentImage");
            }
            Some(("upsertDeployment", "Mutation")) if errors.len() == 1 => {
                return Mismatch::NoMutation("upsertDeployment");
            }
            // No request asks for so many: what an answer makes up beyond them would only make a message longer.
            Some((name, "Deployment")) if fields.len() < MOST_FIELDS => fields.push(name.to_owned()),
            Some((_, "Deployment")) => {}
            _ => return said(),
        }
    }
    Mismatch::NoFields(fields)
}

/// Reads `Cannot query field "X" on type "Y".`, which may go on with a suggestion.
fn missing_field(message: &str) -> Option<(&str, &str)> {
    let (name, rest) = cut(message.strip_prefix("Cannot query field \"")?, "\"")?;
    let (on, _) = cut(rest.strip_prefix(" on type \"")?, "\"")?;
    Some((name, on))
}

/// Row 13: the request was turned away before anything looked at it.
fn is_busy(answered: &Answered) -> bool {
    answered.response.status == 429
        || (answered.response.status == 503 && answered.response.retry_after.is_some())
}

fn busy(answered: &Answered) -> Box<Miss> {
    let retry_after =
        answered.response.retry_after.as_deref().and_then(|value| retry_after(value, answered.wall));
    let error =
        Error::RateLimited { about: answered.about.clone(), status: answered.response.status, retry_after };
    Box::new(Miss { row: Row::Busy, error, retry_after })
}

/// Rows 8 to 13, for an answer that is no GraphQL answer.
fn not_graphql(answered: &Answered) -> Box<Miss> {
    if is_busy(answered) {
        return busy(answered);
    }
    let status = answered.response.status;
    let about = answered.about.clone();
    let said = Said::Status(status);
    let (row, error) = match status {
        200..=399 | 404 | 405 => {
            let row = if status < 300 { Row::NotGraphql } else { Row::NotHouston };
            (row, Error::NotHouston { about, status, what: kind_of_body(answered) })
        }
        401 | 403 => (Row::Denied, denied(about, said)),
        400..=407 | 409..=499 => (Row::ClientError, refused(about, said)),
        // Only 408, 500, 502, 503 and 504 are in the table; any other status is no more certain than those.
        _ => (Row::ServerError, Error::HoustonFailed { about, said }),
    };
    Miss::new(row, error)
}

fn kind_of_body(answered: &Answered) -> &'static str {
    let start = answered.response.body.trim_ascii_start().first();
    let html = answered.response.content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html"));
    match start {
        _ if (300..=399).contains(&answered.response.status) => "a redirect",
        None => "an empty body",
        Some(b'<') => "an HTML page",
        _ if html => "an HTML page",
        Some(b'{' | b'[') => "JSON that is no GraphQL answer, or is cut off",
        Some(_) => "a body that is no JSON",
    }
}
