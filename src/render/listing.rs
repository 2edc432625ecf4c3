//! The listing for people: one message a line.
//!
//! Never wraps a line: they are to be searched.

use std::io::{self, Write};

use crate::listing::Line;
use crate::render::escape::{Ascii, Terminal};
use crate::render::layout::{pad, width};

/// Writes the lines in aligned columns.
pub fn render(lines: &[Line], is_ascii: bool, out: &mut dyn Write) -> io::Result<()> {
    let widest = |cell: &dyn Fn(&Line) -> String| {
        lines
            .iter()
            .map(|line| width(&cell(line)))
            .max()
            .unwrap_or(0)
    };
    let frames = widest(&frames);
    let way = widest(&way);
    let kind = lines.iter().map(|line| line.kind.len()).max().unwrap_or(0);
    let begun = lines.first().map(|line| line.time);
    for line in lines {
        let since = begun.map_or(0, |begun| line.time.since(begun));
        let text = format!(
            "{}  {:>9}  {}  {}  {}{}",
            pad(&self::frames(line), frames),
            seconds(since),
            pad(&self::way(line), way),
            pad(line.kind, kind),
            Terminal(&line.summary),
            if line.is_complete {
                ""
            } else {
                "  (not whole)"
            },
        );
        if is_ascii {
            writeln!(out, "{}", Ascii(text.trim_end()))?;
        } else {
            writeln!(out, "{}", text.trim_end())?;
        }
    }
    Ok(())
}

fn frames(line: &Line) -> String {
    let (first, last) = (line.first_frame(), line.last_frame());
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

fn way(line: &Line) -> String {
    format!("{} → {}", line.src, line.dst)
}

/// Seconds with three digits behind the point, cut and not rounded.
pub(super) fn seconds(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let millis = nanos.unsigned_abs() / 1_000_000;
    format!("{sign}{}.{:03}", millis / 1_000, millis % 1_000)
}
