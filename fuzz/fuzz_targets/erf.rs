//! Captures of the format `erf`: frames.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| -> libfuzzer_sys::Corpus { why401_fuzz::frames(data, "erf") });
