//! The real [`Io`]: requests by `fetch`, timers, `performance.now`. Beside `task.rs` and `wasm.rs` the only
//! file that knows JavaScript, and it decides nothing.

use std::time::Duration;

use gloo_net::http::Response as FetchResponse;
use js_sys::{Function, IteratorNext, JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, RequestInit};

use crate::cancel::Cancel;
use crate::event::{Event, milliseconds};
use crate::io::{Cause, Coded, Head, Io, Request, RequestId, Response, Signal, hex};
use crate::json::Json;
use crate::session::Session;
use crate::text::{cut, whole};

#[wasm_bindgen]
extern "C" {
    /// What a wrapper lends the core: files, events, and whether a head was written.
    pub type Host;

    /// The bytes of a file, or the words why there are none.
    #[wasm_bindgen(method, js_name = readFile)]
    pub fn read_file(this: &Host, path: &str, most: u32) -> JsValue;

    /// Nothing if a file could be made there, or the words why not.
    #[wasm_bindgen(method, js_name = canWrite)]
    pub fn can_write(this: &Host, path: &str) -> Option<String>;

    /// Whether the certificates in a PEM text can be read.
    #[wasm_bindgen(method, js_name = isCertificate)]
    pub fn is_certificate(this: &Host, pem: &str) -> bool;

    /// Takes an event, as JSON.
    #[wasm_bindgen(method)]
    pub fn emit(this: &Host, event: &str);

    /// Whether the head of a request was written, if that is known; the request is forgotten.
    #[wasm_bindgen(method, js_name = headWritten)]
    pub fn head_written(this: &Host, id: &str) -> Option<bool>;

    /// The end of a credential helper, as `{good, printed}`; `abort` ends it at once.
    #[wasm_bindgen(method)]
    pub fn credentials(this: &Host, name: &str, server: &str, abort: &AbortSignal) -> Promise;

    /// Bytes.
    #[wasm_bindgen(js_name = Uint8Array)]
    pub(crate) type Bytes;

    /// Those of a buffer.
    #[wasm_bindgen(constructor, js_class = "Uint8Array")]
    fn new(buffer: &JsValue) -> Bytes;

    /// How many there are.
    #[wasm_bindgen(method, getter)]
    fn length(this: &Bytes) -> usize;

    /// All of them. (What a crate has for this brings an assertion along, and how that is put into words.)
    #[wasm_bindgen(method, js_name = subarray)]
    pub(crate) fn to_vec(this: &Bytes) -> Vec<u8>;

    /// Node's, Deno's and the browser's own.
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = digest)]
    fn digest(algorithm: &str, bytes: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Effects by the platform that this runs on.
pub(crate) struct FetchIo {
    host: Host,
    /// What is run, which shows the events as they may be seen.
    pub(crate) session: Session,
    /// Whether it is cancelled.
    pub(crate) cancel: Cancel,
    /// `performance.now()` at the start of the run, in milliseconds.
    started: f64,
    /// The wall clock at the start of the run, since the Unix epoch.
    wall: Duration,
}

impl FetchIo {
    pub(crate) fn new(host: Host, session: Session, wall: Duration) -> Self {
        Self { host, session, cancel: Cancel::default(), started: performance_now(), wall }
    }
}

impl Io for FetchIo {
    async fn send(&self, request: &Request) -> Result<Response, Cause> {
        let mut abort = AbortOnDrop::new().ok_or(Cause::Other)?;
        let init = build(request, &abort).ok_or(Cause::Other)?;
        let started = fetch(&request.url, &init).map_err(|error| cause(&error))?;
        let response = JsFuture::from(started);
        let response: web_sys::Response = response.await.map_err(|error| cause(&error))?.unchecked_into();
        let response = FetchResponse::from(response);
        let body = read_body(&response, request.largest_answer).await?;
        abort.ended = true;
        // The answer is there: whether the head was written is no question any more.
        self.host.head_written(&request.id.text());
        let (status, headers) = (response.status(), response.headers());
        // What a good answer cannot have is not asked for: of many releases that are watched most answers are good.
        let unless_good = |name: &str| if status == 200 { None } else { headers.get(name) };
        Ok(Response {
            status,
            content_type: headers.get("content-type"),
            retry_after: unless_good("retry-after"),
            challenge: unless_good("www-authenticate"),
            digest: headers.get("docker-content-digest"),
            location: unless_good("location"),
            body,
        })
    }

    fn head(&self, id: RequestId) -> Head {
        match self.host.head_written(&id.text()) {
            Some(true) => Head::Written,
            Some(false) => Head::Unwritten,
            None => Head::Unknown,
        }
    }

    async fn sleep(&self, duration: Duration) {
        let mut timer = JsValue::UNDEFINED;
        // A day at most, which any number of either kind can hold.
        let milliseconds = f64::from(u32::try_from(milliseconds(duration)).unwrap_or(u32::MAX));
        let promise = Promise::new(&mut |resolve, _| timer = set_timeout(&resolve, milliseconds));
        let _timer = ClearOnDrop(timer);
        // A timer cannot fail.
        let _ = JsFuture::from(promise).await;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a clock that only goes forward"
    )]
    fn now(&self) -> Duration {
        Duration::from_millis((performance_now() - self.started) as u64)
    }

    fn wall(&self) -> Duration {
        self.wall.saturating_add(self.now())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number from 0 to 2^32, less one"
    )]
    fn random(&self) -> u64 {
        let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
        (half() << 32) | half()
    }

    fn emit(&self, event: Event) {
        if self.session.is_heard(&event) {
            self.host.emit(&self.session.shown(&event));
        }
    }

    fn cancelled(&self) -> impl Future<Output = Signal> {
        self.cancel.cancelled()
    }

    fn signal(&self) -> Option<Signal> {
        self.cancel.signal()
    }

    async fn credentials(&self, name: &str, server: &str) -> Result<String, Option<String>> {
        let abort = AbortOnDrop::new().ok_or(None)?;
        let ended = JsFuture::from(self.host.credentials(name, server, &abort.signal()));
        let ended = ended.await.map_err(|_| None)?;
        let printed = get(&ended, "printed").as_string();
        if get(&ended, "good").is_truthy() { printed.ok_or(None) } else { Err(printed) }
    }

    async fn hash(&self, algorithm: &str, bytes: &[u8]) -> Option<String> {
        let name = match algorithm {
            "sha256" => "SHA-256",
            "sha512" => "SHA-512",
            _ => return None,
        };
        let hash = JsFuture::from(digest(name, bytes)).await.ok()?;
        Some(hex(&Bytes::new(&hash).to_vec()))
    }
}

