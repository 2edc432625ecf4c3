//! A line on a terminal that says how far a long input is read. It is gone before anything else is written.
//!
//! Never written where standard error is no terminal, and never while a read takes less than a second.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::render::escape::Terminal;

/// What is read in less time needs no line.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line changes.
const RHYTHM: Duration = Duration::from_millis(200);
/// Columns where the terminal does not say how wide it is.
const COLUMNS: usize = 80;

/// Whether there is somebody to read it.
static IS_WANTED: AtomicBool = AtomicBool::new(false);
/// Columns of the line that is on the terminal; 0 where there is none.
static SHOWN: Mutex<usize> = Mutex::new(0);

/// Lets the line be written, if there is a terminal that can take it back.
pub(super) fn allow() {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    IS_WANTED.store(!is_dumb && io::stderr().is_terminal(), Ordering::Relaxed);
}

/// Takes the line off the terminal.
pub(super) fn erase() {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if *shown > 0 {
        put(&format!("\r{}\r", " ".repeat(*shown)));
        *shown = 0;
    }
}

/// Takes the line off the terminal, unless that takes longer than `patience`: a terminal that is stopped takes nothing.
pub(super) fn erase_within(patience: Duration) {
    let (done, is_done) = channel();
    let erasing = thread::Builder::new().spawn(move || {
        erase();
        done.send(())
    });
    if erasing.is_ok() {
        // Whoever cannot wait leaves the line where it is.
        let _ = is_done.recv_timeout(patience);
    }
}

/// How far a work is.
pub(super) struct Meter {
    due: Instant,
}

impl Meter {
    /// One that begins now; `None` where nobody would read it.
    pub(super) fn begin() -> Option<Self> {
        IS_WANTED
            .load(Ordering::Relaxed)
            .then(|| Self::at(Instant::now()))
    }

    fn at(begin: Instant) -> Self {
        Self {
            due: begin + PATIENCE,
        }
    }

    /// Shows `text`, if it is time for it.
    pub(super) fn tell(&mut self, text: impl FnOnce() -> String) {
        if !self.is_due(Instant::now()) {
            return;
        }
        let columns = terminal_size::terminal_size_of(io::stderr());
        let columns = columns.map_or(COLUMNS, |(width, _)| usize::from(width.0));
        let line = fitted(&Terminal(&text()).to_string(), columns.saturating_sub(1));
        let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let width = columns_of(&line);
        put(&format!(
            "\r{line}{}",
            " ".repeat(shown.saturating_sub(width))
        ));
        *shown = width.max(*shown);
    }

    /// Whether it is time, at `now`, to say something again.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.due;
        if is_due {
            self.due = now + RHYTHM;
        }
        is_due
    }
}

/// `1.2 GiB of 3.4 GiB read (35 %)`, or the first of it where nobody knows how much there is.
pub(super) fn bytes(read: u64, all: Option<u64>) -> String {
    match all.filter(|all| *all >= read && *all > 0) {
        Some(all) => {
            let percent = u128::from(read) * 100 / u128::from(all);
            format!("{} of {} read ({percent} %)", size(read), size(all))
        }
        None => format!("{} read", size(read)),
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["MiB", "GiB", "TiB"];
    let mut tenths = (bytes * 10) >> 20;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths >>= 10;
        unit += 1;
    }
    format!(
        "{}.{} {}",
        tenths / 10,
        tenths % 10,
        UNITS.get(unit).unwrap_or(&"")
    )
}

/// What fits into the line: one that wraps could not be taken back.
fn fitted(text: &str, columns: usize) -> String {
    let mut left = columns;
    text.chars()
        .take_while(|sign| {
            let wide = columns_of(sign.encode_utf8(&mut [0; 4]));
            let fits = wide <= left;
            left = left.saturating_sub(wide);
            fits
        })
        .collect()
}

/// Columns at most: no sign is wider than two.
fn columns_of(text: &str) -> usize {
    text.chars()
        .map(|sign| if sign.is_ascii() { 1 } else { 2 })
        .sum()
}

fn put(text: &str) {
    // Whoever cannot be told how far it is loses nothing else.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_in_the_first_second_and_little_after_it() {
        let begin = Instant::now();
        let mut meter = Meter::at(begin);
        let after = |millis: u64| begin + Duration::from_millis(millis);
        let told: Vec<bool> = [0, 999, 1000, 1100, 1199, 1200]
            .map(|millis| meter.is_due(after(millis)))
            .to_vec();
        assert_eq!(told, [false, false, true, false, false, true]);
    }

    #[test]
    fn sizes_are_told_as_people_read_them() {
        assert_eq!(bytes(3 << 20, None), "3.0 MiB read");
        assert_eq!(
            bytes(3 << 29, Some(6 << 30)),
            "1.5 GiB of 6.0 GiB read (25 %)"
        );
        // A file that grows while it is read.
        assert_eq!(bytes(2 << 20, Some(1 << 20)), "2.0 MiB read");
        assert_eq!(bytes(0, Some(0)), "0.0 MiB read");
    }

    #[test]
    fn a_terminal_that_takes_nothing_keeps_nobody_waiting() {
        // Whoever writes to it holds this for as long as the terminal is stopped.
        let stopped = SHOWN.lock().unwrap();
        erase_within(Duration::from_millis(1));
        assert_eq!(*stopped, 0);
    }

    #[test]
    fn a_line_never_wraps() {
        assert_eq!(fitted("abcdef", 4), "abcd");
        assert_eq!(fitted("ab漢字", 5), "ab漢");
    }
}
