//! What the options of `deploy` mean together: which of them are needed, which exclude each other, and what they
//! become.

use std::time::Duration;

use super::reader::Reader;
use super::{Environment, Files, Inputs, MOST_RELEASES, Mode, Shard, Surroundings, Watching};
use crate::duration;
use crate::endpoint::Endpoint;
use crate::error::Code;
use crate::foreign::is_plain_id;
use crate::houston::{AskedVersion, Houston};
use crate::image::ImageReference;
use crate::malformed::Malformed;
use crate::registry::{LookUp, Platform};
use crate::release::ReleaseName;
use crate::report::Warning;
use crate::text::{Index, cut, decimal, filled, parts, whole};
use crate::token::Login;
use crate::value::Value;
use crate::version::{PlatformVersion, Version};

impl<F: Files> Reader<'_, F> {
    pub(super) fn inputs(
        &mut self,
        environment: &Environment,
        surroundings: Surroundings,
    ) -> Option<Box<Inputs>> {
        if surroundings.proxy_invalid {
            // Its value is not shown: there may be a password in it.
            let hint = "set it to the proxy's whole URL, such as http://proxy.example.com:3128";
            self.wrong("proxy", "HTTPS_PROXY or HTTP_PROXY is no address of a proxy", Some(hint));
        }
        let endpoint = self.endpoint();
        let token = self.token(environment, surroundings);
        let mut releases = self.releases();
        let image = self.value::<ImageReference>("image");
        if self.given.value("image").is_none() {
            self.missing("image", "set it to <host>/<name>:<tag>");
        }
        let preflight = self.mode("preflight");
        let version = self.version(preflight);
        let workspace = self.parsed("workspace", |text| {
            if is_plain_id(text) {
                Ok(text.to_owned())
            } else {
                Err(Malformed::new("is no workspace id: that is the last part of its page's address"))
            }
        });
        let look_up = self.look_up(environment, preflight, surroundings);
        let pull_secret = self.pull_secret();
        let platform = self.value::<PlatformVersion>("platform-version");
        let timeout = self.duration("timeout");
        let watching = self.watching(timeout);
        let shard = self.parsed("shard", |text| Shard::parse(text, environment));
        let pin = self.pin(image.as_ref(), preflight);
        if let (Some(shard), Some(releases)) = (shard, &mut releases) {
            let of = releases.len();
            shard.keep(releases);
            if releases.is_empty() {
                let message = filled(
                    "shard {} of {} releases is empty: nothing to do in this job",
                    &[&shard.text(), &decimal(of)],
                );
                self.warnings.push(Warning::new(Code::InputInvalid, message, None));
            }
        }
        Some(Box::new(Inputs {
            houston: Houston {
                endpoint: endpoint?,
                token: token?,
                proxy_ignored: surroundings.proxy_ignored,
                redactor: self.redactor.clone(),
            },
            releases: releases?,
            image: image?,
            pin,
            version,
            preflight,
            look_up: look_up?,
            watching,
            workspace,
            pull_secret,
            platform,
            timeout,
            request_timeout: self.duration("request-timeout"),
            attempts: self.count("attempts"),
            concurrency: usize::try_from(self.count("concurrency")).unwrap_or(1),
            dry_run: self.boolean("dry-run"),
            fail_fast: self.boolean("fail-fast"),
        }))
    }

    /// An option that has to be there. One that was there, and wrong in its form, is not missed as well.
    pub(super) fn missing(&mut self, option: &str, hint: &str) {
        if !self.given.problems.iter().any(|problem| problem.option == option) {
            self.wrong(option, "is missing", Some(hint));
        }
    }

    pub(super) fn endpoint(&mut self) -> Option<Endpoint> {
        let (option, parse): (_, fn(&str) -> _) =
            match (self.given.value("base-domain"), self.given.value("houston-url")) {
                (Some(_), Some(_)) => {
                    self.wrong("base-domain", "is given beside `houston-url`", Some("give one of the two"));
                    return None;
                }
                (None, None) => {
                    self.missing("base-domain", "set it to the platform's base domain, or set `houston-url`");
                    return None;
                }
                (Some(_), None) => ("base-domain", Endpoint::at_base_domain),
                (None, Some(_)) => ("houston-url", Endpoint::at_url),
            };
        self.parsed(option, parse)
    }

    pub(super) fn releases(&mut self) -> Option<Vec<ReleaseName>> {
        let listed = self.given.value("release");
        let has_file = self.given.value("release-file").is_some();
        if listed.is_none() && !has_file {
            self.missing("release", "set it to the Deployment's release name, or set `release-file`");
            return None;
        }
        let (listed, lines) = (listed.unwrap_or_default().to_owned(), self.file("release-file"));
        let mut sound = lines.is_some() || !has_file;
        let lines = lines.unwrap_or_default();
        let mut names = Vec::new();
        for name in &parts(&listed, ", \t\r\n") {
            if !name.is_empty() {
                names.push(("release", *name));
            }
        }
        for line in &parts(&lines, "\n") {
            let name = cut(line, "#").map_or(*line, |(name, _)| name).trim();
            if !name.is_empty() {
                names.push(("release-file", name));
            }
        }
        let last = if has_file { "release-file" } else { "release" };
        if names.is_empty() {
            if sound {
                self.wrong(last, "names no release", None);
            }
            return None;
        }
        if names.len() > MOST_RELEASES {
            let message =
                filled("names {} releases, {} at most", &[&decimal(names.len()), &decimal(MOST_RELEASES)]);
            self.wrong(last, &message, Some("use `shard` or several runs"));
            return None;
        }
        let mut seen = Index::default();
        let mut releases = Vec::new();
        let mut twice = Vec::new();
        for &(option, name) in &names {
            match name.parse::<ReleaseName>() {
                Ok(_) if seen.number(name, releases.len()) < releases.len() => twice.push(name),
                Ok(release) => releases.push(release),
                Err(why) => {
                    let hint =
                        "the release name is on the Deployment's page, such as \"galactic-force-1234\"";
                    self.malformed(option, name, why.words(), sound.then_some(hint));
                    sound = false;
                }
            }
        }
        if let Some(first) = twice.first() {
            let message = match twice.len() {
                1 => filled("{} is named twice and done once", &[first]),
                count => {
                    filled("{} and {} more are named again and done once", &[first, &decimal(count - 1)])
                }
            };
            self.warnings.push(Warning::new(Code::InputInvalid, message, Some("name each release once")));
        }
        sound.then_some(releases)
    }

    fn version(&mut self, preflight: Mode) -> Option<AskedVersion> {
        let (option, asked): (_, fn(Version) -> AskedVersion) =
            match (self.given.value("airflow-version"), self.given.value("runtime-version")) {
                (Some(_), Some(_)) => {
                    let hint =
                        "give `runtime-version` for Astro Runtime images, `airflow-version` for the others";
                    self.wrong("airflow-version", "is given beside `runtime-version`", Some(hint));
                    return None;
                }
                (None, None) => {
                    // The image's labels may tell.
                    if preflight == Mode::Off {
                        let hint = "set it, or `airflow-version`, to the version in the image";
                        self.missing("runtime-version", hint);
                    }
                    return None;
                }
                (Some(_), None) => ("airflow-version", AskedVersion::Airflow),
                (None, Some(_)) => ("runtime-version", AskedVersion::Runtime),
            };
        self.value(option).map(asked)
    }

    fn count(&self, name: &str) -> u32 {
        self.text(name).and_then(whole).unwrap_or(1)
    }

    fn mode(&self, name: &str) -> Mode {
        match self.text(name) {
            Some("require") => Mode::Require,
            Some("off") => Mode::Off,
            _ => Mode::Auto,
        }
    }

    fn look_up(
        &mut self,
        environment: &Environment,
        mode: Mode,
        surroundings: Surroundings,
    ) -> Option<LookUp> {
        let platform = self.value::<Platform>("platform");
        let login = match (self.text("registry-username"), self.text("registry-password")) {
            (Some(user), Some(password)) => Some(Login::password(user, password, &self.redactor)),
            (Some(_), None) => {
                let hint = "set HOUSTON_REGISTRY_PASSWORD";
                self.wrong("registry-username", "has no password beside it", Some(hint));
                None
            }
            (None, Some(_)) => {
                self.wrong("registry-password", "has no user beside it", Some("set `registry-username`"));
                None
            }
            (None, None) => None,
        };
        let config = match (&login, mode) {
            (None, Mode::Auto | Mode::Require) => self.docker_config(environment),
            (Some(_), _) | (None, Mode::Off) => Ok(Value::Null),
        };
        let (proxy_ignored, redactor) = (surroundings.proxy_ignored, self.redactor.clone());
        Some(LookUp { platform: platform?, login, config, proxy_ignored, redactor })
    }

    /// Docker's config file, which counts only once a registry asks for credentials.
    fn docker_config(&self, environment: &Environment) -> Result<Value, String> {
        let home = || environment.get("HOME").or_else(|| environment.get("USERPROFILE"));
        let (folder, file) = match (environment.get("DOCKER_CONFIG"), home()) {
            (Some(folder), _) => (folder, "config.json"),
            (None, Some(home)) => (home, ".docker/config.json"),
            (None, None) => return Ok(Value::Null),
        };
        match self.content(&filled("{}/{}", &[folder, file])) {
            // Docker takes an empty file for none.
            Ok(text) if text.trim().is_empty() => Ok(Value::Null),
            Ok(text) => match Value::read(text.as_bytes()) {
                Ok(config) => Ok(config),
                Err(_) => Err("is no JSON".to_owned()),
            },
            Err(why) if why == "does not exist" => Ok(Value::Null),
            Err(why) => Err(why),
        }
    }

    fn watching(&mut self, timeout: Duration) -> Watching {
        let poll_interval = self.duration("poll-interval");
        if !poll_interval.is_zero() && poll_interval < Duration::from_millis(100) {
            self.refused("poll-interval", "is shorter than 100ms");
        }
        let (mode, stable_for) = (self.mode("wait"), self.duration("stable-for"));
        if mode != Mode::Off && !timeout.is_zero() && timeout <= stable_for {
            let why = filled("is no longer than `stable-for`, {}", &[&duration::shown(stable_for)]);
            self.refused("timeout", &why);
        }
        Watching { mode, poll_interval, stable_for, unchanged_ok: self.boolean("unchanged-ok") }
    }

    /// Whether the digest is to be sent. Without a look-up it can only be the one that was given.
    fn pin(&mut self, image: Option<&ImageReference>, preflight: Mode) -> bool {
        let pin = self.boolean("pin");
        let Some(image) = image else { return pin };
        if pin && preflight == Mode::Off && image.digest().is_none() {
            let hint = "give `image` with its digest, or leave `preflight` on";
            self.wrong("pin", "cannot find out the digest of a tag while `preflight` is off", Some(hint));
        }
        if let (Some(tag), None, false) = (image.tag(), image.digest(), pin)
            && moves(tag)
        {
            let message = filled(
                "the tag \"{}\" may be used again: where it stands for another image than at the \
                 last deploy, the platform may not roll",
                &[tag],
            );
            let hint = "give each image a tag of its own, or set `pin` to send its digest";
            self.warnings.push(Warning::new(Code::ImageMoves, message, Some(hint)));
        }
        pin
    }
}

/// Whether a tag looks like one that stands for another image from time to time: a word without a number.
fn moves(tag: &str) -> bool {
    tag.starts_with("latest") || !tag.bytes().any(|byte| byte.is_ascii_digit())
}
