//! Watching one Deployment come up after Houston's yes: look, wait, look again, until enough is proven or the time is
//! over. What a look means is not decided here.

use std::rc::Rc;
use std::time::Duration;

use crate::address::Address;
use crate::airflow::{Before, Line, Look, Looker, Part, Progress, Proving};
use crate::error::{Error, Sent, WatchFault};
use crate::event::progress;
use crate::houston::Houston;
use crate::inputs::Watching;
use crate::io::Io;
use crate::release::ReleaseName;
use crate::report::Proof;
use crate::retry::Limits;
use crate::send::pause;

/// An Airflow that can be looked at.
pub struct Watched<'a, I> {
    io: &'a I,
    release: &'a ReleaseName,
    looker: Looker<'a, I>,
    request_timeout: Duration,
}

impl<'a, I: Io> Watched<'a, I> {
    /// The Airflow of `release` at `url`; nothing where that is no address. The token goes there only where it may.
    pub fn at(
        io: &'a I,
        houston: &'a Houston,
        release: &'a ReleaseName,
        url: &str,
        line: Line,
        request_timeout: Duration,
    ) -> Option<Self> {
        let base = Address::parse(url.trim_end_matches('/'))?;
        let token = Some(&houston.token).filter(|_| houston.endpoint.trusts(&base, release));
        let bearer = std::cell::Cell::new(false);
        let redactor = &houston.redactor;
        let looker = Looker { io, base, token, redactor, line, bearer, asks_version: true };
        Some(Self { io, release, looker, request_timeout })
    }

    /// Looks once, at every part. What is lost on the way is asked again, as any question is: another look does not
    /// follow.
    ///
    /// # Errors
    /// A cancel alone.
    pub async fn once(&mut self, whole: &Limits) -> Result<Box<Look>, Rc<Error>> {
        let until = self.io.now().saturating_add(self.request_timeout).min(whole.deadline);
        let parts = [Part::Triggerer, Part::DagProcessor];
        self.looker.look(true, &parts, &Limits { deadline: until, ..*whole }).await
    }

    /// Watches until something is proven. No Deployment is looked at more often than once a `poll_interval`.
    ///
    /// # Errors
    /// Not up at `deadline`, the last look included; not to be watched; a cancel.
    pub async fn until_up(
        &mut self,
        before: Option<Before>,
        expected: Option<&str>,
        watching: Watching,
        started: Duration,
        deadline: Duration,
    ) -> Result<(Proof, bool), Rc<Error>> {
        let parts = before.as_ref().map(Before::parts).unwrap_or_default();
        if let Some(line) = before.as_ref().and_then(Before::line) {
            self.looker.line = line;
        }
        let mut proving = Proving::new(before, expected, watching);
        let mut told = String::new();
        // However late it begins, the last look ends within one `request_timeout` after the deadline, and another look
        // follows soon enough.
        let (request_timeout, attempts) = (self.request_timeout, 1);
        let limits = |looked: Duration| {
            let deadline = looked.min(deadline).saturating_add(request_timeout);
            Limits { attempts, deadline, request_timeout }
        };
        loop {
            let mut looked = self.io.now();
            // The last look is a whole one, and so is any that might turn out to be it.
            let mut whole = !proving.waits_for_rows() || limits(looked).deadline >= deadline;
            let state = loop {
                let look = self.looker.look(whole, &parts, &limits(looked)).await?;
                let now = self.io.now();
                if !whole {
                    if let Some(state) = proving.observe_rows(&look.rows, now) {
                        break state;
                    }
                    // The whole one has its own time, however long the rows took.
                    (whole, looked) = (true, now);
                    continue;
                }
                // Where no version is waited for, it only tells an Airflow 2 from a 3 that has no rows to show.
                self.looker.asks_version = expected.is_some() || matches!(look.rows, [None, ..]);
                match proving.observe(&look, now) {
                    Progress::Proven(proof, verified) => return Ok((proof, verified)),
                    Progress::Impossible(why) => {
                        let release = self.release.clone();
                        return Err(Rc::new(Error::Watch(WatchFault::Impossible { release, why })));
                    }
                    Progress::Waiting(state) => break state,
                }
            };
            // The same words with other numbers in them are no news.
            let mut words = String::new();
            for letter in state.chars() {
                if !letter.is_ascii_digit() {
                    words.push(letter);
                }
            }
            if words != told {
                told = words;
                progress(self.io, Some(self.release), state);
            }
            if self.io.now() >= deadline {
                let fault = self.fault(&proving, self.io.now().saturating_sub(started));
                return Err(Rc::new(Error::Watch(fault)));
            }
            let next = looked.saturating_add(self.jittered(watching.poll_interval)).min(deadline);
            let wait = next.saturating_sub(self.io.now());
            pause(self.io, wait)
                .await
                .map_err(|signal| Rc::new(Error::Cancelled { signal, sent: Sent::Confirmed }))?;
        }
    }

    /// A little more than the interval, so that many Deployments are not all looked at in the same moment.
    fn jittered(&self, interval: Duration) -> Duration {
        let most = crate::event::milliseconds(interval) / 10;
        interval.saturating_add(Duration::from_millis(self.io.random() % (most + 1)))
    }

    fn fault(&self, proving: &Proving, after: Duration) -> WatchFault {
        let (release, state) = (self.release.clone(), proving.state().to_owned());
        if proving.nothing_restarted() {
            WatchFault::Unchanged { release, after }
        } else if proving.is_unhealthy() {
            WatchFault::Unhealthy { release, after, state }
        } else {
            WatchFault::Timeout { release, after, state }
        }
    }
}
