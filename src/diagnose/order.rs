//! Whether the frames of a file are in the order of time.
//!
//! Never puts them in order: the story follows the file, as its numbers do.

use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Limitation;

/// Frames of several processors or interfaces are written out of order: those of `captures/20f-pcapng-two-interfaces.pcapng` by 0.13 s.
/// More than this is another thing.
const SLACK_NANOS: i64 = 1_000_000_000;

/// Frames that are earlier than one before them.
#[derive(Debug, Default)]
pub(super) struct Disorder {
    frames: u64,
    first: Option<FrameNumber>,
}

impl Disorder {
    /// Hears of a frame; `latest` is the latest time of the frames of its file so far.
    #[inline]
    pub(super) fn hear(&mut self, frame: FrameNumber, time: Timestamp, latest: Timestamp) {
        if latest.since(time) > SLACK_NANOS {
            self.frames += 1;
            self.first.get_or_insert(frame);
        }
    }

    /// What there is to say of it.
    pub(super) fn limitation(&self) -> Option<Limitation> {
        let first = self.first?;
        let frames = match self.frames {
            1 => "1 frame is".to_owned(),
            frames => format!("{frames} frames are"),
        };
        Some(Limitation::since(
            first,
            format!(
                "{frames} more than 1 s earlier than frames before: files were joined out of order, or a clock was set back. What is told here follows the file; to sort its frames: reordercap FILE SORTED"
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(times: &[i64]) -> Option<Limitation> {
        let mut disorder = Disorder::default();
        let mut latest = i64::MIN;
        for (number, time) in (1..).zip(times) {
            latest = latest.max(*time);
            let [time, latest] = [*time, latest].map(|it| Timestamp::from_nanos(it * 1_000_000));
            disorder.hear(FrameNumber(number), time, latest);
        }
        disorder.limitation()
    }

    #[test]
    fn a_file_that_goes_back_in_time_is_told_and_a_little_disorder_is_not() {
        assert_eq!(after(&[0, 500, 100, 600, 5_000]), None);
        let told = after(&[10_000, 15_000, 0, 3_000, 14_500, 20_000]).expect("a limitation");
        assert_eq!(told.since_frame, Some(FrameNumber(3)));
        assert!(told.text.starts_with("2 frames are"), "{}", told.text);
        let told = after(&[10_000, 0]).expect("a limitation");
        assert!(told.text.starts_with("1 frame is"), "{}", told.text);
    }
}
