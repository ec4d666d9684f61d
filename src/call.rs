//! A remote call is a value: it builds its request and judges the answer, and has no effects of its own.

use std::time::Duration;

use crate::error::{About, Error};
use crate::io::{Cause, Request, RequestId, Response};
use crate::retry::Miss;

/// One call to a server.
pub trait Call {
    /// The server's host, for messages about the request.
    fn host(&self) -> &str;

    /// The request, which carries `id`.
    fn request(&self, id: RequestId) -> Request;

    /// Judges an answer, and keeps what a good one holds.
    ///
    /// # Errors
    /// Anything but a good answer, with its row of the table in `retry.rs`.
    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>>;

    /// What it is called when there was no answer for this reason.
    fn unanswered(&self, about: About, cause: Cause) -> Error;
}

/// An answer and what belongs to its judgement.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The answer.
    pub response: Box<Response>,
    /// The request that it answers.
    pub about: About,
    /// The time of the answer since the Unix epoch, as this machine's clock has it.
    pub wall: Duration,
}
