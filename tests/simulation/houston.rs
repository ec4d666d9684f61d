//! A model of Houston: three generations of it, Deployments with `updatedAt` and image, tokens. What it accepts is
//! written down, since that is the truth that the report is held against.

use houston_deploy::io::Response;
use serde_json::Value;

use crate::fault::Said;
use crate::setting::{Setting, Version, numbers};

/// One Deployment.
pub struct Deployment {
    pub release: String,
    pub known: bool,
    pub image: String,
    /// What it shows for its Runtime and for its Airflow version.
    pub runtime: String,
    pub airflow: String,
    /// How often it was changed.
    pub changes: u32,
}

/// Something that was accepted.
pub struct Accepted {
    pub release: usize,
    pub ours: bool,
    /// Whether the image is another than before, so that the pods roll.
    pub rolls: bool,
}

pub struct Houston {
    pub deployments: Vec<Deployment>,
    pub accepted: Vec<Accepted>,
    /// Deployments that were created by mistake.
    pub created: u32,
}

/// The release name of this index.
pub fn release_name(index: usize) -> String {
    format!("dev{index}")
}

/// Where its Airflow is.
pub fn airflow_url(index: usize) -> String {
    format!("https://deployments.astro.example.com/dev{index}/airflow")
}

/// An answer with a status and a body.
pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response {
    let content_type = Some("application/json; charset=utf-8".to_owned());
    Response { status, content_type, body: body.into(), ..Response::default() }
}

