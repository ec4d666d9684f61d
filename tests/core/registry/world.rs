//! A world that answers by request instead of by order, since a look-up and Houston's version are asked at the same
//! time. Every test in it checks that each answer was used, that each secret went to its own place alone, and that none
//! is in what people see.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use houston_deploy::event::Event;
use houston_deploy::fleet::{self, Ended};
use houston_deploy::inputs::Inputs;
use houston_deploy::io::{Cause, Head, Io, Request, RequestId, Response, Signal};
use houston_deploy::render;
use houston_deploy::report::Warning;
use houston_deploy::token::Redactor;
use serde_json::Value;

pub use super::given::*;
use crate::world::{self, Reply, TOKEN, World, answer};

/// A request as it went out.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When, since the start of the run.
    pub at: Duration,
    /// Method and address; Houston's with the name of the operation.
    pub line: String,
    /// The header `Authorization`.
    pub authorization: Option<String>,
    /// The header `Accept`.
    pub accept: String,
    /// The body.
    pub body: String,
    id: String,
}

/// What a credential helper does.
#[derive(Clone)]
pub enum Helper {
    /// It prints this after this time, and ends well.
    Prints(Duration, String),
    /// It prints this and fails.
    Fails(String),
    /// There is none.
    Missing,
    /// It never ends.
    Hangs,
}

/// The world.
#[derive(Default)]
pub struct Serving {
    world: World,
    replies: RefCell<BTreeMap<String, VecDeque<Reply>>>,
    seen: RefCell<Vec<Seen>>,
    heads: RefCell<BTreeMap<String, Head>>,
    helper: RefCell<Option<(String, Helper)>>,
    /// Whether a helper that hung was ended.
    pub ended: Cell<bool>,
}

impl Serving {
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers such a request with this, once. Several of the same are given in turn.
    pub fn at(self, line: impl Into<String>, reply: Reply) -> Self {
        self.replies.borrow_mut().entry(line.into()).or_default().push_back(reply);
        self
    }

    /// The registry has this image under the tag, and nobody has to show anything.
    pub fn holds(self, image: &Image) -> Self {
        self.holds_at(BASE, "1.4.2", image)
    }

    /// The repository at `base` has it under `tag`.
    pub fn holds_at(self, base: &str, tag: &str, image: &Image) -> Self {
        self.at(format!("HEAD {base}manifests/{tag}"), named(&image.digest())).has(base, image)
    }

    /// The repository at `base` has its manifest and its config, by their digests.
    pub fn has(self, base: &str, image: &Image) -> Self {
        self.at(format!("GET {base}manifests/{}", image.digest()), answer(200, &image.manifest))
            .at(format!("GET {base}blobs/{}", sha256(&image.config)), answer(200, &image.config))
    }

    /// The registry asks for credentials before it answers a HEAD of the tag.
    pub fn asks(self, challenge: &str) -> Self {
        self.at(tag("HEAD"), challenged(challenge))
    }

    /// Houston takes the change.
    pub fn yes(self) -> Self {
        self.at("UpdateDeploymentImage", world::yes())
    }

