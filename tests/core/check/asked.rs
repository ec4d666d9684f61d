//! What is asked, how often, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use houston_deploy::io::Response;

use super::{asked, check, end, noting, options, ready, without_workspace};
use crate::world::{Reply, World};

#[test]
fn what_releases_share_is_asked_once_and_each_release_once() {
    let (world, noted) = noting();
    let ended = check(&world, &options(&["--release", "dev,qa,prod"]));
    assert_eq!(end(&ended), "0");
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for what in noted.borrow().iter() {
        *counts.entry(what.clone()).or_default() += 1;
    }
    assert_eq!((counts["AppConfig"], counts["RuntimeReleases"], counts["WorkspaceDeployments"]), (1, 1, 3));
    let others: Vec<_> = counts.iter().filter(|(what, _)| what.contains(' ')).collect();
    assert!(others.iter().all(|(_, count)| **count == 1), "{others:?}");
    assert_eq!(others.len(), 3 + 3 * 5, "the image's three, and five pages of each Airflow");
}

#[test]
fn the_registry_and_houston_are_asked_at_the_same_time() {
    let second = Duration::from_secs(1);
    let world = World::serving(move |request, _| {
        let (what, release) = asked(request);
        match ready(&what, &release) {
            Reply::Answer(_, response) => Reply::Answer(second, response),
            other => other,
        }
    });
    let ended = check(&world, &without_workspace(&["--wait", "off"]));
    assert_eq!(end(&ended), "0");
    // HEAD, manifest and config in three seconds, Houston's version meanwhile; then the list.
    assert_eq!(world.clock(), Duration::from_secs(4));
    assert_eq!(world.sent().iter().filter(|sent| sent.at.is_zero()).count(), 2);
}

#[test]
fn releases_are_looked_at_as_many_at_once_as_there_are_places() {
    let world = World::serving(move |request, _| {
        let (what, release) = asked(request);
        match ready(&what, &release) {
            Reply::Answer(_, response) if what == "WorkspaceDeployments" => {
                Reply::Answer(Duration::from_secs(1), response)
            }
            other => other,
        }
    });
    let inputs = options(&["--release", "a-1,a-2,a-3,a-4,a-5", "--concurrency", "2", "--wait", "off"]);
    let ended = check(&world, &inputs);
    assert_eq!((end(&ended).as_str(), world.clock()), ("0", Duration::from_secs(3)));
    let order: Vec<_> = ended.report.results.iter().map(|result| result.release.as_str()).collect();
    assert_eq!(order, ["a-1", "a-2", "a-3", "a-4", "a-5"]);
}

#[test]
fn one_release_takes_no_longer_than_its_timeout() {
    let world = World::serving(move |request, _| {
        let (what, release) = asked(request);
        match what.as_str() {
            "WorkspaceDeployments" => Reply::Answer(
                Duration::from_mins(1),
                Response { status: 200, body: answered(&release), ..Response::default() },
            ),
            what if what.contains("/dev/airflow/") => Reply::Hangs(houston_deploy::io::Head::Written),
            _ => ready(&what, &release),
        }
    });
    let ended =
        check(&world, &options(&["--timeout", "90s", "--request-timeout", "80s", "--stable-for", "10s"]));
    assert_eq!(end(&ended), "0");
    assert_eq!(world.clock(), Duration::from_secs(90));
    assert_eq!(ended.report.results[0].milliseconds, 90_000);
}

fn answered(release: &str) -> Vec<u8> {
    match ready("WorkspaceDeployments", release) {
        Reply::Answer(_, response) => response.body,
        _ => Vec::new(),
    }
}

#[test]
fn the_token_goes_to_houston_and_to_the_airflow_below_the_base_domain_alone() {
    let (world, _) = noting();
    check(&world, &options(&[]));
    let shown: std::collections::BTreeSet<_> = world
        .sent()
        .iter()
        .filter(|sent| sent.authorization.as_deref().is_some_and(|value| value.contains(crate::world::TOKEN)))
        .map(|sent| sent.url.split('/').nth(2).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        shown.into_iter().collect::<Vec<_>>(),
        ["deployments.astro.example.com", "houston.astro.example.com"]
    );
}
