//! The change: which mutation a platform takes, its document and variables, and what counts as Houston's yes.

use super::{Houston, answer, close_body, contradiction, open_body};
use crate::call::{Answered, Call};
use crate::error::{About, Error, Mismatch};
use crate::foreign::{is_plain_id, quoted};
use crate::io::{Body, Cause, Request, RequestId};
use crate::release::ReleaseName;
use crate::retry::{Miss, Row};
use crate::text::filled;
use crate::token::{HIDDEN, PullSecret};
use crate::value::Value;
use crate::version::{PlatformVersion, Version};

/// Which version the image was said to have. `2.2.5` could be either, so it is never guessed from the shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedVersion {
    /// An Airflow version, of Astronomer Certified images.
    Airflow(Version),
    /// An Astro Runtime version.
    Runtime(Version),
}

impl AskedVersion {
    /// The version itself.
    #[must_use]
    pub fn version(&self) -> &Version {
        match self {
            Self::Airflow(version) | Self::Runtime(version) => version,
        }
    }

    /// The name of the field and argument that holds it.
    fn field(&self) -> &'static str {
        match self {
            Self::Airflow(_) => "airflowVersion",
            Self::Runtime(_) => "runtimeVersion",
        }
    }
}

/// One of the three forms of the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// 0.29.0 to 1.0.0: `updateDeploymentImage` with an Airflow or a Runtime version.
    EitherVersion,
    /// 1.0.1 to 2.0.x: `updateDeploymentImage` with a Runtime version, which is required.
    RuntimeVersion,
    /// 2.1.0 and later: `upsertDeployment`. On an older platform this **creates** a Deployment where it finds none.
    Upsert,
}

impl Dialect {
    /// The form that a platform takes, or that the input suggests where its version is not known. An unknown
    /// platform, and a pre-release of 2.1.0, are never sent `upsertDeployment`.
    ///
    /// # Errors
    /// A platform without any of them, and an Airflow version for one that takes Runtime versions only.
    pub fn of(platform: Option<&PlatformVersion>, asked: &AskedVersion) -> Result<Self, Mismatch> {
        let dialect = match platform {
            Some(platform) => match platform.numbers() {
                numbers if numbers < (0, 29, 0) => return Err(Mismatch::TooOld(platform.clone())),
                numbers if numbers <= (1, 0, 0) => Self::EitherVersion,
                numbers if numbers < (2, 1, 0) => Self::RuntimeVersion,
                (2, 1, 0) if platform.is_pre_release() => Self::RuntimeVersion,
                _ => Self::Upsert,
            },
            None => match asked {
                AskedVersion::Airflow(_) => Self::EitherVersion,
                AskedVersion::Runtime(_) => Self::RuntimeVersion,
            },
        };
        match (dialect, asked, platform) {
            (Self::RuntimeVersion | Self::Upsert, AskedVersion::Airflow(_), Some(platform)) => {
                Err(Mismatch::WantsRuntime(platform.clone()))
            }
            _ => Ok(dialect),
        }
    }

    /// The mutation's name.
    #[must_use]
    pub fn mutation(self) -> &'static str {
        match self {
            Self::EitherVersion | Self::RuntimeVersion => "updateDeploymentImage",
            Self::Upsert => "upsertDeployment",
        }
    }

    /// The form to use where Houston does not know this one's mutation. There is none for `updateDeploymentImage`:
    /// `upsertDeployment` could create a Deployment.
    #[must_use]
    pub fn fall_back(self) -> Option<Self> {
        match self {
            Self::Upsert => Some(Self::RuntimeVersion),
            #[cfg(feature = "mutants")]
            _ if crate::mutant::is(crate::mutant::Mutant::UpsertAnywhere) => Some(Self::Upsert),
            Self::EitherVersion | Self::RuntimeVersion => None,
        }
    }

    /// The document, with no argument that is not used: what a platform does not know cannot then be in its way.
    fn document(self, version: &AskedVersion, with_pull_secret: bool) -> String {
        let (operation, required, selection) = match self {
            Self::EitherVersion => {
                ("UpdateDeploymentImage", "!", "id releaseName airflowVersion runtimeVersion")
            }
            Self::RuntimeVersion => ("UpdateDeploymentImage", "!", "id releaseName runtimeVersion"),
            Self::Upsert => ("UpsertDeployment", "", "id releaseName runtimeVersion"),
        };
        let (name, version) = (self.mutation(), version.field());
        let version_required = if self == Self::RuntimeVersion { "!" } else { "" };
        let (variable, argument) = if with_pull_secret {
            (", $dockerconfigjson: JSON", ", dockerconfigjson: $dockerconfigjson")
        } else {
            ("", "")
        };
        let template = "mutation {}($releaseName: String{}, $image: String{}, ${}: String{}{})";
        let head = filled(template, &[operation, required, required, version, version_required, variable]);
        filled(
            "{} { {}(releaseName: $releaseName, image: $image, {}: ${}{}) { {} } }",
            &[&head, name, version, version, argument, selection],
        )
    }
}

