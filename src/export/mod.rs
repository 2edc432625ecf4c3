//! The extract: only the frames that matter, as a small pcapng whose packet comments tell the story.
//!
//! Never decides which frames matter: the report does. What it adds is what keeps them readable: the rest of their connections,
//! and the first and the last frame of the capture, between which the story stands.

mod pcapng;
mod redacted;

pub use redacted::{Kinds, redacted};

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::net::IpAddr;

use crate::capture::{CaptureError, CaptureReader};
use crate::endpoint::Flow;
use crate::export::pcapng::{LONGEST, Writer};
use crate::finding::{Rival, Severity};
use crate::frame::{FrameNumber, Timestamp};
use crate::net::link::Network;
use crate::net::packet::{Origin, Packet, TcpFlags};
use crate::render::escape::Terminal;
use crate::report::{AttemptReport, Report};

/// How much of a connection before and behind the story is kept: a handshake, a retransmission, an end.
const AROUND_NANOS: i64 = 30_000_000_000;
/// Frames that are kept at most: an extract of more is none.
const MOST: usize = 100_000;
/// What stands before the numbers of frames.
const MAP: &str = "Frame here=frame there:";
/// What the extract says of what is in it.
const AS_CAPTURED: &str = "names and tickets are as they were captured";

/// The frames of a story, and what is said of them.
#[derive(Debug, Default)]
pub struct Choice {
    comments: BTreeMap<FrameNumber, String>,
    names: Vec<(IpAddr, String)>,
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Frames of the capture.
    pub of: u64,
    /// Frames of the extract.
    pub frames: u64,
}

impl Choice {
    /// The frames of all attempts, or of the one with the number `attempt`; `None` where there is none of it.
    pub fn of(report: &Report, attempt: Option<u64>) -> Option<Self> {
        let wanted = |told: &&AttemptReport| attempt.is_none_or(|id| told.id == id);
        let mut choice = Self::default();
        for told in report.attempts.iter().filter(wanted) {
            choice.add(told);
        }
        let of_capture = report.findings.iter().filter(|_| attempt.is_none());
        for evidence in of_capture.flat_map(|finding| &finding.evidence) {
            choice.say(evidence.frame, &evidence.text);
        }
        let named = report.hosts.iter();
        choice.names = named
            .filter_map(|host| Some((host.address, safe(host.names.first()?))))
            .collect();
        (!choice.comments.is_empty()).then_some(choice)
    }

    fn add(&mut self, attempt: &AttemptReport) {
        for step in &attempt.steps {
            let text = format!("{} → {}: {}", step.from.label, step.to.label, step.text);
            for (place, frame) in step.frames.iter().enumerate() {
                let more = if place == 0 { "" } else { " (continued)" };
                self.say(*frame, &format!("{text}{more}"));
            }
        }
        for finding in &attempt.findings {
            for evidence in &finding.evidence {
                let text = match (finding.headline, finding.severity) {
                    (true, Severity::Error) => format!("CAUSE: {}", finding.title),
                    (true, _) => format!("WARNING: {}", finding.title),
                    (false, _) => evidence.text.clone(),
                };
                self.say(evidence.frame, &format!("{text} [{}]", finding.rule.id));
            }
            finding.rivals.iter().for_each(|rival| self.weigh(rival));
        }
    }

    /// What was weighed of a rival, without which it would weigh something else.
    fn weigh(&mut self, rival: &Rival) {
        let Some(standing) = &rival.standing else {
            return;
        };
        let sides = [
            ("for", &standing.speaks_for),
            ("against", &standing.speaks_against),
        ];
        for (side, seen) in sides {
            for evidence in seen {
                let text = format!("{} [speaks {side} {}]", evidence.text, rival.rule);
                self.say(evidence.frame, &text);
            }
        }
    }

    /// Adds what is said of a frame. Frame 0 is that of a line of a log.
    fn say(&mut self, frame: FrameNumber, text: &str) {
        if frame == FrameNumber::default() {
            return;
        }
        let comment = self.comments.entry(frame).or_default();
        if !comment.is_empty() {
            comment.push('\n');
        }
        comment.push_str(&safe(text));
    }
}

/// Text of the wire may end up on a terminal.
fn safe(text: &str) -> String {
    Terminal(text).to_string()
}

/// Opens the capture once more.
pub type Open<'o> = &'o dyn Fn() -> Result<CaptureReader, CaptureError>;

/// Writes the frames of `choice` and what belongs to them. `open` opens the capture, which is read three times.
///
/// # Errors
///
/// Where the capture cannot be read again, or `out` fails.
pub fn extract(choice: &Choice, open: Open<'_>, out: &mut dyn Write) -> io::Result<Extent> {
    let surroundings = Surroundings::of(choice, &mut reader(open)?)?;
    let (kept, of) = surroundings.frames(choice, &mut reader(open)?)?;
    let mut writer = Writer::begin(out, &legend(&kept, of, AS_CAPTURED))?;
    writer.names(&choice.names)?;
    let mut reader = reader(open)?;
    while let Some(frame) = reader.next_frame().map_err(io::Error::other)? {
        if kept.contains(&frame.number) {
            let comment = choice.comments.get(&frame.number);
            writer.packet(&frame, comment.map(String::as_str))?;
        }
    }
    Ok(Extent {
        of,
        frames: kept.len() as u64,
    })
}

