//! Inputs: what each of the four ways of giving an option comes to, and what every bad input gets: all of its
//! problems at once, each with its option's name and the exact words. Nothing here is sent anywhere. The input that a
//! test changes is built here.

use houston_deploy::error::Problem;
use houston_deploy::inputs::{self, Command, Environment, Files, Given, Inputs, Read, Surroundings};
use houston_deploy::release::ReleaseName;
use serde_json::{Value, json};

use crate::world::{TOKEN, USUAL, WALL};

mod command_line;
mod environment;
mod files;
mod javascript;
mod look_and_watch;
mod options;
mod problems;
mod releases;
mod secrets;
mod token;

/// Files by path. A path under `nowhere/` cannot be written.
struct Disk(Vec<(String, Vec<u8>)>);

impl Files for Disk {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        match self.0.iter().find(|(known, _)| known == path) {
            Some((_, content)) if content.len() > most => Err("is too large".into()),
            Some((_, content)) => Ok(content.clone()),
            None => Err("does not exist".into()),
        }
    }

    fn can_write(&self, path: &str) -> Result<(), String> {
        if path.starts_with("nowhere/") { Err("is in a folder that does not exist".into()) } else { Ok(()) }
    }
}

fn variables(variables: &[(&str, &str)]) -> Environment {
    Environment::new(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

/// One input that is good but for what a test changes in it.
struct Case {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    disk: Disk,
    surroundings: Surroundings,
}

/// The usual command line, with the token in the environment.
fn usual() -> Case {
    Case {
        arguments: USUAL.concat().into_iter().map(str::to_owned).collect(),
        environment: vec![("HOUSTON_TOKEN".into(), TOKEN.into())],
        disk: Disk(Vec::new()),
        surroundings: Surroundings {
            wall: WALL,
            can_trust: true,
            proxy_ignored: false,
            proxy_invalid: false,
        },
    }
}

impl Case {
    /// More arguments, behind the others.
    fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Without an option of the usual ones.
    #[track_caller]
    fn without(mut self, option: &str) -> Self {
        let place = self.arguments.iter().position(|argument| argument == option).expect("a usual option");
        self.arguments.drain(place..place + 2);
        self
    }

    /// With another value for an option of the usual ones.
    #[track_caller]
    fn but(self, option: &str, value: &str) -> Self {
        self.without(option).with(&[option, value])
    }

    /// A variable, which replaces one of the same name.
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
        self
    }

    fn without_token(mut self) -> Self {
        self.environment.retain(|(name, _)| name != "HOUSTON_TOKEN");
        self
    }

    fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.disk.0.push((path.into(), content.as_ref().to_vec()));
        self
    }

    fn read(&self) -> Read {
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let arguments: Vec<_> = std::iter::once("deploy".to_owned()).chain(self.arguments.clone()).collect();
        let mut given = Given::default();
        let command = given.take_arguments(&arguments);
        assert_eq!(command, Command::Deploy);
        finish(given, &variables(&environment), self)
    }

    /// The inputs, which must be good.
    #[track_caller]
    fn good(&self) -> Inputs {
        good(self.read())
    }

    /// Exactly these problems, in this order, each as `told` has it.
    #[track_caller]
    fn gets(&self, problems: &[&str]) {
        gets(self.read(), problems);
    }

    /// Exactly these warnings, and good input.
    #[track_caller]
    fn warns(&self, warnings: &[&str]) {
        let read = self.read();
        let told: Vec<_> = read
            .warnings
            .iter()
            .map(|warning| {
                let hint = warning.hint.as_deref().map(|hint| format!(" | {hint}")).unwrap_or_default();
                format!("{}: {}{hint}", warning.code.as_str(), warning.message)
            })
            .collect();
        good(read);
        assert_eq!(told, warnings);
    }
}

fn finish(mut given: Given, environment: &Environment, case: &Case) -> Read {
    given.add_environment(environment);
    inputs::read(given, environment, &case.disk, case.surroundings)
}

/// Inputs of the action, beside the usual ones.
fn action(more: &[(&str, &str)]) -> Read {
    let mut all: Vec<(String, &str)> = USUAL
        .iter()
        .map(|[option, value]| (format!("INPUT_{}", option.trim_start_matches('-').to_uppercase()), *value))
        .collect();
    all.push(("INPUT_TOKEN".into(), TOKEN));
    for (name, value) in more {
        all.retain(|(known, _)| known != name);
        all.push(((*name).into(), value));
    }
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let environment = variables(&all);
    let mut given = Given::default();
    given.take_inputs(&environment);
    finish(given, &environment, &usual())
}

/// The value as a wrapper hands it over.
fn read(value: &Value) -> houston_deploy::value::Value {
    houston_deploy::value::Value::read(value.to_string().as_bytes()).expect("JSON")
}

/// Properties of JavaScript's `deploy()`, beside the usual ones.
#[track_caller]
fn script(more: Value) -> Read {
    let mut all = json!({
        "baseDomain": "astro.example.com", "release": "dev", "image": "registry.example.com/acme/airflow:1.4.2",
        "runtimeVersion": "11.3.0", "preflight": "off", "wait": "off", "token": TOKEN,
    });
    let Value::Object(more) = more else { panic!("properties are an object") };
    all.as_object_mut().expect("an object").extend(more);
    let mut given = Given::default();
    given.take_properties(&read(&all), "call deploy({ release: … })");
    finish(given, &Environment::default(), &usual())
}

#[track_caller]
fn good(read: Read) -> Inputs {
    *read.inputs.unwrap_or_else(|problems| panic!("{:#?}", told(&problems)))
}

#[track_caller]
fn gets(read: Read, problems: &[&str]) {
    assert_eq!(told(&read.inputs.expect_err("bad input")), problems);
}

/// `option: message | hint`.
fn told(problems: &[Problem]) -> Vec<String> {
    let told = problems.iter().map(|problem| {
        let hint = problem.hint.as_deref().map(|hint| format!(" | {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", problem.option, problem.message)
    });
    told.collect()
}

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.releases.iter().map(ReleaseName::as_str).collect()
}
