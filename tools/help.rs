//! Prints the texts that the command line shows when it is asked to, a JSON object a line, of which the build makes
//! `pkg/wasm/help.json` and `pkg/wasm/setup-help.json`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use houston_deploy::json::Json;
use houston_deploy::render;

fn main() {
    let (deploy, check) = (render::help_of_deploy(), render::help_of_check());
    // What the two say alike, their options, stands in the file once.
    let options = shared_end(&deploy, &check);
    let own = |help: &str| {
        help.strip_suffix(options).map(|start| [start, "{options}"].concat()).unwrap_or_default()
    };
    let mut json = Json::default();
    json.open('{');
    json.field("program", &render::help_of_program());
    json.field("deploy", &own(&deploy));
    json.field("check", &own(&check));
    json.field("options", options);
    json.field("version", &[houston_deploy::VERSION, "\n"].concat());
    json.close('}');
    println!("{}", json.into_text());
    let mut json = Json::default();
    json.open('{').field("setup", &render::help_of_setup()).close('}');
    println!("{}", json.into_text());
}

/// The lines with which both texts end.
fn shared_end<'a>(one: &'a str, other: &str) -> &'a str {
    let starts = one.match_indices('\n').map(|(place, _)| one.get(place + 1..).unwrap_or_default());
    let mut ends = starts.filter(|end| other.ends_with(end));
    ends.next().unwrap_or_default()
}
