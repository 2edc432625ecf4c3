//! Sign-ons as a web server's log has them: the lines of one address about one request to one server by one program, up to the line
//! that ends them.
//!
//! Never takes a line for the end of a sign-on that began long before, and never says by which protocol somebody was proven:
//! the log does not.

mod group;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::iis::WebLine;
use crate::model::log_sign_on::group::{Computers, Group, WINDOW};
use crate::model::web_server::WebServer;
use crate::model::witness::WebRecord;
use crate::text::WireText;

/// `SEC_E_NO_CREDENTIALS`, which stands behind any 401, the first one of a healthy sign-on too.
const NO_CREDENTIALS: u32 = 0x8009_030e;

/// Whether the Win32 code behind a 401 says that a proof was refused. `ERROR_ACCESS_DENIED` stands behind any 401, and
/// `ERROR_NETNAME_DELETED` and its like say how the connection ended.
pub fn is_refusal(code: u32) -> bool {
    // Errors of the security packages, and those of the system (NTSTATUS).
    let is_of_package = matches!(code, 0x8009_0300..=0x8009_03ff | 0xc000_0000..);
    // Errors of a sign-on, of mutual proof, of trusts and of accounts (MS-ERREF section 2.2).
    let is_of_sign_on = matches!(
        code,
        1_311 | 1_326..=1_331 | 1_355 | 1_385 | 1_396..=1_398 | 1_786..=1_792 | 1_907..=1_909
    );
    code != NO_CREDENTIALS && (is_of_package || is_of_sign_on)
}

/// Who asks, for what, and which server: what differs in one of these is another sign-on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Asked {
    /// The address that asks, as the server saw it.
    pub client: Option<IpAddr>,
    /// What is asked: `CCM_POST /ccm_system_windowsauth/request`.
    pub request: WireText,
    /// The server that is asked.
    pub server: WebServer,
    /// The program that asks.
    pub agent: Option<WireText>,
}

impl Asked {
    fn of(web: &WebLine<'_>, request: WireText) -> Self {
        Self {
            client: web.asker(),
            request,
            server: WebServer::of(web),
            agent: web.agent.map(WireText::from),
        }
    }
}

/// All sign-ons.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignOns {
    groups: BTreeMap<Asked, Group>,
    /// How many groups are about other paths than those of Configuration Manager.
    foreign: usize,
    unfollowed: u64,
    /// The latest message of each client to each server on the path that needs no proof.
    bare: BTreeMap<(Option<IpAddr>, WebServer), WebRecord>,
    /// Until when there are lines of each server.
    ends: BTreeMap<Option<IpAddr>, Timestamp>,
}

/// Servers whose last lines are noted.
const SERVERS: usize = 256;

/// What a line of a sign-on is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A request of Configuration Manager.
    Ccm,
    /// Another one.
    Other,
}

/// Whether a method or a path is one of Configuration Manager's.
fn is_of_ccm(method: &str, path: &str) -> bool {
    method.starts_with("CCM_") || path.starts_with("/ccm_system")
}

/// The path where the site asks for Windows proof.
fn asks_for_proof(request: &WireText) -> bool {
    request.as_str().contains("/ccm_system_windowsauth")
}

/// Whether it is a message that was accepted on the path that needs no proof.
fn is_bare(record: &WebRecord) -> bool {
    const BARE: &str = "ccm_post /ccm_system/request";
    matches!(record.status, Some(200..=299))
        && record.user.is_none()
        && record.request.as_str().eq_ignore_ascii_case(BARE)
}

/// Whether a sign-on may begin with this line. That an anonymous request succeeds says nothing: it has a path of its own.
fn begins(record: &WebRecord) -> bool {
    let is_success = matches!(record.status, Some(200..=299));
    !is_success || record.user.is_some() || asks_for_proof(&record.request)
}

/// A sign-on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignOn {
    /// Who asks, for what, and which server.
    pub asked: Asked,
    /// Its lines; of equal ones those of the latest. Never empty.
    pub legs: Vec<WebRecord>,
    /// How many 401s it has.
    pub unproven: u64,
    /// How it ended.
    pub ending: Ending,
    /// How many equal ones this stands for.
    pub count: u64,
    /// Whether the log leaves open which 401s of the address are of this one: others of it are under way at the same time.
    pub is_mixed: bool,
    /// Whether several computers sign on from the address.
    pub is_shared: bool,
    /// In nanoseconds, how long the log goes on behind its last line, where that is less than the time in which an end would stand.
    pub cut_after: Option<i64>,
    /// Whether no other one of this address at this request is later, in whatever order files were named.
    pub is_latest: bool,
}

/// How a sign-on ended, as far as a log can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// A 2xx for an account.
    Accepted,
    /// A 2xx for no account.
    Anonymous,
    /// A 2xx in a log that does not have the accounts.
    Answered,
    /// A 401 that is more than a challenge: a substatus or a code says that something was refused.
    Refused,
    /// 401s that stand before any sign-on, and nothing behind them.
    Challenged,
    /// An answer that is not about proof.
    Failed,
}

impl Ending {
    /// `accepted`, `anonymous`, `answered`, `refused`, `challenged`, `failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Anonymous => "anonymous",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Challenged => "challenged",
            Self::Failed => "failed",
        }
    }
}

impl SignOn {
    /// The line that says most of a refusal.
    pub fn refusal(&self) -> Option<&WebRecord> {
        let mut legs = self.legs.iter().rev();
        legs.find(|leg| says_refused(leg))
    }

    /// Whether it is at the path where the site asks for Windows proof.
    pub fn is_windowsauth(&self) -> bool {
        asks_for_proof(&self.asked.request)
    }

