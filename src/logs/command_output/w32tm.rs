//! `w32tm /stripchart`: how far the clock of a machine is from that of the one on which the command ran.
//!
//! Its distances are printed the same in every language, and so is the address in its first line.

use std::net::SocketAddr;

use crate::logs::command_output::{ClockChart, CommandFact, Reading, Sink, kept};
use crate::text::WireText;

/// Distances that are kept: the middle one of so many does not move any more.
const MOST: usize = 1_024;
/// No clock is further off than so many seconds: the sample is damaged.
const FURTHEST: f64 = 1e9;

pub(super) fn is_of(line: &str) -> bool {
    line.starts_with("Tracking ") && peer(line).is_some()
        || line.contains("d:") && line.contains("o:") && offset(line).is_some()
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    peer: Option<(SocketAddr, Option<WireText>)>,
    /// The line of the first distance.
    number: u64,
    offsets: Vec<i64>,
}

impl Reading for Reader {
    fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>) {
        if let Some(found) = peer(line) {
            self.finish(sink);
            self.peer = Some(found);
        } else if let Some(offset) = offset(line)
            && self.offsets.len() < MOST
        {
            if self.offsets.is_empty() {
                self.number = number;
            }
            self.offsets.push(offset);
        }
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let mut offsets = std::mem::take(&mut self.offsets);
        offsets.sort_unstable();
        let middle = offsets.get(offsets.len() / 2).copied();
        if let Some((middle, (peer, name))) = middle.zip(self.peer.take()) {
            let chart = ClockChart {
                peer: peer.ip(),
                name,
                offset_nanos: middle,
                samples: offsets.len(),
            };
            sink(self.number, CommandFact::Clock(chart));
        }
    }
}

/// The address, and the name in front of it, of `Tracking dc1.example.com [10.0.0.10:123].`
fn peer(line: &str) -> Option<(SocketAddr, Option<WireText>)> {
    // An IPv6 address stands in brackets of its own.
    let (before, rest) = line.split_once('[')?;
    let (inner, _) = rest.rsplit_once(']')?;
    let address: SocketAddr = inner.trim().parse().ok()?;
    let name = before.split_whitespace().last().map(kept);
    (address.port() == 123).then_some((address, name))
}

/// The distance of `23:59:58, d:+00.0541615s o:-00.0031265s  [ * ]`, or of `23:59:58, -00.0031265s`, in nanoseconds.
fn offset(line: &str) -> Option<i64> {
    let line = line.trim();
    let text = match line.split_once("o:") {
        Some((_, text)) => text,
        None => line.split_once(", ")?.1,
    };
    let clock = line.get(..8)?.bytes().filter(|byte| *byte == b':').count();
    let is_dated = line.starts_with(|first: char| first.is_ascii_digit()) && clock >= 1;
    let (number, _) = text.trim_start().split_once('s')?;
    let is_signed = number.starts_with(['+', '-']);
    let seconds: f64 = number.replace(',', ".").parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let nanos = (seconds * 1e9).round() as i64;
    (is_dated && is_signed && seconds.abs() < FURTHEST).then_some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::command_output::{Command, facts};

    fn charts(text: &str) -> Vec<ClockChart> {
        let all = facts(Command::W32tm, text).into_iter();
        all.filter_map(|(_, fact)| match fact {
            CommandFact::Clock(chart) => Some(chart),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn the_middle_distance_is_told() {
        let text = "Tracking dc1.root.lab [10.0.0.10:123].\r\nCollecting 4 samples.\r\nThe current time is 9/30/2026 11:59:58 PM.\r\n23:59:58, d:+00.0541615s o:-412.0031265s  [  *  |  ]\r\n23:59:59, d:+00.0540000s o:-412.0031000s  [  *  |  ]\r\n00:00:00, error: 0x800705B4\r\n00:00:01, d:+00.0539000s o:-412.0030000s  [  *  |  ]\r\n";
        let all = charts(text);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].offset_nanos, -412_003_100_000);
        assert_eq!(all[0].samples, 3);
        assert_eq!(all[0].peer, std::net::IpAddr::from([10, 0, 0, 10]));
        assert_eq!(all[0].name, Some("dc1.root.lab".into()));
    }

    #[test]
    fn bare_distances_and_other_languages_say_the_same() {
        let bare = "Tracking dc1 [10.0.0.10:123].\n10:37:19, +01.0620337s\n";
        assert_eq!(charts(bare)[0].offset_nanos, 1_062_033_700);
        let other = "\u{6b63}\u{5728}\u{8ddf}\u{8e2a} 10.0.0.10 [10.0.0.10:123]\u{3002}\n14:35:03, d:+00.0003226s o:+00.0000873s  [ * ]\n";
        assert_eq!(charts(other)[0].offset_nanos, 87_300);
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        assert!(!is_of("Tracking the package [10.0.0.10:80]"));
        assert!(!is_of("10:37:19, +01.0620337s"));
        assert!(charts("10:37:19, +01.0620337s\n").is_empty());
        assert!(charts("Tracking dc1 [10.0.0.10:123].\n10:37:19, +nans\n").is_empty());
        assert!(is_of("14:35:03, d:+00.0003226s o:+00.0000873s  [ * ]"));
    }
}
