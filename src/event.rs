//! What a run tells while it goes on. Events are for watching only: nothing that matters is said here alone.

use crate::release::ReleaseName;
use crate::report::Warning;

/// One thing that happened. The times are milliseconds since the start of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of thing it is.
    pub kind: Kind,
    /// The release that it concerns, where it concerns one.
    pub release: Option<String>,
    /// What happened, in one line.
    pub message: String,
    /// Milliseconds since the start of the run.
    pub milliseconds: u64,
    /// The warning, if this is one.
    pub warning: Option<Warning>,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A step of the flow was begun or done.
    Progress,
    /// Something did not work and will be tried again.
    Retry,
    /// Something that the reader should know, though the run goes on.
    Warning,
    /// One request and its answer, for a detailed log.
    Request,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Retry => "retry",
            Self::Warning => "warning",
            Self::Request => "request",
        }
    }
}

impl Event {
    /// An event at `at` since the start of the run.
    #[must_use]
    pub fn new(kind: Kind, release: Option<&ReleaseName>, message: String, at: std::time::Duration) -> Self {
        Self {
            kind,
            release: release.map(|release| release.as_str().to_owned()),
            message,
            milliseconds: milliseconds(at),
            warning: None,
        }
    }
}

/// Whole milliseconds of a duration.
pub(crate) fn milliseconds(duration: std::time::Duration) -> u64 {
    duration.as_secs() * 1000 + u64::from(duration.subsec_millis())
}

/// Tells of a step, of one release or of the whole run.
pub(crate) fn progress<I: crate::io::Io>(io: &I, release: Option<&ReleaseName>, message: String) {
    tell(io, Kind::Progress, release, message);
}

/// Tells of something, of one release or of the whole run.
// Every event would bring a copy of this along.
#[inline(never)]
pub(crate) fn tell<I: crate::io::Io>(io: &I, kind: Kind, release: Option<&ReleaseName>, message: String) {
    io.emit(Event::new(kind, release, message, io.now()));
}

/// Tells of what should be known though it goes on, of one release or of the whole run.
pub(crate) fn warn<I: crate::io::Io>(io: &I, release: Option<&ReleaseName>, warning: &Warning) {
    let mut event = Event::new(Kind::Warning, release, warning.message.clone(), io.now());
    event.warning = Some(warning.clone());
    io.emit(event);
}
