//! The cancelling of a run by itself: who is woken, and by which signal.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use houston_deploy::cancel::Cancel;
use houston_deploy::io::Signal;

#[derive(Default)]
struct Woken(AtomicU32);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn each_that_waits_is_woken_once() {
    let cancel = Cancel::default();
    let all: [Arc<Woken>; 3] = Default::default();
    let mut waiting = all.each_ref().map(|_| Box::pin(cancel.cancelled()));
    for (one, woken) in waiting.iter_mut().zip(&all) {
        for _ in 0..3 {
            let waker = Waker::from(Arc::clone(woken));
            assert_eq!(one.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
        }
    }
    cancel.cancel(Signal::Terminate);
    assert_eq!(all.each_ref().map(|woken| woken.0.load(Ordering::Relaxed)), [1, 1, 1]);
    // Nobody is kept once there is nothing left to tell.
    assert_eq!(all.each_ref().map(Arc::strong_count), [1, 1, 1]);
}

#[test]
fn who_moves_to_another_waker_is_woken_by_that_one() {
    let cancel = Cancel::default();
    let mut waiting = pin!(cancel.cancelled());
    let woken = Arc::new(Woken::default());
    for waker in [Waker::noop().clone(), Waker::from(Arc::clone(&woken))] {
        assert_eq!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
    }
    cancel.cancel(Signal::Interrupt);
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
}

#[test]
fn the_first_signal_counts() {
    let cancel = Cancel::default();
    assert_eq!(cancel.signal(), None);
    cancel.cancel(Signal::Interrupt);
    cancel.cancel(Signal::Terminate);
    assert_eq!(cancel.signal(), Some(Signal::Interrupt));
    let ready = pin!(cancel.cancelled()).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(ready, Poll::Ready(Signal::Interrupt));
}
