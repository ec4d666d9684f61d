//! What may be sent again, and when: the table of `docs/outcomes.md`, part 1, and the back-off. Pure: it is told
//! what happened and says what follows; `send.rs` does it.

use std::rc::Rc;
use std::time::Duration;

use crate::date;
use crate::error::{Doubt, Error, OpenAttempt};
use crate::io::{Cause, Head, RequestId};
use crate::release::ReleaseName;
use crate::text::whole;

/// A row of the table. The numbers are the table's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the rows are the table's")]
pub enum Row {
    HeadNeverWritten = 1,
    NameNotFound = 2,
    NotConnected = 3,
    Untrusted = 4,
    ProxyRefused = 5,
    /// Row 5 as well: a proxy that says it is itself in trouble (5xx).
    ProxyFailed = 105,
    NoAnswer = 6,
    Broken = 7,
    NotGraphql = 8,
    NotHouston = 9,
    Denied = 10,
    ClientError = 11,
    ServerError = 12,
    Busy = 13,
    NothingRan = 14,
    Refused = 15,
    ServerFault = 16,
    Contradiction = 17,
}

/// What a row leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It did not arrive, or was turned away unread: send again.
    Again,
    /// It may have arrived (rows 18–20 say when it may be sent again).
    Open,
    /// Sending again is pointless or forbidden.
    Stop,
}

impl Row {
    /// The table's column "then".
    #[must_use]
    pub fn then(self) -> Then {
        match self {
            Self::HeadNeverWritten
            | Self::NameNotFound
            | Self::NotConnected
            | Self::ProxyFailed
            | Self::Busy => Then::Again,
            Self::NoAnswer | Self::Broken | Self::NotGraphql | Self::ServerError | Self::ServerFault => {
                Then::Open
            }
            Self::Untrusted
            | Self::ProxyRefused
            | Self::NotHouston
            | Self::Denied
            | Self::ClientError
            | Self::NothingRan
            | Self::Refused
            | Self::Contradiction => Then::Stop,
        }
    }

    /// Whether a question, which changes nothing, is asked again: rows 1–3, 5 (5xx), 6–8, 12 and 13.
    #[must_use]
    pub fn asks_again(self) -> bool {
        match self.then() {
            Then::Again => true,
            Then::Open => self != Self::ServerFault,
            Then::Stop => false,
        }
    }

    /// The row of a send that ended without an answer. Whether the head was written outweighs every code; only what
    /// cannot be mended by sending again (rows 4 and 5) is looked at first.
    #[must_use]
    pub fn of_failure(cause: &Cause, head: Head) -> Self {
        #[cfg(feature = "mutants")]
        let head = crate::mutant::planted_head(head);
        match (head, cause) {
            (Head::Unwritten | Head::Unknown, Cause::Untrusted(_)) => Self::Untrusted,
            (Head::Unwritten | Head::Unknown, Cause::Proxy(500..)) => Self::ProxyFailed,
            (Head::Unwritten | Head::Unknown, Cause::Proxy(_)) => Self::ProxyRefused,
            (Head::Unwritten | Head::Unknown, Cause::NameNotFound(_)) => Self::NameNotFound,
            (Head::Unwritten | Head::Unknown, Cause::NotConnected(_)) => Self::NotConnected,
            (Head::Unwritten, _) => Self::HeadNeverWritten,
            (Head::Written | Head::Unknown, Cause::TimedOut(_)) => Self::NoAnswer,
            (Head::Written | Head::Unknown, _) => Self::Broken,
        }
    }
}

/// A send that did not bring what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The table's row for it.
    pub row: Row,
    /// What it is called if it is the last.
    pub error: Error,
    /// How long the server asked to be left alone (row 13).
    pub retry_after: Option<Duration>,
}

impl Miss {
    /// A miss without a wish of the server's. It is boxed, as every judgement hands it on.
    // Every judgement would bring a copy of this along.
    #[inline(never)]
    #[must_use]
    pub fn new(row: Row, error: Error) -> Box<Self> {
        Box::new(Self { row, error, retry_after: None })
    }
}

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sends of one request at most.
    pub attempts: u32,
    /// No send starts at or after this time (since the start of the run).
    pub deadline: Duration,
    /// How long one request may take.
    pub request_timeout: Duration,
}

