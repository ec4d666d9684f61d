//! A model of an Airflow that rolls: processes that start, beat and end, a web server that changes its version, and
//! the answers that all of it gives. Times are milliseconds, an hour later than the run's own.

use std::fmt::Write as _;
use std::time::Duration;

use houston_deploy::io::{Request, Response};

use crate::houston::answer;
use crate::setting::{AirflowSetting, Roll, Sight};
use crate::world::TOKEN;

/// The run's start on this clock.
const START: u64 = 3_600_000;

/// A scheduler without a heartbeat for so long is not healthy: 30 s, and half of a shorter window, so that one that
/// dies at once is seen within each.
const PATIENCE: u64 = 30_000;

pub fn clock(at: Duration) -> u64 {
    START + u64::try_from(at.as_millis()).unwrap()
}

/// A process in a pod.
#[derive(Debug, Clone)]
pub struct Process {
    /// 0 scheduler, 1 triggerer, 2 dag processor.
    pub part: usize,
    pub host: String,
    /// When its pod was made. (It starts with it, or again after a crash.)
    pub pod: u64,
    pub start: u64,
    pub end: Option<u64>,
    /// Whether its row goes on saying that it runs.
    killed: bool,
}

impl Process {
    pub fn lives(&self, now: u64) -> bool {
        self.start <= now && self.end.is_none_or(|end| now < end)
    }

    fn heartbeat(&self, now: u64, beat: u64) -> u64 {
        let last = self.end.map_or(now, |end| now.min(end.saturating_sub(1)));
        self.start + (last.saturating_sub(self.start)) / beat * beat
    }
}

pub struct Airflow {
    setting: AirflowSetting,
    release: usize,
    pub processes: Vec<Process>,
    /// From when on the web server has which version.
    versions: Vec<(u64, String)>,
    /// When the web server is away, and with which status.
    gaps: Vec<(u64, u64, u16)>,
    sick_from: Option<u64>,
    /// From when on the server's clock is so many seconds ahead.
    pub jumps: Vec<(u64, i64)>,
    pods: u32,
}

const PARTS: [(&str, &str); 3] =
    [("scheduler", "SchedulerJob"), ("triggerer", "TriggererJob"), ("dag-processor", "DagProcessorJob")];

impl Airflow {
    pub fn new(setting: &AirflowSetting, release: usize) -> Self {
        let mut airflow = Self {
            setting: setting.clone(),
            release,
            processes: Vec::new(),
            versions: vec![(0, setting.before.1.to_owned())],
            gaps: Vec::new(),
            sick_from: None,
            jumps: Vec::new(),
            pods: 0,
        };
        for index in 0..setting.ended {
            let start = 1000 + 500 * index as u64;
            let host = airflow.host(0, 0);
            airflow.processes.push(Process {
                part: 0,
                host,
                pod: start,
                start,
                end: Some(start + 300),
                killed: index == 1,
            });
        }
        for part in 0..3 {
            for replica in 0..setting.replicas[part] {
                let start = START - 1_000_000 + 777 * replica as u64 + 131 * part as u64;
                let host = airflow.host(part, replica);
                airflow.processes.push(Process { part, host, pod: start, start, end: None, killed: false });
            }
        }
        airflow
    }

    fn host(&mut self, part: usize, replica: usize) -> String {
        let name = format!("dev{}-{}", self.release, PARTS[part].0);
        if self.setting.ordinal[part] {
            return format!("{name}-{replica}");
        }
        self.pods += 1;
        format!("{name}-7d4b9c6f5-x{:04}q", self.pods)
    }

    /// How long a dead scheduler passes for a healthy one.
    pub fn patience(&self) -> u64 {
        PATIENCE.min(self.setting.window / 2)
    }

    fn beat(&self) -> u64 {
        u64::try_from(self.setting.beat.as_millis()).unwrap()
    }

    fn line_two(&self, now: u64) -> bool {
        self.version(now).starts_with('2')
    }

    pub fn version(&self, now: u64) -> &str {
        self.versions
            .iter()
            .rev()
            .find(|(from, _)| *from <= now)
            .map(|(_, version)| version.as_str())
            .unwrap()
    }

    /// Whether new pods cannot be told from old ones by their names.
    pub fn ordinal(&self) -> bool {
        self.setting.ordinal[0]
    }

