//! The cancelling of a run: said once from outside, heard by everything that waits.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::io::Signal;

/// Whether a run is cancelled, and who waits to hear of it.
#[derive(Debug, Default)]
pub struct Cancel {
    signal: Cell<Option<Signal>>,
    waiting: RefCell<Vec<(u64, Waker)>>,
    next: Cell<u64>,
}

impl Cancel {
    /// Cancels the run. Only the first signal counts.
    pub fn cancel(&self, signal: Signal) {
        if self.signal.get().is_none() {
            self.signal.set(Some(signal));
            // Taken out first: whoever is woken may wait again.
            let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
            for (_, waker) in &waiting {
                waker.wake_by_ref();
            }
        }
    }

    /// What the run was cancelled by, if it was.
    pub fn signal(&self) -> Option<Signal> {
        self.signal.get()
    }

    /// Ready once the run is cancelled.
    pub fn cancelled(&self) -> impl Future<Output = Signal> {
        let key = self.next.get();
        self.next.set(key + 1);
        Cancelled { cancel: self, key }
    }
}

struct Cancelled<'a> {
    cancel: &'a Cancel,
    key: u64,
}

impl Future for Cancelled<'_> {
    type Output = Signal;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Signal> {
        if let Some(signal) = self.cancel.signal.get() {
            Poll::Ready(signal)
        } else {
            let mut waiting = self.cancel.waiting.borrow_mut();
            let waker = context.waker().clone();
            match waiting.iter_mut().find(|(key, _)| *key == self.key) {
                Some((_, known)) => *known = waker,
                None => waiting.push((self.key, waker)),
            }
            Poll::Pending
        }
    }
}

impl Drop for Cancelled<'_> {
    fn drop(&mut self) {
        self.cancel.waiting.borrow_mut().retain(|(key, _)| *key != self.key);
    }
}
