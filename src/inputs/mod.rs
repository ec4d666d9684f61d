//! Raw options become [`Inputs`]: every problem is found at once, and behind this file no function receives a text
//! that could be malformed.

mod given;
pub mod options;
mod shard;

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

pub use given::{Command, Environment, Front, Given};
pub use shard::Shard;

use crate::date;
use crate::duration;
use crate::endpoint::Endpoint;
use crate::error::{Code, Problem};
use crate::foreign::{is_plain_id, quoted};
use crate::houston::{AskedVersion, Houston};
use crate::image::ImageReference;
use crate::malformed::Malformed;
use crate::release::ReleaseName;
use crate::report::Warning;
use crate::text::cut;
use crate::token::{HIDDEN, PullSecret, Redactor, Token, TokenKind};
use crate::version::{PlatformVersion, Version};

use given::{boolean, problem};
use options::{DEPLOY, Kind, Spec, find};

/// The most releases in one run, and so the longest list that is kept.
const MOST_RELEASES: usize = 10_000;

/// The most bytes of a file that is read.
const LARGEST_FILE: usize = 1024 * 1024;

/// The files that inputs name.
pub trait Files {
    /// The content of a file of at most `most` bytes.
    ///
    /// # Errors
    /// Why it cannot be had, in words that follow the path: `does not exist`.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String>;

    /// Whether a file could be made at `path`.
    ///
    /// # Errors
    /// Why not, in words that follow the path: `is in a folder that does not exist`.
    fn can_write(&self, path: &str) -> Result<(), String>;
}

/// What the surroundings say about themselves.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Time since the Unix epoch.
    pub wall: Duration,
    /// Whether a private CA can be trusted from now on; not before Node 22.19 and 24.5, and never in a library.
    pub can_trust: bool,
    /// Whether the environment names a proxy that this Node cannot be made to use once it runs.
    pub proxy_ignored: bool,
}

/// Where the results are to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the option of its name")]
pub struct Outputs {
    pub json: bool,
    pub debug: bool,
    pub report: Option<String>,
    pub summary: Option<String>,
    pub junit: Option<String>,
    pub dotenv: Option<String>,
    pub annotations: Option<String>,
}

/// All that a run needs to know.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Houston and the token for it.
    pub houston: Houston,
    /// The Deployments, each once, in the order in which they were named.
    pub releases: Vec<ReleaseName>,
    /// The image, as it was written.
    pub image: ImageReference,
    /// The image as Houston is to be told it.
    pub image_to_send: String,
    /// The version in the image.
    pub version: AskedVersion,
    /// The workspace, which lets a Deployment be read by its release name.
    pub workspace: Option<String>,
    /// The pull secret of the Deployment's own registry.
    pub pull_secret: Option<PullSecret>,
    /// The platform's version, where it is not to be asked.
    pub platform: Option<PlatformVersion>,
    /// For the whole of one release.
    pub timeout: Duration,
    /// For one request.
    pub request_timeout: Duration,
    /// Sends of one request at most.
    pub attempts: u32,
    /// Print the requests, change nothing.
    pub dry_run: bool,
    /// Start no further release after one has failed.
    pub fail_fast: bool,
}

/// What came of the input.
#[derive(Debug)]
pub struct Read {
    /// The inputs, or all that is wrong with them.
    pub inputs: Result<Inputs, Vec<Problem>>,
    /// Where results go; known even where the rest is wrong.
    pub outputs: Outputs,
    /// Every secret that was given.
    pub redactor: Redactor,
    /// The PEM text of a CA to trust.
    pub ca_cert: Option<String>,
    /// What should be known though the run goes on.
    pub warnings: Vec<Warning>,
}

