//! A call of the procedure as a statement of SQL: names, values, and variables that are given further behind.
//!
//! Never reads any other statement, and never keeps more than [`MOST`] values.

use std::collections::BTreeMap;

use crate::wire::registration_call::comments::Comments;
use crate::wire::registration_call::run::Run;
use crate::wire::registration_call::{PARAMETERS, PROCEDURE};

/// Values of a call and of the variables behind it.
const MOST: usize = 128;

/// A value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::wire) enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What stands in a place for a value.
pub(super) enum Given {
    Value(Value),
    /// A variable, whose value stands elsewhere.
    Variable(String),
}

/// A place in the text.
pub(super) struct Cursor<'t> {
    pub(super) rest: &'t str,
}

/// The values of the first call in `text`, each with the name of its parameter; `None` where there is no call. What `bound`
/// has no value for may be given behind the call.
pub(super) fn values(
    text: &str,
    mut bound: BTreeMap<String, Value>,
) -> Option<Vec<(String, Value)>> {
    let text = Comments::default().without(text);
    let Some(run) = Run::of(&text) else {
        return of_call(&text, bound);
    };
    bound.extend(run.variables);
    of_call(&Comments::default().without(&run.text), bound)
}

fn of_call(text: &str, mut bound: BTreeMap<String, Value>) -> Option<Vec<(String, Value)>> {
    let behind = behind_name(text)?;
    let mut cursor = Cursor { rest: behind };
    let mut given = cursor.list();
    // ODBC has the values in parentheses, which those of a name alone are not.
    if let Some(inner) = behind.trim_start().strip_prefix('(')
        && given.is_empty()
    {
        cursor.rest = inner;
        given = cursor.list();
    }
    let mut variables = variables(cursor.rest);
    variables.append(&mut bound);
    let named = given
        .into_iter()
        .enumerate()
        .filter_map(|(at, (name, given))| {
            let name = name.or_else(|| PARAMETERS.get(at).map(|name| (*name).to_owned()))?;
            let value = match given {
                Given::Value(value) => value,
                Given::Variable(variable) => variables.get(&variable)?.clone(),
            };
            Some((name, value))
        });
    Some(named.collect())
}

/// Where the name of the procedure stands first.
pub(super) fn place_of_name(text: &str) -> Option<usize> {
    let name = PROCEDURE.as_bytes();
    let mut places = text.as_bytes().windows(name.len());
    places.position(|place| place.eq_ignore_ascii_case(name))
}

/// What stands behind the name of the procedure, where it is called.
fn behind_name(text: &str) -> Option<&str> {
    let at = place_of_name(text)?;
    let before = without_qualifiers(text.get(..at)?);
    let is_alone = before.is_empty() || before.ends_with(['\t', '\n']);
    let before = before.trim_end().to_ascii_lowercase();
    // Where the status goes: `exec @status = name`.
    let before = before.strip_suffix('=').map_or(before.as_str(), |before| {
        let before = before.trim_end().trim_end_matches(is_of_name);
        before.strip_suffix(['@', '?']).unwrap_or(before).trim_end()
    });
    let is_called = ["exec", "execute", "call"]
        .iter()
        .any(|word| before.ends_with(word));
    let behind = text.get(at + PROCEDURE.len()..)?;
    (is_called || is_alone).then(|| behind.strip_prefix([']', '"']).unwrap_or(behind))
}

/// What stands before the database and the schema: `CM_P01.dbo.`, `[CM_P01]..[`.
fn without_qualifiers(before: &str) -> &str {
    let mut before = before.strip_suffix(['[', '"']).unwrap_or(before);
    while let Some(rest) = before.strip_suffix('.') {
        let in_brackets = || {
            let rest = rest.strip_suffix(']')?;
            rest.get(..rest.rfind('[')?)
        };
        before = in_brackets().unwrap_or_else(|| rest.trim_end_matches(is_of_name));
    }
    before
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Assignments to variables further behind: `@P1=N'…'`.
fn variables(text: &str) -> BTreeMap<String, Value> {
    let mut variables = BTreeMap::new();
    let mut cursor = Cursor { rest: text };
    while variables.len() < MOST && cursor.skip_to('@') {
        let Some(name) = cursor.name() else {
            continue;
        };
        if !cursor.takes("=") {
            continue;
        }
        if let Some(Given::Value(value)) = cursor.given() {
            variables.insert(name.to_ascii_lowercase(), value);
        }
    }
    variables
}

impl<'t> Cursor<'t> {
    /// Parameters, separated by commas.
    pub(super) fn list(&mut self) -> Vec<(Option<String>, Given)> {
        let mut list = Vec::new();
        while list.len() < MOST {
            let Some(parameter) = self.parameter() else {
                break;
            };
            list.push(parameter);
            self.skip_output();
            if !self.takes(",") {
                break;
            }
        }
        list
    }

    /// `@Name = value`, `(@Name) value` or `value`.
    fn parameter(&mut self) -> Option<(Option<String>, Given)> {
        let before = self.rest;
        if self.takes("(") {
            let name = self.takes("@").then(|| self.word())?;
            self.takes(")").then_some(())?;
            return Some((Some(name.to_owned()), self.given()?));
        }
        if self.takes("@") {
            let name = self.word();
            if self.takes("=") {
                return Some((Some(name.to_owned()), self.given()?));
            }
            self.rest = before;
        }
        Some((None, self.given()?))
    }

    /// That a variable gets a value back.
    fn skip_output(&mut self) {
        let before = self.rest;
        let word = self.word();
        if !word.eq_ignore_ascii_case("output") && !word.eq_ignore_ascii_case("out") {
            self.rest = before;
        }
    }

    fn given(&mut self) -> Option<Given> {
        if self.takes("@") {
            let name = self.word().to_ascii_lowercase();
            return (!name.is_empty()).then_some(Given::Variable(name));
        }
        self.value().map(Given::Value)
    }

    fn value(&mut self) -> Option<Value> {
        self.rest = self.rest.trim_start();
        let bare = self.rest.strip_prefix(['N', 'n']).unwrap_or(self.rest);
        if let Some(quote) = bare
            .chars()
            .next()
            .filter(|quote| matches!(quote, '\'' | '"'))
        {
            self.rest = bare.get(1..)?;
            return self.quoted(quote).map(Value::Text);
        }
        let word = self.word();
        if let Some(digits) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            return bytes(digits).map(Value::Bytes);
        }
        if word.eq_ignore_ascii_case("null") || word.eq_ignore_ascii_case("default") {
            return Some(Value::Null);
        }
        word.parse().ok().map(Value::Number)
    }

    /// A text up to its quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once(quote)?;
            text.push_str(part);
            let Some(more) = rest.strip_prefix(quote) else {
                self.rest = rest;
                return Some(text);
            };
            text.push(quote);
            self.rest = more;
        }
    }

    pub(super) fn word(&mut self) -> &'t str {
        self.rest = self.rest.trim_start();
        let is_of_word =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '+');
        let end = self.rest.find(|letter| !is_of_word(letter));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// A name behind `@`, which is not empty.
    fn name(&mut self) -> Option<&'t str> {
        Some(self.word()).filter(|name| !name.is_empty())
    }

    fn takes(&mut self, sign: &str) -> bool {
        let trimmed = self.rest.trim_start();
        let found = trimmed.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn skip_to(&mut self, sign: char) -> bool {
        let found = self.rest.split_once(sign);
        self.rest = found.map_or("", |(_, rest)| rest);
        found.is_some()
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
