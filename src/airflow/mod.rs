//! Airflow as it shows itself from outside: health, version, and who runs in it. Reading alone; what a row of looks
//! proves is decided in `proof.rs`.
//!
//! Source: Airflow's own answers of 2.10 and 3.3, and its documentation of `/health` and of the stable API.

mod before;
mod look;
mod proof;

pub use before::Before;
pub use look::{Look, Looker, Rows, Seen};
pub use proof::{Progress, Proving};

use crate::value::Value;

use crate::date;
use crate::text::{decimal, filled, parts};

/// The two kinds of Airflow, which have no path in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Airflow 2.
    Two,
    /// Airflow 3.
    Three,
}

impl Line {
    /// The line of an Airflow version.
    #[must_use]
    pub fn of(version: &str) -> Self {
        if version.starts_with("2.") || version.starts_with("1.") { Self::Two } else { Self::Three }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Two => Self::Three,
            Self::Three => Self::Two,
        }
    }

    /// The paths of health and version.
    #[must_use]
    pub fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::Two => ("/health", "/api/v1/version"),
            Self::Three => ("/api/v2/monitor/health", "/api/v2/version"),
        }
    }

    /// The path of the rows of `part`; empty where it has none.
    fn rows(self, part: Part) -> String {
        match (self, part) {
            (Self::Three, _) => filled("/api/v2/jobs?job_type={}&order_by=-id&limit=100", &[part.job_type()]),
            (Self::Two, Part::Scheduler) => {
                "/api/v1/eventLogs?event=cli_scheduler&order_by=-event_log_id&limit=100".into()
            }
            (Self::Two, Part::Triggerer | Part::DagProcessor) => String::new(),
        }
    }
}

/// A part of an Airflow that runs in pods of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The scheduler, without which nothing runs.
    Scheduler,
    /// The triggerer, which not every Airflow has.
    Triggerer,
    /// The dag processor, which not every Airflow has.
    DagProcessor,
}

impl Part {
    /// The type of its rows among Airflow's jobs.
    fn job_type(self) -> &'static str {
        match self {
            Self::Scheduler => "SchedulerJob",
            Self::Triggerer => "TriggererJob",
            Self::DagProcessor => "DagProcessorJob",
        }
    }

    /// Its name in the answer about health.
    fn key(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Triggerer => "triggerer",
            Self::DagProcessor => "dag_processor",
        }
    }
}

/// What an Airflow says of its health.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether the database is healthy.
    pub database: bool,
    /// Whether the scheduler is.
    pub scheduler: bool,
    /// The scheduler's last heartbeat.
    pub heartbeat: Option<String>,
    /// Whether triggerer and dag processor run and are healthy.
    pub others: [bool; 2],
}

/// Reads the answer about health; nothing if it is none.
#[must_use]
pub fn read_health(value: &Value) -> Option<Health> {
    let is_healthy =
        |name: &str| value.get(name).and_then(|part| part.get("status")?.as_str()) == Some("healthy");
    let scheduler = value.get(Part::Scheduler.key())?;
    value.get("metadatabase")?;
    Some(Health {
        database: is_healthy("metadatabase"),
        scheduler: is_healthy(Part::Scheduler.key()),
        heartbeat: scheduler.get("latest_scheduler_heartbeat").and_then(Value::as_str).map(moment),
        others: [is_healthy(Part::Triggerer.key()), is_healthy(Part::DagProcessor.key())],
    })
}

/// A process of a part: a row of Airflow 3's jobs, or a start in the audit log of Airflow 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Rises with every start.
    pub id: u64,
    /// Whether Airflow takes it for running. (A row of the audit log is a start, and says nothing of its end.)
    pub running: bool,
    /// Its last heartbeat.
    pub heartbeat: String,
    /// The pod's name.
    pub host: String,
}

/// The rows of Airflow 3's jobs, newest first, and whether there are older ones than these.
#[must_use]
pub fn read_jobs(value: &Value) -> Option<Vec<Row>> {
    let row = |job: &Value| {
        let text = |name: &str| job.get(name).and_then(Value::as_str).unwrap_or_default();
        Some(Row {
            id: job.get("id")?.as_u64()?,
            running: text("state") == "running",
            heartbeat: moment(text("latest_heartbeat")),
            host: text("hostname").to_owned(),
        })
    };
    all(value.get("jobs")?, row)
}

/// The starts of schedulers in Airflow 2's audit log, newest first.
#[must_use]
pub fn read_starts(value: &Value) -> Option<Vec<Row>> {
    let row = |entry: &Value| {
        let extra = entry.get("extra").and_then(Value::as_str).unwrap_or_default();
        let extra: Value = Value::read(extra.as_bytes()).unwrap_or_default();
        Some(Row {
            id: entry.get("event_log_id")?.as_u64()?,
            running: true,
            heartbeat: String::new(),
            host: extra.get("host_name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        })
    };
    all(value.get("event_logs")?, row)
}

/// The rows of a list; nothing where one of them is none.
fn all(list: &Value, row: fn(&Value) -> Option<Row>) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    for one in list.as_array()? {
        rows.push(row(one)?);
    }
    Some(rows)
}

/// A moment in one form, so that the same one in another zone or spelling is no change. What cannot be read stays as
/// it is. It is compared with earlier ones of the same field alone, never with a clock.
fn moment(text: &str) -> String {
    date::parse_moment(text).map_or_else(|| text.to_owned(), decimal)
}

/// An Airflow version without the vendor's suffix and build: `2.10.2` for `2.10.2+astro.1` and `2.2.5-4`.
#[must_use]
pub fn plain_version(version: &str) -> &str {
    parts(version, "+-").first().copied().unwrap_or(version)
}
