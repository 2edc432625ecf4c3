//! Which client identities the messages of a capture name, and who uses them.
//!
//! Never holds more than the budget: what comes beyond it is counted.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::text::WireText;

/// Identities with those who use them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Identities {
    users: BTreeMap<String, Vec<User>>,
    /// Sightings that are not kept.
    pub unkept: u64,
}

/// Somebody who registers under an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// The address.
    pub client: IpAddr,
    /// The NetBIOS name in the registration.
    pub name: Option<WireText>,
    /// The thumbprint of the signing certificate.
    pub thumbprint: Option<String>,
    /// The hardware's identity.
    pub hardware_id: Option<WireText>,
    /// The first frame of the registration.
    pub frame: FrameNumber,
}

/// Two machines under one identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clash<'i> {
    /// `GUID:…`.
    pub smsid: &'i str,
    /// One of them.
    pub first: &'i User,
    /// Another one.
    pub second: &'i User,
}

/// An identity, `GUID:…`, and who uses it.
pub type Use<'i> = (&'i str, &'i User);

impl Identities {
    /// Adds the registrations of `attempt`.
    pub fn add(&mut self, attempt: &Attempt) {
        for exchange in &attempt.http {
            let Some(message) = &exchange.request.ccm else {
                continue;
            };
            let Some((asked, smsid)) = message.registration.as_ref().zip(message.smsid()) else {
                continue;
            };
            let user = User {
                client: exchange.client.addr,
                name: asked.netbios_name.clone(),
                thumbprint: asked.signing_thumbprint.clone(),
                hardware_id: asked.hardware_id.clone(),
                frame: exchange.asked.first(),
            };
            self.add_user(smsid.as_str().to_ascii_uppercase(), user);
        }
    }

    fn add_user(&mut self, smsid: String, user: User) {
        if self.users.len() >= Budget::IDENTITIES && !self.users.contains_key(&smsid) {
            self.unkept += 1;
            return;
        }
        let users = self.users.entry(smsid).or_default();
        let is_known = users.iter().any(|known| known.is_like(&user));
        if !is_known && users.len() < Budget::USERS_PER_IDENTITY {
            users.push(user);
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

    /// Identities that two machines use, each once, in order.
    pub fn clashes(&self) -> impl Iterator<Item = Clash<'_>> {
        self.users.iter().filter_map(|(smsid, users)| {
            users.iter().enumerate().find_map(|(at, first)| {
                let second = users
                    .iter()
                    .skip(at + 1)
                    .find(|other| first.is_other_than(other))?;
                Some(Clash {
                    smsid,
                    first,
                    second,
                })
            })
        })
    }
}

impl User {
    fn is_like(&self, other: &Self) -> bool {
        self.client == other.client
            && self.name == other.name
            && self.thumbprint == other.thumbprint
    }

    /// Whether two registrations are of two machines: another name, and another address or certificate. A new address alone
    /// is a lease, a new certificate alone was made anew.
    pub fn is_other_than(&self, other: &Self) -> bool {
        let differ = |a: Option<&WireText>, b: Option<&WireText>| {
            a.zip(b).is_some_and(|(a, b)| !a.same_name(b.as_str()))
        };
        let certificates = self.thumbprint.as_ref().zip(other.thumbprint.as_ref());
        differ(self.name.as_ref(), other.name.as_ref())
            && (self.client != other.client || certificates.is_some_and(|(a, b)| a != b))
    }

    /// Whether the hardware is known to differ too.
    pub fn has_other_hardware(&self, other: &Self) -> bool {
        self.hardware_id
            .as_ref()
            .zip(other.hardware_id.as_ref())
            .is_some_and(|(a, b)| a != b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(client: [u8; 4], name: &str, thumbprint: &str) -> User {
        User {
            client: client.into(),
            name: Some(name.into()),
            thumbprint: Some(thumbprint.to_owned()),
            hardware_id: None,
            frame: FrameNumber(1),
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
