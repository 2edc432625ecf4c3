//! The command `why401`.

use std::process::ExitCode;

fn main() -> ExitCode {
    why401::cli::main()
}
