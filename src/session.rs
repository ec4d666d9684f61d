//! One run from what was given to what leaves: the only place that knows both, and the last that text passes. All
//! that leaves has gone through the redactor.

use std::time::Duration;

use crate::error::Error;
use crate::event::{Event, Kind};
use crate::fleet::{self, Ended};
use crate::inputs::{self, Command, Environment, Files, Front, Given, Read, Surroundings};
use crate::io::Io;
use crate::json::Json;
use crate::render::{self, Annotation, Origin};
use crate::report::{Report, Status};
use crate::text::filled;
use crate::value::Value;

/// What a wrapper hands over, as JSON.
pub struct Handover {
    /// Who it is.
    pub front: Front,
    /// The arguments behind the program's name.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Environment,
    /// The properties, from a script.
    pub properties: Value,
    /// Whether a script only wants everything looked at.
    pub check: bool,
    /// What the surroundings say about themselves.
    pub surroundings: Surroundings,
}

impl Handover {
    /// Reads `{"front", "arguments", "environment", "properties", "check", "wall" (ms since the Unix epoch),
    /// "canTrust", "proxyIgnored", "proxyInvalid"}`.
    ///
    /// # Errors
    /// A wrapper that does not keep to this.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let fault = |detail: &str| Error::Internal { detail: detail.to_owned() };
        let mut value =
            Value::read(json.as_bytes()).map_err(|_| fault("the wrapper's hand-over is no JSON"))?;
        let front = match value.get("front").and_then(Value::as_str) {
            Some("command-line") => Front::CommandLine,
            Some("action") => Front::Action,
            Some("library") => Front::Library,
            _ => return Err(fault("the wrapper does not say which one it is")),
        };
        let environment = match value.take("environment") {
            Some(Value::Object(variables)) => Environment::new(variables),
            _ => Environment::default(),
        };
        let properties = value.take("properties").unwrap_or_default();
        let mut arguments = Vec::new();
        for argument in value.get("arguments").and_then(Value::as_array).unwrap_or_default() {
            if let Some(text) = argument.as_str() {
                arguments.push(text.to_owned());
            }
        }
        let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or_default();
        Ok(Self {
            front,
            arguments,
            environment,
            surroundings: Surroundings {
                wall: Duration::from_millis(value.get("wall").and_then(Value::as_u64).unwrap_or_default()),
                can_trust: flag("canTrust"),
                proxy_ignored: flag("proxyIgnored"),
                proxy_invalid: flag("proxyInvalid"),
            },
            check: flag("check"),
            properties,
        })
    }
}

/// A run that is ready to begin.
pub struct Session {
    front: Front,
    origin: Origin,
    /// The text that is asked for: the help of the `program` or of a command, or the `version`. That of `setup` stands
    /// for the command itself, too, which another module does: the wrapper is told so before it comes to the text.
    said: Option<&'static str>,
    /// Whether everything is only looked at.
    check: bool,
    read: Read,
}

/// The environment variables that hold secrets.
const SECRET_VARIABLES: [&str; 5] = [
    "HOUSTON_TOKEN",
    "ASTRONOMER_KEY_SECRET",
    "HOUSTON_REGISTRY_PASSWORD",
    "INPUT_TOKEN",
    "INPUT_REGISTRY-PASSWORD",
];

impl Session {
    /// Understands what was handed over.
    #[must_use]
    pub fn open(handover: Handover, files: &impl Files) -> Self {
        let Handover { front, arguments, environment, properties, surroundings, check } = handover;
        let (command, mut given) = match front {
            Front::CommandLine => Given::from_arguments(&arguments),
            Front::Action => Given::from_action(&environment),
            Front::Library => {
                (if check { Command::Check } else { Command::Deploy }, Given::from_properties(&properties))
            }
        };
        given.add_environment(&environment);
        let said = match command {
            Command::Help => Some("program"),
            Command::HelpDeploy => Some("deploy"),
            Command::Setup => Some("setup"),
            Command::Version => Some("version"),
            Command::HelpCheck => Some("check"),
            Command::Deploy | Command::Check | Command::Unknown => None,
        };
        let origin = Origin::of(&environment);
        let of_form = given.problems.len();
        let mut read = match said {
            Some(_) => Read::default(),
            None => inputs::read(given, &environment, files, surroundings),
        };
        // What another command would have needed is not known: its name alone is the problem.
        if let (Command::Unknown, Err(problems)) = (command, &mut read.inputs) {
            problems.truncate(of_form);
        }
        Self { front, origin, said, check: command == Command::Check, read }
    }

