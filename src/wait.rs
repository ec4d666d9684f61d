//! Doing several things at the same time. (Each `join` of a crate would be code of its own.)

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::error::Error;

/// One of several things.
pub(crate) type Task<'a> = Pin<Box<dyn Future<Output = Result<(), Rc<Error>>> + 'a>>;

/// One of two things, which stays where it is.
pub(crate) type Half<'a> = Pin<&'a mut (dyn Future<Output = Result<(), Rc<Error>>> + 'a)>;

/// Does two things at the same time. An error ends the other.
pub(crate) fn both<'a>(one: Half<'a>, other: Half<'a>) -> impl Future<Output = Result<(), Rc<Error>>> {
    let mut halves = [Some(one), Some(other)];
    poll_fn(move |context| {
        let mut ended = Poll::Ready(Ok(()));
        for place in &mut halves {
            if let Some(half) = place {
                match half.as_mut().poll(context) {
                    Poll::Ready(Ok(())) => *place = None,
                    Poll::Ready(error) => return Poll::Ready(error),
                    Poll::Pending => ended = Poll::Pending,
                }
            }
        }
        ended
    })
}

/// Does two things at the same time until one of them ends: what the first came to, or as the error what the other did.
pub(crate) fn first<A, B>(
    mut one: Pin<&mut impl Future<Output = A>>,
    mut other: Pin<&mut impl Future<Output = B>>,
) -> impl Future<Output = Result<A, B>> {
    poll_fn(move |context| match one.as_mut().poll(context) {
        Poll::Ready(ended) => Poll::Ready(Ok(ended)),
        Poll::Pending => other.as_mut().poll(context).map(Err),
    })
}

/// Does all `tasks` at the same time. An error ends them all.
pub(crate) fn all(mut tasks: Vec<Task<'_>>) -> impl Future<Output = Result<(), Rc<Error>>> {
    poll_fn(move |context| {
        let mut ended = Ok(());
        tasks.retain_mut(|task| {
            if ended.is_ok()
                && let Poll::Ready(result) = task.as_mut().poll(context)
            {
                ended = result;
                return false;
            }
            true
        });
        if tasks.is_empty() || ended.is_err() { Poll::Ready(ended) } else { Poll::Pending }
    })
}

/// Who waits for something that happens once. Each is kept once: a run wakes no more than itself and its releases.
#[derive(Debug, Default)]
pub(crate) struct Waiting(RefCell<Vec<Waker>>);

impl Waiting {
    /// Adds who is going on now.
    // Everything that is waited for would bring a copy of this along.
    #[inline(never)]
    pub(crate) fn add(&self, context: &Context<'_>) {
        let mut waiting = self.0.borrow_mut();
        if !waiting.iter().any(|known| known.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
    }

    /// Wakes them all.
    pub(crate) fn wake(&self) {
        // Taken out first: whoever is woken may wait again.
        for waker in self.0.take() {
            waker.wake();
        }
    }
}
