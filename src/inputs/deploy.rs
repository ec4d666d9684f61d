//! What the options of `deploy` mean together: which of them are needed, which exclude each other, and what they
//! become.

use std::time::Duration;

use super::reader::Reader;
use super::{Environment, Files, Inputs, MOST_RELEASES, Shard, Surroundings};
use crate::endpoint::Endpoint;
use crate::error::Code;
use crate::foreign::is_plain_id;
use crate::houston::{AskedVersion, Houston};
use crate::image::ImageReference;
use crate::malformed::Malformed;
use crate::release::ReleaseName;
use crate::report::Warning;
use crate::text::Index;
use crate::version::{PlatformVersion, Version};

impl<F: Files> Reader<'_, F> {
    pub(super) fn inputs(&mut self, environment: &Environment, surroundings: Surroundings) -> Option<Inputs> {
        let endpoint = self.endpoint();
        let token = self.token(environment, surroundings);
        let releases = self.releases();
        let image = self.value::<ImageReference>("image");
        if self.given.value("image").is_none() {
            self.missing("image", "set it to <host>/<name>:<tag>");
        }
        let version = self.version();
        let workspace = self.parsed("workspace", |text| {
            if is_plain_id(text) { Ok(text.to_owned()) } else { Err(Malformed::new("is no workspace id")) }
        });
        self.parsed("platform", check_platform);
        let pull_secret = self.pull_secret();
        let platform = self.value::<PlatformVersion>("platform-version");
        self.look_up();
        self.watch();
        let timeout = self.duration("timeout");
        let request_timeout = self.duration("request-timeout");
        let attempts = self.text("attempts").and_then(|text| text.parse().ok()).unwrap_or(1);
        let shard = self.parsed("shard", |text| Shard::parse(text, environment));
        let image_to_send = self.image_to_send(image.as_ref());
        let (dry_run, fail_fast) = (self.boolean("dry-run"), self.boolean("fail-fast"));
        let mut releases = releases?;
        if let Some(shard) = shard {
            let of = releases.len();
            shard.keep(&mut releases);
            if releases.is_empty() {
                let message = format!("shard {shard} of {of} releases is empty: nothing to do in this job");
                self.warnings.push(Warning::new(Code::InputInvalid, message, None));
            }
        }
        Some(Inputs {
            houston: Houston {
                endpoint: endpoint?,
                token: token?,
                proxy_ignored: surroundings.proxy_ignored,
                redactor: self.redactor.clone(),
            },
            releases,
            image: image?,
            image_to_send: image_to_send?,
            version: version?,
            workspace,
            pull_secret,
            platform,
            timeout,
            request_timeout,
            attempts,
            dry_run,
            fail_fast,
        })
    }

    /// An option that has to be there. One that was there, and wrong in its form, is not missed as well.
    pub(super) fn missing(&mut self, option: &str, hint: &'static str) {
        if !self.given.problems.iter().any(|problem| problem.option == option) {
            self.wrong(option, "is missing", Some(hint));
        }
    }

    pub(super) fn endpoint(&mut self) -> Option<Endpoint> {
        match (self.given.value("base-domain"), self.given.value("houston-url")) {
            (Some(_), Some(_)) => {
                self.wrong("base-domain", "is given beside `houston-url`", Some("give one of the two"));
                None
            }
            (None, None) => {
                self.missing("base-domain", "set it to the platform's base domain, or set `houston-url`");
                None
            }
            (Some(_), None) => self.parsed("base-domain", Endpoint::at_base_domain),
            (None, Some(_)) => self.parsed("houston-url", Endpoint::at_url),
        }
    }

    pub(super) fn releases(&mut self) -> Option<Vec<ReleaseName>> {
        let listed = self.text("release");
        let has_file = self.given.value("release-file").is_some();
        if listed.is_none() && !has_file {
            self.missing("release", "set it to the Deployment's release name, or set `release-file`");
            return None;
        }
        let mut names: Vec<(&str, String)> = Vec::new();
        let mut sound = true;
        for name in listed.iter().flat_map(|listed| listed.split([',', ' ', '\t', '\r', '\n'])) {
            names.push(("release", name.to_owned()));
        }
        if has_file {
            let text = self.file("release-file");
            sound = text.is_some();
            for line in text.iter().flat_map(|text| text.lines()) {
                let name = line.split_once('#').map_or(line, |(name, _)| name);
                names.push(("release-file", name.trim().to_owned()));
            }
        }
        names.retain(|(_, name)| !name.is_empty());
        if names.is_empty() {
            if !sound {
                return None;
            }
            self.wrong(if has_file { "release-file" } else { "release" }, "names no release", None);
            return None;
        }
        if names.len() > MOST_RELEASES {
            let message = format!("names {} releases, {MOST_RELEASES} at most", names.len());
            let option = if has_file { "release-file" } else { "release" };
            self.wrong(option, message, Some("use `shard` or several runs"));
            return None;
        }
        let mut seen = Index::default();
        let mut releases = Vec::new();
        let mut twice = Vec::new();
        for (option, name) in names {
            match name.parse::<ReleaseName>() {
                Ok(release) if seen.number(&name, releases.len()) == releases.len() => releases.push(release),
                Ok(release) => twice.push(release),
                Err(why) => {
                    self.malformed(option, &name, &why.to_string());
                    sound = false;
                }
            }
        }
        if let Some(first) = twice.first() {
            let message = match twice.len() {
                1 => format!("{first} is named twice and done once"),
                count => format!("{first} and {} more are named again and done once", count - 1),
            };
            self.warnings.push(Warning::new(Code::InputInvalid, message, Some("name each release once")));
        }
        sound.then_some(releases)
    }

    pub(super) fn version(&mut self) -> Option<AskedVersion> {
        match (self.given.value("airflow-version"), self.given.value("runtime-version")) {
            (Some(_), Some(_)) => {
                self.wrong(
                    "airflow-version",
                    "is given beside `runtime-version`",
                    Some("give `runtime-version` for Astro Runtime images, `airflow-version` for the others"),
                );
                None
            }
            (None, None) => {
                self.missing("runtime-version", "set it, or `airflow-version`, to the version in the image");
                None
            }
            (Some(_), None) => self.value::<Version>("airflow-version").map(AskedVersion::Airflow),
            (None, Some(_)) => self.value::<Version>("runtime-version").map(AskedVersion::Runtime),
        }
    }

    /// The look-up's own place in the input; until it is built, `auto` means `off`, and says so.
    pub(super) fn look_up(&mut self) {
        match (self.given.value("registry-username").is_some(), self.text("registry-password").is_some()) {
            (true, false) => {
                self.wrong(
                    "registry-username",
                    "has no password beside it",
                    Some("set HOUSTON_REGISTRY_PASSWORD"),
                );
            }
            (false, true) => {
                self.wrong("registry-password", "has no user beside it", Some("set `registry-username`"));
            }
            (true, true) | (false, false) => {}
        }
        self.not_built(
            "preflight",
            Code::RegistryUnreachable,
            "the image was not looked up in its registry: this version cannot",
            "set `preflight` to off, and make sure that the image was pushed",
        );
    }

    /// The watch's own place in the input; until it is built, `auto` means `off`, and says so.
    pub(super) fn watch(&mut self) {
        let poll_interval = self.duration("poll-interval");
        if !poll_interval.is_zero() && poll_interval < Duration::from_millis(100) {
            let text = self.text("poll-interval").unwrap_or_default();
            self.malformed("poll-interval", &text, "is shorter than 100ms");
        }
        self.not_built(
            "wait",
            Code::WaitImpossible,
            "the Deployment is not watched coming up: this version cannot",
            "set `wait` to off, and look at the Deployment's page for how it comes up",
        );
    }

    fn not_built(&mut self, option: &str, code: Code, message: &'static str, hint: &'static str) {
        match self.text(option).as_deref() {
            Some("require") => self.wrong(option, "\"require\" is not possible in this version", Some(hint)),
            Some("auto") => self.warnings.push(Warning::new(code, message.into(), Some(hint))),
            _ => {}
        }
    }

    pub(super) fn image_to_send(&mut self, image: Option<&ImageReference>) -> Option<String> {
        let pin = self.boolean("pin");
        let image = image?;
        match image.digest() {
            Some(digest) if pin => Some(image.pinned(digest)),
            None if pin => {
                self.wrong(
                    "pin",
                    "cannot find out the digest of a tag in this version",
                    Some("give `image` with its digest"),
                );
                None
            }
            _ => Some(image.as_str().to_owned()),
        }
    }
}

/// `os/architecture`, or `os/architecture/variant`.
fn check_platform(text: &str) -> Result<(), Malformed> {
    let parts: Vec<_> = text.split('/').collect();
    let sound = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if (2..=3).contains(&parts.len()) && parts.iter().all(sound) {
        Ok(())
    } else {
        Err(Malformed::new("is no platform, such as linux/amd64"))
    }
}
