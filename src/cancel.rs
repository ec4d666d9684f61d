//! The cancelling of a run: said once from outside, heard by everything that waits.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

use crate::io::Signal;

/// Whether a run is cancelled, and who waits to hear of it.
#[derive(Debug, Default)]
pub struct Cancel {
    signal: Cell<Option<Signal>>,
    /// Each that ever waited, once: a run wakes no more than itself and its releases.
    waiting: RefCell<Vec<Waker>>,
}

impl Cancel {
    /// Cancels the run. Only the first signal counts.
    pub fn cancel(&self, signal: Signal) {
        if self.signal.get().is_none() {
            self.signal.set(Some(signal));
            // Taken out first: whoever is woken may wait again.
            for waker in self.waiting.take() {
                waker.wake();
            }
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
            let mut waiting = self.waiting.borrow_mut();
            if !waiting.iter().any(|known| known.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
    }
}
