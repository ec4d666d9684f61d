//! What Airflow's answers are read as, in the forms that were seen of Airflow 2 and 3 and in others.

use houston_deploy::airflow::{Health, Line, Row, plain_version, read_health, read_jobs, read_starts};
use houston_deploy::date::parse_moment;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn the_health_of_airflow_2_and_3() {
    let health = json!({
        "metadatabase": { "status": "healthy" },
        "scheduler": { "status": "healthy", "latest_scheduler_heartbeat": "2026-03-01T12:00:00.000137+00:00" },
        "triggerer": { "status": "healthy", "latest_triggerer_heartbeat": "2026-03-01T12:00:01+00:00" },
        "dag_processor": { "status": null, "latest_dag_processor_heartbeat": null },
    });
    let read = Health {
        database: true,
        scheduler: true,
        heartbeat: Some("1772366400000137".into()),
        others: [true, false],
    };
    assert_eq!(read_health(&value(&health)), Some(read));
}

#[test]
fn parts_that_are_null_missing_or_of_another_kind_are_not_healthy() {
    for part in [
        json!(null),
        json!({}),
        json!({ "status": null }),
        json!({ "status": "unhealthy" }),
        json!("healthy"),
    ] {
        let health = json!({ "metadatabase": part, "scheduler": part, "triggerer": part });
        assert_eq!(read_health(&value(&health)), Some(Health::default()), "{part}");
    }
}

#[test]
fn what_lacks_database_or_scheduler_is_no_health() {
    for other in [
        json!({}),
        json!({ "metadatabase": { "status": "healthy" } }),
        json!({ "scheduler": { "status": "healthy" } }),
        json!({ "detail": "Not Found" }),
        json!([]),
        json!(null),
        json!("healthy"),
    ] {
        assert_eq!(read_health(&value(&other)), None, "{other}");
    }
}

/// A heartbeat as the health gives it.
fn heartbeat(text: &str) -> Option<String> {
    let scheduler = json!({ "status": "healthy", "latest_scheduler_heartbeat": text });
    read_health(&value(&json!({ "metadatabase": {}, "scheduler": scheduler })))?.heartbeat
}

#[test]
fn the_same_moment_in_another_zone_or_form_is_no_other_heartbeat() {
    let moment = heartbeat("2026-03-01T12:00:00.500000+00:00");
    assert_eq!(moment.as_deref(), Some("1772366400500000"));
    for same in [
        "2026-03-01T12:00:00.5+00:00",
        "2026-03-01 12:00:00.500+00:00",
        "2026-03-01T12:00:00.5000000Z",
        "2026-03-01T12:00:00.500000",
        "2026-03-01T17:30:00.500000+05:30",
        "2026-03-01T17:30:00.500000+0530",
        "2026-03-01T04:00:00.5-08:00",
        "2026-02-28T22:00:00.5-14:00",
        "2026-03-02T02:00:00.5+14:00",
    ] {
        assert_eq!(heartbeat(same), moment, "{same}");
    }
    for other in [
        "2026-03-01T12:00:00.500001+00:00",
        "2026-03-01T12:00:01.500000+00:00",
        "2026-03-01T12:00:00.500000+00:01",
    ] {
        assert_ne!(heartbeat(other), moment, "{other}");
    }
}

#[test]
fn a_heartbeat_that_cannot_be_read_stays_as_it_is() {
    for text in
        ["just now", "", "2026-03-01", "2026-03-01T12:00:00.5+5", "2026-03-01T12:00:00 CET", "1772366400"]
    {
        assert_eq!(heartbeat(text).as_deref(), Some(text));
    }
    let number = json!({ "metadatabase": {}, "scheduler": { "latest_scheduler_heartbeat": 1_772_366_400 } });
    assert_eq!(read_health(&value(&number)).map(|health| health.heartbeat), Some(None));
}

