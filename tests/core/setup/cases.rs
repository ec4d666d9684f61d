//! The four cases, on platforms below 2.0 and from 2.0 on, in every form.

use serde_json::{Value, json};

use super::{Line, airgapped, airgapped_for_each, for_each, script, standard};

const HOST: &str = "registry.example.com/acme/airflow";

fn below_2() -> Value {
    json!({ "enableUpdateDeploymentImageEndpoint": true })
}

fn from_2() -> Value {
    json!({ "deploymentImagesRegistry": { "updateDeploymentImageEndpoint": { "enabled": true } } })
}

fn whole(deployments: &Value, registry: &Value) -> Value {
    let config = json!({ "deployments": deployments, "registry": { "protectedCustomRegistry": registry } });
    json!({ "astronomer": { "houston": { "config": config } } })
}

fn with_airflow(mut deployments: Value, repository: &str) -> Value {
    deployments["helm"] = json!({ "airflow": {
        "defaultAirflowRepository": repository,
        "images": { "airflow": { "repository": repository } },
    } });
    deployments
}

#[track_caller]
fn values(line: &Line, version: &str, wanted: &Value) {
    assert_eq!(&line.clone().of(version).data()["values"], wanted, "{version}");
}

#[test]
fn standard_with_one_registry() {
    let registry =
        json!({ "enabled": true, "updateRegistry": { "enabled": true, "host": HOST, "secretName": "pull" } });
    for version in ["0.29.0", "0.37.4", "1.0.0", "1.0.1", "1.99.0"] {
        values(&standard(), version, &whole(&below_2(), &registry));
    }
    for version in ["2.0.0", "2.0.0-rc.1", "2.1.0", "3.0.0"] {
        values(&standard(), version, &whole(&from_2(), &registry));
    }
}

#[test]
fn airgapped_with_one_registry() {
    let one = json!({ "enabled": true, "host": HOST, "secretName": "pull" });
    let registry = json!({ "enabled": true, "baseRegistry": one, "updateRegistry": one });
    values(&airgapped(), "0.34.1", &whole(&with_airflow(below_2(), HOST), &registry));
    values(&airgapped(), "2.1.0", &whole(&with_airflow(from_2(), HOST), &registry));
}

#[test]
fn standard_with_a_registry_for_each() {
    let registry = json!({ "enabled": true, "updateRegistry": { "enabled": true, "secretName": "pull" } });
    values(&for_each(), "0.34.1", &whole(&below_2(), &registry));
    values(&for_each(), "2.1.0", &whole(&from_2(), &registry));
}

#[test]
fn airgapped_with_a_registry_for_each() {
    let one = json!({ "enabled": true, "secretName": "pull" });
    let registry = json!({ "enabled": true, "baseRegistry": one, "updateRegistry": one });
    let repository = "mirror.example.com:5000/airflow";
    values(&airgapped_for_each(), "0.34.1", &whole(&with_airflow(below_2(), repository), &registry));
    values(&airgapped_for_each(), "2.1.0", &whole(&with_airflow(from_2(), repository), &registry));
}

#[test]
fn the_yaml_is_readable_and_quotes_what_could_be_taken_for_something_else() {
    let line = airgapped().with(&["--format", "yaml"]).of("2.1.0");
    assert_eq!(
        line.prints(),
        r#"# What Astronomer Software 2.1.0 needs once, so that houston-deploy can work: air-gapped, one registry for all Deployments.
# An overlay: helm upgrade … --values <today's values> --values <this file>
astronomer:
  houston:
    config:
      deployments:
        deploymentImagesRegistry:
          updateDeploymentImageEndpoint:
            enabled: true
        helm:
          airflow:
            defaultAirflowRepository: "registry.example.com/acme/airflow"
            images:
              airflow:
                repository: "registry.example.com/acme/airflow"
      registry:
        protectedCustomRegistry:
          enabled: true
          baseRegistry:
            enabled: true
            host: "registry.example.com/acme/airflow"
            secretName: "pull"
          updateRegistry:
            enabled: true
            host: "registry.example.com/acme/airflow"
            secretName: "pull"
"#
    );
    let named = standard().with(&["--format=yaml"]).of("1.0.1");
    let mut named = named;
    named.words.retain(|word| word != "pull");
    let place = named.words.iter().position(|word| word == "--secret-name").expect("it is there");
    named.words.insert(place + 1, "1e3".into());
    assert!(named.prints().contains("secretName: \"1e3\"\n"));
}

