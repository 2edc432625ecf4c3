//! Traces of Windows (`.etl`): the packets that `netsh trace` and `pktmon` put in them.
//!
//! Never gives a frame another number than a converted capture would have: its place among the packets in the order of time, with
//! every copy counted that a component of the network stack saw. The number of its event, which Network Monitor shows, is its other
//! number. A trace is read twice: what its packets are is said behind them.

mod buffers;
mod clock;
pub(super) mod events;
mod fields;
mod folding;
mod merge;
mod ndis;
pub(super) mod packets;
mod pktmon;
mod providers;
mod ras;
mod records;
pub(super) mod survey;
mod xpress;

use buffers::{Buffer, Walk};
use clock::{Clock, LogHeader};
use events::Event;
use folding::Dropped;
use merge::{Dated, Merge};
use packets::{Packet, Packets};
use records::Record;
use survey::Survey;

use crate::capture::error::CaptureError;
use crate::capture::progress::Progress;
use crate::capture::store::Store;
use crate::frame::{Frame, FrameNumber, OtherNumbers, PacketDrop, Processes, Viewer};

/// Buffers of a trace that are read: 8 GiB of the smallest that Windows makes.
const BUFFERS: usize = 1 << 20;

/// Reads packets in the order of time.
#[derive(Debug)]
pub(super) struct EtlReader {
    store: Store,
    clock: Clock,
    merge: Merge,
    packets: Packets,
    progress: Progress,
    /// Records of all kinds so far.
    events: u64,
    others: OtherNumbers,
    processes: Processes,
    current: Option<Packet>,
    /// The packet that was told last of those that were dropped.
    dropped: Option<Dropped>,
    is_over: bool,
}

impl EtlReader {
    /// Reads the whole trace once.
    ///
    /// # Errors
    ///
    /// [`CaptureError`] where there is no packet in it, or it cannot be read at all.
    pub(super) fn new(mut store: Store) -> Result<Self, CaptureError> {
        let mut progress = Progress::default();
        let mut first = FirstPass::default();
        first.run(&mut store, &mut progress);
        match (first.survey.has_packets(), store.take_failure()) {
            (true, Some(error)) => {
                progress.flaw(format!("The file could not be read further ({error})."));
            }
            (true, None) => {}
            (false, Some(error)) => return Err(CaptureError::Read(error)),
            (false, None) => {
                let text = first.survey.no_packets(&progress);
                return Err(CaptureError::NoPackets(text));
            }
        }
        first.survey.remark(&mut progress);
        first.remark(&mut progress);
        Ok(Self {
            store,
            clock: first.header.map_or(Clock::FileTime, |header| header.clock),
            merge: Merge::new(first.buffers),
            packets: Packets::new(first.survey),
            progress,
            events: 0,
            others: OtherNumbers::new(Viewer::NetworkMonitor),
            processes: Processes::default(),
            current: None,
            dropped: None,
            is_over: false,
        })
    }

    pub(super) const fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) const fn size(&self) -> u64 {
        self.store.size()
    }

    /// The numbers of the events.
    pub(super) const fn others(&self) -> &OtherNumbers {
        &self.others
    }

    /// The processes of the packets so far.
    pub(super) const fn processes(&self) -> &Processes {
        &self.processes
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        loop {
            if let Some(packet) = self.packets.next() {
                if packet.is_copy {
                    let number = self.progress.count_unread();
                    self.others.tell(number, packet.event);
                    continue;
                }
                self.current = Some(packet);
                return Ok(self.frame());
            }
            if !self.step()? {
                return Ok(None);
            }
        }
    }

    /// Takes the next record; says whether there may be another packet.
    fn step(&mut self) -> Result<bool, CaptureError> {
        if let Some((time, record, processor)) = self.merge.next(&mut self.store) {
            self.events += 1;
            if let Some(event) = Event::of_record(record, processor) {
                let time = self.clock.nanos(time);
                self.packets.add(&event, self.events, time);
            }
            return Ok(true);
        }
        let was_over = std::mem::replace(&mut self.is_over, true);
        if !was_over {
            self.end()?;
        }
        Ok(!was_over)
    }

    fn end(&mut self) -> Result<(), CaptureError> {
        self.packets.finish(&mut self.progress);
        if self.merge.is_disordered {
            self.progress.flaw(
                "More of the trace overlaps in time than is held at once: some packets are not in the order of time.",
            );
        }
        match self.store.take_failure() {
            Some(error) => self.progress.failed(error, self.store.size()),
            None => Ok(()),
        }
    }

    /// The next packet that a component dropped and that is lent as a frame up to the number `last`.
    pub(super) fn next_drop(&mut self, last: FrameNumber) -> Option<(PacketDrop, Frame<'_>)> {
        if !self.packets.has_drops() {
            return None;
        }
        let last = FrameNumber(last.0.min(self.progress.frames()));
        let dropped = self.packets.next_drop(self.others.of(last)?.0 + 1)?;
        let frame = self.others.here(dropped.read_at)?;
        let dropped = self.dropped.insert(dropped);
        let drop = PacketDrop {
            frame,
            event: dropped.packet.event,
            component: self.packets.component(dropped.component).to_owned(),
            reason: dropped.drop.reason,
            location: dropped.drop.location,
            is_outbound: dropped.is_outbound,
        };
        Some((drop, dropped.packet.frame(frame)))
    }

    fn frame(&mut self) -> Option<Frame<'_>> {
        let packet = self.current.as_ref()?;
        let number = self.progress.count(packet.link);
        self.others.tell(number, packet.event);
        self.processes.tell(number, packet.process);
        Some(packet.frame(number))
    }
}

/// What the first pass over the file leaves.
#[derive(Debug, Default)]
struct FirstPass {
    header: Option<LogHeader>,
    buffers: Vec<Dated>,
    survey: Survey,
    has_losses: bool,
}

impl FirstPass {
    fn run(&mut self, store: &mut Store, progress: &mut Progress) {
        let mut walk = Walk::default();
        while let Some(buffer) = walk.next(store, progress) {
            if self.buffers.len() == BUFFERS {
                progress.flaw("The trace has more than a million buffers; the rest is not read.");
                return;
            }
            let (bytes, is_all_there) = buffer.load(store);
            let records = records::of(&bytes);
            if !is_all_there || !records.is_whole {
                let what = "holds a buffer that cannot be read to its end";
                progress.damage_somewhere(buffer.at, what);
            }
            self.note(buffer, &bytes, &records.list);
        }
    }

    fn note(&mut self, buffer: Buffer, bytes: &[u8], records: &[Record]) {
        self.has_losses |= buffer.has_losses();
        if buffer.at == 0 {
            let first = records.iter().find(|record| record.at == 0);
            self.header = first
                .and_then(|record| record.of(bytes))
                .and_then(LogHeader::read);
        }
        for record in records.iter().filter_map(|record| record.of(bytes)) {
            if let Some(event) = Event::of_record(record, buffer.processor) {
                self.survey.note(&event);
            }
        }
        if let Some(first) = records.first() {
            let first = first.time;
            self.buffers.push(Dated { first, buffer });
        }
    }

    fn remark(&self, progress: &mut Progress) {
        let (events, buffers) = self.header.map_or((0, 0), |header| header.lost);
        if events > 0 || buffers > 0 || self.has_losses {
            progress.remark(format!(
                "Windows lost events while it recorded ({events} events and {buffers} buffers by its own count): packets may be missing.",
            ));
        }
        if self.header.is_none() {
            progress
                .flaw("The file does not begin with the header of a trace: the times are a guess.");
        }
    }
}
