//! The world that the core is tested in: replies from a script, a clock that only moves when everything waits, and
//! the checks that every test makes. It has no network and no sleep.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use houston_deploy::cancel::Cancel;
use houston_deploy::event::Event;
use houston_deploy::fleet::{self, Ended};
use houston_deploy::inputs::{self, Environment, Files, Given, Inputs, Surroundings};
use houston_deploy::io::{Cause, Head, Io, Request, RequestId, Response, Signal, hex};
use houston_deploy::render;
use houston_deploy::report::{Change, ReleaseReport};
use houston_deploy::token::Redactor;
use serde_json::Value;

/// The token of every test: found anywhere but in the header, it fails the test.
pub const TOKEN: &str = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry32";

/// 2026-11-23 20:00 UTC.
pub const WALL: Duration = Duration::from_hours(498_740);

/// What every good command line has.
pub const USUAL: [[&str; 2]; 6] = [
    ["--base-domain", "astro.example.com"],
    ["--release", "dev"],
    ["--image", "registry.example.com/acme/airflow:1.4.2"],
    ["--runtime-version", "11.3.0"],
    ["--preflight", "off"],
    ["--wait", "off"],
];

/// What happens to a request.
#[derive(Clone)]
pub enum Reply {
    /// It is answered after this time.
    Answer(Duration, Response),
    /// It fails after this time, its head in this state.
    Fails(Duration, Cause, Head),
    /// It is never answered, its head in this state.
    Hangs(Head),
}

/// An answer that comes at once.
pub fn answer(status: u16, body: &str) -> Reply {
    Reply::Answer(Duration::ZERO, Response { status, body: body.into(), ..Response::default() })
}

/// An answer with `Retry-After`.
pub fn busy(status: u16, retry_after: &str) -> Reply {
    let retry_after = Some(retry_after.to_owned());
    Reply::Answer(Duration::ZERO, Response { status, retry_after, ..Response::default() })
}

/// A failure that comes at once.
pub fn fails(cause: Cause, head: Head) -> Reply {
    Reply::Fails(Duration::ZERO, cause, head)
}

/// Houston's yes to `updateDeploymentImage` of the release `dev` and Runtime 11.3.0.
pub fn yes() -> Reply {
    answer(200, YES)
}

/// The body of Houston's yes.
pub const YES: &str =
    r#"{"data":{"updateDeploymentImage":{"id":"ck1","releaseName":"dev","runtimeVersion":"11.3.0"}}}"#;

/// A GraphQL error at the mutation's path.
pub fn refused(code: &str, message: &str) -> Reply {
    answer(
        200,
        &format!(
            r#"{{"data":{{"updateDeploymentImage":null}},"errors":[{{"message":"{message}","path":["updateDeploymentImage"],"extensions":{{"code":"{code}"}}}}]}}"#
        ),
    )
}

/// A validation error: no `data`, HTTP 400.
pub fn invalid(message: &str) -> Reply {
    let message = message.replace('"', "\\\"");
    answer(
        400,
        &format!(
            r#"{{"errors":[{{"message":"{message}","extensions":{{"code":"GRAPHQL_VALIDATION_FAILED"}}}}]}}"#
        ),
    )
}

/// The Deployment `dev` as a read shows it, changed last at `updated_at`.
pub fn deployment(updated_at: &str) -> Reply {
    answer(
        200,
        &format!(
            r#"{{"data":{{"workspaceDeployments":[{{"id":"ck1","releaseName":"dev","runtimeVersion":"10.0.0","updatedAt":"{updated_at}"}}]}}}}"#
        ),
    )
}

/// A request as it went out.
pub struct Sent {
    /// When, since the start of the run.
    pub at: Duration,
    /// Where to.
    pub url: String,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The GraphQL document.
    pub query: String,
    /// The variables.
    pub variables: Value,
    /// The id.
    pub id: String,
}

/// Answers each request by what it is, and when.
type Serve = Box<dyn Fn(&Request, Duration) -> Reply>;

