//! Two attempts, step by step: what both have, what only one has, and where they first part.
//!
//! Never says which of the two is right, nor why they differ: it lays them side by side.

use crate::report::AttemptReport;
use crate::story::{Actor, Step};

/// Steps of each attempt that are laid side by side; more is no story.
const MOST: usize = 400;
/// What it costs in the alignment that a step stands alone.
const ALONE: u32 = 2;
/// What it costs that two steps of the same machines say different things.
const OTHERWISE: u32 = 3;
/// The kinds of look-ups.
const LOOKUPS: [&str; 3] = ["dns", "nbns", "llmnr"];
/// A step that takes so much longer is told, in nanoseconds.
const SLOWER: i64 = 1_000_000_000;

/// Two attempts side by side.
#[derive(Clone, Debug)]
pub struct Comparison<'r> {
    /// The attempt that is taken as the model.
    pub good: &'r AttemptReport,
    /// The attempt that is held against it.
    pub bad: &'r AttemptReport,
    /// Their steps, in order.
    pub pairs: Vec<Pair<'r>>,
    /// What else differs: accounts, names, ends.
    pub facets: Vec<Facet>,
    /// Whether there are more steps than were laid side by side.
    pub is_cut: bool,
    /// What is to be said of the comparison itself.
    pub notes: Vec<String>,
}

/// A step of the one, of the other, or of both.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'r> {
    /// The step of the model.
    pub good: Option<&'r Step>,
    /// The step that is held against it.
    pub bad: Option<&'r Step>,
    /// How the two stand to each other.
    pub likeness: Likeness,
}

/// How two steps stand to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Likeness {
    /// They say the same.
    Same,
    /// They say the same, and the second one comes so many nanoseconds later after the step before it.
    Slower(i64),
    /// The same machines, something else.
    Different,
    /// Only the model has it.
    OnlyGood,
    /// Only the other one has it.
    OnlyBad,
}

/// Something that differs and is no step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facet {
    /// What.
    pub what: &'static str,
    /// In the model.
    pub good: String,
    /// In the other one.
    pub bad: String,
}

impl<'r> Comparison<'r> {
    /// Lays two attempts side by side.
    pub fn of(good: &'r AttemptReport, bad: &'r AttemptReport) -> Self {
        let one: Vec<&Step> = good.steps.iter().take(MOST).collect();
        let other: Vec<&Step> = bad.steps.iter().take(MOST).collect();
        let said = |step: &Step, attempt: &AttemptReport| Said::by(step, attempt);
        let of_good: Vec<Said> = one.iter().map(|step| said(step, good)).collect();
        let of_bad: Vec<Said> = other.iter().map(|step| said(step, bad)).collect();
        let mut pairs: Vec<Pair<'r>> = align(&of_good, &of_bad)
            .into_iter()
            .map(|(first, second)| {
                let is_same = first
                    .zip(second)
                    .is_some_and(|(a, b)| of_good.get(a) == of_bad.get(b));
                pair(
                    first.and_then(|at| one.get(at).copied()),
                    second.and_then(|at| other.get(at).copied()),
                    is_same,
                )
            })
            .collect();
        note_delays(&mut pairs);
        Self {
            good,
            bad,
            pairs,
            facets: facets(good, bad),
            is_cut: good.steps.len() > MOST || bad.steps.len() > MOST,
            notes: Vec::new(),
        }
    }

    /// The first pair that is not the same. A name that only one of them had to look up counts last: the other one may have had
    /// it in its cache.
    pub fn first_difference(&self) -> Option<&Pair<'r>> {
        let mut different = self
            .pairs
            .iter()
            .filter(|pair| pair.likeness != Likeness::Same);
        let first = different.clone().next();
        different.find(|pair| !pair.is_lone_lookup()).or(first)
    }

    /// Whether anything differs.
    pub fn is_different(&self) -> bool {
        self.first_difference().is_some() || !self.facets.is_empty()
    }
}

