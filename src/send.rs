//! Makes one call, as often as `retry.rs` allows, and gives up when the time is over or the run is cancelled. It
//! knows nothing of what a call is about.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use crate::call::{Answered, Call};
use crate::duration::shown;
use crate::error::{About, Doubt, Error, OpenAttempt, Sent};
use crate::event::{Kind, tell};
use crate::io::{Cause, Head, Io, RequestId, Signal};
use crate::release::ReleaseName;
use crate::retry::{Attempts, Limits, Miss, Row};
use crate::text::{cut, decimal, filled};
use crate::wait::first;

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

/// Reads the Deployment before a send that follows one which may have arrived.
pub type LookAgain<'a> = dyn Fn() -> Pin<Box<dyn Future<Output = Look> + 'a>> + 'a;

/// How the sends of a call ended.
#[derive(Debug)]
pub struct Changed {
    /// A good answer, which the call keeps, or why there was none.
    pub outcome: Result<(), Rc<Error>>,
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
pub async fn ask<I: Io>(
    io: &I,
    release: Option<&ReleaseName>,
    call: &mut dyn Call,
    limits: &Limits,
) -> Result<(), Rc<Error>> {
    exchange(io, release, call, limits, None).await.outcome
}

/// Sends a change of `release`: once, and again only by the table.
pub fn change<I: Io>(
    io: &I,
    release: &ReleaseName,
    call: &mut dyn Call,
    limits: &Limits,
    look: &LookAgain<'_>,
) -> impl Future<Output = Changed> {
    exchange(io, Some(release), call, limits, Some(look))
}

/// The loop: send, judge, wait, look, send again. Only a change is looked for.
async fn exchange<I: Io>(
    io: &I,
    release: Option<&ReleaseName>,
    call: &mut dyn Call,
    limits: &Limits,
    look: Option<&LookAgain<'_>>,
) -> Changed {
    let mut attempts = Attempts::new(limits, look.and(release));
    let (mut blind, mut unread) = (false, false);
    let ended = loop {
        let id = RequestId::new(io.random(), io.random());
        if let Some(signal) = io.signal() {
            break Err(signal);
        }
        let left = limits.deadline.saturating_sub(io.now());
        if left.is_zero() {
            let error = call.unanswered(about(call, id), Cause::TimedOut(limits.request_timeout));
            break Ok(Err(attempts.ended(error)));
        }
        // A question is cut off at the deadline. A change that is under way is not: whether it arrived would be
        // anybody's guess.
        let limit = if look.is_none() { limits.request_timeout.min(left) } else { limits.request_timeout };
        attempts.count();
        // Not before it is sent: a cancel or the deadline may come between the look and the send.
        blind |= unread;
        let miss = match once(io, release, call, id, limit, look.is_some()).await {
            Ok(Ok(())) => break Ok(Ok(())),
            Ok(Err(miss)) => miss,
            Err(signal) => {
                if look.is_some() && io.head(id) != Head::Unwritten {
                    attempts.note_open(id);
                }
                break Err(signal);
            }
        };
        let wait = {
            let said = miss.error.message();
            match attempts.after(*miss, id, io.now(), io.random()) {
                Err(error) => break Ok(Err(error)),
                Ok(wait) => {
                    let message = filled("{}; sending again in {}", &[&said, &shown(wait)]);
                    tell(io, Kind::Retry, release, message);
                    wait
                }
            }
        };
        if let Err(signal) = pause(io, wait).await {
            break Err(signal);
        }
        if let (Some(look), false) = (look, attempts.open().is_empty()) {
            match look().await {
                Look::Unmoved => unread = false,
                Look::Unread => unread = true,
                Look::Moved => break Ok(Err(attempts.doubtful(Doubt::Moved))),
            }
        }
    };
    let outcome = match ended {
        Ok(outcome) => outcome,
        Err(signal) => {
            let sent = if attempts.open().is_empty() { Sent::Nothing } else { Sent::Unanswered };
            Err(Rc::new(Error::Cancelled { signal, sent }))
        }
    };
    Changed { outcome, attempts: attempts.made(), open: attempts.into_open(), blind }
}

fn about(call: &dyn Call, id: RequestId) -> About {
    About { host: call.host().to_owned(), request: id }
}

/// Sends once. The outer error is a cancel: at once, or of a change when the answer has not come within `GRACE`.
async fn once<I: Io>(
    io: &I,
    release: Option<&ReleaseName>,
    call: &mut dyn Call,
    id: RequestId,
    limit: Duration,
    is_change: bool,
) -> Result<Result<(), Box<Miss>>, Signal> {
    let request = call.request(id);
    let started = io.now();
    let stopped = async {
        let signal = io.cancelled().await;
        if is_change {
            io.sleep(GRACE).await;
        }
        signal
    };
    let (over, stopped) = (pin!(io.sleep(limit)), pin!(stopped));
    let sent = match first(pin!(io.send(&request)), pin!(first(over, stopped))).await {
        Ok(sent) => sent,
        Err(Ok(())) => Err(Cause::TimedOut(limit)),
        Err(Err(signal)) => return Err(signal),
    };
    let ended = match &sent {
        Ok(response) => filled("HTTP {}", &[&decimal(response.status)]),
        Err(cause) => cause.words(),
    };
    let took = shown(io.now().saturating_sub(started));
    // A query may hold what opens a door: the signature of an address that a registry leads to.
    let url = cut(&request.url, "?").map_or(request.url.as_str(), |(path, _)| path);
    let message = filled("{} {} -> {} in {} (request {})", &[request.method, url, &ended, &took, &id.text()]);
    tell(io, Kind::Request, release, message);
    let about = about(call, id);
    Ok(match sent {
        Ok(response) => call.read(Answered { response: Box::new(response), about, wall: io.wall() }),
        Err(cause) => {
            let row = Row::of_failure(&cause, io.head(id));
            Err(Miss::new(row, call.unanswered(about, cause)))
        }
    })
}

/// Waits; the error is a cancel in the meantime.
pub(crate) async fn pause<I: Io>(io: &I, wait: Duration) -> Result<(), Signal> {
    match first(pin!(io.cancelled()), pin!(io.sleep(wait))).await {
        Ok(signal) => Err(signal),
        Err(()) => Ok(()),
    }
}
