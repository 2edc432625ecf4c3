//! The loop that drives frames through the floors, and what is left when they are over.
//!
//! Never keeps a frame, and never judges what is observed.

use crate::capture::CaptureReader;
use crate::diagnose::Settings;
use crate::diagnose::order::Disorder;
use crate::diagnose::vantage::{Rewritten, Twins, told_as};
use crate::dissect::Dissector;
use crate::dissect::message::{DroppedPacket, Observation};
use crate::dissect::raw::{Found, Taker};
use crate::frame::Timestamp;
use crate::limits::Limitation;
use crate::model::capture_facts::Tally;
use crate::net::link::Network;

/// What reading a capture leaves behind.
pub(super) struct Read {
    /// Of each file that has any: the earliest time of a frame, and the latest.
    pub(super) times: Vec<Option<(Timestamp, Timestamp)>>,
    pub(super) last_time: Option<Timestamp>,
    /// Frames of which the capture has only the beginning.
    pub(super) snapped: Tally,
    pub(super) limitations: Vec<Limitation>,
}

/// Drives the frames of `reader` through the floors below, up to its end or to where it breaks off. `rewritten` has for each file
/// what its connections are elsewhere.
pub(super) fn read(
    reader: &mut CaptureReader,
    settings: &Settings,
    rewritten: &[Rewritten],
    sink: &mut Taker<'_>,
) -> Read {
    if let Some(excerpt) = &settings.excerpt {
        reader.narrow(excerpt.clone());
    }
    let mut network = Network::default();
    let mut dissector = Dissector::new(settings.ports.clone());
    let mut twins = Twins::default();
    let is_merged = reader.places().is_some();
    let tells_drops = reader.tells_drops();
    let mut times: Vec<Option<(Timestamp, Timestamp)>> = Vec::new();
    let mut disorder = Disorder::default();
    let mut snapped = Tally::default();
    let mut broken = None;
    loop {
        match reader.next_of_file() {
            Ok(Some((file, frame))) => {
                let time = frame.time;
                let latest = note(&mut times, file, time);
                disorder.hear(frame.number, time, latest);
                if frame.wire_len as usize > frame.bytes.len() {
                    snapped.add(frame.number);
                }
                network.packet(&frame, &mut |packet, origin| {
                    if !is_merged {
                        return dissector.packet(packet, origin, sink);
                    }
                    let there = told_as(rewritten, file, packet, time);
                    let packet = there.as_ref().unwrap_or(packet);
                    if !twins.is_copy(packet, rewritten, (file, time)) {
                        dissector.packet(packet, origin, sink);
                    }
                });
                if tells_drops {
                    tell_drops(reader, rewritten, sink);
                }
            }
            Ok(None) => {
                tell_drops(reader, rewritten, sink);
                break;
            }
            Err(error) => {
                broken = Some(Limitation::of_capture(format!(
                    "Reading stopped early: {error}."
                )));
                break;
            }
        }
    }
    dissector.finish(sink);
    let mut limitations = limitations_of(reader);
    limitations.extend(reader.narrowed());
    limitations.extend(broken);
    limitations.extend(disorder.limitation());
    limitations.extend(network.limitations());
    Read {
        last_time: times.iter().flatten().map(|(_, last)| *last).max(),
        times,
        snapped,
        limitations,
    }
}

/// Tells which of the packets so far were dropped by the machine that captured them.
fn tell_drops(reader: &mut CaptureReader, rewritten: &[Rewritten], sink: &mut Taker<'_>) {
    while let Some((file, drop, frame)) = reader.next_drop() {
        let mut client = None;
        Network::default().packet(&frame, &mut |packet, _| {
            let there = told_as(rewritten, file, packet, frame.time);
            let flow = there.as_ref().unwrap_or(packet).flow();
            client = flow.map(|flow| flow.src.addr);
        });
        if let Some(client) = client {
            let packet = DroppedPacket { client, drop };
            let dropped = Box::new(Observation::Dropped(packet));
            sink(Found::Seen(dropped), &[]);
        }
    }
}

/// Notes the time of a frame of a file; gives the latest of that file so far.
#[inline]
fn note(
    times: &mut Vec<Option<(Timestamp, Timestamp)>>,
    file: usize,
    time: Timestamp,
) -> Timestamp {
    if times.len() <= file {
        times.resize(file + 1, None);
    }
    let Some(known) = times.get_mut(file) else {
        return time;
    };
    let (first, last) = known.unwrap_or((time, time));
    let (first, last) = (first.min(time), last.max(time));
    *known = Some((first, last));
    last
}

/// What could not be read. Of several captures each says which it is, and its frames have their own numbers.
fn limitations_of(reader: &CaptureReader) -> Vec<Limitation> {
    let parts = reader.parts();
    if parts.len() == 1 {
        return reader.limitations().to_vec();
    }
    let told = parts.iter().enumerate().flat_map(|(file, part)| {
        part.limitations().iter().map(move |limitation| {
            Limitation::of_capture(format!("Capture {}: {}", file + 1, limitation.text))
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_begins_later_has_its_own_times() {
        let mut times = Vec::new();
        for (file, time) in [(1, 10), (1, 12), (0, 20), (0, 15)] {
            note(&mut times, file, Timestamp::from_nanos(time));
        }
        let of = |first, last| Some([first, last].map(Timestamp::from_nanos).into());
        assert_eq!(times, [of(15, 20), of(10, 12)]);
    }
}
