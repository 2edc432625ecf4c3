//! Where one block ends and the next begins.
//!
//! Never trusts a length that the block's end does not repeat: behind a damage the next plausible block is looked for, at steps of
//! four bytes.

use crate::capture::error::CaptureError;
use crate::capture::order::Order;
use crate::capture::progress::Progress;
use crate::capture::source::Source;

/// The shortest block: type, length, and the length again.
const SHORTEST: usize = 12;
/// A block that is found by searching, or whose end is not in the file, is not believed beyond this length.
const PLAUSIBLE: usize = 256 << 10;

/// The types of blocks that matter here.
pub(super) mod kind {
    pub(in super::super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(in super::super) const INTERFACE: u32 = 1;
    pub(in super::super) const OLD_PACKET: u32 = 2;
    pub(in super::super) const SIMPLE_PACKET: u32 = 3;
    pub(in super::super) const ENHANCED_PACKET: u32 = 6;
    /// The last of the numbers that are given out without a hole: decryption secrets.
    pub(in super::super) const LAST: u32 = 10;
    /// Blocks that are no packets and that Wireshark numbers all the same: systemd journal entries, custom blocks of either
    /// kind, and events of Sysdig in their three forms.
    pub(in super::super) const NUMBERED: [u32; 6] = [9, 0x0bad, 0x4000_0bad, 0x204, 0x216, 0x221];
}

/// The beginning of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    /// Its type.
    pub(super) kind: u32,
    /// Its length, all of it.
    pub(super) len: usize,
    /// The byte order of its section.
    pub(super) order: Order,
}

/// The input, cut into blocks.
#[derive(Debug)]
pub(super) struct Framing {
    source: Source,
    order: Order,
}

impl Framing {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            order: Order::Little,
        }
    }

    pub(super) const fn source(&self) -> &Source {
        &self.source
    }

    /// Consumes the next block, which then can be had by [`Self::block`].
    pub(super) fn next(&mut self, progress: &mut Progress) -> Result<Option<Head>, CaptureError> {
        while self.source.fill(SHORTEST) {
            match self.whole_block() {
                Ok(head) => {
                    self.order = head.order;
                    self.source.consume(head.len);
                    return Ok(Some(head));
                }
                Err(Damage::Cut) => break,
                Err(Damage::Here(what)) => {
                    progress.damage(self.source.offset(), what);
                    self.resynchronise();
                }
            }
        }
        progress.end(&mut self.source, "ends inside the block that begins")?;
        Ok(None)
    }

    /// The block that was consumed last.
    #[inline]
    pub(super) fn block(&self, head: Head) -> &[u8] {
        self.source.consumed(head.len)
    }

    /// Where the block that was consumed last begins in the file.
    pub(super) const fn begin(&self, head: Head) -> u64 {
        self.source.offset() - head.len as u64
    }

    fn whole_block(&mut self) -> Result<Head, Damage> {
        let head = self.head().ok_or(Damage::Here(
            "holds a section header without its byte order",
        ))?;
        if head.len < SHORTEST || head.len % 4 != 0 {
            return Err(Damage::Here("holds a block of a length that cannot be"));
        }
        if !self.source.fill(head.len) {
            return Err(unfinished(head.len));
        }
        if !self.has_end(head) {
            return Err(Damage::Here("holds a block whose two lengths differ"));
        }
        Ok(head)
    }

    /// Type, length and byte order of what is next; a section header tells the byte order itself.
    #[inline]
    fn head(&self) -> Option<Head> {
        let bytes = self.source.available();
        let kind = self.order.u32(bytes, 0);
        let order = if kind == kind::SECTION {
            section_order(bytes)?
        } else {
            self.order
        };
        let len = usize::try_from(order.u32(bytes, 4)).ok()?;
        Some(Head { kind, len, order })
    }

    #[inline]
    fn has_end(&self, head: Head) -> bool {
        let len = head.order.u32(self.source.available(), head.len - 4);
        usize::try_from(len) == Ok(head.len)
    }

    /// Moves to the next place where a block may begin, or to the end.
    fn resynchronise(&mut self) {
        self.source.consume(4);
        while self.source.fill(SHORTEST) {
            if self.is_plausible() {
                return;
            }
            self.source.consume(4);
        }
        self.source.consume(SHORTEST);
    }

    fn is_plausible(&mut self) -> bool {
        let Some(head) = self.head() else {
            return false;
        };
        let is_known = matches!(head.kind, kind::SECTION | kind::INTERFACE..=kind::LAST)
            || kind::NUMBERED.contains(&head.kind);
        let is_sound = (SHORTEST..=PLAUSIBLE).contains(&head.len) && head.len.is_multiple_of(4);
        is_known && is_sound && self.source.fill(head.len) && self.has_end(head)
    }
}

/// Why there is no whole block.
enum Damage {
    /// The input is over before the block is.
    Cut,
    /// What begins here is none.
    Here(&'static str),
}

/// What a block of `len` bytes that has no end is. A plausible one is taken for the last of a file that was cut; behind a longer one
/// there may be sound blocks.
const fn unfinished(len: usize) -> Damage {
    if len <= PLAUSIBLE {
        Damage::Cut
    } else {
        Damage::Here("holds a block that is longer than what follows, or than is believed,")
    }
}

/// The byte order that a section header tells.
pub(in crate::capture) fn section_order(bytes: &[u8]) -> Option<Order> {
    match bytes.get(8..12)? {
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order::Little),
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order::Big),
        _ => None,
    }
}
