//! Inputs: what each of the four ways of giving an option comes to, and what every bad input gets: all of its
//! problems at once, each with its option's name and the exact words. Nothing here is sent anywhere.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use houston_deploy::error::{Code, Problem};
use houston_deploy::houston::AskedVersion;
use houston_deploy::inputs::options::{DEPLOY, Kind, Reach, nearest};
use houston_deploy::inputs::{self, Command, Environment, Files, Given, Inputs, Read, Shard, Surroundings};
use houston_deploy::release::ReleaseName;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::world::{TOKEN, WALL};

/// What every good command line has. `Case::without` takes some of it away.
const USUAL: [[&str; 2]; 6] = [
    ["--base-domain", "astro.example.com"],
    ["--release", "dev"],
    ["--image", "registry.example.com/acme/airflow:1.4.2"],
    ["--runtime-version", "11.3.0"],
    ["--preflight", "off"],
    ["--wait", "off"],
];

/// Files by path. A path under `nowhere/` cannot be written.
struct Disk(Vec<(String, Vec<u8>)>);

impl Files for Disk {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        match self.0.iter().find(|(known, _)| known == path) {
            Some((_, content)) if content.len() > most => Err("is too large".into()),
            Some((_, content)) => Ok(content.clone()),
            None => Err("does not exist".into()),
        }
    }

    fn can_write(&self, path: &str) -> Result<(), String> {
        if path.starts_with("nowhere/") { Err("is in a folder that does not exist".into()) } else { Ok(()) }
    }
}

fn variables(variables: &[(&str, &str)]) -> Environment {
    Environment::new(variables.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect())
}

/// One input that is good but for what a test changes in it.
struct Case {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    disk: Disk,
    surroundings: Surroundings,
}

/// The usual command line, with the token in the environment.
fn usual() -> Case {
    Case {
        arguments: USUAL.concat().into_iter().map(str::to_owned).collect(),
        environment: vec![("HOUSTON_TOKEN".into(), TOKEN.into())],
        disk: Disk(Vec::new()),
        surroundings: Surroundings { wall: WALL, can_trust: true, proxy_ignored: false },
    }
}

impl Case {
    /// More arguments, behind the others.
    fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Without an option of the usual ones.
    #[track_caller]
    fn without(mut self, option: &str) -> Self {
        let place = self.arguments.iter().position(|argument| argument == option).expect("a usual option");
        self.arguments.drain(place..place + 2);
        self
    }

    /// With another value for an option of the usual ones.
    #[track_caller]
    fn but(self, option: &str, value: &str) -> Self {
        self.without(option).with(&[option, value])
    }

    /// A variable, which replaces one of the same name.
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
        self
    }

    fn without_token(mut self) -> Self {
        self.environment.retain(|(name, _)| name != "HOUSTON_TOKEN");
        self
    }

    fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.disk.0.push((path.into(), content.as_ref().to_vec()));
        self
    }

    fn read(&self) -> Read {
        let environment: Vec<_> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let arguments: Vec<_> = std::iter::once("deploy".to_owned()).chain(self.arguments.clone()).collect();
        let (command, given) = Given::from_arguments(&arguments);
        assert_eq!(command, Command::Deploy);
        finish(given, &variables(&environment), self)
    }

    /// The inputs, which must be good.
    #[track_caller]
    fn good(&self) -> Inputs {
        good(self.read())
    }

    /// Exactly these problems, in this order, each as `told` has it.
    #[track_caller]
    fn gets(&self, problems: &[&str]) {
        gets(self.read(), problems);
    }

    /// Exactly these warnings, and good input.
    #[track_caller]
    fn warns(&self, warnings: &[&str]) {
        let read = self.read();
        let told: Vec<_> = read
            .warnings
            .iter()
            .map(|warning| {
                let hint = warning.hint.as_deref().map(|hint| format!(" | {hint}")).unwrap_or_default();
                format!("{}: {}{hint}", warning.code.as_str(), warning.message)
            })
            .collect();
        good(read);
        assert_eq!(told, warnings);
    }
}

fn finish(mut given: Given, environment: &Environment, case: &Case) -> Read {
    given.add_environment(environment);
    inputs::read(given, environment, &case.disk, case.surroundings)
}

/// Inputs of the action, beside the usual ones.
fn action(more: &[(&str, &str)]) -> Read {
    let mut all: Vec<(String, &str)> = USUAL
        .iter()
        .map(|[option, value]| (format!("INPUT_{}", option.trim_start_matches('-').to_uppercase()), *value))
        .collect();
    all.push(("INPUT_TOKEN".into(), TOKEN));
    for (name, value) in more {
        all.retain(|(known, _)| known != name);
        all.push(((*name).into(), value));
    }
    let all: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let environment = variables(&all);
    finish(Given::from_action(&environment), &environment, &usual())
}

/// Properties of JavaScript's `deploy()`, beside the usual ones.
#[track_caller]
fn script(more: Value) -> Read {
    let mut all = json!({
        "baseDomain": "astro.example.com", "release": "dev", "image": "registry.example.com/acme/airflow:1.4.2",
        "runtimeVersion": "11.3.0", "preflight": "off", "wait": "off", "token": TOKEN,
    });
    let Value::Object(more) = more else { panic!("properties are an object") };
    all.as_object_mut().expect("an object").extend(more);
    finish(Given::from_properties(&all), &Environment::default(), &usual())
}

#[track_caller]
fn good(read: Read) -> Inputs {
    read.inputs.unwrap_or_else(|problems| panic!("{:#?}", told(&problems)))
}

#[track_caller]
fn gets(read: Read, problems: &[&str]) {
    assert_eq!(told(&read.inputs.expect_err("bad input")), problems);
}

/// `option: message | hint`.
fn told(problems: &[Problem]) -> Vec<String> {
    let told = problems.iter().map(|problem| {
        let hint = problem.hint.as_deref().map(|hint| format!(" | {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", problem.option, problem.message)
    });
    told.collect()
}

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.releases.iter().map(ReleaseName::as_str).collect()
}

// The command line.

