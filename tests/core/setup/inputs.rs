//! Bad input: all of its problems at once, each with its option's name and the exact words; and good input that looks
//! bad.

use serde_json::json;

use super::{airgapped, airgapped_for_each, for_each, line, script, standard, told};

#[test]
fn no_input_at_all_gets_every_problem_at_once() {
    line(&[]).gets(&[
        "mode: is missing | set it to standard or airgapped",
        "repository: is missing | set it to <registry>/<repository>, or set `per-deployment`",
        "secret-name: is missing | set it to the name that the pull secret is to have",
    ]);
}

#[test]
fn every_option_that_is_wrong_is_named_at_once() {
    let left =
        line(&["--mode", "offline", "--repository", "registry.example.com/a:1", "--per-deployment=yes"])
            .with(&[
                "--secret-name",
                "Pull",
                "--namespace",
                "a.b",
                "--platform-release",
                "A",
                "--platform-version",
                "2",
            ])
            .with(&["--registry-username", "a:b", "--registry-email", "nobody", "--format", "toml", "--quux"])
            .with(&["--values-file", "none.yaml"])
            .run();
    let mut problems = told(&left.report["error"]["problems"]);
    problems.sort();
    assert_eq!(
        problems,
        [
            "format: \"toml\" is none of text, yaml, shell, json",
            "mode: \"offline\" is none of standard, airgapped",
            "namespace: \"a.b\" has unexpected character '.' at position 2 of the namespace",
            "per-deployment: \"yes\" is neither true nor false",
            "platform-release: \"A\" has upper-case letter 'A' at position 1 of the release name",
            "platform-version: \"2\" needs three numbers, such as 0.34.1",
            "quux: is no option | --help lists the options",
            "registry-email: \"nobody\" is no e-mail address",
            "registry-username: \"a:b\" has unexpected character ':' at position 2 of the user name",
            "repository: \"registry.example.com/a:1\" has a tag: leave out \":1\"",
            "secret-name: \"Pull\" has upper-case letter 'P' at position 1 of the secret's name",
            "values-file: \"none.yaml\" does not exist",
        ]
    );
    assert_eq!((left.code, left.stdout.as_str()), (2, ""));
}

#[test]
fn a_repository_with_a_tag_or_a_scheme() {
    let with =
        |repository: &str| line(&["--mode", "standard", "--secret-name", "pull", "--repository", repository]);
    with("https://registry.example.com/acme")
        .gets(&["repository: \"https://registry.example.com/acme\" is a URL: leave out \"https://\""]);
    with("registry.example.com/acme:1.4")
        .gets(&["repository: \"registry.example.com/acme:1.4\" has a tag: leave out \":1.4\""]);
    with("registry.example.com").gets(&[
        "repository: \"registry.example.com\" has no repository behind the registry: <registry>/<repository> is needed",
    ]);
    // What stands before an `@` could be a password.
    with("robot:geheim@registry.example.com/acme").gets(&[
        "repository: \"***@registry.example.com/acme\" has an '@': leave out a digest, and a user name",
    ]);
}

#[test]
fn a_registry_for_each_deployment_has_no_host_and_names_the_deployments() {
    for_each().with(&["--repository", "registry.example.com/acme"]).gets(&[
        "repository: is given beside `per-deployment` | leave it out: with a registry for each Deployment the platform has no \
         host",
    ]);
    line(&["--mode=standard", "--per-deployment", "--secret-name=pull"])
        .gets(&["release: is missing | name the Deployments that have a registry of their own"]);
    line(&["--mode=airgapped", "--per-deployment", "--secret-name=pull", "--release=a"])
        .gets(&["repository: is missing | set it to the repository of the platform's own Airflow image"]);
    standard().with(&["--release", "a"]).gets(&[
        "release: is given without `per-deployment` | set `per-deployment`, or leave it out: one registry is for all Deployments",
    ]);
    for_each()
        .with(&["--release", "Bad"])
        .gets(&["release: \"Bad\" has upper-case letter 'B' at position 1 of the release name | the release name is on the Deployment's page, such as \"galactic-force-1234\""]);
    // A pipeline that deploys has the variable set, and it is none of this.
    standard().variable("HOUSTON_RELEASE", "a").prints();
}

