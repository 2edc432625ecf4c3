//! Network Monitor captures, versions 1.x and 2.0 to 2.3: frames, and a table of their places behind them.
//!
//! Never gives a frame another number than Network Monitor shows: its place in the table, with all that is no packet counted.
//! Comments, processes and statistics, which no frame needs, are never read.

mod frame;
pub(super) mod header;
mod media;
mod table;

use frame::Record;
use header::{NetmonHeader, Version};
use media::Content;
use table::Table;

use crate::capture::error::CaptureError;
use crate::capture::progress::Progress;
use crate::capture::store::Store;
use crate::frame::{Frame, FrameNumber, LinkType, OtherNumbers, Timestamp};

/// Reads the frames in the order of the table.
#[derive(Debug)]
pub(super) struct NetmonReader {
    store: Store,
    header: NetmonHeader,
    table: Table,
    progress: Progress,
    /// How many of the frames Wireshark numbers.
    in_wireshark: u64,
    others: OtherNumbers,
}

impl NetmonReader {
    pub(super) fn new(mut store: Store, header: NetmonHeader) -> Self {
        let table = Table::new(header, &mut store);
        let mut reader = Self {
            store,
            header,
            table,
            progress: Progress::default(),
            in_wireshark: 0,
            others: OtherNumbers::default(),
        };
        reader.remark();
        reader
    }

    /// Tells what holds for the whole file.
    fn remark(&mut self) {
        if self.header.version != Version::WithTime {
            self.progress.remark(
                "Network Monitor wrote the times by the clock on the wall of the capturing machine, without its zone: \
                 they are shown as if they were UTC.",
            );
        }
        let (begin, len) = self.header.table;
        if begin + len > self.store.size() {
            self.progress.flaw(
                "The file ends before the table of its frames: they are read as they follow each other, \
                 and their numbers are a guess.",
            );
        }
    }

    pub(super) const fn format(&self) -> &'static str {
        match self.header.version {
            Version::One => "Network Monitor 1",
            Version::Two => "Network Monitor 2.0",
            Version::WithMedia => "Network Monitor 2.1",
            Version::WithProcess => "Network Monitor 2.2",
            Version::WithTime => "Network Monitor 2.3",
        }
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn size(&self) -> u64 {
        self.store.size()
    }

    /// The numbers that Wireshark shows.
    pub(super) const fn others(&self) -> &OtherNumbers {
        &self.others
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        while let Some(place) = self.table.next(&mut self.store) {
            let Some(record) = self.record(place)? else {
                continue;
            };
            let begin = self.store.get(record.at, record.captured);
            if let Content::Packet(link, metadata) = media::content(record.media, begin) {
                return Ok(Some(self.frame(record, link, metadata)));
            }
            self.number(record.media, None);
        }
        if let Some(error) = self.store.take_failure() {
            self.progress.failed(error, self.header.table.0)?;
        }
        Ok(None)
    }

    /// The frame at `place`; one that cannot be read has its number all the same.
    #[inline]
    fn record(&mut self, place: u64) -> Result<Option<Record>, CaptureError> {
        let limit = self.table.following().or(Some(self.header.table.0));
        let record = frame::read(self.header, &mut self.store, place, limit);
        if self.table.is_missing() {
            self.walk_on(record);
        }
        if record.is_none() {
            self.miss(place)?;
        }
        Ok(record)
    }

    #[cold]
    fn miss(&mut self, place: u64) -> Result<(), CaptureError> {
        if let Some(error) = self.store.take_failure() {
            self.table.stop();
            return self.progress.failed(error, place);
        }
        self.progress
            .damage(place, "has a frame in its table that is not there,");
        self.number(self.header.media, None);
        Ok(())
    }

    /// Without a table: the next frame is behind this one, if anything like a frame is.
    fn walk_on(&mut self, record: Option<Record>) {
        let (header, store) = (self.header, &mut self.store);
        let next = record.map(|record| record.end);
        let next = next.filter(|place| frame::is_plausible(header, store, *place));
        self.table.go_on(next);
    }

    /// Gives the next number to a frame, a packet where it has a link type.
    #[inline]
    fn number(&mut self, media: u16, link: Option<LinkType>) -> FrameNumber {
        let number = match link {
            Some(link) => self.progress.count(link),
            None => self.progress.count_unread(),
        };
        if media::has_number_in_wireshark(media) {
            self.in_wireshark += 1;
            self.others.tell(number, self.in_wireshark);
        }
        number
    }

    #[inline]
    fn frame(&mut self, record: Record, link: LinkType, metadata: usize) -> Frame<'_> {
        let number = self.number(record.media, Some(link));
        let bytes = self.store.get(record.at, record.captured);
        let skipped = u32::try_from(metadata).unwrap_or(u32::MAX);
        Frame {
            number,
            time: Timestamp::from_nanos(record.time),
            link,
            bytes: bytes.get(metadata..).unwrap_or_default(),
            wire_len: record.original.saturating_sub(skipped),
        }
    }
}