#[test]
fn moments() {
    for (text, micros) in [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1970-01-01T00:00:00.000001Z", Some(1)),
        ("1970-01-01T01:00:00+01:00", Some(0)),
        ("1969-12-31T23:00:00-01:00", None),
        ("1970-01-01T00:00:00+01:00", None),
        ("2000-02-29T00:00:00z", Some(951_782_400_000_000)),
        ("2026-11-25T12:00:00.123456+00:00", Some(1_795_608_000_123_456)),
        ("2026-11-25T12:00:00.1234569+00:00", Some(1_795_608_000_123_456)),
        ("9999-12-31T23:59:59Z", Some(253_402_300_799_000_000)),
        ("+026-11-25T12:00:00Z", None),
        ("2026-11-25T12:00:+1Z", None),
        ("2026-11-25T12:00:00+0a:00", None),
        ("2026-11-25T12:00:00+00:000", None),
        ("2026-11-25T12:00", None),
        ("२०२६-11-25T12:00:00Z", None),
        ("", None),
    ] {
        assert_eq!(parse_moment(text), micros, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_odd_for_a_moment(text in ".*") {
        prop_assert!(parse_moment(&text).is_none() || text.len() >= 19);
    }

    #[test]
    fn a_moment_is_the_same_in_every_zone(seconds in 86_400_u64 * 400..4_000_000_000, minutes in 0_u64..840) {
        let shown = |seconds: u64, zone: &str| {
            let date = houston_deploy::date::shown(std::time::Duration::from_secs(seconds));
            // `2026-11-23 20:47 UTC`, to which seconds and zone are added.
            format!("{}:{:02}{zone}", &date[..16], seconds % 60)
        };
        let zone = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let moment = Some(seconds * 1_000_000);
        prop_assert_eq!(parse_moment(&shown(seconds, "")), moment);
        prop_assert_eq!(parse_moment(&shown(seconds + minutes * 60, &format!("+{zone}"))), moment);
        prop_assert_eq!(parse_moment(&shown(seconds - minutes * 60, &format!("-{zone}"))), moment);
    }
}

#[test]
fn the_jobs_of_airflow_3() {
    let page = json!({ "total_entries": 2, "jobs": [
        { "id": 9, "state": "running", "latest_heartbeat": "2026-03-01T12:00:00Z", "hostname": "b", "job_type": "SchedulerJob" },
        { "id": 8, "state": "success", "latest_heartbeat": null, "hostname": null },
    ] });
    let row = |id, running, heartbeat: &str, host: &str| Row {
        id,
        running,
        heartbeat: heartbeat.into(),
        host: host.into(),
    };
    assert_eq!(
        read_jobs(&value(&page)),
        Some(vec![row(9, true, "1772366400000000", "b"), row(8, false, "", "")])
    );
    assert_eq!(read_jobs(&value(&json!({ "jobs": [] }))), Some(vec![]));
    for state in ["success", "failed", "restarting", "RUNNING", ""] {
        let page = json!({ "jobs": [{ "id": 1, "state": state }] });
        assert_eq!(read_jobs(&value(&page)).map(|rows| rows[0].running), Some(false), "{state}");
    }
}

#[test]
fn the_starts_of_airflow_2() {
    let extra = r#"{"host_name": "b", "full_command": "['/usr/local/bin/airflow', 'scheduler']"}"#;
    let page = json!({ "event_logs": [
        { "event_log_id": 44, "event": "cli_scheduler", "extra": extra },
        { "event_log_id": 40, "event": "cli_scheduler", "extra": null },
        { "event_log_id": 39, "event": "cli_scheduler", "extra": "{'host_name': 'a'}" },
    ] });
    let row = |id, host: &str| Row { id, running: true, heartbeat: String::new(), host: host.into() };
    assert_eq!(read_starts(&value(&page)), Some(vec![row(44, "b"), row(40, ""), row(39, "")]));
    assert_eq!(read_starts(&value(&json!({ "event_logs": [] }))), Some(vec![]));
}

#[test]
fn a_page_with_one_row_that_is_none_is_none() {
    for row in
        [json!({}), json!({ "id": "9" }), json!({ "id": -1 }), json!({ "id": 1.5 }), json!(null), json!(9)]
    {
        assert_eq!(read_jobs(&value(&json!({ "jobs": [{ "id": 1 }, row] }))), None, "{row}");
        assert_eq!(
            read_starts(&value(&json!({ "event_logs": [{ "event_log_id": 1 }, row] }))),
            None,
            "{row}"
        );
    }
    for page in
        [json!({}), json!({ "jobs": null, "event_logs": {} }), json!({ "detail": "Forbidden" }), Value::Null]
    {
        assert_eq!((read_jobs(&value(&page)), read_starts(&value(&page))), (None, None), "{page}");
    }
}

#[test]
fn versions_are_compared_without_what_the_vendor_adds() {
    for (version, plain) in
        [("2.10.2+astro.1", "2.10.2"), ("2.2.5-4", "2.2.5"), ("3.0.0", "3.0.0"), ("3.0-1", "3.0"), ("", "")]
    {
        assert_eq!(plain_version(version), plain);
    }
    for (version, line) in [
        ("2.10.2", Line::Two),
        ("1.10.15", Line::Two),
        ("3.0.0", Line::Three),
        ("20.0.0", Line::Three),
        ("10.1", Line::Three),
    ] {
        assert_eq!(Line::of(version), line, "{version}");
        assert_ne!(line.other(), line);
        assert_eq!(line.other().other(), line);
    }
}

/// JSON as the core reads it.
fn value(json: &serde_json::Value) -> houston_deploy::value::Value {
    houston_deploy::value::Value::read(json.to_string().as_bytes()).expect("JSON")
}
