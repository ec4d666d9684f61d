//! The options of `setup`, and what they mean together.

use crate::value::Value;

use super::options::{Kind, Reach, Spec, spec};
use super::reader::Reader;
use super::{Environment, Files, Front, Given};
use crate::error::{Code, Problem};
use crate::report::Warning;
use crate::setup::names::{Namespace, Repository, SecretName, check_email, check_username};
use crate::setup::{Asked, Mode, Registries};
use crate::text::cut;
use crate::token::Redactor;
use crate::version::PlatformVersion;

/// The options of `setup`, in the order in which the help shows them.
pub static SETUP: [Spec; 12] = [
    spec("mode", Kind::Choice(&["standard", "airgapped"]), "", "what the platform is"),
    spec("repository", Kind::Text, "", "where the images are: <registry>/<repository>[/<sub>]"),
    spec("per-deployment", Kind::Boolean, "false", "a registry of its own for each Deployment"),
    spec("release", Kind::Text, "", "those Deployments, between commas, spaces or newlines"),
    spec("secret-name", Kind::Text, "", "the pull secret"),
    spec("namespace", Kind::Text, "astronomer", "the platform's namespace"),
    spec("platform-release", Kind::Text, "astronomer", "the platform's Helm release"),
    spec("platform-version", Kind::Text, "", "the platform's version; decides the names of the Helm keys"),
    spec("registry-username", Kind::Text, "", "the registry's user, if not read where the commands run"),
    spec("registry-email", Kind::Text, "", "an e-mail address for the secret; mostly not needed"),
    Spec {
        reach: Reach::CommandLine,
        ..spec(
            "format",
            Kind::Choice(&["text", "yaml", "shell", "json"]),
            "text",
            "text, the Helm values, a script, or data",
        )
    },
    spec("values-file", Kind::File, "", "today's values (helm get values): what is wrong in them"),
];

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The steps, for people.
    Text,
    /// The Helm values alone.
    Yaml,
    /// A script.
    Shell,
    /// All of it, as data.
    Json,
}

/// What came of the input of `setup`.
#[derive(Debug)]
pub struct SetupRead {
    /// Whether only the help is asked for.
    pub help: bool,
    /// What is asked, or all that is wrong.
    pub asked: Result<Asked, Vec<Problem>>,
    /// Today's values, where they could be read.
    pub values: Option<String>,
    /// What is printed.
    pub format: Format,
    /// Every secret that is known.
    pub redactor: Redactor,
    /// What should be known although nothing is wrong.
    pub warnings: Vec<Warning>,
}

/// Understands what was given to `setup`: `arguments` start with the command, `properties` are a script's.
pub fn read_setup(
    front: Front,
    arguments: &[String],
    properties: &Value,
    environment: &Environment,
    files: &impl Files,
) -> SetupRead {
    let mut given = Given::of(&SETUP);
    let mut help = false;
    match front {
        Front::CommandLine => help = given.take_flags(arguments.get(1..).unwrap_or_default()),
        Front::Library | Front::Action => given.take_properties(properties, "call setup({ mode: … })"),
    }
    for problem in &mut given.problems {
        if cut(&problem.option.to_ascii_lowercase(), "password").is_some() {
            problem.hint = Some(
                "the password is read where the commands run: set HOUSTON_REGISTRY_PASSWORD there".into(),
            );
        }
    }
    given.add_environment(environment);
    let mut reader =
        Reader { given, files, redactor: Redactor::default(), warnings: Vec::new(), learned: Vec::new() };
    for name in ["HOUSTON_TOKEN", "ASTRONOMER_KEY_SECRET", "HOUSTON_REGISTRY_PASSWORD"] {
        if let Some(secret) = environment.get(name) {
            reader.redactor.add_text(secret);
        }
    }
    reader.check_kinds();
    let format = match (front, reader.given.value("format")) {
        (Front::Library | Front::Action, _) | (_, Some("json")) => Format::Json,
        (_, Some("yaml")) => Format::Yaml,
        (_, Some("shell")) => Format::Shell,
        (_, _) => Format::Text,
    };
    let values = reader.file("values-file");
    let asked = reader.asked(format);
    let problems = std::mem::take(&mut reader.given.problems);
    let asked = match asked {
        Some(asked) if problems.is_empty() => Ok(asked),
        _ => Err(problems),
    };
    let Reader { redactor, warnings, .. } = reader;
    SetupRead { help, asked, values, format, redactor, warnings }
}

