//! The world of the whole flow: each request gets the next answer of the input, whatever was asked, and behind the
//! last one all servers are good. The clock moves only when everything waits. No network, no sleep.
//!
//! An answer is a text: lines of a head, an empty line, a body. A line of the head is a status, `good` (what a good
//! server says), `hang`, `fail` and how, `unwritten` (for the request's head), or a header.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use houston_deploy::cancel::Cancel;
use houston_deploy::event::Event;
use houston_deploy::io::{Cause, Head, Io, Request, RequestId, Response, Signal};

use crate::platform;

/// The token of every run: found anywhere but in its header, it is a fault.
pub const TOKEN: &str = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry32";

/// 2026-11-23 20:00 UTC.
pub const WALL: Duration = Duration::from_hours(498_740);

/// What happens to a request.
#[derive(Clone)]
struct Reply {
    after: Duration,
    head: Head,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Good,
    Answer(Response),
    Fails(Cause),
    Hangs,
}

/// The answer that a text is.
pub fn answer_of(text: &str) -> Response {
    match Reply::of(text).kind {
        Kind::Answer(response) => response,
        Kind::Good | Kind::Fails(_) | Kind::Hangs => Response { status: 200, ..Response::default() },
    }
}

impl Reply {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut response = Response { status: 200, body: body.into(), ..Response::default() };
        let (mut after, mut written, mut other) = (0, Head::Written, None);
        for line in head.lines() {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            let value = Some(value.to_owned());
            match name {
                "good" => other = Some(Kind::Good),
                "hang" => other = Some(Kind::Hangs),
                "unwritten" => written = Head::Unwritten,
                "unknown" => written = Head::Unknown,
                "after" => after = value.and_then(|value| value.parse::<u16>().ok()).unwrap_or(0),
                "content-type" => response.content_type = value,
                "retry-after" => response.retry_after = value,
                "challenge" => response.challenge = value,
                "digest" => response.digest = value,
                "location" => response.location = value,
                _ => match (line.parse(), line.strip_prefix("fail ")) {
                    (Ok(status), _) => response.status = status,
                    (_, Some(cause)) => other = Some(Kind::Fails(cause_of(cause))),
                    _ => {}
                },
            }
        }
        let kind = other.unwrap_or(Kind::Answer(response));
        Self { after: Duration::from_millis(after.into()), head: written, kind }
    }
}

fn cause_of(word: &str) -> Cause {
    match word {
        "refused" => Cause::NotConnected("ECONNREFUSED".into()),
        "name" => Cause::NameNotFound("ENOTFOUND".into()),
        "tls" => Cause::Untrusted("ERR_SSL_WRONG_VERSION_NUMBER".into()),
        "proxy" => Cause::Proxy(403),
        "cut" => Cause::Cut("UND_ERR_SOCKET".into()),
        "large" => Cause::TooLarge(1024),
        "timeout" => Cause::TimedOut(Duration::from_secs(9)),
        "reset" => Cause::Broken("ECONNRESET".into()),
        _ => Cause::Other,
    }
}

/// A request as it went out, and what came of it.
pub struct Sent {
    pub url: String,
    pub authorization: String,
    pub body: String,
    pub answer: Option<Response>,
}

#[derive(Default)]
pub struct World {
    replies: RefCell<std::vec::IntoIter<Reply>>,
    now: Cell<Duration>,
    /// What waits, until when, and whom to wake then.
    timers: RefCell<Vec<(Duration, Waker)>>,
    pub sent: RefCell<Vec<Sent>>,
    heads: RefCell<BTreeMap<String, Head>>,
    pub events: RefCell<Vec<Event>>,
    random: Cell<u64>,
    cancel: Cancel,
    cancel_at: Option<Duration>,
}

