//! The command line: how an option and its value are written, and the commands.

use std::time::Duration;

use houston_deploy::houston::AskedVersion;
use houston_deploy::inputs::{Command, Given};

use super::{gets, names, told, usual};
use crate::world::TOKEN;

#[test]
fn the_usual_input_is_good_and_has_the_defaults_of_the_contract() {
    let inputs = usual().good();
    assert_eq!(inputs.houston.endpoint.url(), "https://houston.astro.example.com/v1");
    assert_eq!(inputs.houston.token.header().on_the_wire(), TOKEN);
    assert_eq!(names(&inputs), ["dev"]);
    assert_eq!(inputs.image.as_str(), "registry.example.com/acme/airflow:1.4.2");
    assert!(matches!(&inputs.version, Some(AskedVersion::Runtime(version)) if version.as_str() == "11.3.0"));
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
    usual()
        .with(&["--workspace=a=b"])
        .gets(&["workspace: \"a=b\" is no workspace id: that is the last part of its page's address"]);
    usual()
        .with(&["--workspace="])
        .gets(&["workspace: \"\" is no workspace id: that is the last part of its page's address"]);
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
    usual().with(&["--quux"]).gets(&["quux: is no option | --help lists the options"]);
    for word in ["-x", "--", "-", ""] {
        let problem = format!("command line: \"{word}\" is no option | options start with --");
        usual().with(&[word]).gets(&[&problem]);
    }
}

#[test]
fn the_option_behind_an_unknown_one_is_read() {
    let read = usual().with(&["--quux", "--attempts", "0"]).read();
    gets(
        read,
        &["quux: is no option | --help lists the options", "attempts: \"0\" is no whole number from 1 to 20"],
    );
}

#[track_caller]
fn no_command(command: &str, message: &str, hint: &str) {
    let mut given = Given::default();
    let parsed = given.take_arguments(&[command.to_owned()]);
    assert_eq!(parsed, Command::Unknown);
    assert_eq!(told(&given.problems), [format!("command: {message} | {hint}")]);
}

#[test]
fn an_unknown_command_names_the_nearest() {
    no_command("depoly", "\"depoly\" is no command", "did you mean `deploy`?");
    no_command("setups", "\"setups\" is no command", "did you mean `setup`?");
    no_command(
        "--release",
        "\"--release\" is no command",
        "the commands are `deploy`, `check`, `setup`; --help shows their options",
    );
    no_command(
        "\u{1b}[2J",
        "\"\\u{1b}[2J\" is no command",
        "the commands are `deploy`, `check`, `setup`; --help shows their options",
    );
}

#[test]
fn help_and_version_are_commands() {
    let command = |arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut given = Given::default();
        let command = given.take_arguments(&arguments);
        assert!(given.problems.is_empty());
        command
    };
    for arguments in [&[][..], &["--help"], &["-h"], &["help"]] {
        assert_eq!(command(arguments), Command::Say("program"));
    }
    for arguments in [&["--version"], &["-V"]] {
        assert_eq!(command(arguments), Command::Say("version"));
    }
    // What stands behind it is read by its own module.
    for arguments in [&["setup"][..], &["setup", "--help"], &["setup", "--quux", "stray"]] {
        assert_eq!(command(arguments), Command::Elsewhere("setup"));
    }
    for arguments in [&["deploy", "--help"][..], &["deploy", "--dry-run", "-h"]] {
        assert_eq!(command(arguments), Command::Say("deploy"));
    }
}

#[test]
fn a_secret_has_no_flag_and_is_not_shown() {
    let hint = "in the environment: a flag would show in the process list";
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