    /// The schedulers that live now.
    pub fn schedulers(&self, now: u64) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter(move |process| process.part == 0 && process.lives(now))
    }

    pub fn is_sick(&self, now: u64) -> bool {
        self.sick_from.is_some_and(|from| from <= now)
    }

    /// The pods are to run another image from now on; `ours`: which is the one that was asked for.
    pub fn roll(&mut self, now: u64, roll: Roll, version: &str, ours: bool) {
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap();
        let setting = self.setting.clone();
        let (first, gap, overlap) = (ms(setting.first), ms(setting.gap), ms(setting.overlap));
        let (mut now, mut gap) = (now, gap);
        if self.line_two(now) {
            // Nor which of a rival's pods came before the send and which after it.
            gap = if ours { gap } else { 0 };
            // The audit log does not show that an old scheduler lives on: one roll there comes to its end first.
            let planned = self.processes.iter().flat_map(|process| [Some(process.start), process.end]);
            now = planned.flatten().fold(now, u64::max);
        } else {
            // What was planned and has not come is not to come any more.
            self.processes.retain(|process| process.start <= now);
            self.versions.retain(|(from, _)| *from <= now);
            for process in &mut self.processes {
                if process.end.is_some_and(|end| end > now) {
                    process.end = None;
                }
            }
        }
        self.sick_from = self.sick_from.filter(|from| *from <= now);
        let mut last = now + first;
        for part in 0..3 {
            let rolls = match roll {
                Roll::Good | Roll::Sick | Roll::Dead => true,
                Roll::Partial | Roll::CrashLoop => part != 0,
                Roll::Stuck => false,
            };
            if !rolls {
                continue;
            }
            let old: Vec<usize> = (0..self.processes.len())
                .filter(|index| self.processes[*index].part == part && self.processes[*index].lives(now))
                .collect();
            let count = setting.replicas[part].max(old.len());
            for replica in 0..count {
                let start = now + first + gap * replica as u64;
                // A pod that keeps its name is gone before its like comes.
                let end = if setting.ordinal[part] { start - 200 } else { start + overlap };
                if let Some(index) = old.get(replica) {
                    self.processes[*index].end = Some(end);
                    self.processes[*index].killed = setting.killed;
                }
                if replica < setting.replicas[part] {
                    let dies = (roll == Roll::Dead && part == 0).then_some(start + 3000);
                    let host = self.host(part, replica);
                    self.processes.push(Process { part, host, pod: start, start, end: dies, killed: false });
                }
                last = last.max(start);
            }
        }
        match roll {
            Roll::Good | Roll::Dead => self.sick_from = None,
            Roll::Sick => self.sick_from = Some(last),
            Roll::CrashLoop => {
                let host = self.host(0, 9);
                let (mut start, mut pause) = (now + first, 10_000);
                for _ in 0..8 {
                    let end = Some(start + 4000);
                    self.processes.push(Process {
                        part: 0,
                        host: host.clone(),
                        pod: now,
                        start,
                        end,
                        killed: true,
                    });
                    start += 4000 + pause;
                    pause = (pause * 2).min(300_000);
                }
            }
            Roll::Partial | Roll::Stuck => {}
        }
        if matches!(roll, Roll::Good | Roll::Sick | Roll::Dead) {
            self.versions.push((last, version.to_owned()));
            self.gaps.push((last.saturating_sub(gap.min(3000)), last, 503));
        }
    }

    /// The first scheduler that lives dies, and starts again in its pod.
    pub fn crash(&mut self, now: u64) {
        let Some(index) = (0..self.processes.len())
            .find(|index| self.processes[*index].part == 0 && self.processes[*index].lives(now))
        else {
            return;
        };
        let process = self.processes[index].clone();
        self.processes[index].end = Some(now);
        self.processes[index].killed = self.setting.killed;
        let start = now + 1000;
        if process.end.is_none_or(|end| end > start) {
            self.processes.push(Process { start, ..process });
        }
    }

    pub fn close(&mut self, from: u64, lasts: Duration, status: u16) {
        self.gaps.push((from, from + u64::try_from(lasts.as_millis()).unwrap(), status));
    }

    /// A time as the server writes it.
    fn written(&self, at: u64) -> String {
        let jump: i64 = self.jumps.iter().filter(|(from, _)| *from <= at).map(|(_, seconds)| seconds).sum();
        let seconds = (at / 1000).checked_add_signed(jump + 200_000).unwrap();
        let (day, rest) = (20 + seconds / 86_400, seconds % 86_400);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        let (letter, zone) = if self.setting.spaced { (' ', "") } else { ('T', "+00:00") };
        format!("2026-11-{day:02}{letter}{hour:02}:{minute:02}:{second:02}.{:03}000{zone}", at % 1000)
    }

    /// Answers a request; nothing where there is no way to it.
    pub fn handle(&self, request: &Request, at: Duration) -> Option<Response> {
        let now = clock(at);
        let status = match self.setting.sight {
            Sight::NoRoute => return None,
            Sight::Shut(302) => {
                let location = Some("https://login.example.com/".to_owned());
                return Some(Response { location, ..answer(302, "") });
            }
            Sight::Shut(200) => return Some(answer(200, "<html>please log in</html>")),
            Sight::Shut(status) => Some(status),
            Sight::Raw | Sight::Bearer | Sight::HealthAlone => None,
        };
        let gap =
            self.gaps.iter().find(|(from, to, _)| (*from..*to).contains(&now)).map(|(.., status)| *status);
        if let Some(status) = gap.or(status) {
            return Some(answer(status, "<html>no</html>"));
        }
        let url = request.url.as_str();
        let path = &url[crate::houston::airflow_url(self.release).len()..];
        let two = self.line_two(now);
        Some(match path {
            "/health" if two => self.health(now),
            "/api/v2/monitor/health" if !two => self.health(now),
            "/api/v1/version" if two => self.version_answer(now),
            "/api/v2/version" if !two => self.version_answer(now),
            _ if path.starts_with("/api/v1/eventLogs?") == two && path.contains('?') => {
                let shown = request.headers.iter().find(|(name, _)| *name == "authorization");
                let shown = shown.map_or("", |(_, value)| value.on_the_wire());
                let wanted = match self.setting.sight {
                    Sight::Bearer => format!("Bearer {TOKEN}"),
                    _ => TOKEN.to_owned(),
                };
                if shown != wanted {
                    answer(401, "{}")
                } else if self.setting.sight == Sight::HealthAlone {
                    answer(403, "{}")
                } else if two {
                    self.starts(now)
                } else {
                    self.jobs(now, path)
                }
            }
            _ => answer(404, "<html>not here</html>"),
        })
    }

    fn version_answer(&self, now: u64) -> Response {
        answer(200, format!(r#"{{"version":"{}+astro.1","git_version":null}}"#, self.version(now)))
    }

    /// As Airflow has it: the running row with the latest heartbeat, healthy while that is not too long ago.
    fn health(&self, now: u64) -> Response {
        let mut json = format!(
            r#"{{"metadatabase":{{"status":"{}"}}"#,
            if self.is_sick(now) { "unhealthy" } else { "healthy" }
        );
        for (part, name) in ["scheduler", "triggerer", "dag_processor"].into_iter().enumerate() {
            let latest = self
                .processes
                .iter()
                .filter(|process| process.part == part && process.start <= now)
                .filter(|process| process.lives(now) || process.killed)
                .map(|process| process.heartbeat(now, self.beat()))
                .max();
            let (status, beat) = match latest {
                Some(beat) if now - beat <= self.patience() => {
                    ("\"healthy\"", format!("\"{}\"", self.written(beat)))
                }
                Some(beat) => ("\"unhealthy\"", format!("\"{}\"", self.written(beat))),
                None if part == 0 => ("\"unhealthy\"", "null".to_owned()),
                None => ("null", "null".to_owned()),
            };
            // Writing to a String cannot fail.
            let _ = write!(json, r#","{name}":{{"status":{status},"latest_{name}_heartbeat":{beat}}}"#);
        }
        answer(200, json + "}")
    }

    /// The processes that have started, with their ids, newest first.
    fn begun(&self, now: u64) -> Vec<(usize, &Process)> {
        let mut begun: Vec<&Process> = self.processes.iter().filter(|process| process.start <= now).collect();
        begun.sort_by_key(|process| process.start);
        begun.into_iter().enumerate().map(|(index, process)| (index + 1, process)).rev().collect()
    }

    fn jobs(&self, now: u64, path: &str) -> Response {
        let wanted = (0..3).find(|part| path.contains(PARTS[*part].1)).unwrap();
        let begun = self.begun(now);
        let rows = begun.into_iter().filter(|(_, process)| process.part == wanted).take(100);
        let rows: Vec<String> = rows
            .map(|(id, process)| {
                let lives = process.lives(now);
                format!(
                    r#"{{"id":{id},"state":"{}","job_type":"{}","latest_heartbeat":"{}","hostname":"{}"}}"#,
                    if lives || process.killed { "running" } else { "success" },
                    PARTS[wanted].1,
                    self.written(process.heartbeat(now, self.beat())),
                    process.host,
                )
            })
            .collect();
        answer(200, format!(r#"{{"jobs":[{}],"total_entries":{}}}"#, rows.join(","), rows.len()))
    }

    fn starts(&self, now: u64) -> Response {
        let begun = self.begun(now);
        let rows = begun.into_iter().filter(|(_, process)| process.part == 0).take(100);
        let rows: Vec<String> = rows
            .map(|(id, process)| {
                format!(
                    r#"{{"event_log_id":{id},"event":"cli_scheduler","extra":"{{\"host_name\": \"{}\"}}"}}"#,
                    process.host
                )
            })
            .collect();
        answer(200, format!(r#"{{"event_logs":[{}],"total_entries":{}}}"#, rows.join(","), rows.len()))
    }
}
