//! The sign-ons of one address at one request.
//!
//! Never says whose a 401 is where several sign-ons of the address are under way.

use crate::frame::Timestamp;
use crate::model::log_sign_on::{Asked, Ending, SignOn, asks_for_proof, says_refused};
use crate::model::witness::WebRecord;
use crate::text::WireText;

/// In nanoseconds: a challenge is answered at once, or when the KDCs were waited for. 401s further from an end are not of it.
pub(super) const WINDOW: u64 = 30_000_000_000;
/// Lines of a sign-on that are kept: NTLM leaves three.
const LEGS: usize = 8;
/// Different ends of one address at one request that are kept.
const ENDS: usize = 32;

/// The sign-ons of one address at one request.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Group {
    /// 401s without an end.
    open: Vec<WebRecord>,
    /// How many they are; the last one of those that are kept is the latest.
    unproven: u64,
    /// The latest line before which more than one 401 stood: they may be of those that end next.
    pooled: Option<Timestamp>,
    pub(super) ended: Vec<SignOn>,
    /// Sign-ons that are not kept: the earliest ones, and first those that succeeded.
    pub(super) unkept: u64,
    /// The latest end.
    latest: Option<Timestamp>,
    /// The computers that were proven.
    pub(super) computers: Computers,
}

/// Computers that sign on from one address: one, or more than one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Computers {
    first: Option<WireText>,
    are_several: bool,
}

impl Computers {
    /// Takes an account: those of computers end in `$`.
    fn take(&mut self, account: &WireText) {
        if !account.as_str().ends_with('$') {
            return;
        }
        match &self.first {
            Some(first) => self.are_several |= !first.same_name(account.as_str()),
            None => self.first = Some(account.clone()),
        }
    }

    /// Takes those of `other`.
    pub(super) fn merge(&mut self, other: &Self) {
        self.are_several |= other.are_several;
        if let Some(account) = &other.first {
            self.take(account);
        }
    }

    /// Whether they are more than one.
    pub(super) const fn are_several(&self) -> bool {
        self.are_several
    }
}

impl Group {
    /// Whether 401s wait for their end.
    pub(super) const fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// There are no more lines.
    pub(super) fn finish(&mut self, key: &Asked) {
        self.let_go(key);
        self.mark_latest();
    }

    /// Takes a line.
    pub(super) fn take(&mut self, key: &Asked, record: WebRecord) {
        self.let_go_before(key, &record);
        self.let_go_of_others(key, &record);
        if let Some(user) = &record.user {
            self.computers.take(user);
        }
        let is_windows_auth = asks_for_proof(&key.request);
        let ending = match record.status {
            Some(401) => None,
            Some(200..=299) if record.user.is_some() => Some(Ending::Accepted),
            Some(200..=299)
                if !record.names_users && (is_windows_auth || !self.open.is_empty()) =>
            {
                Some(Ending::Answered)
            }
            Some(200..=299) if is_windows_auth || !self.open.is_empty() => Some(Ending::Anonymous),
            Some(200..=299) => return,
            _ => Some(Ending::Failed),
        };
        // Several machines may stand behind one address, and one asks on several connections: 401s that follow each other are not
        // told apart, and all of them stand before the end that comes next.
        self.unproven += u64::from(record.status == Some(401));
        if self.open.len() == LEGS {
            // What is left out says nothing that the others do not, if there is such a line.
            let mute = self.open.iter().rposition(|leg| !says_refused(leg));
            self.open.remove(mute.unwrap_or(LEGS - 1));
        }
        self.open.push(record);
        if let Some(ending) = ending {
            self.end(key, ending);
        }
    }

    /// What is open and too far from `record` to be of its sign-on ends without a line that says how.
    fn let_go_before(&mut self, key: &Asked, record: &WebRecord) {
        let is_far = |leg: &WebRecord| record.time.since(leg.time).unsigned_abs() > WINDOW;
        let far = self.open.iter().rposition(is_far).map_or(0, |at| at + 1);
        let near = self.open.split_off(far);
        let unproven = self.unproven.saturating_sub(near.len() as u64);
        if !self.open.is_empty() {
            self.unproven = unproven;
            self.let_go(key);
            self.unproven = near.len() as u64;
        }
        self.open = near;
    }

    /// What is open and was refused to another account is not of this line's sign-on.
    fn let_go_of_others(&mut self, key: &Asked, record: &WebRecord) {
        let Some(user) = &record.user else {
            return;
        };
        let accounts = self.open.iter().filter_map(|leg| leg.user.as_ref());
        if accounts.into_iter().any(|it| !it.same_name(user.as_str())) {
            self.let_go(key);
        }
    }

    /// Finds the one behind which there is no later one; of those of one second it is the one that stands last.
    fn mark_latest(&mut self) {
        let time = |sign_on: &&mut SignOn| sign_on.last().map(|leg| leg.time);
        let latest = self.ended.iter_mut().max_by_key(time);
        if let Some(latest) = latest {
            latest.is_latest = latest.last().map(|leg| leg.time) >= self.latest;
        }
    }

    /// What is open ends here without a line that says how.
    fn let_go(&mut self, key: &Asked) {
        if self.open.is_empty() {
            return;
        }
        let is_refused = self.open.iter().any(says_refused);
        self.end(
            key,
            if is_refused {
                Ending::Refused
            } else {
                Ending::Challenged
            },
        );
    }

    fn end(&mut self, key: &Asked, ending: Ending) {
        let mut sign_on = SignOn {
            asked: key.clone(),
            legs: std::mem::take(&mut self.open),
            unproven: std::mem::take(&mut self.unproven),
            ending,
            count: 1,
            is_mixed: false,
            is_shared: false,
            cut_after: None,
            is_latest: false,
        };
        let time = sign_on.last().map(|leg| leg.time);
        sign_on.is_mixed = self.is_near_pool(time) && sign_on.unproven == 0;
        if sign_on.unproven > 1 {
            self.pooled = time;
        }
        self.latest = self.latest.max(time);
        if let Some(at) = self.ended.iter().position(|it| it.is_like(&sign_on)) {
            let alike = self.ended.remove(at);
            sign_on.count += alike.count;
            sign_on.is_mixed |= alike.is_mixed;
        } else if self.ended.len() == ENDS {
            let success = self.ended.iter().position(SignOn::is_success);
            self.unkept += self.ended.remove(success.unwrap_or(0)).count;
        }
        self.ended.push(sign_on);
    }

    /// Whether `time` is near an end before which several 401s stood.
    fn is_near_pool(&self, time: Option<Timestamp>) -> bool {
        let pooled = self.pooled.zip(time);
        pooled.is_some_and(|(pooled, time)| time.since(pooled).unsigned_abs() <= WINDOW)
    }
}
