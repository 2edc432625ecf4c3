//! A sighting of a client identity: who registers under it, as a message, a call or a line of a log says.
//!
//! Never takes a lease or a new certificate for another machine.

use std::net::IpAddr;

use memchr::memmem;

use crate::dissect::message::Message;
use crate::frame::{FrameNumber, Timestamp};
use crate::model::http_exchange::HttpExchange;
use crate::model::witness::Source;
use crate::text::WireText;

/// Two sightings within this time are of machines that are alive together: ten minutes.
const TOGETHER_NANOS: i64 = 600_000_000_000;

/// Somebody who registers under an identity.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct User {
    /// The address; a call that stores a registration and a log do not say.
    pub client: Option<IpAddr>,
    /// The NetBIOS name in the registration.
    pub name: Option<WireText>,
    /// The name in DNS.
    pub fqdn: Option<WireText>,
    /// The thumbprint of the signing certificate.
    pub thumbprint: Option<String>,
    /// The hardware's identity.
    pub hardware_id: Option<WireText>,
    /// The first frame of the registration or the call; number 0 for a line of a file.
    pub frame: FrameNumber,
    /// When it was first seen, and when last.
    pub time: Option<(Timestamp, Timestamp)>,
    /// The line that says it, where it is no frame.
    pub source: Option<Source>,
}

/// How certain it is that two sightings are of two machines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Grade {
    /// Names differ, and an address or a certificate; a machine that was renamed looks the same.
    Weak,
    /// The same, and both are alive within the same minutes.
    Strong,
    /// Names and hardware differ.
    Certain,
}

/// Who registers in `exchange`, and under which identity.
pub(in crate::model) fn registered(exchange: &HttpExchange) -> Option<(String, User)> {
    let message = exchange.request.ccm.as_ref()?;
    let (asked, smsid) = message.registration.as_ref().zip(message.smsid())?;
    let user = User {
        client: Some(exchange.client.addr),
        name: asked.netbios_name.clone(),
        fqdn: asked.fqdn.clone(),
        thumbprint: asked.signing_thumbprint.clone(),
        hardware_id: asked.hardware_id.clone(),
        frame: exchange.asked.first(),
        time: Some((exchange.asked.time, exchange.asked.last_time)),
        source: None,
    };
    Some((smsid.as_str().to_ascii_uppercase(), user))
}

/// `GUID:…` and a thumbprint of 40 digits in one sentence, as the management point writes them of a registration that it passes on.
pub(in crate::model) fn identity_and_certificate(text: &str) -> Option<(String, String)> {
    const GUID: usize = "GUID:".len() + 36;
    memmem::find(text.as_bytes(), b"humbprint")?;
    let upper = text.to_ascii_uppercase();
    let smsid = upper.get(upper.find("GUID:")?..)?.get(..GUID)?;
    let behind = upper.get(upper.find("THUMBPRINT")?..)?;
    let mut words = behind.split(|letter: char| !letter.is_ascii_hexdigit());
    let thumbprint = words.find(|word| word.len() == 40)?;
    Some((smsid.to_owned(), thumbprint.to_ascii_lowercase()))
}

impl User {
    /// Somebody whom `message` names.
    pub(in crate::model) fn seen_in(message: &Message) -> Self {
        Self {
            frame: message.first_frame(),
            time: Some((message.time, message.time)),
            ..Self::default()
        }
    }

    /// Somebody whom a line names, which was written at `time`.
    pub fn named_by(source: Source, time: Option<Timestamp>) -> Self {
        Self {
            source: Some(source),
            time: time.map(|time| (time, time)),
            ..Self::default()
        }
    }

    pub(in crate::model) fn is_like(&self, other: &Self) -> bool {
        self.client == other.client
            && self.name == other.name
            && self.thumbprint == other.thumbprint
            && self.source.is_some() == other.source.is_some()
    }

