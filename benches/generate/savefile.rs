//! The file that frames are written to: as pcap, or as what Windows records, which the end of its name says.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// 2009-05-20T19:35:10Z.
const BEGIN_MICROS: u64 = 1_242_848_110_000_000;
/// The same in tenths of microseconds since 1601.
const BEGIN_FILETIME: u64 = 116_444_736_000_000_000 + 10 * BEGIN_MICROS;
/// Between two frames: some 2,500 of them a second.
const STEP_MICROS: u64 = 400;
/// The buffers of `netsh trace`, and of each its header.
const BUFFER: usize = 512 << 10;
const BUFFER_HEADER: usize = 0x48;
/// Kinds of buffers: the first one has the record that begins a trace.
const OF_HEADER: u8 = 4;
const OF_EVENTS: u8 = 0;
/// Microsoft-Windows-NDIS-PacketCapture.
const NDIS: [u8; 16] = *b"\x6e\x00\xd6\x2e\x29\x47\x09\x46\xb4\x23\x3e\xe7\xbc\xd6\x78\xef";
/// A whole packet over Ethernet, received.
const RECEIVED: u64 = 0x8000_0602_c000_0001;

/// A file of Ethernet frames, each so much later than the one before.
pub(crate) struct Savefile {
    out: BufWriter<File>,
    pub(crate) bytes: u64,
    frames: u64,
    kind: Kind,
}

enum Kind {
    Pcap,
    /// Network Monitor 2.3, with where each frame lies.
    Netmon(Vec<u32>),
    /// A trace, with the records of the buffer that is being filled.
    Etl(Vec<u8>),
}

impl Savefile {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let kind = match path.extension().and_then(|end| end.to_str()) {
            Some("cap") => Kind::Netmon(Vec::new()),
            Some("etl") => Kind::Etl(Vec::new()),
            _ => Kind::Pcap,
        };
        let begin = match &kind {
            Kind::Pcap => pcap_header(),
            Kind::Netmon(_) => netmon_header(0, 0),
            Kind::Etl(_) => buffer(&log_header(), OF_HEADER)?,
        };
        let mut file = Self {
            out: BufWriter::with_capacity(1 << 20, File::create(path)?),
            bytes: 0,
            frames: 0,
            kind,
        };
        file.put(&begin)?;
        Ok(file)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    pub(crate) fn record(&mut self, frame: &[u8]) -> io::Result<()> {
        self.frames += 1;
        let since = self.frames * STEP_MICROS;
        let len = u32::try_from(frame.len()).map_err(io::Error::other)?;
        let head = match &mut self.kind {
            Kind::Pcap => pcap_head(since, len)?,
            Kind::Netmon(places) => {
                places.push(u32::try_from(self.bytes).map_err(io::Error::other)?);
                [
                    &since.to_le_bytes()[..],
                    &len.to_le_bytes(),
                    &len.to_le_bytes(),
                ]
                .concat()
            }
            Kind::Etl(records) => {
                let record = packet_event(since, frame)?;
                let is_full = BUFFER_HEADER + records.len() + record.len() > BUFFER;
                let full = is_full.then(|| std::mem::take(records));
                records.extend(record);
                return full.map_or(Ok(()), |full| self.put(&buffer(&full, OF_EVENTS)?));
            }
        };
        self.put(&head)?;
        self.put(frame)?;
        if matches!(self.kind, Kind::Netmon(_)) {
            let time = BEGIN_FILETIME + 10 * since;
            let trailer = [
                &[1, 0, 0xff, 0xff, 0xff, 0xff][..],
                &time.to_le_bytes(),
                &[0],
            ];
            self.put(&trailer.concat())?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.kind, Kind::Pcap) {
            Kind::Pcap => {}
            Kind::Etl(records) => self.put(&buffer(&records, OF_EVENTS)?)?,
            Kind::Netmon(places) => {
                let at = u32::try_from(self.bytes).map_err(io::Error::other)?;
                let table: Vec<u8> = places.iter().flat_map(|at| at.to_le_bytes()).collect();
                self.put(&table)?;
                self.out.flush()?;
                let len = u32::try_from(table.len()).map_err(io::Error::other)?;
                io::Seek::rewind(&mut self.out)?;
                self.out.write_all(&netmon_header(at, len))?;
            }
        }
        self.out.flush()
    }
}

fn pcap_header() -> Vec<u8> {
    let fields = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1];
    fields
        .iter()
        .flat_map(|field| field.to_le_bytes())
        .collect()
}

fn pcap_head(since: u64, len: u32) -> io::Result<Vec<u8>> {
    let micros = BEGIN_MICROS + since;
    let seconds = u32::try_from(micros / 1_000_000).map_err(io::Error::other)?;
    let micros = u32::try_from(micros % 1_000_000).map_err(io::Error::other)?;
    let fields = [seconds, micros, len, len];
    Ok(fields
        .iter()
        .flat_map(|field| field.to_le_bytes())
        .collect())
}

/// With the place and the length of the table of frames.
fn netmon_header(table: u32, len: u32) -> Vec<u8> {
    let mut bytes = b"GMBU\x03\x02\x01\x00".to_vec();
    for part in [2009_u16, 5, 3, 20, 19, 35, 10, 0] {
        bytes.extend(part.to_le_bytes());
    }
    bytes.extend(table.to_le_bytes());
    bytes.extend(len.to_le_bytes());
    bytes.resize(72, 0);
    bytes
}

/// The record that begins a trace: its clock has ten million ticks in a second.
fn log_header() -> Vec<u8> {
    let mut bytes = vec![0; 32 + 280];
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(0, &[2, 0, 2, 0xc0, 56, 1]);
    put(32 + 8, &18_363_u32.to_le_bytes());
    put(32 + 44, &8_u32.to_le_bytes());
    put(32 + 256, &10_000_000_u64.to_le_bytes());
    put(32 + 264, &BEGIN_FILETIME.to_le_bytes());
    put(32 + 272, &1_u32.to_le_bytes());
    bytes
}

fn packet_event(since: u64, frame: &[u8]) -> io::Result<Vec<u8>> {
    let len = 80 + 12 + frame.len();
    let mut bytes = u16::try_from(len)
        .map_err(io::Error::other)?
        .to_le_bytes()
        .to_vec();
    bytes.extend([0x13, 0xc0, 0, 0, 0, 0]);
    bytes.extend([0; 8]);
    bytes.extend((10 * since).to_le_bytes());
    bytes.extend(NDIS);
    bytes.extend([0xe9, 3, 0, 0, 0, 0, 0, 0]);
    bytes.extend(RECEIVED.to_le_bytes());
    bytes.extend([0; 24]);
    for field in [
        13,
        13,
        u32::try_from(frame.len()).map_err(io::Error::other)?,
    ] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(frame);
    bytes.resize(len.next_multiple_of(8), 0);
    Ok(bytes)
}

/// A buffer that processor 0 filled.
fn buffer(records: &[u8], kind: u8) -> io::Result<Vec<u8>> {
    let field = |len: usize| u32::try_from(len).map_err(io::Error::other);
    let mut bytes = field(BUFFER)?.to_le_bytes().to_vec();
    bytes.resize(0x2c, 0);
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(field(BUFFER_HEADER + records.len())?.to_le_bytes());
    bytes.extend([0x20, 0, kind, 0]);
    bytes.resize(BUFFER_HEADER, 0);
    bytes.extend(records);
    bytes.resize(BUFFER, 0xff);
    Ok(bytes)
}
