//! The questions, which change nothing: the platform's version, and a Deployment by its release name.

use super::{AskedVersion, Houston, answer, close_body, contradiction, open_body};
use crate::call::{Answered, Call};
use crate::error::{About, Error};
use crate::foreign::{is_plain_url, quoted, visible};
use crate::io::{Body, Cause, Request, RequestId};
use crate::release::ReleaseName;
use crate::retry::{Miss, Row};
use crate::text::{cut, fill, filled};
use crate::token::Redactor;
use crate::value::Value;
use crate::version::PlatformVersion;

/// Asks for the version of the platform. The answer may be that there is none to be had.
#[derive(Debug, Clone)]
pub struct AskVersion<'a> {
    /// Where to and with which token.
    pub houston: &'a Houston,
    /// The answer: the version, where there is one to be had.
    pub version: Option<PlatformVersion>,
}

impl<'a> AskVersion<'a> {
    /// The question, before it was asked.
    #[must_use]
    pub fn new(houston: &'a Houston) -> Self {
        Self { houston, version: None }
    }
}

impl Call for AskVersion<'_> {
    fn host(&self) -> &str {
        self.houston.endpoint.host()
    }

    fn request(&self, id: RequestId) -> Request {
        let query = "query AppConfig { appConfig { version } }";
        self.houston.request(id, Body::plain(close_body(open_body(query))))
    }

    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>> {
        let config = match answer::field(self.houston, &answered, "appConfig") {
            // A platform that keeps its version to itself is no failure: the input then says which form to use.
            Err(miss) if answer::is_nothing(&miss) => return Ok(()),
            other => other?,
        };
        let version = config.get("version").and_then(Value::as_str);
        self.version = version.and_then(|version| version.strip_prefix('v').unwrap_or(version).parse().ok());
        Ok(())
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        self.houston.unanswered(about, cause)
    }
}

/// The optional fields of a Deployment, in the order in which they are asked for; which of them exist differs between
/// platforms.
const FIELDS: [&str; 6] = [
    "airflowVersion",
    "runtimeVersion",
    "updatedAt",
    "urls { type url }",
    "runtimeAirflowVersion",
    "deploymentCapabilities { canDeploy }",
];

/// Which of the optional fields of a Deployment are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields([bool; FIELDS.len()]);

impl Default for Fields {
    fn default() -> Self {
        Self([true, true, true, true, false, false])
    }
}

impl Fields {
    /// The fields without those that a platform said it does not have; nothing if none of those was asked for.
    #[must_use]
    pub fn without(&self, unknown: &[String]) -> Option<Self> {
        let mut kept = self.clone();
        for (field, is_kept) in FIELDS.iter().zip(&mut kept.0) {
            let (name, _) = cut(field, " ").unwrap_or((field, ""));
            *is_kept &= unknown.iter().all(|one| one != name);
        }
        (kept != *self).then_some(kept)
    }

    /// The fields for a platform of this version, with the version of the Airflow in a Runtime where it may have that.
    #[must_use]
    pub fn of(&self, platform: Option<&PlatformVersion>) -> Self {
        let numbers = platform.map(PlatformVersion::numbers);
        let mut fields = self.clone();
        let [airflow, _, _, _, inner, _] = &mut fields.0;
        *airflow &= numbers.is_none_or(|numbers| numbers <= (1, 0, 0));
        *inner = numbers.is_none_or(|numbers| numbers >= (1, 0, 0));
        fields
    }

    /// The fields, with what this token may do to the Deployment.
    #[must_use]
    pub fn with_rights(&self) -> Self {
        let [airflow, runtime, updated, urls, inner, _] = self.0;
        Self([airflow, runtime, updated, urls, inner, true])
    }
}

/// Asks which versions the platform lists, of the kind that is to be deployed.
#[derive(Debug, Clone)]
pub struct AskReleases<'a> {
    /// Where to and with which token.
    pub houston: &'a Houston,
    /// The version that is to be deployed.
    pub version: &'a AskedVersion,
    /// The answer: the versions.
    pub listed: Vec<String>,
}

impl<'a> AskReleases<'a> {
    /// The question, before it was asked.
    #[must_use]
    pub fn new(houston: &'a Houston, version: &'a AskedVersion) -> Self {
        Self { houston, version, listed: Vec::new() }
    }
}

impl Call for AskReleases<'_> {
    fn host(&self) -> &str {
        self.houston.endpoint.host()
    }

    fn request(&self, id: RequestId) -> Request {
        let query = match self.version {
            AskedVersion::Airflow(_) => "query DeploymentConfig { deploymentConfig { airflowVersions } }",
            AskedVersion::Runtime(_) => "query RuntimeReleases { runtimeReleases { version } }",
        };
        self.houston.request(id, Body::plain(close_body(open_body(query))))
    }

    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>> {
        let (field, inner) = match self.version {
            AskedVersion::Airflow(_) => ("deploymentConfig", Some("airflowVersions")),
            AskedVersion::Runtime(_) => ("runtimeReleases", None),
        };
        let value = answer::field(self.houston, &answered, field)?;
        let list = inner.map_or(Some(&value), |inner| value.get(inner)).and_then(Value::as_array);
        for one in list.unwrap_or_default() {
            if let Some(name) = one.get("version").unwrap_or(one).as_str() {
                self.listed.push(name.to_owned());
            }
        }
        Ok(())
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        self.houston.unanswered(about, cause)
    }
}

