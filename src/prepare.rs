//! What all releases of a run share, asked once: the platform's version and the image, at the same time. What follows
//! from the two together, the version to send and the form of the change, is decided here too.

use std::cell::OnceCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use crate::error::{Code, Error, ImageFault, Said};
use crate::event::progress;
use crate::houston::{AskVersion, AskedVersion, Dialect};
use crate::image::Digest;
use crate::inputs::{Inputs, Mode};
use crate::io::Io;
use crate::registry::{Found, Labels, look_up};
use crate::report::Warning;
use crate::retry::Limits;
use crate::send::ask;
use crate::text::filled;
use crate::version::{PlatformVersion, Version};
use crate::wait::{Waiting, both};

/// What every release is sent.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The platform's version, where it is known.
    pub platform: Option<PlatformVersion>,
    /// The form of the change.
    pub dialect: Dialect,
    /// The image, as Houston is to be told it.
    pub image: String,
    /// The version in it.
    pub version: AskedVersion,
    /// The Airflow in it, where its labels say so.
    pub airflow: Option<Version>,
}

/// What was found out, however it ended.
#[derive(Debug, Default)]
pub struct Asked {
    /// The platform's version, where it is known.
    pub platform: Option<PlatformVersion>,
    /// What the registry said.
    pub found: Option<Box<Found>>,
    /// What should be known though it went on.
    pub warnings: Vec<Warning>,
}

/// Asks what all releases share. What should be known goes into `asked`, also where this fails.
///
/// # Errors
/// Houston not to be reached, or something that is no Houston; an image that is not there or does not fit; a version
/// that is not known or not taken. A Houston that keeps its version to itself is none: the input then decides which
/// form of the change is used, and a warning says so.
pub async fn prepare<I: Io>(io: &I, inputs: &Inputs, asked: &mut Asked) -> Result<Box<Shared>, Rc<Error>> {
    let (mut of_platform, mut of_image) = (None, None);
    let ended = both(
        pin!(platform(io, inputs, &mut asked.platform, &mut of_platform)),
        pin!(image(io, inputs, &mut asked.found, &mut of_image)),
    )
    .await;
    if let Some(warning) = of_platform {
        asked.warnings.push(warning);
    }
    if let Some(warning) = of_image {
        asked.warnings.push(warning);
    }
    // What one of them found out is kept though the other failed.
    ended?;
    resolve(inputs, asked)
}

/// What follows from what was found out.
///
/// # Errors
/// A version that is not known, not that of the image, or not taken by the platform.
pub fn resolve(inputs: &Inputs, asked: &mut Asked) -> Result<Box<Shared>, Rc<Error>> {
    let (platform, labels) = (asked.platform.as_ref(), asked.found.as_ref().map(|found| &found.labels));
    let version = match &inputs.version {
        Some(given) => {
            if let Some(labels) = labels
                && let Some(warning) = compare(given, labels)?
            {
                asked.warnings.push(warning);
            }
            given.clone()
        }
        None => from_labels(labels, platform)?,
    };
    let dialect = Dialect::of(platform, &version).map_err(|mismatch| {
        let host = inputs.houston.endpoint.host().to_owned();
        Rc::new(Error::ApiMismatch { host, mismatch })
    })?;
    let digest = asked.found.as_ref().map(|found| &found.digest).or(inputs.image.digest());
    let image = match digest.filter(|_| inputs.pin) {
        Some(digest) => inputs.image.pinned(digest),
        None => inputs.image.as_str().to_owned(),
    };
    let airflow = match &version {
        AskedVersion::Airflow(version) => Some(version.clone()),
        AskedVersion::Runtime(_) => labels.and_then(|labels| labels.airflow.clone()),
    };
    Ok(Box::new(Shared { platform: platform.cloned(), dialect, image, version, airflow }))
}

/// Finds out the platform's version, or warns where it is not to be had.
pub(crate) async fn platform<I: Io>(
    io: &I,
    inputs: &Inputs,
    platform: &mut Option<PlatformVersion>,
    doubt: &mut Option<Warning>,
) -> Result<(), Rc<Error>> {
    if let Some(known) = &inputs.platform {
        *platform = Some(known.clone());
        return Ok(());
    }
    progress(io, None, filled("asking {} for its version", &[inputs.houston.endpoint.host()]));
    let mut question = AskVersion::new(&inputs.houston);
    let said = match ask(io, None, &mut question, &limits(io, inputs)).await {
        Ok(()) => {
            if let Some(version) = &question.version {
                progress(io, None, filled("Houston {}", &[version.as_str()]));
                *platform = question.version;
                return Ok(());
            }
            "gives none".to_owned()
        }
        Err(error) => match *error {
            // Houston answered, and the answer is no version: an older platform may not know the question.
            Error::ApiMismatch { .. }
            | Error::HoustonFailed { said: Said::Words(_), .. }
            | Error::PermissionDenied { said: Said::Words(_), .. }
            | Error::HoustonRefused { said: Said::Words(_), .. } => {
                filled("could not be asked: {}", &[&error.message()])
            }
            _ => return Err(error),
        },
    };
    let message =
        filled("Houston's version {}; the form of the request follows from the version option", &[&said]);
    let hint = "set `platform-version` to the platform's version";
    *doubt = Some(Warning::new(Code::ApiMismatch, message, Some(hint)));
    Ok(())
}

