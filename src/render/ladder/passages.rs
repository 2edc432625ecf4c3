//! What happens over and over, told once.
//!
//! Never drops a step: what is the same stays at hand behind the passage that it repeats.

use crate::story::Step;

/// Steps that are told, and those that only repeat them.
#[derive(Clone, Copy, Debug)]
pub(in crate::render) struct Passage<'r> {
    /// What is told.
    pub(in crate::render) told: &'r [Step],
    /// The same again, a whole number of times; empty where nothing is repeated.
    pub(in crate::render) again: &'r [Step],
}

impl Passage<'_> {
    /// How many more times it happened.
    pub(in crate::render) fn times(&self) -> usize {
        self.again.len() / self.told.len().max(1)
    }

    /// `the same 12 more times`, `these 2 steps 12 more times`.
    pub(in crate::render) fn words(&self) -> String {
        let what = match self.told.len() {
            1 => "the same".to_owned(),
            steps => format!("these {steps} steps"),
        };
        format!("{what} {} more times", self.times())
    }
}

/// The longest passage that is looked for: a request, its answer, and another pair.
const LONGEST: usize = 4;
/// How often a passage must be repeated before it is folded.
const LEAST: usize = 2;

/// `steps` in passages.
pub(in crate::render) fn passages(steps: &[Step]) -> Vec<Passage<'_>> {
    let mut passages = Vec::new();
    let mut rest = steps;
    while !rest.is_empty() {
        let (len, again) = (1..=LONGEST)
            .map(|len| (len, len * repeats(rest, len)))
            .find(|(len, again)| *again >= len * LEAST)
            .unwrap_or((1, 0));
        let (told, behind) = rest.split_at(len);
        let (again, behind) = behind.split_at(again);
        passages.push(Passage { told, again });
        rest = behind;
    }
    passages
}

/// How many times the first `len` steps are followed by the same.
fn repeats(steps: &[Step], len: usize) -> usize {
    let Some((first, behind)) = steps.split_at_checked(len) else {
        return 0;
    };
    let same = |other: &&[Step]| first.iter().zip(*other).all(|(a, b)| is_same(a, b));
    behind.chunks_exact(len).take_while(same).count()
}

/// Whether two steps differ in nothing but their frames and times.
fn is_same(one: &Step, other: &Step) -> bool {
    one.kind == other.kind
        && one.mark == other.mark
        && one.from == other.from
        && one.to == other.to
        && without_frames(&one.text).eq(without_frames(&other.text))
}

/// A text without the numbers of the frames that it names.
fn without_frames(text: &str) -> impl Iterator<Item = &str> {
    text.split("frame ")
        .flat_map(|part| part.split('#'))
        .map(|part| part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameNumber, Timestamp};
    use crate::story::{Actor, Mark};

    fn steps(texts: &[&str]) -> Vec<Step> {
        let actor = Actor {
            address: [10, 0, 0, 1].into(),
            label: String::new(),
        };
        let numbered = texts.iter().zip(1..);
        numbered
            .map(|(text, frame)| Step {
                kind: "tgs-req",
                frames: vec![FrameNumber(frame)],
                other_frames: Vec::new(),
                time: Timestamp::from_nanos(0),
                from: actor.clone(),
                to: actor.clone(),
                text: (*text).to_owned(),
                mark: Mark::Plain,
                places: Vec::new(),
                source: None,
                is_dated: true,
            })
            .collect()
    }

    #[test]
    fn what_happens_over_and_over_is_told_once_and_nothing_is_lost() {
        let steps = steps(&[
            "a",
            "ask",
            "no, frame 1",
            "ask",
            "no, frame 3",
            "ask",
            "no, frame 5",
            "b",
            "b",
        ]);
        let passages = passages(&steps);
        let sizes: Vec<(usize, usize)> = passages
            .iter()
            .map(|passage| (passage.told.len(), passage.times()))
            .collect();
        assert_eq!(sizes, [(1, 0), (2, 2), (1, 0), (1, 0)]);
        assert_eq!(passages[1].words(), "these 2 steps 2 more times");
        let kept: usize = passages
            .iter()
            .map(|passage| passage.told.len() + passage.again.len())
            .sum();
        assert_eq!(kept, steps.len());
    }
}
