//! Bytes that a second thread makes ready while the ones before are looked at.
//!
//! Never for bytes that only have to be read: handing those over costs more than it saves. Unpacking takes several times
//! as long as all that is done with what comes out of it (`benches/README.md`), so the two go side by side.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// What is handed over at a time.
const PIECE: u64 = 256 << 10;
/// Pieces that wait at most: the thread is never further ahead.
const WAITING: usize = 2;

/// Bytes, and what went wrong behind them. Without bytes and without a failure it is the end.
type Piece = (Vec<u8>, Option<io::Error>);

/// The bytes of a reader that works in a thread of its own.
pub(super) struct Ahead {
    ready: Receiver<Piece>,
    spent: Sender<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
    failure: Option<io::Error>,
    is_last: bool,
}

impl Ahead {
    /// Lets `input` be read by a new thread, which ends with the input or when this is dropped.
    pub(super) fn new(input: Box<dyn Read + Send>) -> io::Result<Self> {
        let (ready_at, ready) = sync_channel(WAITING);
        let (spent, spent_at) = channel();
        thread::Builder::new()
            .name("unpack".to_owned())
            .spawn(move || fill(input, &ready_at, &spent_at))?;
        Ok(Self {
            ready,
            spent,
            piece: Vec::new(),
            at: 0,
            failure: None,
            is_last: false,
        })
    }

    fn next_piece(&mut self) {
        // A thread that is gone without having said so did not reach the end.
        let next = self.ready.recv();
        let (piece, failure) =
            next.unwrap_or_else(|gone| (Vec::new(), Some(io::Error::other(gone))));
        self.is_last = piece.is_empty() || failure.is_some();
        self.failure = failure;
        self.at = 0;
        let spent = std::mem::replace(&mut self.piece, piece);
        // A thread that is through wants no room any more.
        let _ = self.spent.send(spent);
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && !self.is_last {
            self.next_piece();
        }
        let mut left = self.piece.get(self.at..).unwrap_or_default();
        if left.is_empty()
            && let Some(failure) = self.failure.take()
        {
            return Err(failure);
        }
        let read = left.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// The work of the thread: piece after piece, until the end, a failure, or nobody who wants more.
fn fill(mut input: Box<dyn Read + Send>, ready: &SyncSender<Piece>, spent: &Receiver<Vec<u8>>) {
    loop {
        let mut piece = spent.try_recv().unwrap_or_default();
        piece.clear();
        let read = (&mut input).take(PIECE).read_to_end(&mut piece);
        let is_last = piece.is_empty() || read.is_err();
        if ready.send((piece, read.err())).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `0` bytes, then fails or panics.
    struct Failing(usize, bool);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                assert!(!self.1, "the reader of this test breaks down");
                return Err(io::ErrorKind::InvalidData.into());
            }
            let read = buffer.len().min(self.0).min(1_000);
            buffer[..read].fill(7);
            self.0 -= read;
            Ok(read)
        }
    }

    fn read_all(input: impl Read + Send + 'static) -> (usize, io::Result<usize>) {
        let mut bytes = Vec::new();
        let read = Ahead::new(Box::new(input)).unwrap().read_to_end(&mut bytes);
        assert!(bytes.iter().all(|&byte| byte == 7));
        (bytes.len(), read)
    }

    #[test]
    fn all_bytes_come_out_in_order() {
        let bytes: Vec<u8> = (0..=250).cycle().take(3 * 256 * 1_024 + 5).collect();
        let mut out = Vec::new();
        let mut ahead = Ahead::new(Box::new(io::Cursor::new(bytes.clone()))).unwrap();
        ahead.read_to_end(&mut out).unwrap();
        assert!(out == bytes);
        assert_eq!(ahead.read(&mut [0; 4]).unwrap(), 0);
        assert_eq!(read_all(io::empty()).1.unwrap(), 0);
    }

    #[test]
    fn what_comes_before_a_failure_is_given_and_the_failure_after_it() {
        for len in [0, 10, 300_000] {
            let (read, end) = read_all(Failing(len, false));
            assert_eq!(
                (read, end.unwrap_err().kind()),
                (len, io::ErrorKind::InvalidData)
            );
        }
    }

    #[test]
    fn a_reader_that_breaks_down_is_not_taken_for_the_end() {
        assert!(read_all(Failing(10, true)).1.is_err());
    }

    #[test]
    fn nobody_need_read_to_the_end() {
        let mut ahead = Ahead::new(Box::new(io::repeat(7))).unwrap();
        assert_eq!(ahead.read(&mut [0; 4]).unwrap(), 4);
    }
}
