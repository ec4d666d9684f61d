//! `check`, as the whole of a run: a line for each thing that a deploy would look at, nothing changed on any path, and
//! the codes that a deploy would have ended with. The platform, the registry and the Airflows answer by request.

mod asked;
mod faces;
mod houston;
mod release;
mod shared;

use std::cell::RefCell;
use std::rc::Rc;

use houston_deploy::fleet::Ended;
use houston_deploy::inputs::Inputs;
use houston_deploy::io::Request;
use houston_deploy::report::{Check, Report};
use serde_json::{Value, json};

use crate::airflow::model::{OLD, jobs, old};
use crate::registry::given::{BASE, Image, named, sha256, tag};
use crate::world::{Reply, World, answer, check, inputs};

/// What every check has, unless it says otherwise.
const USUAL: [[&str; 2]; 3] = [["--preflight", "auto"], ["--wait", "auto"], ["--workspace", "ws1"]];

/// The options of a check that looks at everything, with these instead or besides.
#[track_caller]
fn options(more: &[&str]) -> Inputs {
    let mut all: Vec<&str> = more.to_vec();
    for [name, value] in USUAL {
        if !more.contains(&name) {
            all.extend([name, value]);
        }
    }
    inputs(&all)
}

/// The same without `workspace`.
#[track_caller]
fn without_workspace(more: &[&str]) -> Inputs {
    Inputs { workspace: None, ..options(more) }
}

/// What is asked for: the operation and the release for Houston, method and address for everybody else.
fn asked(request: &Request) -> (String, String) {
    let body = request.body.as_ref().map_or("", |body| body.on_the_wire());
    if !request.url.ends_with("/v1") {
        assert!(["GET", "HEAD"].contains(&request.method), "{} {}", request.method, request.url);
        return (format!("{} {}", request.method, request.url), String::new());
    }
    let body: Value = serde_json::from_str(body).expect("JSON");
    let words = body["query"].as_str().expect("a query");
    let operation = words.split([' ', '(']).nth(1).expect("a name").to_owned();
    (operation, body["variables"]["releaseName"].as_str().unwrap_or_default().to_owned())
}

fn said(body: &Value) -> Reply {
    answer(200, &body.to_string())
}

/// The Deployment as Houston shows it, with these fields instead or besides.
fn deployment(release: &str, more: &[(&str, Value)]) -> Reply {
    let mut shown = json!({
        "id": "ck1",
        "releaseName": release,
        "runtimeVersion": "10.0.0",
        "updatedAt": "2026-11-22T10:00:00Z",
        "deploymentCapabilities": { "canDeploy": true },
    });
    for (name, value) in more {
        shown[*name] = value.clone();
    }
    said(&json!({ "data": { "workspaceDeployments": [shown] } }))
}

/// An answer to `field` that is an error of this code.
fn failed(field: &str, code: &str, message: &str) -> Reply {
    let error = json!({ "message": message, "path": [field], "extensions": { "code": code } });
    said(&json!({ "data": null, "errors": [error] }))
}

fn forbidden(field: &str) -> Reply {
    failed(field, "FORBIDDEN", "You do not have the appropriate permissions for that")
}

fn health(scheduler: &str) -> Reply {
    said(&json!({
        "metadatabase": { "status": "healthy" },
        "scheduler": { "status": scheduler, "latest_scheduler_heartbeat": "2026-03-01T12:00:00+00:00" },
    }))
}

/// A platform on which everything is ready.
fn ready(what: &str, release: &str) -> Reply {
    let image = Image::usual();
    match what {
        "AppConfig" => said(&json!({ "data": { "appConfig": { "version": "0.34.1" } } })),
        "RuntimeReleases" => {
            said(&json!({ "data": { "runtimeReleases": [{ "version": "11.3.0" }, { "version": "3.0-1" }] } }))
        }
        "DeploymentConfig" => {
            said(&json!({ "data": { "deploymentConfig": { "airflowVersions": ["2.9.1"] } } }))
        }
        "WorkspaceDeployments" => deployment(release, &[]),
        what if what == tag("HEAD") => named(&image.digest()),
        what if what == format!("GET {BASE}manifests/{}", image.digest()) => answer(200, &image.manifest),
        what if what == format!("GET {BASE}blobs/{}", sha256(&image.config)) => answer(200, &image.config),
        what if what.ends_with("/airflow/api/v2/monitor/health") => health("healthy"),
        what if what.ends_with("/airflow/api/v2/version") => said(&json!({ "version": "2.9.1+astro.4" })),
        what if what.contains("job_type=SchedulerJob") => said(&jobs(&[old(7, OLD)], 0)),
        what if what.contains("/airflow/api/v2/jobs?") => said(&jobs(&[], 0)),
        what => panic!("nothing of the kind was to be asked: {what}"),
    }
}

/// Everything is ready, but for what `other` answers to what is asked for, and for which release.
fn world(other: impl Fn(&str, &str) -> Option<Reply> + 'static) -> World {
    World::serving(move |request, _| {
        let (what, release) = asked(request);
        other(&what, &release).unwrap_or_else(|| ready(&what, &release))
    })
}

/// Everything is ready, and this is the answer to every `operation`.
fn but(operation: &'static str, reply: Reply) -> World {
    world(move |what, _| (what == operation).then(|| reply.clone()))
}

/// What was asked for, in order.
type Noted = Rc<RefCell<Vec<String>>>;

/// Everything is ready, and what was asked for is noted.
fn noting() -> (World, Noted) {
    let noted = Noted::default();
    let within = Rc::clone(&noted);
    let world = World::serving(move |request, _| {
        let (what, release) = asked(request);
        within.borrow_mut().push(what.clone());
        ready(&what, &release)
    });
    (world, noted)
}

/// Without the request's id.
fn plain(text: &str) -> &str {
    text.split(" (request ").next().unwrap_or(text)
}

/// `verdict what: message`, or `verdict what CODE: message`.
fn line(check: &Check) -> String {
    let code = check.failure.as_ref().map_or(String::new(), |failure| format!(" {}", failure.code.as_str()));
    format!("{} {}{code}: {}", check.verdict.as_str(), check.what, plain(&check.message))
}

/// The lines for all releases, and those of each.
fn lines(report: &Report) -> Vec<String> {
    report.checks.iter().chain(report.results.iter().flat_map(|result| &result.checks)).map(line).collect()
}

/// The only line about this.
#[track_caller]
fn of(ended: &Ended, what: &str) -> String {
    let about = format!(" {what}");
    let is_about = |line: &String| line.split(':').next().is_some_and(|head| head.contains(&about));
    let found: Vec<_> = lines(&ended.report).into_iter().filter(is_about).collect();
    let [only] = found.as_slice() else { panic!("not one line about {what}: {found:?}") };
    only.clone()
}

/// `<exit code> <code>` of what it ended with.
fn end(ended: &Ended) -> String {
    match &ended.report.error {
        Some(error) => format!("{} {}", ended.exit_code, error.code.as_str()),
        None => ended.exit_code.to_string(),
    }
}

/// `CODE: message | hint` of each warning, each of which was told while it went on, too.
#[track_caller]
fn warnings(world: &World, ended: &Ended) -> Vec<String> {
    for warning in &ended.report.warnings {
        assert!(world.told().contains(&warning.message), "not told: {}", warning.message);
    }
    let warning = |one: &houston_deploy::report::Warning| {
        format!("{}: {} | {}", one.code.as_str(), plain(&one.message), one.hint.as_deref().unwrap_or("-"))
    };
    ended.report.warnings.iter().map(warning).collect()
}
