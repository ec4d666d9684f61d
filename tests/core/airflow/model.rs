//! An Airflow as a function of time: processes that start, beat every five seconds and end. A scene makes looks of it
//! for the rules alone, and pages for the whole flow. The change is made in second 0.

use houston_deploy::airflow::{Health, Line, Look, Row, Seen};
use serde_json::{Value, json};

/// The end of what never ends.
pub const NEVER: i64 = i64::MAX;

/// Pods of the usual form of name, of before the change and of after it.
pub const OLD: &str = "dev-scheduler-7d9f8c6b5d-aaaaa";
pub const NEW: &str = "dev-scheduler-5c4b7f9d8e-bbbbb";

/// A process, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pub id: u64,
    pub host: &'static str,
    pub from: i64,
    pub until: i64,
    /// Whether its row goes on saying that it runs.
    pub killed: bool,
}

/// A process that has been running for an hour.
pub fn old(id: u64, host: &'static str) -> Process {
    Process { id, host, from: -3600, until: NEVER, killed: false }
}

/// A process that starts in this second.
pub fn new(id: u64, host: &'static str, from: i64) -> Process {
    Process { from, ..old(id, host) }
}

impl Process {
    pub fn ends(self, until: i64) -> Self {
        Self { until, ..self }
    }

    pub fn is_killed(self, until: i64) -> Self {
        Self { until, killed: true, ..self }
    }

    fn lives(&self, second: i64) -> bool {
        self.from <= second && second < self.until
    }

    fn beat(&self, second: i64) -> i64 {
        (second.min(self.until) - self.from) / 5 * 5 + self.from
    }

    fn row(&self, second: i64) -> Option<Row> {
        (self.from <= second).then(|| Row {
            id: self.id,
            running: self.killed || self.lives(second),
            heartbeat: self.beat(second).to_string(),
            host: self.host.to_owned(),
        })
    }
}

/// Rows as a page has them: the newest hundred, the newest first.
pub fn rows(processes: &[Process], second: i64) -> Vec<Row> {
    let mut rows: Vec<Row> = processes.iter().filter_map(|process| process.row(second)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    rows.truncate(100);
    rows
}

/// Airflow 3 that is well, with these schedulers.
pub fn well(second: i64, schedulers: &[Process]) -> Look {
    let health = Health {
        database: true,
        scheduler: true,
        heartbeat: Some((second / 5).to_string()),
        others: [false, false],
    };
    Look {
        line: Line::Three,
        health: Seen::Here(health),
        version: Some("3.0.0".into()),
        rows: [Some(rows(schedulers, second)), None, None],
    }
}

/// Airflow 2 that is well; its rows are the starts of these schedulers.
pub fn well_2(second: i64, schedulers: &[Process]) -> Look {
    let starts = rows(schedulers, second).into_iter().map(|row| Row {
        running: true,
        heartbeat: String::new(),
        ..row
    });
    let rows = [Some(starts.collect()), None, None];
    Look { line: Line::Two, version: Some("2.9.1".into()), rows, ..well(second, &[]) }
}

/// The page of jobs for these processes.
pub fn jobs(processes: &[Process], second: i64) -> Value {
    let job = |row: Row| {
        let seconds = row.heartbeat.parse::<i64>().unwrap() + 86_400;
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        json!({
            "id": row.id,
            "state": if row.running { "running" } else { "success" },
            "latest_heartbeat": format!("2026-03-01T{hour:02}:{minute:02}:{second:02}.000137Z"),
            "hostname": row.host,
        })
    };
    json!({ "jobs": rows(processes, second).into_iter().map(job).collect::<Vec<_>>() })
}
