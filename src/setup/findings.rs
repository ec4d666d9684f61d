//! What is wrong in today's values, by line. Nothing is merged here: what `setup` prints is an overlay, and Helm lays
//! it over today's values. So a finding is an error where the overlay leaves it as it is, and a warning where the
//! overlay sets it right.

use super::Asked;
use super::names::Repository;
use super::values::{
    AIRFLOW, BASE_REGISTRY, ENDPOINT_BELOW_2, ENDPOINT_FROM_2, ROOT, Setting, UPDATE_REGISTRY, Value,
    endpoint,
};
use super::yaml::{Entry, Fault, Kind, Node, read};
use crate::foreign::{quoted, visible};
use crate::inputs::without_user;
use crate::token::Redactor;

/// The most findings that are told.
const MOST: usize = 100;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It stays wrong until somebody changes today's values.
    Error,
    /// The printed values set it right.
    Warning,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// The line, counted from 1.
    pub line: usize,
    /// The keys on the way to it, between dots; empty where the text is no YAML.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// The correct place, or what else to do.
    pub hint: String,
}

/// What is wrong in a text of Helm values, told without any secret.
#[must_use]
pub fn find(text: &str, asked: &Asked, settings: &[Setting], redactor: &Redactor) -> Vec<Finding> {
    let root = match read(text) {
        Ok(root) => root,
        Err(Fault { line, message, hint }) => {
            let (message, hint) = (redactor.clean(&message), hint.to_owned());
            return vec![Finding { level: Level::Error, line, path: String::new(), message, hint }];
        }
    };
    let mut findings = Findings { found: Vec::new(), more: 0, redactor };
    findings.misplaced(&root, &mut Vec::new());
    findings.of_the_other_version(&root, asked);
    findings.left_standing(&root, settings);
    for setting in settings {
        let endpoint = [ENDPOINT_BELOW_2, ENDPOINT_FROM_2].contains(&setting.path);
        if asked.platform.is_some() || !endpoint {
            findings.set_here(&root, setting);
        }
    }
    if asked.platform.is_none() {
        findings.either_endpoint(&root);
    }
    let Findings { found: mut findings, more, .. } = findings;
    findings.sort_by_key(|finding| finding.line);
    let more = more + findings.len().saturating_sub(MOST);
    findings.truncate(MOST);
    if let Some(last) = findings.last_mut().filter(|_| more > 0) {
        last.message = [&last.message, "; ", &more.to_string(), " findings more are not told"].concat();
    }
    findings
}

struct Findings<'a> {
    found: Vec<Finding>,
    /// How many more there are.
    more: usize,
    redactor: &'a Redactor,
}