/// Looks the image up. What is not definite is a warning, unless the look is required or nothing else can tell what to
/// send.
pub(crate) async fn image<I: Io>(
    io: &I,
    inputs: &Inputs,
    found: &mut Option<Box<Found>>,
    doubt: &mut Option<Warning>,
) -> Result<(), Rc<Error>> {
    if inputs.preflight == Mode::Off {
        return Ok(());
    }
    progress(io, None, filled("looking up {}", &[inputs.image.as_str()]));
    // All of it within the time of one request: a registry that hangs must not hold the deploy up for long.
    let within = limits_of(io, inputs, inputs.request_timeout);
    match look_up(io, &inputs.look_up, &inputs.image, &within).await {
        Ok(there) => {
            let short = there.digest.as_str().get(..19).unwrap_or_default();
            progress(io, None, filled("the registry has it as {}", &[short]));
            *found = Some(there);
        }
        Err(error) => {
            let needed = inputs.pin && inputs.image.digest().is_none();
            // Anything but a fault of the image is a cancel.
            let definite = !matches!(&*error, Error::Image(fault) if !fault.is_definite());
            if definite || needed || inputs.preflight == Mode::Require {
                return Err(error);
            }
            let message = filled("the image was not looked up: {}", &[&error.message()]);
            *doubt = Some(Warning::of(&error, message));
        }
    }
    Ok(())
}

/// Sets the version that was given against the labels. One that no label speaks of is a warning.
fn compare(given: &AskedVersion, labels: &Labels) -> Result<Option<Warning>, Rc<Error>> {
    let (option, version, known) = match given {
        AskedVersion::Runtime(version) => ("runtime-version", version, [labels.runtime.as_ref(), None]),
        AskedVersion::Airflow(version) => {
            ("airflow-version", version, [labels.airflow.as_ref(), labels.certified.as_ref()])
        }
    };
    let plain = version.as_str().strip_suffix("-base").unwrap_or(version.as_str());
    let mut known = known.into_iter().flatten();
    let Some(first) = known.next() else {
        let message = filled("the image has no label that `{}` could be set against", &[option]);
        return Ok(Some(Warning::new(Code::VersionUnknown, message, None)));
    };
    if first.is_same(plain) || known.any(|other| other.is_same(plain)) {
        return Ok(None);
    }
    Err(Rc::new(Error::Image(ImageFault::VersionMismatch {
        option,
        given: version.as_str().to_owned(),
        label: first.as_str().to_owned(),
    })))
}

/// The version to send where none was given.
fn from_labels(
    labels: Option<&Labels>,
    platform: Option<&PlatformVersion>,
) -> Result<AskedVersion, Rc<Error>> {
    let unknown = |why: String| Rc::new(Error::Image(ImageFault::VersionUnknown { why: why.into() }));
    let Some(labels) = labels else {
        return Err(unknown("neither option was given, and the image could not be looked up".into()));
    };
    if let Some(runtime) = &labels.runtime {
        return Ok(AskedVersion::Runtime(runtime.clone()));
    }
    let Some(airflow) = labels.airflow.as_ref().or(labels.certified.as_ref()) else {
        return Err(unknown(
            "neither option was given, and the image has none of the vendor's labels that can be read".into(),
        ));
    };
    match platform {
        Some(platform) if platform.numbers() > (1, 0, 0) => Err(unknown(filled(
            "the image's labels say Airflow {} alone, and Houston {} takes Runtime versions only",
            &[airflow.as_str(), platform.as_str()],
        ))),
        _ => Ok(AskedVersion::Airflow(airflow.clone())),
    }
}

/// The digest that the report gives: the one that was found, or that was asked for.
#[must_use]
pub fn digest<'a>(asked: &'a Asked, inputs: &'a Inputs) -> Option<&'a Digest> {
    asked.found.as_ref().map(|found| &found.digest).or(inputs.image.digest())
}

/// `timeout` runs from the first request of what it is for.
pub(crate) fn limits<I: Io>(io: &I, inputs: &Inputs) -> Limits {
    limits_of(io, inputs, inputs.timeout)
}

/// The limits of what may take so long from now on.
fn limits_of<I: Io>(io: &I, inputs: &Inputs, time: Duration) -> Limits {
    Limits {
        attempts: inputs.attempts,
        deadline: io.now().saturating_add(time),
        request_timeout: inputs.request_timeout,
    }
}

/// Where releases wait for what they share.
#[derive(Debug, Default)]
pub struct Gate {
    opened: OnceCell<Result<Box<Shared>, Rc<Error>>>,
    waiting: Waiting,
}

impl Gate {
    /// Lets everyone through, or tells everyone why not.
    pub fn open(&self, shared: Result<Box<Shared>, Rc<Error>>) {
        // It is opened once.
        let _ = self.opened.set(shared);
        self.waiting.wake();
    }

    /// What everyone was let through with, once they were.
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
        self.opened.get()?.as_deref().ok()
    }

    /// Ready once it is open.
    ///
    /// # Errors
    /// What the asking ended with.
    pub fn wait(&self) -> impl Future<Output = Result<&Shared, Rc<Error>>> {
        poll_fn(|context| {
            match self.opened.get() {
                Some(Ok(shared)) => return Poll::Ready(Ok(&**shared)),
                Some(Err(error)) => return Poll::Ready(Err(Rc::clone(error))),
                None => {}
            }
            self.waiting.add(context);
            Poll::Pending
        })
    }
}
