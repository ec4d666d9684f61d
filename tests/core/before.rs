//! The Deployment before the change: what is read of it, what is asked once more, and what not being able to read it means.

use houston_deploy::error::Code;
use serde_json::json;

use crate::world::{World, answer, deploy, deployment, inputs, invalid, only, yes};

#[test]
fn with_a_workspace_the_deployment_is_read_first() {
    let world = World::new([deployment("t0"), yes()]);
    let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    assert_eq!(world.sent()[0].variables, json!({ "workspaceUuid": "ws1", "releaseName": "dev" }));
    let before = only(&ended).before.as_ref().expect("a state before");
    assert_eq!((before.version.as_deref(), before.updated_at.as_deref()), (Some("10.0.0"), Some("t0")));
}

#[test]
fn a_release_that_is_not_in_the_workspace_is_not_sent() {
    for body in [
        r#"{"data":{"workspaceDeployments":[]}}"#,
        r#"{"data":{"workspaceDeployments":[{"releaseName":"dev2"}]}}"#,
    ] {
        let world = World::new([answer(200, body)]);
        let ended = deploy(&world, &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
        let error = only(&ended).error.as_ref().expect("an error");
        assert_eq!((ended.exit_code, error.code, only(&ended).attempts), (3, Code::DeploymentNotFound, 0));
    }
}

#[test]
fn not_being_allowed_to_look_is_a_warning() {
    let forbidden = answer(
        200,
        r#"{"data":null,"errors":[{"message":"no","path":["workspaceDeployments"],"extensions":{"code":"FORBIDDEN"}}]}"#,
    );
    let ended = deploy(
        &World::new([forbidden, yes()]),
        &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]),
    );
    assert_eq!((ended.exit_code, ended.report.warnings[0].code), (0, Code::PermissionDenied));
}

#[test]
fn a_houston_that_fails_to_show_the_deployment_is_a_warning() {
    let faults = [
        r#"{"data":{"workspaceDeployments":null}}"#,
        r#"{"data":null,"errors":[{"message":"no","path":["workspaceDeployments"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#,
    ];
    for fault in faults {
        let options = ["--platform-version", "0.34.1", "--workspace", "ws1", "--attempts", "1"];
        let ended = deploy(&World::new([answer(200, fault), yes()]), &inputs(&options));
        let codes: Vec<_> = ended.report.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!((ended.exit_code, codes), (0, vec![Code::HoustonFailed]), "{fault}");
    }
}

#[test]
fn fields_that_a_platform_does_not_have_are_dropped_once() {
    let unknown = || {
        answer(
            400,
            r#"{"errors":[{"message":"Cannot query field \"airflowVersion\" on type \"Deployment\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}},
                {"message":"Cannot query field \"urls\" on type \"Deployment\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#,
        )
    };
    let options = ["--platform-version", "0.34.1", "--workspace", "ws1"];
    let world = World::new([unknown(), deployment("t0"), yes()]);
    deploy(&world, &inputs(&options));
    assert!(
        world.sent()[0]
            .query
            .contains("{ id releaseName airflowVersion runtimeVersion updatedAt urls { type url } }")
    );
    assert!(world.sent()[1].query.contains("{ id releaseName runtimeVersion updatedAt }"));
    // A platform that goes on objecting is one that cannot be read.
    let other = || invalid(r#"Cannot query field "updatedAt" on type "Deployment"."#);
    for objection in [unknown(), other()] {
        let ended = deploy(&World::new([unknown(), objection, yes()]), &inputs(&options));
        assert_eq!((ended.exit_code, ended.report.warnings[0].code), (0, Code::ApiMismatch));
    }
}

#[test]
fn what_houston_says_of_a_deployment_is_passed_on_only_if_it_is_safe() {
    let replies = [
        answer(
            200,
            r#"{"data":{"workspaceDeployments":[{"releaseName":"dev","urls":[{"type":"airflow","url":"https://a/`id`"}]}]}}"#,
        ),
        answer(
            200,
            r#"{"data":{"updateDeploymentImage":{"id":"$(id)","releaseName":"dev","runtimeVersion":"11.3.0"}}}"#,
        ),
    ];
    let ended =
        deploy(&World::new(replies), &inputs(&["--platform-version", "0.34.1", "--workspace", "ws1"]));
    assert_eq!(only(&ended).deployment_id, None);
    assert_eq!(
        only(&ended).airflow_url.as_deref(),
        Some("https://deployments.astro.example.com/dev/airflow")
    );
}