impl Findings<'_> {
    fn push(&mut self, level: Level, line: usize, path: &str, message: &str, hint: &[&str]) {
        // Keys are foreign text. A secret is looked for before anything in it is escaped.
        let path = visible(&self.redactor.clean(path));
        self.found.push(Finding { level, line, path, message: message.to_owned(), hint: hint.concat() });
    }

    /// A group of keys that is missing is missing once, whichever setting in it was looked for.
    fn once(&mut self, line: usize, path: &str, message: &str, hint: &str) {
        if !self.found.iter().any(|known| known.path == path && known.message == message) {
            self.push(Level::Warning, line, path, message, &[hint]);
        }
    }

    /// Keys that the platform reads in one place alone, and which stand in another.
    fn misplaced<'n>(&mut self, node: &'n Node, path: &mut Vec<&'n str>) {
        let children: &[Entry] = match &node.kind {
            Kind::Map(entries) => entries,
            Kind::Null | Kind::Text(..) | Kind::List(_) => return,
        };
        for Entry { line, key, value } in children {
            path.push(key);
            match right_place(path) {
                None => self.misplaced(value, path),
                // They come by their lines, so that one which is not told is not due to be. A path is as long as its
                // keys: to put each together would take minutes of a file that is made for it.
                Some(_) if self.found.len() >= MOST => self.more += 1,
                Some(place) => self.push(
                    Level::Error,
                    *line,
                    &path.join("."),
                    "is in a place where the platform does not read it",
                    &["move it to ", &place],
                ),
            }
            path.pop();
        }
    }

    /// The switch of the endpoint as the charts of another version have it.
    fn of_the_other_version(&mut self, root: &Node, asked: &Asked) {
        let Some(platform) = &asked.platform else { return };
        let right = endpoint(platform);
        let (other, which) = match right {
            ENDPOINT_BELOW_2 => (ENDPOINT_FROM_2, "from 2.0 on"),
            _ => (ENDPOINT_BELOW_2, "below 2.0"),
        };
        let path = full(other);
        if let Some(entry) = at(root, &path) {
            let message =
                ["is the key of charts ", which, ", and this platform is ", platform.as_str()].concat();
            let hint = ["take it out; here the key is ", ROOT, ".", right];
            self.push(Level::Error, entry.line, &path, &message, &hint);
        }
    }

    /// What the printed values leave as it is, though it does not go with them.
    fn left_standing(&mut self, root: &Node, settings: &[Setting]) {
        let touched = |path: &str| settings.iter().any(|setting| setting.path == path);
        for [_, host, _] in [BASE_REGISTRY, UPDATE_REGISTRY] {
            if touched(host) {
                continue;
            }
            let path = full(host);
            let Some(entry) = at(root, &path).filter(|entry| entry.value.kind != Kind::Null) else {
                continue;
            };
            let [_, update, _] = UPDATE_REGISTRY;
            if !touched(update) {
                let hint = "take the line out: Helm keeps what the printed values do not name";
                let message = "is set, and with a registry for each Deployment there is no host here";
                self.push(Level::Error, entry.line, &path, message, &[hint]);
            } else if let Some(why) = malformed(entry, self.redactor) {
                self.push(Level::Error, entry.line, &path, &why, &["set it to <registry>/<repository>"]);
            }
        }
        let [enabled, ..] = BASE_REGISTRY;
        if !touched(enabled) {
            let path = full(enabled);
            if let Some(entry) = at(root, &path).filter(|entry| entry.value.is(true)) {
                let message = "is true, as an air-gapped platform has it, and `mode` is standard";
                self.push(
                    Level::Warning,
                    entry.line,
                    &path,
                    message,
                    &["set `mode` to airgapped, or set it to false"],
                );
            }
        }
    }

    /// One setting: it is missing, or it is another.
    fn set_here(&mut self, root: &Node, setting: &Setting) {
        let path = full(setting.path);
        let shown = match &setting.value {
            Value::On => "true",
            Value::Text(text) => text,
        };
        let mut node = root;
        let mut line = 1;
        let mut so_far = String::new();
        for key in path.split('.') {
            if !so_far.is_empty() {
                so_far.push('.');
            }
            so_far.push_str(key);
            let entry = match (node.entry(key), &node.kind) {
                (Some(entry), _) => entry,
                (None, Kind::Map(_) | Kind::Null) => {
                    let hint = "the printed values set it, and all that belongs below it";
                    let hint = if so_far == path { "the printed values set it" } else { hint };
                    self.once(line, &so_far, "is missing", hint);
                    return;
                }
                (None, Kind::Text(..) | Kind::List(_)) => {
                    let parent =
                        so_far.strip_suffix(key).unwrap_or_default().trim_end_matches('.').to_owned();
                    let hint = "the printed values put one in its place";
                    self.once(line, &parent, "is no mapping of keys to values", hint);
                    return;
                }
            };
            (node, line) = (&entry.value, entry.line);
        }
        let (same, why) = match (&setting.value, &node.kind) {
            (_, Kind::Null) => (false, "is missing".to_owned()),
            (Value::On, _) => (node.is(true), unlike(setting.path, node, self.redactor)),
            (Value::Text(wanted), Kind::Text(text, _)) => {
                (text == wanted, unlike(setting.path, node, self.redactor))
            }
            (Value::Text(_), Kind::Map(_) | Kind::List(_)) => {
                (false, unlike(setting.path, node, self.redactor))
            }
        };
        if !same {
            self.push(Level::Warning, line, &path, &why, &["the printed values set it to ", shown]);
        }
    }

    /// Of a platform whose version is not known: one of the two switches has to be on.
    fn either_endpoint(&mut self, root: &Node) {
        let mut found = false;
        for key in [ENDPOINT_BELOW_2, ENDPOINT_FROM_2] {
            let path = full(key);
            let Some(entry) = at(root, &path) else { continue };
            found = true;
            if !entry.value.is(true) {
                let hint = "the printed values set it to true";
                self.push(
                    Level::Warning,
                    entry.line,
                    &path,
                    &unlike(key, &entry.value, self.redactor),
                    &[hint],
                );
            }
        }
        if !found {
            let path = full("deployments");
            let line = at(root, &path).map_or(1, |entry| entry.line);
            let message = "has no switch for the endpoint that houston-deploy calls";
            self.push(
                Level::Warning,
                line,
                &path,
                message,
                &["the printed values have it, by the chart's version"],
            );
        }
    }
}

