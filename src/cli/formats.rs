//! The formats that results are written in. Their help is here and nowhere else.
//!
//! Never writes anything.

use clap::ValueEnum;

/// How the report is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people, on a terminal
    Text,
    /// One page for the case, with a ladder diagram
    Html,
    /// For ticket systems
    Markdown,
    /// For programs
    Json,
    /// For programs: one finding a line
    Jsonl,
    /// The story as a sequence diagram
    Mermaid,
}

/// How codes and rules are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ReferenceFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How messages are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    Text,
    /// For programs: one JSON object a line
    Jsonl,
}

/// How a survey is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ScanFormat {
    /// For people
    Text,
    /// For a spreadsheet: comma-separated values
    Csv,
    /// For programs: one JSON object a line
    Jsonl,
}
