//! A remote call is a value: it builds its request and judges the answer, and has no effects of its own.

use std::time::Duration;

use crate::error::{About, Error};
use crate::io::{Cause, Request, RequestId, Response};
use crate::retry::Miss;

/// One call to a server.
pub trait Call {
    /// What a good answer holds.
    type Answer;

    /// Host and id, for messages about the request.
    fn about(&self, id: &RequestId) -> About;

    /// The request, which carries `id`.
    fn request(&self, id: &RequestId) -> Request;

    /// Judges an answer.
    ///
    /// # Errors
    /// Anything but a good answer, with its row of the table in `retry.rs`.
    fn read(&self, answered: &Answered<'_>) -> Result<Self::Answer, Box<Miss>>;

    /// What it is called when there was no answer for this reason.
    fn unanswered(&self, about: About, cause: Cause) -> Error;
}

/// An answer and what belongs to its judgement.
#[derive(Debug, Clone)]
pub struct Answered<'a> {
    /// The answer.
    pub response: &'a Response,
    /// The request that it answers.
    pub about: About,
    /// The time of the answer since the Unix epoch, as this machine's clock has it.
    pub wall: Duration,
}
