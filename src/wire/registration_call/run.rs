//! A statement of SQL that is given to a procedure as a text: `sp_executesql` and `sp_prepexec`.
//!
//! Never reads a text that does not hold the call.

use std::collections::BTreeMap;

use crate::wire::registration_call::statement::{Cursor, Given, Value, place_of_name};

/// The statement, and the values of its variables by their names in lower case.
pub(super) struct Run {
    pub(super) text: String,
    pub(super) variables: BTreeMap<String, Value>,
}

impl Run {
    /// The one that holds the first call in `text`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let lower = text.get(..place_of_name(text)?)?.to_ascii_lowercase();
        let behind = |name: &str| lower.rfind(name).map(|found| found + name.len());
        let at = behind("sp_executesql").max(behind("sp_prepexec"))?;
        let mut cursor = Cursor {
            rest: text.get(at..)?,
        };
        let given = cursor.list();
        let place = |is: fn(&str) -> bool| {
            given
                .iter()
                .position(|(_, given)| text_of(given).is_some_and(is))
        };
        let run = place(|text| place_of_name(text).is_some())?;
        let declared = place(|text| text.trim_start().starts_with('@'));
        let text_at = |at: usize| given.get(at).and_then(|(_, given)| text_of(given));
        let names = declared.and_then(text_at).map(declared_names);
        let names = names.unwrap_or_default();
        let text = text_at(run)?.to_owned();
        let values = given.into_iter().skip(declared.max(Some(run))? + 1);
        let variables = values
            .enumerate()
            .filter_map(|(at, (name, given))| match given {
                Given::Value(value) => {
                    let name = name.or_else(|| names.get(at).cloned())?;
                    Some((name.to_ascii_lowercase(), value))
                }
                Given::Variable(_) => None,
            })
            .collect();
        Some(Self { text, variables })
    }
}

fn text_of(given: &Given) -> Option<&str> {
    match given {
        Given::Value(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// The names in a declaration of variables, `@P1 nvarchar(3),@P2 int`, in lower case.
pub(in crate::wire) fn declared_names(declaration: &str) -> Vec<String> {
    let words = declaration.split('@').skip(1);
    words
        .map(|rest| Cursor { rest }.word().to_ascii_lowercase())
        .collect()
}
