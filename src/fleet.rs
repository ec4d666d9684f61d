//! Many releases: what they share is asked once, several are then on their way at once, and one report tells of all.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::check;
use crate::deploy::{self, Outcome};
use crate::error::{Error, Sent};
use crate::event::warn;
use crate::houston::AskedVersion;
use crate::inputs::Inputs;
use crate::io::Io;
use crate::prepare::{self, Asked, Gate, prepare};
use crate::release::ReleaseName;
use crate::report::{HoustonSeen, ImageSeen, ReleaseReport, Report, Status, Warning};
use crate::version::Version;
use crate::wait::both;

/// What a run ended with.
#[derive(Debug)]
pub struct Ended {
    /// The report.
    pub report: Report,
    /// The exit code: the largest of any release.
    pub exit_code: u8,
}

/// Deploys the image to every release.
pub async fn deploy<I: Io>(io: &I, inputs: &Inputs, warnings: Vec<Warning>) -> Ended {
    tell(io, &warnings);
    let (mut asked, gate, mut outcomes) = (Asked::default(), Gate::default(), Vec::new());
    // A part of a list can be empty.
    if !inputs.releases.is_empty() {
        let shared = async {
            let shared = prepare(io, inputs, &mut asked).await;
            tell(io, &asked.warnings);
            gate.open(shared);
            Ok(())
        };
        let one =
            |release, place| -> OnItsWay<'_> { Box::pin(deploy::deploy(io, inputs, &gate, release, place)) };
        let releases = async {
            outcomes = each(io, inputs, &one).await;
            Ok(())
        };
        // What the releases wait for ends none of them: each tells of it itself.
        let _ = both(pin!(shared), pin!(releases)).await;
    }
    ended(inputs, asked, gate.shared().map(|shared| &shared.version), outcomes, warnings)
}

/// Looks at everything that a deploy of the image to every release would look at.
pub async fn check<I: Io>(io: &I, inputs: &Inputs, warnings: Vec<Warning>) -> Ended {
    tell(io, &warnings);
    let (mut asked, mut checks, mut outcomes) = (Asked::default(), Vec::new(), Vec::new());
    if !inputs.releases.is_empty() {
        let shared = check::shared(io, inputs, &mut asked).await;
        tell(io, &asked.warnings);
        let one =
            |release, place| -> OnItsWay<'_> { Box::pin(check::check(io, inputs, release, &shared, place)) };
        outcomes = each(io, inputs, &one).await;
        for outcome in &mut outcomes {
            check::never_begun(&mut outcome.report);
        }
        checks = shared.checks;
    }
    let mut ended = ended(inputs, asked, None, outcomes, warnings);
    ended.report.checks = checks;
    ended
}

/// One report and one exit code of all; `sent` is the version that the releases were sent.
fn ended(
    inputs: &Inputs,
    mut asked: Asked,
    sent: Option<&AskedVersion>,
    outcomes: Vec<Outcome>,
    mut warnings: Vec<Warning>,
) -> Ended {
    let image = image_seen(inputs, &asked, sent.or(inputs.version.as_ref()));
    warnings.append(&mut asked.warnings);
    let mut results = Vec::new();
    for mut outcome in outcomes {
        results.push(outcome.report);
        warnings.append(&mut outcome.warnings);
    }
    let mut worst: Option<&ReleaseReport> = None;
    for result in &results {
        // Of several that ended alike it is the first by its name.
        if worst.is_none_or(|worst| (result.exit_code, &worst.release) > (worst.exit_code, &result.release)) {
            worst = Some(result);
        }
    }
    let exit_code = worst.map_or(0, |worst| worst.exit_code);
    let report = Report {
        schema: 1,
        status: results.iter().map(|result| result.status).max().unwrap_or(Status::Skipped),
        error: worst.and_then(|worst| worst.error.clone()),
        houston: Some(HoustonSeen {
            url: inputs.houston.endpoint.url().to_owned(),
            version: asked.platform.map(|platform| platform.as_str().to_owned()),
        }),
        image: Some(image),
        results,
        warnings,
        checks: Vec::new(),
    };
    Ended { report, exit_code }
}

/// One of the places for releases that are on their way to Houston; it is free again once this is dropped.
#[derive(Debug)]
pub struct Place(Rc<Cell<usize>>);

