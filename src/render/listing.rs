//! The listing for people and for spreadsheets: one message a line.
//!
//! Never wraps a line: they are to be searched.

use std::io::{self, Write};

use crate::listing::Line;
use crate::render::csv::values;
use crate::render::escape::{Ascii, Terminal};
use crate::render::layout::{pad, width};
use crate::render::terminal::style::{Ink, Palette};
use crate::render::terminal::{Look, Signs};
use crate::render::wording::times::moment;

/// What stands behind a message some of whose bytes were not captured.
const NOT_WHOLE: &str = "  (not whole)";

/// A line's columns.
struct Row {
    frames: String,
    time: String,
    way: String,
    kind: &'static str,
    summary: String,
}

/// Writes the lines in aligned columns; relative times are seconds since the first message, and the width is that of the text. Where
/// several `files` are listed, frames are called by their file too: `mp.cap#25`.
pub fn render(lines: &[Line], files: &[String], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(look.colour);
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| row(line, &lines[0], files, look))
        .collect();
    let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| width(cell(row))).max();
    let frames = widest(|row| &row.frames).unwrap_or(0);
    let time = widest(|row| &row.time).unwrap_or(0);
    let way = widest(|row| &row.way).unwrap_or(0);
    let kind = widest(|row| row.kind).unwrap_or(0);
    for row in &rows {
        let text = format!(
            "{}  {:>time$}  {}  {}  {}",
            palette.paint(Ink::Strong, &pad(&row.frames, frames)),
            row.time,
            palette.paint(Ink::Quiet, &pad(&row.way, way)),
            pad(row.kind, kind),
            row.summary,
        );
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

/// The columns of the listing as comma-separated values.
const COLUMNS: [&str; 10] = [
    "file",
    "first_frame",
    "last_frame",
    "time",
    "src",
    "dst",
    "transport",
    "kind",
    "complete",
    "summary",
];

/// Writes the lines as comma-separated values, with a line of names; times are in UTC.
pub fn csv(lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    let names = COLUMNS.map(str::to_owned);
    std::iter::once(names)
        .chain(lines.iter().map(cells))
        .try_for_each(|row| values(&row, out))
}

fn cells(line: &Line) -> [String; 10] {
    [
        line.file.map_or_else(String::new, |file| file.to_string()),
        line.first_frame().to_string(),
        line.last_frame().to_string(),
        line.time.to_string(),
        line.src.clone(),
        line.dst.clone(),
        line.transport.to_owned(),
        line.kind.to_owned(),
        line.is_complete.to_string(),
        line.summary.clone(),
    ]
}

fn row(line: &Line, first: &Line, files: &[String], look: Look) -> Row {
    let (from, to) = (line.first_frame(), line.last_frame());
    let file = line.file.and_then(|file| files.get(file));
    let file = file.map_or_else(String::new, |file| format!("{}#", Terminal(file)));
    let whole = if line.is_complete { "" } else { NOT_WHOLE };
    let safe = |text: String| match look.signs {
        Signs::Unicode => text,
        Signs::Ascii => Ascii(&text).to_string(),
    };
    Row {
        frames: safe(if from == to {
            format!("{file}{from}")
        } else {
            format!("{file}{from}–{to}")
        }),
        time: moment(look.times, line.time, first.time),
        way: safe(format!("{} → {}", line.src, line.dst)),
        kind: line.kind,
        summary: safe(format!("{}{whole}", Terminal(&line.summary))),
    }
}

/// Seconds with three digits behind the point, cut and not rounded.
pub(super) fn seconds(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let millis = nanos.unsigned_abs() / 1_000_000;
    format!("{sign}{}.{:03}", millis / 1_000, millis % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameNumber, Timestamp};
    use crate::listing::Fields;
    use crate::render::terminal::{Colour, Times};

    fn line(frames: &[u64], kind: &'static str, nanos: i64, summary: &str) -> Line {
        Line {
            kind,
            frames: frames.iter().map(|&frame| FrameNumber(frame)).collect(),
            other_frames: Vec::new(),
            file: None,
            time: Timestamp::from_nanos(nanos),
            src: "10.0.0.1:49152".to_owned(),
            dst: "10.0.0.2:80".to_owned(),
            transport: "tcp",
            is_complete: true,
            fields: Fields::default(),
            summary: summary.to_owned(),
        }
    }

    fn shown(lines: &[Line], signs: Signs) -> String {
        let look = Look {
            columns: 100,
            colour: Colour::Off,
            signs,
            times: Times::Relative,
            clocks: crate::render::terminal::Clocks::Off,
            story: crate::render::terminal::Story::Table,
        };
        let mut text = Vec::new();
        render(
            lines,
            &["client.pcap".to_owned(), "mp.cap".to_owned()],
            look,
            &mut text,
        )
        .expect("writing to memory");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn columns_stand_below_each_other() {
        let cut = Line {
            is_complete: false,
            ..line(&[7, 12], "http-response", 2_345_678_901, "401 Unauthorized")
        };
        let lines = [line(&[4], "http-request", 1_000_000_000, "GET /"), cut];
        assert_eq!(
            shown(&lines, Signs::Unicode),
            "4     0.000  10.0.0.1:49152 → 10.0.0.2:80  http-request   GET /\n\
             7–12  1.345  10.0.0.1:49152 → 10.0.0.2:80  http-response  401 Unauthorized  (not whole)\n"
        );
        assert!(shown(&lines, Signs::Ascii).contains("7-12  1.345  10.0.0.1:49152 -> 10.0.0.2:80"));
        assert_eq!(shown(&[], Signs::Ascii), "");
    }

    #[test]
    fn frames_of_several_captures_are_called_by_their_files() {
        let of = |file, frames: &[u64]| Line {
            file: Some(file),
            ..line(frames, "ntp", 0, "asks")
        };
        let text = shown(&[of(0, &[4]), of(1, &[7, 12])], Signs::Unicode);
        let frames: Vec<&str> = text.lines().filter_map(|it| it.split(' ').next()).collect();
        assert_eq!(frames, ["client.pcap#4", "mp.cap#7–12"]);
    }

    #[test]
    fn a_message_is_one_line_whatever_it_says() {
        let lines = [line(&[4], "http-request", 0, "GET /\r\n\u{1b}[2J")];
        let text = shown(&lines, Signs::Unicode);
        assert_eq!(text.lines().count(), 1);
        assert!(text.ends_with("GET /\\u{d}\\u{a}\\u{1b}[2J\n"), "{text}");
    }

    #[test]
    fn a_time_before_the_first_is_negative() {
        assert_eq!(seconds(-1_234_000_000), "-1.234");
        assert_eq!(seconds(59_999_999_999), "59.999");
    }
}