/// The sends of one request so far.
#[derive(Debug)]
pub struct Attempts<'a> {
    limits: &'a Limits,
    /// The release that the request changes; a question changes none.
    changes: Option<&'a ReleaseName>,
    made: u32,
    open: Vec<OpenAttempt>,
}

impl<'a> Attempts<'a> {
    /// None so far, of a request that changes this release or, being a question, none.
    #[must_use]
    pub fn new(limits: &'a Limits, changes: Option<&'a ReleaseName>) -> Self {
        Self { limits, changes, made: 0, open: Vec::new() }
    }

    /// Counts a send that is about to be made.
    pub fn count(&mut self) {
        self.made += 1;
    }

    /// How many sends there were.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made
    }

    /// The sends that may have arrived although nothing says so.
    #[must_use]
    pub fn open(&self) -> &[OpenAttempt] {
        &self.open
    }

    /// The same, when all is over.
    #[must_use]
    pub fn into_open(self) -> Vec<OpenAttempt> {
        self.open
    }

    /// Notes that the last send may have arrived.
    pub fn note_open(&mut self, id: RequestId) {
        self.open.push(OpenAttempt { attempt: self.made, request: id });
    }

    /// What follows a miss (rows 1–17; rows 18–20 are looked at before the next send): how long to wait before sending
    /// again.
    ///
    /// # Errors
    /// It ends here, with this.
    pub fn after(
        &mut self,
        miss: Miss,
        id: RequestId,
        now: Duration,
        random: u64,
    ) -> Result<Duration, Rc<Error>> {
        let again = if self.changes.is_none() {
            miss.row.asks_again()
        } else {
            if miss.row.then() == Then::Open {
                self.note_open(id);
            }
            miss.row.then() != Then::Stop
        };
        let wait = match miss.retry_after {
            Some(wish) if !wish.is_zero() => wish,
            _ => back_off(self.made, random),
        };
        // Where the wait would reach the deadline, waiting for it would only cost time.
        if again && self.made < self.limits.attempts && now.saturating_add(wait) < self.limits.deadline {
            Ok(wait)
        } else {
            Err(self.ended(miss.error))
        }
    }

    /// Row 21: after a send that may have arrived, no ending may claim that nothing was changed.
    #[must_use]
    pub fn ended(&self, error: Error) -> Rc<Error> {
        let sure = matches!(error, Error::OutcomeUnknown { .. } | Error::Cancelled { .. });
        #[cfg(feature = "mutants")]
        let sure = sure || crate::mutant::is(crate::mutant::Mutant::Row21Dropped);
        if self.open.is_empty() || sure {
            return Rc::new(error);
        }
        self.doubtful(Doubt::Ended(Box::new(error)))
    }

    /// The outcome is not known, for the reason `doubt`.
    #[must_use]
    pub fn doubtful(&self, doubt: Doubt) -> Rc<Error> {
        Rc::new(match self.changes {
            Some(release) => {
                Error::OutcomeUnknown { release: release.clone(), doubt, open: self.open.clone() }
            }
            None => Error::Internal { detail: "a question cannot be in doubt".into() },
        })
    }
}

/// Full jitter: anything from nothing to a ceiling that starts at 0.5 s and doubles up to 20 s.
///
/// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
fn back_off(made: u32, random: u64) -> Duration {
    let doublings = made.saturating_sub(1).min(6);
    let ceiling = (500_u64 << doublings).min(20_000);
    Duration::from_millis(random % (ceiling + 1))
}

/// The longest wait that is told from "for ever".
const YEAR: Duration = Duration::from_hours(8760);

/// Reads `Retry-After`: seconds, or a date that is set against `wall`, the time since the Unix epoch.
///
/// Source: RFC 9110, section 10.2.3.
#[must_use]
pub fn retry_after(value: &str, wall: Duration) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(whole(value).map_or(YEAR, |wish| Duration::from_secs(wish.into())).min(YEAR));
    }
    Some(date::parse_http(value)?.saturating_sub(wall).min(YEAR))
}