impl<F: Files> Reader<'_, F> {
    fn asked(&mut self, format: Format) -> Option<Asked> {
        self.no_secrets();
        let mode = match self.given.value("mode") {
            Some("standard") => Some(Mode::Standard),
            Some("airgapped") => Some(Mode::Airgapped),
            Some(_) => None,
            None => {
                self.missing("mode", "set it to standard or airgapped");
                None
            }
        };
        let registries = self.registries(mode);
        let secret = self.value::<SecretName>("secret-name");
        if self.given.value("secret-name").is_none() {
            self.missing("secret-name", "set it to the name that the pull secret is to have");
        }
        let namespace = self.value::<Namespace>("namespace");
        let platform_release = self.value("platform-release");
        let platform = self.platform(format);
        let username = self.parsed("registry-username", check_username);
        let email = self.parsed("registry-email", check_email);
        if let Some(Registries::One(repository)) = &registries {
            self.lasting(repository, username.as_deref());
        }
        Some(Asked {
            mode: mode?,
            registries: registries?,
            secret: secret?,
            namespace: namespace?,
            platform_release: platform_release?,
            platform,
            username,
            email,
        })
    }

    /// A secret that slipped into an option would stand in all that is printed.
    fn no_secrets(&mut self) {
        for option in &SETUP {
            if self.given.value(option.name).is_some_and(|value| self.redactor.finds(value)) {
                self.wrong(option.name, "holds a secret, which does not belong here", None);
            }
        }
    }

    fn registries(&mut self, mode: Option<Mode>) -> Option<Registries> {
        let given = self.given.value("repository").is_some();
        if !self.boolean("per-deployment") {
            if self.given.is_explicit("release") {
                let hint = "set `per-deployment`, or leave it out: one registry is for all Deployments";
                self.wrong("release", "is given without `per-deployment`", Some(hint));
            }
            if !given {
                self.missing("repository", "set it to <registry>/<repository>, or set `per-deployment`");
            }
            return self.value::<Repository>("repository").map(Registries::One);
        }
        if self.given.value("release").is_none() {
            self.missing("release", "name the Deployments that have a registry of their own");
            return None;
        }
        let releases = self.releases();
        let airflow = match (mode, given) {
            (Some(Mode::Standard), true) => {
                let hint = "leave it out: with a registry for each Deployment the platform has no host";
                self.wrong("repository", "is given beside `per-deployment`", Some(hint));
                return None;
            }
            (Some(Mode::Airgapped), false) => {
                let hint = "set it to the repository of the platform's own Airflow image";
                self.missing("repository", hint);
                return None;
            }
            (_, true) => Some(self.value::<Repository>("repository")?),
            (_, false) => None,
        };
        Some(Registries::ForEach { releases: releases?, airflow })
    }

    fn platform(&mut self, format: Format) -> Option<PlatformVersion> {
        let platform = self.value::<PlatformVersion>("platform-version");
        match &platform {
            Some(platform) if platform.numbers() < (0, 29, 0) => {
                let text = platform.as_str().to_owned();
                self.malformed(
                    "platform-version",
                    &text,
                    "is older than 0.29.0, the first that takes an image so",
                    None,
                );
            }
            None if format != Format::Text && self.given.value("platform-version").is_none() => {
                let hint = "set it to the platform's chart version; with `format` text both forms of the keys are shown";
                self.missing("platform-version", hint);
            }
            Some(_) | None => {}
        }
        platform
    }

    /// A pull secret holds a password for as long as it stands there. Some registries' do not last that long.
    fn lasting(&mut self, repository: &Repository, username: Option<&str>) {
        let registry = repository.registry().to_ascii_lowercase();
        let ends_in = |domain: &str| registry.ends_with(domain);
        let amazon = cut(&registry, ".dkr.ecr")
            .is_some_and(|(_, rest)| rest.ends_with(".amazonaws.com") || rest.ends_with(".amazonaws.com.cn"));
        let (whose, lasts) = if amazon {
            ("Amazon's registry", "12 hours")
        } else if username == Some("oauth2accesstoken") && (ends_in(".pkg.dev") || ends_in("gcr.io")) {
            ("Google's registry", "one hour for the user \"oauth2accesstoken\"")
        } else if username == Some("00000000-0000-0000-0000-000000000000") && ends_in(".azurecr.io") {
            ("Azure's registry", "three hours for this user")
        } else {
            return;
        };
        let message =
            [whose, " hands out passwords that last ", lasts, ": a stored pull secret stops working"];
        let hint = "renew the secret before that, by a job of your own, or use a registry or a user whose password lasts";
        self.warnings.push(Warning::new(Code::RegistryDenied, message.concat(), Some(hint)));
    }
}