    /// Whether it is about Configuration Manager.
    pub fn is_ccm(&self) -> bool {
        let (method, path) = self
            .asked
            .request
            .as_str()
            .split_once(' ')
            .unwrap_or_default();
        is_of_ccm(method, path)
    }

    /// Whether it ended with an answer.
    const fn is_success(&self) -> bool {
        matches!(
            self.ending,
            Ending::Accepted | Ending::Anonymous | Ending::Answered
        )
    }

    /// Its last line.
    pub fn last(&self) -> Option<&WebRecord> {
        self.legs.last()
    }

    /// Whether it tells what `other` tells.
    fn is_like(&self, other: &Self) -> bool {
        let told = |leg: &WebRecord| (leg.status, leg.substatus, leg.win32);
        let user = |sign_on: &Self| sign_on.last().and_then(|leg| leg.user.clone());
        self.ending == other.ending
            && self.unproven == other.unproven
            && user(self) == user(other)
            && self.legs.iter().map(told).eq(other.legs.iter().map(told))
    }
}

/// Whether a 401 is more than a challenge.
fn says_refused(leg: &WebRecord) -> bool {
    let code = leg.win32.filter(|code| is_refusal(*code));
    let by_code = leg.substatus == Some(1) && code.is_some();
    // 401.3 and further ones are about access to the resource, filters and applications.
    let by_substatus = leg.substatus.is_some_and(|substatus| substatus >= 3);
    leg.status == Some(401) && (by_code || by_substatus)
}

impl SignOns {
    /// Notes that there is a line of `time` about `server`, whoever asked.
    pub fn see(&mut self, server: Option<IpAddr>, time: Timestamp) {
        if self.ends.len() < SERVERS || self.ends.contains_key(&server) {
            let end = self.ends.entry(server).or_insert(time);
            *end = time.max(*end);
        }
    }

    /// Takes a line, if it is of a sign-on, and says of what kind.
    pub fn take(&mut self, web: &WebLine<'_>, record: impl FnOnce() -> WebRecord) -> Option<About> {
        let about = if is_of_ccm(web.method, web.stem) {
            About::Ccm
        } else {
            About::Other
        };
        let is_challenge = web.status == Some(401);
        if about == About::Other && !is_challenge && !self.has_open(web) {
            return None;
        }
        let record = record();
        let key = Asked::of(web, record.request.clone());
        if is_bare(&record) {
            self.note_bare(&key, &record);
        }
        if let Some(group) = self.groups.get_mut(&key) {
            group.take(&key, record);
        } else if !begins(&record) {
            // An answer that needed no proof where nobody asked for one.
        } else if self.has_room(about) {
            self.foreign += usize::from(about == About::Other);
            self.groups
                .entry(key.clone())
                .or_default()
                .take(&key, record);
        } else {
            self.unfollowed += 1;
        }
        Some(about)
    }

    fn note_bare(&mut self, key: &Asked, record: &WebRecord) {
        let ends = (key.client, key.server.clone());
        if self.bare.len() < Budget::CLIENTS || self.bare.contains_key(&ends) {
            let latest = self.bare.entry(ends).or_insert_with(|| record.clone());
            if latest.time <= record.time {
                *latest = record.clone();
            }
        }
    }

    /// The latest message that the same client sent to the same server without proof, if it was accepted after `sign_on`.
    pub fn bare_after(&self, sign_on: &SignOn) -> Option<&WebRecord> {
        let ends = (sign_on.asked.client, sign_on.asked.server.clone());
        let last = sign_on.last()?;
        self.bare.get(&ends).filter(|bare| bare.time > last.time)
    }

    /// Other paths may not take the room of those that the case is about.
    fn has_room(&self, about: About) -> bool {
        let is_common = about == About::Ccm || self.foreign < Budget::CLIENTS / 2;
        is_common && self.groups.len() < Budget::CLIENTS
    }

    /// Whether 401s wait for the end that this line may be.
    fn has_open(&self, web: &WebLine<'_>) -> bool {
        let from_client = Asked {
            client: web.asker(),
            ..Asked::default()
        };
        let next = self.groups.range(from_client..).next();
        if next.is_none_or(|(key, _)| key.client != web.asker()) {
            return false;
        }
        let request = WireText::from(format!("{} {}", web.method, web.stem));
        let group = self.groups.get(&Asked::of(web, request));
        group.is_some_and(Group::is_open)
    }

    /// There are no more lines.
    pub fn finish(&mut self) {
        let mut computers: BTreeMap<Option<IpAddr>, Computers> = BTreeMap::new();
        for (key, group) in &mut self.groups {
            group.finish(key);
            let known = computers.entry(key.client).or_default();
            known.merge(&group.computers);
        }
        for (key, group) in &mut self.groups {
            let of_client = computers.get(&key.client);
            let is_shared = of_client.is_some_and(Computers::are_several);
            let end = self.ends.get(&key.server.address);
            for sign_on in &mut group.ended {
                sign_on.is_shared = is_shared;
                let rest = sign_on
                    .last()
                    .zip(end)
                    .map(|(leg, end)| end.since(leg.time));
                sign_on.cut_after = rest.filter(|rest| rest.unsigned_abs() < WINDOW);
            }
        }
    }

    /// How many sign-ons of those that are followed are not kept.
    pub fn unkept(&self) -> u64 {
        self.groups.values().map(|group| group.unkept).sum()
    }

    /// How many lines are of addresses and paths beyond the budget, which are not followed.
    pub const fn unfollowed(&self) -> u64 {
        self.unfollowed
    }

    /// All that ended, by the time of their last lines.
    pub fn all(&self) -> Vec<&SignOn> {
        let mut all: Vec<&SignOn> = self.groups.values().flat_map(|it| &it.ended).collect();
        all.sort_by_key(|sign_on| sign_on.last().map(|leg| leg.time));
        all
    }
}
