//! Little-endian pcap files taken apart into their records, and put together again.

/// Bytes of the file's header.
pub(crate) const FILE_HEADER: usize = 24;
/// Bytes of a record's header: seconds, fraction, and both lengths.
pub(crate) const RECORD_HEADER: usize = 16;

/// The records of a file, each with its header.
pub(crate) fn records(bytes: &[u8]) -> Vec<&[u8]> {
    let mut rest = &bytes[FILE_HEADER..];
    let mut records = Vec::new();
    while rest.len() >= RECORD_HEADER {
        let len = u32::from_le_bytes(rest[8..12].try_into().expect("four bytes")) as usize;
        let (record, after) = rest.split_at(RECORD_HEADER + len);
        records.push(record);
        rest = after;
    }
    records
}

/// The file with these records.
pub(crate) fn some(bytes: &[u8], kept: &[&[u8]]) -> Vec<u8> {
    let mut file = bytes[..FILE_HEADER].to_vec();
    file.extend(kept.concat());
    file
}
