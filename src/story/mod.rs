//! What happened, in frame order and in sentences.
//!
//! Never knows a rule by name, and judges nothing: whether a step is expected is read from the attempt and its findings.

mod cast;
pub mod coverage;
pub mod host;
mod hosts;
mod log_sign_ons;
pub mod log_story;
mod lookups;
mod messages;
mod neighbours;
mod outputs;
mod phrase;
pub mod reasoning;
pub mod six_steps;
mod witnesses;

pub use cast::Cast;
pub use hosts::{Hosts, ticket_path};

use std::net::IpAddr;

use crate::finding::{Finding, Severity};
use crate::frame::{FrameNumber, Timestamp};
use crate::model::attempt::Attempt;

/// One sentence with its frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What kind of message it is, as `list` names it: `http-request`, `tgs-rep`, `tcp-refused`, …; `web-log` and `log-line` for
    /// lines of logs, `sql-call` and `command-output`.
    pub kind: &'static str,
    /// The frames, ascending; empty for a line of a log.
    pub frames: Vec<FrameNumber>,
    /// The same frames as another viewer numbers them; empty where its numbers are the same.
    pub other_frames: Vec<FrameNumber>,
    /// When the first of them was captured, or the line was written.
    pub time: Timestamp,
    /// Who acts.
    pub from: Actor,
    /// Towards whom.
    pub to: Actor,
    /// The sentence, without the actors: `asks for a ticket for HTTP/mp.example.com`.
    pub text: String,
    /// How a reader should take it.
    pub mark: Mark,
    /// The files of the frames, from 0, and their numbers there, where several captures are read as one.
    pub places: Vec<(usize, FrameNumber)>,
    /// File and line, where it is a line of a log.
    pub source: Option<String>,
    /// Whether the time is known; without it, it only says where the step stands.
    pub is_dated: bool,
}

impl Step {
    /// The first frame.
    pub fn first_frame(&self) -> FrameNumber {
        self.frames.first().copied().unwrap_or_default()
    }

    /// The last frame.
    pub fn last_frame(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or_default()
    }
}

/// Somebody in the story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The address.
    pub address: IpAddr,
    /// What the story calls it: `client`, `MP`, `KDC CHILD`, `DNS`, `router`.
    pub label: String,
}

impl Actor {
    /// The same machine under another label.
    fn called(&self, label: String) -> Self {
        Self {
            address: self.address,
            label,
        }
    }
}

/// How a reader should take a step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mark {
    /// Nothing to say.
    Plain,
    /// Looks like a fault and is not.
    Expected,
    /// The headline's first evidence: where it went wrong.
    Fault,
}

/// The steps of `attempt` in frame order, with what logs say among them. Steps with a frame of an expected finding's evidence are marked as expected, the
/// one with the headline's first evidence as the fault.
pub fn steps(attempt: &Attempt, findings: &[Finding], cast: &Cast) -> Vec<Step> {
    let mut steps = messages::steps(attempt, cast);
    steps.extend(lookups::steps(attempt, cast));
    steps.extend(neighbours::steps(attempt, cast));
    steps.extend(witnesses::seen_calls(attempt, cast));
    steps.sort_by(|a, b| a.frames.cmp(&b.frames));
    for step in &mut steps {
        step.mark = mark(step, findings);
    }
    witnesses::insert(attempt, cast, &mut steps);
    steps.extend(outputs::steps(attempt));
    steps
}

fn mark(step: &Step, findings: &[Finding]) -> Mark {
    let has = |frame: FrameNumber| step.frames.contains(&frame);
    let fault = findings
        .iter()
        .filter(|finding| finding.headline)
        .filter_map(|finding| finding.evidence.first())
        .any(|evidence| has(evidence.frame));
    let expected = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Expected)
        .flat_map(|finding| &finding.evidence)
        .any(|evidence| has(evidence.frame));
    match (fault, expected) {
        (true, _) => Mark::Fault,
        (false, true) => Mark::Expected,
        (false, false) => Mark::Plain,
    }
}