#[test]
fn every_format_but_text_asks_for_the_version() {
    for format in ["yaml", "shell", "json"] {
        for line in [standard(), airgapped(), for_each(), airgapped_for_each()] {
            line.with(&["--format", format]).gets(&[
                "platform-version: is missing | set it to the platform's chart version; with `format` text both forms of the keys \
                 are shown",
            ]);
        }
    }
    script(json!({ "mode": "standard", "repository": "a.example.com/b", "secretName": "pull" })).gets(&[
        "platform-version: is missing | set it to the platform's chart version; with `format` text both forms of the keys are \
         shown",
    ]);
    standard()
        .of("0.28.9")
        .gets(&["platform-version: \"0.28.9\" is older than 0.29.0, the first that takes an image so"]);
    standard().of("v1.0.0").gets(&["platform-version: \"v1.0.0\" starts with a 'v': leave it out"]);
}

#[test]
fn misspelt_options_name_the_nearest_of_this_command() {
    standard()
        .with(&["--platfrm-version", "1.0.0"])
        .gets(&["platfrm-version: is no option | did you mean `--platform-version`?"]);
    // An option of `deploy` is none here.
    standard().with(&["--image", "a/b:1"]).gets(&["image: is no option | --help lists the options"]);
    standard().with(&["stray"]).gets(&["command line: \"stray\" is no option | options start with --"]);
    standard().with(&["--mode", "airgapped"]).gets(&["mode: is given twice | give it once"]);
    standard().with(&["--values-file"]).gets(&["values-file: has no value | give it as --values-file FILE"]);
}

#[test]
fn the_password_has_no_flag_and_is_not_shown() {
    let hint = "the password is read where the commands run: set HOUSTON_REGISTRY_PASSWORD there";
    for words in [
        &["--registry-password", "geheim-1"][..],
        &["--registry-password=geheim-1"],
        &["--docker-password=geheim-1"],
    ] {
        let name = words[0].trim_start_matches("--").split('=').next().expect("a name");
        let line = standard().with(words);
        line.clone().gets(&[&format!("{name}: is no option | {hint}")]);
        let left = line.run();
        assert!(!(left.stderr + &left.stdout + &left.report.to_string()).contains("geheim-1"));
    }
    script(json!({ "mode": "standard", "repository": "a.example.com/b", "secretName": "pull", "platformVersion": "1.0.0",
                   "registryPassword": "geheim-1" }))
    .gets(&[&format!("registryPassword: is no option | {hint}")]);
}

#[test]
fn a_secret_in_an_option_is_refused_and_not_shown() {
    for variable in ["HOUSTON_TOKEN", "ASTRONOMER_KEY_SECRET", "HOUSTON_REGISTRY_PASSWORD"] {
        let line = standard().with(&["--registry-username", "robot-geheim-1"]).variable(variable, "geheim-1");
        line.clone().gets(&["registry-username: holds a secret, which does not belong here"]);
        let left = line.run();
        assert!(!(left.stderr + &left.report.to_string()).contains("geheim-1"));
    }
}

#[test]
fn a_secret_in_todays_values_is_not_shown() {
    let holds = "holds a secret, which does not belong here";
    for (today, told) in [
        ("updateRegistry: {host: 'a:geheim-1'}", holds),
        // What is escaped could not be found any more.
        ("updateRegistry: {secretName: \"geheim-1\\x1b-2\"}", holds),
        ("updateRegistry: {enabled: geheim-1}", holds),
        ("geheim-1: {updateRegistry: 1}", "protectedCustomRegistry.***.updateRegistry is in a place where"),
        ("{geheim-1: 1, geheim-1: 2}", "has the key \"***\", which is on line 1 already"),
    ] {
        let today = if today.starts_with('{') {
            today.to_owned()
        } else {
            format!(
                "astronomer: {{houston: {{config: {{registry: {{protectedCustomRegistry: {{{today}}}}}}}}}}}"
            )
        };
        let left = standard()
            .today(today)
            .variable("HOUSTON_REGISTRY_PASSWORD", "geheim-1")
            .variable("HOUSTON_TOKEN", "geheim-1\u{1b}-2")
            .run();
        assert!(left.stderr.contains(told), "{}", left.stderr);
        assert!(!(left.stderr + &left.report.to_string()).contains("geheim-1"));
    }
}

#[test]
fn keys_are_foreign_text() {
    let left = standard().today("\"##[error]\\x1b[2J\\n::x\": {updateRegistry: 1}").run();
    let told = "line 1: ## [error]\\u{1b}[2J ::x.updateRegistry is in a place";
    assert!(left.stderr.contains(told), "{}", left.stderr);
}

#[test]
fn a_password_that_is_a_word_of_the_program_changes_nothing() {
    for format in ["text", "yaml", "shell", "json"] {
        let line = standard().of("1.0.1").with(&["--format", format]);
        let printed = line.clone().variable("HOUSTON_REGISTRY_PASSWORD", "astronomer").run();
        assert_eq!((printed.code, printed.stdout), (0, line.prints()));
    }
}

