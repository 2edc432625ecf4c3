//! JSON, the contract with other programs: the report in one piece, and a message a line.
//!
//! Never shares its shape with the analysis: the structs here are mirrors, so that the model stays free to change. Adding
//! fields is free; renaming or removing one raises the number in [`SCHEMA`].

pub mod compare;
mod findings;
mod inputs;
mod log_story;
mod mirror;
mod reasoning;
pub mod reference;
pub(super) mod survey;

use std::io::{self, Write};

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::listing::{Fields, Line, Value};
use crate::render::InputFile;
use crate::render::escape::Json;
use crate::report::Report;

/// The shape of the report.
pub const SCHEMA: &str = "why401/report/1";

/// What is described by a JSON Schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Described {
    /// The report, and in the `$defs` of its schema a finding by itself.
    Report,
    /// A message of a listing.
    List,
    /// A line of a survey.
    Scan,
    /// A comparison.
    Compare,
}

/// Writes the schema.
pub fn schema(of: Described, out: &mut dyn Write) -> io::Result<()> {
    let description = match of {
        Described::Report => include_str!("report.schema.json"),
        Described::List => include_str!("list.schema.json"),
        Described::Scan => include_str!("scan.schema.json"),
        Described::Compare => include_str!("compare.schema.json"),
    };
    out.write_all(description.as_bytes())
}

/// Writes the report in one piece.
pub fn report(report: &Report, files: &[InputFile], out: &mut dyn Write) -> io::Result<()> {
    let document = serde_json::to_string_pretty(&mirror::report(report, files))?;
    writeln!(out, "{}", Json(&document))
}

/// Writes one finding a line, each with the attempt that it is about.
pub fn findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for line in findings::lines(report) {
        let document = serde_json::to_string(&line)?;
        writeln!(out, "{}", Json(&document))?;
    }
    Ok(())
}

/// Writes named values in one piece.
pub fn fields(fields: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let document = serde_json::to_string_pretty(&FieldsMirror(fields))?;
    writeln!(out, "{}", Json(&document))
}

/// Writes one message a line.
pub fn listing(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        let document = serde_json::to_string(&LineMirror(line))?;
        writeln!(out, "{}", Json(&document))?;
    }
    Ok(())
}

struct LineMirror<'a>(&'a Line);

impl Serialize for LineMirror<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = self.0;
        let frames: Vec<u64> = line.frames.iter().map(|frame| frame.0).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", line.kind)?;
        if let Some(file) = line.file {
            map.serialize_entry("file", &file)?;
        }
        map.serialize_entry("frames", &frames)?;
        if !line.other_frames.is_empty() {
            let others: Vec<u64> = line.other_frames.iter().map(|frame| frame.0).collect();
            map.serialize_entry("other_frames", &others)?;
        }
        map.serialize_entry("first_frame", &line.first_frame().0)?;
        map.serialize_entry("last_frame", &line.last_frame().0)?;
        map.serialize_entry("complete", &line.is_complete)?;
        map.serialize_entry("time", &line.time.to_string())?;
        map.serialize_entry("src", &line.src)?;
        map.serialize_entry("dst", &line.dst)?;
        map.serialize_entry("transport", line.transport)?;
        for (name, value) in &line.fields.0 {
            map.serialize_entry(name, &ValueMirror(value))?;
        }
        map.end()
    }
}

struct ValueMirror<'a>(&'a Value);

impl Serialize for ValueMirror<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_i64(*number),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&ValueMirror(value))?;
                }
                list.end()
            }
            Value::Object(fields) => FieldsMirror(fields).serialize(serializer),
        }
    }
}

struct FieldsMirror<'a>(&'a Fields);

impl Serialize for FieldsMirror<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fields(fields) = self.0;
        let mut map = serializer.serialize_map(Some(fields.len()))?;
        for (name, value) in fields {
            map.serialize_entry(name, &ValueMirror(value))?;
        }
        map.end()
    }
}
