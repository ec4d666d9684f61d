//! The help, from the table of options: examples first.

use std::fmt::Write as _;

#[cfg(feature = "setup")]
use crate::inputs::SETUP;
use crate::inputs::options::{DEPLOY, Kind, Spec};

/// The help of the program.
#[must_use]
pub fn program() -> String {
    format!(
        "houston-deploy {version}: deploys an image from your own registry to Astronomer Software\n\n\
         Examples:\n  \
         export HOUSTON_TOKEN=…   # a service account's key; it has no flag\n  \
         houston-deploy deploy --base-domain astro.example.com --release galactic-force-1234 \\\n    \
         --image registry.example.com/acme/airflow:1.4.2 --runtime-version 11.3.0\n  \
         houston-deploy deploy --help\n\n\
         Commands:\n  \
         deploy     point one or more Deployments at an image, and prove it\n  \
         check      everything that deploy would look at, and nothing changed\n  \
         setup      print what the platform needs once, so that deploy can work\n\n\
         Options:\n  --help     show this, or the help of a command\n  --version  show the version\n",
        version = crate::VERSION
    )
}

/// The help of `deploy`.
#[must_use]
pub fn deploy() -> String {
    with_options(
        "Usage: houston-deploy deploy [OPTIONS]\n\n\
         Examples:\n  \
         # The image that this pipeline has pushed, to one Deployment; its version is read from its labels:\n  \
         houston-deploy deploy --base-domain astro.example.com --release galactic-force-1234 \\\n    \
         --image registry.example.com/acme/airflow:1.4.2\n\n  \
         # The same to several, eight at a time, without changing anything yet:\n  \
         houston-deploy deploy --base-domain astro.example.com --release-file releases.txt \\\n    \
         --image registry.example.com/acme/airflow:1.4.2 --concurrency 8 --dry-run\n\n",
    )
}

/// The help of `check`.
#[must_use]
pub fn check() -> String {
    with_options(
        "Usage: houston-deploy check [OPTIONS]\n\n\
         Looks at everything that deploy would look at, with the same options and codes, and changes nothing.\n\n\
         Example:\n  \
         houston-deploy check --base-domain astro.example.com --release galactic-force-1234 \\\n    \
         --workspace ck1workspace --image registry.example.com/acme/airflow:1.4.2\n\n",
    )
}

fn with_options(start: &str) -> String {
    let mut help = [
        start,
        "Every option can be set in the environment too: --runtime-version is HOUSTON_RUNTIME_VERSION.\n\
         Secrets are taken from the environment or from files alone.\n\nOptions:\n",
    ]
    .concat();
    options(&mut help, &DEPLOY);
    help.push_str(
        "\nExit codes: 0 done, 1 a fault of this program, 2 wrong input, 3 refused, 4 not reachable or failing,\n\
         5 sent and the outcome is not known, 6 changed but not healthy, 130 and 143 cancelled.\n",
    );
    help
}

/// The help of `setup`.
#[cfg(feature = "setup")]
#[must_use]
pub fn setup() -> String {
    let mut help = String::from(
        "Usage: houston-deploy setup [OPTIONS]\n\n\
         Prints what the platform needs once, so that deploy can work. It sends nothing and writes no file.\n\n\
         Examples:\n  \
         # The steps, each with its commands:\n  \
         houston-deploy setup --mode standard --repository registry.example.com/acme/airflow \\\n    \
         --secret-name acme-registry --platform-version 1.0.1\n\n  \
         # The Helm values alone, after a look at what is wrong in today's:\n  \
         helm get values astronomer --namespace astronomer >today.yaml\n  \
         houston-deploy setup --mode airgapped --repository registry.example.com/acme/airflow \\\n    \
         --secret-name acme-registry --platform-version 2.1.0 --values-file today.yaml --format yaml >overlay.yaml\n\n  \
         # A script that does it all; it reads HOUSTON_REGISTRY_USERNAME and HOUSTON_REGISTRY_PASSWORD:\n  \
         houston-deploy setup --mode standard --repository registry.example.com/acme/airflow \\\n    \
         --secret-name acme-registry --platform-version 0.34.1 --format shell >setup.sh\n\n\
         Every option can be set in the environment too: --secret-name is HOUSTON_SECRET_NAME.\n\
         The registry's password is read where the commands run; it is no option and is never printed.\n\nOptions:\n",
    );
    options(&mut help, &SETUP);
    help.push_str(
        "\nExit codes: 0 done, 1 a fault of this program, 2 wrong input, or errors in today's values.\n",
    );
    help
}

/// The options, a line each.
fn options(help: &mut String, options: &[Spec]) {
    for spec in options {
        let name = match spec.kind {
            Kind::Secret => spec.environment_name(),
            Kind::Boolean => format!("--{}", spec.name),
            Kind::Text | Kind::Duration | Kind::Count(..) | Kind::Choice(_) | Kind::File | Kind::Output => {
                format!("--{} {}", spec.name, spec.kind.words())
            }
        };
        let default = match spec.kind {
            Kind::Boolean => String::new(),
            _ if spec.default.is_empty() => String::new(),
            _ => format!(" (default: {})", spec.default),
        };
        let _ = writeln!(help, "  {name:<33} {}{default}", spec.help);
    }
}
