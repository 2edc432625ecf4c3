//! Reads and rebuilds in one thread and correlates in a second one, where a capture is long enough for that.
//!
//! Never changes the order of what it hands over, so one thread and two give the same report.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, Scope};

/// Items that are handed over at once. A capture that gives fewer starts no thread.
const BATCH: usize = 1024;
/// Bytes of items that are handed over at once, though they are fewer: of large messages.
const BATCH_BYTES: usize = 512 << 10;
/// Batches that wait at most, so that a slow consumer bounds the memory.
const WAITING: usize = 4;

/// Lets `produce` give items one by one, and lets `consume` take them in the same order, most of them in a second thread: finding
/// messages takes about as long as what becomes of them (`benches/README.md`). `weigh` tells how many bytes an item holds.
///
/// When it returns, all items are taken.
///
/// # Panics
///
/// When `consume` panics, or when no thread can be started.
pub(super) fn side_by_side<T: Send, R>(
    weigh: fn(&T) -> usize,
    produce: impl FnOnce(&mut dyn FnMut(T)) -> R,
    consume: impl FnMut(T) + Send,
) -> R {
    thread::scope(|scope| {
        let mut handover = Handover {
            scope,
            batch: Vec::with_capacity(BATCH),
            weigh,
            bytes: 0,
            here: Some(consume),
            there: None,
        };
        let produced = produce(&mut |item| handover.push(item));
        handover.finish();
        produced
    })
}

struct Handover<'scope, 'env, T, C> {
    scope: &'scope Scope<'scope, 'env>,
    batch: Vec<T>,
    weigh: fn(&T) -> usize,
    /// Bytes that the items of the batch hold.
    bytes: usize,
    /// The consumer, until a batch is full.
    here: Option<C>,
    /// Its thread, from then on.
    there: Option<SyncSender<Vec<T>>>,
}

impl<'scope, T: Send + 'scope, C: FnMut(T) + Send + 'scope> Handover<'scope, '_, T, C> {
    fn push(&mut self, item: T) {
        self.bytes += (self.weigh)(&item);
        self.batch.push(item);
        if self.batch.len() == BATCH || self.bytes >= BATCH_BYTES {
            self.send();
        }
    }

    fn send(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.bytes = 0;
        if let Some(consume) = self.here.take() {
            self.there = Some(start(self.scope, consume));
        }
        if let Some(there) = &self.there {
            // A consumer that is gone has panicked, which the scope passes on.
            let _ = there.send(batch);
        }
    }

    fn finish(mut self) {
        if let Some(consume) = self.here.take() {
            self.batch.into_iter().for_each(consume);
        } else {
            self.send();
        }
    }
}

fn start<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    consume: impl FnMut(T) + Send + 'scope,
) -> SyncSender<Vec<T>> {
    let (sender, batches) = sync_channel::<Vec<T>>(WAITING);
    scope.spawn(move || batches.into_iter().flatten().for_each(consume));
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    (0..count).for_each(sink);
                    count
                },
                |item| taken.push(item),
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
            |sink| (1..BATCH).for_each(sink),
            |_| threads.push(thread::current().id()),
        );
        assert!(threads.iter().all(|&thread| thread == here));
        assert_eq!(threads.len(), BATCH - 1);
    }

    #[test]
    fn large_items_are_not_gathered_until_there_are_many() {
        let here = thread::current().id();
        let mut threads = Vec::new();
        side_by_side(
            |_| BATCH_BYTES / 2,
            |sink| (0..4).for_each(sink),
            |_| threads.push(thread::current().id()),
        );
        assert!(threads.iter().all(|&thread| thread != here));
        assert_eq!(threads.len(), 4);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_consumer_that_breaks_down_is_not_passed_over_in_silence() {
        side_by_side(
            |_| 0,
            |sink| (0..5 * WAITING * BATCH).for_each(sink),
            |item| assert!(item < BATCH, "the consumer of this test breaks down"),
        );
    }
}
