//! `--frames`, `--from` and `--to`: which part of a capture is read.
//!
//! Never looks at a capture: of which day a time is, its first frame says.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use chrono::DateTime;

use crate::capture::{Excerpt, FrameRanges, FramesOfFile, Moment};
use crate::frame::Timestamp;

/// Ranges that may be named: more are no choice that a person made, and every frame is looked up among them.
const RANGES: usize = 100_000;

/// The words.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Words {
    /// Read only these frames of the capture: `4-7,12,30-` (`30-`: from there on). Of several captures, each list names its own, by
    /// path or by file name: `mp.cap#10-40,52,client.pcapng#1-99`; a capture that is not named here is read whole
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

/// What they mean, before it is known which captures there are; all of them, where there are no words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Part {
    frames: Vec<Chosen>,
    from: Option<Moment>,
    to: Option<Moment>,
}

/// Frames that were named, and the capture, where that was.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Chosen {
    file: Option<String>,
    ranges: Vec<(u64, u64)>,
}

impl Words {
    /// What they mean.
    pub(super) fn part(&self) -> anyhow::Result<Part> {
        let frames = self.frames.as_deref().map(frames).transpose()?;
        let part = Part {
            frames: frames.unwrap_or_default(),
            from: named("--from", self.from.as_deref())?,
            to: named("--to", self.to.as_deref())?,
        };
        let is_backwards = match (part.from, part.to) {
            (Some(Moment::At(from)), Some(Moment::At(to))) => to < from,
            (Some(Moment::After(from)), Some(Moment::After(to))) => to < from,
            _ => false,
        };
        if is_backwards {
            bail!("--to is before --from: there is nothing between them");
        }
        Ok(part)
    }
}

impl Part {
    /// Whether nothing is left out.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The part of `captures`, each known by its path and its name; `None` where all of them is wanted.
    pub(super) fn of(&self, captures: &[(&Path, &str)]) -> anyhow::Result<Option<Excerpt>> {
        let mut frames: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
        for chosen in &self.frames {
            let file = file_of(chosen.file.as_deref(), captures)?;
            frames.entry(file).or_default().extend(&chosen.ranges);
        }
        let frames = frames.into_iter().map(|(file, ranges)| FramesOfFile {
            file,
            name: name_among(captures, file),
            ranges: FrameRanges::new(ranges),
        });
        Ok((!self.is_all()).then(|| Excerpt {
            frames: frames.collect(),
            from: self.from,
            to: self.to,
        }))
    }
}

/// What a capture is called, where there are others.
fn name_among(captures: &[(&Path, &str)], file: usize) -> Option<String> {
    let named = captures.get(file).filter(|_| captures.len() > 1);
    named.map(|(_, name)| (*name).to_owned())
}

/// Which of `captures` is meant: the one at that path, or else the one of that name.
fn file_of(meant: Option<&str>, captures: &[(&Path, &str)]) -> anyhow::Result<usize> {
    let Some(meant) = meant else {
        let example = captures.first().map_or("FILE", |(_, name)| name);
        if captures.len() > 1 {
            bail!(
                "--frames: there are {} captures; name the one whose frames are meant, as in {example}#4-7",
                captures.len()
            );
        }
        return Ok(0);
    };
    let alike = |is_it: &dyn Fn(&(&Path, &str)) -> bool| -> Vec<usize> {
        let files = captures.iter().enumerate();
        let files = files.filter(|(_, capture)| is_it(capture));
        files.map(|(file, _)| file).collect()
    };
    let mut found = alike(&|(path, _)| *path == Path::new(meant));
    if found.is_empty() {
        found = alike(&|(_, name)| *name == meant);
    }
    match found[..] {
        [file] => Ok(file),
        [] => bail!(
            "--frames: no capture is called {:?}; they are called {}",
            brief(meant),
            brief(&names(captures))
        ),
        _ => bail!(
            "--frames: {} captures are called {:?}; name the one that is meant by its path",
            found.len(),
            brief(meant)
        ),
    }
}

