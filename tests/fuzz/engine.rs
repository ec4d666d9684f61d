//! Runs one target: its corpus, then neighbours of it until the time is over. What it finds it makes as small as it
//! can and says as a line for the corpus.
//!
//! Each run of a seed makes the same inputs in the same order; only how many of them depends on the machine.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use crate::corpus;
use crate::mutate::{Form, mutated};
use crate::random::Random;

/// What is fuzzed.
pub struct Target {
    pub name: &'static str,
    /// The file of its corpus.
    pub kept: &'static str,
    pub form: Form,
    /// What its grammar is made of.
    pub words: &'static [&'static str],
    /// Reads an input, checks what must hold, and says in which way it went.
    pub run: fn(&[u8]) -> String,
}

/// How long one input may take. It is far more than any needs, and counts only if it is so three times: the machine
/// may have something else to do.
pub const SLOWEST: Duration = Duration::from_secs(2);

/// How long an input may take before the whole run is given up, as it may never end.
const ENDLESS: Duration = Duration::from_secs(30);

/// How many bytes an input may hold at once, besides so many times its own length.
const LARGEST: u64 = 8 * 1024 * 1024;
const LARGEST_OF_LENGTH: u64 = 256;

/// The stack, which is as large as that of the shipped module where the compiler optimises as it does there.
const STACK: usize = if cfg!(debug_assertions) { 2048 * 1024 } else { 512 * 1024 };

/// The inputs that are gone on from.
const LARGEST_POOL: usize = 20_000;

/// What is wrong with what an input did.
#[derive(Clone)]
pub enum Fault {
    Panic(String),
    Slow(Duration),
    Hungry(u64),
}

impl Fault {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Panic(one), Self::Panic(other)) => place(one) == place(other),
            (Self::Slow(_), Self::Slow(_)) | (Self::Hungry(_), Self::Hungry(_)) => true,
            _ => false,
        }
    }
}

/// Where a panic was, without what it said.
fn place(panic: &str) -> &str {
    panic.split_once(": ").map_or(panic, |(place, _)| place)
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic(what) => write!(formatter, "panics at {what}"),
            Self::Slow(took) => write!(formatter, "takes {took:?}"),
            Self::Hungry(bytes) => write!(formatter, "holds {bytes} bytes at once"),
        }
    }
}

/// What a run came to.
pub struct Ran {
    pub executions: u64,
    pub shapes: usize,
    /// The smallest input that was found, and what it does.
    pub found: Option<(Vec<u8>, Fault)>,
    slowest: Duration,
    largest: u64,
}

/// How long, and by which numbers.
#[derive(Clone, Copy)]
pub struct Budget {
    pub time: Duration,
    pub executions: u64,
    pub seed: u64,
    /// How long one input may take.
    pub slowest: Duration,
}

/// Fuzzes a target for as long as the environment says, and fails where something is found.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the figures are what a longer run is for")]
pub fn fuzz(target: &'static Target) {
    let number = |name: &str, usual: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no whole number: {text}")),
        Err(_) => usual,
    };
    // A moment each, in a test of all; they come to five seconds.
    let time = Duration::from_millis(number("FUZZ_MILLISECONDS", 350));
    let seed = number("FUZZ_SEED", 1);
    let budget = Budget { time, executions: u64::MAX, seed, slowest: SLOWEST };
    let ran = run(target, budget);
    let Ran { executions, shapes, slowest, largest, found } = &ran;
    println!(
        "{:14} {executions:>9} executions, {shapes:>5} shapes, slowest {:>4} ms, largest {:>5} KB",
        target.name,
        slowest.as_millis(),
        largest / 1024
    );
    if let Some((input, fault)) = found {
        let line = corpus::line(input);
        panic!("{} {fault}\ntests/fuzz/corpus/{}.txt wants the line\n{line}", target.name, target.name);
    }
}

/// Runs a target on a thread with a stack of its own, and watches over it.
pub fn run(target: &'static Target, budget: Budget) -> Ran {
    hush();
    let now = Arc::new(Mutex::new(None));
    let mine = Arc::clone(&now);
    let work = thread::Builder::new().stack_size(STACK).spawn(move || Run::new(target, budget, mine).go());
    let work = work.expect("a thread");
    while !work.is_finished() {
        thread::park_timeout(Duration::from_millis(20));
        let late = now.lock().expect("no panic while it is locked").clone();
        if let Some((since, input)) = late.filter(|(since, _): &(Instant, Vec<u8>)| since.elapsed() > ENDLESS)
        {
            let line = corpus::line(&input);
            panic!("{} has not ended after {:?} on\n{line}", target.name, since.elapsed());
        }
    }
    work.join().expect("the engine itself does not panic")
}