/// How a value differs from what it should be.
fn unlike(path: &str, node: &Node, redactor: &Redactor) -> String {
    let [update, ..] = UPDATE_REGISTRY;
    let hosts = [BASE_REGISTRY[1], UPDATE_REGISTRY[1], AIRFLOW[0], AIRFLOW[1]];
    if node.is(false) {
        return match path {
            ENDPOINT_BELOW_2 | ENDPOINT_FROM_2 => "is false: the platform then refuses the call",
            _ if path == update => {
                "is false: Deployments are then not given the registry of the images that they are updated to"
            }
            _ => "is false",
        }
        .to_owned();
    }
    let text = match &node.kind {
        Kind::Text(text, _) => text,
        Kind::Null | Kind::Map(_) | Kind::List(_) => return "is no single value".to_owned(),
    };
    // What is wrong with a secret in the wrong place would quote parts of it, which nothing could find again.
    if redactor.finds(text) {
        return "holds a secret, which does not belong here".to_owned();
    }
    let why = match text.parse::<Repository>() {
        Err(why) if hosts.contains(&path) => why.to_string(),
        _ if hosts.contains(&path) || path.ends_with("secretName") => "is another".to_owned(),
        _ => "is not the boolean true".to_owned(),
    };
    ["is ", &quoted(&without_user("", text)), ", which ", &why].concat()
}

/// Why a host that nobody sets is none.
fn malformed(entry: &Entry, redactor: &Redactor) -> Option<String> {
    match &entry.value.kind {
        Kind::Text(text, _) if text.parse::<Repository>().is_ok() => None,
        Kind::Text(..) | Kind::Null | Kind::Map(_) | Kind::List(_) => {
            Some(unlike(BASE_REGISTRY[1], &entry.value, redactor))
        }
    }
}

/// Where the last key of a path belongs, if that is one place alone and another.
fn right_place(path: &[&str]) -> Option<String> {
    let is = |place: &str| path.iter().copied().eq(place.split('.'));
    let place = match *path.last()? {
        "registry" if is(&full("deployments.registry")) => "registry",
        "protectedCustomRegistry" => "registry.protectedCustomRegistry",
        "baseRegistry" => "registry.protectedCustomRegistry.baseRegistry",
        "updateRegistry" => "registry.protectedCustomRegistry.updateRegistry",
        "enableUpdateDeploymentImageEndpoint" => ENDPOINT_BELOW_2,
        "deploymentImagesRegistry" => "deployments.deploymentImagesRegistry",
        "updateDeploymentImageEndpoint" => {
            "deployments.deploymentImagesRegistry.updateDeploymentImageEndpoint"
        }
        "defaultAirflowRepository" => AIRFLOW[0],
        _ => return None,
    };
    let place = full(place);
    (!is(&place)).then_some(place)
}

fn full(path: &str) -> String {
    [ROOT, ".", path].concat()
}

fn at<'a>(root: &'a Node, path: &str) -> Option<&'a Entry> {
    let mut node = root;
    let mut found = None;
    for key in path.split('.') {
        let entry = node.entry(key)?;
        (node, found) = (&entry.value, Some(entry));
    }
    found
}
