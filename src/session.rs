//! One run from what was given to what leaves: the only place that knows both, and the last that text passes. All
//! that leaves has gone through the redactor.

use crate::error::Error;
use crate::event::{Event, Kind};
use crate::fleet::{self, Ended};
use crate::handover::Handover;
use crate::inputs::{self, Command, Files, Front, Given, Read};
use crate::io::Io;
use crate::json::Json;
use crate::render::{self, Annotation, Origin};
use crate::report::{Report, Status};
use crate::text::filled;

/// A run that is ready to begin.
pub struct Session {
    front: Front,
    origin: Origin,
    command: Command,
    read: Read,
}

/// The environment variables that hold secrets, as JSON.
const SECRET_VARIABLES: &str = concat!(
    r#"["HOUSTON_TOKEN","ASTRONOMER_KEY_SECRET","HOUSTON_REGISTRY_PASSWORD","#,
    r#""INPUT_TOKEN","INPUT_REGISTRY-PASSWORD"]"#,
);

impl Session {
    /// Understands what was handed over.
    #[must_use]
    pub fn open(handover: Handover, files: &impl Files) -> Self {
        let Handover { front, arguments, environment, properties, surroundings, check } = handover;
        let mut given = Given::default();
        let command = match front {
            Front::CommandLine => given.take_arguments(&arguments),
            Front::Action => given.take_inputs(&environment),
            Front::Library => {
                given.take_properties(&properties, "call deploy({ release: … })");
                if check { Command::Check } else { Command::Deploy }
            }
        };
        given.add_environment(&environment);
        let command = match command {
            Command::Deploy if !cfg!(feature = "deploy") => Command::Elsewhere("deploy"),
            Command::Check if !cfg!(feature = "check") => Command::Elsewhere("check"),
            known => known,
        };
        let of_form = given.problems.len();
        let mut read = if matches!(command, Command::Say(_) | Command::Elsewhere(_)) {
            Read::default()
        } else {
            inputs::read(given, &environment, files, surroundings)
        };
        // What another command would have needed is not known: its name alone is the problem.
        if let (Command::Unknown, Err(problems)) = (command, &mut read.inputs) {
            problems.truncate(of_form);
        }
        Self { front, origin: Origin::of(&environment), command, read }
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
        json.close(']').optional("caCert", &self.read.ca_cert).key("secrets").raw(SECRET_VARIABLES);
        if let Command::Elsewhere(module) = self.command {
            json.key("module").word(module);
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
        if let Command::Say(text) | Command::Elsewhere(text) = self.command {
            return filled(r#"{"exitCode":0,"say":"{}","stdout":"","stderr":"","files":[]}"#, &[text]);
        }
        let warnings = self.read.warnings.clone();
        let ended = match &self.read.inputs {
            #[cfg(feature = "deploy")]
            Ok(inputs) if self.command == Command::Deploy => fleet::deploy(io, inputs, warnings).await,
            #[cfg(feature = "check")]
            Ok(inputs) if self.command == Command::Check => fleet::check(io, inputs, warnings).await,
            // Nothing else has inputs.
            Ok(_) => return String::new(),
            Err(problems) => {
                let error = Error::InputInvalid { problems: problems.clone() };
                Ended { report: Report::failed(&error, warnings), exit_code: error.exit_code() }
            }
        };
        self.leave(&ended)
    }

    /// The faces of the report that somebody is to see, each without secrets.
    fn leave(&self, Ended { report, exit_code }: &Ended) -> String {
        let (front, Read { outputs, redactor, .. }) = (self.front, &self.read);
        let is_action = front == Front::Action;
        // This one is cleaned value by value, so that it stays JSON whatever the secret is.
        let line = if front != Front::CommandLine || outputs.json || outputs.report.is_some() {
            render::json(report, redactor) + "\n"
        } else {
            String::new()
        };
        let summary = if is_action || outputs.summary.is_some() {
            render::summary(report, &self.origin)
        } else {
            String::new()
        };
        let mut json = Json::cleaned(redactor);
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
            json.open('[').word(path).word(&render::annotations(report, redactor)).close(']');
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