/// The scripted world.
#[derive(Default)]
pub struct World {
    /// Answers instead of the script.
    serve: Option<Serve>,
    now: Cell<Duration>,
    /// What waits, until when, and whom to wake then.
    timers: RefCell<Vec<(Duration, Waker)>>,
    replies: RefCell<VecDeque<Reply>>,
    sent: RefCell<Vec<Sent>>,
    heads: RefCell<BTreeMap<String, Head>>,
    events: RefCell<Vec<Event>>,
    random: Cell<u64>,
    cancel: Cancel,
    cancel_at: Cell<Option<(Duration, Signal)>>,
}

impl World {
    /// A world with this script.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: RefCell::new(replies.into_iter().collect()), ..Self::default() }
    }

    /// A world that answers by the request and the time, however many there are and in whatever order.
    pub fn serving(serve: impl Fn(&Request, Duration) -> Reply + 'static) -> Self {
        Self { serve: Some(Box::new(serve)), ..Self::default() }
    }

    /// The run is cancelled at this time.
    pub fn cancelled_at(self, at: Duration, signal: Signal) -> Self {
        self.cancel_at.set(Some((at, signal)));
        self.timers.borrow_mut().push((at, Waker::noop().clone()));
        self
    }

    /// Runs a future to its end; whenever it waits, the clock moves to the next moment that anything waits for.
    #[track_caller]
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..1_000_000 {
            if let Some((_, signal)) = self.cancel_at.get().filter(|(at, _)| *at <= self.now.get()) {
                self.cancel.cancel(signal);
            }
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            let now = self.now.get();
            let next = self.timers.borrow().iter().map(|(at, _)| *at).filter(|at| *at > now).min();
            let Some(next) = next else { panic!("the run waits for something that never comes") };
            self.now.set(next);
            let timers = self.timers.take();
            let (due, later): (Vec<_>, Vec<_>) = timers.into_iter().partition(|(at, _)| *at <= next);
            // Whatever is woken may wait again.
            self.timers.borrow_mut().extend(later);
            for (_, waker) in due {
                waker.wake();
            }
        }
        panic!("the run does not end");
    }

    /// The requests that went out.
    pub fn sent(&self) -> std::cell::Ref<'_, Vec<Sent>> {
        self.sent.borrow()
    }

    /// The messages of the events, in order.
    pub fn told(&self) -> Vec<String> {
        self.events.borrow().iter().map(|event| event.message.clone()).collect()
    }

    /// The clock.
    pub fn clock(&self) -> Duration {
        self.now.get()
    }

    fn sleep_until(&self, at: Duration) -> Sleep<'_> {
        Sleep { world: self, at }
    }
}

struct Sleep<'a> {
    world: &'a World,
    at: Duration,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.world.now.get() >= self.at {
            return Poll::Ready(());
        }
        self.world.timers.borrow_mut().push((self.at, context.waker().clone()));
        Poll::Pending
    }
}

impl Io for World {
    async fn send(&self, request: &Request) -> Result<Response, Cause> {
        let authorization = request.headers.iter().find(|(name, _)| *name == "authorization");
        let authorization = authorization.map(|(_, value)| value.on_the_wire().to_owned());
        if request.url.ends_with("/v1") {
            assert_eq!(authorization.as_deref(), Some(TOKEN), "the token, raw");
        } else {
            assert!(self.serve.is_some(), "a script is for Houston alone, not for {}", request.url);
        }
        let id = request.headers.iter().find(|(name, _)| *name == "x-request-id");
        assert_eq!(id.map(|(_, value)| value.on_the_wire()), Some(request.id.text().as_str()), "its own id");
        let text = request.body.as_ref().map_or("", |body| body.on_the_wire());
        let body: Value = match text {
            "" => Value::Null,
            text => serde_json::from_str(text).expect("the body is JSON"),
        };
        self.sent.borrow_mut().push(Sent {
            at: self.now.get(),
            url: request.url.clone(),
            authorization,
            query: body["query"].as_str().unwrap_or_default().to_owned(),
            variables: body["variables"].clone(),
            id: request.id.text(),
        });
        let reply = match &self.serve {
            Some(serve) => Some(serve(request, self.now.get())),
            None => self.replies.borrow_mut().pop_front(),
        };
        let Some(reply) = reply else { panic!("a request that the script does not have: {text}") };
        let (after, head, ended) = match reply {
            Reply::Answer(after, response) => (Some(after), Head::Written, Ok(response)),
            Reply::Fails(after, cause, head) => (Some(after), head, Err(cause)),
            Reply::Hangs(head) => (None, head, Err(Cause::Other)),
        };
        self.heads.borrow_mut().insert(request.id.text(), head);
        match after {
            Some(after) => self.sleep_until(self.now.get() + after).await,
            None => std::future::pending().await,
        }
        ended
    }