    /// Houston says its version, after so much time.
    pub fn version(self, version: &str, after: Duration) -> Self {
        let body = format!(r#"{{"data":{{"appConfig":{{"version":"{version}"}}}}}}"#);
        self.at("AppConfig", later(after, answer(200, &body)))
    }

    /// The only helper that may be asked: `<name> for <server>`.
    pub fn helper(self, asked: &str, helper: Helper) -> Self {
        *self.helper.borrow_mut() = Some((asked.to_owned(), helper));
        self
    }

    pub fn cancelled_at(mut self, at: Duration, signal: Signal) -> Self {
        self.world = std::mem::take(&mut self.world).cancelled_at(at, signal);
        self
    }

    /// Method and address of each request to anyone but Houston, in order.
    pub fn lines(&self) -> Vec<String> {
        self.seen.borrow().iter().filter(|seen| !is_houston(seen)).map(|seen| seen.line.clone()).collect()
    }

    /// Each request.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    /// What each request to anyone but Houston was shown: host and `Authorization`.
    pub fn shown(&self) -> Vec<String> {
        let seen = self.seen.borrow();
        let shown = |seen: &Seen| {
            let host = seen.line.split('/').nth(2).unwrap_or_default().to_owned();
            format!("{host}: {}", seen.authorization.as_deref().unwrap_or("nothing"))
        };
        seen.iter().filter(|seen| !is_houston(seen)).map(shown).collect()
    }

    pub fn clock(&self) -> Duration {
        self.world.clock()
    }

    pub fn told(&self) -> Vec<String> {
        self.world.told()
    }

    /// `text` with the id of each request as `ID`.
    fn plain(&self, text: &str) -> String {
        self.seen.borrow().iter().fold(text.to_owned(), |text, seen| text.replace(&seen.id, "ID"))
    }

    /// Runs a deploy, and checks what holds for every run.
    #[track_caller]
    pub fn deploy(&self, inputs: &Inputs) -> Ended {
        let ended = self.world.run(fleet::deploy(self, inputs, Vec::new()));
        let unused: Vec<_> = self
            .replies
            .borrow()
            .iter()
            .filter(|(_, left)| !left.is_empty())
            .map(|(line, _)| line.clone())
            .collect();
        assert_eq!(unused, Vec::<String>::new(), "answers that nothing asked for");
        let report = &ended.report;
        let mut seen = render::json(report, &Redactor::default());
        seen += &render::result(report);
        seen += &render::summary(report, &render::Origin::default());
        seen += &self.told().join("\n");
        seen += &self.lines().join("\n");
        let basic = basic().replace("Basic ", "");
        for secret in [TOKEN, PASSWORD, REFRESH, ISSUED, &basic] {
            assert!(!seen.contains(secret), "{secret} can be seen");
        }
        ended
    }

    /// A deploy that ends well.
    #[track_caller]
    pub fn succeeds(&self, inputs: &Inputs) -> Ended {
        let ended = self.deploy(inputs);
        assert_eq!(self.why(&ended), "0");
        ended
    }

    /// A deploy that ends in `<exit code> <code>: <message> | <hint>`, and of which Houston was told nothing.
    #[track_caller]
    pub fn ends(&self, inputs: &Inputs, why: &str) -> Ended {
        let ended = self.deploy(inputs);
        assert_eq!(self.why(&ended), why);
        assert!(
            !self.seen.borrow().iter().any(|seen| seen.line == "UpdateDeploymentImage"),
            "Houston was told"
        );
        ended
    }

    /// A deploy that goes on, with this warning and no other: `<code>: <message> | <hint>`.
    #[track_caller]
    pub fn warns(&self, inputs: &Inputs, warning: &str) -> Ended {
        let ended = self.succeeds(inputs);
        assert_eq!(self.warnings(&ended), [warning]);
        ended
    }

    pub fn warnings(&self, ended: &Ended) -> Vec<String> {
        let line = |warning: &Warning| {
            let hint = warning.hint.as_deref().unwrap_or("-");
            self.plain(&format!("{}: {} | {hint}", warning.code.as_str(), warning.message))
        };
        ended.report.warnings.iter().map(line).collect()
    }

    fn why(&self, ended: &Ended) -> String {
        let Some(error) = &ended.report.error else { return ended.exit_code.to_string() };
        let value: Value =
            serde_json::from_str(&render::json(&ended.report, &Redactor::default())).expect("JSON");
        let hint = value["error"]["hint"].as_str().unwrap_or("-");
        self.plain(&format!("{} {}: {} | {hint}", ended.exit_code, error.code.as_str(), error.message))
    }
}

fn is_houston(seen: &Seen) -> bool {
    !seen.line.contains(' ')
}

/// Notes that a helper which hung was ended.
struct Ending<'a>(&'a Cell<bool>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

impl Io for Serving {
    async fn send(&self, request: &Request) -> Result<Response, Cause> {
        let header = |wanted: &str| {
            let found = request.headers.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.on_the_wire().to_owned())
        };
        let body = request.body.as_ref().map_or("", |body| body.on_the_wire()).to_owned();
        let authorization = header("authorization");
        let line = if request.url == "https://houston.astro.example.com/v1" {
            assert_eq!(authorization.as_deref(), Some(TOKEN), "Houston's token, raw");
            let query: Value = serde_json::from_str(&body).expect("JSON");
            let words = query["query"].as_str().expect("a query");
            words.split([' ', '(']).nth(1).expect("a name").to_owned()
        } else {
            assert!(
                !authorization.as_deref().unwrap_or_default().contains(TOKEN),
                "Houston's token elsewhere"
            );
            format!("{} {}", request.method, request.url)
        };
        assert_eq!(header("x-request-id").as_deref(), Some(request.id.text().as_str()));
        assert_eq!(header("user-agent").as_deref(), Some(houston_deploy::USER_AGENT));
        let accept = header("accept").unwrap_or_default();
        let id = request.id.text();
        let at = self.world.now();
        self.seen.borrow_mut().push(Seen {
            at,
            line: line.clone(),
            authorization,
            accept,
            body,
            id: id.clone(),
        });
        let reply = self.replies.borrow_mut().get_mut(&line).and_then(VecDeque::pop_front);
        let Some(reply) = reply else { panic!("a request that the script does not have: {line}") };
        let (after, head, ended) = match reply {
            Reply::Answer(after, response) => (Some(after), Head::Written, Ok(response)),
            Reply::Fails(after, cause, head) => (Some(after), head, Err(cause)),
            Reply::Hangs(head) => (None, head, Err(Cause::Other)),
        };
        self.heads.borrow_mut().insert(id, head);
        match after {
            Some(after) => self.world.sleep(after).await,
            None => std::future::pending().await,
        }
        if let Ok(response) = &ended
            && response.body.len() > request.largest_answer
        {
            return Err(Cause::TooLarge(request.largest_answer));
        }
        ended
    }

    fn head(&self, id: RequestId) -> Head {
        self.heads.borrow().get(&id.text()).copied().unwrap_or(Head::Unwritten)
    }

    async fn sleep(&self, duration: Duration) {
        self.world.sleep(duration).await;
    }

    fn now(&self) -> Duration {
        self.world.now()
    }

    fn wall(&self) -> Duration {
        self.world.wall()
    }

    fn random(&self) -> u64 {
        self.world.random()
    }

    fn emit(&self, event: Event) {
        self.world.emit(event);
    }

    async fn cancelled(&self) -> Signal {
        self.world.cancelled().await
    }

    fn signal(&self) -> Option<Signal> {
        self.world.signal()
    }

    async fn credentials(&self, name: &str, server: &str) -> Result<String, Option<String>> {
        let helper = self.helper.borrow_mut().take();
        let Some((asked, helper)) = helper else {
            panic!("{name} for {server} was not to be asked, or not again")
        };
        assert_eq!(asked, format!("{name} for {server}"));
        match helper {
            Helper::Prints(after, text) => {
                self.world.sleep(after).await;
                Ok(text)
            }
            Helper::Fails(text) => Err(Some(text)),
            Helper::Missing => Err(None),
            Helper::Hangs => {
                let _ending = Ending(&self.ended);
                std::future::pending().await
            }
        }
    }

    async fn hash(&self, algorithm: &str, bytes: &[u8]) -> Option<String> {
        self.world.hash(algorithm, bytes).await
    }
}
