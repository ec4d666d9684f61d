//! What is wrong in today's values: each known mistake with its line, its reason and the correct place.

use super::{Line, airgapped, airgapped_for_each, for_each, standard};

const CONFIG: &str = "astronomer.houston.config";
const SETS: &str = "the printed values set it";
const SETS_ALL: &str = "the printed values set it, and all that belongs below it";
const MOVE: &str = "is in a place where the platform does not read it | move it to astronomer.houston.config";

/// Values in which nothing is wrong on a platform of 0.34.1, from line 1 on.
const GOOD: &str = "\
astronomer:
  houston:
    config:
      deployments:
        enableUpdateDeploymentImageEndpoint: true
      registry:
        protectedCustomRegistry:
          enabled: true
          updateRegistry:
            enabled: true
            host: registry.example.com/acme/airflow
            secretName: pull
";

fn old() -> Line {
    standard().of("0.34.1")
}

fn new() -> Line {
    standard().of("2.1.0")
}

/// `GOOD` with one of its lines replaced.
#[track_caller]
fn with(line: usize, text: &str) -> String {
    let mut lines: Vec<_> = GOOD.lines().collect();
    lines[line - 1] = text;
    lines.join("\n")
}

#[test]
fn nothing_is_found_in_good_values() {
    old().today(GOOD).finds(&[]);
    // What is printed is an overlay of itself.
    for line in [standard(), airgapped(), for_each(), airgapped_for_each()] {
        for version in ["0.34.1", "2.1.0"] {
            let line = line.clone().of(version);
            let printed = line.clone().with(&["--format", "yaml"]).prints();
            line.today(printed).finds(&[]);
        }
    }
    // Without a version either switch will do.
    standard().today(GOOD).finds(&[]);
}

#[test]
fn what_is_missing_is_told_once_and_by_the_line_of_what_is_there() {
    old().today("null\n").finds(&[&format!("warning 1 astronomer is missing | {SETS_ALL}")]);
    old()
        .today("global:\n  baseDomain: example.com\n")
        .finds(&[&format!("warning 1 astronomer is missing | {SETS_ALL}")]);
    old()
        .today("a: 1\nastronomer:\n  houston:\n")
        .finds(&[&format!("warning 3 {CONFIG} is missing | {SETS_ALL}")]);
    old().today("a: 1\nastronomer:\n  houston:\n    config:\n      deployments: {}\n").finds(&[
        &format!("warning 4 {CONFIG}.registry is missing | {SETS_ALL}"),
        &format!("warning 5 {CONFIG}.deployments.enableUpdateDeploymentImageEndpoint is missing | {SETS}"),
    ]);
    old().today(with(12, "")).finds(&[&format!(
        "warning 9 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.secretName is missing | {SETS}"
    )]);
    old().today(with(12, "            secretName:")).finds(&[&format!(
        "warning 12 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.secretName is missing | {SETS} to pull"
    )]);
}

#[test]
fn the_update_registry_is_switched_off() {
    for word in ["false", "False"] {
        old().today(with(10, &format!("            enabled: {word}"))).finds(&[&format!(
            "warning 10 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.enabled is false: Deployments are then not \
             given the registry of the images that they are updated to | {SETS} to true"
        )]);
    }
    old().today(with(8, "          enabled: false")).finds(&[&format!(
        "warning 8 {CONFIG}.registry.protectedCustomRegistry.enabled is false | {SETS} to true"
    )]);
    old().today(with(10, "            enabled: \"true\"")).finds(&[&format!(
        "warning 10 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.enabled is \"true\", which is not the boolean \
         true | {SETS} to true"
    )]);
}

#[test]
fn the_endpoint_is_switched_off() {
    let off = "        enableUpdateDeploymentImageEndpoint: false";
    let finding = format!(
        "warning 5 {CONFIG}.deployments.enableUpdateDeploymentImageEndpoint is false: the platform then refuses the call | \
         {SETS} to true"
    );
    old().today(with(5, off)).finds(&[&finding]);
    standard().today(with(5, off)).finds(&[&finding]);
    standard().today(with(5, "        other: 1")).finds(&[&format!(
        "warning 4 {CONFIG}.deployments has no switch for the endpoint that houston-deploy calls | the printed values have it, \
         by the chart's version"
    )]);
}

