//! The world that the flow runs in: a clock that moves only when everything waits, a queue of what is to come, and an
//! `Io` that hands each request to the models after what the schedule has befall it. It judges nothing.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use houston_deploy::cancel::Cancel;
use houston_deploy::event::Event;
use houston_deploy::io::{Cause, Head, Io, Request, RequestId, Response, Signal, hex};
use serde_json::Value;

use crate::airflow::{Airflow, clock};
use crate::draw::Draw;
use crate::fault::{Class, Fault, Target, Trouble};
use crate::houston::Houston;
use crate::registry::Registry;
use crate::setting::Setting;

/// The secrets: found anywhere but where they belong, they are a violation.
pub const TOKEN: &str = "c4n4ryc4n4ryc4n4ryc4n4ryc4n4ry32";
pub const PASSWORD: &str = "p4ssw0rdp4ssw0rdp4ssw0rdp4ssw0rd";
pub const PULL: &str = "pu11s3cr3tpu11s3cr3tpu11s3cr3t44";

/// The image that is deployed.
pub const IMAGE: &str = "registry.example.com/acme/airflow:1.4.2";

/// 2026-11-23 20:00 UTC.
pub const WALL: Duration = Duration::from_hours(498_740);

/// No run takes so many steps.
const MOST_STEPS: u32 = 200_000;

/// How a request ended for the one who sent it.
#[derive(Debug, Clone)]
pub enum Ending {
    /// It has not.
    Pending,
    /// So, at this time.
    Ended(Duration, Result<Response, Cause>),
    /// Its future was dropped.
    GivenUp(Duration),
}

/// A request as it went out.
pub struct Sent {
    pub at: Duration,
    pub target: Target,
    pub request: Request,
    /// Of Houston's: the field that it asks for.
    pub field: &'static str,
    pub body: Value,
    pub trouble: Option<Trouble>,
    /// Whether its head was written.
    pub head: bool,
    /// When a server looked at it last.
    pub served: Option<Duration>,
    pub ending: Ending,
    pub waker: Option<Waker>,
}

impl Sent {
    /// The variables of a request to Houston.
    pub fn variables(&self) -> &Value {
        &self.body["variables"]
    }
}

/// What is to come.
pub enum Action {
    Wake(Rc<RefCell<Option<Waker>>>),
    Head(usize),
    /// It arrives; `true`: what is answered now is what comes back.
    Arrive(usize, bool),
    Deliver(usize, Box<Result<Response, Cause>>),
    Fault(usize),
}

struct Entry(Duration, u64, Action);

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// All that changes.
pub struct State {
    pub now: Duration,
    queue: BinaryHeap<Reverse<Entry>>,
    order: u64,
    random: Draw,
    pub houston: Houston,
    pub registry: Registry,
    pub airflows: Vec<Airflow>,
    /// How many of the accepted changes the pods know of.
    pub rolled: usize,
    pub sent: Vec<Sent>,
    pub by_id: BTreeMap<String, usize>,
    pub counts: BTreeMap<(Class, usize), u32>,
    pub told: Vec<Event>,
    pub violations: Vec<String>,
    /// Which faults came to pass.
    pub happened: Vec<bool>,
    wall: Duration,
    pub heads_told: bool,
}

