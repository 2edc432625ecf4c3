//! What a user chooses among: formats, times, colours, severities. Their help is here and nowhere else.
//!
//! Each format can be called by the extension of its files as well.
//!
//! Never writes anything.

use clap::ValueEnum;

use crate::privacy::Markup;

/// How the report is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people, on a terminal
    Text,
    /// One page for the case, with a ladder diagram
    #[value(alias = "htm")]
    Html,
    /// For ticket systems
    #[value(alias = "md")]
    Markdown,
    /// For programs
    Json,
    /// For programs: one finding a line
    Jsonl,
    /// The story as a sequence diagram
    #[value(alias = "mmd")]
    Mermaid,
}

impl ReportFormat {
    /// What is written around the data.
    pub(super) const fn markup(self) -> Markup {
        match self {
            Self::Html => Markup::Html,
            Self::Json | Self::Jsonl => Markup::Json,
            Self::Text | Self::Markdown | Self::Mermaid => Markup::None,
        }
    }
}

/// How codes and rules are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ReferenceFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

impl ReferenceFormat {
    /// What is written around the data.
    pub(super) const fn markup(self) -> Markup {
        match self {
            Self::Json => Markup::Json,
            Self::Text => Markup::None,
        }
    }
}

/// How messages are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    Text,
    /// For a spreadsheet: comma-separated values
    Csv,
    /// For programs: one JSON object a line
    #[value(alias = "json")]
    Jsonl,
}

impl ListFormat {
    /// What is written around the data.
    pub(super) const fn markup(self) -> Markup {
        match self {
            Self::Jsonl => Markup::Json,
            Self::Text | Self::Csv => Markup::None,
        }
    }
}

/// How a survey is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ScanFormat {
    /// For people
    Text,
    /// For a spreadsheet: comma-separated values
    Csv,
    /// For programs: one JSON object a line
    #[value(alias = "json")]
    Jsonl,
}

impl ScanFormat {
    /// What is written around the data.
    pub(super) const fn markup(self) -> Markup {
        match self {
            Self::Jsonl => Markup::Json,
            Self::Text | Self::Csv => Markup::None,
        }
    }
}

/// What a schema describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum SchemaOf {
    /// The report in JSON; a line of its findings in JSONL is `#/$defs/finding_line`
    Report,
    /// A line of `list --format jsonl`
    List,
    /// A line of `scan --format jsonl`
    Scan,
    /// What `compare --format json` writes
    Compare,
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Time {
    /// Seconds since the attempt began
    Relative,
    /// Time of day, UTC
    Utc,
    /// Time of day here
    Local,
    /// Seconds since 1970
    Epoch,
}

/// When colours are used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// From which severity on the exit status is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum FailOn {
    /// Something breaks the sign-on
    Error,
    /// Something delays or endangers it
    Warning,
    /// Something is worth knowing
    Note,
    /// Never
    Never,
}