#[test]
fn a_host_holds_registry_and_repository() {
    let host = format!("warning 11 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.host is");
    let set = format!("{SETS} to registry.example.com/acme/airflow");
    for (value, why) in [
        ("registry.example.com", "has no repository behind the registry: <registry>/<repository> is needed"),
        ("acme/airflow", "has no registry in front, such as registry.example.com/"),
        ("registry.example.com/acme/airflow:1.4", "has a tag: leave out \":1.4\""),
        ("https://registry.example.com/acme", "is a URL: leave out \"https://\""),
        ("other.example.com/acme", "is another"),
    ] {
        old()
            .today(with(11, &format!("            host: {value}")))
            .finds(&[&format!("{host} \"{value}\", which {why} | {set}")]);
    }
    old().today(with(11, "            host: [a]")).finds(&[&format!("{host} no single value | {set}")]);
    old().today(with(12, "            secretName: other")).finds(&[&format!(
        "warning 12 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.secretName is \"other\", which is another | {SETS} \
         to pull"
    )]);
}

#[test]
fn a_user_in_a_host_is_not_shown() {
    let today = with(11, "            host: https://robot:geheim1@registry.example.com/acme");
    let left = old().today(today).run();
    assert!(left.stderr.contains("host is \"https://***@registry.example.com/acme\""), "{}", left.stderr);
    assert!(!left.report.to_string().contains("geheim1"));
}

#[test]
fn a_registry_under_deployments() {
    let today = "\
astronomer:
  houston:
    config:
      deployments:
        enableUpdateDeploymentImageEndpoint: true
        registry:
          protectedCustomRegistry:
            enabled: true
";
    old().today(today).finds(&[
        &format!("warning 3 {CONFIG}.registry is missing | {SETS_ALL}"),
        &format!("error 6 {CONFIG}.deployments.registry {MOVE}.registry"),
    ]);
}

#[test]
fn keys_in_places_where_nothing_reads_them() {
    let registry = format!("{MOVE}.registry.protectedCustomRegistry");
    let more = |text: &str| format!("{GOOD}{text}");
    // `astronomer.registry` itself is the chart's own registry, and none of our business.
    old().today(more("  registry:\n    persistence: 1\n")).finds(&[]);
    old()
        .today(more("  registry:\n    protectedCustomRegistry:\n      enabled: true\n"))
        .finds(&[&format!("error 14 astronomer.registry.protectedCustomRegistry {registry}")]);
    old()
        .today(more("registry:\n  protectedCustomRegistry: {}\n"))
        .finds(&[&format!("error 14 registry.protectedCustomRegistry {registry}")]);
    old()
        .today(more("houston:\n  config:\n    registry:\n      updateRegistry: {}\n"))
        .finds(&[&format!("error 16 houston.config.registry.updateRegistry {registry}.updateRegistry")]);
    old()
        .today(more("        baseRegistry: {}\n"))
        .finds(&[&format!("error 13 {CONFIG}.registry.baseRegistry {registry}.baseRegistry")]);
    old().today(more("  houston2:\n    enableUpdateDeploymentImageEndpoint: true\n")).finds(&[&format!(
        "error 14 astronomer.houston2.enableUpdateDeploymentImageEndpoint {MOVE}.deployments.enableUpdateDeploymentImageEndpoint"
    )]);
    old().today(more("    updateDeploymentImageEndpoint: {}\n")).finds(&[&format!(
        "error 13 astronomer.houston.updateDeploymentImageEndpoint \
         {MOVE}.deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint"
    )]);
    old().today(more("    deploymentImagesRegistry: {}\n")).finds(&[&format!(
        "error 13 astronomer.houston.deploymentImagesRegistry {MOVE}.deployments.deploymentImagesRegistry"
    )]);
    old().today(more("    defaultAirflowRepository: a\n")).finds(&[&format!(
        "error 13 astronomer.houston.defaultAirflowRepository {MOVE}.deployments.helm.airflow.defaultAirflowRepository"
    )]);
}

