//! Makes one call, as often as `retry.rs` allows, and gives up when the time is over or the run is cancelled. It
//! knows nothing of what a call is about.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::call::{Answered, Call};
use crate::duration::shown;
use crate::error::{Doubt, Error, OpenAttempt, Sent};
use crate::event::{Event, Kind};
use crate::io::{Cause, Head, Io, Request, RequestId, Signal};
use crate::release::ReleaseName;
use crate::retry::{Attempts, Limits, Miss, Next, Row};

/// How long a change that was sent may take to be answered once the run is cancelled.
const GRACE: Duration = Duration::from_secs(3);

/// What a look at the Deployment showed before a change is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// `updatedAt` is what it was before the first send (row 18).
    Unmoved,
    /// `updatedAt` is another (row 19).
    Moved,
    /// It could not be read (row 20).
    Unread,
}

/// How the sends of a change ended.
#[derive(Debug)]
pub struct Changed<A> {
    /// Houston's yes, or why there was none.
    pub outcome: Result<A, Error>,
    /// How many sends there were.
    pub attempts: u32,
    /// The sends that may have arrived although no answer says so.
    pub open: Vec<OpenAttempt>,
    /// Whether a send went out with nothing to show that an earlier one had not arrived (row 20).
    pub blind: bool,
}

/// Asks a question, which changes nothing.
///
/// # Errors
/// Whatever the last answer was, if none was good; a cancel.
pub async fn ask<I: Io, C: Call>(
    io: &I,
    release: Option<&ReleaseName>,
    call: &C,
    limits: Limits,
) -> Result<C::Answer, Error> {
    let mut attempts = Attempts::new(limits);
    loop {
        let id = RequestId::new(io.random(), io.random());
        if let Some(signal) = io.signal() {
            return Err(Error::Cancelled { signal, sent: Sent::Nothing });
        }
        let left = limits.deadline.saturating_sub(io.now());
        if left.is_zero() {
            return Err(call.unanswered(call.about(&id), Cause::TimedOut(limits.request_timeout)));
        }
        attempts.count();
        let miss = match once(io, release, call, &id, limits.request_timeout.min(left), Duration::ZERO).await
        {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(miss)) => miss,
            Err(signal) => return Err(Error::Cancelled { signal, sent: Sent::Nothing }),
        };
        let said = miss.error.message();
        match attempts.after_question(miss, io.now(), io.random()) {
            Next::End(error) => return Err(error),
            Next::Again(wait) => {
                tell_again(io, release, &said, wait);
                if let Err(signal) = pause(io, wait).await {
                    return Err(Error::Cancelled { signal, sent: Sent::Nothing });
                }
            }
        }
    }
}

/// Sends a change of `release`: once, and again only by the table. `look` reads the Deployment before a send that
/// follows one which may have arrived.
pub async fn change<I: Io, C: Call>(
    io: &I,
    release: &ReleaseName,
    call: &C,
    limits: Limits,
    look: impl AsyncFn() -> Look,
) -> Changed<C::Answer> {
    let mut attempts = Attempts::new(limits);
    let mut blind = false;
    let outcome = loop {
        let id = RequestId::new(io.random(), io.random());
        if io.now() >= limits.deadline {
            let error = call.unanswered(call.about(&id), Cause::TimedOut(limits.request_timeout));
            break Err(attempts.ended(release, error));
        }
        if let Some(signal) = io.signal() {
            break Err(cancelled(signal, &attempts));
        }
        attempts.count();
        let miss = match once(io, Some(release), call, &id, limits.request_timeout, GRACE).await {
            Ok(Ok(answer)) => break Ok(answer),
            Ok(Err(miss)) => miss,
            Err(signal) => {
                if io.head(&id) != Head::Unwritten {
                    attempts.note_open(&id);
                }
                break Err(cancelled(signal, &attempts));
            }
        };
        let said = miss.error.message();
        match attempts.after_change(release, miss, &id, io.now(), io.random()) {
            Next::End(error) => break Err(error),
            Next::Again(wait) => {
                tell_again(io, Some(release), &said, wait);
                if let Err(signal) = pause(io, wait).await {
                    break Err(cancelled(signal, &attempts));
                }
            }
        }
        if !attempts.open().is_empty() {
            match look().await {
                Look::Unmoved => {}
                Look::Unread => blind = true,
                Look::Moved => break Err(attempts.doubtful(release, Doubt::Moved)),
            }
        }
    };
    Changed { outcome, attempts: attempts.made(), open: attempts.open().to_vec(), blind }
}

fn cancelled(signal: Signal, attempts: &Attempts) -> Error {
    let sent = if attempts.open().is_empty() { Sent::Nothing } else { Sent::Unanswered };
    Error::Cancelled { signal, sent }
}

/// Sends once. The outer error is a cancel: at once where `grace` is nothing, else when the answer has not come
/// within it.
async fn once<I: Io, C: Call>(
    io: &I,
    release: Option<&ReleaseName>,
    call: &C,
    id: &RequestId,
    limit: Duration,
    grace: Duration,
) -> Result<Result<C::Answer, Miss>, Signal> {
    let request = call.request(id);
    let started = io.now();
    let stopped = async {
        let signal = io.cancelled().await;
        if !grace.is_zero() {
            io.sleep(grace).await;
        }
        signal
    };
    let (over, stopped) = (pin!(io.sleep(limit)), pin!(stopped));
    let sent = match select(pin!(io.send(&request)), select(over, stopped)).await {
        Either::Left((sent, _)) => sent,
        Either::Right((Either::Left(_), _)) => Err(Cause::TimedOut(limit)),
        Either::Right((Either::Right((signal, _)), _)) => return Err(signal),
    };
    let took = io.now().saturating_sub(started);
    let about = call.about(id);
    match sent {
        Ok(response) => {
            tell_request(io, release, &request, took, &format!("HTTP {}", response.status));
            Ok(call.read(Answered { response: &response, about, wall: io.wall() }))
        }
        Err(cause) => {
            tell_request(io, release, &request, took, &cause.to_string());
            let row = Row::of_failure(&cause, io.head(id));
            Ok(Err(Miss::new(row, call.unanswered(about, cause))))
        }
    }
}

/// Waits; the error is a cancel in the meantime.
async fn pause<I: Io>(io: &I, wait: Duration) -> Result<(), Signal> {
    match select(pin!(io.cancelled()), pin!(io.sleep(wait))).await {
        Either::Left((signal, _)) => Err(signal),
        Either::Right(_) => Ok(()),
    }
}

fn tell_again<I: Io>(io: &I, release: Option<&ReleaseName>, said: &str, wait: Duration) {
    let message = format!("{said}; sending again in {}", shown(wait));
    io.emit(Event::new(Kind::Retry, release, message, io.now()));
}

fn tell_request<I: Io>(
    io: &I,
    release: Option<&ReleaseName>,
    request: &Request,
    took: Duration,
    ended: &str,
) {
    let message =
        format!("{} {} -> {ended} in {} (request {})", request.method, request.url, shown(took), request.id);
    io.emit(Event::new(Kind::Request, release, message, io.now()));
}
