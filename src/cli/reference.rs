//! The verbs that read no capture: `explain`, `rules`, `checklist`, `schema`.
//!
//! Never knows a code: what it means is looked up in `explain`.

use std::io::Read;

use anyhow::bail;

use crate::cli::args::groups::Output;
use crate::cli::args::{Decode, Explain, Reference, Schema};
use crate::cli::formats::{ReferenceFormat, SchemaOf};
use crate::cli::input;
use crate::cli::redact;
use crate::cli::run::{CLEAN, FAILED, warn};
use crate::cli::settings::{self, Redaction, look_of, reference_format, target};
use crate::cli::write::write;
use crate::explain::{self, Explanation};
use crate::finding::RuleMeta;
use crate::listing::pasted;
use crate::privacy::Pseudonyms;
use crate::render::json::Described;
use crate::render::json::reference::Known;
use crate::render::{json, terminal};
use crate::rules::RULES;

/// Explains each word. One that is not known is told with what looks like it, and costs the others nothing.
pub(super) fn explain(words: &Explain) -> anyhow::Result<u8> {
    let of_log = explain::of_iis_log(&words.codes).map(Vec::from);
    let asked = of_log.unwrap_or_else(|| words.codes.clone());
    let (mut known, mut complaints) = (Vec::new(), Vec::new());
    for word in &asked {
        match explain::explain(word) {
            Explanation::Unknown(near) => {
                complaints.push(format!("nothing is known of {word:?}{}", like(&near)));
            }
            explanation => known.push((word.as_str(), explanation)),
        }
    }
    if !known.is_empty() {
        match reference_format(&words.format, &target(&words.output)) {
            ReferenceFormat::Text => explain_text(&known, &words.output)?,
            ReferenceFormat::Json => explain_json(&known, &words.output)?,
        }
    }
    for text in &complaints {
        warn(text);
    }
    Ok(if complaints.is_empty() { CLEAN } else { FAILED })
}

fn explain_text(known: &[(&str, Explanation)], output: &Output) -> anyhow::Result<()> {
    let target = target(output);
    let look = look_of(output, &target);
    write(&target, &mut |out| {
        known
            .iter()
            .try_for_each(|(word, explanation)| match explanation {
                Explanation::Rule(rule) => terminal::reference::rule(rule, look, out),
                Explanation::Codes(readings) => {
                    terminal::reference::readings(word, readings, look, out)
                }
                Explanation::Unknown(_) => Ok(()),
            })
    })
}

fn explain_json(known: &[(&str, Explanation)], output: &Output) -> anyhow::Result<()> {
    write(&target(output), &mut |out| {
        let words: Vec<(&str, Known<'_>)> = known
            .iter()
            .filter_map(|(word, explanation)| match explanation {
                Explanation::Rule(rule) => Some((*word, Known::Rule(rule))),
                Explanation::Codes(readings) => Some((*word, Known::Codes(readings))),
                Explanation::Unknown(_) => None,
            })
            .collect();
        json::reference::words(&words, out)
    })
}

/// The most of standard input that is looked at: no header is longer.
const LONGEST_BLOB: u64 = 1 << 20;

/// Says what a pasted token holds.
pub(super) fn decode(words: Decode) -> anyhow::Result<()> {
    let is_piped = words.words.is_empty() || words.words == ["-"];
    let text = if is_piped {
        let mut bytes = Vec::new();
        let stdin = std::io::stdin().lock().take(LONGEST_BLOB);
        { stdin }.read_to_end(&mut bytes)?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        words.words.join(" ")
    };
    let Some(mut pasted) = pasted::decode(&text) else {
        bail!(
            "this is no token that can be read: expected `Negotiate …`, `NTLM …`, or a token in base64 or hexadecimal digits"
        );
    };
    let redaction = Redaction::of(words.privacy, settings::warnings(&words.output));
    let names = (redaction != Redaction::Off).then(|| {
        let mut names = Pseudonyms::default();
        redact::pasted(&mut pasted, &mut names);
        names
    });
    let target = target(&words.output);
    input::refuse_over(&[], &target, &redaction)?;
    let look = look_of(&words.output, &target);
    let format = reference_format(&words.format, &target);
    redact::write_out(
        &target,
        &redaction,
        names.as_ref(),
        format.markup(),
        &mut |out| match format {
            ReferenceFormat::Text => terminal::reference::pasted(&pasted, look, out),
            ReferenceFormat::Json => json::fields(&pasted.fields, out),
        },
    )?;
    redact::tell_beside(&redaction);
    Ok(())
}

/// Lists the rules.
pub(super) fn rules(words: &Reference) -> anyhow::Result<()> {
    let target = target(&words.output);
    let look = look_of(&words.output, &target);
    let rules: Vec<&RuleMeta> = RULES.iter().map(|rule| &rule.meta).collect();
    let format = reference_format(&words.format, &target);
    write(&target, &mut |out| match format {
        ReferenceFormat::Text => terminal::reference::rules(&rules, look, out),
        ReferenceFormat::Json => json::reference::rules(&rules, out),
    })
}

/// Says what that looks like which is written for programs.
pub(super) fn schema(words: &Schema) -> anyhow::Result<()> {
    let of = match words.of {
        SchemaOf::Report => Described::Report,
        SchemaOf::List => Described::List,
        SchemaOf::Scan => Described::Scan,
        SchemaOf::Compare => Described::Compare,
    };
    write(&target(&words.output), &mut |out| json::schema(of, out))
}

/// Says how to take a capture.
pub(super) fn checklist(output: &Output) -> anyhow::Result<()> {
    let target = target(output);
    let look = look_of(output, &target);
    write(&target, &mut |out| {
        terminal::reference::checklist(explain::checklist::STEPS, look, out)
    })
}

/// `; did you mean a, b or c?`, where something looks like the word.
pub(super) fn like(near: &[String]) -> String {
    match near {
        [] => String::new(),
        [only] => format!("; did you mean {only}?"),
        [others @ .., last] => format!("; did you mean {} or {last}?", others.join(", ")),
    }
}
