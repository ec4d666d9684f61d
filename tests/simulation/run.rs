//! One schedule from its seed to the verdict, and the search for the fewest faults that bring the same verdict about.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use houston_deploy::fleet;
use houston_deploy::handover::Handover;
use houston_deploy::inputs::{self, Environment, Files, Front, Given, Surroundings};
use houston_deploy::render;
use houston_deploy::session::Session;
use houston_deploy::token::Redactor;
use serde_json::Value;

use crate::fault::Fault;
use crate::houston::release_name;
use crate::judge::Judge;
use crate::registry::{ISSUED, USER, basic};
use crate::setting::Setting;
use crate::tally::Tally;
use crate::world::{IMAGE, PASSWORD, PULL, TOKEN, WALL, World};

/// A schedule.
pub struct Schedule {
    pub seed: u64,
    pub setting: Setting,
    pub faults: Vec<Fault>,
}

/// Files: a pull secret, and nothing else.
struct Shelf;

impl Files for Shelf {
    fn read(&self, path: &str, _: usize) -> Result<Vec<u8>, String> {
        match path {
            "pull.json" => Ok(format!(
                r#"{{"auths":{{"registry.example.com":{{"username":"puller","password":"{PULL}"}}}}}}"#
            )
            .into_bytes()),
            _ => Err("does not exist".into()),
        }
    }

