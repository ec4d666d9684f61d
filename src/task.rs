//! Between promises and futures: what a promise comes to, and going on with runs, at once whenever something wakes them.
//! The executor of `wasm-bindgen-futures`, which has a queue for tasks of any kind, would be 2.6 KB more of the module.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;

type Work = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// What is under way, each in a place of its own, which is empty while it goes on and once it has ended.
    static UNDER_WAY: RefCell<Vec<Option<Work>>> = const { RefCell::new(Vec::new()) };
}

struct Task {
    place: usize,
    is_woken: AtomicBool,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Relaxed);
        // Where it is going on already, it does so once more at the end of that.
        let Some(mut work) = UNDER_WAY.with_borrow_mut(|all| all.get_mut(self.place)?.take()) else { return };
        let waker = Waker::from(Arc::clone(&self));
        while self.is_woken.swap(false, Ordering::Relaxed) {
            if work.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                return;
            }
        }
        UNDER_WAY.with_borrow_mut(|all| {
            if let Some(place) = all.get_mut(self.place) {
                *place = Some(work);
            }
        });
    }
}

/// Begins `work`; the promise is of what it comes to.
pub(crate) fn promise(work: impl Future<Output = String> + 'static) -> Promise {
    let mut work = Some(work);
    Promise::new(&mut |resolve, _| {
        let Some(work) = work.take() else { return };
        let work: Work = Box::pin(async move {
            let _ = resolve.call1(&JsValue::UNDEFINED, &work.await.into());
        });
        let place = UNDER_WAY.with_borrow_mut(|all| {
            all.push(Some(work));
            all.len() - 1
        });
        Arc::new(Task { place, is_woken: AtomicBool::new(false) }).wake();
    })
}

/// What a promise calls with what it came to.
type Call = Closure<dyn FnMut(JsValue)>;

/// What a promise came to, and who waits for it.
#[derive(Default)]
struct End {
    value: Cell<Option<Result<JsValue, JsValue>>>,
    waiting: Cell<Option<Waker>>,
    /// The two that the promise calls one of. They are kept up to then, whether or not anybody still waits.
    calls: Cell<Option<[Call; 2]>>,
}

/// What `promise` comes to: its value, or as the error why there is none. (The future of `wasm-bindgen-futures` has
/// closures of two types for this, and tells how it could be misused.)
pub(crate) fn settled(promise: &Promise) -> impl Future<Output = Result<JsValue, JsValue>> + use<> {
    let end = Rc::new(End::default());
    let call = |is_good: bool| {
        let end = Rc::clone(&end);
        Closure::once(move |value: JsValue| {
            end.calls.take();
            end.value.set(Some(if is_good { Ok(value) } else { Err(value) }));
            if let Some(waiting) = end.waiting.take() {
                waiting.wake();
            }
        })
    };
    let calls = [call(true), call(false)];
    let [good, bad] = &calls;
    let _ = promise.then2(good, bad);
    end.calls.set(Some(calls));
    poll_fn(move |context| {
        if let Some(value) = end.value.take() {
            return Poll::Ready(value);
        }
        end.waiting.set(Some(context.waker().clone()));
        Poll::Pending
    })
}
