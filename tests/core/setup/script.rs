//! The script: what it runs, and that nothing in it can be taken for a command. (That it runs is a test from outside.)

use super::{airgapped, for_each, line, standard};

fn shell(line: super::Line) -> String {
    line.with(&["--format", "shell"]).prints()
}

#[test]
fn it_stops_at_the_first_failure_and_shows_no_password_in_a_trace() {
    for line in [standard(), airgapped(), for_each()] {
        let script = shell(line.of("1.0.1"));
        assert!(script.starts_with("#!/bin/sh\n# What Astronomer Software 1.0.1 needs once"), "{script}");
        let lines: Vec<_> = script.lines().collect();
        let place = |wanted: &str| lines.iter().position(|line| *line == wanted).expect(wanted);
        assert!(place("set -eu") < place("set +x"));
        let first =
            lines.iter().position(|line| line.contains("HOUSTON_REGISTRY_PASSWORD")).expect("the password");
        assert!(place("set +x") < first, "{script}");
    }
}

#[test]
fn the_password_goes_to_no_program_as_an_argument_and_to_helm_not_at_all() {
    for line in [standard(), airgapped(), for_each()] {
        let script = shell(line.of("1.0.1"));
        for line in script.lines().filter(|line| line.contains("PASSWORD")) {
            let fine = ["pull_secret ", "unset ", ": \"${"].iter().any(|start| line.starts_with(start));
            assert!(fine, "{line}");
        }
        // Where the fourth argument of the function is used, the shell itself prints it.
        let uses: Vec<_> = script.lines().filter(|line| line.contains("$4")).collect();
        assert_eq!(uses, ["  auth=$(printf '%s:%s' \"$3\" \"$4\" | base64 | tr -d '\\n')"]);
        let gone =
            script.rfind("unset HOUSTON_REGISTRY_PASSWORD").expect("it is taken out of the environment");
        assert!(gone < script.find("helm get values").expect("helm"), "{script}");
    }
}

#[test]
fn a_user_that_was_given_stands_in_it_quoted() {
    for (username, word) in [
        ("robot$acme", "\"robot\\$acme\""),
        ("_json_key", "'_json_key'"),
        ("it's $(me) `x` \"y\" \\ *", r#""it's \$(me) \`x\` \"y\" \\ *""#),
    ] {
        let script = shell(standard().of("1.0.1").with(&[&format!("--registry-username={username}")]));
        let call = format!(
            "pull_secret 'astronomer' 'registry.example.com' {word} \"$HOUSTON_REGISTRY_PASSWORD\"\n"
        );
        assert!(script.contains(&call), "{script}");
        assert!(!script.contains("HOUSTON_REGISTRY_USERNAME"), "{script}");
    }
    let script = shell(standard().of("1.0.1"));
    assert!(
        script.contains(": \"${HOUSTON_REGISTRY_USERNAME:?set it to the user of the registry}\"\n"),
        "{script}"
    );
}

#[test]
fn dockers_own_registry_goes_by_its_old_name() {
    let script = shell(
        line(&["--mode=standard", "--secret-name=pull", "--repository=docker.io/acme/airflow"]).of("1.0.1"),
    );
    assert!(script.contains("pull_secret 'astronomer' 'https://index.docker.io/v1/' "), "{script}");
    assert!(script.contains("host: \"docker.io/acme/airflow\"\n"), "{script}");
}

#[test]
fn names_that_were_given_are_used_everywhere() {
    let script =
        shell(standard().of("1.0.1").with(&["--namespace=platform", "--platform-release=astro-prod"]));
    assert!(!script.contains("'astronomer'"), "{script}");
    for wanted in [
        "kubectl annotate secret 'pull' --namespace 'platform' --overwrite",
        "helm get values 'astro-prod' --namespace 'platform'",
        "helm upgrade 'astro-prod' \"${HOUSTON_CHART:-astronomer/astronomer}\" --namespace 'platform' --version '1.0.1'",
        "--from='cronjob/astro-prod-config-syncer'",
        "helm list --namespace 'platform' --filter '^astro-prod$'",
    ] {
        assert!(script.contains(wanted), "{wanted} is not in\n{script}");
    }
}

#[test]
fn each_deployment_has_variables_of_its_own() {
    let script = shell(for_each().of("2.1.0"));
    for wanted in [
        "pull_secret \"${HOUSTON_NAMESPACE_ANALYTICS_DEV:-astronomer-analytics-dev}\" \"$HOUSTON_REGISTRY_HOST_ANALYTICS_DEV\" \
         \"$HOUSTON_REGISTRY_USERNAME_ANALYTICS_DEV\" \"$HOUSTON_REGISTRY_PASSWORD_ANALYTICS_DEV\"\n",
        "pull_secret \"${HOUSTON_NAMESPACE_ETL_1:-astronomer-etl-1}\" ",
        ": \"${HOUSTON_REGISTRY_HOST_ETL_1:?set it to the host of the registry of etl-1}\"\n",
        "unset HOUSTON_REGISTRY_PASSWORD_ETL_1\n",
    ] {
        assert!(script.contains(wanted), "{wanted} is not in\n{script}");
    }
    // No secret that the platform copies, and nothing to copy it with.
    for unwanted in ["commander-sync", "config-syncer", "kubectl create job"] {
        assert!(!script.contains(unwanted), "{script}");
    }
}
