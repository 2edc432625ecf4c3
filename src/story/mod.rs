//! What happened, in frame order and in sentences.
//!
//! Never knows a rule by name, and judges nothing: whether a step is expected is read from the attempt and its findings.

use std::net::IpAddr;

use crate::frame::{FrameNumber, Timestamp};

/// One sentence with its frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// What kind of message it is, as `list` names it: `http-request`, `tgs-rep`, `tcp-refused`, ….
    pub kind: &'static str,
    /// The frames, ascending; never empty.
    pub frames: Vec<FrameNumber>,
    /// When the first of them was captured.
    pub time: Timestamp,
    /// Who acts.
    pub from: Actor,
    /// Towards whom.
    pub to: Actor,
    /// The sentence, without the actors: `asks for a ticket for HTTP/mp.example.com`.
    pub text: String,
    /// How a reader should take it.
    pub mark: Mark,
}

/// Somebody in the story.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The address.
    pub address: IpAddr,
    /// What the story calls it: `client`, `MP`, `KDC CHILD`, `DNS`, `router`.
    pub label: String,
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