    pub(in crate::model) fn see_again(&mut self, other: &Self) {
        self.time = match (self.time, other.time) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (known, other) => known.or(other),
        };
    }

    /// How certain it is that two sightings under one identity are of two machines; `None` where a lease, a new certificate or
    /// another witness of one registration is enough to explain them.
    pub(in crate::model) fn grade(&self, other: &Self) -> Option<Grade> {
        if self.has_other_name(other) && self.has_other_hardware(other) {
            return Some(Grade::Certain);
        }
        self.is_other_than(other).then(|| {
            if self.is_alive_with(other) {
                Grade::Strong
            } else {
                Grade::Weak
            }
        })
    }

    /// Whether two registrations are of two machines: another name, and another address or certificate. A new address alone
    /// is a lease, a new certificate alone was made anew.
    pub fn is_other_than(&self, other: &Self) -> bool {
        let addresses = self.client.zip(other.client);
        let certificates = self.thumbprint.as_ref().zip(other.thumbprint.as_ref());
        self.has_other_name(other)
            && (addresses.is_some_and(|(a, b)| a != b) || certificates.is_some_and(|(a, b)| a != b))
    }

    /// `10.20.51.51`, where it is known.
    pub fn address(&self) -> Option<String> {
        self.client.map(|client| client.to_string())
    }

    pub(in crate::model) fn has_other_name(&self, other: &Self) -> bool {
        let names = self.name.as_ref().zip(other.name.as_ref());
        names.is_some_and(|(a, b)| !a.same_name(b.as_str()))
    }

    fn is_alive_with(&self, other: &Self) -> bool {
        let times = self.time.zip(other.time);
        times.is_some_and(|((a, b), (c, d))| {
            c.since(b) <= TOGETHER_NANOS && a.since(d) <= TOGETHER_NANOS
        })
    }

    /// Whether the hardware is known to differ too.
    pub fn has_other_hardware(&self, other: &Self) -> bool {
        let hardware = self.hardware_id.as_ref().zip(other.hardware_id.as_ref());
        hardware.is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && a != b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(client: [u8; 4], name: &str, thumbprint: &str) -> User {
        User {
            client: Some(client.into()),
            name: Some(name.into()),
            thumbprint: Some(thumbprint.to_owned()),
            ..User::default()
        }
    }

    #[test]
    fn a_clash_is_graded_by_hardware_and_by_time() {
        let at = |seconds: i64| {
            let time = Timestamp::from_nanos(seconds * 1_000_000_000);
            Some((time, time))
        };
        let grade = |change: fn(User) -> User, seconds| {
            let first = User {
                hardware_id: Some("2:AA".into()),
                time: at(0),
                ..user([10, 0, 0, 1], "WK1", "aa")
            };
            let second = User {
                time: at(seconds),
                ..change(user([10, 0, 0, 2], "WK2", "bb"))
            };
            first.grade(&second)
        };
        let other_hardware = |user| User {
            hardware_id: Some("2:BB".into()),
            ..user
        };
        let stored = |user| User {
            client: None,
            ..user
        };
        assert_eq!(grade(other_hardware, 100_000), Some(Grade::Certain));
        assert_eq!(grade(|user| user, 60), Some(Grade::Strong));
        assert_eq!(grade(|user| user, 6_000), Some(Grade::Weak));
        assert_eq!(grade(stored, 60), Some(Grade::Strong));
        let same = |user| User {
            name: Some("wk1".into()),
            ..user
        };
        assert_eq!(grade(same, 60), None);
    }

    #[test]
    fn a_sentence_with_identity_and_certificate_is_a_sighting() {
        let text = "MP Reg: DDR written to [x.RDR] for Client [GUID:eeaf9390-94eb-43ae-a0de-f374e3e7e03b] with Certificate Thumbprint [36ABB76BD0F33BA8CC3E5F46D7A36A0C4B49AD80]";
        let found = identity_and_certificate(text).expect("both");
        assert_eq!(found.0, "GUID:EEAF9390-94EB-43AE-A0DE-F374E3E7E03B");
        assert_eq!(found.1, "36abb76bd0f33ba8cc3e5f46d7a36a0c4b49ad80");
        for cut in 0..text.len() - 1 {
            assert_eq!(identity_and_certificate(&text[..cut]), None);
        }
    }
}
