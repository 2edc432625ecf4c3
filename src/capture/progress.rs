//! What the readers of all formats keep: frames counted, link types seen, damage found.
//!
//! Never stops a reader: whether to go on behind a damage is the format's business.

use std::io;

use crate::capture::error::CaptureError;
use crate::capture::source::Source;
use crate::frame::{FrameNumber, LinkType};
use crate::limits::Limitation;

/// Damages that are told one by one; a file with more has one cause, and the rest is counted.
const TOLD_APART: usize = 20;

/// How far a reader has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    frames: u64,
    link_types: Vec<LinkType>,
    limitations: Vec<Limitation>,
    damages: u64,
}

impl Progress {
    /// Counts a packet record that is lent as a frame.
    #[inline]
    pub(super) fn count(&mut self, link: LinkType) -> FrameNumber {
        self.see(link);
        self.count_unread()
    }

    /// Notes the link type of a frame that has a number already.
    #[inline]
    pub(super) fn see(&mut self, link: LinkType) {
        if self.link_types.last() != Some(&link) && !self.link_types.contains(&link) {
            self.link_types.push(link);
        }
    }

    /// Counts a record that has a number and is no frame that can be read.
    #[inline]
    pub(super) const fn count_unread(&mut self) -> FrameNumber {
        self.frames += 1;
        FrameNumber(self.frames)
    }

    /// Tells that something is wrong at byte `offset` of the file: `what` completes a sentence that begins with "The file".
    pub(super) fn damage(&mut self, offset: u64, what: &str) {
        let place = match self.frames {
            0 => "before the first frame".to_owned(),
            frames => format!("after frame {frames}"),
        };
        self.tell_damage(format!("The file {what} at byte {offset}, {place}."));
    }

    /// The same, where it is not known yet which frames are before it.
    pub(super) fn damage_somewhere(&mut self, offset: u64, what: &str) {
        self.tell_damage(format!("The file {what} at byte {offset}."));
    }

    fn tell_damage(&mut self, text: String) {
        self.damages += 1;
        match usize::try_from(self.damages) {
            Ok(..=TOLD_APART) => self.tell(text),
            _ => self.tell_last(&text),
        }
    }

    /// No whole record is left: tells what is left of one (`cut` says so), or what stopped the input.
    ///
    /// # Errors
    ///
    /// [`CaptureError::Read`] where the input failed before there was a frame; later a failure costs only what it hides.
    pub(super) fn end(&mut self, source: &mut Source, cut: &str) -> Result<(), CaptureError> {
        match source.take_failure() {
            Some(error) => self.failed(error, source.bytes_read())?,
            None if source.available().is_empty() => {}
            None => self.damage(source.offset(), cut),
        }
        source.close();
        Ok(())
    }

    /// The input failed, near byte `offset`.
    ///
    /// # Errors
    ///
    /// [`CaptureError::Read`] where there was no frame before; later a failure costs only what it hides.
    pub(super) fn failed(&mut self, error: io::Error, offset: u64) -> Result<(), CaptureError> {
        if self.frames == 0 {
            return Err(CaptureError::Read(error));
        }
        self.damage(offset, &format!("could not be read further ({error})"));
        Ok(())
    }

    /// Tells what is wrong with the whole file.
    pub(super) fn flaw(&mut self, text: impl Into<String>) {
        self.damages += 1;
        self.remark(text);
    }

    /// Tells what holds for the whole file and is no damage.
    pub(super) fn remark(&mut self, text: impl Into<String>) {
        self.limitations.push(Limitation::of_capture(text));
    }

    /// One limitation stands for all that are not told apart.
    fn tell_last(&mut self, text: &str) {
        let more = self.damages - TOLD_APART as u64;
        if more > 1 {
            self.limitations.pop();
        }
        self.tell(format!(
            "The file is damaged in {more} more places. The last: {text}"
        ));
    }

    fn tell(&mut self, text: String) {
        self.limitations.push(Limitation {
            text,
            since_frame: (self.frames > 0).then_some(FrameNumber(self.frames)),
        });
    }

    pub(super) const fn frames(&self) -> u64 {
        self.frames
    }

    pub(super) fn link_types(&self) -> &[LinkType] {
        &self.link_types
    }

    pub(super) fn limitations(&self) -> &[Limitation] {
        &self.limitations
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.damages == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_without_end_is_counted_and_its_last_place_told() {
        let mut progress = Progress::default();
        progress.count(LinkType::ETHERNET);
        for offset in 0..1_000 {
            progress.damage(offset, "holds nonsense");
        }
        assert_eq!(progress.limitations().len(), TOLD_APART + 1);
        assert_eq!(
            progress.limitations().last(),
            Some(&Limitation::since(
                FrameNumber(1),
                "The file is damaged in 980 more places. \
                 The last: The file holds nonsense at byte 999, after frame 1."
            ))
        );
        assert!(!progress.is_complete());
    }

    #[test]
    fn link_types_are_named_once_in_the_order_in_which_they_come() {
        let mut progress = Progress::default();
        for link in [LinkType::RAW, LinkType::ETHERNET, LinkType::RAW] {
            progress.count(link);
        }
        assert_eq!(progress.link_types(), [LinkType::RAW, LinkType::ETHERNET]);
        assert_eq!(progress.frames(), 3);
    }
}
