//! What users write: a command line, what a wrapper hands over, a file of Helm values. Every file that they name has
//! the input for its content.

use houston_deploy::handover::Handover;
use houston_deploy::inputs::{self, Environment, Files, Front, Given, Surroundings};
use houston_deploy::session::Session;
use houston_deploy::setup::{self, findings, yaml};
use houston_deploy::token::Redactor;
use houston_deploy::value::Value;

use crate::shape::{Shape, is_one_line};
use crate::world::{TOKEN, WALL, World};

/// Files that all hold the same.
pub struct Same<'a>(pub &'a [u8]);

impl Files for Same<'_> {
    fn read(&self, _: &str, most: usize) -> Result<Vec<u8>, String> {
        if self.0.len() > most { Err("is too large".into()) } else { Ok(self.0.to_vec()) }
    }

    fn can_write(&self, path: &str) -> Result<(), String> {
        if path.contains('/') { Err("is in a folder that does not exist".into()) } else { Ok(()) }
    }
}

pub const SURROUNDINGS: Surroundings =
    Surroundings { wall: WALL, can_trust: true, proxy_ignored: false, proxy_invalid: false };

pub fn environment(more: &[(&str, &str)]) -> Environment {
    let token = [("HOUSTON_TOKEN", TOKEN)];
    let variables = token.iter().chain(more).map(|&(name, value)| (name.to_owned(), value.into()));
    Environment::new(variables.collect())
}

/// A word of the command line is a line of the input.
pub fn options(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let words: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut shape = Shape::default();
    let environment = environment(&[]);
    let mut given = Given::default();
    let command = given.take_arguments(&words);
    shape.saw(format!("{command:?}"));
    given.add_environment(&environment);
    let read = inputs::read(given, &environment, &Same(input), SURROUNDINGS);
    match &read.inputs {
        Ok(inputs) => {
            assert!(inputs.releases.len() <= 10_000);
            shape.saw(inputs.releases.len().min(3)).saw(inputs.pull_secret.is_some());
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            for problem in problems {
                is_one_line(&problem.option);
                shape.said(&problem.message);
            }
            // Ten thousand problems have eight faces, each of which is searched: as much work as it takes.
            if input.len() > 64 * 1024 {
                return shape.words();
            }
            // A secret that somebody wrote where it does not belong is not shown.
            let handover = Handover {
                front: Front::CommandLine,
                arguments: words,
                environment: environment.clone(),
                properties: Value::Null,
                check: false,
                surroundings: SURROUNDINGS,
            };
            let world = World::default();
            let left = world.run(Session::open(handover, &Same(input)).run(&world));
            assert!(!left.contains(TOKEN), "the token is in {left}");
            assert_eq!(world.sent.borrow().len(), 0, "a request though the input is wrong");
        }
    }
    for warning in &read.warnings {
        shape.said(&warning.message);
    }
    shape.words()
}

pub fn handover(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut shape = Shape::default();
    for front in [Front::CommandLine, Front::Action, Front::Library] {
        let Ok(handover) = Handover::from_json(&text) else { return "no hand-over".into() };
        let handover = Handover { front, ..handover };
        let printed = setup::run(&handover, &Same(input));
        let printed = as_json(&printed);
        shape.saw(printed["exitCode"].as_u64().expect("an exit code"));
        for line in printed["stderr"].as_str().expect("a text").lines().take(4) {
            shape.said(line);
        }
        let session = Session::open(handover, &Same(input));
        let opening = as_json(&session.opening());
        shape.saw(opening["masks"].as_array().expect("a list").len()).saw(opening["caCert"].is_string());
    }
    shape.words()
}

/// Text that left the program as JSON is JSON.
pub fn as_json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

pub fn values_file(input: &[u8]) -> String {
    let mut shape = Shape::default();
    let text = String::from_utf8_lossy(input);
    if let Err(fault) = yaml::read(&text) {
        assert!(
            fault.line >= 1 && fault.line <= text.split(['\n', '\r']).count() + 1,
            "a line that is there"
        );
        shape.said(&fault.message);
    }
    let cases: [&[&str]; 3] = [
        &["--mode=standard", "--repository=registry.example.com/acme/airflow", "--platform-version=1.0.1"],
        &["--mode=airgapped", "--repository=registry.example.com/acme/airflow"],
        &["--mode=standard", "--per-deployment", "--release=dev", "--platform-version=2.0.0"],
    ];
    for case in cases {
        let words = ["setup", "--secret-name=pull"].iter().chain(case);
        let words: Vec<String> = words.map(|&word| word.to_owned()).collect();
        let properties = Value::Null;
        let read = inputs::read_setup(Front::CommandLine, &words, &properties, &environment(&[]), &Same(b""));
        let asked = read.asked.expect("good options");
        let settings = setup::values::settings(&asked);
        let redactor = Redactor::default();
        redactor.add_text(TOKEN);
        let found = findings::find(&text, &asked, &settings, &redactor);
        assert!(found.len() <= 100, "{} findings", found.len());
        for finding in found {
            is_one_line(&finding.path);
            let all = [finding.path.as_str(), &finding.message, &finding.hint].concat();
            assert!(!all.contains(TOKEN), "the token is in a finding");
            shape.saw(finding.level.as_str()).said(&finding.message);
        }
    }
    shape.words()
}