/// How a Deployment is named to Houston.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// By its release name in the workspace of this id.
    Workspace(&'a str),
    /// By its own id, which the change gave.
    Id(&'a str),
}

/// Asks for one Deployment.
#[derive(Debug, Clone)]
pub struct AskDeployment<'a> {
    /// Where to and with which token.
    pub houston: &'a Houston,
    /// How it is named.
    pub by: By<'a>,
    /// Which Deployment.
    pub release: &'a ReleaseName,
    /// Which of its fields.
    pub fields: &'a Fields,
    /// The answer.
    pub found: Box<Deployment>,
}

/// What Houston shows of a Deployment. It does not show which image that runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployment {
    /// The Runtime version, or the Airflow version where there is none.
    pub version: Option<String>,
    /// The version of the Airflow in it.
    pub airflow_version: Option<String>,
    /// When it was changed last, as Houston writes it: to be compared with itself, never with a clock.
    pub updated_at: Option<String>,
    /// Where its Airflow is, if that is an address that can be passed on safely.
    pub airflow_url: Option<String>,
    /// Whether this token may change its image, where that was asked and is said.
    pub can_deploy: Option<bool>,
}

impl<'a> AskDeployment<'a> {
    /// The question, before it was asked.
    #[must_use]
    // Every caller would bring a copy of this along.
    #[inline(never)]
    pub fn new(houston: &'a Houston, by: By<'a>, release: &'a ReleaseName, fields: &'a Fields) -> Self {
        Self { houston, by, release, fields, found: Box::default() }
    }

    fn field(&self) -> &'static str {
        match self.by {
            By::Workspace(_) => "workspaceDeployments",
            By::Id(_) => "deployment",
        }
    }
}

impl Call for AskDeployment<'_> {
    fn host(&self) -> &str {
        self.houston.endpoint.host()
    }

    fn request(&self, id: RequestId) -> Request {
        let head = match self.by {
            By::Workspace(_) => {
                "query WorkspaceDeployments($workspaceUuid: Uuid!, $releaseName: String) { \
                 workspaceDeployments(workspaceUuid: $workspaceUuid, releaseName: $releaseName)"
            }
            By::Id(_) => "query Deployment($id: String) { deployment(where: {id: $id})",
        };
        let mut query = filled("{} { id releaseName", &[head]);
        for (field, is_asked) in FIELDS.iter().zip(&self.fields.0) {
            if *is_asked {
                fill(&mut query, " {}", &[field]);
            }
        }
        query.push_str(" } }");
        let mut json = open_body(&query);
        match self.by {
            By::Workspace(workspace) => {
                json.field("workspaceUuid", workspace).field("releaseName", self.release.as_str())
            }
            By::Id(id) => json.field("id", id),
        };
        self.houston.request(id, Body::plain(close_body(json)))
    }

    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>> {
        let shown = match answer::field(self.houston, &answered, self.field()) {
            // A Deployment that is null is one that is not there for this token.
            Err(miss) if answer::is_nothing(&miss) && matches!(self.by, By::Id(_)) => Value::Null,
            other => other?,
        };
        let is_ours = |deployment: &&Value| {
            deployment.get("releaseName").and_then(Value::as_str) == Some(self.release.as_str())
        };
        let ours = match &shown {
            Value::Array(list) => list.iter().find(is_ours),
            one => Some(one).filter(is_ours),
        };
        if let Some(ours) = ours {
            *self.found = read_deployment(&self.houston.redactor, ours);
            return Ok(());
        }
        let (row, error) = if let Some(other) = shown.get("releaseName").and_then(Value::as_str) {
            // Houston gave this id for our release.
            let other = quoted(&self.houston.redactor.clean(other));
            let what = filled("Houston accepted the image and then showed the release {}", &[&other]);
            (Row::Contradiction, contradiction(self.release, what))
        } else {
            let (about, release) = (answered.about, Some(self.release.clone()));
            (Row::Refused, Error::DeploymentNotFound { about, release })
        };
        Err(Miss::new(row, error))
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        self.houston.unanswered(about, cause)
    }
}

fn read_deployment(redactor: &Redactor, deployment: &Value) -> Deployment {
    let text = |name: &str| deployment.get(name).and_then(Value::as_str);
    let either = |name: &str, other: &str| {
        text(name).or_else(|| text(other)).map(|text| visible(&redactor.clean(text)))
    };
    let is_airflow = |url: &&Value| url.get("type").and_then(Value::as_str) == Some("airflow");
    let urls = deployment.get("urls").and_then(Value::as_array);
    let airflow_url = urls
        .and_then(|urls| urls.iter().find(is_airflow))
        .and_then(|url| url.get("url")?.as_str())
        .filter(|url| is_plain_url(url))
        .map(str::to_owned);
    Deployment {
        version: either("runtimeVersion", "airflowVersion"),
        airflow_version: either("runtimeAirflowVersion", "airflowVersion"),
        updated_at: either("updatedAt", ""),
        airflow_url,
        can_deploy: deployment
            .get("deploymentCapabilities")
            .and_then(|rights| rights.get("canDeploy")?.as_bool()),
    }
}
