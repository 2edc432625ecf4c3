//! The call that stores a registration, in a request of TDS: of the procedure itself, or of one that runs a text (MS-TDS 2.2.6.6
//! and 2.2.6.7).
//!
//! Never gives anything of a request that is not that call.

use std::collections::BTreeMap;

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};
use crate::wire::registration_call::{
    PARAMETERS, PROCEDURE, RegistrationCall, Value, declared_names,
};
use crate::wire::tds::{PacketType, value};

/// Instead of the length of a name: a number follows.
pub(super) const BY_NUMBER: u16 = 0xffff;
/// Procedures by number that get a text and its values (MS-TDS 2.2.6.6).
const EXECUTE_SQL: u16 = 10;
const PREPARE_AND_EXECUTE: u16 = 13;
/// Between calls in one request: this byte stands where a name's length would (`80` in TDS 7.1).
pub(super) const BETWEEN_CALLS: [u8; 3] = [0x80, 0xfe, 0xff];
/// Parameters of a call that are read, and calls of a request.
pub(super) const MOST: usize = 256;

/// What is called.
enum Called {
    Procedure,
    ExecuteSql,
    PrepareAndExecute,
    Other,
}

/// A parameter as it stands there.
struct Parameter {
    name: String,
    /// `None` where it is of a kind that is not read.
    value: Option<Value>,
}

/// The call in the request `message`, which is without headers of packets. `is_whole`: it is all there; where not, what stands
/// before the cut is taken.
pub fn call(kind: PacketType, message: &[u8], is_whole: bool) -> Option<RegistrationCall> {
    if !names_procedure(message) {
        return None;
    }
    let skipped = headers(message).unwrap_or(0);
    let request = message.get(skipped..)?;
    match kind {
        PacketType::BATCH => of_text(request, is_whole),
        PacketType::RPC => of_calls(request),
        _ => None,
    }
}

/// Whether the name stands anywhere: most requests are not looked at further.
pub fn names_procedure(message: &[u8]) -> bool {
    let wide: Vec<u8> = PROCEDURE
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    message
        .windows(wide.len())
        .any(|place| place.eq_ignore_ascii_case(&wide))
}

/// Whether the name stands in a text of ASCII.
pub fn names_procedure_in_text(text: &[u8]) -> bool {
    let name = PROCEDURE.as_bytes();
    text.windows(name.len())
        .any(|place| place.eq_ignore_ascii_case(name))
}

/// Bytes of ALL_HEADERS at the front (MS-TDS 2.2.5.3); `None` where there are none, as before TDS 7.2.
pub fn headers(message: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(message);
    let all = reader.u32_le("headers").ok()?;
    let first = reader.u32_le("header").ok()?;
    let kind = reader.u16_le("header").ok()?;
    let is_one = (10..=1024).contains(&all) && first <= all - 4 && matches!(kind, 1..=3);
    is_one.then(|| usize::try_from(all).ok()).flatten()
}

/// A text that is cut is read to its last comma: a value before it is whole.
fn of_text(request: &[u8], is_whole: bool) -> Option<RegistrationCall> {
    let text = WireText::from_utf16le(request);
    let text = text.as_str();
    let text = if is_whole {
        text
    } else {
        text.rsplit_once(',')?.0
    };
    RegistrationCall::of_text(text)
}

fn of_calls(request: &[u8]) -> Option<RegistrationCall> {
    let mut reader = Reader::new(request);
    for _ in 0..MOST {
        let called = called(&mut reader).ok()?;
        reader.u16_le("options of a call").ok()?;
        let mut parameters = Vec::new();
        let read = read(&mut reader, &mut parameters);
        if let Some(call) = of_call(&called, parameters) {
            return Some(call);
        }
        read.ok()?;
    }
    None
}

fn called(reader: &mut Reader<'_>) -> Result<Called, DecodeError> {
    let len = reader.u16_le("name of a procedure")?;
    if len == BY_NUMBER {
        return Ok(match reader.u16_le("number of a procedure")? {
            EXECUTE_SQL => Called::ExecuteSql,
            PREPARE_AND_EXECUTE => Called::PrepareAndExecute,
            _ => Called::Other,
        });
    }
    let name = reader.bytes(usize::from(len) * 2, "name of a procedure")?;
    let name = WireText::from_utf16le(name);
    let last = name.as_str().rsplit('.').next().unwrap_or_default();
    let last = last.trim_start_matches('[').trim_end_matches(']');
    let is = |known: &str| last.eq_ignore_ascii_case(known);
    Ok(if is(PROCEDURE) {
        Called::Procedure
    } else if is("sp_executesql") {
        Called::ExecuteSql
    } else if is("sp_prepexec") {
        Called::PrepareAndExecute
    } else {
        Called::Other
    })
}

/// Reads the parameters of a call up to the next one, or to the end.
fn read(reader: &mut Reader<'_>, parameters: &mut Vec<Parameter>) -> Result<(), DecodeError> {
    while parameters.len() < MOST {
        if reader.is_empty() {
            return Ok(());
        }
        let len = reader.u8("name of a parameter")?;
        if BETWEEN_CALLS.contains(&len) {
            return Ok(());
        }
        let name = reader.bytes(usize::from(len) * 2, "name of a parameter")?;
        let name = WireText::from_utf16le(name);
        reader.u8("status of a parameter")?;
        parameters.push(Parameter {
            name: name.as_str().trim_start_matches('@').to_owned(),
            value: value::take(reader)?,
        });
    }
    Err(reader.error("parameters", DecodeErrorKind::Malformed))
}

fn of_call(called: &Called, parameters: Vec<Parameter>) -> Option<RegistrationCall> {
    match called {
        Called::Procedure => RegistrationCall::of_values(named(parameters)),
        Called::ExecuteSql => of_run(parameters, 0, 1),
        // The first one is where the server puts the number of what it prepared.
        Called::PrepareAndExecute => of_run(parameters, 2, 1),
        Called::Other => None,
    }
}

/// Parameters with their names; those without one have their place in the procedure's order.
fn named(parameters: Vec<Parameter>) -> Vec<(String, Value)> {
    let named = parameters
        .into_iter()
        .enumerate()
        .filter_map(|(at, given)| {
            let name = match given.name.as_str() {
                "" => (*PARAMETERS.get(at)?).to_owned(),
                _ => given.name,
            };
            Some((name, given.value?))
        });
    named.collect()
}

/// A text with its variables: `text` and `declared` say where the text and the declaration of its variables stand, which the
/// values follow.
fn of_run(parameters: Vec<Parameter>, text: usize, declared: usize) -> Option<RegistrationCall> {
    let text_of = |at: usize| match &parameters.get(at)?.value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let text_run = text_of(text)?;
    let declaration = text_of(declared).unwrap_or_default();
    let names = declared_names(&declaration);
    let values = parameters.into_iter().skip(text.max(declared) + 1);
    let variables: BTreeMap<String, Value> = values
        .enumerate()
        .filter_map(|(at, given)| {
            let name = match given.name.as_str() {
                "" => names.get(at)?.clone(),
                name => name.to_ascii_lowercase(),
            };
            Some((name, given.value?))
        })
        .collect();
    RegistrationCall::of_statement(&text_run, variables)
}
