//! Captures of Endace cards, made here from a committed one.

use crate::seen::{Seen, committed, read, refusal};

/// A record of a type with `extensions` and what stands before the packet.
fn record(frame: &Seen, kind: u8, extensions: &[u8], before: &[u8]) -> Vec<u8> {
    let seconds = u32::try_from(frame.nanos / 1_000_000_000).unwrap();
    let part = (u64::try_from(frame.nanos % 1_000_000_000).unwrap() << 32).div_ceil(1_000_000_000);
    let body = [extensions, before, &frame.bytes].concat();
    let mut bytes = u32::try_from(part).unwrap().to_le_bytes().to_vec();
    bytes.extend(seconds.to_le_bytes());
    bytes.extend([kind, 4]);
    let len = (16 + body.len()).next_multiple_of(8);
    bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(u16::try_from(frame.wire_len).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes.resize(len, 0xee);
    bytes
}

fn article() -> (Vec<Seen>, Vec<Vec<u8>>) {
    let frames = read(&committed("article.pcap")).0;
    let records = frames.iter().map(|it| record(it, 2, &[], &[0, 0]));
    let records = records.collect();
    (frames, records)
}

#[test]
fn records_are_frames_with_or_without_extensions() {
    let (frames, records) = article();
    let (seen, reader) = read(&records.concat());
    assert_eq!(seen, frames);
    assert_eq!((reader.format(), reader.is_complete()), ("erf", true));
    let extended = frames.iter().map(|it| {
        let extensions = [[0x83; 8], [3; 8]].concat();
        record(it, 0x82, &extensions, &[0, 0])
    });
    assert_eq!(read(&extended.collect::<Vec<_>>().concat()).0, frames);
}

#[test]
fn padding_has_no_number_and_other_kinds_have_one() {
    let (frames, records) = article();
    let padding = record(&frames[0], 48, &[], &[]);
    let other = record(&frames[0], 27, &[], &[]);
    let bytes = [&records[0][..], &padding, &other, &records[1]].concat();
    let (seen, _) = read(&bytes);
    let numbers: Vec<u64> = seen.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_ne!(seen[1].link, 1);
    assert_eq!(seen[2].bytes, frames[1].bytes);
}

#[test]
fn frames_before_a_cut_are_all_there() {
    let (frames, records) = article();
    let whole = records.concat();
    for (count, cut) in [(29, 1), (29, 20)] {
        let (seen, reader) = read(&whole[..whole.len() - cut]);
        assert_eq!(seen, frames[..count]);
        assert!(!reader.is_complete());
    }
}

#[test]
fn what_does_not_lead_from_record_to_record_is_none() {
    let (_, records) = article();
    assert_eq!(read(&records[0]).0.len(), 1, "a file of one record");
    let spoiled = [&records[0][..], b"sixteen letters", &records[1]].concat();
    assert!(refusal(&spoiled).contains("is of an unknown format"));
    assert!(refusal(&records[0][..30]).contains("is of an unknown format"));
}