    /// What is to be done before the run begins, as JSON: `masks` (what the runner is to hide from now on), `caCert`
    /// (PEM text to trust from now on), `secrets` (environment variables to forget), `debug`, and `module`, where
    /// another one is to be opened with the same hand-over in the place of this one.
    #[must_use]
    pub fn opening(&self) -> String {
        let mut json = Json::default();
        json.open('{').key("masks").open('[');
        if self.front == Front::Action {
            for line in self.read.redactor.lines().iter() {
                json.string(line);
            }
        }
        json.close(']').optional("caCert", &self.read.ca_cert).key("secrets").open('[');
        for name in SECRET_VARIABLES {
            json.word(name);
        }
        json.close(']');
        if self.said == Some("setup") {
            json.key("module").word("setup");
        }
        json.close('}');
        json.into_text()
    }

    /// Whether anybody is to hear of an event: the command line shows requests only where it is asked to, and of many
    /// releases each looked at again and again they are most of what there is to tell.
    #[must_use]
    pub fn is_heard(&self, event: &Event) -> bool {
        event.kind != Kind::Request || self.read.outputs.debug || self.front != Front::CommandLine
    }

    /// An event as it may be shown, as JSON.
    #[must_use]
    pub fn shown(&self, event: &Event) -> String {
        let mut json = Json::cleaned(&self.read.redactor);
        json.open('{').key("type").word(event.kind.as_str());
        json.optional("release", &event.release).field("message", &event.message);
        json.number("milliseconds", event.milliseconds);
        if let Some(warning) = &event.warning {
            render::json_failure(json.key("warning"), Some(warning));
        }
        json.close('}');
        json.into_text()
    }

    /// Does the work. What leaves is JSON: `exitCode`, `stdout`, `stderr`, `files` (pairs of path and text), `say` (the
    /// name of a text of `pkg/wasm/help.json`, or of a file of its own), for a script `report` (JSON as text), and for the
    /// action `outputs`, `annotations` and `summary`.
    pub async fn run<I: Io>(&self, io: &I) -> String {
        if let Some(text) = self.said {
            return filled(r#"{"exitCode":0,"say":"{}","stdout":"","stderr":"","files":[]}"#, &[text]);
        }
        let warnings = self.read.warnings.clone();
        let ended = match &self.read.inputs {
            Ok(inputs) => fleet::run(io, inputs, self.check, warnings).await,
            Err(problems) => {
                let error = Error::InputInvalid { problems: problems.clone() };
                Ended { report: Report::failed(&error, warnings), exit_code: error.exit_code() }
            }
        };
        self.leave(&ended)
    }

    /// The faces of the report that somebody is to see, each without secrets.
    fn leave(&self, Ended { report, exit_code }: &Ended) -> String {
        let (front, outputs) = (self.front, &self.read.outputs);
        let is_action = front == Front::Action;
        // This one is cleaned value by value, so that it stays JSON whatever the secret is.
        let line = if front != Front::CommandLine || outputs.json || outputs.report.is_some() {
            render::json(report, &self.read.redactor) + "\n"
        } else {
            String::new()
        };
        let summary = if is_action || outputs.summary.is_some() {
            render::summary(report, &self.origin)
        } else {
            String::new()
        };
        let mut json = Json::cleaned(&self.read.redactor);
        json.open('{')
            .number("exitCode", u64::from(*exit_code))
            .field("stderr", &render::blocks(report))
            .key("stdout");
        if outputs.json {
            json.word(&line);
        } else if report.status == Status::Refused && report.results.is_empty() {
            json.word("");
        } else {
            json.string(&render::result(report));
        }

        json.key("files").open('[');
        if let Some(path) = &outputs.report {
            json.open('[').word(path).word(&line).close(']');
        }
        if let Some(path) = &outputs.summary {
            json.open('[').word(path).string(&summary).close(']');
        }
        if let Some(path) = &outputs.junit {
            json.open('[').word(path).string(&render::junit(report)).close(']');
        }
        if let Some(path) = &outputs.dotenv {
            json.open('[').word(path).string(&render::dotenv(report)).close(']');
        }
        if let Some(path) = &outputs.annotations {
            json.open('[').word(path).word(&render::annotations(report, &self.read.redactor)).close(']');
        }
        json.close(']');
        if front == Front::Library {
            json.key("report").word(line.trim_end());
        }
        if is_action {
            json.key("outputs").open('{');
            for (name, value) in &render::outputs(report) {
                json.field(name, value);
            }
            json.key("report").word(line.trim_end()).close('}').field("summary", &summary);
            json.key("annotations").open('[');
            for Annotation { level, title, text } in &render::margin(report) {
                json.open('{')
                    .key("level")
                    .word(level)
                    .key("title")
                    .word(title.as_str())
                    .field("text", text)
                    .close('}');
            }
            json.close(']');
        }
        json.close('}');
        json.into_text()
    }
}