    fn can_write(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

fn arguments(setting: &Setting) -> Vec<String> {
    let releases: Vec<String> = (0..setting.releases).map(release_name).collect();
    let milliseconds = |duration: Duration| format!("{}ms", duration.as_millis());
    let mut options = vec![
        ("base-domain", "astro.example.com".to_owned()),
        ("release", releases.join(",")),
        ("image", IMAGE.to_owned()),
        ("preflight", setting.preflight.to_owned()),
        ("wait", setting.wait.to_owned()),
        ("attempts", setting.attempts.to_string()),
        ("concurrency", setting.concurrency.to_string()),
        ("timeout", milliseconds(setting.timeout)),
        ("request-timeout", milliseconds(setting.request_timeout)),
        ("poll-interval", milliseconds(setting.poll_interval)),
        ("stable-for", milliseconds(setting.stable_for)),
    ];
    match setting.version_option {
        Some("airflow-version") => options.push(("airflow-version", setting.image.1.to_owned())),
        Some(_) => options.push(("runtime-version", setting.image.0.to_owned())),
        None => {}
    }
    let mut given = |is_given: bool, name, value: &str| {
        if is_given {
            options.push((name, value.to_owned()));
        }
    };
    given(setting.workspace, "workspace", "ws1");
    given(setting.platform_told, "platform-version", setting.platform);
    given(setting.pull_secret, "dockerconfigjson-file", "pull.json");
    given(setting.credentials, "registry-username", USER);
    let mut arguments = vec!["deploy".to_owned()];
    for (name, value) in options {
        arguments.extend([format!("--{name}"), value]);
    }
    for (flag, is_given) in
        [("--unchanged-ok", setting.unchanged_ok), ("--fail-fast", setting.fail_fast), ("--pin", setting.pin)]
    {
        if is_given {
            arguments.push(flag.to_owned());
        }
    }
    arguments
}

fn environment(setting: &Setting) -> Environment {
    let password = setting.credentials.then_some(("HOUSTON_REGISTRY_PASSWORD", PASSWORD));
    let variables = [("HOUSTON_TOKEN", TOKEN)].into_iter().chain(password);
    Environment::new(variables.map(|(name, value)| (name.to_owned(), value.into())).collect())
}

const SURROUNDINGS: Surroundings =
    Surroundings { wall: WALL, can_trust: true, proxy_ignored: false, proxy_invalid: false };

impl Schedule {
    /// The schedule of a seed.
    pub fn of(seed: u64) -> Self {
        let setting = Setting::draw(seed);
        let faults = Fault::draw(seed, &setting);
        Self { seed, setting, faults }
    }

    /// Runs it; what was broken, if anything was.
    pub fn run(&self, tally: &mut Tally) -> Option<String> {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let mut own = Tally { schedules: 1, ..Tally::default() };
            let verdict = self.outcome(&mut own);
            (verdict, own)
        }));
        match caught {
            Ok((verdict, own)) => {
                tally.add(own);
                verdict.err()
            }
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
                Some(format!("a panic: {}", words.unwrap_or_default()))
            }
        }
    }

    fn outcome(&self, tally: &mut Tally) -> Result<(), String> {
        let world = World::new(self.seed, &self.setting, &self.faults);
        if self.setting.wrong_input {
            return self.refused(&world, tally);
        }
        let environment = environment(&self.setting);
        let mut given = Given::default();
        given.take_arguments(&arguments(&self.setting));
        given.add_environment(&environment);
        let read = inputs::read(given, &environment, &Shelf, SURROUNDINGS);
        let inputs = read.inputs.map_err(|problems| format!("the input is not good: {problems:?}"))?;
        let ended = world.run(fleet::deploy(&world, &inputs, read.warnings))?;
        let over = world.state.borrow().now;
        let cancelled = world.cancelled.get();
        world.drain();
        let state = world.state.borrow();
        let judge =
            Judge { world: &world, state: &state, faults: &self.faults, ended: &ended, over, cancelled };
        judge.judge(tally)?;
        said(&ended, &read.redactor, self.setting.releases)?;
        if let Some(event) = state.told.iter().find(|event| has_secret(&event.message)) {
            return Err(format!("7: a secret was told: {}", event.message));
        }
        *tally.exits.entry(ended.exit_code).or_default() += 1;
        tally.requests += state.sent.len() as u64;
        for result in &ended.report.results {
            if let Some(error) = &result.error {
                *tally.codes.entry(error.code.as_str()).or_default() += 1;
            } else if let Some(proof) = result.proof {
                *tally.proofs.entry(proof.as_str()).or_default() += 1;
            }
        }
        for (fault, happened) in self.faults.iter().zip(&state.happened) {
            if *happened {
                *tally.faults.entry(fault.name()).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Wrong input: exit code 2, and nothing is sent.
    fn refused(&self, world: &World<'_>, tally: &mut Tally) -> Result<(), String> {
        let mut arguments = arguments(&self.setting);
        arguments.extend(["--attempts".to_owned(), "none".to_owned()]);
        let handover = Handover {
            front: Front::CommandLine,
            arguments,
            environment: environment(&self.setting),
            properties: houston_deploy::value::Value::Null,
            check: false,
            surroundings: SURROUNDINGS,
        };
        let left = world.run(Session::open(handover, &Shelf).run(world))?;
        let left: Value = serde_json::from_str(&left).map_err(|error| error.to_string())?;
        *tally.exits.entry(2).or_default() += 1;
        match (left["exitCode"].as_u64(), world.state.borrow().sent.len()) {
            (Some(2), 0) => Ok(()),
            other => Err(format!("2: wrong input ended with (exit code, sends) {other:?}")),
        }
    }

    /// The same with the fewest faults that still bring the same invariant down.
    pub fn shrunk(&self, words: &str) -> Self {
        let number = |words: &str| words.split(':').next().unwrap_or_default().to_owned();
        let mut least = Self { seed: self.seed, setting: self.setting.clone(), faults: self.faults.clone() };
        let mut place = 0;
        while place < least.faults.len() {
            let mut fewer = least.faults.clone();
            fewer.remove(place);
            let tried = Self { seed: self.seed, setting: self.setting.clone(), faults: fewer };
            match tried.run(&mut Tally::default()) {
                // One that was needed may not be once another is gone.
                Some(found) if number(&found) == number(words) => (least, place) = (tried, 0),
                _ => place += 1,
            }
        }
        least
    }
}

fn has_secret(text: &str) -> bool {
    [TOKEN, PASSWORD, ISSUED, PULL].iter().any(|secret| text.contains(secret)) || text.contains(&basic()[6..])
}

/// 7 and 8: what is said of the run, in every face of the report.
fn said(ended: &fleet::Ended, redactor: &Redactor, releases: usize) -> Result<(), String> {
    let report = &ended.report;
    let json = render::json(report, redactor);
    let mut all = json.clone();
    all += &render::result(report);
    all += &render::blocks(report);
    all += &render::summary(report, &render::Origin::default());
    all += &render::junit(report);
    let dotenv = render::dotenv(report);
    all += &dotenv;
    all += &render::annotations(report, redactor);
    if has_secret(&all) {
        return Err("7: a secret is in the report".into());
    }
    let value: Value =
        serde_json::from_str(&json).map_err(|error| format!("8: the report is no JSON: {error}"))?;
    let results = value["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = results.iter().filter_map(|result| result["release"].as_str()).collect();
    if names != (0..releases).map(release_name).collect::<Vec<_>>() {
        return Err(format!("8: results of {names:?}"));
    }
    let worst = report.results.iter().map(|result| result.exit_code).max().unwrap_or(0);
    let status = report.results.iter().map(|result| result.status).max().unwrap();
    let code = value["error"]["code"].as_str();
    let of_worst = report.results.iter().filter(|result| result.exit_code == worst);
    let codes: Vec<_> =
        of_worst.map(|result| result.error.as_ref().map(|error| error.code.as_str())).collect();
    let agree = ended.exit_code == worst
        && report.status == status
        && value["status"] == status.as_str()
        && codes.contains(&code)
        && dotenv.contains(&format!("HOUSTON_STATUS={}\n", status.as_str()))
        && dotenv.contains(&format!("HOUSTON_VERIFIED={}\n", report.verified()))
        && results.iter().zip(&report.results).all(|(shown, result)| {
            shown["change"] == result.change.as_str()
                && shown["verified"] == result.verified
                && shown["error"].is_null() == (result.exit_code == 0)
        });
    if agree {
        Ok(())
    } else {
        Err(format!("8: exit code {}, report and outputs do not agree", ended.exit_code))
    }
}
