//! The options: the one table from which the command line, the environment, the action's inputs, the properties in
//! JavaScript, the help text and the checks of the documentation all follow.

use crate::text::{filled, joined, replaced};

/// What an option's value is, as far as it can be told without the rest of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text; what it must look like is checked where it is read.
    Text,
    /// `true` or `false`; alone on the command line it means true.
    Boolean,
    /// A whole number and `ms`, `s`, `m` or `h`.
    Duration,
    /// A whole number between the two, both included.
    Count(u32, u32),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The path of a file that is read.
    File,
    /// The path of a file that is written.
    Output,
    /// A secret: it comes by the environment, never by a flag, and is never shown.
    Secret,
}

/// Who can set an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Everyone.
    Everywhere,
    /// The command line and the environment alone.
    CommandLine,
}

/// One option.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, as the contract has it.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value that it has when it is not given; empty where there is none.
    pub default: &'static str,
    /// Who can set it.
    pub reach: Reach,
    /// What it means, in one line. The shipped module leaves the help to a file beside it, which is loaded only when it
    /// is asked for.
    #[cfg(not(target_family = "wasm"))]
    pub help: &'static str,
}

impl Spec {
    /// `HOUSTON_RUNTIME_VERSION` for `runtime-version`; `HOUSTON_URL` for `houston-url`.
    #[must_use]
    pub fn environment_name(&self) -> String {
        let name = self.name.strip_prefix("houston-").unwrap_or(self.name);
        filled("HOUSTON_{}", &[&replaced(&name.to_ascii_uppercase(), "-", "_")])
    }

    /// `runtimeVersion` for `runtime-version`.
    #[must_use]
    pub fn property_name(&self) -> String {
        let mut name = String::new();
        let mut capital = false;
        for letter in self.name.chars() {
            match letter {
                '-' => {}
                _ if capital => name.push(letter.to_ascii_uppercase()),
                _ => name.push(letter),
            }
            capital = letter == '-';
        }
        name
    }
}

impl Kind {
    /// How a value is called where its place is shown; nothing where it has none.
    #[must_use]
    pub fn words(&self) -> String {
        let word = match self {
            Self::Text => "TEXT",
            Self::Boolean | Self::Secret => "",
            Self::Duration => "DURATION",
            Self::Count(..) => "NUMBER",
            Self::Choice(words) => return joined(words, "|"),
            Self::File | Self::Output => "FILE",
        };
        word.to_owned()
    }
}

#[cfg_attr(target_family = "wasm", expect(unused_variables, reason = "the help is elsewhere"))]
pub(super) const fn spec(name: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Spec {
    Spec {
        name,
        kind,
        default,
        reach: Reach::Everywhere,
        #[cfg(not(target_family = "wasm"))]
        help,
    }
}

const SWITCH: Kind = Kind::Choice(&["auto", "require", "off"]);

/// The options of `deploy`, in the order in which the help shows them.
pub static DEPLOY: [Spec; 36] = [
    spec(
        "base-domain",
        Kind::Text,
        "",
        "the platform's base domain; Houston is https://houston.<base-domain>/v1",
    ),
    spec("houston-url", Kind::Text, "", "Houston's whole URL instead; http:// for a loopback host only"),
    spec("token", Kind::Secret, "", "the token for Houston; ASTRONOMER_KEY_SECRET is read too"),
    spec("token-file", Kind::File, "", "a file with the token"),
    spec("release", Kind::Text, "", "release name, or several between commas, spaces or newlines"),
    spec("release-file", Kind::File, "", "a file with one release name a line (# starts a comment)"),
    spec("image", Kind::Text, "", "<host>/<name>:<tag>, or @<digest>, or both"),
    spec("airflow-version", Kind::Text, "", "the image's Airflow version (Astronomer Certified images)"),
    spec("runtime-version", Kind::Text, "", "the image's Runtime version (Astro Runtime images)"),
    spec("workspace", Kind::Text, "", "workspace id; lets the Deployment be read before anything is sent"),
    spec("platform", Kind::Text, "linux/amd64", "what the cluster runs"),
    spec("dockerconfigjson-file", Kind::File, "", "pull secret for this Deployment's own registry"),
    spec("platform-version", Kind::Text, "", "the platform's version, where Houston is not to be asked"),
    spec("preflight", SWITCH, "auto", "look the image up in its registry"),
    spec("registry-username", Kind::Text, "", "user for the look-up (default: docker's config file)"),
    spec("registry-password", Kind::Secret, "", "password for the look-up"),
    spec("wait", SWITCH, "auto", "after Houston said yes, watch the Deployment come up"),
    spec("timeout", Kind::Duration, "10m", "for the whole of one release"),
    spec("request-timeout", Kind::Duration, "30s", "for one request"),
    spec("poll-interval", Kind::Duration, "5s", "between two looks while waiting; 100ms or more"),
    spec("stable-for", Kind::Duration, "60s", "how long it must stay healthy before it counts"),
    spec("unchanged-ok", Kind::Boolean, "false", "the Deployment may run this image already"),
    spec("attempts", Kind::Count(1, 20), "4", "sends of one request at most"),
    spec("concurrency", Kind::Count(1, 256), "4", "releases at once until Houston's answer"),
    spec("shard", Kind::Text, "", "this job's part of the list, such as 2/5, or auto (GitLab)"),
    spec("ca-cert", Kind::File, "", "PEM file to trust besides the usual ones"),
    spec("dry-run", Kind::Boolean, "false", "print the exact requests, change nothing"),
    spec("pin", Kind::Boolean, "false", "send Houston the digest instead of the tag"),
    spec("fail-fast", Kind::Boolean, "false", "start no further release after one has failed"),
    Spec {
        reach: Reach::CommandLine,
        ..spec(
            "output",
            Kind::Choice(&["text", "json"]),
            "text",
            "text, or json: the report alone on standard output",
        )
    },
    spec("report-file", Kind::Output, "", "where to write the report (JSON)"),
    spec("summary-file", Kind::Output, "", "where to write a summary (Markdown)"),
    spec("junit-file", Kind::Output, "", "where to write JUnit XML"),
    spec("dotenv-file", Kind::Output, "", "where to write GitLab's dotenv report"),
    spec("annotations-file", Kind::Output, "", "where to write GitLab's annotations report"),
    Spec {
        reach: Reach::CommandLine,
        ..spec("debug", Kind::Boolean, "false", "log every request, without secrets")
    },
];

/// The option of a command with this name.
pub(crate) fn find(options: &'static [Spec], name: &str) -> Option<&'static Spec> {
    options.iter().find(|spec| spec.name == name)
}

/// How far `text` is from `name`, if it is near enough to have been meant for it.
///
/// Source: the distance is Levenshtein's; a third of the longer text may differ.
#[must_use]
pub fn distance(text: &str, name: &str) -> Option<usize> {
    let longest = text.len().max(name.len());
    if longest > 64 {
        return None;
    }
    let mut row: [usize; 65] = std::array::from_fn(|cell| cell);
    for (line, wanted) in name.bytes().enumerate() {
        let [first, rest @ ..] = &mut row;
        let (mut diagonal, mut left) = (line, line + 1);
        *first = left;
        for (cell, have) in rest.iter_mut().zip(text.bytes()) {
            let above = *cell;
            let replaced = diagonal + usize::from(have != wanted);
            left = replaced.min(above + 1).min(left + 1);
            diagonal = above;
            *cell = left;
        }
    }
    row.get(text.len()).copied().filter(|distance| distance * 3 <= longest)
}
