//! The command: parse, run, print the error, exit.

fn main() -> std::process::ExitCode {
    apiferry::cli::run(std::env::args_os()).into()
}
