//! One request to a server that is no Houston. Any answer is a good one here: what it means is for those to say who
//! asked. Only what the registry rules call passing is asked again.

use crate::address::Address;
use crate::call::{Answered, Call};
use crate::error::{About, Error, ImageFault};
use crate::io::{Body, Cause, Request, RequestId, Response};
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
    pub authorization: Option<HeaderValue>,
    /// A form to post.
    pub form: Option<Body>,
    /// The most bytes of the answer's body.
    pub largest: usize,
    /// Whether 408, 429, 500 and 502 to 504 are asked again.
    pub patient: bool,
    /// Whether the environment names a proxy that is not used.
    pub proxy_ignored: bool,
}

impl Call for Ask<'_> {
    type Answer = Response;

    fn about(&self, id: &RequestId) -> About {
        About { host: self.address.authority().to_owned(), request: id.clone() }
    }

    fn request(&self, id: &RequestId) -> Request {
        let plain = |text: &str| HeaderValue::Plain(text.to_owned());
        let mut headers = vec![
            ("accept", plain(self.accept)),
            ("user-agent", plain(crate::USER_AGENT)),
            ("x-request-id", plain(id.as_str())),
        ];
        if let Some(authorization) = &self.authorization {
            headers.push(("authorization", authorization.clone()));
        }
        if self.form.is_some() {
            headers.push(("content-type", plain("application/x-www-form-urlencoded")));
        }
        Request {
            method: self.method,
            url: self.address.as_str().to_owned(),
            headers,
            body: self.form.clone(),
            id: id.clone(),
            largest_answer: self.largest,
        }
    }

    fn read(&self, answered: Answered<'_>) -> Result<Response, Miss> {
        let response = answered.response;
        let about = answered.about;
        let asked = response.retry_after.as_deref();
        match response.status {
            429 if self.patient => Err(busy(about, response.status, asked, answered.wall)),
            503 if self.patient && asked.is_some() => Err(busy(about, response.status, asked, answered.wall)),
            status @ (408 | 500 | 502 | 503 | 504) if self.patient => {
                let what = filled("answered HTTP {} {}", &[&decimal(status), &about.id()]).into();
                let hint = "look at the registry's own state, then run again";
                let fault = ImageFault::Failed { registry: about.host, what, hint };
                Err(Miss::new(Row::ServerError, Error::Image(fault)))
            }
            _ => Ok(response.clone()),
        }
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        Error::Image(match cause {
            Cause::Untrusted(_) => ImageFault::Untrusted { about, cause },
            Cause::TooLarge(_) => {
                let what = filled("sent too much: {}", &[&cause.words()]).into();
                let hint = "correct `image`: no registry sends so much here";
                ImageFault::Failed { registry: about.host, what, hint }
            }
            Cause::Cut(_) => {
                let what = filled("did not answer in full: {} {}", &[&cause.words(), &about.id()]).into();
                let hint = "look at the registry's own state and at what stands before it, then run again";
                ImageFault::Failed { registry: about.host, what, hint }
            }
            Cause::TimedOut(_)
            | Cause::NameNotFound(_)
            | Cause::NotConnected(_)
            | Cause::Proxy(_)
            | Cause::Broken(_)
            | Cause::Other => ImageFault::Unreachable { about, cause, proxy_ignored: self.proxy_ignored },
        })
    }
}

fn busy(about: About, status: u16, asked: Option<&str>, wall: std::time::Duration) -> Miss {
    let retry_after = asked.and_then(|asked| retry_after(asked, wall));
    let error = Error::Image(ImageFault::Busy { about, status, retry_after });
    Miss { row: Row::Busy, error, retry_after }
}