#[test]
fn the_usual_input_is_good_and_has_the_defaults_of_the_contract() {
    let inputs = usual().good();
    assert_eq!(inputs.houston.endpoint.url(), "https://houston.astro.example.com/v1");
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
    assert_eq!(names(&inputs), ["dev"]);
    assert_eq!(inputs.image_to_send, "registry.example.com/acme/airflow:1.4.2");
    assert!(matches!(&inputs.version, AskedVersion::Runtime(version) if version.as_str() == "11.3.0"));
    assert_eq!((inputs.workspace, inputs.pull_secret.is_some(), inputs.platform), (None, false, None));
    assert_eq!(inputs.timeout, Duration::from_mins(10));
    assert_eq!(inputs.request_timeout, Duration::from_secs(30));
    assert_eq!((inputs.attempts, inputs.dry_run, inputs.fail_fast), (4, false, false));
}

#[test]
fn a_value_follows_its_option_or_is_attached() {
    assert_eq!(usual().with(&["--attempts", "2"]).good().attempts, 2);
    assert_eq!(usual().with(&["--attempts=3"]).good().attempts, 3);
    // Only the first `=` is the option's.
    usual().but("--image", "").gets(&["image: \"\" is empty"]);
    usual().with(&["--workspace=a=b"]).gets(&["workspace: \"a=b\" is no workspace id"]);
    usual().with(&["--workspace="]).gets(&["workspace: \"\" is no workspace id"]);
}

#[test]
fn a_boolean_alone_means_true() {
    assert!(usual().with(&["--dry-run"]).good().dry_run);
    let inputs = usual().with(&["--fail-fast", "--dry-run"]).good();
    assert!(inputs.fail_fast && inputs.dry_run);
}

#[test]
fn a_boolean_takes_the_three_spellings_of_yaml() {
    for (text, value) in
        [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)]
    {
        assert_eq!(usual().with(&["--dry-run", text]).good().dry_run, value, "{text}");
        assert_eq!(usual().with(&[&format!("--dry-run={text}")]).good().dry_run, value, "{text}");
    }
    // `--pin` with a tag would be an error.
    usual().with(&["--pin", "false"]).good();
    usual().with(&["--dry-run=yes"]).gets(&["dry-run: \"yes\" is neither true nor false"]);
    usual().with(&["--dry-run", "yes"]).gets(&["command line: \"yes\" is no option | options start with --"]);
}

#[test]
fn an_unknown_option_names_the_nearest() {
    usual().with(&["--relese", "x"]).gets(&["relese: is no option | did you mean `--release`?"]);
    usual().with(&["--relese=x"]).gets(&["relese: is no option | did you mean `--release`?"]);
    usual()
        .with(&["--runtime_version=1"])
        .gets(&["runtime_version: is no option | did you mean `--runtime-version`?"]);
    usual().with(&["--quux"]).gets(&["quux: is no option | the README lists the options"]);
    usual().with(&["-x"]).gets(&["command line: \"-x\" is no option | options start with --"]);
}

#[test]
fn the_option_behind_an_unknown_one_is_read() {
    let read = usual().with(&["--quux", "--attempts", "0"]).read();
    gets(
        read,
        &[
            "quux: is no option | the README lists the options",
            "attempts: \"0\" is no whole number from 1 to 20",
        ],
    );
}

#[track_caller]
fn no_command(command: &str, message: &str, hint: &str) {
    let (parsed, given) = Given::from_arguments(&[command.to_owned()]);
    assert_eq!(parsed, Command::Unknown);
    assert_eq!(told(&given.problems), [format!("command: {message} | {hint}")]);
}

#[test]
fn an_unknown_command_names_the_nearest() {
    no_command("depoly", "\"depoly\" is no command", "did you mean `deploy`?");
    no_command(
        "--release",
        "\"--release\" is no command",
        "the command is `deploy`; --help shows its options",
    );
    no_command(
        "\u{1b}[2J",
        "\"\\u{1b}[2J\" is no command",
        "the command is `deploy`; --help shows its options",
    );
}

#[test]
fn help_and_version_are_commands() {
    let command = |arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (command, given) = Given::from_arguments(&arguments);
        assert!(given.problems.is_empty());
        command
    };
    for arguments in [&[][..], &["--help"], &["-h"], &["help"]] {
        assert_eq!(command(arguments), Command::Help);
    }
    for arguments in [&["--version"], &["-V"]] {
        assert_eq!(command(arguments), Command::Version);
    }
    for arguments in [&["deploy", "--help"][..], &["deploy", "--dry-run", "-h"]] {
        assert_eq!(command(arguments), Command::HelpDeploy);
    }
}

#[test]
fn a_secret_has_no_flag_and_is_not_shown() {
    let hint = "or use a file: a flag would show in the process list";
    for arguments in [&["--token", "s3cr3t"][..], &["--token=s3cr3t"], &["--token"]] {
        let problem = format!("token: cannot be given by a flag | set HOUSTON_TOKEN {hint}");
        usual().with(arguments).gets(&[&problem]);
    }
    usual().with(&["--registry-password", "s3cr3t"]).gets(&[&format!(
        "registry-password: cannot be given by a flag | set HOUSTON_REGISTRY_PASSWORD {hint}"
    )]);
}

#[test]
fn an_option_is_given_once() {
    usual().with(&["--wait", "off"]).gets(&["wait: is given twice | give it once"]);
    usual().with(&["--dry-run", "--dry-run"]).gets(&["dry-run: is given twice | give it once"]);
}

#[test]
fn several_releases_add_up() {
    let inputs = usual().with(&["--release", "b", "--release=c,d"]).good();
    assert_eq!(names(&inputs), ["dev", "b", "c", "d"]);
}

#[test]
fn an_option_without_its_value_says_what_it_needs() {
    usual().with(&["--workspace"]).gets(&["workspace: has no value | give it as --workspace TEXT"]);
    usual()
        .with(&["--timeout", "--dry-run"])
        .gets(&["timeout: has no value | give it as --timeout DURATION"]);
    usual()
        .without("--wait")
        .with(&["--wait"])
        .gets(&["wait: has no value | give it as --wait auto|require|off"]);
    usual().with(&["--report-file"]).gets(&["report-file: has no value | give it as --report-file FILE"]);
    usual().with(&["--attempts"]).gets(&["attempts: has no value | give it as --attempts NUMBER"]);
}