/// The world of one schedule.
pub struct World<'a> {
    pub setting: &'a Setting,
    pub faults: &'a [Fault],
    pub seed: u64,
    pub state: RefCell<State>,
    cancel: Cancel,
    pub cancelled: Cell<Option<Duration>>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'a> World<'a> {
    pub fn new(seed: u64, setting: &'a Setting, faults: &'a [Fault]) -> Self {
        let airflows = setting.airflows.iter().enumerate().map(|(index, one)| Airflow::new(one, index));
        let state = State {
            now: Duration::ZERO,
            queue: BinaryHeap::new(),
            order: 0,
            random: Draw::new(seed, 3),
            houston: Houston::new(setting),
            registry: Registry::new(setting),
            airflows: airflows.collect(),
            rolled: 0,
            sent: Vec::new(),
            by_id: BTreeMap::new(),
            counts: BTreeMap::new(),
            told: Vec::new(),
            violations: Vec::new(),
            happened: vec![false; faults.len()],
            wall: WALL,
            heads_told: setting.heads_told,
        };
        let world = Self {
            setting,
            faults,
            seed,
            state: RefCell::new(state),
            cancel: Cancel::default(),
            cancelled: Cell::new(None),
        };
        for (index, fault) in faults.iter().enumerate() {
            let at = match fault {
                Fault::Request(..) => continue,
                Fault::Restart { at, .. }
                | Fault::Rival { at, .. }
                | Fault::ClockJump { at, .. }
                | Fault::Crash { at, .. }
                | Fault::WebGap { at, .. }
                | Fault::Cancel { at, .. } => *at,
            };
            world.state.borrow_mut().push(at, Action::Fault(index));
        }
        world
    }

    /// Runs a future to its end. It is polled only when it was woken: a lost wake-up is a run that never ends.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> Result<T, String> {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        let mut future = pin!(future);
        for _ in 0..MOST_STEPS {
            while woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Ok(value);
                }
            }
            if !self.step() {
                return Err("the run waits for something that never comes".into());
            }
        }
        Err("the run does not end".into())
    }

    /// Lets everything arrive that is still on its way once the run is over.
    pub fn drain(&self) {
        while self.step() {}
    }

    /// The next thing happens; false where there is none.
    fn step(&self) -> bool {
        let mut state = self.state.borrow_mut();
        let Some(Reverse(Entry(at, _, action))) = state.queue.pop() else { return false };
        state.now = state.now.max(at);
        let waker = match action {
            Action::Wake(slot) => slot.take(),
            Action::Head(index) => {
                self.head_of(&mut state, index);
                None
            }
            Action::Arrive(index, counts) => {
                self.arrive(&mut state, index, counts);
                None
            }
            Action::Deliver(index, result) => self.deliver(&mut state, index, *result),
            Action::Fault(index) => {
                state.happened[index] = true;
                let now = state.now;
                match self.faults[index] {
                    Fault::Rival { release, .. } if state.houston.deployments[release].known => {
                        let before = self.setting.airflows[release].before;
                        let image = "registry.example.com/acme/airflow:rival";
                        state.houston.accept(release, image, before, false);
                        self.roll(&mut state);
                    }
                    Fault::ClockJump { seconds, .. } => {
                        state.wall = if seconds < 0 {
                            state.wall.saturating_sub(Duration::from_secs(seconds.unsigned_abs()))
                        } else {
                            state.wall + Duration::from_secs(seconds.unsigned_abs())
                        };
                        state
                            .airflows
                            .iter_mut()
                            .for_each(|airflow| airflow.jumps.push((clock(now), seconds)));
                    }
                    Fault::Crash { release, .. } => state.airflows[release].crash(clock(now)),
                    Fault::WebGap { release, lasts, status, .. } => {
                        state.airflows[release].close(clock(now), lasts, status);
                    }
                    Fault::Cancel { signal, .. } => {
                        if self.cancelled.get().is_none() {
                            self.cancelled.set(Some(now));
                        }
                        drop(state);
                        self.cancel.cancel(signal);
                        return true;
                    }
                    Fault::Request(..) | Fault::Restart { .. } | Fault::Rival { .. } => {}
                }
                None
            }
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// What the runtime tells of a request's head.
    pub fn head_told(&self, sent: &Sent) -> Head {
        match (self.setting.heads_told, sent.head) {
            (false, _) => Head::Unknown,
            (true, true) => Head::Written,
            (true, false) => Head::Unwritten,
        }
    }
}

impl State {
    pub fn push(&mut self, at: Duration, action: Action) {
        self.order += 1;
        self.queue.push(Reverse(Entry(at, self.order, action)));
    }
}

struct Sending<'w, 'a> {
    world: &'w World<'a>,
    index: usize,
}

impl Future for Sending<'_, '_> {
    type Output = Result<Response, Cause>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let sent = &mut self.world.state.borrow_mut().sent[self.index];
        match &sent.ending {
            Ending::Ended(_, result) => Poll::Ready(result.clone()),
            Ending::Pending | Ending::GivenUp(_) => {
                sent.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Sending<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.world.state.borrow_mut();
        let now = state.now;
        let sent = &mut state.sent[self.index];
        if matches!(sent.ending, Ending::Pending) {
            sent.ending = Ending::GivenUp(now);
        }
    }
}

struct Sleep<'w, 'a> {
    world: &'w World<'a>,
    until: Duration,
    slot: Option<Rc<RefCell<Option<Waker>>>>,
}

impl Future for Sleep<'_, '_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.world.state.borrow_mut();
        if state.now >= self.until {
            return Poll::Ready(());
        }
        let waker = Some(context.waker().clone());
        if let Some(slot) = &self.slot {
            slot.replace(waker);
        } else {
            let slot = Rc::new(RefCell::new(waker));
            let until = self.until;
            state.push(until, Action::Wake(slot.clone()));
            drop(state);
            self.slot = Some(slot);
        }
        Poll::Pending
    }
}

impl Drop for Sleep<'_, '_> {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            slot.take();
        }
    }
}

impl Io for World<'_> {
    async fn send(&self, request: &Request) -> Result<Response, Cause> {
        Sending { world: self, index: self.begin(request) }.await
    }

    fn head(&self, id: RequestId) -> Head {
        let state = self.state.borrow();
        match state.by_id.get(&id.text()) {
            Some(index) => self.head_told(&state.sent[*index]),
            None => Head::Unwritten,
        }
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + duration;
        Sleep { world: self, until, slot: None }.await;
    }

    fn now(&self) -> Duration {
        self.state.borrow().now
    }

    fn wall(&self) -> Duration {
        let state = self.state.borrow();
        state.wall + state.now
    }

    fn random(&self) -> u64 {
        self.state.borrow_mut().random.number()
    }

    fn emit(&self, event: Event) {
        self.state.borrow_mut().told.push(event);
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

    async fn hash(&self, algorithm: &str, bytes: &[u8]) -> Option<String> {
        use sha2::Digest as _;
        (algorithm == "sha256").then(|| hex(&sha2::Sha256::digest(bytes)))
    }
}
