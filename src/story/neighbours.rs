//! Steps of names that the client asks its neighbours for: one for each name and way of asking.
//!
//! Never says that an answer is true, only who gave it.

use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::neighbour_lookup::{NeighbourLookup, Whom};
use crate::story::cast::Cast;
use crate::story::messages::step;
use crate::story::{Step, phrase};

/// Questions for one name that begin within this time are one step: clients repeat them for some seconds at most.
const TOGETHER_NANOS: i64 = 10_000_000_000;

/// All steps of such look-ups of `attempt`.
pub(super) fn steps(attempt: &Attempt, cast: &Cast) -> Vec<Step> {
    let silence = phrase::no_answer(attempt);
    groups(&attempt.around.neighbours)
        .iter()
        .filter_map(|group| group_step(group, silence, cast))
        .collect()
}

fn groups(lookups: &[NeighbourLookup]) -> Vec<Vec<&NeighbourLookup>> {
    let mut groups: Vec<Vec<&NeighbourLookup>> = Vec::new();
    for lookup in lookups {
        let open = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| joins(first, lookup)));
        match open {
            Some(group) => group.push(lookup),
            None => groups.push(vec![lookup]),
        }
    }
    groups
}

fn joins(first: &NeighbourLookup, later: &NeighbourLookup) -> bool {
    first.system == later.system
        && first.whom == later.whom
        && first.name.same_name(later.name.as_str())
        && later.asked.time.since(first.asked.time) < TOGETHER_NANOS
}

fn group_step(group: &[&NeighbourLookup], silence: &str, cast: &Cast) -> Option<Step> {
    let first = group.first()?;
    let address = first.asked_of.addr;
    let (name, system) = (&first.name, first.system.name());
    let found = found(group, silence);
    let question = format!("asks for the address of {name} by {system}: {found}");
    let (actors, text) = match first.whom {
        Whom::All => ((cast.client(), cast.neighbours(address)), question),
        Whom::Server => ((cast.client(), cast.wins(address)), question),
        Whom::Unseen => (
            (cast.anyone(address), cast.client()),
            format!("answers for {name} by {system}: {found}"),
        ),
    };
    let mut step = step(first.system.kind(), &first.asked, actors, text);
    let spans = group.iter().flat_map(|lookup| lookup.spans());
    let mut frames: Vec<FrameNumber> = spans.flat_map(|span| &span.frames).copied().collect();
    frames.sort_unstable();
    frames.dedup();
    step.frames = frames;
    Some(step)
}

/// The addresses with who gave them, where it is not the machine at the address itself; or why there is none.
fn found(group: &[&NeighbourLookup], silence: &str) -> String {
    let mut told: Vec<String> = Vec::new();
    for answer in group.iter().flat_map(|lookup| &lookup.answers) {
        let own = answer.addresses.contains(&answer.from);
        for address in &answer.addresses {
            let text = said(*address, answer.from, own);
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    if told.is_empty() {
        without_address(group, silence)
    } else {
        told.join(", ")
    }
}

fn said(address: IpAddr, from: IpAddr, own: bool) -> String {
    if own {
        address.to_string()
    } else {
        format!("{address}, says {from}")
    }
}

fn without_address(group: &[&NeighbourLookup], silence: &str) -> String {
    let last = group.iter().rev().find_map(|lookup| lookup.answers.last());
    last.map_or_else(
        || silence.to_owned(),
        |answer| {
            if answer.lacks_records {
                "answered; the answer is not whole".to_owned()
            } else {
                format!("no address ({})", answer.code)
            }
        },
    )
}
