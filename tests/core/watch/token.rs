//! Where the token goes: to Houston, and to an Airflow only where `docs/secrets.md` lets it.

use serde_json::json;

use super::{Asked, Page, Reply, good, rolled, run, said, seconds, shown, world};
use crate::world::{TOKEN, World, answer, only};

/// What was sent to an Airflow at `url` as `Authorization`, where Houston is at `houston`.
fn sent_to(url: &'static str, houston: &[&str]) -> Vec<Option<String>> {
    let other = move |asked: &Asked| {
        let mut deployment = shown("dev", "11.3.0");
        deployment["urls"] = json!([{ "type": "flower", "url": "https://evil.example.com/dev/" }, { "type": "airflow", "url": url }]);
        match asked.page {
            Page::Read => Some(said(&json!({ "data": { "workspaceDeployments": [deployment] } }))),
            Page::ReadById => Some(said(&json!({ "data": { "deployment": deployment } }))),
            _ => None,
        }
    };
    let world = world(rolled(), other);
    run(&world, &[houston, &["--workspace", "ws1"]].concat());
    authorizations(&world)
}

fn authorizations(world: &World) -> Vec<Option<String>> {
    let sent = world.sent();
    let to_airflow = sent.iter().filter(|sent| !sent.url.ends_with("/v1"));
    to_airflow.map(|sent| sent.authorization.clone()).collect()
}

const BASE: &[&str] = &[];
const UNDER: &[&str] = &["--houston-url", "https://houston.apc.example.com/v1"];
const BARE: &[&str] = &["--houston-url", "https://houston.com/v1"];
const OTHER: &[&str] = &["--houston-url", "https://apc.example.com/v1"];
const LOCAL: &[&str] = &["--houston-url", "http://127.0.0.1:8871/v1"];

#[test]
fn it_goes_where_it_may() {
    for (url, houston) in [
        ("https://deployments.astro.example.com/dev/airflow", BASE),
        ("https://DEPLOYMENTS.astro.example.com/dev/airflow/", BASE),
        ("https://a.b.astro.example.com/dev/airflow", BASE),
        ("https://astro.example.com/dev/airflow", BASE),
        ("https://houston.astro.example.com:8443/dev/airflow", BASE),
        ("https://deployments.apc.example.com/dev/airflow", UNDER),
        ("https://houston.com/dev/airflow", BARE),
        ("https://apc.example.com/dev/airflow", OTHER),
        ("http://127.0.0.1:9999/dev/airflow", LOCAL),
    ] {
        let sent = sent_to(url, houston);
        assert!(sent.len() > 3, "{url}");
        assert!(sent.iter().all(|value| value.as_deref() == Some(TOKEN)), "{url}: raw, each time");
    }
}

#[test]
fn it_does_not_go_elsewhere() {
    for (url, houston) in [
        // Another host.
        ("https://evil.example.com/dev/airflow", BASE),
        ("https://evilastro.example.com/dev/airflow", BASE),
        ("https://astro.example.com.evil.example/dev/airflow", BASE),
        ("https://example.com/dev/airflow", BASE),
        // `houston.com` makes "com" no base domain; without "houston." in front there is none.
        ("https://evil.com/dev/airflow", BARE),
        ("https://deployments.apc.example.com/dev/airflow", OTHER),
        // Another path.
        ("https://deployments.astro.example.com/prod/airflow", BASE),
        ("https://deployments.astro.example.com/dev2/airflow", BASE),
        ("https://deployments.astro.example.com/x/dev/airflow", BASE),
        ("https://deployments.astro.example.com/DEV/airflow", BASE),
        ("https://deployments.astro.example.com/dev", BASE),
        // Not protected on its way.
        ("http://deployments.astro.example.com/dev/airflow", BASE),
        // This machine, where Houston is not.
        ("http://127.0.0.1:9999/dev/airflow", BASE),
        ("http://localhost:9999/dev/airflow", LOCAL),
    ] {
        let sent = sent_to(url, houston);
        assert!(sent.len() > 3, "{url} is asked all the same");
        assert!(sent.iter().all(Option::is_none), "{url}");
    }
}