// The environment.

#[test]
fn every_option_has_a_variable() {
    let mut case = usual().variable("HOUSTON_URL", "https://houston.example.com/v1");
    case.arguments.clear();
    for (name, value) in [
        ("HOUSTON_RELEASE", "a b"),
        ("HOUSTON_IMAGE", "acme/airflow:1"),
        ("HOUSTON_AIRFLOW_VERSION", "2.9.1"),
        ("HOUSTON_WORKSPACE", "ws1"),
        ("HOUSTON_PREFLIGHT", "off"),
        ("HOUSTON_WAIT", "off"),
        ("HOUSTON_PLATFORM_VERSION", "0.34.1"),
        ("HOUSTON_REQUEST_TIMEOUT", "5s"),
        ("HOUSTON_DRY_RUN", "true"),
        ("HOUSTON_FAIL_FAST", "false"),
    ] {
        case = case.variable(name, value);
    }
    let inputs = case.good();
    assert_eq!(inputs.houston.endpoint.url(), "https://houston.example.com/v1");
    assert_eq!(names(&inputs), ["a", "b"]);
    assert!(matches!(&inputs.version, AskedVersion::Airflow(version) if version.as_str() == "2.9.1"));
    assert_eq!(inputs.workspace.as_deref(), Some("ws1"));
    assert_eq!(inputs.platform.map(|platform| platform.to_string()).as_deref(), Some("0.34.1"));
    assert_eq!(
        (inputs.request_timeout, inputs.dry_run, inputs.fail_fast),
        (Duration::from_secs(5), true, false)
    );
}

#[test]
fn a_flag_comes_before_a_variable_and_a_variable_before_the_default() {
    let case = usual().variable("HOUSTON_ATTEMPTS", "7");
    assert_eq!(case.good().attempts, 7);
    assert_eq!(case.with(&["--attempts", "2"]).good().attempts, 2);
    assert_eq!(names(&usual().variable("HOUSTON_RELEASE", "prod").good()), ["dev"]);
    assert!(!usual().variable("HOUSTON_DRY_RUN", "true").with(&["--dry-run=false"]).good().dry_run);
}

#[test]
fn an_empty_variable_is_not_set() {
    let inputs = usual().variable("HOUSTON_URL", "").variable("HOUSTON_ATTEMPTS", "").good();
    assert_eq!((inputs.houston.endpoint.host(), inputs.attempts), ("houston.astro.example.com", 4));
}

#[test]
fn a_variable_that_is_no_options_is_somebody_elses() {
    usual()
        .variable("HOUSTON_RELESE", "x")
        .variable("HOUSTON_HOUSTON_URL", "x")
        .variable("HOUSTON_runtime_version", "x")
        .variable("INPUT_RELESE", "x")
        .good();
}

#[test]
fn a_problem_in_a_variable_has_the_options_name() {
    usual()
        .variable("HOUSTON_TIMEOUT", "soon")
        .gets(&["timeout: \"soon\" is no duration: it needs a whole number and ms, s, m or h, such as 30s"]);
}

// The action.

#[test]
fn the_actions_inputs_are_the_options() {
    let inputs = good(action(&[("INPUT_REQUEST-TIMEOUT", "5s"), ("INPUT_DRY-RUN", "true")]));
    assert_eq!(inputs.houston.endpoint.host(), "houston.astro.example.com");
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
    assert_eq!((inputs.request_timeout, inputs.dry_run), (Duration::from_secs(5), true));
}

#[test]
fn an_empty_input_of_the_action_is_not_given() {
    good(action(&[("INPUT_HOUSTON-URL", ""), ("INPUT_ATTEMPTS", ""), ("INPUT_RELESE", "")]));
}

#[test]
fn a_misspelt_input_of_the_action_is_named() {
    gets(action(&[("INPUT_RELESE", "x")]), &["relese: is no option | did you mean `release`?"]);
    gets(action(&[("INPUT_BASE_DOMAIN", "x")]), &["base_domain: is no option | did you mean `base-domain`?"]);
}

#[test]
fn an_input_of_the_action_comes_before_a_variable() {
    let inputs =
        good(action(&[("INPUT_ATTEMPTS", "2"), ("HOUSTON_ATTEMPTS", "7"), ("HOUSTON_WORKSPACE", "ws1")]));
    assert_eq!((inputs.attempts, inputs.workspace.as_deref()), (2, Some("ws1")));
}

#[test]
fn an_option_of_the_command_line_alone_is_not_suggested_to_others() {
    gets(action(&[("INPUT_OUTPUT", "json")]), &["output: is no option | the README lists the options"]);
    gets(script(json!({ "debug": true })), &["debug: is no option | the README lists the options"]);
}

// Properties in JavaScript.

#[test]
fn properties_are_in_camel_case() {
    let inputs =
        good(script(json!({ "requestTimeout": "5s", "platformVersion": "2.1.0", "failFast": true })));
    assert_eq!((inputs.request_timeout, inputs.fail_fast), (Duration::from_secs(5), true));
    assert_eq!(inputs.platform.map(|platform| platform.numbers()), Some((2, 1, 0)));
    gets(
        script(json!({ "request-timeout": "5s" })),
        &["request-timeout: is no option | did you mean `requestTimeout`?"],
    );
    gets(script(json!({ "relese": "x" })), &["relese: is no option | did you mean `release`?"]);
}

#[test]
fn properties_have_the_types_of_javascript() {
    assert_eq!(good(script(json!({ "attempts": 2 }))).attempts, 2);
    assert_eq!(good(script(json!({ "attempts": "2" }))).attempts, 2);
    assert!(good(script(json!({ "dryRun": true }))).dry_run);
    assert!(!good(script(json!({ "dryRun": false }))).dry_run);
    assert!(good(script(json!({ "dryRun": "true" }))).dry_run);
}

