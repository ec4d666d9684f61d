//! The steps that make the platform take images from a registry of one's own, each with the commands for it. The
//! commands are one POSIX shell's: those of a later step rely on an earlier one. The password is read where they run,
//! and reaches other programs by standard input alone, since argument lists can be read by everyone on a machine.
//!
//! Source: the vendor's documentation, "Configure a custom image registry" and "Apply a config change".

use super::names::Repository;
use super::values::{Setting, yaml};
use super::{Asked, Registries};
use crate::json;
use crate::release::ReleaseName;
use crate::text::replaced;
use crate::version::PlatformVersion;

/// The variable with the password, where the commands run.
pub(super) const PASSWORD: &str = "HOUSTON_REGISTRY_PASSWORD";

/// The variable with the user, where none was given.
pub(super) const USERNAME: &str = "HOUSTON_REGISTRY_USERNAME";

/// The variable with the registry, where each Deployment has its own.
pub(super) const REGISTRY: &str = "HOUSTON_REGISTRY_HOST";

/// The variable with a Deployment's namespace, where that has not the usual name.
const NAMESPACE: &str = "HOUSTON_NAMESPACE";

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A word for it.
    pub name: &'static str,
    /// What is done.
    pub title: &'static str,
    /// What for, in one line.
    pub why: &'static str,
    /// The commands, in whole lines.
    pub commands: String,
}

/// All steps, in their order.
#[must_use]
pub fn steps(asked: &Asked, settings: &[Setting]) -> Vec<Step> {
    let mut steps = Vec::new();
    match &asked.registries {
        Registries::One(repository) => steps.extend([
            Step {
                name: "secret",
                title: "Create the pull secret",
                why: "The cluster pulls the images with it.",
                commands: one_secret(asked, repository),
            },
            Step {
                name: "annotate",
                title: "Annotate the secret",
                why: "The platform copies a secret that is marked so to the namespace of every Deployment.",
                commands: annotate(asked),
            },
        ]),
        Registries::ForEach { releases, .. } => steps.push(Step {
            name: "secret",
            title: "Create the pull secret of each Deployment",
            why: "Each pulls its images from a registry of its own, so each has a secret of that name in its namespace.",
            commands: secret_for_each(asked, releases),
        }),
    }
    steps.push(Step {
        name: "values",
        title: "Write the Helm values",
        why: "They switch on the call that houston-deploy makes, and name the registry and the secret.",
        commands: [
            "work=$(mktemp -d)\ntrap 'rm -rf \"$work\"' EXIT\ncat >\"$work/overlay.yaml\" <<'EOF'\n",
            &yaml(settings),
            "EOF\n",
        ]
        .concat(),
    });
    steps.push(Step {
        name: "apply",
        title: "Apply the values",
        why: "Helm lays them over today's values; chart and Deployments stay at the versions that they have.",
        commands: apply(asked),
    });
    if let Registries::One(_) = asked.registries {
        steps.push(Step {
            name: "sync",
            title: "Give the secret to the Deployments that exist",
            why: "New ones get it by themselves. Where planes are split, this is for the data plane's cluster.",
            commands: sync(asked),
        });
    }
    steps
}

/// A text as one word of a POSIX shell.
pub(super) fn word(text: &str) -> String {
    if !text.chars().any(|character| matches!(character, '\'' | '$' | '`')) {
        return ["'", text, "'"].concat();
    }
    // A dollar sign that is meant as one is taken for a mistake between single quotes, by people and by shellcheck.
    let mut word = String::from("\"");
    for character in text.chars() {
        if matches!(character, '"' | '$' | '`' | '\\') {
            word.push('\\');
        }
        word.push(character);
    }
    word.push('"');
    word
}

/// The variable of a Deployment: release names have lower-case letters, digits and `-` alone.
pub(super) fn variable(name: &str, release: &ReleaseName) -> String {
    [name, "_", &replaced(&release.as_str().to_ascii_uppercase(), "-", "_")].concat()
}

