//! What is made from the words for packagers: completions of shells, and the manual page.
//!
//! Never has a text of its own.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::Args;

/// Writes the completions of `shell`.
pub(in crate::cli) fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // The generator does not expect a writer that fails.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "why401", &mut text);
    out.write_all(&text)
}

/// Writes the manual page, in the form of `man`: that of the command, then those of the verbs.
pub(in crate::cli) fn manual(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Args::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(out)?;
    for verb in command
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
    {
        let page = clap_mangen::Man::new(verb.clone());
        writeln!(out, ".SH {}", verb.get_name().to_uppercase())?;
        page.render_description_section(out)?;
        page.render_options_section(out)?;
    }
    Ok(())
}
