//! What good servers say: a Houston of 1.0.0, a registry that holds the image, and Airflows whose schedulers are new
//! ones soon after the start.

use std::time::Duration;

use houston_deploy::io::Response;
use serde_json::{Value, json};

/// The good answer to a request at this time of the run.
pub fn good(url: &str, body: &str, at: Duration) -> Response {
    let second = at.as_secs();
    if url.contains("/v2/acme/") {
        return registry(url);
    }
    if url == "https://houston.astro.example.com/v1" && !body.is_empty() {
        return said(&houston(body));
    }
    let (minute, beat) = (second / 60, second / 5 * 5 % 60);
    let heartbeat = format!("2026-03-01T12:{minute:02}:{beat:02}+00:00");
    let job = |id: u64, running: bool, host: &str| {
        json!({
            "id": id,
            "state": if running { "running" } else { "success" },
            "latest_heartbeat": if running { heartbeat.as_str() } else { "2026-03-01T12:00:10+00:00" },
            "hostname": host,
        })
    };
    if url.ends_with("/api/v2/monitor/health") {
        let part = json!({ "status": "healthy", "latest_scheduler_heartbeat": heartbeat });
        said(&json!({ "metadatabase": part, "scheduler": part, "triggerer": part, "dag_processor": part }))
    } else if url.ends_with("/api/v2/version") {
        said(&json!({ "version": "3.0.0+astro.1" }))
    } else if url.contains("/api/v2/jobs") {
        let mut jobs = vec![job(7, second < 15, "dev-scheduler-7d9f8c6b5d-aaaaa")];
        if second >= 10 {
            jobs.insert(0, job(8, true, "dev-scheduler-5c4b7f9d8e-bbbbb"));
        }
        said(&json!({ "jobs": jobs }))
    } else if url.contains("/token?") {
        said(&json!({ "token": "1ssu3d.1ssu3d-1ssu3d_1ssu3d" }))
    } else {
        Response { status: 404, ..Response::default() }
    }
}

fn said(body: &Value) -> Response {
    Response { status: 200, body: body.to_string().into(), ..Response::default() }
}

fn houston(body: &str) -> Value {
    let body: Value = serde_json::from_str(body).expect("a request's body is JSON");
    let query = body["query"].as_str().expect("a document");
    let release = body["variables"]["releaseName"].as_str().unwrap_or("dev");
    let shown = json!({
        "id": "ck1",
        "releaseName": release,
        "runtimeVersion": "11.3.0",
        "runtimeAirflowVersion": "3.0.0",
        "updatedAt": "t0",
        "deploymentCapabilities": { "canDeploy": true },
    });
    if query.contains("updateDeploymentImage") {
        json!({ "data": { "updateDeploymentImage": shown } })
    } else if query.contains("upsertDeployment") {
        json!({ "data": { "upsertDeployment": shown } })
    } else if query.contains("workspaceDeployments") {
        json!({ "data": { "workspaceDeployments": [shown] } })
    } else if query.contains("deployment(where") {
        json!({ "data": { "deployment": shown } })
    } else if query.contains("runtimeReleases") {
        json!({ "data": { "runtimeReleases": [{ "version": "11.3.0" }] } })
    } else {
        json!({ "data": { "appConfig": { "version": "1.0.0" } } })
    }
}

fn registry(url: &str) -> Response {
    let digest = format!("sha256:{}", "a".repeat(64));
    let body = if url.contains("/blobs/") {
        let labels = json!({ "io.astronomer.docker.runtime.version": "11.3.0" });
        json!({ "os": "linux", "architecture": "amd64", "config": { "Labels": labels } })
    } else {
        json!({ "schemaVersion": 2, "config": { "digest": digest }, "layers": [] })
    };
    Response { digest: Some(digest), ..said(&body) }
}