    fn head(&self, id: RequestId) -> Head {
        self.heads.borrow().get(&id.text()).copied().unwrap_or(Head::Unwritten)
    }

    async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now.get() + duration).await;
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wall(&self) -> Duration {
        WALL + self.now.get()
    }

    /// 1, 2, 3 …: every id is another, and a back-off is of so many milliseconds.
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

    async fn credentials(&self, name: &str, server: &str) -> Result<String, Option<String>> {
        panic!("no helper was to be asked: {name} for {server}")
    }

    async fn hash(&self, algorithm: &str, bytes: &[u8]) -> Option<String> {
        use sha2::Digest as _;
        match algorithm {
            "sha256" => Some(hex(&sha2::Sha256::digest(bytes))),
            "sha512" => Some(hex(&sha2::Sha512::digest(bytes))),
            _ => None,
        }
    }
}

/// Files that are not there.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, String> {
        Err("does not exist".into())
    }

    fn can_write(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// The inputs of `deploy --base-domain astro.example.com --release dev --image … --runtime-version 11.3.0` and more.
/// An option in `more` takes the place of the usual one.
#[track_caller]
pub fn inputs(more: &[&str]) -> Inputs {
    let mut arguments = vec!["deploy".to_owned()];
    let instead = [["--runtime-version", "--airflow-version"], ["--base-domain", "--houston-url"]];
    for [name, value] in USUAL {
        let replaced = more.contains(&name)
            || instead.iter().any(|[usual, other]| *usual == name && more.contains(other));
        if !replaced {
            arguments.extend([name.to_owned(), value.to_owned()]);
        }
    }
    arguments.extend(more.iter().map(|&word| word.to_owned()));
    let environment = Environment::new([("HOUSTON_TOKEN".to_owned(), TOKEN.into())].into_iter().collect());
    let mut given = Given::default();
    given.take_arguments(&arguments);
    given.add_environment(&environment);
    let surroundings =
        Surroundings { wall: WALL, can_trust: true, proxy_ignored: false, proxy_invalid: false };
    *inputs::read(given, &environment, &NoFiles, surroundings).inputs.expect("good input")
}

/// Runs a deploy in `world`, and checks what holds for every run: the whole script was used, the report's status and
/// the exit code agree, and the token is nowhere to be seen.
#[track_caller]
pub fn deploy(world: &World, inputs: &Inputs) -> Ended {
    ended(world, world.run(fleet::deploy(world, inputs, Vec::new())))
}

/// Runs a check in `world`: besides, nothing may be changed.
#[track_caller]
pub fn check(world: &World, inputs: &Inputs) -> Ended {
    let ended = ended(world, world.run(fleet::check(world, inputs, Vec::new())));
    assert!(!world.sent().iter().any(|sent| sent.query.starts_with("mutation")), "a change was sent");
    for result in &ended.report.results {
        assert_eq!((result.change, result.proof, result.verified), (Change::None, None, false));
    }
    ended
}

#[track_caller]
fn ended(world: &World, ended: Ended) -> Ended {
    assert_eq!(world.replies.borrow().len(), 0, "replies that nothing asked for");
    let report = &ended.report;
    let worst = report.results.iter().map(|result| result.exit_code).max().unwrap_or(0);
    assert_eq!(ended.exit_code, worst, "the exit code is that of the worst release");
    let mut seen = render::json(report, &Redactor::default());
    seen += &render::result(report);
    seen += &render::blocks(report);
    seen += &render::summary(report, &render::Origin::default());
    seen += &render::junit(report);
    seen += &world.told().join("\n");
    assert!(!seen.contains(TOKEN), "the token is in the output");
    ended
}

/// The only release of a run.
#[track_caller]
pub fn only(ended: &Ended) -> &ReleaseReport {
    ended.report.only().expect("one release")
}
