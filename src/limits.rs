//! What the program allows itself to keep, and what it has to say when something could not be seen.
//!
//! Never changes what was seen: a cap that is hit is told, never hidden.

use crate::frame::FrameNumber;

/// Caps on live state. None of them grows with the length of the file.
#[derive(Clone, Copy, Debug)]
pub struct Budget;

impl Budget {
    /// Bytes out of order that one direction of a connection may hold: a full window of today's stacks is smaller.
    pub const EARLY_BYTES_PER_STREAM: usize = 1 << 20;
    /// Bytes out of order that all connections may hold together.
    pub const EARLY_BYTES: usize = 24 << 20;
    /// One Kerberos message: the largest token that Windows accepts is 65,535 bytes.
    pub const KERBEROS_MESSAGE: usize = 1 << 20;
    /// One HTTP head: a ticket makes it large, http.sys stops at 64 KiB.
    pub const HTTP_HEAD: usize = 128 << 10;
    /// The body of one message of a Configuration Manager client: a registration has some 3 KiB, inventory is not read.
    pub const CCM_BODY: usize = 128 << 10;
    /// All such bodies that are under way: a boot of a whole building registers no more at a time.
    pub const CCM_BODIES: usize = 8 << 20;
    /// Frames named for one message; a longer body is counted and its last frame is kept.
    pub const FRAMES_PER_MESSAGE: usize = 4096;
    /// Datagrams in pieces at a time: more at once is a flood of fragments.
    pub const FRAGMENTED_DATAGRAMS: usize = 256;
    /// Bytes of all datagrams in pieces.
    pub const FRAGMENT_BYTES: usize = 4 << 20;
    /// Time after which missing fragments are not expected any more: the 30 s of Linux and Windows.
    pub const FRAGMENT_AGE_NANOS: i64 = 30_000_000_000;
    /// Connections at a time: 100 bytes each for those that are not ours, 600 for those that wait for an answer, so that a flood of
    /// SYNs stays under 128 MiB.
    pub const CONNECTIONS: usize = 131_072;
    /// Silence after which a connection is let go: longer than any wait of a sign-on.
    pub const CONNECTION_IDLE_NANOS: i64 = 120_000_000_000;
    /// Requests of one connection that wait for their answers: no client of this kind pipelines more.
    pub const REQUESTS_IN_FLIGHT: usize = 256;
    /// Connections and pairs of ports with a request that waits for its answer, or may get a second one: more are not under
    /// way at a time, and so many stay in a processor's cache.
    pub const REQUESTS_WAITING: usize = 4_096;
    /// Clients whose exchanges are kept at a time. Measured: with half as many, a quarter more are let go and begun anew, which
    /// takes a twentieth longer; with twice as many, the memory of a gigabyte is two and a half times as much.
    pub const CLIENTS: usize = 8_192;
    /// Exchanges of one client that wait to be joined into attempts: a sign-on has some fifty.
    pub const EXCHANGES_PER_CLIENT: usize = 2_048;
    /// Exchanges of all clients together: about 1 KiB each.
    pub const EXCHANGES: usize = 16_384;
    /// The latest requests that a proxy may pass on, and those that proxies passed on and that are not answered yet.
    pub const PASSED_ON: usize = 256;
    /// Of the requests of one client the latest so many are looked at for the one that a proxy passes on.
    pub const OPEN_REQUESTS: usize = 16;
    /// Silence after which an attempt is over: longer than the longest wait for a KDC and a fallback.
    pub const ATTEMPT_IDLE_NANOS: i64 = 120_000_000_000;
    /// How long before an attempt a name may have been looked up, or a first ticket asked for, to belong to it.
    pub const ATTEMPT_LEAD_NANOS: i64 = 60_000_000_000;
    /// Client identities whose users are compared: a site has more, a capture of a few minutes hardly.
    pub const IDENTITIES: usize = 4_096;
    /// Users of one identity that are kept: two are enough to tell.
    pub const USERS_PER_IDENTITY: usize = 16;
    /// Times that one question is kept which was sent again: no client asks so often.
    pub const REPEATED_QUESTIONS: usize = 64;
    /// Messages of one client that could not be read and whose places are kept.
    pub const UNREAD: usize = 256;
    /// Packets of one question, or of one connection that is opened, that were dropped.
    pub const DROPS: usize = 64;
    /// Lines of web servers' logs that are kept because they may be about an exchange.
    pub const LOG_LINES: usize = 20_000;
    /// Sentences of logs that are kept for one attempt.
    pub const TOLD_LINES: usize = 200;
    /// Lines of one log that are told where no capture lies beside it: more are read by nobody.
    pub const WITNESS_LINES: usize = 200;
    /// Calls that store a registration and are kept: a site stores some few a minute.
    pub const CALLS: usize = 512;
    /// Such calls of which each is told that fits no attempt; further ones are only counted.
    pub const CALLS_TOLD: usize = 8;
    /// Attempts that are over and wait for such a call, which comes seconds to minutes after the sign-on.
    pub const ATTEMPTS_WAITING: usize = 256;
    /// Pings of domain controllers that are kept: a locator tries some ten.
    pub const DC_PINGS: usize = 256;
    /// Names that one client asks its neighbours for, of which the latest are kept: a sign-on has some ten.
    pub const NEIGHBOUR_LOOKUPS: usize = 64;
    /// Machines whose answers to such a question are kept: one should answer, two are a quarrel.
    pub const NEIGHBOUR_ANSWERS: usize = 8;
    /// Domains whose forests are kept: the domains of a company, and of those that it trusts.
    pub const MEMBERSHIPS: usize = 128;
    /// Referrals of KDCs that are kept, for one name of one KDC each.
    pub const REFERRALS: usize = 256;
    /// Tickets for services of computers that are kept, one for each service and key.
    pub const SIBLINGS: usize = 256;
    /// Sessions with file servers that are kept, and those that wait for their answers.
    pub const SESSIONS: usize = 256;
    /// Clients that get an address whose start is kept, and those that wait for one.
    pub const LEASES: usize = 256;
    /// Tickets for web servers that are kept with how they were got, of which the latest: a client shows one for hours.
    pub const ISSUED_TICKETS: usize = 256;
    /// Different tickets that are counted.
    pub const TICKETS_COUNTED: usize = 10_000;
    /// Refusals of tickets outside of sign-ons that are kept.
    pub const REFUSALS: usize = 64;
    /// Readings of clocks outside of sign-ons that are kept.
    pub const TIME_ANSWERS: usize = 1_024;
    /// Questions to time servers that wait for their answers: a machine asks some four servers at a time.
    pub const TIME_QUESTIONS: usize = 256;
    /// Machines whose clocks are compared: those of all attempts that are told, and some more.
    pub const CLOCK_HOSTS: usize = 2_048;
    /// Readings of one machine's clock that are kept: the median of so many does not move any more.
    pub const CLOCK_SAMPLES: usize = 256;
    /// Attempts with a story of their own; further ones are only counted.
    pub const ATTEMPTS: usize = 1_000;
    /// Equal attempts whose frames are told; further ones are only counted.
    pub const REPEATS_TOLD: usize = 20;
}

/// Something the capture or the program could not show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limitation {
    /// What could not be shown and what follows for the reader, as one sentence.
    pub text: String,
    /// The frame from which on it holds; `None` where it holds for the whole capture.
    pub since_frame: Option<FrameNumber>,
}

impl Limitation {
    /// A limitation of the whole capture.
    pub fn of_capture(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            since_frame: None,
        }
    }

    /// A limitation that begins with `frame`.
    pub fn since(frame: FrameNumber, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            since_frame: Some(frame),
        }
    }
}
