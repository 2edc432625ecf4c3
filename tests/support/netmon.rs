//! Writes Network Monitor captures as their published description lays them out.

/// 2009-05-20, a Wednesday, 19:35:11.100.
const START: [u16; 8] = [2009, 5, 3, 20, 19, 35, 11, 100];

/// A capture that grows frame by frame; its table is written at the end.
#[derive(Clone, Debug)]
pub(crate) struct Netmon {
    version: (u8, u8),
    bytes: Vec<u8>,
    places: Vec<u32>,
    /// The place of the next frame's process in the table.
    process: u32,
    processes: Vec<u8>,
    listed: u32,
}

impl Netmon {
    /// A header of a version, major and minor, padded to `header` bytes.
    pub(crate) fn new(version: (u8, u8), header: usize) -> Self {
        let (major, minor) = version;
        let mut bytes = if major == 1 { *b"RTSS" } else { *b"GMBU" }.to_vec();
        bytes.extend([minor, major]);
        bytes.extend(1_u16.to_le_bytes());
        for part in START {
            bytes.extend(part.to_le_bytes());
        }
        bytes.resize(header, 0);
        Self {
            version,
            bytes,
            places: Vec::new(),
            process: u32::MAX,
            processes: 2_u16.to_le_bytes().to_vec(),
            listed: 0,
        }
    }

    /// Appends an Ethernet frame `micros` behind the start, of which all is captured.
    pub(crate) fn frame(self, micros: i64, packet: &[u8]) -> Self {
        self.frame_of(1, micros, packet.len(), packet)
    }

    /// Appends a frame of a media type and a length on the wire.
    pub(crate) fn frame_of(mut self, media: u16, micros: i64, wire: usize, packet: &[u8]) -> Self {
        self.places.push(u32::try_from(self.bytes.len()).unwrap());
        let (wire, captured) = (
            u32::try_from(wire).unwrap(),
            u32::try_from(packet.len()).unwrap(),
        );
        if self.version.0 == 1 {
            let millis = u32::try_from(micros / 1_000).unwrap();
            self.bytes.extend(millis.to_le_bytes());
            self.bytes
                .extend(u16::try_from(wire).unwrap().to_le_bytes());
            self.bytes
                .extend(u16::try_from(captured).unwrap().to_le_bytes());
        } else {
            self.bytes.extend(micros.to_le_bytes());
            self.bytes.extend(wire.to_le_bytes());
            self.bytes.extend(captured.to_le_bytes());
        }
        self.bytes.extend(packet);
        self.trailer(media, micros);
        self
    }

    fn trailer(&mut self, media: u16, micros: i64) {
        let (major, minor) = self.version;
        if major == 1 {
            return;
        }
        if minor >= 1 {
            self.bytes.extend(media.to_le_bytes());
        }
        if minor >= 2 {
            self.bytes.extend(self.process.to_le_bytes());
        }
        if minor >= 3 {
            // Four hours behind the wall clock of the header.
            let hours = 4 * 36_000_000_000;
            let filetime = 128_873_217_111_000_000 + hours + micros * 10;
            self.bytes.extend(filetime.to_le_bytes());
            self.bytes.push(0);
        }
    }

    /// Has the next frames be of the process at a place of the table.
    pub(crate) const fn of_process(mut self, process: u32) -> Self {
        self.process = process;
        self
    }

    /// Appends a process with a path, an icon and the machine's address to the table of processes.
    pub(crate) fn listed(mut self, path: &str, icon: &[u8], local: [u8; 4]) -> Self {
        let path: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for part in [&path[..], icon] {
            let len = u32::try_from(part.len()).unwrap();
            self.processes.extend(len.to_le_bytes());
            self.processes.extend(part);
        }
        self.processes.extend([0; 16]);
        self.processes.extend(local.iter().rev());
        self.processes.extend([0; 28]);
        self.listed += 1;
        self
    }

    /// Has the table name the frames in another order.
    pub(crate) fn reversed(mut self) -> Self {
        self.places.reverse();
        self
    }

    /// Has the table name a place where no frame is.
    pub(crate) fn entry(mut self, place: u32) -> Self {
        self.places.push(place);
        self
    }

    /// The file.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        let mut place = Vec::new();
        place.extend(u32::try_from(self.bytes.len()).unwrap().to_le_bytes());
        place.extend(u32::try_from(4 * self.places.len()).unwrap().to_le_bytes());
        self.bytes[24..32].copy_from_slice(&place);
        for place in &self.places {
            self.bytes.extend(place.to_le_bytes());
        }
        if self.listed > 0 {
            let place = u32::try_from(self.bytes.len()).unwrap();
            self.bytes[48..52].copy_from_slice(&place.to_le_bytes());
            self.bytes[52..56].copy_from_slice(&self.listed.to_le_bytes());
            self.bytes.extend(&self.processes);
        }
        self.bytes
    }
}
