//! Captures that are packed with gzip, zstd, lz4 or xz: frames, and no more memory than the limits allow.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

/// How packed files begin.
const BEGINS: [&[u8]; 4] = [
    &[0x1f, 0x8b],
    &[0x28, 0xb5, 0x2f, 0xfd],
    &[0x04, 0x22, 0x4d, 0x18],
    &[0xfd, b'7', b'z', b'X', b'Z', 0],
];

fuzz_target!(|data: &[u8]| -> Corpus {
    if !BEGINS.iter().any(|begin| data.starts_with(begin)) {
        return Corpus::Reject;
    }
    if let Ok(mut capture) = why401_fuzz::reader(data) {
        why401_fuzz::drain(&mut capture);
    }
    Corpus::Keep
});
