//! The command: what was typed, what it means, and how the process ends.
//!
//! Never knows a protocol. It alone opens files, writes, and asks the environment.

mod args;
mod compare;
mod demo;
mod evidence;
mod excerpt;
mod extract;
mod extract_redacted;
mod formats;
mod input;
mod interrupt;
mod keytabs;
mod progress;
mod redact;
mod reference;
mod run;
mod scan;
mod settings;
mod spool;
mod wildcard;
mod write;

use std::process::ExitCode;

/// Runs the command with the arguments of the process.
pub fn main() -> ExitCode {
    match args::parse() {
        Ok(args) => run::run(args),
        Err(said) => run::say(&said),
    }
}