fn names(captures: &[(&Path, &str)]) -> String {
    let names: Vec<&str> = captures.iter().map(|(_, name)| *name).collect();
    names.join(", ")
}

/// The frames of `4-7,12,30-` and of `mp.cap#10-40,52`. The dash may be the long one that reports have. What is neither a range nor
/// names a file is the beginning of a name that has a comma.
fn frames(text: &str) -> anyhow::Result<Vec<Chosen>> {
    let (mut chosen, mut open) = (Vec::new(), Chosen::default());
    let mut name = String::new();
    for (place, piece) in text.split(',').enumerate() {
        if place == RANGES {
            bail!("--frames: more than {RANGES} ranges are named");
        }
        if let Some((end, numbers)) = piece.rsplit_once('#') {
            let next = Chosen {
                file: Some(std::mem::take(&mut name) + end.trim_start()),
                ranges: vec![range(numbers).ok_or_else(|| wrong(text))?],
            };
            chosen.push(std::mem::replace(&mut open, next));
        } else if let (Some(ends), true) = (range(piece), name.is_empty()) {
            open.ranges.push(ends);
        } else {
            name.extend([piece, ","]);
        }
    }
    if !name.is_empty() {
        return Err(wrong(text));
    }
    chosen.push(open);
    chosen.retain(|chosen| !chosen.ranges.is_empty());
    Ok(chosen)
}

fn wrong(text: &str) -> anyhow::Error {
    anyhow!(
        "--frames {:?}: name frames from 1 on, as in 4-7,12,30- or mp.cap#4-7",
        brief(text)
    )
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
        let told = |text: &str| told(text).map(|named| named.join("; "));
        assert_eq!(told("4-7,12").as_deref(), Some("4–7, 12"));
        assert_eq!(told("4–7, 8").as_deref(), Some("4–8"));
        assert_eq!(told("30-").as_deref(), Some("30 and later"));
        for bad in ["", "0", "7-4", "-5", "a", "4,,5", "4-5-6", "+4", "1e3"] {
            assert_eq!(told(bad), None, "{bad:?}");
        }
        assert_eq!(told("99999999999999999999"), None);
        assert!(frames(&"1,".repeat(RANGES + 1)).is_err());
    }

    fn told(text: &str) -> Option<Vec<String>> {
        let told = |chosen: Chosen| {
            let file = chosen.file.map_or(String::new(), |file| format!("{file}#"));
            format!("{file}{}", FrameRanges::new(chosen.ranges))
        };
        Some(frames(text).ok()?.into_iter().map(told).collect())
    }

    #[test]
    fn a_file_is_named_before_its_frames_and_goes_on_to_the_next_file() {
        let two = told("mp.cap#10-40,52, ../client.pcapng#1–99").unwrap();
        assert_eq!(two, ["mp.cap#10–40, 52", "../client.pcapng#1–99"]);
        assert_eq!(told("7,a#b.cap#4").unwrap(), ["7", "a#b.cap#4"]);
        assert_eq!(told("1,a, b,c.cap#4").unwrap(), ["1", "a, b,c.cap#4"]);
        for bad in ["a.cap", "a.cap#", "a.cap#x", "a.cap#1,b.cap", "a,4"] {
            assert_eq!(told(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_capture_is_found_by_its_path_or_by_a_name_that_it_alone_has() {
        let captures = ["x/a.cap", "y/a.cap", "b.cap"].map(Path::new);
        let captures = captures.map(|path| (path, path.file_name().unwrap().to_str().unwrap()));
        let found = |name| file_of(Some(name), &captures).ok();
        assert_eq!((found("y/a.cap"), found("b.cap")), (Some(1), Some(2)));
        assert_eq!(
            (found("a.cap"), found("c.cap"), found("")),
            (None, None, None)
        );
        assert_eq!(file_of(None, &captures).ok(), None);
        assert_eq!(file_of(None, &captures[2..]).ok(), Some(0));
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
