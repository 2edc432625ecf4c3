//! What was read, and how its frames are numbered.

use crate::frame::Viewer;
use crate::render::terminal::Times;
use crate::render::wording::times::period;
use crate::report::{Input, LogReport, Report};

/// How the frames of several captures are counted.
const MERGED: &str =
    "The captures are read as one, by time: frames are named by their file and their number there.";

/// How frames are numbered, and what the captures have in common: a sentence each, and none where there is nothing to say.
pub(in crate::render) fn numbering(report: &Report) -> Vec<&str> {
    if report.attempts.is_empty() {
        return Vec::new();
    }
    if report.inputs.len() > 1 {
        let vantages = report.vantages.iter().map(String::as_str);
        return std::iter::once(MERGED).chain(vantages).collect();
    }
    let viewer = report.inputs.iter().find_map(|read| read.other_viewer);
    viewer.map(others).into_iter().collect()
}

/// Whose numbers stand beside those of the frames.
const fn others(viewer: Viewer) -> &'static str {
    match viewer {
        Viewer::Wireshark => {
            "Frames have the numbers that Network Monitor shows; beside them stand Wireshark's."
        }
        Viewer::NetworkMonitor => {
            "Frames have the numbers that Wireshark shows of the converted trace; beside them stand those of the events, which \
             Network Monitor shows."
        }
    }
}

/// `30 frames  2009-05-20 19:35:10.912 – 19:35:13.401 UTC`.
pub(in crate::render) fn capture(input: &Input, times: Times) -> String {
    let s = if input.frames == 1 { "" } else { "s" };
    let frames = format!("{} frame{s}", input.frames);
    match (input.first_time, input.last_time) {
        (Some(first), Some(last)) => format!("{frames}  {}", period(times, first, last)),
        _ => frames,
    }
}

/// What kind of log it is, how many lines it has, and what came of them.
pub(in crate::render) fn log(log: &LogReport, times: Times) -> String {
    let period = match (log.first_time, log.last_time) {
        (Some(first), Some(last)) => format!(", {}", period(times, first, last)),
        _ => String::new(),
    };
    let clock = log.clock_ms.map_or_else(String::new, |(least, most)| {
        format!(
            "; its clock minus the capture's is between {} and {} s",
            seconds(least),
            seconds(most)
        )
    });
    let lines = if log.lines == 1 { "line" } else { "lines" };
    format!(
        "{}, {} {lines}{period}; {} of them in the story{clock}",
        log.kind, log.lines, log.joined
    )
}

fn seconds(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "+" };
    let all = milliseconds.unsigned_abs();
    format!("{sign}{}.{:03}", all / 1_000, all % 1_000)
}
