//! The mirror of what was read: captures, then logs.
//!
//! Never says anything of a file that does not belong to its kind.

use serde::Serialize;

use crate::frame::Viewer;
use crate::render::InputFile;
use crate::report::{Input, LogReport, Report};

#[derive(Serialize)]
pub(super) struct InputMirror<'a> {
    file: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_viewer: Option<&'static str>,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_lines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_offset_ms: Option<[i64; 2]>,
}

/// What was read, with the `files` in the same order.
pub(super) fn all<'a>(report: &'a Report, files: &'a [InputFile]) -> Vec<InputMirror<'a>> {
    let mut files = files.iter();
    let captures = report
        .inputs
        .iter()
        .zip(files.by_ref().take(report.inputs.len()));
    let captures: Vec<InputMirror<'a>> = captures.map(|(read, file)| input(read, file)).collect();
    let logs = report
        .logs
        .iter()
        .zip(files)
        .map(|(read, file)| log(read, file));
    captures.into_iter().chain(logs).collect()
}

fn input<'a>(input: &Input, file: &'a InputFile) -> InputMirror<'a> {
    InputMirror {
        file: &file.name,
        kind: "capture",
        format: Some(input.format),
        bytes: file.bytes,
        sha256: file.sha256.as_deref(),
        frames: Some(input.frames),
        first_time: input.first_time.map(|time| time.to_string()),
        last_time: input.last_time.map(|time| time.to_string()),
        link_types: Some(input.link_types.iter().map(ToString::to_string).collect()),
        other_viewer: input.other_viewer.map(|viewer| match viewer {
            Viewer::Wireshark => "wireshark",
            Viewer::NetworkMonitor => "netmon",
        }),
        complete: input.complete,
        lines: None,
        joined_lines: None,
        clock_offset_ms: None,
    }
}

fn log<'a>(log: &LogReport, file: &'a InputFile) -> InputMirror<'a> {
    InputMirror {
        file: &file.name,
        kind: log.kind,
        format: None,
        bytes: file.bytes,
        sha256: file.sha256.as_deref(),
        frames: None,
        first_time: log.first_time.map(|time| time.to_string()),
        last_time: log.last_time.map(|time| time.to_string()),
        link_types: None,
        other_viewer: None,
        complete: log.is_complete,
        lines: Some(log.lines),
        joined_lines: Some(log.joined),
        clock_offset_ms: log.clock_ms.map(|(least, most)| [least, most]),
    }
}
