//! What is wrong with the words, in one line.
//!
//! Never says what they should be but by names that look like them.

use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};

use crate::cli::args::{Args, Said};
use crate::cli::reference::like;
use crate::explain;

/// The complaint without its usage, and the nearest names.
pub(in crate::cli) fn one_line(said: &Said) -> String {
    let whole = said.render().to_string();
    let what = whole.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = what.split_whitespace().collect();
    let what = words.join(" ");
    let what = what.strip_prefix("error: ").unwrap_or(&what);
    format!("{what}{}", like(&nearest(said)))
}

/// What to say of words that are no files and look like verbs: all words without a verb are files.
pub(in crate::cli) fn verb_among(files: &[PathBuf]) -> Option<String> {
    let (first, others) = files.split_first()?;
    misspelt_verb(first).or_else(|| others.iter().find_map(|it| late_verb(it)))
}

/// What to say of a verb that stands behind a file.
fn late_verb(word: &Path) -> Option<String> {
    let word = word.to_str().filter(|_| !word.exists())?;
    let is_verb = Args::command()
        .get_subcommands()
        .any(|verb| verb.get_name() == word);
    is_verb.then(|| format!("{word}: no such file, and a verb stands first: why401 {word} …"))
}

fn misspelt_verb(first: &Path) -> Option<String> {
    let word = first.to_str().filter(|_| !first.exists())?;
    if !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let command = Args::command();
    let verbs = command.get_subcommands().map(clap::Command::get_name);
    let near = explain::nearest(word, verbs);
    (!near.is_empty()).then(|| format!("{word}: no such verb or file{}", like(&near)))
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
