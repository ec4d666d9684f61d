//! What was given, before it is understood: the command line, the environment, the action's inputs, or the
//! properties in JavaScript, all brought to one list of option and text.

use std::fmt;

use super::options::{DEPLOY, Kind, Reach, Spec, distance, find};
use crate::error::{Code, Problem};
use crate::foreign::{quoted, visible};
use crate::text::{Index, cut, decimal, filled, joined};
use crate::token::HIDDEN;
use crate::value::{Object, Value};

/// The environment variables that the wrapper handed over.
#[derive(Clone, Default)]
pub struct Environment(Object);

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Environment {
    /// Variables by name.
    #[must_use]
    pub fn new(variables: Object) -> Self {
        Self(variables)
    }

    /// The value of a variable. An empty one counts as not set, as CI systems mean it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|value| !value.is_empty())
    }
}

/// Who starts the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// `pkg/cli.js`, in a terminal or any CI.
    CommandLine,
    /// The GitHub action.
    Action,
    /// A Node script.
    Library,
}

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Point Deployments at an image.
    Deploy,
    /// Look at everything that this would look at, and change nothing.
    Check,
    /// Print a text: the help of the `program` or of a command, or the `version`.
    Say(&'static str),
    /// What the module of that command does.
    Elsewhere(&'static str),
    /// Something else, which is a problem of its own; what it would need is not known.
    Unknown,
}

/// The values that were given, each at most once.
#[derive(Clone)]
pub struct Given {
    /// The options that there are.
    pub(super) options: &'static [Spec],
    values: Vec<(&'static str, String, bool)>,
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl fmt::Debug for Given {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(HIDDEN)
    }
}

impl Default for Given {
    fn default() -> Self {
        Self::of(&DEPLOY)
    }
}

impl Given {
    /// Nothing yet of these options.
    #[must_use]
    pub fn of(options: &'static [Spec]) -> Self {
        Self { options, values: Vec::new(), problems: Vec::new() }
    }

    /// Adds a problem.
    pub(super) fn wrong(&mut self, option: &str, message: &str, hint: Option<&str>) {
        self.problems.push(Problem {
            option: option.to_owned(),
            code: Code::InputInvalid,
            message: message.to_owned(),
            hint: hint.map(str::to_owned),
        });
    }

    /// The value of an option, without its default.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, ..)| *known == name).map(|(_, value, _)| value.as_str())
    }

    /// Whether the option was given outright, rather than found in the environment.
    #[must_use]
    pub fn is_explicit(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _, explicit)| *known == name && *explicit)
    }

    fn set(&mut self, spec: &Spec, value: &str) {
        match self.values.iter_mut().find(|(known, ..)| *known == spec.name) {
            // Several `--release` add up; any other option has one value.
            Some((_, known, _)) if spec.name == "release" => {
                known.push('\n');
                known.push_str(value);
            }
            Some(_) => self.wrong(spec.name, "is given twice", Some("give it once")),
            None => self.values.push((spec.name, value.to_owned(), true)),
        }
    }

    /// Reads the arguments behind the program's name.
    pub fn take_arguments(&mut self, arguments: &[String]) -> Command {
        let (first, rest) = arguments.split_first().unzip();
        let (command, help) = match first.map(String::as_str) {
            Some("deploy") => (Command::Deploy, Command::Say("deploy")),
            Some("check") => (Command::Check, Command::Say("check")),
            // What its arguments mean is for its own module to say.
            Some("setup") => return Command::Elsewhere("setup"),
            None | Some("--help" | "-h" | "help") => return Command::Say("program"),
            Some("--version" | "-V") => return Command::Say("version"),
            Some(other) => {
                self.unknown_command(other, &["deploy", "check", "setup"]);
                return Command::Unknown;
            }
        };
        if self.take_flags(rest.unwrap_or_default()) { help } else { command }
    }

    fn unknown_command(&mut self, name: &str, known: &[&str]) {
        let hint = match known.iter().find(|known| distance(name, known).is_some()) {
            Some(known) => filled("did you mean `{}`?", &[known]),
            None => filled("the commands are `{}`; --help shows their options", &[&joined(known, "`, `")]),
        };
        self.wrong("command", &filled("{} is no command", &[&quoted(name)]), Some(&hint));
    }

    /// Reads the arguments behind a command; whether its help is asked for.
    pub(super) fn take_flags(&mut self, arguments: &[String]) -> bool {
        let mut left = arguments;
        while let [argument, rest @ ..] = left {
            left = rest;
            if argument == "-h" || argument == "--help" {
                return true;
            }
            let Some(flag) = argument.strip_prefix("--").filter(|flag| !flag.is_empty()) else {
                let message = filled("{} is no option", &[&quoted(argument)]);
                self.wrong("command line", &message, Some("options start with --"));
                continue;
            };
            let (name, attached) = match cut(flag, "=") {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            let spec = find(self.options, name);
            let is_switch = spec.is_some_and(|spec| matches!(spec.kind, Kind::Boolean));
            let fits = |next: &str| if is_switch { boolean(next).is_some() } else { !next.starts_with("--") };
            let value = match (attached, rest) {
                (None, [next, behind @ ..]) if fits(next) => {
                    // The value of an option that there is not, if one follows, is no mistake of its own.
                    left = behind;
                    Some(next.as_str())
                }
                _ => attached.or(is_switch.then_some("true")),
            };
            let (option, message, hint) = match (spec, value) {
                (None, _) => {
                    self.unknown_option(name, "--", |_| true, |spec| spec.name.to_owned());
                    continue;
                }
                (Some(spec), _) if matches!(spec.kind, Kind::Secret) => {
                    let hint = filled(
                        "set {} in the environment: a flag would show in the process list",
                        &[&spec.environment_name()],
                    );
                    (spec.name, "cannot be given by a flag", hint)
                }
                (Some(spec), None) => {
                    let hint = filled("give it as --{} {}", &[spec.name, &spec.kind.words()]);
                    (spec.name, "has no value", hint)
                }
                (Some(spec), Some(value)) => {
                    self.set(spec, value);
                    continue;
                }
            };
            self.wrong(option, message, Some(&hint));
        }
        false
    }

    /// Reads the action's inputs, which arrive as `INPUT_<NAME>`. An empty one is one that was not given.
    pub fn take_inputs(&mut self, environment: &Environment) -> Command {
        let command = match environment.get("INPUT_COMMAND") {
            None | Some("deploy") => Command::Deploy,
            Some("check") => Command::Check,
            Some(other) => {
                self.unknown_command(other, &["deploy", "check"]);
                Command::Unknown
            }
        };
        for name in names(&environment.0).texts() {
            let (Some(input), Some(value)) = (name.strip_prefix("INPUT_"), environment.get(name)) else {
                continue;
            };
            let input = input.to_ascii_lowercase();
            if input == "command" {
                continue;
            }
            if let Some(spec) = find(self.options, &input).filter(|spec| everywhere(spec)) {
                self.set(spec, value);
            } else {
                self.unknown_option(&input, "", everywhere, |spec| spec.name.to_owned());
            }
        }
        command
    }

    /// Reads the properties of a JavaScript object; `call` is how they are given. One that is null or undefined is one
    /// that was not given.
    pub fn take_properties(&mut self, properties: &Value, call: &str) {
        let Some(properties) = properties.as_object() else {
            self.wrong("options", "are no object", Some(call));
            return;
        };
        for name in names(properties).texts() {
            let mut known = self.options.iter();
            let Some(spec) = known.find(|spec| everywhere(spec) && spec.property_name() == name) else {
                self.unknown_option(name, "", everywhere, Spec::property_name);
                continue;
            };
            let text = match properties.get(name) {
                Some(Value::Null) | None => continue,
                Some(Value::String(text)) => Some(text.clone()),
                // What its text says is wrong is more than that the type is.
                Some(Value::Bool(flag)) if matches!(spec.kind, Kind::Boolean | Kind::Choice(_)) => {
                    Some(if *flag { "true" } else { "false" }.to_owned())
                }
                Some(Value::Whole(number)) if matches!(spec.kind, Kind::Count(..) | Kind::Duration) => {
                    Some(decimal(*number))
                }
                Some(Value::Array(items)) if spec.name == "release" => lines(items),
                Some(_) => None,
            };
            match text {
                Some(text) => self.set(spec, &text),
                None => self.wrong(spec.name, "is of a type that this option does not take", None),
            }
        }
    }

    fn unknown_option(
        &mut self,
        name: &str,
        prefix: &str,
        known: fn(&Spec) -> bool,
        spelled: fn(&Spec) -> String,
    ) {
        let list =
            if prefix.is_empty() { "the README lists the options" } else { "--help lists the options" };
        let mut hint = list.to_owned();
        let mut least = usize::MAX;
        for spec in self.options {
            let option = spelled(spec);
            match distance(name, &option) {
                Some(distance) if distance < least && known(spec) => {
                    least = distance;
                    hint = filled("did you mean `{}{}`?", &[prefix, &option]);
                }
                _ => {}
            }
        }
        self.wrong(&visible(name), "is no option", Some(&hint));
    }

    /// Adds what the environment has for options that were not given outright, nor what stands in their place. An
    /// empty variable is one that is not set, and one that is no option's is somebody else's.
    pub fn add_environment(&mut self, environment: &Environment) {
        for spec in self.options {
            let is_replaced = REPLACED.iter().any(|(one, other)| {
                *one == spec.name && self.is_explicit(other) || *other == spec.name && self.is_explicit(one)
            });
            if is_replaced {
                continue;
            }
            if let (Some(value), None) = (environment.get(&spec.environment_name()), self.value(spec.name)) {
                self.values.push((spec.name, value.to_owned(), false));
            }
        }
    }
}

/// Options of which one that is given outright stands in the place of the other's variable too. The token's two are
/// told apart where they are read, since both are secrets.
const REPLACED: [(&str, &str); 3] =
    [("base-domain", "houston-url"), ("release", "release-file"), ("airflow-version", "runtime-version")];

/// The names in an object, in an order that is not the wrapper's: problems come in it.
fn names(object: &Object) -> Index {
    let mut names = Index::default();
    for (name, _) in object.entries() {
        names.number(name, 0);
    }
    names
}

/// Texts, one a line; nothing where one of them is no text.
fn lines(items: &[Value]) -> Option<String> {
    let mut lines = String::new();
    for item in items {
        lines.push_str(item.as_str()?);
        lines.push('\n');
    }
    Some(lines)
}

/// Reads `true` or `false`, in the three spellings that YAML has for each.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn everywhere(spec: &Spec) -> bool {
    spec.reach == Reach::Everywhere
}
