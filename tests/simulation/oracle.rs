//! The table of `docs/outcomes.md`, part 1, read a second time and independently of `src/retry.rs`: which row a send of
//! the change is, from what its sender was told.

use std::time::Duration;

use houston_deploy::io::{Cause, Head, Response};
use serde_json::Value;

use crate::fault::Class;
use crate::world::{Ending, Sent, World};

/// How one send of the change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Houston's yes.
    Yes,
    /// A row of the table.
    Row(u8),
    /// The run was cancelled before it ended; `true`: it may have arrived.
    Cancelled(bool),
}

/// The rows after which it may have arrived.
pub fn is_open(told: Told) -> bool {
    matches!(told, Told::Row(6 | 7 | 8 | 12 | 16) | Told::Cancelled(true))
}

/// Whether the table says to stop. (A proxy in trouble is row 5 as well, and is asked again.)
pub fn stops(told: Told, sent: &Sent) -> bool {
    match told {
        Told::Row(5) => !matches!(&sent.ending, Ending::Ended(_, Err(Cause::Proxy(500..)))),
        Told::Row(row) => matches!(row, 4 | 9 | 10 | 11 | 14 | 15 | 17),
        Told::Yes | Told::Cancelled(_) => true,
    }
}

/// What the sender of a change was told.
pub fn told(world: &World<'_>, sent: &Sent) -> Told {
    let head = world.head_told(sent);
    match &sent.ending {
        Ending::Pending => panic!("a request that neither ended nor was given up"),
        Ending::GivenUp(at) if at.saturating_sub(sent.at) < world.setting.request_timeout => {
            Told::Cancelled(head != Head::Unwritten)
        }
        Ending::GivenUp(_) if head == Head::Unwritten => Told::Row(1),
        Ending::GivenUp(_) => Told::Row(6),
        Ending::Ended(_, Ok(response)) => of_answer(sent, response),
        Ending::Ended(_, Err(_)) if head == Head::Written => Told::Row(7),
        Ending::Ended(_, Err(cause)) => Told::Row(match cause {
            Cause::NameNotFound(_) => 2,
            Cause::NotConnected(_) => 3,
            Cause::Untrusted(_) => 4,
            Cause::Proxy(_) => 5,
            Cause::TimedOut(_) | Cause::Broken(_) | Cause::Cut(_) | Cause::TooLarge(_) | Cause::Other => {
                if head == Head::Unwritten {
                    1
                } else {
                    7
                }
            }
        }),
    }
}

fn of_answer(sent: &Sent, response: &Response) -> Told {
    let status = response.status;
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let busy = status == 429 || (status == 503 && response.retry_after.is_some());
    if (300..400).contains(&status) || (errors.is_empty() && !body["data"].is_object()) {
        return Told::Row(match status {
            _ if busy => 13,
            200..300 => 8,
            300..400 | 404 | 405 => 9,
            401 | 403 => 10,
            408 => 12,
            400..500 => 11,
            _ => 12,
        });
    }
    let value = &body["data"][sent.field];
    if errors.is_empty() {
        if value.is_null() {
            return Told::Row(8);
        }
        let asked = &sent.variables()["releaseName"];
        let mut versions = ["runtimeVersion", "airflowVersion"].into_iter();
        let version = versions.find(|name| sent.variables().get(name).is_some()).unwrap();
        let is_same = value["releaseName"] == *asked && value[version] == sent.variables()[version];
        return if is_same { Told::Yes } else { Told::Row(17) };
    }
    let code = |error: &Value| error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    let is_validation =
        |error: &Value| matches!(code(error).as_str(), "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED");
    if body.get("data").is_none() && errors.iter().all(is_validation) {
        return Told::Row(14);
    }
    let is_below = |error: &Value| error["path"].as_array().is_some_and(|path| path.len() > 1);
    if !value.is_null() || errors.iter().all(is_below) {
        return Told::Row(17);
    }
    let refuses = |error: &Value| {
        error["message"].as_str().unwrap_or_default().starts_with("No deployment exists")
            || matches!(
                code(error).as_str(),
                "FORBIDDEN" | "UNAUTHENTICATED" | "BAD_USER_INPUT" | "RESOURCE_NOT_FOUND"
            )
    };
    if errors.iter().filter(|error| !is_below(error)).all(refuses) { Told::Row(15) } else { Told::Row(16) }
}

/// `updatedAt` of a read, with the time at which it was told.
pub fn updated_at(sent: &Sent) -> Option<(Duration, String)> {
    let Ending::Ended(at, Ok(response)) = &sent.ending else { return None };
    if sent.target.class != Class::Read || (300..400).contains(&response.status) {
        return None;
    }
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    if body.get("errors").is_some() {
        return None;
    }
    let shown = body["data"]["workspaceDeployments"].as_array()?.iter();
    let mut ours = shown.filter(|shown| shown["releaseName"] == sent.variables()["releaseName"]);
    Some((*at, ours.next()?["updatedAt"].as_str()?.to_owned()))
}
