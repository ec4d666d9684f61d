//! The export: one function. JSON goes over the border, and nothing is decided at it.

#![expect(unreachable_pub, reason = "what is exported to JavaScript must be public, though no Rust sees it")]

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::handover::Handover;
use crate::inputs::Files;

#[wasm_bindgen]
extern "C" {
    /// What a wrapper lends: files to read.
    pub type Disk;

    /// The bytes of a file, or the words why there are none.
    #[wasm_bindgen(method, js_name = readFile)]
    pub fn read_file(this: &Disk, path: &str, most: u32) -> JsValue;
}

/// Does the command `setup`: of what a wrapper hands over to what leaves, both JSON.
#[wasm_bindgen]
pub fn setup(handover: &str, disk: &Disk) -> Result<String, JsError> {
    Ok(super::run(&Handover::from_json(handover).map_err(JsError::new)?, &Reading(disk)))
}

struct Reading<'a>(&'a Disk);

impl Files for Reading<'_> {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, String> {
        let content = self.0.read_file(path, u32::try_from(most).unwrap_or(u32::MAX));
        match content.dyn_into::<Uint8Array>() {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(words) => Err(words.as_string().unwrap_or_else(|| "cannot be read".into())),
        }
    }

    fn can_write(&self, _path: &str) -> Result<(), String> {
        // No option of this command names a file to write.
        Ok(())
    }
}
