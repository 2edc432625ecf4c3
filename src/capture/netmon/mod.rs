//! Network Monitor captures, versions 1.x and 2.0 to 2.3: frames, and a table of their places behind them.
//!
//! Never gives a frame another number than Network Monitor shows: its place in the table, with all that is no packet counted.
//! Comments and statistics, which no frame needs, are never read.

mod events;
mod frame;
pub(super) mod header;
mod media;
mod processes;
mod table;

use events::Events;
use frame::Record;
use header::{NetmonHeader, Version};
use media::Content;
use table::Table;

use crate::capture::error::CaptureError;
use crate::capture::etl::packets::Packet;
use crate::capture::progress::Progress;
use crate::capture::store::Store;
use crate::frame::{
    Frame, FrameNumber, LinkType, OtherNumbers, Process, Processes, Timestamp, Viewer,
};

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
    processes: Processes,
    /// Where the frames are events of a trace: what makes packets of them.
    events: Option<Events>,
    current: Option<Packet>,
    /// The first frame that cannot be read, and how many there are.
    unread: Option<(FrameNumber, u64)>,
}

impl NetmonReader {
    /// Reads the whole file once, where its frames are events of a trace.
    ///
    /// # Errors
    ///
    /// [`CaptureError::NoPackets`] where no event holds a packet.
    pub(super) fn new(mut store: Store, header: NetmonHeader) -> Result<Self, CaptureError> {
        let table = Table::new(header, &mut store);
        let events = Events::survey(header, &mut store)?;
        let processes = Processes::new(processes::read(header, &mut store));
        let mut reader = Self {
            store,
            header,
            table,
            progress: Progress::default(),
            in_wireshark: 0,
            others: OtherNumbers::new(Viewer::Wireshark),
            processes,
            events,
            current: None,
            unread: None,
        };
        reader.remark();
        Ok(reader)
    }

    /// Tells what holds for the whole file.
    fn remark(&mut self) {
        if let Some(events) = &self.events {
            events.remark(&mut self.progress);
        }
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

    /// The processes of the frames so far.
    pub(super) const fn processes(&self) -> &Processes {
        &self.processes
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        loop {
            if self.take_packet() {
                return Ok(self.packet());
            }
            let Some(place) = self.table.next(&mut self.store) else {
                break;
            };
            let Some(record) = self.record(place)? else {
                continue;
            };
            let bytes = self.store.get(record.at, record.captured);
            match media::content(record.media, bytes) {
                Content::Packet(link, metadata) => {
                    return Ok(Some(self.frame(record, link, metadata)));
                }
                Content::Event => self.event(record),
                Content::Unread => {
                    let number = self.number(record.media, None);
                    self.unread.get_or_insert((number, 0)).1 += 1;
                }
                Content::Other => {
                    self.number(record.media, None);
                }
            }
        }
        self.end()?;
        // What waited for a packet that never came whole.
        Ok(if self.take_packet() {
            self.packet()
        } else {
            None
        })
    }

    /// Whether the events so far made a packet, which then is the current one.
    #[inline]
    fn take_packet(&mut self) -> bool {
        self.current = self.events.as_mut().and_then(Events::next);
        self.current.is_some()
    }

    /// A packet has the number of its first event.
    fn packet(&mut self) -> Option<Frame<'_>> {
        let packet = self.current.as_ref()?;
        let number = FrameNumber(packet.event);
        self.progress.see(packet.link);
        self.processes.tell(number, packet.process);
        Some(packet.frame(number))
    }

    fn event(&mut self, record: Record) {
        let number = self.number(record.media, None);
        let bytes = self.store.get(record.at, record.captured);
        if let Some(events) = &mut self.events {
            events.add(bytes, number, record.time);
        }
    }

    fn end(&mut self) -> Result<(), CaptureError> {
        if let Some((first, count)) = self.unread.take() {
            self.progress.remark(format!(
                "{count} frames from frame {first} on hold what Message Analyzer took from Windows' filtering platform instead \
                 of packets; they are not read. Record with: netsh trace start capture=yes"
            ));
        }
        if let Some(events) = &mut self.events {
            events.finish(&mut self.progress);
        }
        match self.store.take_failure() {
            Some(error) => self.progress.failed(error, self.header.table.0),
            None => Ok(()),
        }
    }

    /// The frame at `place`; one that cannot be read has its number all the same.
    #[inline]
    fn record(&mut self, place: u64) -> Result<Option<Record>, CaptureError> {
        let limit = self.table.following().or(Some(self.header.table.0));
        let record = frame::read(self.header, &mut self.store, place, limit);
        self.table.walk_on(self.header, &mut self.store, record);
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
        let process = record.process.map(Process::Listed);
        self.processes.tell(number, process);
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
