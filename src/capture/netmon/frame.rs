//! One frame in the file: lengths, time, bytes, and what stands behind them.
//!
//! Never believes a length beyond the end of the file.

use super::header::{NetmonHeader, Version};
use super::media;
use crate::capture::order::Order;
use crate::capture::source::LARGEST;
use crate::capture::store::Store;
use crate::capture::windows_time;

/// A frame without a table is not believed beyond this length.
const PLAUSIBLE: usize = 256 << 10;

/// A frame as the file tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Record {
    /// Where its bytes are.
    pub(super) at: u64,
    pub(super) captured: usize,
    pub(super) original: u32,
    /// In nanoseconds since 1970.
    pub(super) time: i64,
    pub(super) media: u16,
    /// Its place in the table of processes.
    pub(super) process: Option<u32>,
    /// Where the next one begins, if they lie one behind the other.
    pub(super) end: u64,
}

/// The frame at `place`. One that reaches beyond `limit`, where something else begins, has nothing behind its bytes.
#[inline]
pub(super) fn read(
    header: NetmonHeader,
    store: &mut Store,
    place: u64,
    limit: Option<u64>,
) -> Option<Record> {
    let version = header.version;
    let head = version.head();
    let (original, captured) = lengths(version, store.get(place, head))?;
    let whole = captured.checked_add(head + version.trailer())?;
    if captured > LARGEST {
        return None;
    }
    let end = place + whole as u64;
    let has_trailer = limit.is_none_or(|limit| limit <= place || limit >= end);
    let bytes = store.get(place, whole);
    let trailer = bytes.get(head + captured..)?;
    let trailer = Some(trailer).filter(|trailer| has_trailer && trailer.len() == version.trailer());
    let own_media = trailer.filter(|trailer| trailer.len() >= 2);
    let process = trailer.filter(|trailer| trailer.len() >= 6);
    let process = process.map(|trailer| Order::Little.u32(trailer, 2));
    let utc = trailer.and_then(|trailer| trailer.get(6..14));
    let utc = utc.map_or(0, |utc| Order::Little.i64(utc, 0));
    Some(Record {
        at: place + head as u64,
        captured,
        original,
        time: if utc > 0 {
            windows_time::nanos(utc)
        } else {
            header.start.saturating_add(offset(version, bytes))
        },
        media: own_media.map_or(header.media, |trailer| Order::Little.u16(trailer, 0)),
        process: process.filter(|process| *process != u32::MAX),
        end,
    })
}

/// Whether a frame may begin at `place`, seen without the table.
pub(super) fn is_plausible(header: NetmonHeader, store: &mut Store, place: u64) -> bool {
    read(header, store, place, None).is_some_and(|record| {
        record.captured <= PLAUSIBLE
            && (1..=PLAUSIBLE).contains(&(record.original as usize))
            && media::is_known(record.media)
    })
}

/// The length on the wire, and how much of it was captured.
#[inline]
fn lengths(version: Version, head: &[u8]) -> Option<(u32, usize)> {
    if head.len() < version.head() {
        return None;
    }
    let short = |at| u32::from(Order::Little.u16(head, at));
    let long = |at| Order::Little.u32(head, at);
    let (original, captured) = match version {
        Version::One => (short(4), short(6)),
        _ => (long(8), long(12)),
    };
    Some((original.max(captured), captured as usize))
}

/// Nanoseconds since the beginning of the capture. Frames before it exist; they wrap around.
#[inline]
fn offset(version: Version, bytes: &[u8]) -> i64 {
    match version {
        Version::One => i64::from(Order::Little.u32(bytes, 0)) * 1_000_000,
        _ => Order::Little
            .i64(bytes, 0)
            .wrapping_mul(10)
            .saturating_mul(100),
    }
}