/// Understands what was given.
pub fn read(given: Given, environment: &Environment, files: &impl Files, surroundings: Surroundings) -> Read {
    let mut reader = Reader { given, files, redactor: Redactor::default(), warnings: Vec::new() };
    reader.learn_secrets(environment);
    reader.check_kinds();
    let outputs = reader.outputs();
    let ca_cert = reader.ca_cert(surroundings);
    let inputs = reader.inputs(environment, surroundings);
    // What was wrong with the form of the input comes first, in the order in which it was given.
    let problems = std::mem::take(&mut reader.given.problems);
    let inputs = match inputs {
        Some(inputs) if problems.is_empty() => Ok(inputs),
        _ => Err(problems),
    };
    Read { inputs, outputs, redactor: reader.redactor, ca_cert, warnings: reader.warnings }
}

struct Reader<'a, F> {
    given: Given,
    files: &'a F,
    redactor: Redactor,
    warnings: Vec<Warning>,
}

impl<F: Files> Reader<'_, F> {
    fn wrong(&mut self, option: &str, message: impl Into<Cow<'static, str>>, hint: Option<&'static str>) {
        self.given.problems.push(problem(option, message, hint));
    }

    /// The text of an option, or its default.
    fn text(&self, name: &str) -> Option<String> {
        let default = || find(name).map(|spec| spec.default).filter(|default| !default.is_empty());
        self.given.value(name).or_else(default).map(str::to_owned)
    }

    /// A value with a parser of its own; a problem where it does not parse.
    fn parsed<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Malformed>) -> Option<T> {
        let text = self.text(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(why) => {
                self.malformed(name, &text, &why.to_string());
                None
            }
        }
    }

    #[inline(never)]
    fn malformed(&mut self, name: &str, text: &str, why: &str) {
        // What is wrong with a secret in the wrong place would quote parts of it, which nothing could find again.
        if self.redactor.finds(text) {
            self.wrong(name, "holds a secret, which does not belong here", None);
            return;
        }
        self.wrong(name, [&quoted(&without_user(name, text)), " ", why].concat(), None);
    }

    fn value<T: FromStr<Err = Malformed>>(&mut self, name: &str) -> Option<T> {
        self.parsed(name, str::parse)
    }

    /// Makes every secret known before anything is said of any value. Those in files are learned again as they are
    /// read, when what is wrong with such a file is said too.
    fn learn_secrets(&mut self, environment: &Environment) {
        let mut secrets: Vec<String> =
            ["token", "registry-password"].into_iter().filter_map(|name| self.text(name)).collect();
        secrets.extend(environment.get("ASTRONOMER_KEY_SECRET").map(str::to_owned));
        let files = ["token-file", "dockerconfigjson-file"].into_iter().filter_map(|name| self.text(name));
        let contents: Vec<_> = files.filter_map(|path| self.files.read(&path, LARGEST_FILE).ok()).collect();
        for content in contents.into_iter().filter_map(|bytes| String::from_utf8(bytes).ok()) {
            match PullSecret::parse(&content) {
                Ok(secret) => self.redactor.add_pull_secret(&secret),
                Err(_) => secrets.push(content),
            }
        }
        for secret in secrets {
            self.redactor.add_text(&secret);
        }
    }

    /// Checks every value that its kind alone can judge, so that what reads them later need not.
    fn check_kinds(&mut self) {
        for Spec { name, kind, .. } in &DEPLOY {
            let Some(text) = self.given.value(name).map(str::to_owned) else { continue };
            let why = match *kind {
                Kind::Boolean if boolean(&text).is_none() => "is neither true nor false".into(),
                Kind::Duration => match duration::parse(&text) {
                    Ok(_) => continue,
                    Err(why) => why.to_string(),
                },
                Kind::Count(least, most)
                    if !text.parse().is_ok_and(|number| (least..=most).contains(&number)) =>
                {
                    format!("is no whole number from {least} to {most}")
                }
                Kind::Choice(words) if !words.contains(&text.as_str()) => {
                    ["is none of ", &words.join(", ")].concat()
                }
                Kind::Output => match self.files.can_write(&text) {
                    Ok(()) => continue,
                    Err(why) => why,
                },
                Kind::Text
                | Kind::File
                | Kind::Secret
                | Kind::Boolean
                | Kind::Count(..)
                | Kind::Choice(_) => continue,
            };
            self.malformed(name, &text, &why);
        }
    }

    fn boolean(&self, name: &str) -> bool {
        self.given.value(name).and_then(boolean).unwrap_or_default()
    }

    fn duration(&self, name: &str) -> Duration {
        self.text(name).and_then(|text| duration::parse(&text).ok()).unwrap_or_default()
    }

    /// The text of the file that an option names.
    fn file(&mut self, name: &str) -> Option<String> {
        let path = self.text(name)?;
        let content = self
            .files
            .read(&path, LARGEST_FILE)
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned()));
        match content {
            Ok(text) => Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
            Err(why) => {
                self.malformed(name, &path, &why);
                None
            }
        }
    }

    fn outputs(&self) -> Outputs {
        let path = |name: &str| self.given.value(name).filter(|path| self.files.can_write(path).is_ok());
        let path = |name: &str| path(name).map(str::to_owned);
        Outputs {
            json: self.given.value("output") == Some("json"),
            debug: self.boolean("debug"),
            report: path("report-file"),
            summary: path("summary-file"),
            junit: path("junit-file"),
            dotenv: path("dotenv-file"),
            annotations: path("annotations-file"),
        }
    }

    fn ca_cert(&mut self, surroundings: Surroundings) -> Option<String> {
        let pem = self.file("ca-cert")?;
        if cut(&pem, "-----BEGIN CERTIFICATE-----").is_none() {
            self.wrong(
                "ca-cert",
                "holds no PEM certificate",
                Some("name a file with -----BEGIN CERTIFICATE-----"),
            );
            return None;
        }
        if !surroundings.can_trust {
            self.wrong(
                "ca-cert",
                "cannot be trusted by this program once Node runs: that needs the command line or the action, on Node \
                 22.19, 24.5 or newer",
                Some("set NODE_EXTRA_CA_CERTS to the file before Node starts"),
            );
            return None;
        }
        Some(pem)
    }

    fn inputs(&mut self, environment: &Environment, surroundings: Surroundings) -> Option<Inputs> {
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
    fn missing(&mut self, option: &str, hint: &'static str) {
        if !self.given.problems.iter().any(|problem| problem.option == option) {
            self.wrong(option, "is missing", Some(hint));
        }
    }

    fn endpoint(&mut self) -> Option<Endpoint> {
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

    /// The token, from the first of these that has one: `token` or `token-file` where given outright, then
    /// `HOUSTON_TOKEN`, `HOUSTON_TOKEN_FILE` and the vendor's `ASTRONOMER_KEY_SECRET`.
    fn token(&mut self, environment: &Environment, surroundings: Surroundings) -> Option<Token> {
        let vendors = environment.get("ASTRONOMER_KEY_SECRET").map(str::to_owned);
        let direct = self.text("token");
        let by_file = self.given.value("token-file").is_some();
        let prefer_file = by_file && self.given.is_explicit("token-file") && !self.given.is_explicit("token");
        if by_file && self.given.is_explicit("token-file") && self.given.is_explicit("token") {
            self.wrong("token", "is given beside `token-file`", Some("give one of the two"));
            return None;
        }
        let (option, text) = match (direct, vendors) {
            (Some(text), _) if !prefer_file => ("token", text),
            (_, vendors) if by_file => {
                drop(vendors);
                let text = self.file("token-file")?;
                ("token-file", text.trim_end_matches(['\n', '\r']).to_owned())
            }
            (_, Some(text)) => ("token", text),
            _ => {
                self.missing("token", "set HOUSTON_TOKEN, or `token-file`, to a service account's key");
                return None;
            }
        };
        let token = match Token::parse(&text) {
            Ok(token) => token,
            Err(why) => {
                self.wrong(option, why.to_string(), Some("copy the token again, in one line"));
                return None;
            }
        };
        if let TokenKind::User { expires: Some(expires) } = token.kind()
            && expires <= surroundings.wall
        {
            let ago = duration::shown(surroundings.wall.saturating_sub(expires));
            self.given.problems.push(Problem {
                code: Code::TokenExpired,
                ..problem(
                    option,
                    format!("expired {ago} ago, at {}", date::shown(expires)),
                    Some(
                        "log in again for a new token, or use a service account's key, which does not expire",
                    ),
                )
            });
            return None;
        }
        Some(token)
    }

    fn releases(&mut self) -> Option<Vec<ReleaseName>> {
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
        let mut seen = serde_json::Map::new();
        let mut releases = Vec::new();
        let mut twice = Vec::new();
        for (option, name) in names {
            match name.parse::<ReleaseName>() {
                Ok(release) if seen.insert(name.clone(), Value::Null).is_none() => releases.push(release),
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

    fn version(&mut self) -> Option<AskedVersion> {
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

    fn pull_secret(&mut self) -> Option<PullSecret> {
        let text = self.file("dockerconfigjson-file")?;
        match PullSecret::parse(&text) {
            Ok(secret) => Some(secret),
            Err(why) => {
                self.wrong("dockerconfigjson-file", why.to_string(), None);
                None
            }
        }
    }

    /// The look-up's own place in the input; until it is built, `auto` means `off`, and says so.
    fn look_up(&mut self) {
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
        let hint = Some("set `preflight` to off, and make sure that the image was pushed");
        match self.text("preflight").as_deref() {
            Some("require") => self.wrong("preflight", "\"require\" is not possible in this version", hint),
            Some("auto") => {
                let message = "the image was not looked up in its registry: this version cannot";
                self.warnings.push(Warning::new(Code::RegistryUnreachable, message.into(), hint));
            }
            _ => {}
        }
    }

    /// The watch's own place in the input; until it is built, `auto` means `off`, and says so.
    fn watch(&mut self) {
        let poll_interval = self.duration("poll-interval");
        if !poll_interval.is_zero() && poll_interval < Duration::from_millis(100) {
            let text = self.text("poll-interval").unwrap_or_default();
            self.malformed("poll-interval", &text, "is shorter than 100ms");
        }
        let hint = Some("set `wait` to off, and look at the Deployment's page for how it comes up");
        match self.text("wait").as_deref() {
            Some("require") => self.wrong("wait", "\"require\" is not possible in this version", hint),
            Some("auto") => {
                let message = "the Deployment is not watched coming up: this version cannot";
                self.warnings.push(Warning::new(Code::WaitImpossible, message.into(), hint));
            }
            _ => {}
        }
    }

    fn image_to_send(&mut self, image: Option<&ImageReference>) -> Option<String> {
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

/// A value without the user name and password that an address can hold, which are nobody's to see. In the two
/// options for an address whatever stands before an `@` is taken for them; elsewhere an `@` may start a digest.
fn without_user<'a>(name: &str, text: &'a str) -> Cow<'a, str> {
    let (scheme, rest) = match cut(text, "://") {
        Some((scheme, rest)) => (scheme, rest),
        None if matches!(name, "houston-url" | "base-domain") => ("", text),
        // A digest has no slash behind the `@`.
        None if text.rsplit_once('@').is_some_and(|(_, rest)| rest.contains('/')) => ("", text),
        None => return Cow::Borrowed(text),
    };
    match rest.rsplit_once('@') {
        Some((_, rest)) if scheme.is_empty() => [HIDDEN, "@", rest].concat().into(),
        Some((_, rest)) => [scheme, "://", HIDDEN, "@", rest].concat().into(),
        None => Cow::Borrowed(text),
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