fn steps(line: Line) -> Vec<String> {
    let data = line.data();
    let steps = data["steps"].as_array().expect("steps").iter();
    steps.map(|step| step["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn the_steps_come_in_order_and_each_says_what_for() {
    let one = ["secret", "annotate", "values", "apply", "sync"];
    let each = ["secret", "values", "apply"];
    assert_eq!(steps(standard().of("0.34.1")), one);
    assert_eq!(steps(airgapped().of("2.1.0")), one);
    assert_eq!(steps(for_each().of("0.34.1")), each);
    assert_eq!(steps(airgapped_for_each().of("2.1.0")), each);

    let text = standard().of("0.34.1").prints();
    let places: Vec<_> = [
        "1. Create the pull secret\n   The cluster pulls the images with it.\n",
        "2. Annotate the secret\n   The platform copies",
        "3. Write the Helm values\n   They switch on",
        "4. Apply the values\n   Helm lays them over",
        "5. Give the secret to the Deployments that exist\n   New ones get it",
    ]
    .iter()
    .map(|step| text.find(step).unwrap_or_else(|| panic!("{step} is not in\n{text}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn without_a_version_the_text_explains_both_forms_of_the_keys() {
    let text = standard().prints();
    assert!(text.contains("Keep the one of your chart, or set `platform-version`"), "{text}");
    assert!(text.contains("        # charts below 2.0; leave it out from 2.0 on:\n        enableUpdateDeploymentImageEndpoint: true\n"), "{text}");
    assert!(
        text.contains(
            "        # charts from 2.0 on; leave it out below:\n        deploymentImagesRegistry:\n"
        ),
        "{text}"
    );
    assert!(text.contains("--version '<platform-version>'"), "{text}");
    let with = standard().of("1.0.1").prints();
    assert!(!with.contains("leave it out") && !with.contains("<platform-version>"), "{with}");
}

#[test]
fn the_data_holds_every_other_form() {
    for line in [standard(), airgapped(), for_each(), airgapped_for_each()] {
        for version in ["0.34.1", "2.1.0"] {
            let line = line.clone().of(version);
            let data = line.clone().data();
            assert_eq!(
                data["yaml"].as_str(),
                Some(line.clone().with(&["--format", "yaml"]).prints().as_str())
            );
            assert_eq!(
                data["shell"].as_str(),
                Some(line.clone().with(&["--format", "shell"]).prints().as_str())
            );
            let text = line.prints();
            for step in data["steps"].as_array().expect("steps") {
                let commands = step["commands"].as_str().expect("commands");
                assert!(text.contains(commands), "{commands}");
                assert!(data["shell"].as_str().expect("a script").contains(commands), "{commands}");
            }
            assert_eq!((&data["status"], &data["error"]), (&json!("planned"), &Value::Null));
            assert_eq!(data["platformVersion"], version);
        }
    }
}

#[test]
fn a_script_gets_the_same_as_data() {
    let left = script(json!({
        "mode": "standard", "repository": HOST, "secretName": "pull", "platformVersion": "0.34.1",
    }))
    .run();
    assert_eq!((left.code, left.stderr.as_str()), (0, ""));
    assert_eq!(left.report, standard().of("0.34.1").data());
    let left = script(json!({
        "mode": "standard", "perDeployment": true, "release": ["analytics-dev", "etl-1"], "secretName": "pull",
        "platformVersion": "0.34.1",
    }))
    .run();
    assert_eq!(left.report, for_each().of("0.34.1").data());
}
