//! Reads and rebuilds in one thread and correlates in a second one, where a capture is long enough for that.
//!
//! Never changes the order of what it hands over, so one thread and two give the same report.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

/// Items that are handed over at once. A capture that gives fewer starts no thread.
const BATCH: usize = 1024;
/// Bytes of items that are handed over at once, though they are fewer: of large messages.
const BATCH_BYTES: usize = 512 << 10;
/// Batches that wait at most, so that a slow consumer bounds the memory.
const WAITING: usize = 4;

/// Lets `produce` give items one by one, each with bytes, and lets `consume` take them in the same order, most of them in a second
/// thread: finding messages takes about as long as what becomes of them (`benches/README.md`). `weigh` tells how many bytes an item
/// holds beside those that come with it.
///
/// When it returns, all items are taken.
///
/// # Panics
///
/// When `consume` panics, or when no thread can be started.
pub(super) fn side_by_side<T: Send, R>(
    weigh: fn(&T) -> usize,
    produce: impl FnOnce(&mut dyn FnMut(T, &[u8])) -> R,
    consume: impl FnMut(T, &[u8]) + Send,
) -> R {
    thread::scope(|scope| {
        let mut handover = Handover {
            scope,
            batch: Batch::default(),
            weigh,
            here: Some(consume),
            there: None,
        };
        let produced = produce(&mut |item, bytes| handover.push(item, bytes));
        handover.finish();
        produced
    })
}

/// Items, with the bytes of all of them one behind the other.
#[derive(Debug)]
struct Batch<T> {
    /// Each with where its bytes end.
    items: Vec<(T, usize)>,
    bytes: Vec<u8>,
    /// Bytes that the items hold themselves.
    held: usize,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self {
            items: Vec::with_capacity(BATCH),
            bytes: Vec::new(),
            held: 0,
        }
    }
}

impl<T> Batch<T> {
    fn push(&mut self, item: T, held: usize, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.items.push((item, self.bytes.len()));
        self.held += held;
    }

    fn is_full(&self) -> bool {
        self.items.len() == BATCH || self.held + self.bytes.len() >= BATCH_BYTES
    }

    /// Gives all items away. What room there is stays.
    fn drain(&mut self, consume: &mut impl FnMut(T, &[u8])) {
        let mut from = 0;
        for (item, to) in self.items.drain(..) {
            consume(item, self.bytes.get(from..to).unwrap_or_default());
            from = to;
        }
        self.bytes.clear();
        self.held = 0;
    }
}

struct Handover<'scope, 'env, T, C> {
    scope: &'scope Scope<'scope, 'env>,
    batch: Batch<T>,
    weigh: fn(&T) -> usize,
    /// The consumer, until a batch is full.
    here: Option<C>,
    /// Its thread, from then on.
    there: Option<There<T>>,
}

/// The way to the consumer, and that of emptied batches back from it.
struct There<T> {
    batches: SyncSender<Batch<T>>,
    emptied: Receiver<Batch<T>>,
}

impl<'scope, T: Send + 'scope, C: FnMut(T, &[u8]) + Send + 'scope> Handover<'scope, '_, T, C> {
    fn push(&mut self, item: T, bytes: &[u8]) {
        let held = (self.weigh)(&item);
        self.batch.push(item, held, bytes);
        if self.batch.is_full() {
            self.send();
        }
    }

    fn send(&mut self) {
        if let Some(consume) = self.here.take() {
            self.there = Some(start(self.scope, consume));
        }
        if let Some(there) = &self.there {
            let empty = there.emptied.try_recv().unwrap_or_default();
            let batch = std::mem::replace(&mut self.batch, empty);
            // A consumer that is gone has panicked, which the scope passes on.
            let _ = there.batches.send(batch);
        }
    }

    fn finish(mut self) {
        if let Some(mut consume) = self.here.take() {
            self.batch.drain(&mut consume);
        } else {
            self.send();
        }
    }
}

fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut consume: impl FnMut(T, &[u8]) + Send + 'scope,
) -> There<T> {
    let (batches, incoming) = sync_channel::<Batch<T>>(WAITING);
    let (outgoing, emptied) = sync_channel(WAITING);
    scope.spawn(move || {
        for mut batch in incoming {
            batch.drain(&mut consume);
            // Where there are enough, or the producer is done, it is let go.
            let _ = outgoing.try_send(batch);
        }
    });
    There { batches, emptied }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// None, one, or a few: each item has others.
    fn bytes_of(item: usize) -> Vec<u8> {
        item.to_le_bytes()[..item % 5].to_vec()
    }

    #[test]
    fn every_item_is_taken_in_order_however_many_there_are() {
        for count in [
            0,
            1,
            BATCH - 1,
            BATCH,
            BATCH + 1,
            3 * BATCH,
            20 * WAITING * BATCH + 7,
        ] {
            let mut taken = Vec::new();
            let made = side_by_side(
                |_| 0,
                |sink| {
                    (0..count).for_each(|item| sink(item, &bytes_of(item)));
                    count
                },
                |item, bytes| {
                    assert_eq!(bytes, bytes_of(item));
                    taken.push(item);
                },
            );
            assert_eq!(made, count);
            assert!(taken.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn few_items_need_no_second_thread() {
        let here = thread::current().id();
        let mut threads = Vec::new();
        side_by_side(
            |_| 0,
            |sink| (1..BATCH).for_each(|item| sink(item, &[])),
            |_, _| threads.push(thread::current().id()),
        );
        assert!(threads.iter().all(|&thread| thread == here));
        assert_eq!(threads.len(), BATCH - 1);
    }

    #[test]
    fn large_items_are_not_gathered_until_there_are_many() {
        let here = thread::current().id();
        for (held, bytes) in [(BATCH_BYTES / 2, 0), (0, BATCH_BYTES / 2)] {
            let mut threads = Vec::new();
            side_by_side(
                |held| *held,
                |sink| (0..4).for_each(|_| sink(held, &vec![0; bytes])),
                |_, _| threads.push(thread::current().id()),
            );
            assert!(threads.iter().all(|&thread| thread != here));
            assert_eq!(threads.len(), 4);
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_consumer_that_breaks_down_is_not_passed_over_in_silence() {
        side_by_side(
            |_| 0,
            |sink| (0..5 * WAITING * BATCH).for_each(|item| sink(item, &[])),
            |item, _| assert!(item < BATCH, "the consumer of this test breaks down"),
        );
    }
}
