//! The exports: a run as an object with three methods. JSON goes over the border, and nothing is decided at it.

#![expect(unreachable_pub, reason = "what is exported to JavaScript must be public, though no Rust sees it")]

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

use crate::fetch::{Bytes, FetchIo, Host};
use crate::handover::Handover;
use crate::inputs::Files;
use crate::io::Signal;
use crate::session::Session;
use crate::task::promise;
use crate::text::{decimal, filled};

/// The standard library's own allocator would be 8 KB of the module; this one is 1 KB.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// One run.
#[wasm_bindgen]
pub struct Run(Rc<FetchIo>);

#[wasm_bindgen]
impl Run {
    /// Understands what a wrapper hands over, as JSON (`session.rs` has its form).
    #[wasm_bindgen(constructor)]
    pub fn new(handover: &str, host: Host) -> Result<Run, JsError> {
        let handover = Handover::from_json(handover).map_err(JsError::new)?;
        let wall = handover.surroundings.wall;
        let session = Session::open(handover, &HostFiles(&host));
        Ok(Self(Rc::new(FetchIo::new(host, session, wall))))
    }

    /// What is to be done before `finish`, as JSON.
    #[must_use]
    pub fn opening(&self) -> String {
        self.0.session.opening()
    }

    /// Does the work; the promise is of what leaves the run, as JSON.
    pub fn finish(&self) -> Promise {
        let io = Rc::clone(&self.0);
        promise(async move { io.session.run(&*io).await })
    }

    /// Cancels the work, as SIGTERM does or as SIGINT does.
    pub fn cancel(&self, terminate: bool) {
        self.0.cancel.cancel(if terminate { Signal::Terminate } else { Signal::Interrupt });
    }
}

struct HostFiles<'a>(&'a Host);

impl Files for HostFiles<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        let content = self.0.read_file(path, u32::try_from(most).unwrap_or(u32::MAX));
        match content.dyn_into::<Bytes>() {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(words) => Err(words.as_string().unwrap_or_else(|| "cannot be read".into())),
        }
    }

    fn can_write(&self, path: &str) -> Result<(), String> {
        self.0.can_write(path).map_or(Ok(()), Err)
    }

    fn is_certificate(&self, pem: &str) -> bool {
        self.0.is_certificate(pem)
    }
}

thread_local! {
    static ON_PANIC: OnceCell<Function> = const { OnceCell::new() };
}

/// Tells `callback` of a panic, which would otherwise leave a promise that never settles.
#[wasm_bindgen(js_name = onPanic)]
pub fn on_panic(callback: Function) {
    // There is one module, which tells of it once.
    let _ = ON_PANIC.with(|known| known.set(callback));
    std::panic::set_hook(Box::new(|panic| {
        // The place and a fixed text alone: a formatted one could hold anything.
        let (file, line) = panic.location().map_or(("", 0), |place| (place.file(), place.line()));
        let text = panic.payload().downcast_ref::<&str>().copied().unwrap_or("panic");
        let message = filled("{} ({}:{})", &[text, file, &decimal(line)]);
        ON_PANIC.with(|callback| {
            if let Some(callback) = callback.get() {
                let _ = callback.call1(&JsValue::NULL, &message.into());
            }
        });
    }));
}