#[test]
fn a_property_of_a_wrong_type_is_named_once_and_not_shown() {
    for (properties, option) in [
        (json!({ "timeout": 30 }), "timeout"),
        (json!({ "dryRun": 1 }), "dry-run"),
        (json!({ "attempts": 2.5 }), "attempts"),
        (json!({ "attempts": -1 }), "attempts"),
        (json!({ "workspace": true }), "workspace"),
        (json!({ "workspace": ["a"] }), "workspace"),
        (json!({ "workspace": {} }), "workspace"),
        (json!({ "release": ["a", 1] }), "release"),
        (json!({ "image": ["a"] }), "image"),
        (json!({ "token": [TOKEN] }), "token"),
    ] {
        gets(script(properties), &[&format!("{option}: is of a type that this option does not take")]);
    }
}

#[test]
fn a_release_may_be_an_array() {
    assert_eq!(names(&good(script(json!({ "release": ["a", "b c", "d"] })))), ["a", "b", "c", "d"]);
    gets(script(json!({ "release": [] })), &["release: names no release"]);
    gets(script(json!({ "release": "" })), &["release: names no release"]);
}

#[test]
fn null_is_not_given() {
    let inputs = good(script(json!({ "attempts": null, "houstonUrl": null, "dryRun": null })));
    assert_eq!((inputs.attempts, inputs.dry_run), (4, false));
    // A name that is none stays one.
    gets(script(json!({ "relese": null })), &["relese: is no option | did you mean `release`?"]);
}

#[test]
fn options_that_are_no_object_are_a_problem() {
    for value in [Value::Null, json!("dev"), json!([1])] {
        let given = Given::from_properties(&value);
        assert_eq!(told(&given.problems), ["options: are no object | call deploy({ release: … })"]);
    }
}

// The table of options.

#[test]
fn an_option_has_the_same_name_everywhere() {
    for spec in &DEPLOY {
        let words: Vec<_> = spec.name.split('-').collect();
        let upper = words.iter().map(|word| word.to_uppercase()).collect::<Vec<_>>().join("_");
        let environment = upper.strip_prefix("HOUSTON_").unwrap_or(&upper);
        assert_eq!(spec.environment_name(), format!("HOUSTON_{environment}"));
        let property = spec.property_name();
        assert_eq!(property.to_lowercase(), words.concat());
        assert_eq!(property.matches(char::is_uppercase).count(), words.len() - 1, "{property}");
    }
}

#[test]
fn every_default_is_a_value_of_its_option() {
    for spec in DEPLOY.iter().filter(|spec| !spec.default.is_empty()) {
        let (command, given) =
            Given::from_arguments(&["deploy".into(), format!("--{}={}", spec.name, spec.default)]);
        assert_eq!((command, given.problems.len()), (Command::Deploy, 0), "{}", spec.name);
        let case = usual();
        let Err(problems) = finish(given, &Environment::default(), &case).inputs else {
            panic!("good input")
        };
        assert!(!problems.iter().any(|problem| problem.option == spec.name), "{}", spec.name);
    }
}

#[test]
fn only_secrets_lack_a_flag_and_only_two_options_are_the_command_lines_own() {
    let of = |fits: fn(&&houston_deploy::inputs::options::Spec) -> bool| {
        DEPLOY.iter().filter(fits).map(|spec| spec.name).collect::<Vec<_>>()
    };
    assert_eq!(of(|spec| spec.kind == Kind::Secret), ["token", "registry-password"]);
    assert_eq!(of(|spec| spec.reach == Reach::CommandLine), ["output", "debug"]);
}

#[test]
fn the_nearest_name_differs_in_a_third_at_most() {
    let nearest = |text: &str| nearest(text, ["release", "image", "release-file"].into_iter());
    assert_eq!(nearest("relese"), Some("release"));
    assert_eq!(nearest("releases-file"), Some("release-file"));
    assert_eq!(nearest("imgae"), None);
    assert_eq!(nearest("imag"), Some("image"));
    assert_eq!(nearest(""), None);
    assert_eq!(nearest(&"x".repeat(100_000)), None);
}

// Bad input, case by case (issue 2).

#[test]
fn no_input_at_all_gets_every_problem_at_once() {
    let mut case = usual().without_token();
    case.arguments.clear();
    case.gets(&[
        "base-domain: is missing | set it to the platform's base domain, or set `houston-url`",
        "token: is missing | set HOUSTON_TOKEN, or `token-file`, to a service account's key",
        "release: is missing | set it to the Deployment's release name, or set `release-file`",
        "image: is missing | set it to <host>/<name>:<tag>",
        "runtime-version: is missing | set it, or `airflow-version`, to the version in the image",
    ]);
}

