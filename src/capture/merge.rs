//! Several captures as one, by time: rotated files of one trace, or two places that saw the same.
//!
//! Never looks at what a frame holds: how far the clocks of the files are apart it is told. Frames are counted over all files, as
//! a merged file has them; where each stands in its own file is kept beside.

use crate::capture::error::CaptureError;
use crate::capture::progress::Progress;
use crate::capture::{CaptureReader, Placed};
use crate::frame::{Frame, FrameNumber, LinkType, PacketDrop, Places, Timestamp};

/// Lends the frames of several captures in the order of time.
#[derive(Debug)]
pub(super) struct MergedReader {
    parts: Vec<Part>,
    lent: Vec<u8>,
    progress: Progress,
    places: Places,
    is_begun: bool,
}

/// A capture and its next frame.
#[derive(Debug)]
struct Part {
    reader: CaptureReader,
    /// What its times are moved by, in nanoseconds.
    shift: i64,
    next: Option<Held>,
    bytes: Vec<u8>,
}

/// A frame without its bytes.
#[derive(Clone, Copy, Debug)]
struct Held {
    number: FrameNumber,
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
}

impl Part {
    fn advance(&mut self) -> Result<(), CaptureError> {
        let shift = self.shift;
        self.next = self.reader.next_frame()?.map(|frame| {
            self.bytes.clear();
            self.bytes.extend_from_slice(frame.bytes);
            Held {
                number: frame.number,
                time: Timestamp::from_nanos(frame.time.nanos().saturating_add(shift)),
                link: frame.link,
                wire_len: frame.wire_len,
            }
        });
        Ok(())
    }
}

impl MergedReader {
    /// Each capture with what its times are to be moved by, in nanoseconds.
    pub(super) fn new(parts: Vec<(CaptureReader, i64)>) -> Self {
        let parts = parts.into_iter().map(|(reader, shift)| Part {
            reader,
            shift,
            next: None,
            bytes: Vec::new(),
        });
        Self {
            parts: parts.collect(),
            lent: Vec::new(),
            progress: Progress::default(),
            places: Places::default(),
            is_begun: false,
        }
    }

    /// The next frame, the file that brings it, from 0, and its number there.
    pub(super) fn next_frame(&mut self) -> Result<Option<Placed<'_>>, CaptureError> {
        if !std::mem::replace(&mut self.is_begun, true) {
            for part in &mut self.parts {
                part.advance()?;
            }
        }
        let earliest = self
            .parts
            .iter_mut()
            .enumerate()
            .filter_map(|(file, part)| Some((part.next?, file, part)))
            .min_by_key(|(held, file, _)| (held.time, *file));
        let Some((held, file, part)) = earliest else {
            return Ok(None);
        };
        std::mem::swap(&mut self.lent, &mut part.bytes);
        part.advance()?;
        let number = self.progress.count(held.link);
        self.places.tell(number, file, held.number);
        let frame = Frame {
            number,
            time: held.time,
            link: held.link,
            bytes: &self.lent,
            wire_len: held.wire_len,
        };
        Ok(Some(((file, held.number), frame)))
    }

    /// The next packet that the machine of one of the captures dropped, if it was lent, and its file.
    pub(super) fn next_drop(&mut self) -> Option<(usize, PacketDrop, Frame<'_>)> {
        let places = &self.places;
        for (file, part) in self.parts.iter_mut().enumerate() {
            let last = part.next.map_or(u64::MAX, |next| next.number.0 - 1);
            let Some((drop, frame)) = part.reader.next_own_drop(FrameNumber(last)) else {
                continue;
            };
            if let Some(number) = places.number_of(file, drop.frame) {
                let time = frame.time.nanos().saturating_add(part.shift);
                let frame = Frame {
                    number,
                    time: Timestamp::from_nanos(time),
                    ..frame
                };
                let drop = PacketDrop {
                    frame: number,
                    ..drop
                };
                return Some((file, drop, frame));
            }
        }
        None
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &CaptureReader> {
        self.parts.iter().map(|part| &part.reader)
    }
}
