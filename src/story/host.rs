//! A machine of the story, and the way a ticket took.
//!
//! Never asks a resolver: a name is what a message of the capture says.

use std::net::IpAddr;

use crate::finding::Evidence;
use crate::frame::FrameNumber;

/// A machine of the story.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its address.
    pub address: IpAddr,
    /// Names the evidence gives it, the best one first.
    pub names: Vec<String>,
    /// What it does.
    pub roles: Vec<Role>,
    /// The realm of a KDC, or of a client.
    pub realm: Option<String>,
    /// How names and roles are known.
    pub because: Vec<Evidence>,
    /// What is known of its clock, where messages tell it.
    pub clock: Option<HostClock>,
}

/// A machine's clock, as its messages tell it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostClock {
    /// Its clock minus the clock of the capture, in milliseconds: the median of the readings.
    pub offset_ms: i64,
    /// The difference between the largest and the smallest reading, in milliseconds.
    pub spread_ms: i64,
    /// How many readings there are.
    pub samples: usize,
    /// The frame of the reading nearest to the median.
    pub frame: FrameNumber,
    /// What holds the readings: `KRB-ERROR stime`, `HTTP Date`.
    pub sources: Vec<&'static str>,
}

/// What a machine does in the story.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// It asks to be let in.
    Client,
    /// It is asked: the management point, or another web server.
    Server,
    /// It issues tickets.
    Kdc,
    /// It resolves names.
    Dns,
    /// It stands between client and server.
    Proxy,
}

impl Role {
    /// `client`, `server`, `kdc`, `dns`, `proxy`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Kdc => "kdc",
            Self::Dns => "dns",
            Self::Proxy => "proxy",
        }
    }
}

/// One hop of a ticket path.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The realm that issued the ticket.
    pub realm: String,
    /// The frame that completes the answer with the ticket.
    pub frame: FrameNumber,
    /// What the ticket opens: `referral to A2003.VM.LOCAL`, `HTTP/mp.example.com`.
    pub gives: String,
    /// The realm that comes next; `None` at the service.
    pub next_realm: Option<String>,
    /// The first frame of the message that shows this very ticket, its cipher compared; `None` where none does.
    pub shown_in: Option<FrameNumber>,
}