impl Pair<'_> {
    fn is_lone_lookup(&self) -> bool {
        let lone = match self.likeness {
            Likeness::OnlyGood => self.good,
            Likeness::OnlyBad => self.bad,
            _ => None,
        };
        let is_lookup = |step: &Step| LOOKUPS.contains(&step.kind);
        lone.is_some_and(is_lookup)
    }
}

/// What a step says, without what must differ between two attempts: frame numbers, and who the client is.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Said {
    kind: &'static str,
    from: String,
    to: String,
    text: String,
}

impl Said {
    fn by(step: &Step, attempt: &AttemptReport) -> Self {
        let label = |actor: &Actor| actor.label.clone();
        let client = &attempt.client;
        let account = client.principal.as_deref();
        let short = account.and_then(|it| it.split('@').next());
        let named = [account, short, client.name.as_deref()];
        let mut text = without_frames(&step.text);
        for name in named.into_iter().flatten().filter(|it| !it.is_empty()) {
            text = text.replace(name, "the client");
        }
        Self {
            kind: step.kind,
            from: label(&step.from),
            to: label(&step.to),
            text,
        }
    }

    fn cost(&self, other: &Self) -> Option<u32> {
        let same_way = self.from == other.from && self.to == other.to;
        match (self == other, same_way) {
            (true, _) => Some(0),
            (_, true) => Some(OTHERWISE),
            _ => None,
        }
    }
}

/// `frame 14` and `frames 14 to 16` without their numbers.
fn without_frames(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut is_number_next = false;
    for word in text.split(' ') {
        let is_number = word.starts_with(|sign: char| sign.is_ascii_digit());
        if !(is_number_next && is_number) {
            words.push(word);
        }
        is_number_next = matches!(word, "frame" | "frames") || (is_number_next && is_number);
    }
    words.join(" ")
}

/// The cheapest way to lay two lists side by side.
fn align(good: &[Said], bad: &[Said]) -> Vec<(Option<usize>, Option<usize>)> {
    let costs = costs(good, bad);
    let at = |row: usize, column: usize| -> u32 {
        let row = costs.get(row).and_then(|row| row.get(column));
        row.copied().unwrap_or(u32::MAX)
    };
    let (mut row, mut column) = (0, 0);
    let mut pairs = Vec::new();
    while row < good.len() || column < bad.len() {
        let here = at(row, column);
        let together = good
            .get(row)
            .zip(bad.get(column))
            .and_then(|(a, b)| a.cost(b))
            .map(|cost| cost.saturating_add(at(row + 1, column + 1)));
        if together == Some(here) {
            pairs.push((Some(row), Some(column)));
            (row, column) = (row + 1, column + 1);
        } else if row < good.len() && at(row + 1, column).saturating_add(ALONE) == here {
            pairs.push((Some(row), None));
            row += 1;
        } else {
            pairs.push((None, Some(column)));
            column += 1;
        }
    }
    pairs
}

/// What the rest costs from each place on.
fn costs(good: &[Said], bad: &[Said]) -> Vec<Vec<u32>> {
    let mut rows: Vec<Vec<u32>> = Vec::new();
    let mut below: Vec<u32> = alone(bad.len());
    rows.push(below.clone());
    for one in good.iter().rev() {
        let mut row = vec![0; bad.len() + 1];
        for column in (0..=bad.len()).rev() {
            let skipped = below.get(column).map(|cost| cost + ALONE);
            let other = row.get(column + 1).map(|cost: &u32| cost + ALONE);
            let together = bad.get(column).and_then(|it| {
                let cost = one.cost(it)?;
                Some(cost + below.get(column + 1)?)
            });
            let best = [skipped, other, together].into_iter().flatten().min();
            if let (Some(place), Some(best)) = (row.get_mut(column), best) {
                *place = best;
            }
        }
        below = row;
        rows.push(below.clone());
    }
    rows.reverse();
    rows
}

/// The last row: what is left of the other list stands alone.
fn alone(len: usize) -> Vec<u32> {
    let left = (0..=len).rev();
    left.map(|left| {
        u32::try_from(left)
            .unwrap_or(u32::MAX)
            .saturating_mul(ALONE)
    })
    .collect()
}

