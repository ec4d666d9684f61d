//! Cancelled in each phase: at once where nothing is under way, after three seconds at most where a change is, and
//! what is said of the change is true.

use std::time::Duration;

use houston_deploy::error::Code;
use houston_deploy::fleet::Ended;
use houston_deploy::io::{Head, Signal};
use houston_deploy::report::{Change, Proof, Status};

use super::{Asked, Page, Reply, after, changes, good, rolled, run, seconds, world};
use crate::world::{World, answer, only};

const SIGNALS: [(Signal, &str, u8); 2] =
    [(Signal::Interrupt, "", 130), (Signal::Terminate, " by SIGTERM", 143)];

/// Hangs, once the page `is` the one.
fn hangs(is: fn(&Asked) -> bool) -> impl Fn(&Asked) -> Option<Reply> {
    move |asked| is(asked).then_some(Reply::Hangs(Head::Written))
}

/// Cancels at this second and checks what holds for each cancel: exit code, status, the message's end, and the change.
#[track_caller]
fn cancelled(
    make: impl Fn() -> World,
    at: u64,
    change: Change,
    proof: Option<Proof>,
    words: &str,
) -> Duration {
    let mut took = Duration::ZERO;
    for (signal, name, exit_code) in SIGNALS {
        let world = make().cancelled_at(seconds(at), signal);
        let ended = run(&world, &["--ask", "--workspace", "ws1"]);
        let release = only(&ended);
        assert_eq!((ended.exit_code, release.status), (exit_code, Status::Cancelled));
        let error = release.error.as_ref().expect("an error");
        assert_eq!(
            (error.code, error.message.as_str()),
            (Code::Cancelled, &*format!("cancelled{name} {words}"))
        );
        assert_eq!((release.change, release.proof, release.verified), (change, proof, false));
        assert_eq!(changes(&world).len(), usize::from(change != Change::None));
        took = world.clock().saturating_sub(seconds(at));
    }
    took
}

const BEFORE: &str = "before anything was changed";
const AFTER: &str = "after Houston had accepted the image";

#[test]
fn of_several_signals_the_first_counts() {
    let cancel = houston_deploy::cancel::Cancel::default();
    cancel.cancel(Signal::Terminate);
    cancel.cancel(Signal::Interrupt);
    assert_eq!(cancel.signal(), Some(Signal::Terminate));
}

#[test]
fn before_anything_is_sent() {
    let phases: [fn(&Asked) -> bool; 4] = [
        |asked| asked.page == Page::Version,
        |asked| asked.page == Page::Read,
        |asked| asked.is("health"),
        |asked| asked.is("DagProcessorJob"),
    ];
    for phase in phases {
        let took = cancelled(|| world(rolled(), hangs(phase)), 2, Change::None, None, BEFORE);
        assert_eq!(took, Duration::ZERO);
    }
}

#[test]
fn while_the_change_is_sent() {
    let hanging = || world(rolled(), hangs(|asked| asked.page == Page::Change));
    let words = "after the change was sent and before Houston answered";
    assert_eq!(cancelled(hanging, 2, Change::Unknown, None, words), seconds(3));
    // One that answers in time is taken at its word, and not watched.
    let slow =
        || world(rolled(), |asked| (asked.page == Page::Change).then(|| after(4000, good(asked, &[]))));
    assert_eq!(cancelled(slow, 2, Change::Confirmed, Some(Proof::Accepted), AFTER), seconds(2));
}

#[test]
fn while_it_is_read_again() {
    let hanging = || world(rolled(), hangs(|asked| asked.page == Page::ReadById));
    let took = cancelled(hanging, 2, Change::Confirmed, Some(Proof::Accepted), AFTER);
    assert_eq!(took, Duration::ZERO);
}

#[test]
fn while_it_is_watched() {
    // In the middle of a look at the rows alone, in that of a whole one, and between two.
    let hanging = || world(rolled(), hangs(|asked| asked.is("=SchedulerJob") && asked.second() > 3));
    assert_eq!(cancelled(hanging, 8, Change::Confirmed, Some(Proof::Read), AFTER), Duration::ZERO);
    let hanging = || {
        world(rolled(), |asked| {
            let later = |part: &str| asked.is(part) && asked.second() > 3;
            let unread = later("=SchedulerJob").then(|| answer(502, ""));
            unread.or_else(|| later("version").then_some(Reply::Hangs(Head::Written)))
        })
    };
    assert_eq!(cancelled(hanging, 8, Change::Confirmed, Some(Proof::Read), AFTER), Duration::ZERO);
    assert_eq!(
        cancelled(|| world(rolled(), |_| None), 8, Change::Confirmed, Some(Proof::Read), AFTER),
        Duration::ZERO
    );
}

#[test]
fn many_in_different_phases() {
    let mixed = |asked: &Asked| match (asked.release.as_str(), &asked.page) {
        ("looking", Page::Airflow(_)) | ("sent", Page::Change) => Some(Reply::Hangs(Head::Written)),
        _ => None,
    };
    let world = world(rolled(), mixed).cancelled_at(seconds(20), Signal::Terminate);
    let options = ["--release", "watched,looking,sent,never", "--concurrency", "2"];
    let ended: Ended = run(&world, &options);
    let said: Vec<_> =
        ended.report.results.iter().map(|result| (result.change, result.exit_code, result.proof)).collect();
    assert_eq!(
        said,
        [
            (Change::Confirmed, 143, Some(Proof::Read)),
            (Change::None, 143, None),
            (Change::Unknown, 143, None),
            (Change::None, 143, None),
        ]
    );
    assert_eq!((world.clock(), changes(&world).len()), (seconds(23), 2));
}
