//! Raw options become [`Inputs`]: every problem is found at once, and behind this file no function receives a text
//! that could be malformed.

mod deploy;
mod given;
pub mod options;
mod reader;
mod secrets;
#[cfg(feature = "setup")]
mod setup;
mod shard;

use std::time::Duration;

pub use given::{Command, Environment, Front, Given};
#[cfg(feature = "setup")]
pub(crate) use reader::without_user;
#[cfg(feature = "setup")]
pub use setup::{Format, SETUP, SetupRead, read_setup};
pub use shard::Shard;

use crate::error::Problem;
use crate::houston::{AskedVersion, Houston};
use crate::image::ImageReference;
use crate::registry::LookUp;
use crate::release::ReleaseName;
use crate::report::Warning;
use crate::token::{PullSecret, Redactor};
use crate::version::PlatformVersion;

use reader::Reader;

/// The most releases in one run, and so the longest list that is kept.
const MOST_RELEASES: usize = 10_000;

/// The most bytes of a file that is read.
const LARGEST_FILE: usize = 1024 * 1024;

/// The files that inputs name.
pub trait Files {
    /// The content of a file of at most `most` bytes.
    ///
    /// # Errors
    /// Why it cannot be had, in words that follow the path: `does not exist`.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String>;

    /// Whether a file could be made at `path`.
    ///
    /// # Errors
    /// Why not, in words that follow the path: `is in a folder that does not exist`.
    fn can_write(&self, path: &str) -> Result<(), String>;

    /// Whether the certificates in a PEM text can be read; where nobody can tell, they are taken for good.
    fn is_certificate(&self, _pem: &str) -> bool {
        true
    }
}

/// What the surroundings say about themselves.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Time since the Unix epoch.
    pub wall: Duration,
    /// Whether a private CA can be trusted from now on; not before Node 22.19 and 24.5, and never in a library.
    pub can_trust: bool,
    /// Whether the environment names a proxy that this Node cannot be made to use once it runs.
    pub proxy_ignored: bool,
    /// Whether what the environment names as a proxy is no address of one.
    pub proxy_invalid: bool,
}

/// Where the results are to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the option of its name")]
pub struct Outputs {
    pub json: bool,
    pub debug: bool,
    pub report: Option<String>,
    pub summary: Option<String>,
    pub junit: Option<String>,
    pub dotenv: Option<String>,
    pub annotations: Option<String>,
}

/// How much a step is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Where it can be done; where it cannot, that is a warning.
    Auto,
    /// Where it cannot be done, that is an error.
    Require,
    /// Not at all.
    Off,
}

/// How a Deployment is watched coming up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watching {
    /// Whether it is.
    pub mode: Mode,
    /// Between two looks.
    pub poll_interval: Duration,
    /// How long it must stay healthy.
    pub stable_for: Duration,
    /// Whether it is fine that nothing restarts.
    pub unchanged_ok: bool,
}

/// All that a run needs to know.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Houston and the token for it.
    pub houston: Houston,
    /// The Deployments, each once, in the order in which they were named.
    pub releases: Vec<ReleaseName>,
    /// The image, as it was written.
    pub image: ImageReference,
    /// Whether Houston is told the digest that the tag stands for.
    pub pin: bool,
    /// The version in the image, unless its labels are to tell.
    pub version: Option<AskedVersion>,
    /// Whether the image is looked up in its registry.
    pub preflight: Mode,
    /// How it is looked up.
    pub look_up: LookUp,
    /// How the Deployments are watched.
    pub watching: Watching,
    /// The workspace, which lets a Deployment be read by its release name.
    pub workspace: Option<String>,
    /// The pull secret of the Deployment's own registry.
    pub pull_secret: Option<PullSecret>,
    /// The platform's version, where it is not to be asked.
    pub platform: Option<PlatformVersion>,
    /// For the whole of one release.
    pub timeout: Duration,
    /// For one request.
    pub request_timeout: Duration,
    /// Sends of one request at most.
    pub attempts: u32,
    /// Releases at once until Houston's answer.
    pub concurrency: usize,
    /// Print the requests, change nothing.
    pub dry_run: bool,
    /// Start no further release after one has failed.
    pub fail_fast: bool,
}

/// What came of the input.
#[derive(Debug)]
pub struct Read {
    /// The inputs, or all that is wrong with them.
    pub inputs: Result<Inputs, Vec<Problem>>,
    /// Where results go; known even where the rest is wrong.
    pub outputs: Outputs,
    /// Every secret that was given.
    pub redactor: Redactor,
    /// The PEM text of a CA to trust.
    pub ca_cert: Option<String>,
    /// What should be known though the run goes on.
    pub warnings: Vec<Warning>,
}

impl Default for Read {
    /// Nothing was given.
    fn default() -> Self {
        Self {
            inputs: Err(Vec::new()),
            outputs: Outputs::default(),
            redactor: Redactor::default(),
            ca_cert: None,
            warnings: Vec::new(),
        }
    }
}

/// Understands what was given.
pub fn read(given: Given, environment: &Environment, files: &impl Files, surroundings: Surroundings) -> Read {
    let mut reader =
        Reader { given, files, redactor: Redactor::default(), warnings: Vec::new(), learned: Vec::new() };
    reader.learn_secrets(environment);
    reader.check_kinds();
    let outputs = reader.outputs();
    let ca_cert = reader.ca_cert(surroundings);
    let inputs = reader.inputs(environment, surroundings);
    // What was wrong with the form of the input comes first, in the order in which it was given.
    let problems = std::mem::take(&mut reader.given.problems);
    let inputs = match inputs {
        Some(inputs) if problems.is_empty() => Ok(inputs),
        _ => Err(problems),
    };
    Read { inputs, outputs, redactor: reader.redactor, ca_cert, warnings: reader.warnings }
}
