//! The whole flow with a watch: what is asked of which server and when, what a run ends with, in words, and how many
//! releases go together. Which looks prove what is tested beside this, without a flow.

mod cancel;
mod endings;
mod looks;
mod many;
mod pace;
mod rows;
mod token;

use std::time::Duration;

use houston_deploy::fleet::Ended;
use houston_deploy::io::Request;
use serde_json::{Value, json};

use crate::airflow::model::{NEW, OLD, Process, jobs, new, old};
use crate::world::{Reply, World, answer, deploy, inputs};

/// What is asked for, as the platform sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Page {
    Version,
    /// The Deployment, by its workspace.
    Read,
    /// The Deployment, by the id that the change gave.
    ReadById,
    Change,
    /// A page of the Airflow.
    Airflow(String),
}

/// One request.
struct Asked {
    page: Page,
    release: String,
    at: Duration,
    authorization: Option<String>,
}

impl Asked {
    fn of(request: &Request, at: Duration) -> Self {
        let body = request
            .body
            .as_ref()
            .map_or(Value::Null, |body| serde_json::from_str(body.on_the_wire()).unwrap());
        let authorization = request.headers.iter().find(|(name, _)| *name == "authorization");
        let authorization = authorization.map(|(_, value)| value.on_the_wire().to_owned());
        let (page, release) =
            page_of(&request.url, body["query"].as_str().unwrap_or_default(), &body["variables"]);
        Self { page, release, at, authorization }
    }

    fn second(&self) -> i64 {
        i64::try_from(self.at.as_secs()).unwrap()
    }

    /// Whether it is for a page of Airflow with this in its path.
    fn is(&self, part: &str) -> bool {
        matches!(&self.page, Page::Airflow(path) if path.contains(part))
    }
}

/// What is asked for, and for which release.
fn page_of(url: &str, query: &str, variables: &Value) -> (Page, String) {
    let named = |name: &str| variables[name].as_str().unwrap_or_default().to_owned();
    if !url.ends_with("/v1") {
        let start =
            ["/api/", "/health"].iter().filter_map(|start| url.find(start)).min().expect("a page of Airflow");
        let release = url.split('/').nth(3).unwrap_or_default();
        return (Page::Airflow(url[start..].to_owned()), release.to_owned());
    }
    if query.starts_with("mutation") {
        (Page::Change, named("releaseName"))
    } else if query.contains("workspaceDeployments") {
        (Page::Read, named("releaseName"))
    } else if query.contains("deployment(where") {
        (Page::ReadById, named("id").replace("id-of-", ""))
    } else {
        (Page::Version, String::new())
    }
}

fn said(body: &Value) -> Reply {
    answer(200, &body.to_string())
}

fn after(milliseconds: u64, reply: Reply) -> Reply {
    match reply {
        Reply::Answer(_, response) => Reply::Answer(Duration::from_millis(milliseconds), response),
        other => other,
    }
}

/// The old scheduler, and the new one that takes its place.
fn rolled() -> Vec<Process> {
    vec![old(7, OLD).ends(25), new(8, NEW, 10)]
}

/// The health of an Airflow whose scheduler is in this state.
fn health(scheduler: &str, second: i64) -> Reply {
    let heartbeat = format!("2026-03-01T12:{:02}:{:02}+00:00", second / 60 % 60, second / 5 * 5 % 60);
    said(&json!({
        "metadatabase": { "status": "healthy" },
        "scheduler": { "status": scheduler, "latest_scheduler_heartbeat": heartbeat },
        "triggerer": { "status": null },
        "dag_processor": { "status": null },
    }))
}

/// A Deployment, as Houston shows it.
fn shown(release: &str, version: &str) -> Value {
    json!({
        "id": format!("id-of-{release}"),
        "releaseName": release,
        "runtimeVersion": version,
        "runtimeAirflowVersion": "3.0.0",
        "updatedAt": "t0",
    })
}

/// A good platform of 1.0.0 whose Deployments all have these schedulers, in Airflow 3.
fn good(asked: &Asked, schedulers: &[Process]) -> Reply {
    let release = asked.release.as_str();
    match &asked.page {
        Page::Version => said(&json!({ "data": { "appConfig": { "version": "1.0.0" } } })),
        Page::Read => said(&json!({ "data": { "workspaceDeployments": [shown(release, "10.0.0")] } })),
        Page::ReadById => said(&json!({ "data": { "deployment": shown(release, "11.3.0") } })),
        Page::Change => said(&json!({ "data": { "updateDeploymentImage": shown(release, "11.3.0") } })),
        Page::Airflow(path) => match path.as_str() {
            "/api/v2/monitor/health" => health("healthy", asked.second()),
            "/api/v2/version" => said(&json!({ "version": "3.0.0+astro.1" })),
            "/api/v2/jobs?job_type=SchedulerJob&order_by=-id&limit=100" => {
                said(&jobs(schedulers, asked.second()))
            }
            path if path.starts_with("/api/v2/jobs?") => said(&jobs(&[], asked.second())),
            _ => answer(404, "{}"),
        },
    }
}

/// A good platform, but for what `other` answers.
fn world(schedulers: Vec<Process>, other: impl Fn(&Asked) -> Option<Reply> + 'static) -> World {
    World::serving(move |request, at| {
        let asked = Asked::of(request, at);
        other(&asked).unwrap_or_else(|| good(&asked, &schedulers))
    })
}

/// Deploys and waits, with these options besides.
#[track_caller]
fn run(world: &World, more: &[&str]) -> Ended {
    let mut options = more.to_vec();
    if !more.contains(&"--wait") {
        options.extend(["--wait", "auto"]);
    }
    if !more.contains(&"--platform-version") && !more.contains(&"--ask") {
        options.extend(["--platform-version", "1.0.0"]);
    }
    options.retain(|option| *option != "--ask");
    deploy(world, &inputs(&options))
}

/// What went out: the page, the release, and when.
fn requests(world: &World) -> Vec<(Page, String, Duration)> {
    let of = |sent: &crate::world::Sent| {
        let (page, release) = page_of(&sent.url, &sent.query, &sent.variables);
        (page, release, sent.at)
    };
    world.sent().iter().map(of).collect()
}

/// When the changes went out.
fn changes(world: &World) -> Vec<Duration> {
    requests(world).into_iter().filter(|(page, ..)| *page == Page::Change).map(|(.., at)| at).collect()
}

/// When this release's Airflow was looked at, the look before the change included: at its health, or at the rows of
/// its schedulers alone.
fn looks(world: &World, of: &str) -> Vec<Duration> {
    let when = |part: &str| -> Vec<Duration> {
        let is_it = |(page, release, _): &(Page, String, Duration)| {
            matches!(page, Page::Airflow(path) if path.contains(part)) && release == of
        };
        requests(world).into_iter().filter(is_it).map(|(.., at)| at).collect()
    };
    let mut times = when("health");
    times.extend(when("=SchedulerJob").iter().filter(|at| !times.contains(at)).copied().collect::<Vec<_>>());
    times.sort_unstable();
    times
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
