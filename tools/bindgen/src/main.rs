//! Writes the JavaScript side of a module: `bindgen <module.wasm> <folder> <name>`. The generator is used as a library,
//! so that this folder's lock file pins all of it.

use wasm_bindgen_cli_support::Bindgen;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(module), Some(folder), Some(name)) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: bindgen <module.wasm> <folder> <name>");
        std::process::exit(2);
    };
    let mut bindgen = Bindgen::new();
    let generated = bindgen
        .input_path(module)
        .out_name(&name.to_string_lossy())
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder));
    if let Err(error) = generated {
        eprintln!("bindgen: {error:#}");
        std::process::exit(1);
    }
}
