//! Which client identities the messages of a capture, calls that store registrations and logs name, and who uses them.
//!
//! Never holds more than the budget: what comes beyond it is counted.

use std::collections::BTreeMap;

use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::sighting::{Grade, User, identity_and_certificate, registered};
use crate::wire::registration_call::RegistrationCall;

/// Identities with those who use them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Identities {
    users: BTreeMap<String, Vec<User>>,
    /// Sightings that are not kept.
    pub unkept: u64,
}

/// Two machines under one identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clash<'i> {
    /// `GUID:…` of the first one.
    pub smsid: &'i str,
    /// That of the second one: the same, unless they share a certificate only.
    pub other: &'i str,
    /// One of them.
    pub first: &'i User,
    /// Another one.
    pub second: &'i User,
    /// How certain that is.
    pub grade: Grade,
}

/// An identity, `GUID:…`, and who uses it.
pub type Use<'i> = (&'i str, &'i User);

impl Identities {
    /// Adds the registrations of `attempt`.
    pub fn add(&mut self, attempt: &Attempt) {
        for exchange in &attempt.http {
            if let Some((smsid, user)) = registered(exchange) {
                self.add_user(smsid, user);
            }
        }
    }

    /// Adds what a call stores, which was seen at `seen`.
    pub fn add_call(&mut self, call: &RegistrationCall, seen: User) {
        let Some(smsid) = call.smsid.as_ref().filter(|smsid| !smsid.is_empty()) else {
            return;
        };
        let user = User {
            name: call.netbios_name.clone(),
            fqdn: call.fqdn.clone(),
            thumbprint: call.thumbprint.as_deref().map(str::to_ascii_lowercase),
            hardware_id: call.hardware_id.clone(),
            ..seen
        };
        self.add_user(smsid.as_str().to_ascii_uppercase(), user);
    }

    /// Adds what a sentence of a log says of an identity and its certificate, which was written at `seen`.
    pub fn add_sentence(&mut self, text: &str, seen: impl FnOnce() -> User) {
        if let Some((smsid, thumbprint)) = identity_and_certificate(text) {
            let user = User {
                thumbprint: Some(thumbprint),
                ..seen()
            };
            self.add_user(smsid, user);
        }
    }

    fn add_user(&mut self, smsid: String, user: User) {
        if self.users.len() >= Budget::IDENTITIES && !self.users.contains_key(&smsid) {
            self.unkept += 1;
            return;
        }
        let users = self.users.entry(smsid).or_default();
        if let Some(known) = users.iter_mut().find(|known| known.is_like(&user)) {
            known.see_again(&user);
        } else if users.len() < Budget::USERS_PER_IDENTITY {
            users.push(user);
        } else {
            self.unkept += 1;
        }
    }

    /// The first hardware that registers under two identities: each of them with who uses it, the earlier one first.
    pub fn one_hardware(&self) -> Option<(Use<'_>, Use<'_>)> {
        let mut seen: BTreeMap<&str, Use<'_>> = BTreeMap::new();
        for (smsid, user) in self.all() {
            let Some(hardware) = user.hardware_id.as_ref().filter(|id| !id.is_empty()) else {
                continue;
            };
            match seen.get(hardware.as_str()) {
                Some(&other) if other.0 != smsid => {
                    let pair = (other, (smsid, user));
                    let is_in_order = other.1.frame <= user.frame;
                    return Some(if is_in_order { pair } else { (pair.1, pair.0) });
                }
                Some(_) => {}
                None => {
                    seen.insert(hardware.as_str(), (smsid, user));
                }
            }
        }
        None
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Use<'_>> {
        let users = self.users.iter();
        users.flat_map(|(smsid, users)| users.iter().map(move |user| (smsid.as_str(), user)))
    }

    /// Those who use `smsid`.
    pub fn users_of(&self, smsid: &str) -> &[User] {
        self.users.get(smsid).map_or(&[], Vec::as_slice)
    }

    /// Identities that two machines use, each once, in order; of their pairs that which proves most.
    pub fn clashes(&self) -> impl Iterator<Item = Clash<'_>> {
        self.users.iter().filter_map(|(smsid, users)| {
            let pairs = users.iter().enumerate().flat_map(|(at, first)| {
                let later = users.iter().skip(at + 1);
                later.map(move |second| (first, second))
            });
            let clashes = pairs.filter_map(|(first, second)| {
                let grade = first.grade(second)?;
                Some(Clash {
                    smsid,
                    other: smsid,
                    first,
                    second,
                    grade,
                })
            });
            // Of equals the first is taken, not the last.
            clashes.reduce(|best, next| if next.grade > best.grade { next } else { best })
        })
    }

    /// A certificate that two machines with two identities and two hardwares use: it was copied with its key.
    pub fn one_certificate(&self) -> Option<Clash<'_>> {
        let mut seen: BTreeMap<&str, Use<'_>> = BTreeMap::new();
        for (smsid, user) in self.all() {
            let Some(thumbprint) = user.thumbprint.as_deref() else {
                continue;
            };
            let (other, first) = *seen.entry(thumbprint).or_insert((smsid, user));
            if other != smsid && first.has_other_name(user) && first.has_other_hardware(user) {
                return Some(Clash {
                    smsid: other,
                    other: smsid,
                    first,
                    second: user,
                    grade: Grade::Certain,
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;

    fn user(client: [u8; 4], name: &str, thumbprint: &str) -> User {
        User {
            client: Some(client.into()),
            name: Some(name.into()),
            thumbprint: Some(thumbprint.to_owned()),
            frame: FrameNumber(1),
            ..User::default()
        }
    }

    #[test]
    fn one_hardware_has_one_identity_unless_it_was_installed_anew() {
        let at = |smsid: &str, hardware: &str, frame| {
            let user = User {
                hardware_id: Some(hardware.into()),
                frame: FrameNumber(frame),
                ..user([10, 0, 0, 1], "WK1", "aa")
            };
            (smsid.to_owned(), user)
        };
        let pair = |sightings: [(String, User); 2]| {
            let mut identities = Identities::default();
            for (smsid, user) in sightings {
                identities.add_user(smsid, user);
            }
            let (first, second) = identities.one_hardware()?;
            Some(format!("{} {}", first.0, second.0))
        };
        let anew = [at("GUID:Y", "2:AA", 1), at("GUID:X", "2:AA", 9)];
        assert_eq!(pair(anew), Some("GUID:Y GUID:X".to_owned()));
        assert_eq!(
            pair([at("GUID:X", "2:AA", 1), at("GUID:X", "2:AA", 9)]),
            None
        );
        assert_eq!(
            pair([at("GUID:X", "2:AA", 1), at("GUID:Y", "2:BB", 9)]),
            None
        );
        assert_eq!(pair([at("GUID:X", "", 1), at("GUID:Y", "", 9)]), None);
    }

    #[test]
    fn two_names_under_one_identity_clash_and_one_that_moved_does_not() {
        let clashes = |second: User| {
            let mut identities = Identities::default();
            identities.add_user("GUID:X".to_owned(), user([10, 0, 0, 1], "WK1", "aa"));
            identities.add_user("GUID:X".to_owned(), second);
            identities.clashes().count()
        };
        assert_eq!(clashes(user([10, 0, 0, 2], "WK2", "bb")), 1);
        assert_eq!(clashes(user([10, 0, 0, 2], "WK2", "aa")), 1);
        assert_eq!(clashes(user([10, 0, 0, 2], "WK1", "aa")), 0);
        assert_eq!(clashes(user([10, 0, 0, 1], "WK1", "bb")), 0);
    }
}
