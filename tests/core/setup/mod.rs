//! `setup`: what is printed for every case, version and form, what is found in today's values, and what bad input gets.
//! The input that a test changes is built here.

use houston_deploy::handover::Handover;
use houston_deploy::inputs::{Environment, Files, Front, Surroundings};
use houston_deploy::setup;
use serde_json::{Map, Value};

use crate::world::WALL;

mod cases;
mod findings;
mod inputs;
mod names;
mod script;
mod yaml;

/// The one file of a test, at `today.yaml`.
struct Today(Option<Vec<u8>>);

impl Files for Today {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        match &self.0 {
            Some(content) if path == "today.yaml" && content.len() > most => {
                Err(format!("has more than {most} bytes"))
            }
            Some(content) if path == "today.yaml" => Ok(content.clone()),
            _ => Err("does not exist".into()),
        }
    }

    fn can_write(&self, path: &str) -> Result<(), String> {
        panic!("nothing is written, and {path} was asked for");
    }
}

/// What left a run.
struct Left {
    code: u64,
    stdout: String,
    stderr: String,
    report: Value,
    say: Option<String>,
}

/// One command line.
#[derive(Clone)]
struct Line {
    front: Front,
    words: Vec<String>,
    environment: Map<String, Value>,
    properties: Value,
    today: Option<Vec<u8>>,
}

fn line(words: &[&str]) -> Line {
    let words = std::iter::once("setup").chain(words.iter().copied()).map(str::to_owned).collect();
    Line { front: Front::CommandLine, words, environment: Map::new(), properties: Value::Null, today: None }
}

/// A good one: standard, one registry.
fn standard() -> Line {
    line(&[
        "--mode",
        "standard",
        "--repository",
        "registry.example.com/acme/airflow",
        "--secret-name",
        "pull",
    ])
}

/// A good one: air-gapped, one registry.
fn airgapped() -> Line {
    line(&[
        "--mode",
        "airgapped",
        "--repository",
        "registry.example.com/acme/airflow",
        "--secret-name",
        "pull",
    ])
}

/// A good one: standard, a registry for each Deployment.
fn for_each() -> Line {
    line(&["--mode=standard", "--per-deployment", "--release", "analytics-dev,etl-1", "--secret-name=pull"])
}

/// A good one: air-gapped, a registry for each Deployment.
fn airgapped_for_each() -> Line {
    line(&[
        "--mode=airgapped",
        "--per-deployment",
        "--release=analytics-dev",
        "--secret-name=pull",
        "--repository=mirror.example.com:5000/airflow",
    ])
}

/// A script's `setup()`.
fn script(properties: Value) -> Line {
    Line { front: Front::Library, properties, ..line(&[]) }
}

impl Line {
    fn with(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|&word| word.to_owned()));
        self
    }

    fn of(self, version: &str) -> Self {
        self.with(&["--platform-version", version])
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    fn today(mut self, values: impl AsRef<[u8]>) -> Self {
        self.today = Some(values.as_ref().to_vec());
        self.with(&["--values-file", "today.yaml"])
    }

    fn run(self) -> Left {
        let handover = Handover {
            front: self.front,
            arguments: self.words,
            environment: Environment::new(
                self.environment
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().expect("text").into()))
                    .collect(),
            ),
            properties: houston_deploy::value::Value::read(self.properties.to_string().as_bytes())
                .expect("JSON"),
            check: false,
            surroundings: Surroundings {
                wall: WALL,
                can_trust: false,
                proxy_ignored: false,
                proxy_invalid: false,
            },
        };
        let left: Value =
            serde_json::from_str(&setup::run(&handover, &Today(self.today))).expect("JSON leaves");
        let text = |name: &str| left[name].as_str().expect(name).to_owned();
        assert_eq!(left["files"], Value::Array(Vec::new()), "nothing is written");
        Left {
            code: left["exitCode"].as_u64().expect("an exit code"),
            stdout: text("stdout"),
            stderr: text("stderr"),
            report: serde_json::from_str(&text("report")).expect("the report is JSON"),
            say: left.get("say").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// What is printed where nothing is wrong, and nothing else is to be said.
    #[track_caller]
    fn prints(self) -> String {
        let left = self.run();
        assert_eq!((left.code, left.stderr.as_str()), (0, ""), "{}", left.stdout);
        left.stdout
    }

    /// The data, where nothing is wrong.
    #[track_caller]
    fn data(self) -> Value {
        let printed = self.with(&["--format", "json"]).prints();
        serde_json::from_str(&printed).expect("JSON is printed")
    }

    /// Exactly these problems, in this order, as `option: message | hint`; and nothing is printed.
    #[track_caller]
    fn gets(self, problems: &[&str]) {
        let left = self.run();
        assert_eq!(told(&left.report["error"]["problems"]), problems);
        assert_eq!(left.code, 2);
        assert_eq!(left.report["status"], "refused");
        assert_eq!(left.report["results"], Value::Array(Vec::new()));
        if left.stdout.is_empty() {
            assert!(left.stderr.starts_with("error[INPUT_INVALID]: "), "{}", left.stderr);
        } else {
            assert_eq!(serde_json::from_str::<Value>(&left.stdout).expect("the report"), left.report);
        }
    }

    /// Exactly these findings, as `level line path message | hint`, in this order.
    #[track_caller]
    fn finds(self, findings: &[&str]) {
        let left = self.run();
        let found = left.report["findings"].as_array().expect("findings").iter().map(|one| {
            let text = |name: &str| one[name].as_str().expect(name);
            let place = format!("{} {} {}", text("level"), one["line"], text("path"));
            format!("{} {} | {}", place.trim_end(), text("message"), text("hint"))
        });
        assert_eq!(found.collect::<Vec<_>>(), findings);
        let errors = findings.iter().filter(|one| one.starts_with("error")).count();
        assert_eq!(left.code, if errors == 0 { 0 } else { 2 });
        assert_eq!(left.stdout.is_empty(), errors > 0, "with an error nothing is printed");
        let blocks = left.stderr.matches("warning[INPUT_INVALID]: values-file: line ").count();
        assert_eq!(blocks, findings.len() - errors, "{}", left.stderr);
    }
}

fn told(problems: &Value) -> Vec<String> {
    let told = problems.as_array().into_iter().flatten().map(|problem| {
        let hint = problem["hint"].as_str().map(|hint| format!(" | {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", problem["option"].as_str().unwrap(), problem["message"].as_str().unwrap())
    });
    told.collect()
}
