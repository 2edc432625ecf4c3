//! A pasted header or token.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::listing::pasted;
use why401::render::json;

fuzz_target!(|data: &[u8]| {
    if let Some(pasted) = pasted::decode(&String::from_utf8_lossy(data)) {
        json::fields(&pasted.fields, &mut Vec::new()).expect("memory takes all");
    }
});
