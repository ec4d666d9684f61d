//! One run from what was given to what leaves: the only place that knows both, and the last that text passes. All
//! that leaves has gone through the redactor.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Problem};
use crate::event::Event;
use crate::fleet::{self, Ended};
use crate::inputs::{self, Command, Environment, Files, Front, Given, Inputs, Outputs, Surroundings};
use crate::io::Io;
use crate::render::{self, Annotation, Origin};
use crate::report::{Report, Status, Warning};
use crate::token::Redactor;

/// What a wrapper hands over, as JSON.
#[derive(Debug)]
pub struct Handover {
    /// Who it is.
    pub front: Front,
    /// The arguments behind the program's name.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Environment,
    /// The properties, from a script.
    pub properties: Value,
    /// What the surroundings say about themselves.
    pub surroundings: Surroundings,
}

impl Handover {
    /// Reads `{"front", "arguments", "environment", "properties", "wall" (ms since the Unix epoch), "canTrust",
    /// "proxyIgnored"}`.
    ///
    /// # Errors
    /// A wrapper that does not keep to this.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let fault = |detail: &str| Error::Internal { detail: detail.to_owned() };
        let value: Value =
            serde_json::from_str(json).map_err(|_| fault("the wrapper's hand-over is no JSON"))?;
        let front = match value.get("front").and_then(Value::as_str) {
            Some("command-line") => Front::CommandLine,
            Some("action") => Front::Action,
            Some("library") => Front::Library,
            _ => return Err(fault("the wrapper does not say which one it is")),
        };
        let strings = value.get("arguments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let environment = value.get("environment").and_then(Value::as_object);
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Self {
            front,
            arguments: strings.iter().filter_map(text).collect(),
            environment: environment
                .map(|all| {
                    all.iter().filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
                })
                .unwrap_or_default(),
            surroundings: Surroundings {
                wall: Duration::from_millis(value.get("wall").and_then(Value::as_u64).unwrap_or_default()),
                can_trust: flag("canTrust"),
                proxy_ignored: flag("proxyIgnored"),
            },
            properties: value.get("properties").cloned().unwrap_or_default(),
        })
    }
}

/// A run that is ready to begin.
#[derive(Debug)]
pub struct Session {
    front: Front,
    origin: Origin,
    outputs: Outputs,
    redactor: Redactor,
    warnings: Vec<Warning>,
    ca_cert: Option<String>,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// A text was asked for, such as the help.
    Say(String),
    /// The input is wrong.
    Refuse(Vec<Problem>),
    /// Releases are to be deployed.
    Deploy(Box<Inputs>),
}

/// What a wrapper must do before the run begins.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// What the runner is to hide from now on.
    pub masks: Vec<String>,
    /// The PEM text of a CA to trust from now on.
    pub ca_cert: Option<String>,
    /// Environment variables to forget.
    pub secrets: Vec<String>,
    /// Whether every request is to be logged.
    pub debug: bool,
}

/// What leaves a run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leaving {
    /// The exit code.
    pub exit_code: u8,
    /// For standard output.
    pub stdout: String,
    /// For standard error.
    pub stderr: String,
    /// Files to write, by path.
    pub files: Vec<(String, String)>,
    /// The report as JSON; nothing where only a text was asked for.
    pub report: Option<String>,
    /// The action's outputs.
    pub outputs: BTreeMap<&'static str, String>,
    /// The action's annotations.
    pub annotations: Vec<Annotation>,
    /// The action's step summary.
    pub summary: String,
}

/// The environment variables that hold secrets.
const SECRET_VARIABLES: [&str; 5] = [
    "HOUSTON_TOKEN",
    "ASTRONOMER_KEY_SECRET",
    "HOUSTON_REGISTRY_PASSWORD",
    "INPUT_TOKEN",
    "INPUT_REGISTRY-PASSWORD",
];

/// Keys of the report whose values are words of this program, and so can hold no secret.
const WORDS: [&str; 4] = ["status", "change", "proof", "code"];

