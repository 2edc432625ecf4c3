//! Colours, chosen once. Words carry the meaning; colours only help to find them.
//!
//! Never asks the environment: whether colours are wanted is decided in the command.

use owo_colors::{OwoColorize, Style};

use crate::finding::Severity;
use crate::outcome::Outcome;
use crate::render::terminal::Colour;

/// What a piece of text is, for the eye.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::render) enum Ink {
    Plain,
    Strong,
    Quiet,
    Good,
    Doubtful,
    Bad,
    Command,
}

impl Ink {
    pub(in crate::render) const fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::KerberosAccepted => Self::Good,
            Outcome::NtlmAccepted
            | Outcome::AnonymousAccepted
            | Outcome::OtherAccepted
            | Outcome::Encrypted
            | Outcome::CutShort => Self::Doubtful,
            _ => Self::Bad,
        }
    }

    pub(in crate::render) const fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Bad,
            Severity::Warning => Self::Doubtful,
            Severity::Note => Self::Strong,
            Severity::Expected => Self::Quiet,
        }
    }
}

/// The colours of the report.
pub(in crate::render) struct Palette {
    colour: Colour,
}

impl Palette {
    pub(in crate::render) const fn new(colour: Colour) -> Self {
        Self { colour }
    }

    /// `text` in its colour. Its width stays the same.
    pub(in crate::render) fn paint(&self, ink: Ink, text: &str) -> String {
        if self.colour == Colour::Off || ink == Ink::Plain || text.trim().is_empty() {
            return text.to_owned();
        }
        text.style(style(ink)).to_string()
    }
}

fn style(ink: Ink) -> Style {
    let plain = Style::new();
    match ink {
        Ink::Plain => plain,
        Ink::Strong => plain.bold(),
        Ink::Quiet => plain.dimmed(),
        Ink::Good => plain.green().bold(),
        Ink::Doubtful => plain.yellow().bold(),
        Ink::Bad => plain.red().bold(),
        Ink::Command => plain.cyan(),
    }
}