impl World {
    pub fn new<'a>(answers: impl Iterator<Item = &'a str>, cancel_at: Option<Duration>) -> Self {
        let replies: Vec<Reply> = answers.map(Reply::of).collect();
        let timers = cancel_at.iter().map(|at| (*at, Waker::noop().clone())).collect();
        Self {
            replies: RefCell::new(replies.into_iter()),
            timers: RefCell::new(timers),
            cancel_at,
            ..Self::default()
        }
    }

    /// Runs a future to its end; whenever it waits, the clock moves to the next moment that anything waits for.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..100_000 {
            if self.cancel_at.is_some_and(|at| at <= self.now.get()) {
                self.cancel.cancel(Signal::Terminate);
            }
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            let now = self.now.get();
            let next = self.timers.borrow().iter().map(|(at, _)| *at).filter(|at| *at > now).min();
            self.now.set(next.expect("the run waits for something that never comes"));
            let (due, later): (Vec<_>, Vec<_>) =
                self.timers.take().into_iter().partition(|(at, _)| *at <= self.now.get());
            // Whatever is woken may wait again.
            self.timers.borrow_mut().extend(later);
            for (_, waker) in due {
                waker.wake();
            }
        }
        panic!("the run does not end");
    }
}

struct Sleep<'a>(&'a World, Duration);

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self(world, at) = *self;
        if world.now.get() >= at {
            return Poll::Ready(());
        }
        world.timers.borrow_mut().push((at, context.waker().clone()));
        Poll::Pending
    }
}

impl Io for World {
    async fn send(&self, request: &Request) -> Result<Response, Cause> {
        let authorization = request.headers.iter().find(|(name, _)| *name == "authorization");
        let index = self.sent.borrow().len();
        let sent = Sent {
            url: request.url.clone(),
            authorization: authorization.map(|(_, value)| value.on_the_wire().to_owned()).unwrap_or_default(),
            body: request.body.as_ref().map(|body| body.on_the_wire().to_owned()).unwrap_or_default(),
            answer: None,
        };
        let reply = self.replies.borrow_mut().next();
        let reply = reply.unwrap_or(Reply { after: Duration::ZERO, head: Head::Written, kind: Kind::Good });
        let good = || platform::good(&request.url, &sent.body, self.now.get());
        let (answer, never) = match reply.kind {
            Kind::Good => (Ok(good()), false),
            Kind::Answer(response) if response.body.len() > request.largest_answer => {
                (Err(Cause::TooLarge(request.largest_answer)), false)
            }
            Kind::Answer(response) => (Ok(response), false),
            Kind::Fails(cause) => (Err(cause), false),
            Kind::Hangs => (Err(Cause::Other), true),
        };
        let head = if answer.is_ok() { Head::Written } else { reply.head };
        self.heads.borrow_mut().insert(request.id.text(), head);
        self.sent.borrow_mut().push(sent);
        Sleep(self, self.now.get() + reply.after).await;
        if never {
            std::future::pending::<()>().await;
        }
        self.sent.borrow_mut()[index].answer = answer.as_ref().ok().cloned();
        answer
    }

    fn head(&self, id: RequestId) -> Head {
        self.heads.borrow().get(&id.text()).copied().unwrap_or(Head::Unwritten)
    }

    async fn sleep(&self, duration: Duration) {
        Sleep(self, self.now.get() + duration).await;
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wall(&self) -> Duration {
        WALL + self.now.get()
    }

    fn random(&self) -> u64 {
        self.random.set(self.random.get() + 1);
        self.random.get()
    }

    fn emit(&self, event: Event) {
        self.events.borrow_mut().push(event);
    }

    async fn cancelled(&self) -> Signal {
        self.cancel.cancelled().await
    }

    fn signal(&self) -> Option<Signal> {
        self.cancel.signal()
    }

    async fn credentials(&self, _: &str, _: &str) -> Result<String, Option<String>> {
        Err(None)
    }

    /// Every body has the digest of every other, so that one that was changed is still read.
    async fn hash(&self, algorithm: &str, _: &[u8]) -> Option<String> {
        match algorithm {
            "sha256" => Some("a".repeat(64)),
            "sha512" => Some("a".repeat(128)),
            _ => None,
        }
    }
}
