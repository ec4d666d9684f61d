//! One request to a server that is no Houston. Any answer is a good one here: what it means is for those to say who
//! asked. Only what the registry rules call passing is asked again.

use crate::address::Address;
use crate::call::{Answered, Call};
use crate::error::{About, Error, ImageFault};
use crate::io::{Body, Cause, Request, RequestId, Response, add_plain};
use crate::retry::{Miss, Row, retry_after};
use crate::text::{decimal, filled};
use crate::token::HeaderValue;

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// `GET`, `HEAD` or `POST`.
    pub method: &'static str,
    /// Where to.
    pub address: &'a Address,
    /// The value of `Accept`.
    pub accept: &'static str,
    /// The value of `Authorization`, for this origin alone.
    pub authorization: Option<&'a HeaderValue>,
    /// A form to post.
    pub form: Option<&'a Body>,
    /// The most bytes of the answer's body.
    pub largest: usize,
    /// Whether 408, 429, 500 and 502 to 504 are asked again.
    pub patient: bool,
    /// Whether the environment names a proxy that is not used.
    pub proxy_ignored: bool,
    /// The answer.
    pub response: Box<Response>,
}

impl<'a> Ask<'a> {
    /// A request without a form, of which the first answer counts.
    #[must_use]
    pub fn new(
        method: &'static str,
        address: &'a Address,
        accept: &'static str,
        authorization: Option<&'a HeaderValue>,
        largest: usize,
    ) -> Self {
        Self {
            method,
            address,
            accept,
            authorization,
            form: None,
            largest,
            patient: false,
            proxy_ignored: false,
            response: Box::default(),
        }
    }
}

impl Call for Ask<'_> {
    fn host(&self) -> &str {
        self.address.authority()
    }

    fn request(&self, id: RequestId) -> Request {
        let mut headers = Vec::new();
        add_plain(&mut headers, "accept", self.accept);
        add_plain(&mut headers, "user-agent", crate::USER_AGENT);
        add_plain(&mut headers, "x-request-id", &id.text());
        if let Some(authorization) = self.authorization {
            headers.push(("authorization", authorization.clone()));
        }
        if self.form.is_some() {
            add_plain(&mut headers, "content-type", "application/x-www-form-urlencoded");
        }
        Request {
            method: self.method,
            url: self.address.as_str().to_owned(),
            headers,
            body: self.form.cloned(),
            id,
            largest_answer: self.largest,
        }
    }

    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>> {
        let Answered { response, about, wall } = answered;
        let status = response.status;
        if !self.patient || !matches!(status, 408 | 429 | 500 | 502 | 503 | 504) {
            self.response = response;
            return Ok(());
        }
        let asked = response.retry_after.as_deref();
        if status == 429 || status == 503 && asked.is_some() {
            let retry_after = asked.and_then(|asked| retry_after(asked, wall));
            let error = Error::Image(ImageFault::Busy { about, status, retry_after });
            return Err(Box::new(Miss { row: Row::Busy, error, retry_after }));
        }
        let what = filled("answered HTTP {} {}", &[&decimal(status), &about.id()]);
        let hint = "look at the registry's own state, then run again";
        Err(Miss::new(Row::ServerError, failed(about, what, hint)))
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        match cause {
            Cause::Untrusted(_) => Error::Image(ImageFault::Untrusted { about, cause }),
            Cause::TooLarge(_) => {
                let what = filled("sent too much: {}", &[&cause.words()]);
                failed(about, what, "correct `image`: no registry sends so much here")
            }
            Cause::Cut(_) => {
                let what = filled("did not answer in full: {} {}", &[&cause.words(), &about.id()]);
                let hint = "look at the registry's own state and at what stands before it, then run again";
                failed(about, what, hint)
            }
            Cause::TimedOut(_)
            | Cause::NameNotFound(_)
            | Cause::NotConnected(_)
            | Cause::Proxy(_)
            | Cause::Broken(_)
            | Cause::Other => {
                let proxy_ignored = self.proxy_ignored;
                Error::Image(ImageFault::Unreachable { about, cause, proxy_ignored })
            }
        }
    }
}

#[inline(never)]
fn failed(about: About, what: String, hint: &'static str) -> Error {
    Error::Image(ImageFault::Failed { registry: about.host, what: what.into(), hint })
}
