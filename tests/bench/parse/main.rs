//! The floor: reads a file, parses it into a `Value`, and drops it.
//!
//! `parse json FILE`, `parse yaml FILE`. Nothing is made of the value.

use std::error::Error;
use std::hint::black_box;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "json", file] => {
            black_box(serde_json::from_slice::<serde_json::Value>(&std::fs::read(file)?)?);
        }
        [_, "yaml", file] => {
            black_box(serde_yaml::from_slice::<serde_yaml::Value>(&std::fs::read(file)?)?);
        }
        _ => return Err("usage: parse json|yaml FILE".into()),
    }
    Ok(())
}