/// The request as `fetch` takes it. It goes over the border as one text, and not each name and value by itself, which
/// would leave behind as much as `fetch` itself does.
fn build(request: &Request, abort: &AbortOnDrop) -> Option<RequestInit> {
    let mut json = Json::default();
    json.open('{').key("method").word(request.method).key("redirect").word("manual").key("headers").open('[');
    for (name, value) in &request.headers {
        json.open('[').word(name).word(value.on_the_wire()).close(']');
    }
    json.close(']');
    if let Some(body) = &request.body {
        json.key("body").word(body.on_the_wire());
    }
    json.close('}');
    let init: RequestInit = JSON::parse(&json.into_text()).ok()?.unchecked_into();
    init.set_signal(Some(&abort.signal()));
    Some(init)
}

/// Reads a body to its end, or up to `most` bytes.
async fn read_body(response: &FetchResponse, most: usize) -> Result<Vec<u8>, Cause> {
    let Some(stream) = response.body() else { return Ok(Vec::new()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.map_err(|error| cause(&error).in_the_answer())?;
        let chunk: IteratorNext = chunk.unchecked_into();
        if chunk.done() {
            return Ok(body);
        }
        let bytes: Bytes = chunk.value().unchecked_into();
        if bytes.length() > most - body.len() {
            return Err(Cause::TooLarge(most));
        }
        body.append(&mut bytes.to_vec());
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Takes from an error of the runtime what may be said of it: codes, system calls, and a proxy's status.
fn cause(error: &JsValue) -> Cause {
    let text = |object: &JsValue, name: &str| get(object, name).as_string().unwrap_or_default();
    // What went wrong is the last of a chain, which is two long where a proxy is in between.
    let mut cause = error.clone();
    for _ in 0..5 {
        match get(&cause, "cause") {
            next if next.is_object() => cause = next,
            _ => break,
        }
    }
    // undici has the status of a refused CONNECT in a message alone.
    let proxied = text(&cause, "message");
    let status = proxied
        .strip_prefix("Proxy response (")
        .and_then(|rest| u16::try_from(whole(cut(rest, ")")?.0)?).ok());
    if let Some(status) = status {
        return Cause::Proxy(status);
    }
    let one = |error: &JsValue| {
        let (mut code, syscall) = (text(error, "code"), text(error, "syscall"));
        if code.is_empty() {
            code = text(error, "name");
        }
        Cause::from_code(Coded { code: &code, syscall: &syscall })
    };
    match get(&cause, "errors").dyn_into::<js_sys::Array>() {
        Ok(errors) if errors.length() > 0 => {
            let mut causes = one(&errors.get(0));
            for index in 1..errors.length() {
                causes = causes.beside(one(&errors.get(index)));
            }
            causes
        }
        _ => one(&cause),
    }
}

/// Gives a request up when nobody waits for it any more.
struct AbortOnDrop {
    controller: AbortController,
    /// There is nothing left to give up; to be told so all the same would cost each request an exception.
    ended: bool,
}

impl AbortOnDrop {
    fn new() -> Option<Self> {
        Some(Self { controller: AbortController::new().ok()?, ended: false })
    }

    fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if !self.ended {
            self.controller.abort();
        }
    }
}

struct ClearOnDrop(JsValue);

impl Drop for ClearOnDrop {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}