#[test]
fn options_come_from_the_environment_too() {
    let left = line(&[])
        .variable("HOUSTON_MODE", "standard")
        .variable("HOUSTON_REPOSITORY", "registry.example.com/acme/airflow")
        .variable("HOUSTON_SECRET_NAME", "pull")
        .variable("HOUSTON_PLATFORM_VERSION", "0.34.1")
        .variable("HOUSTON_FORMAT", "json")
        .variable("HOUSTON_NAMESPACE", "")
        .prints();
    assert_eq!(left, standard().of("0.34.1").with(&["--format", "json"]).prints());
    // A flag goes first.
    let flag =
        standard().of("0.34.1").with(&["--namespace", "one"]).variable("HOUSTON_NAMESPACE", "two").prints();
    assert!(flag.contains("--namespace 'one'") && !flag.contains("'two'"), "{flag}");
}

#[test]
fn a_script_s_options_have_the_types_of_the_library() {
    let good = json!({ "mode": "standard", "repository": "a.example.com/b", "secretName": "pull", "platformVersion": "1.0.0" });
    let with = |name: &str, value: serde_json::Value| {
        let mut all = good.clone();
        all[name] = value;
        script(all)
    };
    with("perDeployment", json!(false)).run();
    with("secretName", json!(1)).gets(&["secret-name: is of a type that this option does not take"]);
    with("format", json!("yaml")).gets(&["format: is no option | the README lists the options"]);
    with("secret-name", json!("a")).gets(&["secret-name: is no option | did you mean `secretName`?"]);
    script(json!([])).gets(&[
        "options: are no object | call setup({ mode: … })",
        "mode: is missing | set it to standard or airgapped",
        "repository: is missing | set it to <registry>/<repository>, or set `per-deployment`",
        "secret-name: is missing | set it to the name that the pull secret is to have",
        "platform-version: is missing | set it to the platform's chart version; with `format` text both forms of the keys are \
         shown",
    ]);
}

#[test]
fn the_help_is_asked_for_anywhere() {
    for words in [&["--help"][..], &["-h"], &["--mode", "standard", "--help"], &["--quux", "--help"]] {
        let left = line(words).run();
        assert_eq!((left.code, left.say.as_deref(), left.stdout.as_str()), (0, Some("setup"), ""));
    }
    assert_eq!(standard().run().say, None);
}

#[track_caller]
fn warns(repository: &str, username: Option<&str>, warning: Option<&str>) {
    let mut line =
        line(&["--mode", "standard", "--secret-name", "pull", "--repository", repository]).of("1.0.0");
    if let Some(username) = username {
        line = line.with(&["--registry-username", username]);
    }
    let left = line.run();
    assert_eq!(left.code, 0, "{}", left.stderr);
    let wanted = warning.map(|whose| {
        format!(
            "warning[REGISTRY_DENIED]: {whose}: a stored pull secret stops working\nhint: renew the secret before that, by a job of \
             your own, or use a registry or a user whose password lasts\n"
        )
    });
    assert_eq!(left.stderr, wanted.unwrap_or_default());
    assert_eq!(left.report["warnings"].as_array().expect("warnings").len(), usize::from(warning.is_some()));
}

#[test]
fn registries_whose_passwords_do_not_last() {
    let amazon = Some("Amazon's registry hands out passwords that last 12 hours");
    warns("123456789012.dkr.ecr.eu-west-1.amazonaws.com/airflow", None, amazon);
    warns("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/airflow", Some("AWS"), amazon);
    warns("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/airflow", None, amazon);
    warns("dkr.ecr.example.com/airflow", None, None);
    warns("amazonaws.com/airflow", None, None);
    let google =
        Some("Google's registry hands out passwords that last one hour for the user \"oauth2accesstoken\"");
    warns("europe-docker.pkg.dev/acme/airflow", Some("oauth2accesstoken"), google);
    warns("eu.gcr.io/acme/airflow", Some("oauth2accesstoken"), google);
    warns("europe-docker.pkg.dev/acme/airflow", Some("_json_key"), None);
    let nobody = Some("00000000-0000-0000-0000-000000000000");
    let azure = Some("Azure's registry hands out passwords that last three hours for this user");
    warns("acme.azurecr.io/airflow", nobody, azure);
    warns("acme.azurecr.io/airflow", Some("robot"), None);
    warns("registry.example.com/acme", None, None);
}