/// The change of one release.
#[derive(Debug, Clone)]
pub struct UpdateImage<'a> {
    /// Where to and with which token.
    pub houston: &'a Houston,
    /// Which form.
    pub dialect: Dialect,
    /// The platform's version, where it is known.
    pub platform: Option<&'a PlatformVersion>,
    /// Which Deployment.
    pub release: &'a ReleaseName,
    /// The image, as Houston is to be told it.
    pub image: &'a str,
    /// The version in the image.
    pub version: &'a AskedVersion,
    /// The pull secret of the Deployment's own registry, where there is one.
    pub pull_secret: Option<&'a PullSecret>,
    /// The answer: what Houston showed.
    pub shown: Option<Shown>,
}

/// What Houston showed of the Deployment when it said yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The Deployment's id, if it is one that can be passed on safely.
    pub deployment_id: Option<String>,
    /// The version that Houston now shows.
    pub version: String,
}

impl UpdateImage<'_> {
    /// The body, with the pull secret in it or, for people, without.
    fn body(&self, reveal: bool) -> String {
        let mut json = open_body(&self.dialect.document(self.version, self.pull_secret.is_some()));
        json.field("releaseName", self.release.as_str()).field("image", self.image);
        json.field(self.version.field(), self.version.version().as_str());
        match self.pull_secret {
            Some(secret) if reveal => {
                json.key("dockerconfigjson").raw(secret.on_the_wire());
            }
            Some(_) => {
                json.field("dockerconfigjson", HIDDEN);
            }
            None => {}
        }
        close_body(json)
    }

    /// Row 17: a yes counts only if it names the release and the version that were asked.
    fn check_echo(&self, shown: &Value) -> Result<Shown, String> {
        let text = |name: &str| shown.get(name).and_then(Value::as_str);
        let named = |text: Option<&str>| {
            text.map_or("null".into(), |text| quoted(&self.houston.redactor.clean(text)))
        };
        let release = text("releaseName");
        if release != Some(self.release.as_str()) {
            return Err(filled("Houston answered for the release {}", &[&named(release)]));
        }
        let field = self.version.field();
        match text(field) {
            // What does not parse as a version is none, and is not passed on.
            Some(version)
                if self.version.version().is_same(version) && version.parse::<Version>().is_ok() =>
            {
                Ok(Shown {
                    deployment_id: text("id").filter(|id| is_plain_id(id)).map(str::to_owned),
                    version: version.to_owned(),
                })
            }
            version => Err(filled(
                "Houston answered with {} {}, asked was {}",
                &[field, &named(version), self.version.version().as_str()],
            )),
        }
    }

    /// Says what an answer that names no release or platform means for this one.
    fn in_place(&self, about: &About, mut miss: Box<Miss>) -> Box<Miss> {
        match &mut miss.error {
            Error::DeploymentNotFound { release, .. } => *release = Some(self.release.clone()),
            Error::HoustonRefused { platform, .. } => *platform = self.platform.cloned(),
            Error::ApiMismatch { mismatch: Mismatch::NoMutation("updateDeploymentImage"), .. } => {
                if let Some(platform) = self.platform
                    && self.dialect.mutation() == "updateDeploymentImage"
                    && platform.numbers() < (2, 1, 0)
                {
                    miss.error = Error::EndpointDisabled { about: about.clone(), platform: platform.clone() };
                }
            }
            error if miss.row == Row::Contradiction => *error = contradiction(self.release, error.message()),
            _ => {}
        }
        miss
    }
}

impl Call for UpdateImage<'_> {
    fn host(&self) -> &str {
        self.houston.endpoint.host()
    }

    fn request(&self, id: RequestId) -> Request {
        let wire = self.body(true);
        let body = match self.pull_secret {
            Some(_) => Body::sensitive(wire, self.body(false)),
            None => Body::plain(wire),
        };
        self.houston.request(id, body)
    }

    fn read(&mut self, answered: Answered) -> Result<(), Box<Miss>> {
        match answer::field(self.houston, &answered, self.dialect.mutation()) {
            Ok(shown) => match self.check_echo(&shown) {
                Ok(shown) => self.shown = Some(shown),
                Err(what) => return Err(Miss::new(Row::Contradiction, contradiction(self.release, what))),
            },
            Err(miss) => return Err(self.in_place(&answered.about, miss)),
        }
        Ok(())
    }

    fn unanswered(&self, about: About, cause: Cause) -> Error {
        self.houston.unanswered(about, cause)
    }
}
