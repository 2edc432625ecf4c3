//! `--frames`, `--from` and `--to`: which part of a capture is read.
//!
//! Never looks at a capture: of which day a time is, its first frame says.

use anyhow::{Context, bail};
use chrono::DateTime;

use crate::capture::{Excerpt, FrameRanges, Moment};
use crate::frame::Timestamp;

/// Ranges that may be named: more are no choice that a person made, and every frame is looked up among them.
const RANGES: usize = 100_000;

/// The words.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Words {
    /// Read only these frames of the capture: `4-7,12,30-` (`30-`: from there on)
    #[arg(long, value_name = "LIST")]
    frames: Option<String>,
    /// Read only frames from this time on: RFC 3339, `HH:MM:SS` (UTC, of the day on which the capture begins), or `+SECONDS` from
    /// its first frame
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Read only frames up to this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Words {
    /// What they mean; `None` where all of the capture is wanted.
    pub(super) fn excerpt(&self) -> anyhow::Result<Option<Excerpt>> {
        let excerpt = Excerpt {
            frames: self.frames.as_deref().map(frames).transpose()?,
            from: named("--from", self.from.as_deref())?,
            to: named("--to", self.to.as_deref())?,
        };
        let is_backwards = match (excerpt.from, excerpt.to) {
            (Some(Moment::At(from)), Some(Moment::At(to))) => to < from,
            (Some(Moment::After(from)), Some(Moment::After(to))) => to < from,
            _ => false,
        };
        if is_backwards {
            bail!("--to is before --from: there is nothing between them");
        }
        Ok((excerpt != Excerpt::default()).then_some(excerpt))
    }
}

/// The frames of `4-7,12,30-`. The dash may be the long one that reports have.
fn frames(text: &str) -> anyhow::Result<FrameRanges> {
    let named: Vec<&str> = text.split(',').collect();
    if named.len() > RANGES {
        bail!("--frames: more than {RANGES} ranges are named");
    }
    let ranges: Option<Vec<(u64, u64)>> = named.into_iter().map(range).collect();
    let ranges = ranges.with_context(|| {
        format!(
            "--frames {:?}: name frames from 1 on, as in 4-7,12,30-",
            brief(text)
        )
    })?;
    Ok(FrameRanges::new(ranges))
}

fn range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = match text.trim().split_once(['-', '–']) {
        Some((first, "")) => (number(first)?, u64::MAX),
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    (first > 0 && first <= last).then_some((first, last))
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn named(option: &str, text: Option<&str>) -> anyhow::Result<Option<Moment>> {
    let Some(text) = text else {
        return Ok(None);
    };
    let known = moment(text.trim()).with_context(|| {
        format!(
            "{option} {:?}: name a time, as in 2009-05-20T19:35:11Z, 19:35:11 (UTC) or +2.5 (seconds from the first frame)",
            brief(text)
        )
    });
    known.map(Some)
}

fn moment(text: &str) -> Option<Moment> {
    if let Some(seconds) = text.strip_prefix('+') {
        return nanos(seconds).map(Moment::After);
    }
    if let Some(time) = time_of_day(text) {
        return Some(Moment::OfDay(time));
    }
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    let nanos = time.timestamp_nanos_opt()?;
    Some(Moment::At(Timestamp::from_nanos(nanos)))
}

/// Nanoseconds since midnight of `19:35:11.25`.
fn time_of_day(text: &str) -> Option<i64> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let below = |text: &str, limit: u64| -> Option<i64> {
        let value = number(text).filter(|value| *value < limit && text.len() <= 2)?;
        i64::try_from(value).ok()
    };
    let seconds = nanos(seconds).filter(|nanos| *nanos < 61_000_000_000)?;
    let minutes = below(hours, 24)? * 60 + below(minutes, 60)?;
    Some(minutes * 60_000_000_000 + seconds)
}

/// Nanoseconds of `2.5` seconds.
fn nanos(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if part.is_empty() || part.len() > 9 {
        return None;
    }
    let seconds = i64::try_from(number(whole)?).ok()?;
    let part = i64::try_from(number(&format!("{part:0<9}"))?).ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(part)
}

/// What was typed, or its beginning: a list may be as long as a command line.
fn brief(text: &str) -> String {
    let mut letters = text.chars();
    let begin: String = letters.by_ref().take(40).collect();
    if letters.next().is_some() {
        format!("{begin}…")
    } else {
        begin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_named_by_numbers_and_ranges() {
        let told = |text: &str| frames(text).map(|ranges| ranges.to_string()).ok();
        assert_eq!(told("4-7,12").as_deref(), Some("4–7, 12"));
        assert_eq!(told("4–7, 8").as_deref(), Some("4–8"));
        assert_eq!(told("30-").as_deref(), Some("30 and later"));
        for bad in ["", "0", "7-4", "-5", "a", "4,,5", "4-5-6", "+4", "1e3"] {
            assert_eq!(told(bad), None, "{bad:?}");
        }
        assert_eq!(told("99999999999999999999"), None);
        assert!(frames(&"1,".repeat(RANGES + 1)).is_err());
    }

    #[test]
    fn times_are_named_in_three_ways() {
        let second = 1_000_000_000;
        assert_eq!(moment("+2.5"), Some(Moment::After(2_500_000_000)));
        assert_eq!(
            moment("19:35:11.25"),
            Some(Moment::OfDay(70_511 * second + 250_000_000))
        );
        let at = Timestamp::from_nanos(second);
        for text in ["1970-01-01T00:00:01Z", "1970-01-01T01:00:01+01:00"] {
            assert_eq!(moment(text), Some(Moment::At(at)));
        }
        for bad in ["", "+", "+x", "+1.", "24:00:00", "12:60:00", "12:00", "now"] {
            assert_eq!(moment(bad), None, "{bad:?}");
        }
        assert_eq!(moment("9999-01-01T00:00:00Z"), None);
        assert_eq!(moment("+99999999999999"), None);
    }
}
