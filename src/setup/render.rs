//! The forms in which `setup` prints: text for people, a script, data. None of them decides anything.

use super::findings::Finding;
use super::steps::{PASSWORD, REGISTRY, Step, USERNAME, variable, word};
use super::values::{self, Setting, yaml};
use super::{Asked, Mode, Registries};
use crate::json::Json;
use crate::render::json_failure;
use crate::report::Warning;
use crate::version::PlatformVersion;

/// What this is for, in one line.
fn heading(asked: &Asked) -> String {
    let version = asked.platform.as_ref().map_or("", PlatformVersion::as_str);
    let space = if version.is_empty() { "" } else { " " };
    let mode = match asked.mode {
        Mode::Standard => "standard",
        Mode::Airgapped => "air-gapped",
    };
    let registries = match asked.registries {
        Registries::One(_) => "one registry for all Deployments",
        Registries::ForEach { .. } => "a registry for each Deployment",
    };
    let what = ["What Astronomer Software", space, version, " needs once, so that houston-deploy can work: "];
    [what.concat(), [mode, ", ", registries, "."].concat()].concat()
}

/// The variables that the commands read, each with what it is to hold.
fn variables(asked: &Asked) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    match &asked.registries {
        Registries::One(_) => {
            if asked.username.is_none() {
                variables.push((USERNAME.into(), "the user of the registry".into()));
            }
            variables.push((PASSWORD.into(), "the password of the user of the registry".into()));
        }
        Registries::ForEach { releases, .. } => {
            for release in releases {
                let of = |what: &str| [what, " of ", release.as_str()].concat();
                variables.push((variable(REGISTRY, release), of("the host of the registry")));
                if asked.username.is_none() {
                    variables.push((variable(USERNAME, release), of("the user of the registry")));
                }
                variables.push((variable(PASSWORD, release), of("the password of the user of the registry")));
            }
        }
    }
    variables
}

/// For people: every step with its reason and its commands.
#[must_use]
pub(super) fn text(asked: &Asked, steps: &[Step]) -> String {
    let mut text = heading(asked);
    text.push_str(
        "\n\nThe commands are for one shell, in this order; `format` shell makes a script of them that stops at the first\n\
         failure. They need kubectl, helm and these variables, which are never printed:\n",
    );
    for (name, what) in variables(asked) {
        text.push_str(&["  ", &name, "  ", &what, "\n"].concat());
    }
    if asked.platform.is_none() {
        text.push_str(
            "\nThe key that switches the endpoint on has two forms, by the version of the platform's chart: below 2.0\n\
             enableUpdateDeploymentImageEndpoint, from 2.0 on deploymentImagesRegistry.updateDeploymentImageEndpoint.\n\
             Keep the one of your chart, or set `platform-version`, which decides it.\n",
        );
    }
    for (index, Step { title, why, commands, .. }) in steps.iter().enumerate() {
        text.push_str(&["\n", &(index + 1).to_string(), ". ", title, "\n   ", why, "\n\n"].concat());
        // From the line's start, as the end of the values in the midst of them must be.
        text.push_str(commands);
    }
    text
}

/// The Helm values alone.
#[must_use]
pub(super) fn overlay(asked: &Asked, settings: &[Setting]) -> String {
    let how = "# An overlay: helm upgrade … --values <today's values> --values <this file>\n";
    ["# ", &heading(asked), "\n", how, &yaml(settings)].concat()
}

/// A script that does all steps, stops at the first failure, and can be run again.
#[must_use]
pub(super) fn script(asked: &Asked, steps: &[Step]) -> String {
    let mut script = [
        "#!/bin/sh\n# ",
        &heading(asked),
        "\n# It stops at the first failure, and can be run again.\nset -eu\n# A trace would show the password.\nset +x\n",
        "trap 'exit 130' INT\ntrap 'exit 143' TERM\n\nfail() {\n  printf 'error: %s\\n' \"$1\" >&2\n  exit 1\n}\n\n",
        "for program in base64 cat helm kubectl mktemp rm tr; do\n",
        "  command -v \"$program\" >/dev/null || fail \"$program is not installed\"\ndone\n",
    ]
    .concat();
    for (name, what) in variables(asked) {
        script.push_str(&[": \"${", &name, ":?set it to ", &what, "}\"\n"].concat());
    }
    if let Some(platform) = &asked.platform {
        let release = asked.platform_release.as_str();
        let namespace = word(asked.namespace.as_str());
        let version = platform.as_str();
        script.push_str(
            &[
                "\n# With another version Helm would upgrade the platform.\n",
                &["installed=$(helm list --namespace ", &namespace, " --filter "].concat(),
                &["'^", release, "$' --output json)\n"].concat(),
                "case $installed in\n",
                &["*", &word(&["\"chart\":\"astronomer-", version, "\""].concat()), "*) ;;\n"].concat(),
                &["*'\"chart\":\"'*) fail \"the release ", release, " is of another chart than astronomer-"]
                    .concat(),
                &[version, ": $installed\" ;;\n*) ;; # What Helm does not list it does not upgrade.\nesac\n"]
                    .concat(),
            ]
            .concat(),
        );
    }
    let count = steps.len().to_string();
    for (index, Step { title, why, commands, .. }) in steps.iter().enumerate() {
        let number = (index + 1).to_string();
        let said = word(&[&number, "/", &count, " ", title].concat());
        script.push_str(&["\n# ", title, ": ", why, "\nprintf '%s\\n' ", &said, "\n", commands].concat());
    }
    script.push_str("\nprintf '%s\\n' 'done'\n");
    script
}

/// All of it, as data.
#[must_use]
pub(super) fn json(
    asked: &Asked,
    settings: &[Setting],
    steps: &[Step],
    found: &[Finding],
    warnings: &[Warning],
) -> String {
    let mut json = Json::default();
    json.open('{').number("schema", 1).key("status").word("planned").key("error").raw("null");
    json.key("mode").word(asked.mode.as_str());
    json.boolean("perDeployment", matches!(asked.registries, Registries::ForEach { .. }));
    json.optional("platformVersion", &asked.platform.as_ref().map(PlatformVersion::as_str));
    values::json(json.key("values"), settings);
    json.key("variables").open('[');
    for (name, what) in variables(asked) {
        json.open('{').field("name", &name).field("meaning", &what).close('}');
    }
    json.close(']').key("steps").open('[');
    for Step { name, title, why, commands } in steps {
        json.open('{').field("name", name).field("title", title).field("why", why);
        json.field("commands", commands).close('}');
    }
    json.close(']').field("yaml", &overlay(asked, settings)).field("shell", &script(asked, steps));
    findings(&mut json, found);
    json.key("warnings").open('[');
    for warning in warnings {
        json_failure(&mut json, Some(warning));
    }
    json.close(']').close('}');
    json.into_text()
}

/// What was found in today's values.
pub(super) fn findings(json: &mut Json, found: &[Finding]) {
    json.key("findings").open('[');
    for Finding { level, line, path, message, hint } in found {
        json.open('{').key("level").word(level.as_str()).key("line").raw(&line.to_string());
        json.field("path", path).field("message", message).field("hint", hint).close('}');
    }
    json.close(']');
}