fn validation(messages: &[String]) -> Response {
    let errors: Vec<String> = messages
        .iter()
        .map(|message| {
            let message = message.replace('"', "\\\"");
            format!(r#"{{"message":"{message}","extensions":{{"code":"GRAPHQL_VALIDATION_FAILED"}}}}"#)
        })
        .collect();
    answer(400, format!(r#"{{"errors":[{}]}}"#, errors.join(",")))
}

fn refusal(field: &str, message: &str, code: &str) -> Response {
    answer(
        200,
        format!(
            r#"{{"data":{{"{field}":null}},"errors":[{{"message":"{message}","path":["{field}"],"extensions":{{"code":"{code}"}}}}]}}"#
        ),
    )
}

const FORBIDDEN: &str = "You do not have the appropriate permissions for that";

/// The field that a document asks for.
pub fn field_of(query: &str) -> &'static str {
    ["appConfig", "workspaceDeployments", "updateDeploymentImage", "upsertDeployment"]
        .into_iter()
        .find(|field| query.contains(&format!("{{ {field}")))
        .unwrap_or("deployment")
}

impl Houston {
    pub fn new(setting: &Setting) -> Self {
        let deployments = setting.airflows.iter().enumerate().map(|(index, airflow)| Deployment {
            release: release_name(index),
            known: setting.unknown != Some(index),
            image: if airflow.unchanged {
                crate::world::IMAGE
            } else {
                "registry.example.com/acme/airflow:1.4.1"
            }
            .to_owned(),
            runtime: airflow.before.0.to_owned(),
            airflow: airflow.before.1.to_owned(),
            changes: 0,
        });
        Self { deployments: deployments.collect(), accepted: Vec::new(), created: 0 }
    }

    /// Takes an image for a Deployment.
    pub fn accept(&mut self, release: usize, image: &str, versions: (&str, &str), ours: bool) {
        let deployment = &mut self.deployments[release];
        let rolls = deployment.image != image;
        image.clone_into(&mut deployment.image);
        versions.0.clone_into(&mut deployment.runtime);
        versions.1.clone_into(&mut deployment.airflow);
        deployment.changes += 1;
        self.accepted.push(Accepted { release, ours, rolls });
    }

    /// `updatedAt`: another after every change.
    pub fn updated_at(&self, release: usize) -> String {
        format!("2026-11-24T00:00:00.{:06}Z", self.deployments[release].changes)
    }

    /// Answers a request.
    pub fn handle(&mut self, setting: &Setting, body: &Value) -> Response {
        let query = body["query"].as_str().unwrap();
        let field = field_of(query);
        match field {
            "appConfig" => match setting.version {
                Version::Shown => {
                    answer(200, format!(r#"{{"data":{{"appConfig":{{"version":"{}"}}}}}}"#, setting.platform))
                }
                Version::Null => answer(200, r#"{"data":{"appConfig":{"version":null}}}"#),
                Version::Forbidden => refusal(field, FORBIDDEN, "FORBIDDEN"),
                Version::NoField => {
                    validation(&["Cannot query field \"version\" on type \"AppConfig\".".to_owned()])
                }
            },
            "workspaceDeployments" | "deployment" => self.read(setting, query, field, &body["variables"]),
            _ => self.change(setting, query, field, &body["variables"]),
        }
    }

    fn read(&self, setting: &Setting, query: &str, field: &str, variables: &Value) -> Response {
        let platform = numbers(setting.platform).0;
        let missing: Vec<String> = [
            ("airflowVersion", platform > (1, 0, 0)),
            ("runtimeAirflowVersion", platform < (1, 0, 0)),
            ("updatedAt", !setting.has_updated_at),
        ]
        .into_iter()
        .filter(|(name, is_missing)| *is_missing && query.contains(&format!(" {name} ")))
        .map(|(name, _)| format!("Cannot query field \"{name}\" on type \"Deployment\"."))
        .collect();
        if !missing.is_empty() {
            return validation(&missing);
        }
        if !setting.may_read || !setting.token_good {
            return refusal(field, FORBIDDEN, "FORBIDDEN");
        }
        let found = self.deployments.iter().enumerate().find(|(index, deployment)| {
            deployment.known
                && (variables["releaseName"] == deployment.release.as_str()
                    || variables["id"] == format!("ck{index}").as_str())
        });
        let Some((index, deployment)) = found else {
            let nothing = if field == "deployment" { "null" } else { "[]" };
            return answer(200, format!(r#"{{"data":{{"{field}":{nothing}}}}}"#));
        };
        let (runtime, airflow) = (&deployment.runtime, &deployment.airflow);
        let shown = format!(
            r#"{{"id":"ck{index}","releaseName":"{}","runtimeVersion":{},"airflowVersion":"{airflow}","runtimeAirflowVersion":"{airflow}","updatedAt":"{}","urls":[{{"type":"flower","url":"https://elsewhere.example.com/"}},{{"type":"airflow","url":"{}"}}]}}"#,
            deployment.release,
            if runtime.is_empty() { "null".to_owned() } else { format!("\"{runtime}\"") },
            self.updated_at(index),
            airflow_url(index),
        );
        match field {
            "deployment" => answer(200, format!(r#"{{"data":{{"deployment":{shown}}}}}"#)),
            _ => answer(200, format!(r#"{{"data":{{"{field}":[{shown}]}}}}"#)),
        }
    }

    /// Whether this platform has the mutation, and its endpoint is on.
    fn has(setting: &Setting, field: &str) -> bool {
        if field == "upsertDeployment" { setting.has_upsert } else { setting.has_update }
    }

    fn change(&mut self, setting: &Setting, query: &str, field: &str, variables: &Value) -> Response {
        if !Self::has(setting, field) {
            return validation(&[format!("Cannot query field \"{field}\" on type \"Mutation\".")]);
        }
        if setting.runtime_only() && query.contains("airflowVersion") {
            return validation(&[format!(
                "Unknown argument \"airflowVersion\" on field \"Mutation.{field}\"."
            )]);
        }
        if !setting.token_good {
            return refusal(field, FORBIDDEN, "FORBIDDEN");
        }
        let release = variables["releaseName"].as_str().unwrap();
        let found =
            self.deployments.iter().position(|deployment| deployment.known && deployment.release == release);
        let Some(index) = found else {
            if field == "upsertDeployment" && !setting.may_upsert() {
                self.created += 1;
                return answer(
                    200,
                    format!(
                        r#"{{"data":{{"{field}":{{"id":"new","releaseName":"{release}","runtimeVersion":"1.0.0"}}}}}}"#
                    ),
                );
            }
            let message = format!("No deployment exists with releaseName: {release}");
            return refusal(field, &message, "BAD_USER_INPUT");
        };
        let image = variables["image"].as_str().unwrap();
        let runtime = variables["runtimeVersion"].as_str();
        let versions = match runtime {
            Some(runtime) => (runtime, setting.image.1),
            None => ("", variables["airflowVersion"].as_str().unwrap()),
        };
        self.accept(index, image, versions, true);
        let quoted = |text: Option<&str>| text.map_or("null".to_owned(), |text| format!("\"{text}\""));
        answer(
            200,
            format!(
                r#"{{"data":{{"{field}":{{"id":"ck{index}","releaseName":"{release}","runtimeVersion":{},"airflowVersion":{}}}}}}}"#,
                quoted(runtime),
                quoted(variables["airflowVersion"].as_str()),
            ),
        )
    }
}

/// What Houston says in the place of its answer.
pub fn said(said: Said, field: &str, release: &str, token: &str) -> Response {
    let at_field = |message: &str, code: &str| refusal(field, message, code);
    let error = |message: &str, more: &str| {
        answer(200, format!(r#"{{"data":null,"errors":[{{"message":"{message}"{more}}}]}}"#))
    };
    match said {
        Said::Forbidden => at_field(FORBIDDEN, "FORBIDDEN"),
        Said::Unauthenticated => error("who are you", r#","extensions":{"code":"UNAUTHENTICATED"}"#),
        Said::BadInput => at_field("the image is not of our registry", "BAD_USER_INPUT"),
        Said::NotFound => error("not found", r#","extensions":{"code":"RESOURCE_NOT_FOUND"}"#),
        Said::NoDeployment => error("No deployment exists with releaseName: x", ""),
        Said::UnknownArgument => {
            validation(&[format!("Unknown argument \"image\" on field \"Mutation.{field}\".")])
        }
        Said::ParseFailed => answer(
            400,
            r#"{"errors":[{"message":"Syntax Error: Expected Name","extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#,
        ),
        Said::OtherField => {
            validation(&["Cannot query field \"releaseName\" on type \"DeploymentPayload\".".to_owned()])
        }
        Said::NoMutation => validation(&[format!("Cannot query field \"{field}\" on type \"Mutation\".")]),
        Said::Internal => at_field("connect ECONNREFUSED 10.0.0.7:5432", "INTERNAL_SERVER_ERROR"),
        Said::UnknownCode => at_field("Transaction API error", "P2028"),
        Said::NoCode => error("socket hang up", ""),
        Said::Mixed => answer(
            200,
            format!(
                r#"{{"data":{{"{field}":null}},"errors":[{{"message":"no","path":["{field}"],"extensions":{{"code":"FORBIDDEN"}}}},{{"message":"oops","path":["{field}"],"extensions":{{"code":"INTERNAL_SERVER_ERROR"}}}}]}}"#
            ),
        ),
        Said::Below => answer(
            200,
            format!(
                r#"{{"data":{{"{field}":{{"id":null,"releaseName":"{release}","runtimeVersion":null}}}},"errors":[{{"message":"no","path":["{field}","runtimeVersion"],"extensions":{{"code":"FORBIDDEN"}}}}]}}"#
            ),
        ),
        Said::BesideData => answer(
            200,
            format!(
                r#"{{"data":{{"{field}":{{"id":"ck0","releaseName":"{release}","runtimeVersion":"11.3.0"}}}},"errors":[{{"message":"deprecated"}}]}}"#
            ),
        ),
        Said::OtherRelease => answer(
            200,
            format!(
                r#"{{"data":{{"{field}":{{"id":"ck9","releaseName":"prod","runtimeVersion":"11.3.0","airflowVersion":"2.9.1"}}}}}}"#
            ),
        ),
        Said::OtherVersion => answer(
            200,
            format!(
                r#"{{"data":{{"{field}":{{"id":"ck0","releaseName":"{release}","runtimeVersion":"9.9.9","airflowVersion":"9.9.9"}}}}}}"#
            ),
        ),
        Said::NullField => answer(200, format!(r#"{{"data":{{"{field}":null}}}}"#)),
        Said::NullData => answer(200, r#"{"data":null}"#),
        Said::Quotes => {
            at_field(&format!("Variable got invalid value {token}; expected JSON"), "BAD_USER_INPUT")
        }
    }
}