#[test]
fn every_option_that_is_wrong_is_named_at_once() {
    let read = usual()
        .but("--base-domain", "https://astro.example.com")
        .variable("HOUSTON_TOKEN", "abcd\nefgh")
        .but("--release", "Dev,prod_1")
        .but("--image", "acme/airflow")
        .but("--runtime-version", "v11.3.0")
        .but("--preflight", "never")
        .but("--wait", "Auto")
        .with(&["--workspace", "my workspace", "--platform", "linux", "--platform-version", "0.34"])
        .with(&["--timeout", "10", "--request-timeout", "0s", "--stable-for", "25h"])
        .with(&["--attempts", "21", "--concurrency", "0", "--shard", "6/5", "--dry-run=1", "--pin=yes"])
        .with(&["--fail-fast=no", "--unchanged-ok=0", "--output", "yaml", "--debug=on"])
        .with(&["--report-file", "nowhere/r.json", "--quux", "--ca-cert", "ca.pem"])
        .with(&["--dockerconfigjson-file", "pull.json", "--registry-username", "robot"])
        .read();
    // In which order they are named is not promised.
    let mut problems = told(&read.inputs.expect_err("bad input"));
    problems.sort();
    assert_eq!(
        problems,
        [
            "attempts: \"21\" is no whole number from 1 to 20",
            "base-domain: \"https://astro.example.com\" is a URL: leave out \"https://\"",
            "ca-cert: \"ca.pem\" does not exist",
            "concurrency: \"0\" is no whole number from 1 to 256",
            "debug: \"on\" is neither true nor false",
            "dockerconfigjson-file: \"pull.json\" does not exist",
            "dry-run: \"1\" is neither true nor false",
            "fail-fast: \"no\" is neither true nor false",
            "image: \"acme/airflow\" has neither a tag nor a digest",
            "output: \"yaml\" is none of text, json",
            "pin: \"yes\" is neither true nor false",
            "platform-version: \"0.34\" needs three numbers, such as 0.34.1",
            "platform: \"linux\" is no platform, such as linux/amd64",
            "preflight: \"never\" is none of auto, require, off",
            "quux: is no option | the README lists the options",
            "registry-username: has no password beside it | set HOUSTON_REGISTRY_PASSWORD",
            "release: \"Dev\" has upper-case letter 'D' at position 1 of the release name",
            "release: \"prod_1\" has unexpected character '_' at position 5 of the release name",
            "report-file: \"nowhere/r.json\" is in a folder that does not exist",
            "request-timeout: \"0s\" is zero",
            "runtime-version: \"v11.3.0\" starts with a 'v': leave it out",
            "shard: \"6/5\" is no part of a list: the parts of five are 1/5 to 5/5",
            "stable-for: \"25h\" is longer than 24h",
            "timeout: \"10\" is no duration: it needs a whole number and ms, s, m or h, such as 30s",
            "token: has a line break at position 5 of 9 | copy the token again, in one line",
            "unchanged-ok: \"0\" is neither true nor false",
            "wait: \"Auto\" is none of auto, require, off",
            "workspace: \"my workspace\" is no workspace id",
        ]
    );
}

#[test]
fn both_versions() {
    usual().with(&["--airflow-version", "2.9.1"]).gets(&[
        "airflow-version: is given beside `runtime-version` | give `runtime-version` for Astro Runtime images, \
         `airflow-version` for the others",
    ]);
}

#[test]
fn an_image_that_is_none() {
    let digest = "0123456789abcdef".repeat(4);
    for (image, why) in [
        ("registry.example.com/acme/airflow", "has neither a tag nor a digest"),
        ("a/b@sha256:", "has a sha256 digest of 0 digits, 64 are needed"),
        (&format!("a/b@sha256:{}", &digest[1..]), "has a sha256 digest of 63 digits, 64 are needed"),
        (
            "registry.example.com/Acme/airflow:1",
            "has upper-case letter 'A' at position 1 of the repository name",
        ),
        ("https://registry.example.com/acme/airflow:1", "is a URL: leave out \"https://\""),
    ] {
        usual().but("--image", image).gets(&[&format!("image: \"{image}\" {why}")]);
    }
}

#[test]
fn a_release_of_54_characters() {
    let name = "a".repeat(54);
    usual().but("--release", &name).gets(&[&format!("release: \"{name}\" has 54 characters, 53 at most")]);
}

#[test]
fn a_base_domain_that_is_more_than_a_domain() {
    for (domain, why) in [
        ("https://astro.example.com", "is a URL: leave out \"https://\""),
        ("astro.example.com/v1", "has a path: give the domain alone"),
        ("astro.example.com:8443", "has a port: give the domain alone, or all of `houston-url` instead"),
        ("[2001:db8::1]", "is an IP address: a base domain is a name, such as astro.example.com"),
        ("2001:db8::1", "is an IP address: a base domain is a name, such as astro.example.com"),
    ] {
        usual().but("--base-domain", domain).gets(&[&format!("base-domain: \"{domain}\" {why}")]);
    }
}

#[test]
fn base_domain_and_houston_url_are_one_of_two() {
    usual()
        .with(&["--houston-url", "https://houston.example.com/v1"])
        .gets(&["base-domain: is given beside `houston-url` | give one of the two"]);
}

#[test]
fn http_to_a_host_that_is_not_loopback() {
    usual().without("--base-domain").with(&["--houston-url", "http://houston.example.com/v1"]).gets(&[
        "houston-url: \"http://houston.example.com/v1\" would send the token unprotected: use https:// (http:// is \
         for loopback)",
    ]);
    usual().without("--base-domain").with(&["--houston-url", "http://127.0.0.1:4000/v1"]).good();
}

#[test]
fn a_password_inside_houston_url_is_not_shown() {
    usual().without("--base-domain").with(&["--houston-url", "https://user:hunter2@houston.example.com/v1"]).gets(&[
        "houston-url: \"https://***@houston.example.com/v1\" has a user name or password in it: credentials go into \
         `token`",
    ]);
    usual()
        .but("--base-domain", "https://user:hun@ter2@astro.example.com")
        .gets(&["base-domain: \"https://***@astro.example.com\" is a URL: leave out \"https://\""]);
    usual()
        .but("--image", "https://user:hunter2@registry.example.com/a:1")
        .gets(&["image: \"https://***@registry.example.com/a:1\" is a URL: leave out \"https://\""]);
}

#[test]
fn a_password_in_any_address_is_not_shown() {
    for (option, text) in [
        ("--houston-url", "https://user:hunter2/x@houston.example.com/v1"),
        ("--houston-url", "user:hunter2@houston.example.com/v1"),
        ("--base-domain", "user:hunter2@astro.example.com"),
        ("--image", "user:hunter2@registry.example.com/a:1"),
    ] {
        let case = match option {
            "--houston-url" => usual().without("--base-domain").with(&[option, text]),
            _ => usual().but(option, text),
        };
        let problems = told(&case.read().inputs.expect_err("bad input"));
        assert!(!problems.concat().contains("hunter2"), "{problems:?}");
    }
}

#[test]
fn a_poll_interval_that_is_too_short_is_quoted() {
    usual().with(&["--poll-interval", "99ms"]).gets(&["poll-interval: \"99ms\" is shorter than 100ms"]);
}

// Good input that looks bad.

#[test]
fn a_port_a_digest_and_both() {
    let digest = format!("sha256:{}", "0".repeat(64));
    for image in ["registry:5000/a/b:1", &format!("a/b@{digest}"), &format!("a/b:1@{digest}")] {
        assert_eq!(usual().but("--image", image).good().image_to_send, image);
    }
}

