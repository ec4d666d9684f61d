//! Doing several things at the same time. (Each `join` of a crate would be code of its own.)

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use crate::error::Error;

/// One of several things.
pub(crate) type Task<'a> = Pin<Box<dyn Future<Output = Result<(), Rc<Error>>> + 'a>>;

/// Does two things at the same time. An error ends the other.
// Every pair would bring a copy of this along.
#[inline(never)]
pub(crate) fn both<'a>(one: Task<'a>, other: Task<'a>) -> impl Future<Output = Result<(), Rc<Error>>> {
    all(vec![one, other])
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