fn reader(open: Open<'_>) -> io::Result<CaptureReader> {
    open().map_err(io::Error::other)
}

/// What the section says of itself: where its frames stood. A comment has an end, so there may be several.
fn legend(kept: &BTreeSet<FrameNumber>, of: u64, told: &str) -> Vec<String> {
    let mut comment = format!(
        "{} of {of} frames, extracted by why401; {told}. {MAP}",
        kept.len()
    );
    let mut comments = Vec::new();
    for (place, frame) in kept.iter().enumerate() {
        let pair = format!(" {}={frame}", place + 1);
        if comment.len() + pair.len() > LONGEST {
            comments.push(std::mem::replace(&mut comment, MAP.to_owned()));
        }
        comment.push_str(&pair);
    }
    comments.push(comment);
    comments
}

/// The flows of the story's frames, and when they were.
#[derive(Debug, Default)]
struct Surroundings {
    flows: BTreeSet<Flow>,
    time: Option<(Timestamp, Timestamp)>,
}

impl Surroundings {
    fn of(choice: &Choice, reader: &mut CaptureReader) -> io::Result<Self> {
        let mut found = Self::default();
        packets(reader, &mut |packet, origin| {
            let is_told = |frame| choice.comments.contains_key(&frame);
            if !origin.iter().any(|run| is_told(run.frame)) {
                return;
            }
            found.flows.extend(flow(packet));
            for run in origin {
                let (first, last) = found.time.unwrap_or((run.time, run.time));
                found.time = Some((first.min(run.time), last.max(run.time)));
            }
        })?;
        Ok(found)
    }

    /// The frames to be kept, and how many there are in all.
    fn frames(
        &self,
        choice: &Choice,
        reader: &mut CaptureReader,
    ) -> io::Result<(BTreeSet<FrameNumber>, u64)> {
        let mut kept: BTreeSet<FrameNumber> = choice.comments.keys().copied().collect();
        let mut ends: Option<(FrameNumber, FrameNumber)> = None;
        packets(reader, &mut |packet, origin| {
            let Some(last) = origin.last() else {
                return;
            };
            let is_of_flows = flow(packet).is_some_and(|it| self.flows.contains(&it));
            if is_of_flows || says_nothing(packet) {
                let first = ends.map_or(last.frame, |(first, _)| first);
                ends = Some((first, last.frame));
            }
            if is_of_flows && self.is_near(last.time) && kept.len() < MOST {
                kept.extend(origin.iter().map(|run| run.frame));
            }
        })?;
        kept.extend(ends.into_iter().flat_map(|(first, last)| [first, last]));
        Ok((kept, reader.frames()))
    }

    fn is_near(&self, time: Timestamp) -> bool {
        self.time.is_some_and(|(first, last)| {
            first.since(time) < AROUND_NANOS && time.since(last) < AROUND_NANOS
        })
    }
}

/// Gives each packet of a capture to `sink`.
fn packets(
    reader: &mut CaptureReader,
    sink: &mut dyn FnMut(&Packet<'_>, Origin<'_>),
) -> io::Result<()> {
    let mut network = Network::default();
    while let Some(frame) = reader.next_frame().map_err(io::Error::other)? {
        network.packet(&frame, &mut |packet, origin| sink(packet, origin));
    }
    Ok(())
}

/// Whether a packet can be kept for its time alone: a question without its answer would beg one.
fn says_nothing(packet: &Packet<'_>) -> bool {
    matches!(packet, Packet::Tcp(segment) if segment.flags == TcpFlags(TcpFlags::ACK) && segment.payload.is_empty())
}

/// The flow of a packet, the same for both directions.
fn flow(packet: &Packet<'_>) -> Option<Flow> {
    let flow = packet.flow()?;
    Some(flow.min(flow.reversed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_names_every_frame_however_many_there_are() {
        let kept: BTreeSet<FrameNumber> = (0..MOST as u64).map(|it| FrameNumber(it * 7)).collect();
        let comments = legend(&kept, 1_000_000, AS_CAPTURED);
        assert!(comments.iter().all(|comment| comment.len() <= LONGEST));
        let pairs = comments
            .iter()
            .flat_map(|comment| comment.split_once(MAP).unwrap().1.split_whitespace());
        let wanted = kept.iter().enumerate();
        let wanted = wanted.map(|(place, frame)| format!("{}={frame}", place + 1));
        assert!(pairs.eq(wanted));
    }
}