#[test]
fn a_thousand_releases_with_duplicates_are_each_done_once() {
    let names: Vec<_> = (0..1000).map(|number| format!("release-{}", number % 500)).collect();
    let case = usual().but("--release", &names.join(","));
    assert_eq!(case.good().releases.len(), 500);
    case.warns(&[
        "INPUT_INVALID: release-0 and 499 more are named again and done once | name each release once",
    ]);
}

// Releases.

#[test]
fn releases_stand_between_commas_spaces_and_lines() {
    let inputs = usual().but("--release", " b,a , c\nd\r\n\te,,\n").good();
    assert_eq!(names(&inputs), ["b", "a", "c", "d", "e"]);
}

#[test]
fn a_file_has_a_release_a_line_and_comments() {
    let text = "\u{feff}# all of them\n a \nb # the second\r\n\n#c\nd#e";
    let case = usual().without("--release").with(&["--release-file", "list"]).file("list", text);
    assert_eq!(names(&case.good()), ["a", "b", "d"]);
    // The list and the file add up, the list first.
    let case = usual().with(&["--release-file", "list"]).file("list", text);
    assert_eq!(names(&case.good()), ["dev", "a", "b", "d"]);
}

#[test]
fn a_bad_file_of_releases_is_named() {
    let of =
        |content: &[u8]| usual().without("--release").with(&["--release-file", "list"]).file("list", content);
    of(b"# nothing\n\n").gets(&["release-file: names no release"]);
    of(b"a\nb,c\n")
        .gets(&["release-file: \"b,c\" has unexpected character ',' at position 2 of the release name"]);
    of(b"a\n\xff\n").gets(&["release-file: \"list\" is no UTF-8 text"]);
    of(&vec![b'#'; 1024 * 1024 + 1]).gets(&["release-file: \"list\" is too large"]);
    usual().with(&["--release-file", "gone"]).gets(&["release-file: \"gone\" does not exist"]);
}

#[test]
fn a_file_that_is_not_there_hides_no_other_problem() {
    usual().but("--release", "Dev").with(&["--release-file", "gone"]).gets(&[
        "release-file: \"gone\" does not exist",
        "release: \"Dev\" has upper-case letter 'D' at position 1 of the release name",
    ]);
}

#[test]
fn no_release_in_the_list_is_a_problem() {
    for text in ["", " ", ",\n,"] {
        usual().but("--release", text).gets(&["release: names no release"]);
    }
}

#[test]
fn a_release_named_again_is_one_warning() {
    usual()
        .but("--release", "a b a")
        .warns(&["INPUT_INVALID: a is named twice and done once | name each release once"]);
    usual()
        .but("--release", "b a b a a")
        .warns(&["INPUT_INVALID: b and 2 more are named again and done once | name each release once"]);
    // In the list and in the file is twice as well.
    usual()
        .with(&["--release-file", "list"])
        .file("list", "dev")
        .warns(&["INPUT_INVALID: dev is named twice and done once | name each release once"]);
}

