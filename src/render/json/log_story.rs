//! The mirror of what logs say without a capture.
//!
//! Never has a frame.

use serde::Serialize;

use crate::outcome::ApprovalState;
use crate::story::log_story::{LogLine, LogStory, Reading};

#[derive(Serialize)]
pub(super) struct LogStoryMirror<'a> {
    readings: Vec<ReadingMirror<'a>>,
    untold_readings: u64,
    unfollowed_lines: u64,
    lines: Vec<LineMirror<'a>>,
    untold_lines: u64,
    open: &'a [&'static str],
    commands: Vec<CommandMirror>,
}

#[derive(Serialize)]
struct ReadingMirror<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    text: &'a str,
    sources: &'a [String],
}

#[derive(Serialize)]
struct LineMirror<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    source: &'a str,
    speaker: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct CommandMirror {
    on: &'static str,
    command: &'static str,
}

pub(super) fn log_story(story: &LogStory) -> LogStoryMirror<'_> {
    let commands = story.commands.iter();
    LogStoryMirror {
        readings: story.readings.iter().map(reading).collect(),
        untold_readings: story.untold_readings,
        unfollowed_lines: story.unfollowed_lines,
        lines: story.lines.iter().map(line).collect(),
        untold_lines: story.untold_lines,
        open: &story.open,
        commands: commands
            .map(|&(on, command)| CommandMirror { on, command })
            .collect(),
    }
}

fn reading(reading: &Reading) -> ReadingMirror<'_> {
    ReadingMirror {
        outcome: reading.outcome,
        approval: reading.approval.map(ApprovalState::name),
        client: reading.client.map(|client| client.to_string()),
        text: &reading.text,
        sources: &reading.sources,
    }
}

fn line(line: &LogLine) -> LineMirror<'_> {
    LineMirror {
        time: line.time.map(|time| time.to_string()),
        source: &line.source,
        speaker: &line.speaker,
        text: &line.text,
    }
}
