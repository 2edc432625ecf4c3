//! Writes traces as Windows does, as far as they were looked into. All of it is synthetic: no Windows had a hand in it.

/// Microsoft-Windows-NDIS-PacketCapture, Microsoft-Windows-PktMon, and one that writes no packets.
pub(crate) const NDIS: [u8; 16] =
    *b"\x6e\x00\xd6\x2e\x29\x47\x09\x46\xb4\x23\x3e\xe7\xbc\xd6\x78\xef";
pub(crate) const PKTMON: [u8; 16] =
    *b"\xd9\x80\x4f\x4d\xbd\xc8\x73\x4d\xbb\x5b\x19\xc9\x04\x02\xc5\xac";
pub(crate) const OTHER: [u8; 16] =
    *b"\x0a\xf9\x5e\xdd\x98\x63\xa4\x47\xad\x34\x4d\xce\xcd\xef\x79\x5f";

/// Keywords of a packet over Ethernet: its beginning, its end, or both.
pub(crate) const START: u64 = 0x4000_0001;
pub(crate) const END: u64 = 0x8000_0001;

/// The raw time of the first record.
pub(crate) const ZERO: i64 = 1_000_000;
/// 2009-05-20T19:35:11.1Z since 1601, in tenths of microseconds.
pub(crate) const START_TIME: i64 = 128_873_217_111_000_000;

/// An event, as its provider writes it.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) provider: [u8; 16],
    pub(crate) id: u16,
    pub(crate) keyword: u64,
    pub(crate) thread: u32,
    pub(crate) process: u32,
    /// By the raw clock, since the first record.
    pub(crate) time: i64,
    pub(crate) data: Vec<u8>,
}

impl Event {
    /// A packet, or a piece of one, at a layer above a network card.
    pub(crate) fn ndis(time: i64, keyword: u64, interface: [u32; 2], bytes: &[u8]) -> Self {
        let mut data: Vec<u8> = interface
            .iter()
            .flat_map(|part| part.to_le_bytes())
            .collect();
        data.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        data.extend(bytes);
        data.extend([0; 16]);
        Self {
            provider: NDIS,
            id: 1001,
            keyword,
            thread: 7,
            process: 4,
            time,
            data,
        }
    }

    /// A rule of the recording: it lets a TCP port through.
    pub(crate) fn port_rule(port: u16) -> Self {
        let mut data = vec![22, 3, 2, 0];
        data.extend(port.to_be_bytes());
        Self {
            id: 1016,
            data,
            ..Self::ndis(0, 0, [0, 0], &[])
        }
    }

    /// A packet at a component; 170 instead of 160 where it is dropped there.
    pub(crate) fn pktmon(id: u16, time: i64, place: [u16; 2], original: u16, bytes: &[u8]) -> Self {
        let [component, edge] = place;
        let mut data = vec![0; 12];
        for part in [2, 1, component, edge, 0] {
            data.extend(u16::to_le_bytes(part));
        }
        data.extend(12_u32.to_le_bytes());
        data.extend(0xe000_4101_u32.to_le_bytes());
        data.extend(original.to_le_bytes());
        data.extend(u16::try_from(bytes.len()).unwrap().to_le_bytes());
        data.extend(bytes);
        Self::of_pktmon(id, time, data)
    }

    /// The same packet on its way in.
    pub(crate) fn inbound(mut self) -> Self {
        self.data[12] = 1;
        self
    }

    /// What pktmon says of a component: its kind and name.
    pub(crate) fn component(time: i64, id: u16, kind: u16, name: &str) -> Self {
        let mut data: Vec<u8> = [id, kind]
            .iter()
            .flat_map(|part| part.to_le_bytes())
            .collect();
        for unit in name.encode_utf16().chain([0, 0]) {
            data.extend(unit.to_le_bytes());
        }
        Self::of_pktmon(20, time, data)
    }

    /// What pktmon says of a component: a property with a number.
    pub(crate) fn property(time: i64, id: u16, property: u16, value: u32) -> Self {
        let mut data: Vec<u8> = [id, property]
            .iter()
            .flat_map(|part| part.to_le_bytes())
            .collect();
        data.extend(value.to_le_bytes());
        Self::of_pktmon(30, time, data)
    }

    fn of_pktmon(id: u16, time: i64, data: Vec<u8>) -> Self {
        Self {
            provider: PKTMON,
            id,
            keyword: 0x10,
            thread: 7,
            process: 4,
            time,
            data,
        }
    }

    /// One that is about something else.
    pub(crate) fn other(time: i64) -> Self {
        Self {
            provider: OTHER,
            id: 3,
            keyword: 0,
            thread: 7,
            process: 4,
            time,
            data: b"something".to_vec(),
        }
    }

