//! Looks at the rows alone change nothing of what a watch ends with: it ends as one does that looks at all of it each
//! time, whatever the Airflow does.

use houston_deploy::airflow::{Look, Seen};
use proptest::collection::vec;
use proptest::prelude::*;

use super::model::{Process, new, old, well, well_2};
use super::{Watch, ailing, failed, not_yet, since};

const HOSTS: [&str; 4] = [
    "dev-scheduler-7d9f8c6b5d-aaaaa",
    "dev-scheduler-5c4b7f9d8e-bbbbb",
    "dev-scheduler-5c4b7f9d8e-ccccc",
    "dev-scheduler-0",
];

/// What goes wrong with one look; most of it in all of its pages, as it is where an Airflow rolls.
fn broken(look: Look, how: u8) -> Look {
    match how {
        0 => not_yet(look),
        1 => failed(look),
        2 => {
            Look { health: Seen::Denied("HTTP 403".into()), version: None, rows: [None, None, None], ..look }
        }
        3 => Look { rows: [None, None, None], ..look },
        4 => Look { line: look.line.other(), rows: [None, None, None], ..look },
        _ => look,
    }
}

/// A process of before the change, or one that starts after it.
fn process(id: u64, (host, from, lives, killed): (usize, i64, i64, bool)) -> Process {
    let host = HOSTS[host];
    let process = if id < 10 { old(id, host) } else { new(id, host, from) };
    let until = process.from.max(0) + lives;
    if lives > 500 {
        process
    } else if killed {
        process.is_killed(until)
    } else {
        process.ends(until)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn rows_alone_lead_where_whole_looks_do(
        is_two in any::<bool>(),
        before in vec((0_usize..4, 0_i64..1, 0_i64..1000, any::<bool>()), 0..3),
        after in vec((0_usize..4, 1_i64..300, 0_i64..1500, any::<bool>()), 0..5),
        ill in (0_i64..600, 0_i64..100),
        spells in vec((0_i64..600, 0_i64..60, 0_u8..5), 0..3),
        expects in any::<bool>(),
        unchanged_ok in any::<bool>(),
        version_from in 0_i64..100,
    ) {
        let mut processes: Vec<Process> = (1..).zip(before).map(|(id, one)| process(id, one)).collect();
        let mut after = after;
        after.sort_unstable_by_key(|one| one.1);
        processes.extend((10..).zip(after).map(|(id, one)| process(id, one)));
        let scene = |second: i64| {
            let mut look = if is_two { well_2(second, &processes) } else { well(second, &processes) };
            if expects && second < version_from {
                look.version = Some("1.0.0".into());
            }
            if (ill.0..ill.0 + ill.1).contains(&second) {
                look = ailing(look, |health| health.scheduler = false);
            }
            for (from, lasts, how) in &spells {
                if (*from..from + lasts).contains(&second) && second > 0 {
                    look = broken(look, *how);
                }
            }
            look
        };
        let version = if is_two { "2.9.1" } else { "3.0.0" };
        let watch = since(&scene(0));
        let watch = Watch { expected: expects.then_some(version), unchanged_ok, ..watch };
        prop_assert_eq!(watch.sees(scene), watch.sees_all(scene));
    }
}
