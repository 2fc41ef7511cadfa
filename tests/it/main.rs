//! The built program, tested whole: exit code, stdout, stderr, report, and what the
//! simulator holds.

#![expect(clippy::expect_used, reason = "a test that cannot set its stage fails")]
#![expect(clippy::disallowed_methods, reason = "tests wait for processes on the real clock")]

mod case;
mod check;
mod dialects;
mod diff;
mod export;
mod fuzz;
mod harness;
mod help;
mod hostile;
mod hostile_sources;
mod import;
mod init;
mod oauth;
mod outside;
mod preview;
mod resume;
#[cfg(unix)]
mod secrets;
mod services;
mod specs;
mod usage;
