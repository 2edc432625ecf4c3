//! Colours, chosen once. Words carry the meaning; colours only help to find them.
//!
//! Never asks the environment: whether colours are wanted is decided in the command.

use owo_colors::{OwoColorize, Style};

use crate::finding::Severity;
use crate::outcome::Outcome;
use crate::render::terminal::Colour;

/// The colours of the report.
pub(super) struct Palette {
    strong: Style,
    good: Style,
    bad: Style,
    doubtful: Style,
    quiet: Style,
    command: Style,
}

impl Palette {
    pub(super) fn new(colour: Colour) -> Self {
        let plain = Style::new();
        match colour {
            Colour::On => Self {
                strong: plain.bold(),
                good: plain.green().bold(),
                bad: plain.red().bold(),
                doubtful: plain.yellow().bold(),
                quiet: plain.dimmed(),
                command: plain.cyan(),
            },
            Colour::Off => Self {
                strong: plain,
                good: plain,
                bad: plain,
                doubtful: plain,
                quiet: plain,
                command: plain,
            },
        }
    }

    pub(super) fn strong(&self, text: &str) -> String {
        text.style(self.strong).to_string()
    }

    pub(super) fn quiet(&self, text: &str) -> String {
        text.style(self.quiet).to_string()
    }

    pub(super) fn bad(&self, text: &str) -> String {
        text.style(self.bad).to_string()
    }

    pub(super) fn command(&self, text: &str) -> String {
        text.style(self.command).to_string()
    }

    pub(super) fn outcome(&self, outcome: Outcome, text: &str) -> String {
        let style = match outcome {
            Outcome::KerberosAccepted => self.good,
            Outcome::NtlmAccepted
            | Outcome::AnonymousAccepted
            | Outcome::Encrypted
            | Outcome::CutShort => self.doubtful,
            _ => self.bad,
        };
        text.style(style).to_string()
    }

    pub(super) fn severity(&self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Error => self.bad,
            Severity::Warning => self.doubtful,
            Severity::Note => self.strong,
            Severity::Expected => self.quiet,
        };
        text.style(style).to_string()
    }
}