/// The shell function that makes a secret: of namespace, registry, user and password. Applying it by the server takes
/// over what is there and leaves no copy of the secret in an annotation, as applying by the client would.
fn function(asked: &Asked, check: &str) -> String {
    let (format, email) = match &asked.email {
        Some(email) => (r#","email":"%s""#, [" ", &word(&json::escaped(email))].concat()),
        None => ("", String::new()),
    };
    [
        "pull_secret() {\n",
        check,
        "  auth=$(printf '%s:%s' \"$3\" \"$4\" | base64 | tr -d '\\n')\n",
        "  config=$(printf '{\"auths\":{\"%s\":{\"auth\":\"%s\"",
        format,
        "}}}' \"$2\" \"$auth\"",
        &email,
        " | base64 | tr -d '\\n')\n",
        "  printf '%s\\n' 'apiVersion: v1' 'kind: Secret' 'metadata:' ",
        &word(&["  name: \"", asked.secret.as_str(), "\""].concat()),
        " \\\n    'type: kubernetes.io/dockerconfigjson' 'data:' \"  .dockerconfigjson: $config\" |\n",
        "    kubectl apply --server-side --force-conflicts --namespace \"$1\" --filename -\n}\n",
    ]
    .concat()
}

fn one_secret(asked: &Asked, repository: &Repository) -> String {
    let registry = match repository.registry() {
        // Docker's own registry goes by this name in pull secrets.
        "docker.io" | "index.docker.io" => "https://index.docker.io/v1/",
        registry => registry,
    };
    let call = ["pull_secret ", &word(asked.namespace.as_str()), " ", &word(registry), " "];
    let with = [&user(asked, USERNAME), " \"$", PASSWORD, "\"\nunset ", PASSWORD, "\n"];
    [function(asked, ""), call.concat(), with.concat()].concat()
}

fn user(asked: &Asked, variable: &str) -> String {
    match &asked.username {
        Some(username) => word(username),
        None => ["\"$", variable, "\""].concat(),
    }
}

fn secret_for_each(asked: &Asked, releases: &[ReleaseName]) -> String {
    let mut commands = function(
        asked,
        "  case $2 in\n  '' | *[!A-Za-z0-9.:_/-]*)\n    printf 'error: \"%s\" is no registry\\n' \"$2\" >&2\n    return 1\n    ;;\n  \
         *.dkr.ecr*.amazonaws.com*)\n    printf 'warning: passwords of %s last 12 hours\\n' \"$2\" >&2\n    ;;\n  *) ;;\n  esac\n",
    );
    for release in releases {
        let password = variable(PASSWORD, release);
        commands.push_str(
            &[
                "pull_secret \"${",
                &variable(NAMESPACE, release),
                ":-",
                asked.namespace.as_str(),
                "-",
                release.as_str(),
                "}\" \"$",
                &variable(REGISTRY, release),
                "\" ",
                &user(asked, &variable(USERNAME, release)),
                " \"$",
                &password,
                "\"\nunset ",
                &password,
                "\n",
            ]
            .concat(),
        );
    }
    commands
}

fn annotate(asked: &Asked) -> String {
    [
        "kubectl annotate secret ",
        &word(asked.secret.as_str()),
        " --namespace ",
        &word(asked.namespace.as_str()),
        " --overwrite \\\n  'astronomer.io/commander-sync=platform=astronomer'\n",
    ]
    .concat()
}

fn apply(asked: &Asked) -> String {
    let release = word(asked.platform_release.as_str());
    let namespace = word(asked.namespace.as_str());
    let version = word(asked.platform.as_ref().map_or("<platform-version>", PlatformVersion::as_str));
    [
        "helm get values ",
        &release,
        " --namespace ",
        &namespace,
        " --output yaml >\"$work/today.yaml\"\nhelm upgrade ",
        &release,
        " \"${HOUSTON_CHART:-astronomer/astronomer}\" --namespace ",
        &namespace,
        " --version ",
        &version,
        " \\\n  --values \"$work/today.yaml\" --values \"$work/overlay.yaml\" \\\n  \
         --set astronomer.houston.upgradeDeployments.enabled=false\n",
    ]
    .concat()
}

fn sync(asked: &Asked) -> String {
    let namespace = [" --namespace ", &word(asked.namespace.as_str())].concat();
    let job = "houston-deploy-config-sync";
    let from = word(&["cronjob/", asked.platform_release.as_str(), "-config-syncer"].concat());
    [
        ["kubectl delete job ", job, &namespace, " --ignore-not-found\n"],
        ["kubectl create job ", job, &namespace, " \\\n  --from="],
        [&from, "\nkubectl wait job/", job, &namespace],
        [" \\\n  --for=condition=complete --timeout=10m\n", "", "", ""],
    ]
    .concat()
    .concat()
}