impl Session {
    /// Understands what was handed over.
    #[must_use]
    pub fn open(handover: Handover, files: &impl Files) -> Self {
        let Handover { front, arguments, environment, properties, surroundings } = handover;
        let (command, mut given) = match front {
            Front::CommandLine => Given::from_arguments(&arguments),
            Front::Action => (Command::Deploy, Given::from_action(&environment)),
            Front::Library => (Command::Deploy, Given::from_properties(&properties)),
        };
        given.add_environment(&environment);
        let said = match command {
            Command::Help => Some(render::help_of_program()),
            Command::HelpDeploy => Some(render::help_of_deploy()),
            Command::Version => Some(format!("{}\n", crate::VERSION)),
            Command::Deploy => None,
        };
        let origin = Origin::of(&environment);
        if let Some(text) = said {
            let (outputs, redactor) = (Outputs::default(), Redactor::default());
            return Self {
                front,
                origin,
                outputs,
                redactor,
                warnings: Vec::new(),
                ca_cert: None,
                work: Work::Say(text),
            };
        }
        let read = inputs::read(given, &environment, files, surroundings);
        let work = match read.inputs {
            Ok(inputs) => Work::Deploy(Box::new(inputs)),
            Err(problems) => Work::Refuse(problems),
        };
        Self {
            front,
            origin,
            outputs: read.outputs,
            redactor: read.redactor,
            warnings: read.warnings,
            ca_cert: read.ca_cert,
            work,
        }
    }

    /// What is to be done before the run begins.
    #[must_use]
    pub fn opening(&self) -> Opening {
        Opening {
            masks: if self.front == Front::Action { self.redactor.lines().to_vec() } else { Vec::new() },
            ca_cert: self.ca_cert.clone(),
            secrets: SECRET_VARIABLES.map(str::to_owned).to_vec(),
            debug: self.outputs.debug,
        }
    }

    /// An event as it may be shown, as JSON.
    #[must_use]
    pub fn shown(&self, event: &Event) -> String {
        self.redactor.clean_json(&serde_json::to_string(event).unwrap_or_default(), &WORDS)
    }

    /// Does the work.
    pub async fn run<I: Io>(&self, io: &I) -> Leaving {
        match &self.work {
            Work::Say(text) => Leaving {
                exit_code: 0,
                stdout: text.clone(),
                stderr: String::new(),
                files: Vec::new(),
                report: None,
                outputs: BTreeMap::new(),
                annotations: Vec::new(),
                summary: String::new(),
            },
            Work::Refuse(problems) => {
                let error = Error::InputInvalid { problems: problems.clone() };
                let exit_code = error.exit_code();
                self.leave(&Ended { report: Report::failed(&error, self.warnings.clone()), exit_code })
            }
            Work::Deploy(inputs) => self.leave(&fleet::run(io, inputs, self.warnings.clone()).await),
        }
    }

    /// The faces of the report, each without secrets.
    fn leave(&self, ended: &Ended) -> Leaving {
        let report = &ended.report;
        let clean = |text: &str| self.redactor.clean(text).into_owned();
        let compact = self.redactor.clean_json(&serde_json::to_string(report).unwrap_or_default(), &WORDS);
        let pretty =
            self.redactor.clean_json(&serde_json::to_string_pretty(report).unwrap_or_default(), &WORDS)
                + "\n";
        let summary = clean(&render::summary(report, &self.origin));
        let mut files = Vec::new();
        let mut file = |path: &Option<String>, text: &dyn Fn() -> String| {
            files.extend(path.iter().map(|path| (path.clone(), text())));
        };
        file(&self.outputs.report, &|| pretty.clone());
        file(&self.outputs.summary, &|| summary.clone());
        file(&self.outputs.junit, &|| clean(&render::junit(report)));
        file(&self.outputs.dotenv, &|| clean(&render::dotenv(report)));
        file(&self.outputs.annotations, &|| self.redactor.clean_json(&render::annotations(report), &WORDS));
        let mut outputs: BTreeMap<_, _> =
            render::outputs(report).into_iter().map(|(name, value)| (name, clean(&value))).collect();
        outputs.insert("report", compact.clone());
        let annotations = render::margin(report)
            .into_iter()
            .map(|annotation| Annotation { text: clean(&annotation.text), ..annotation })
            .collect();
        let stdout = match report.status {
            _ if self.outputs.json => pretty,
            Status::Refused if report.results.is_empty() => String::new(),
            _ => clean(&render::result(report)),
        };
        Leaving {
            exit_code: ended.exit_code,
            stdout,
            stderr: clean(&render::blocks(report)),
            files,
            report: Some(compact),
            outputs,
            annotations,
            summary,
        }
    }
}
