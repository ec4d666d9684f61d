//! The cancelling of a run: said once from outside, heard by everything that waits.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::task::Poll;

use crate::io::Signal;
use crate::wait::Waiting;

/// Whether a run is cancelled, and who waits to hear of it.
#[derive(Debug, Default)]
pub struct Cancel {
    signal: Cell<Option<Signal>>,
    waiting: Waiting,
}

impl Cancel {
    /// Cancels the run. Only the first signal counts.
    pub fn cancel(&self, signal: Signal) {
        if self.signal.get().is_none() {
            self.signal.set(Some(signal));
            self.waiting.wake();
        }
    }

    /// What the run was cancelled by, if it was.
    pub fn signal(&self) -> Option<Signal> {
        self.signal.get()
    }

    /// Ready once the run is cancelled.
    pub fn cancelled(&self) -> impl Future<Output = Signal> {
        poll_fn(|context| {
            if let Some(signal) = self.signal.get() {
                return Poll::Ready(signal);
            }
            self.waiting.add(context);
            Poll::Pending
        })
    }
}