#[test]
fn an_address_that_leads_out_of_its_path_is_not_asked() {
    for url in [
        "https://deployments.astro.example.com/dev/../prod/airflow",
        "https://deployments.astro.example.com/dev/%2e%2e/prod/airflow",
        "https://deployments.astro.example.com/dev/.%2E/prod/airflow",
    ] {
        assert_eq!(sent_to(url, BASE), [], "{url}");
    }
}

/// Answers the pages with rows only where the token comes in this form.
fn takes(form: String) -> impl Fn(&Asked) -> Option<Reply> {
    move |asked| (asked.is("/jobs") && asked.authorization.as_ref() != Some(&form)).then(|| answer(401, "{}"))
}

/// The forms in which the token was sent for the rows of schedulers, with the second.
fn forms(world: &World) -> Vec<(u64, &'static str)> {
    let sent = world.sent();
    let rows = sent.iter().filter(|sent| sent.url.contains("SchedulerJob"));
    let form = |value: Option<&str>| match value {
        Some(TOKEN) => "raw",
        Some(value) if value == ["Bearer ", TOKEN].concat() => "bearer",
        Some(_) => panic!("another form of the token"),
        None => "none",
    };
    rows.map(|sent| (sent.at.as_secs(), form(sent.authorization.as_deref()))).collect()
}

#[test]
fn it_goes_raw_first_and_on_401_once_with_bearer() {
    let world = world(rolled(), takes(["Bearer ", TOKEN].concat()));
    assert!(only(&run(&world, &[])).verified);
    let forms = forms(&world);
    assert_eq!(forms[..2], [(0, "raw"), (0, "bearer")]);
    // It is known from then on.
    assert!(
        forms[2..].iter().filter(|(second, _)| *second > 0).all(|(_, form)| *form == "bearer"),
        "{forms:?}"
    );
}

#[test]
fn a_token_that_opens_it_in_neither_form_is_tried_in_each_once_a_look() {
    let world = world(rolled(), takes("never".into()));
    run(&world, &["--poll-interval", "30s"]);
    let forms = forms(&world);
    assert_eq!(forms[..4], [(0, "raw"), (0, "bearer"), (0, "raw"), (0, "bearer")]);
    let at_30: Vec<_> = forms.iter().filter(|(second, _)| *second == 30).map(|(_, form)| *form).collect();
    assert_eq!(at_30, ["raw", "bearer"]);
}

#[test]
fn one_401_on_the_way_does_not_turn_it_for_good() {
    let raw = takes(TOKEN.into());
    let other = move |asked: &Asked| {
        let stumbles = asked.is("/jobs") && (5..9).contains(&asked.second());
        if stumbles { Some(answer(401, "{}")) } else { raw(asked) }
    };
    let world = world(rolled(), other);
    assert!(only(&run(&world, &[])).verified);
    assert!(forms(&world).iter().filter(|(second, _)| *second > 9).all(|(_, form)| *form == "raw"));
}

#[test]
fn without_a_token_there_is_no_second_try() {
    let denied = |asked: &Asked| {
        let mut deployment = shown("dev", "11.3.0");
        deployment["urls"] =
            json!([{ "type": "airflow", "url": "https://elsewhere.example.com/dev/airflow" }]);
        match &asked.page {
            Page::ReadById => Some(said(&json!({ "data": { "deployment": deployment } }))),
            Page::Airflow(path) if path.contains("/jobs") => Some(answer(401, "{}")),
            _ => Some(good(asked, &rolled())),
        }
    };
    let options = ["--houston-url", "https://apc.example.com/v1", "--poll-interval", "30s"];
    let world = world(rolled(), denied);
    run(&world, &options);
    assert_eq!(forms(&world)[..2], [(0, "none"), (30, "none")]);
    assert!(world.clock() >= seconds(60));
}
