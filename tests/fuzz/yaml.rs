//! Fuzz target: see `laws::yaml`.

#![no_main]
#![allow(dead_code, reason = "each target holds one of the laws")]

mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::yaml(data));
