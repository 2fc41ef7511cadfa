//! Replays the corpus of the fuzz targets: inputs that once broke a law, or lead into odd
//! corners.

use std::fs;
use std::path::Path;

#[path = "../fuzz/laws.rs"]
mod laws;

/// Holds every input of a target to its law; says how many there were.
fn replay(target: &str, law: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let entries = fs::read_dir(folder).expect("the target's corpus");
    let mut count = 0;
    for entry in entries {
        law(&fs::read(entry.expect("an entry").path()).expect("an input"));
        count += 1;
    }
    count
}

#[test]
fn every_kept_input_keeps_the_laws() {
    assert!(replay("yaml", laws::yaml) >= 8);
    assert!(replay("json", laws::json) >= 8);
    assert!(replay("references", laws::references) >= 6);
    assert!(replay("preview", laws::preview) >= 6);
}

#[test]
fn the_samples_keep_the_laws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    for entry in fs::read_dir(folder).expect("the cases") {
        let path = entry.expect("an entry").path();
        if let Ok(text) = fs::read(path) {
            laws::yaml(&text);
            laws::json(&text);
            laws::preview(&text);
        }
    }
}