    /// The same on another thread.
    pub(crate) fn on(self, thread: u32) -> Self {
        Self { thread, ..self }
    }

    /// The same, sent on a thread of a process.
    pub(crate) fn sent_by(self, process: u32) -> Self {
        Self {
            process,
            keyword: self.keyword | 0x1_0000_0000,
            ..self
        }
    }

    fn record(&self) -> Vec<u8> {
        let len = u16::try_from(80 + self.data.len()).unwrap();
        let mut bytes = len.to_le_bytes().to_vec();
        bytes.extend([0x13, 0xc0, 0x40, 0, 0, 0]);
        self.header(ZERO + self.time, &mut bytes);
        bytes.extend(&self.data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    /// The frame in which Network Monitor keeps the event.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let len = u16::try_from(self.data.len()).unwrap();
        let mut bytes = (80 + len).to_le_bytes().to_vec();
        bytes.extend([0, 0, 0x40, 0, 0, 0]);
        self.header(START_TIME + self.time, &mut bytes);
        bytes.extend([0, 0, 0, 0, 0, 0]);
        bytes.extend(len.to_le_bytes());
        bytes.push(0);
        bytes.extend(&self.data);
        bytes
    }

    fn header(&self, time: i64, bytes: &mut Vec<u8>) {
        bytes.extend(self.thread.to_le_bytes());
        bytes.extend(self.process.to_le_bytes());
        bytes.extend(time.to_le_bytes());
        bytes.extend(self.provider);
        bytes.extend(self.id.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(self.keyword.to_le_bytes());
        bytes.extend([0; 24]);
    }
}

/// How a buffer lies in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// As it was filled, with room behind.
    Plain,
    /// Compressed, with no match in it.
    Compressed,
}

/// A trace that grows buffer by buffer.
#[derive(Clone, Debug)]
pub(crate) struct Etl {
    bytes: Vec<u8>,
}

impl Etl {
    /// A trace whose clock is of a type, with so many ticks in a second; its first record lies in a buffer of its own.
    pub(crate) fn new(clock: u32, per_second: i64) -> Self {
        let mut data = vec![0; 280];
        data[8..12].copy_from_slice(&20_348_u32.to_le_bytes());
        data[44..48].copy_from_slice(&8_u32.to_le_bytes());
        let mhz = u32::try_from(per_second / 1_000_000).unwrap();
        data[52..56].copy_from_slice(&mhz.to_le_bytes());
        data[256..264].copy_from_slice(&per_second.to_le_bytes());
        data[264..272].copy_from_slice(&START_TIME.to_le_bytes());
        data[272..276].copy_from_slice(&clock.to_le_bytes());
        let len = u16::try_from(32 + data.len()).unwrap();
        let mut record = vec![2, 0, 2, 0xc0];
        record.extend(len.to_le_bytes());
        record.resize(16, 0);
        record.extend(ZERO.to_le_bytes());
        record.resize(32, 0);
        record.extend(data);
        let mut trace = Self { bytes: Vec::new() };
        trace.put(0, &record, Form::Plain);
        trace
    }

    /// Appends a buffer that a processor filled.
    pub(crate) fn buffer(mut self, processor: u16, form: Form, events: &[Event]) -> Self {
        let records: Vec<u8> = events.iter().flat_map(Event::record).collect();
        self.put(processor, &records, form);
        self
    }

    fn put(&mut self, processor: u16, records: &[u8], form: Form) {
        let filled = u32::try_from(0x48 + records.len()).unwrap();
        let (body, flags) = match form {
            Form::Plain => {
                let mut body = records.to_vec();
                body.resize(records.len() + 24, 0xff);
                (body, 0x20_u16)
            }
            Form::Compressed => (stored(records), 0x60),
        };
        let begin = self.bytes.len();
        let size = u32::try_from(0x48 + body.len()).unwrap();
        self.bytes.extend(size.to_le_bytes());
        self.bytes.resize(begin + 0x28, 0);
        self.bytes.extend(processor.to_le_bytes());
        self.bytes.extend([1, 0, 3, 0, 0, 0]);
        self.bytes.extend(filled.to_le_bytes());
        self.bytes.extend(flags.to_le_bytes());
        let kind: u16 = if begin == 0 { 4 } else { 0 };
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.resize(begin + 0x48, 0);
        self.bytes.extend(body);
    }

    /// Overwrites a number of four bytes.
    pub(crate) fn spoil(mut self, at: usize, number: u32) -> Self {
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        self
    }

    /// How long the file is by now.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Bytes as a compressed stream in which nothing is repeated.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let pieces = bytes.chunks(32);
    pieces.flat_map(|piece| [&[0; 4], piece].concat()).collect()
}
