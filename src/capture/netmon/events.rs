//! A trace that was saved as a Network Monitor capture: each frame is an event, and some events hold packets.
//!
//! Never surveys a capture of packets: that frames are events shows among the first of them.

use super::frame::{self, Record};
use super::header::NetmonHeader;
use super::media::{self, Content};
use super::table::Table;
use crate::capture::error::CaptureError;
use crate::capture::etl::events::Event;
use crate::capture::etl::packets::{Packet, Packets};
use crate::capture::etl::survey::Survey;
use crate::capture::progress::Progress;
use crate::capture::store::Store;
use crate::frame::FrameNumber;

/// Among so many frames the first event is expected.
const FIRST: usize = 64;

/// What makes packets of events.
#[derive(Debug)]
pub(super) struct Events(Packets);

impl Events {
    /// Reads all frames, if there are events among the first of them; `None` where there are none.
    ///
    /// # Errors
    ///
    /// [`CaptureError::NoPackets`] where no frame and no event holds a packet.
    pub(super) fn survey(
        header: NetmonHeader,
        store: &mut Store,
    ) -> Result<Option<Self>, CaptureError> {
        let mut first = Frames::new(header, store).take(FIRST);
        if !first.any(|(_, content)| content == Content::Event) {
            return Ok(None);
        }
        let mut survey = Survey::default();
        let mut frames = Frames::new(header, store);
        let mut has_others = false;
        while let Some((record, content)) = frames.next() {
            has_others |= matches!(content, Content::Packet(..));
            let bytes = frames.store.get(record.at, record.captured);
            if let (Content::Event, Some(event)) = (content, Event::of_frame(bytes)) {
                survey.note(&event);
            }
        }
        if has_others || survey.has_packets() {
            Ok(Some(Self(Packets::new(survey))))
        } else {
            Err(CaptureError::NoPackets(
                survey.no_packets(&Progress::default()),
            ))
        }
    }

    /// Tells what matters before the first packet.
    pub(super) fn remark(&self, progress: &mut Progress) {
        self.0.remark(progress);
    }

    /// Takes the frame of a number.
    pub(super) fn add(&mut self, frame: &[u8], number: FrameNumber, time: i64) {
        if let Some(event) = Event::of_frame(frame) {
            self.0.add(&event, number.0, time);
        }
    }

    /// The next packet that is all there and no copy of another one.
    pub(super) fn next(&mut self) -> Option<Packet> {
        std::iter::from_fn(|| self.0.next()).find(|packet| !packet.is_copy)
    }

    /// There are no more events.
    pub(super) fn finish(&mut self, progress: &mut Progress) {
        self.0.finish(progress);
    }
}

/// The frames of a file that can be read, from the first on.
struct Frames<'a> {
    header: NetmonHeader,
    store: &'a mut Store,
    table: Table,
}

impl<'a> Frames<'a> {
    fn new(header: NetmonHeader, store: &'a mut Store) -> Self {
        let table = Table::new(header, store);
        Self {
            header,
            store,
            table,
        }
    }
}

impl Iterator for Frames<'_> {
    type Item = (Record, Content);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let place = self.table.next(self.store)?;
            let limit = self.table.following().or(Some(self.header.table.0));
            let record = frame::read(self.header, self.store, place, limit);
            self.table.walk_on(self.header, self.store, record);
            if let Some(record) = record {
                let bytes = self.store.get(record.at, record.captured);
                return Some((record, media::content(record.media, bytes)));
            }
        }
    }
}
