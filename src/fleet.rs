//! Many releases: what they share is asked once, each is then deployed on its own, and one report tells of all.

use crate::deploy::{Outcome, Shared, deploy, prepare};
use crate::error::{Error, Sent};
use crate::event::{Event, Kind};
use crate::houston::AskedVersion;
use crate::image::Digest;
use crate::inputs::Inputs;
use crate::io::Io;
use crate::report::{HoustonSeen, ImageSeen, ReleaseReport, Report, Status, Warning};

/// What a run ended with.
#[derive(Debug)]
pub struct Ended {
    /// The report.
    pub report: Report,
    /// The exit code: the largest of any release.
    pub exit_code: u8,
}

/// Deploys the image to every release, one after the other; doing several at once has its place in `each`.
pub async fn run<I: Io>(io: &I, inputs: &Inputs, mut warnings: Vec<Warning>) -> Ended {
    tell(io, &warnings);
    let mut shared = Shared::default();
    let outcomes = if inputs.releases.is_empty() {
        Vec::new()
    } else {
        match prepare(io, inputs).await {
            Ok((found, more)) => {
                tell(io, &more);
                warnings.extend(more);
                shared = found;
                each(io, inputs, &shared).await
            }
            Err(error) => inputs.releases.iter().map(|release| failed(release, &error)).collect(),
        }
    };
    let (results, more): (Vec<_>, Vec<_>) =
        outcomes.into_iter().map(|outcome| (outcome.report, outcome.warnings)).unzip();
    warnings.extend(more.into_iter().flatten());
    let worst = results.iter().max_by_key(|result| (result.exit_code, std::cmp::Reverse(&result.release)));
    let exit_code = worst.map_or(0, |worst| worst.exit_code);
    let report = Report {
        schema: 1,
        status: results.iter().map(|result| result.status).max().unwrap_or(Status::Skipped),
        error: worst.and_then(|worst| worst.error.clone()),
        houston: Some(HoustonSeen {
            url: inputs.houston.endpoint.url().to_owned(),
            version: shared.platform.map(|platform| platform.to_string()),
        }),
        image: Some(image_seen(inputs)),
        results,
        warnings,
    };
    Ended { report, exit_code }
}

/// The releases, one after the other, in the order in which they were named.
async fn each<I: Io>(io: &I, inputs: &Inputs, shared: &Shared) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut stop = false;
    for release in &inputs.releases {
        let outcome = if let Some(signal) = io.signal() {
            failed(release, &Error::Cancelled { signal, sent: Sent::Nothing })
        } else if stop {
            Outcome { report: ReleaseReport::new(release, Status::Skipped), warnings: Vec::new() }
        } else {
            deploy(io, inputs, shared, release).await
        };
        stop |= inputs.fail_fast && outcome.report.error.is_some();
        outcomes.push(outcome);
    }
    outcomes
}

fn tell<I: Io>(io: &I, warnings: &[Warning]) {
    for warning in warnings {
        let event = Event::new(Kind::Warning, None, warning.message.clone(), io.now());
        io.emit(Event { warning: Some(warning.clone()), ..event });
    }
}

fn failed(release: &crate::release::ReleaseName, error: &Error) -> Outcome {
    let mut report = ReleaseReport::new(release, Status::Failed);
    report.fail(error);
    Outcome { report, warnings: Vec::new() }
}

fn image_seen(inputs: &Inputs) -> ImageSeen {
    let (runtime_version, airflow_version) = match &inputs.version {
        AskedVersion::Runtime(version) => (Some(version.to_string()), None),
        AskedVersion::Airflow(version) => (None, Some(version.to_string())),
    };
    ImageSeen {
        reference: inputs.image.to_string(),
        digest: inputs.image.digest().map(Digest::to_string),
        runtime_version,
        airflow_version,
    }
}
