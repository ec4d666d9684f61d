//! Prints the texts that the command line shows when it is asked to: pkg/help.json, which the build writes.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use houston_deploy::json::Json;
use houston_deploy::render;

fn main() {
    let mut json = Json::default();
    json.open('{');
    json.field("program", &render::help_of_program());
    json.field("deploy", &render::help_of_deploy());
    json.field("check", &render::help_of_check());
    json.field("setup", &render::help_of_setup());
    json.field("version", &[houston_deploy::VERSION, "\n"].concat());
    json.close('}');
    println!("{}", json.into_text());
}