/// So many release names, no two the same.
fn many(count: u32) -> String {
    (0..count).map(|number| format!("r{number}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn ten_thousand_releases_are_the_most() {
    assert_eq!(usual().but("--release", &many(10_000)).good().releases.len(), 10_000);
    usual()
        .but("--release", &many(10_001))
        .gets(&["release: names 10001 releases, 10000 at most | use `shard` or several runs"]);
}

#[test]
fn too_many_releases_in_a_file_are_the_files() {
    usual()
        .without("--release")
        .with(&["--release-file", "list"])
        .file("list", many(10_001))
        .gets(&["release-file: names 10001 releases, 10000 at most | use `shard` or several runs"]);
}

// The token.

/// The token that is sent.
#[track_caller]
fn sent(case: &Case) -> String {
    case.good().houston.token.header().on_the_wire().to_owned()
}

#[test]
fn the_token_comes_from_the_first_source_that_has_one() {
    let vendors = usual().without_token().variable("ASTRONOMER_KEY_SECRET", "vendors-key");
    assert_eq!(sent(&vendors), "vendors-key");
    let file = vendors.file("t", "file-key\n").variable("HOUSTON_TOKEN_FILE", "t");
    assert_eq!(sent(&file), "file-key");
    let variable = file.variable("HOUSTON_TOKEN", "variable-key");
    assert_eq!(sent(&variable), "variable-key");
    // A file that is named outright comes before what happens to be in the environment.
    let flag = variable.file("flag", "flag-key").with(&["--token-file", "flag"]);
    assert_eq!(sent(&flag), "flag-key");
}

#[test]
fn a_token_in_the_actions_input_comes_before_a_file_in_the_environment() {
    let inputs = good(action(&[("HOUSTON_TOKEN_FILE", "gone"), ("ASTRONOMER_KEY_SECRET", "vendors-key")]));
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
}

#[test]
fn a_token_and_a_token_file_given_outright_are_too_much() {
    gets(
        action(&[("INPUT_TOKEN-FILE", "t")]),
        &["token: is given beside `token-file` | give one of the two"],
    );
}

#[test]
fn a_leading_bearer_and_a_files_last_line_break_are_no_part_of_the_token() {
    assert_eq!(sent(&usual().variable("HOUSTON_TOKEN", "Bearer abcd")), "abcd");
    for content in ["abcd", "abcd\n", "abcd\r\n", "\u{feff}Bearer abcd\n\n"] {
        assert_eq!(sent(&usual().with(&["--token-file", "t"]).file("t", content)), "abcd", "{content:?}");
    }
}

#[test]
fn a_bad_token_is_described_and_not_shown() {
    let hint = "copy the token again, in one line";
    usual()
        .variable("HOUSTON_TOKEN", "s3cr3t\nsecond")
        .gets(&[&format!("token: has a line break at position 7 of 13 | {hint}")]);
    usual()
        .with(&["--token-file", "t"])
        .file("t", "s3cr3t key")
        .gets(&[&format!("token-file: has white space at position 7 of 10 | {hint}")]);
    usual().with(&["--token-file", "t"]).file("t", "\n").gets(&[&format!("token-file: is empty | {hint}")]);
    usual().with(&["--token-file", "gone"]).gets(&["token-file: \"gone\" does not exist"]);
}

fn expiring_at(seconds: u64) -> String {
    let claims = json!({ "sub": "me", "exp": seconds }).to_string();
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn an_expired_token_is_found_before_anything_is_sent() {
    let token = expiring_at(WALL.as_secs() - 3780);
    let problems = usual().variable("HOUSTON_TOKEN", &token).read().inputs.expect_err("bad input");
    assert_eq!(
        told(&problems),
        [
            "token: expired 1 h 3 min ago, at 2026-11-23 18:57 UTC | log in again for a new token, or use a service \
             account's key, which does not expire"
        ]
    );
    assert_eq!(problems[0].code, Code::TokenExpired);
}

#[test]
fn a_token_expires_at_its_second() {
    let with = |seconds| usual().variable("HOUSTON_TOKEN", &expiring_at(seconds)).read().inputs;
    assert!(with(WALL.as_secs()).is_err());
    assert!(with(WALL.as_secs() + 1).is_ok());
    assert!(with(u64::MAX).is_ok());
    assert!(with(0).is_err());
}

// Shards.

#[track_caller]
fn part(shard: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let case = environment.iter().fold(usual(), |case, (name, value)| case.variable(name, value));
    let inputs = case.but("--release", "a b c d e").with(&["--shard", shard]).good();
    names(&inputs).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_shard_is_every_so_manieth_release() {
    assert_eq!(part("1/1", &[]), ["a", "b", "c", "d", "e"]);
    assert_eq!(part("1/2", &[]), ["a", "c", "e"]);
    assert_eq!(part("2/5", &[]), ["b"]);
    assert_eq!(part("3/3", &[]), ["c"]);
}

#[test]
fn auto_is_gitlabs_part() {
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")];
    assert_eq!(part("auto", &gitlab), ["b", "e"]);
    assert_eq!(part("auto", &[]), ["a", "b", "c", "d", "e"]);
    // Without `auto` they are GitLab's own business.
    assert_eq!(part("1/1", &gitlab), ["a", "b", "c", "d", "e"]);
    let case = usual().but("--release", "a b").variable("CI_NODE_INDEX", "2").variable("CI_NODE_TOTAL", "2");
    assert_eq!(names(&case.good()), ["a", "b"]);
}

#[test]
fn a_part_that_there_is_not_is_a_problem() {
    let none = |case: Case, shard: &str, why: &str| {
        case.with(&["--shard", shard]).gets(&[&format!("shard: \"{shard}\" is no part of a list{why}")]);
    };
    for shard in ["0/3", "4/3", "-1/3", "1/0", "1/", "/1", "a/b", "1/2/3", "1/18446744073709551616"] {
        none(usual(), shard, ": the parts of five are 1/5 to 5/5");
    }
    for shard in ["2", "all", "Auto"] {
        none(usual(), shard, ", such as 2/5");
    }
    // GitLab sets both or neither.
    none(usual().variable("CI_NODE_INDEX", "2"), "auto", ": the parts of five are 1/5 to 5/5");
}

#[test]
fn an_empty_part_is_a_warning() {
    let case = usual().with(&["--shard", "2/5"]);
    assert!(case.good().releases.is_empty());
    case.warns(&["INPUT_INVALID: shard 2/5 of 1 releases is empty: nothing to do in this job"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_are_disjoint_and_complete(count in 0_usize..60, total in 1_usize..20) {
        let list: Vec<_> = (0..count).collect();
        let mut all = Vec::new();
        for index in 1..=total {
            let mut part = list.clone();
            let text = format!("{index}/{total}");
            Shard::parse(&text, &Environment::default()).expect("a shard").keep(&mut part);
            // No job has more than one release more than another.
            prop_assert!((count / total..=count.div_ceil(total)).contains(&part.len()));
            prop_assert!(part.is_sorted(), "in order");
            all.extend(part);
        }
        all.sort_unstable();
        prop_assert_eq!(all, list);
    }
}

// What this version cannot do yet.

#[test]
fn auto_is_off_with_a_warning() {
    usual().without("--preflight").warns(&[
        "REGISTRY_UNREACHABLE: the image was not looked up in its registry: this version cannot | set `preflight` \
         to off, and make sure that the image was pushed",
    ]);
    usual().but("--wait", "auto").warns(&[
        "WAIT_IMPOSSIBLE: the Deployment is not watched coming up: this version cannot | set `wait` to off, and \
         look at the Deployment's page for how it comes up",
    ]);
    usual().warns(&[]);
}

#[test]
fn require_is_a_problem() {
    usual().but("--preflight", "require").gets(&[
        "preflight: \"require\" is not possible in this version | set `preflight` to off, and make sure that the \
         image was pushed",
    ]);
    usual().but("--wait", "require").gets(&[
        "wait: \"require\" is not possible in this version | set `wait` to off, and look at the Deployment's page \
         for how it comes up",
    ]);
}

#[test]
fn pin_sends_the_digest_alone() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let image = format!("registry:5000/a/b:1@{digest}");
    let case = usual().but("--image", &image).with(&["--pin"]);
    assert_eq!(case.good().image_to_send, format!("registry:5000/a/b@{digest}"));
    assert_eq!(case.good().image.as_str(), image);
    usual()
        .with(&["--pin"])
        .gets(&["pin: cannot find out the digest of a tag in this version | give `image` with its digest"]);
}

#[test]
fn registry_credentials_are_a_pair() {
    usual().with(&["--registry-username", "robot"]).variable("HOUSTON_REGISTRY_PASSWORD", "s3cr3t").good();
    usual()
        .with(&["--registry-username", "robot"])
        .gets(&["registry-username: has no password beside it | set HOUSTON_REGISTRY_PASSWORD"]);
    usual()
        .variable("HOUSTON_REGISTRY_PASSWORD", "s3cr3t")
        .gets(&["registry-password: has no user beside it | set `registry-username`"]);
}

// Files and secrets.

const PULL_SECRET: &str = r#"{"auths":{"r.example.com":{"auth":"cm9ib3Q6czNjcjN0LXA0c3M="}}}"#;

#[test]
fn a_pull_secret_is_read_and_secret() {
    let case = usual().with(&["--dockerconfigjson-file", "p"]).file("p", PULL_SECRET);
    let read = case.read();
    assert_eq!(
        read.redactor.clean("s3cr3t-p4ss cm9ib3Q6czNjcjN0LXA0c3M= r.example.com"),
        "*** *** r.example.com"
    );
    assert!(good(read).pull_secret.is_some());
}

#[test]
fn a_bad_pull_secret_is_described_and_not_shown() {
    let of = |content: &str| usual().with(&["--dockerconfigjson-file", "p"]).file("p", content);
    of("{\"auths\": s3cr3t}").gets(&["dockerconfigjson-file: is no JSON (line 1, column 11)"]);
    of("{\"s3cr3t\": 1}")
        .gets(&["dockerconfigjson-file: has no registry under \"auths\", as a .dockerconfigjson must"]);
}

#[test]
fn a_ca_is_a_pem_file() {
    let pem = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
    let case = usual().with(&["--ca-cert", "ca"]).file("ca", pem);
    assert_eq!(case.read().ca_cert.as_deref(), Some(pem));
    case.good();
    usual()
        .with(&["--ca-cert", "ca"])
        .file("ca", "MII")
        .gets(&["ca-cert: holds no PEM certificate | name a file with -----BEGIN CERTIFICATE-----"]);
    usual().with(&["--ca-cert", "gone"]).gets(&["ca-cert: \"gone\" does not exist"]);
}

#[test]
fn a_ca_that_cannot_be_trusted_any_more_is_a_problem() {
    let mut case = usual().with(&["--ca-cert", "ca"]).file("ca", "-----BEGIN CERTIFICATE-----");
    case.surroundings.can_trust = false;
    case.gets(&[
        "ca-cert: cannot be trusted by this program once Node runs: that needs the command line or the action, on \
         Node 22.19, 24.5 or newer | set NODE_EXTRA_CA_CERTS to the file before Node starts",
    ]);
    assert_eq!(case.read().ca_cert, None);
}

#[test]
fn where_results_go_is_known_though_the_rest_is_wrong() {
    let read = usual()
        .but("--image", "x")
        .with(&["--output", "json", "--debug", "--report-file", "r", "--summary-file", "nowhere/s"])
        .with(&["--junit-file", "j", "--dotenv-file", "d", "--annotations-file", "a"])
        .read();
    let outputs = &read.outputs;
    assert!(outputs.json && outputs.debug);
    let paths = [&outputs.report, &outputs.summary, &outputs.junit, &outputs.dotenv, &outputs.annotations];
    assert_eq!(paths.map(Option::as_deref), [Some("r"), None, Some("j"), Some("d"), Some("a")]);
    gets(
        read,
        &[
            "summary-file: \"nowhere/s\" is in a folder that does not exist",
            "image: \"x\" has neither a tag nor a digest",
        ],
    );
}

#[test]
fn no_problem_shows_a_secret() {
    let problems = usual()
        .variable("HOUSTON_TOKEN", "c4n4ry-one\n")
        .variable("ASTRONOMER_KEY_SECRET", "c4n4ry-two")
        .variable("HOUSTON_REGISTRY_PASSWORD", "c4n4ry-three")
        .with(&["--token", "c4n4ry-four", "--registry-password=c4n4ry-five", "--tokn", "c4n4ry-six"])
        .with(&["--dockerconfigjson-file", "p", "--token-file", "t"])
        .file("p", "{\"auths\":{\"r.example.com\":\"c4n4ry-seven\"}}")
        .file("t", "c4n4ry-eight c4n4ry-nine")
        .read()
        .inputs
        .expect_err("bad input");
    assert_eq!(problems.len(), 6, "{:#?}", told(&problems));
    assert!(!format!("{problems:?}").contains("c4n4ry"), "{:#?}", told(&problems));
}

#[test]
fn what_was_read_shows_no_secret() {
    let case = usual().with(&["--dockerconfigjson-file", "p"]).file("p", PULL_SECRET);
    let shown = format!("{:?}", case.read());
    assert!(!shown.contains(TOKEN) && !shown.contains("cm9ib3Q6czNjcjN0LXA0c3M"), "{shown}");
}

#[test]
fn what_was_given_shows_no_secret() {
    let environment = variables(&[("HOUSTON_TOKEN", TOKEN)]);
    let mut given = Given::from_arguments(&["deploy".into()]).1;
    given.add_environment(&environment);
    assert!(!format!("{given:?}{environment:?}").contains(TOKEN));
}

#[test]
fn every_secret_that_was_given_is_known_though_it_is_wrong_or_not_used() {
    let read = usual()
        .variable("HOUSTON_TOKEN", "not one\ntoken")
        .variable("ASTRONOMER_KEY_SECRET", "vendors-key")
        .variable("HOUSTON_REGISTRY_PASSWORD", "p4ssw0rd")
        .read();
    assert_eq!(read.redactor.clean("<token> <vendors-key> <p4ssw0rd>"), "<***> <***> <***>");
    assert!(read.inputs.is_err());
}

#[test]
fn a_hostile_value_is_shown_and_does_not_act() {
    usual()
        .with(&["--workspace", "\u{1b}[31m\n##[error]x"])
        .gets(&["workspace: \"\\u{1b}[31m ## [error]x\" is no workspace id"]);
    usual()
        .with(&["--shard", "1\n::error::x/2"])
        .gets(&["shard: \"1 ::error::x/2\" is no part of a list: the parts of five are 1/5 to 5/5"]);
    usual().with(&["--qu\u{1b}ux"]).gets(&["qu\\u{1b}ux: is no option | the README lists the options"]);
}

/// An environment of JSON as a wrapper hands it over: what is no text is not set.
#[test]
fn a_variable_that_is_no_text_is_not_set() {
    let mut variables = Map::new();
    variables.insert("HOUSTON_ATTEMPTS".into(), json!(3));
    assert_eq!(Environment::new(variables).get("HOUSTON_ATTEMPTS"), None);
}