#[test]
fn the_key_of_another_version() {
    let both = "        deploymentImagesRegistry: {updateDeploymentImageEndpoint: {enabled: true}}";
    let from_2 =
        format!("{CONFIG}.deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint.enabled");
    let below_2 = format!("{CONFIG}.deployments.enableUpdateDeploymentImageEndpoint");
    new().today(GOOD).finds(&[
        &format!("warning 4 {CONFIG}.deployments.deploymentImagesRegistry is missing | {SETS_ALL}"),
        &format!(
            "error 5 {below_2} is the key of charts below 2.0, and this platform is 2.1.0 | take it out; here the key is {from_2}"
        ),
    ]);
    new().today(with(5, both)).finds(&[]);
    old().today(with(5, both)).finds(&[
        &format!("warning 4 {below_2} is missing | {SETS}"),
        &format!(
            "error 5 {from_2} is the key of charts from 2.0 on, and this platform is 0.34.1 | take it out; here the key is \
             {below_2}"
        ),
    ]);
}

#[test]
fn a_host_where_each_deployment_has_its_own_registry() {
    let hint = "take the line out: Helm keeps what the printed values do not name";
    for_each().of("0.34.1").today(GOOD).finds(&[&format!(
        "error 11 {CONFIG}.registry.protectedCustomRegistry.updateRegistry.host is set, and with a registry for each Deployment \
         there is no host here | {hint}"
    )]);
    for_each().of("0.34.1").today(with(11, "            host: null")).finds(&[]);
}

#[test]
fn a_base_registry_that_standard_mode_leaves_as_it_is() {
    let base = format!("{CONFIG}.registry.protectedCustomRegistry.baseRegistry");
    let more = |host: &str| {
        format!("{GOOD}          baseRegistry:\n            enabled: true\n            host: {host}\n")
    };
    let airgapped = format!(
        "warning 14 {base}.enabled is true, as an air-gapped platform has it, and `mode` is standard | set `mode` to airgapped, \
         or set it to false"
    );
    old().today(more("mirror.example.com/airflow")).finds(&[&airgapped]);
    old().today(more("mirror.example.com")).finds(&[
        &airgapped,
        &format!(
            "error 15 {base}.host is \"mirror.example.com\", which has no repository behind the registry: <registry>/<repository> \
             is needed | set it to <registry>/<repository>"
        ),
    ]);
}

#[test]
fn a_value_where_keys_should_be() {
    old().today("astronomer:\n  houston:\n    config: |\n      deployments: {}\n").finds(&[&format!(
        "warning 3 {CONFIG} is no mapping of keys to values | the printed values put one in its place"
    )]);
    old().today("astronomer: [1]\n").finds(&[
        "warning 1 astronomer is no mapping of keys to values | the printed values put one in its place",
    ]);
}

#[test]
fn the_vendors_first_page_but_for_its_tabs() {
    let today = "\
astronomer:
  houston:
    config:
      deployments:
        enableUpdateDeploymentImageEndpoint: true
        helm:
          airflow:
            defaultAirflowRepository: registry.example.com/acme/airflow
            images:
              airflow:
                repository: registry.example.com/acme/airflow
        registry:
          protectedCustomRegistry:
            enabled: true
            baseRegistry:
              enabled: true
              host: registry.example.com/acme/airflow
              secretName: pull
            updateRegistry:
              enabled: false
";
    airgapped().of("0.34.1").today(today).finds(&[
        &format!("warning 3 {CONFIG}.registry is missing | {SETS_ALL}"),
        &format!("error 12 {CONFIG}.deployments.registry {MOVE}.registry"),
    ]);
}

#[test]
fn no_list_is_without_an_end() {
    let many = (0..1000)
        .map(|index| format!("k{index}: {{protectedCustomRegistry: {{}}}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let left = old().today(format!("{GOOD}{many}")).run();
    let findings = left.report["findings"].as_array().expect("findings");
    assert_eq!((findings.len(), left.code), (100, 2));
    let last = findings[99]["message"].as_str().expect("a message");
    assert!(last.ends_with("; 900 findings more are not told"), "{last}");
}
