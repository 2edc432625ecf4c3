//! Keys that the user hands over, and which of them opens a ticket.
//!
//! Never reads what is inside a ticket: it only learns whether a key fits, and never shows a key.

mod aes_sha1;
mod aes_sha2;
mod keytab;
mod rc4_hmac;

use std::fmt;
use std::sync::Arc;

pub use keytab::{Keytab, KeytabError};

use crate::text::{Sealed, WireText};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::name::PrincipalName;

/// What the encryption of a ticket is for (RFC 4120 section 7.5.1): each use has keys of its own.
const TICKET: u32 = 2;

/// Whose key it is, and which one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct KeyName {
    /// The principal.
    pub principal: PrincipalName,
    /// Its realm.
    pub realm: WireText,
    /// The version of the key.
    pub kvno: u32,
}

impl fmt::Display for KeyName {
    /// `svc-web@EXAMPLE.COM, version 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}@{}, version {}",
            self.principal, self.realm, self.kvno
        )
    }
}

/// A key of a keytab.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Key {
    name: KeyName,
    etype: EncryptionType,
    secret: Sealed,
}

/// What came of trying the keys of one keytab on a ticket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    /// The keytab, by the name of its file.
    pub keytab: Arc<str>,
    /// What came of it.
    pub fit: Fit,
}

/// Whether a key fits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fit {
    /// This one opens it.
    Opens(KeyName),
    /// None of those that have its encryption type does.
    Closed {
        /// How many were tried.
        tried: usize,
        /// The versions of those that the keytab has for the very name of the ticket, ascending.
        of_name: Vec<u32>,
    },
    /// The keytab has no key of its encryption type.
    NoKeyOfType,
    /// This program cannot open tickets of its encryption type.
    UnknownType,
}

/// What is tried: a ticket's outside and its cipher text.
#[derive(Clone, Copy, Debug)]
pub struct Lock<'a> {
    /// The service that can open it.
    pub sname: &'a PrincipalName,
    /// The realm that issued it.
    pub realm: &'a WireText,
    /// The encryption type.
    pub etype: EncryptionType,
    /// The cipher text.
    pub cipher: &'a Sealed,
}

impl Keytab {
    /// Tries all keys of the ticket's encryption type, whosever they are: a service's key is often kept under the name of its account.
    pub fn try_on(&self, lock: Lock<'_>) -> Fit {
        let Some(opens) = opener(lock.etype) else {
            return Fit::UnknownType;
        };
        let of_type: Vec<&Key> = self
            .keys
            .iter()
            .filter(|key| key.etype == lock.etype)
            .collect();
        let cipher = lock.cipher.expose();
        let fitting = of_type
            .iter()
            .filter(|key| opens(key.secret.expose(), cipher));
        // One key may stand under several names: the name of the ticket says the least about the account.
        let fitting = fitting.min_by_key(|key| (key.is_for(lock), &key.name));
        if let Some(key) = fitting {
            return Fit::Opens(key.name.clone());
        }
        if of_type.is_empty() {
            return Fit::NoKeyOfType;
        }
        let of_name = of_type.iter().filter(|key| key.is_for(lock));
        let mut of_name: Vec<u32> = of_name.map(|key| key.name.kvno).collect();
        of_name.sort_unstable();
        of_name.dedup();
        Fit::Closed {
            tried: of_type.len(),
            of_name,
        }
    }

    /// The names of its principals and realms, for what has to hide them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().flat_map(|key| {
            let parts = key.name.principal.parts.iter();
            parts.chain([&key.name.realm]).map(WireText::as_str)
        })
    }
}

impl Key {
    fn is_for(&self, lock: Lock<'_>) -> bool {
        self.name.principal.same_principal(lock.sname)
            && self.name.realm.same_name(lock.realm.as_str())
    }
}

/// Tells whether a key opens a cipher text.
type Opener = fn(&[u8], &[u8]) -> bool;

/// `None` for encryption types that are not known here.
fn opener(etype: EncryptionType) -> Option<Opener> {
    match etype {
        EncryptionType::AES128 => Some(aes_sha1::opens_128),
        EncryptionType::AES256 => Some(aes_sha1::opens_256),
        EncryptionType::AES128_SHA256 => Some(aes_sha2::opens_128),
        EncryptionType::AES256_SHA384 => Some(aes_sha2::opens_256),
        EncryptionType::RC4 => Some(rc4_hmac::opens),
        _ => None,
    }
}
