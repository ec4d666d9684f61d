//! The simulation: the real flow against models of Houston, a registry and Airflows, under faults that are drawn from a
//! seed, on a virtual clock. After each schedule the invariants of `docs/outcomes.md`, part 3, must hold. A seed that
//! fails replays exactly, and is shrunk to the fewest faults. What it covers and what not is in `docs/reliability.md`.
//!
//! `npm run simulate -- --schedules N --seed S` runs as many as one likes.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::struct_excessive_bools,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and its helpers are for its neighbours"
)]

mod airflow;
mod draw;
mod fault;
mod houston;
mod judge;
mod oracle;
mod registry;
mod run;
mod setting;
mod tally;
mod traffic;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use houston_deploy::mutant::{MUTANTS, Mutant, plant};

use crate::run::Schedule;
use crate::tally::Tally;

/// In every test run.
const SCHEDULES: u64 = 20_000;
const SEED: u64 = 1;

/// Within so many each planted fault must be found.
const WITHIN: u64 = 10_000;

/// A number from the environment, which `tools/simulate.mjs` sets.
fn asked(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// Runs the schedules of `count` seeds from `first` on, on all cores; the lowest seed that failed, with its words.
fn simulate(first: u64, count: u64, mutant: Option<Mutant>) -> (Tally, Option<(u64, String)>) {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let sum = Mutex::new((Tally::default(), None::<(u64, String)>));
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                plant(mutant);
                let mut tally = Tally::default();
                while !stop.load(Ordering::Relaxed) {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= count {
                        break;
                    }
                    let seed = first.wrapping_add(place);
                    if let Some(words) = Schedule::of(seed).run(&mut tally) {
                        stop.store(true, Ordering::Relaxed);
                        let found = &mut sum.lock().unwrap().1;
                        if found.as_ref().is_none_or(|(known, _)| seed < *known) {
                            *found = Some((seed, words));
                        }
                    }
                }
                sum.lock().unwrap().0.add(tally);
            });
        }
    });
    sum.into_inner().unwrap()
}

/// What is said of a seed that failed: everything that is needed to see why.
fn described(seed: u64, words: &str) -> String {
    let schedule = Schedule::of(seed).shrunk(words);
    let again = schedule.run(&mut Tally::default()).unwrap_or_else(|| "nothing".into());
    format!(
        "seed {seed}: {words}\nwith the fewest faults: {again}\nfaults: {:#?}\nsetting: {:#?}\nreplay: npm run simulate -- --schedules 1 --seed {seed}",
        schedule.faults, schedule.setting
    )
}

#[test]
fn the_invariants_hold_after_every_schedule() {
    let (count, seed) = (asked("SIMULATE_SCHEDULES", SCHEDULES), asked("SIMULATE_SEED", SEED));
    let (tally, found) = simulate(seed, count, None);
    println!("{tally}");
    if let Some((seed, words)) = found {
        panic!("{}", described(seed, &words));
    }
    assert_eq!(tally.schedules, count);
    // A handful of schedules cannot reach everything.
    if count >= WITHIN {
        assert_eq!(tally.never_reached(), Vec::<String>::new(), "never reached");
    }
}

#[test]
fn every_planted_fault_is_found() {
    for mutant in MUTANTS {
        let (tally, found) = simulate(SEED, WITHIN, Some(mutant));
        let Some((seed, words)) = found else { panic!("{mutant:?} was not found in {WITHIN} schedules") };
        println!("{mutant:?}: after {} schedules, seed {seed}: {words}", tally.schedules);
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in 0..200 {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        let words = Schedule::of(seed).run(&mut one);
        assert_eq!(words, Schedule::of(seed).run(&mut other), "seed {seed}");
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn a_failing_schedule_is_shrunk_to_the_faults_that_it_needs() {
    plant(Some(Mutant::UnsentInverted));
    let failing = (0..WITHIN).find_map(|seed| {
        let schedule = Schedule::of(seed);
        let words = schedule.run(&mut Tally::default())?;
        (schedule.faults.len() > 3).then_some((schedule, words))
    });
    let (schedule, words) = failing.expect("a schedule that fails");
    let shrunk = schedule.shrunk(&words);
    assert!(shrunk.faults.len() < schedule.faults.len(), "{words}: {:?}", shrunk.faults);
    assert!(shrunk.run(&mut Tally::default()).is_some_and(|found| found[..2] == words[..2]));
    plant(None);
}