fn pair<'r>(good: Option<&'r Step>, bad: Option<&'r Step>, is_same: bool) -> Pair<'r> {
    let likeness = match (good, bad) {
        (Some(_), None) => Likeness::OnlyGood,
        (None, _) => Likeness::OnlyBad,
        _ if is_same => Likeness::Same,
        _ => Likeness::Different,
    };
    Pair {
        good,
        bad,
        likeness,
    }
}

/// Steps that say the same and come later after the one before them.
fn note_delays(pairs: &mut [Pair<'_>]) {
    let mut before: Option<(&Step, &Step)> = None;
    for pair in pairs {
        let Some((good, bad)) = pair.good.zip(pair.bad) else {
            before = None;
            continue;
        };
        if let (Some((good_before, bad_before)), Likeness::Same) = (before, pair.likeness) {
            let of_good = good.time.since(good_before.time);
            let of_bad = bad.time.since(bad_before.time);
            let are_dated = good.is_dated && bad.is_dated;
            if are_dated && of_bad - of_good >= SLOWER {
                pair.likeness = Likeness::Slower(of_bad - of_good);
            }
        }
        before = Some((good, bad));
    }
}

fn facets(good: &AttemptReport, bad: &AttemptReport) -> Vec<Facet> {
    let facets = [
        facet("outcome", good, bad, |it| {
            Some(it.outcome.name().to_owned())
        }),
        facet("cause", good, bad, |it| {
            Some(it.headline().map_or("none", |it| it.rule.id).to_owned())
        }),
        facet("server", good, bad, |it| it.service.name.clone()),
        facet("server address", good, bad, |it| {
            it.service.address.map(|address| address.to_string())
        }),
        facet("service name", good, bad, |it| it.service.spn.clone()),
        facet("client", good, bad, |it| it.client.principal.clone()),
        facet("ticket path", good, bad, path),
        facet("approval", good, bad, |it| {
            Some(it.approval.state.name().to_owned())
        }),
    ];
    facets.into_iter().flatten().collect()
}

fn facet(
    what: &'static str,
    good: &AttemptReport,
    bad: &AttemptReport,
    told: impl Fn(&AttemptReport) -> Option<String>,
) -> Option<Facet> {
    let known = |attempt| told(attempt).unwrap_or_else(|| "not seen".to_owned());
    let (good, bad) = (known(good), known(bad));
    (good != bad).then_some(Facet { what, good, bad })
}

fn path(attempt: &AttemptReport) -> Option<String> {
    let realms: Vec<&str> = attempt
        .ticket_path
        .iter()
        .map(|hop| hop.realm.as_str())
        .collect();
    (!realms.is_empty()).then(|| realms.join(" > "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[(&str, &str)]) -> Vec<Said> {
        let said = words.iter().map(|(from, text)| Said {
            kind: "x",
            from: (*from).to_owned(),
            to: "KDC".to_owned(),
            text: (*text).to_owned(),
        });
        said.collect()
    }

    #[test]
    fn numbers_of_frames_are_no_difference() {
        assert_eq!(
            without_frames("with the ticket of frame 16, again"),
            "with the ticket of frame again"
        );
        assert_eq!(without_frames("key version 16"), "key version 16");
    }

    #[test]
    fn steps_that_one_has_alone_do_not_move_the_others() {
        let good = said(&[("a", "1"), ("b", "2"), ("c", "3"), ("a", "4")]);
        let bad = said(&[("a", "1"), ("c", "3"), ("b", "5"), ("a", "6")]);
        let pairs = align(&good, &bad);
        assert_eq!(
            pairs,
            [
                (Some(0), Some(0)),
                (Some(1), None),
                (Some(2), Some(1)),
                (None, Some(2)),
                (Some(3), Some(3)),
            ]
        );
    }

    #[test]
    fn nothing_beside_something_is_laid_out_whole() {
        let some = said(&[("a", "1"), ("b", "2")]);
        assert_eq!(align(&[], &some), [(None, Some(0)), (None, Some(1))]);
        assert_eq!(align(&some, &[]), [(Some(0), None), (Some(1), None)]);
        assert_eq!(align(&[], &[]), []);
    }
}