impl Place {
    /// Takes one of the `free` places, if there is one.
    #[must_use]
    pub fn take(free: &Rc<Cell<usize>>) -> Option<Self> {
        free.set(free.get().checked_sub(1)?);
        Some(Self(Rc::clone(free)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// One release on its way.
type OnItsWay<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// The releases, so many at once as there are places; their results in the order in which they were named. One that is
/// only watched any more has given its place back, so that it holds up no other.
async fn each<'a, I: Io>(
    io: &I,
    inputs: &'a Inputs,
    one: &dyn Fn(&'a ReleaseName, Place) -> OnItsWay<'a>,
) -> Vec<Outcome> {
    let free = Rc::new(Cell::new(inputs.concurrency.max(1)));
    let never_begun = |release| match io.signal() {
        Some(signal) => failed(release, &Error::Cancelled { signal, sent: Sent::Nothing }),
        None => Outcome { report: ReleaseReport::new(release, Status::Skipped), warnings: Vec::new() },
    };
    let mut outcomes = Vec::new();
    let mut waiting = inputs.releases.iter().enumerate();
    let mut under_way: Vec<(usize, OnItsWay<'_>, Arc<Woken>)> = Vec::new();
    let mut run = Waker::noop().clone();
    let mut stop = false;
    poll_fn(|context| {
        if !run.will_wake(context.waker()) {
            run.clone_from(context.waker());
            for (.., woken) in &mut under_way {
                *woken = Woken::new(&run);
            }
        }
        loop {
            while !stop && io.signal().is_none() {
                let Some(place) = Place::take(&free) else { break };
                let Some((index, release)) = waiting.next() else { break };
                under_way.push((index, one(release, place), Woken::new(&run)));
                // Its own takes the place of this one.
                outcomes.push(never_begun(release));
            }
            let places = free.get();
            under_way.retain_mut(|(index, release, woken)| {
                if !woken.is.swap(false, Ordering::Relaxed) {
                    return true;
                }
                let waker = Arc::clone(woken).into();
                let Poll::Ready(outcome) = release.as_mut().poll(&mut Context::from_waker(&waker)) else {
                    return true;
                };
                stop |= inputs.fail_fast && outcome.report.error.is_some();
                if let Some(place) = outcomes.get_mut(*index) {
                    *place = outcome;
                }
                false
            });
            // Somebody may have given a place back, with or without having ended.
            if free.get() == places {
                return if under_way.is_empty() { Poll::Ready(()) } else { Poll::Pending };
            }
        }
    })
    .await;
    for (_, release) in waiting {
        outcomes.push(never_begun(release));
    }
    outcomes
}

/// Whether a release on its way is to go on. (The crate's set of futures would be 2 KB more of the module.)
struct Woken {
    is: AtomicBool,
    /// Wakes the run.
    run: Waker,
}

impl Woken {
    /// One that is to begin.
    fn new(run: &Waker) -> Arc<Self> {
        Arc::new(Self { is: AtomicBool::new(true), run: run.clone() })
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.is.store(true, Ordering::Relaxed);
        self.run.wake_by_ref();
    }
}

fn tell<I: Io>(io: &I, warnings: &[Warning]) {
    for warning in warnings {
        warn(io, None, warning);
    }
}

fn failed(release: &crate::release::ReleaseName, error: &Error) -> Outcome {
    let mut report = ReleaseReport::new(release, Status::Failed);
    report.fail(error);
    Outcome { report, warnings: Vec::new() }
}

fn image_seen(inputs: &Inputs, asked: &Asked, sent: Option<&AskedVersion>) -> ImageSeen {
    let labels = asked.found.as_ref().map(|found| &found.labels);
    let (mut runtime, mut airflow) = (
        labels.and_then(|labels| labels.runtime.as_ref()),
        labels.and_then(|labels| labels.airflow.as_ref()),
    );
    match sent {
        Some(AskedVersion::Runtime(version)) => runtime = Some(version),
        Some(AskedVersion::Airflow(version)) => airflow = Some(version),
        None => {}
    }
    let as_written = |version: &Version| version.as_str().to_owned();
    ImageSeen {
        reference: inputs.image.as_str().to_owned(),
        digest: prepare::digest(asked, inputs).map(|digest| digest.as_str().to_owned()),
        runtime_version: runtime.map(as_written),
        airflow_version: airflow.map(as_written),
    }
}