/// Runs one input that is large on purpose.
#[track_caller]
pub fn is_taken(name: &'static str, run: fn(&[u8]) -> String, input: Vec<u8>) {
    hush();
    let target = Box::leak(Box::new(Target { name, kept: "", form: Form::Text, words: &[], run }));
    let budget = Budget { time: Duration::ZERO, executions: 1, seed: 1, slowest: SLOWEST };
    let work = thread::Builder::new().stack_size(STACK).spawn(move || {
        let mut run = Run::new(target, budget, Arc::default());
        run.judged(&input).err()
    });
    let work = work.expect("a thread");
    if let Some(fault) = work.join().expect("the engine itself does not panic") {
        panic!("{name} {fault}");
    }
}

/// What is being run, and since when.
type Now = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

struct Run {
    target: &'static Target,
    budget: Budget,
    now: Now,
    /// Where each input is left before it is run, for a fault that ends the whole process.
    trace: Option<String>,
    ran: Ran,
}

impl Run {
    fn new(target: &'static Target, budget: Budget, now: Now) -> Self {
        let ran = Ran { executions: 0, shapes: 0, found: None, slowest: Duration::ZERO, largest: 0 };
        Self { target, budget, now, trace: std::env::var("FUZZ_TRACE").ok(), ran }
    }

    fn go(mut self) -> Ran {
        let start = clock();
        let mut random = Random::new(self.budget.seed);
        let mut pool = corpus::read(self.target.kept);
        assert!(!pool.is_empty(), "{} has no corpus", self.target.name);
        let mut shapes = HashSet::new();
        let mut kept = pool.clone().into_iter();
        loop {
            // The corpus is run whatever the time.
            let next = kept.next();
            let is_new = next.is_none();
            if is_new
                && (start.elapsed() >= self.budget.time || self.ran.executions >= self.budget.executions)
            {
                break;
            }
            let input =
                next.unwrap_or_else(|| mutated(&pool, self.target.words, self.target.form, &mut random));
            match self.judged(&input) {
                Ok(shape) => {
                    if shapes.insert(shape) && is_new && input.len() <= 4096 && pool.len() < LARGEST_POOL {
                        pool.push(input);
                    }
                }
                Err(fault) => {
                    self.ran.found = Some((self.smallest(input, &fault), fault));
                    break;
                }
            }
        }
        self.ran.shapes = shapes.len();
        self.ran
    }

    fn judged(&mut self, input: &[u8]) -> Result<String, Fault> {
        self.ran.executions += 1;
        if let Some(folder) = &self.trace {
            fs::write(Path::new(folder).join(self.target.name), corpus::line(input))
                .expect("a folder for the trace");
        }
        let mut shortest = Duration::MAX;
        for _ in 0..3 {
            let (shape, took, held) = self.once(input);
            let shape = shape?;
            if held > LARGEST + LARGEST_OF_LENGTH * u64::try_from(input.len()).expect("a length") {
                return Err(Fault::Hungry(held));
            }
            shortest = shortest.min(took);
            if shortest <= self.budget.slowest {
                self.ran.slowest = self.ran.slowest.max(shortest);
                self.ran.largest = self.ran.largest.max(held);
                return Ok(shape);
            }
        }
        Err(Fault::Slow(shortest))
    }

    fn once(&self, input: &[u8]) -> (Result<String, Fault>, Duration, u64) {
        *self.now.lock().expect("nobody panics with it") = Some((clock(), input.to_vec()));
        let mut ended = Ok(String::new());
        let run = self.target.run;
        QUIET.set(true);
        let start = clock();
        let counted =
            allocation_counter::measure(|| ended = panic::catch_unwind(AssertUnwindSafe(|| run(input))));
        let took = start.elapsed();
        QUIET.set(false);
        *self.now.lock().expect("nobody panics with it") = None;
        let ended = ended.map_err(|_| Fault::Panic(SAID.take()));
        // How much was asked for tells ways apart that have the same words.
        let ended = ended.map(|shape| format!("{shape}{}", (counted.count_total + 1).ilog2()));
        (ended, took, counted.bytes_max)
    }

    /// The input without what can be left out.
    fn smallest(&mut self, mut input: Vec<u8>, fault: &Fault) -> Vec<u8> {
        let start = clock();
        let mut step = input.len() / 2;
        while step > 0 {
            let mut at = 0;
            while at < input.len() && start.elapsed() < ENDLESS {
                let without = [&input[..at], &input[(at + step).min(input.len())..]].concat();
                match self.judged(&without) {
                    Err(same) if same.is_like(fault) => input = without,
                    _ => at += step,
                }
            }
            step /= 2;
        }
        input
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured is this machine, from outside of the core")]
fn clock() -> Instant {
    Instant::now()
}

thread_local! {
    /// Whether panics of this thread are only noted.
    static QUIET: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    /// Where the last one was, and what it said.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics that are caught out of the output.
fn hush() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                return usual(panic);
            }
            let said = panic.payload_as_str().unwrap_or("something that is no text");
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            SAID.replace(format!("{place}: {said}"));
        }));
    });
}
