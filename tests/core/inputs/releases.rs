//! Releases: the list, the file, names that come twice, and shards.

use houston_deploy::inputs::{Environment, Shard};
use proptest::prelude::*;

use super::{Case, names, usual};

// The list and the file.

#[test]
fn releases_stand_between_commas_spaces_and_lines() {
    let inputs = usual().but("--release", " b,a , c\nd\r\n\te,,\n").good();
    assert_eq!(names(&inputs), ["b", "a", "c", "d", "e"]);
}

#[test]
fn a_file_has_a_release_a_line_and_comments() {
    let text = "\u{feff}# all of them\n a \nb # the second\r\n\n#c\nd#e";
    let case = usual().without("--release").with(&["--release-file", "list"]).file("list", text);
    assert_eq!(names(&case.good()), ["a", "b", "d"]);
    // The list and the file add up, the list first.
    let case = usual().with(&["--release-file", "list"]).file("list", text);
    assert_eq!(names(&case.good()), ["dev", "a", "b", "d"]);
}

#[test]
fn a_bad_file_of_releases_is_named() {
    let of =
        |content: &[u8]| usual().without("--release").with(&["--release-file", "list"]).file("list", content);
    of(b"# nothing\n\n").gets(&["release-file: names no release"]);
    of(b"a\nb,c\n")
        .gets(&["release-file: \"b,c\" has unexpected character ',' at position 2 of the release name | the release name is on the Deployment's page, such as \"galactic-force-1234\""]);
    of(b"a\n\xff\n").gets(&["release-file: \"list\" is no UTF-8 text"]);
    of(&vec![b'#'; 1024 * 1024 + 1]).gets(&["release-file: \"list\" is too large"]);
    usual().with(&["--release-file", "gone"]).gets(&["release-file: \"gone\" does not exist"]);
}

#[test]
fn a_file_that_is_not_there_hides_no_other_problem() {
    usual().but("--release", "Dev").with(&["--release-file", "gone"]).gets(&[
        "release-file: \"gone\" does not exist",
        "release: \"Dev\" has upper-case letter 'D' at position 1 of the release name",
    ]);
}

#[test]
fn no_release_in_the_list_is_a_problem() {
    for text in ["", " ", ",\n,"] {
        usual().but("--release", text).gets(&["release: names no release"]);
    }
}

#[test]
fn a_release_named_again_is_one_warning() {
    usual()
        .but("--release", "a b a")
        .warns(&["INPUT_INVALID: a is named twice and done once | name each release once"]);
    usual()
        .but("--release", "b a b a a")
        .warns(&["INPUT_INVALID: b and 2 more are named again and done once | name each release once"]);
    // In the list and in the file is twice as well.
    usual()
        .with(&["--release-file", "list"])
        .file("list", "dev")
        .warns(&["INPUT_INVALID: dev is named twice and done once | name each release once"]);
}

#[test]
fn a_thousand_releases_with_duplicates_are_each_done_once() {
    let names: Vec<_> = (0..1000).map(|number| format!("release-{}", number % 500)).collect();
    let case = usual().but("--release", &names.join(","));
    assert_eq!(case.good().releases.len(), 500);
    case.warns(&[
        "INPUT_INVALID: release-0 and 499 more are named again and done once | name each release once",
    ]);
}

/// So many release names, no two the same.
fn many(count: u32) -> String {
    (0..count).map(|number| format!("r{number}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn ten_thousand_releases_are_the_most() {
    assert_eq!(usual().but("--release", &many(10_000)).good().releases.len(), 10_000);
    usual()
        .but("--release", &many(10_001))
        .gets(&["release: names 10001 releases, 10000 at most | use `shard` or several runs"]);
}

#[test]
fn too_many_releases_in_a_file_are_the_files() {
    usual()
        .without("--release")
        .with(&["--release-file", "list"])
        .file("list", many(10_001))
        .gets(&["release-file: names 10001 releases, 10000 at most | use `shard` or several runs"]);
}

// Shards.

#[track_caller]
fn part(shard: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let case = environment.iter().fold(usual(), |case, (name, value)| case.variable(name, value));
    let inputs = case.but("--release", "a b c d e").with(&["--shard", shard]).good();
    names(&inputs).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_shard_is_every_so_manieth_release() {
    assert_eq!(part("1/1", &[]), ["a", "b", "c", "d", "e"]);
    assert_eq!(part("1/2", &[]), ["a", "c", "e"]);
    assert_eq!(part("2/5", &[]), ["b"]);
    assert_eq!(part("3/3", &[]), ["c"]);
}

#[test]
fn auto_is_gitlabs_part() {
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")];
    assert_eq!(part("auto", &gitlab), ["b", "e"]);
    assert_eq!(part("auto", &[]), ["a", "b", "c", "d", "e"]);
    // Without `auto` they are GitLab's own business.
    assert_eq!(part("1/1", &gitlab), ["a", "b", "c", "d", "e"]);
    let case = usual().but("--release", "a b").variable("CI_NODE_INDEX", "2").variable("CI_NODE_TOTAL", "2");
    assert_eq!(names(&case.good()), ["a", "b"]);
}

#[test]
fn a_part_that_there_is_not_is_a_problem() {
    let none = |case: Case, shard: &str, why: &str| {
        case.with(&["--shard", shard]).gets(&[&format!("shard: \"{shard}\" is no part of a list{why}")]);
    };
    for shard in ["0/3", "4/3", "-1/3", "1/0", "1/", "/1", "a/b", "1/2/3", "1/18446744073709551616"] {
        none(usual(), shard, ": the parts of five are 1/5 to 5/5");
    }
    for shard in ["2", "all", "Auto"] {
        none(usual(), shard, ", such as 2/5");
    }
    // GitLab sets both or neither.
    none(usual().variable("CI_NODE_INDEX", "2"), "auto", ": the parts of five are 1/5 to 5/5");
}

#[test]
fn an_empty_part_is_a_warning() {
    let case = usual().with(&["--shard", "2/5"]);
    assert!(case.good().releases.is_empty());
    case.warns(&["INPUT_INVALID: shard 2/5 of 1 releases is empty: nothing to do in this job"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_are_disjoint_and_complete(count in 0_usize..60, total in 1_usize..20) {
        let list: Vec<_> = (0..count).collect();
        let mut all = Vec::new();
        for index in 1..=total {
            let mut part = list.clone();
            let text = format!("{index}/{total}");
            Shard::parse(&text, &Environment::default()).expect("a shard").keep(&mut part);
            // No job has more than one release more than another.
            prop_assert!((count / total..=count.div_ceil(total)).contains(&part.len()));
            prop_assert!(part.is_sorted(), "in order");
            all.extend(part);
        }
        all.sort_unstable();
        prop_assert_eq!(all, list);
    }
}
