//! What is wrong with the words, in one line.
//!
//! Never says what they should be but by names that look like them.

use clap::error::{ContextKind, ContextValue};

use crate::cli::args::Said;
use crate::cli::reference::like;

/// The complaint without its usage, and the nearest names.
pub(in crate::cli) fn one_line(said: &Said) -> String {
    let whole = said.render().to_string();
    let what = whole.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = what.split_whitespace().collect();
    let what = words.join(" ");
    let what = what.strip_prefix("error: ").unwrap_or(&what);
    format!("{what}{}", like(&nearest(said)))
}

fn nearest(said: &Said) -> Vec<String> {
    let kinds = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
        ContextKind::SuggestedSubcommand,
    ];
    let named = kinds.iter().filter_map(|kind| said.get(*kind));
    named.flat_map(names).collect()
}

fn names(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(name) => vec![name.clone()],
        ContextValue::Strings(names) => names.clone(),
        _ => Vec::new(),
    }
}
