//! Houston: which of its dialects a platform speaks, the requests in each, and what its answers mean. Only this
//! folder sees the wire's JSON.
//!
//! Source for all of it: the vendor's documentation and its own client, as `docs/outcomes.md` and the schema files
//! under `tests/platform/schema` have them.

mod answer;
mod mutation;
mod questions;

pub use mutation::{AskedVersion, Dialect, Shown, UpdateImage};
pub use questions::{AskDeployment, AskReleases, AskVersion, By, Deployment, Fields};

use crate::endpoint::Endpoint;
use crate::error::{About, Doubt, Error};
use crate::io::{Body, Cause, Request, RequestId, add_plain};
use crate::json::Json;
use crate::release::ReleaseName;
use crate::token::{Redactor, Token};

/// The most bytes of one answer of Houston's: the largest is a list of Deployments with a few fields each.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// How Houston is reached: its address and the token.
#[derive(Debug, Clone)]
pub struct Houston {
    /// Houston's address.
    pub endpoint: Endpoint,
    /// The token, sent to Houston's origin alone.
    pub token: Token,
    /// Whether the environment names a proxy that is not used, which then is what an unreachable Houston is due to.
    pub proxy_ignored: bool,
    /// Takes secrets out of what Houston says, before it is shortened or escaped and they could not be found again.
    pub redactor: Redactor,
}

impl Houston {
    fn request(&self, id: RequestId, body: Body) -> Request {
        let mut headers = vec![("authorization", self.token.header())];
        add_plain(&mut headers, "content-type", "application/json");
        add_plain(&mut headers, "accept", "application/json");
        add_plain(&mut headers, "user-agent", crate::USER_AGENT);
        add_plain(&mut headers, "x-request-id", &id.text());
        Request {
            method: "POST",
            url: self.endpoint.url().to_owned(),
            headers,
            body: Some(body),
            id,
            largest_answer: LARGEST_ANSWER,
        }
    }

    // Every call would bring a copy of this along.
    #[inline(never)]
    fn unanswered(&self, about: About, cause: Cause) -> Error {
        match cause {
            Cause::Untrusted(_) => Error::TlsUntrusted { about, cause },
            Cause::TimedOut(_)
            | Cause::NameNotFound(_)
            | Cause::NotConnected(_)
            | Cause::Proxy(_)
            | Cause::Broken(_)
            | Cause::Cut(_)
            | Cause::TooLarge(_)
            | Cause::Other => Error::HoustonUnreachable { about, cause, proxy_ignored: self.proxy_ignored },
        }
    }
}

/// The body of a GraphQL request, up to its variables, which the caller writes and closes with `close_body`.
fn open_body(query: &str) -> Json<'static> {
    let mut json = Json::default();
    json.open('{').field("query", query).key("variables").open('{');
    json
}

fn close_body(mut json: Json) -> String {
    json.close('}').close('}');
    json.into_text()
}

/// An answer that contradicts what was asked, or itself.
fn contradiction(release: &ReleaseName, what: String) -> Error {
    Error::OutcomeUnknown { release: release.clone(), doubt: Doubt::Contradiction(what), open: Vec::new() }
}
