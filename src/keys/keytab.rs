//! The file in which keys are kept: the keytab of MIT Kerberos, which `ktpass` of Windows writes too.
//!
//! Never keeps an entry that it could not read whole.
//! Source: the format as MIT Kerberos documents it (`doc/formats/keytab_file_format.rst`).

use std::sync::Arc;

use thiserror::Error;

use crate::keys::{Key, KeyName};
use crate::text::{Sealed, WireText};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::name::{NameType, PrincipalName};
use crate::wire::reader::{DecodeError, Reader};

/// The format with its version.
const MAGIC: [u8; 2] = [5, 2];
/// The version before it, in the byte order of the machine that wrote it.
const OLD: [u8; 2] = [5, 1];
/// Keys that are kept: a whole directory of a few thousand accounts has fewer.
const MOST_KEYS: usize = 100_000;

/// The keys of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keytab {
    /// The name of the file, as it is told.
    pub name: Arc<str>,
    pub(super) keys: Vec<Key>,
}

/// Why a file gives no keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum KeytabError {
    /// Another kind of file.
    #[error("is not a keytab")]
    NoKeytab,
    /// A version that is not read.
    #[error("is a keytab of version 1, which is not read: copy its keys with ktutil")]
    OldVersion,
    /// Damage.
    #[error("is a keytab, but damaged: {0}")]
    Damaged(DecodeError),
    /// More than is kept.
    #[error("is a keytab of more than {MOST_KEYS} keys")]
    TooMany,
    /// None is in it.
    #[error("is a keytab without keys")]
    Empty,
}

impl Keytab {
    /// Reads the file that is called `name`.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, KeytabError> {
        let mut reader = Reader::new(bytes);
        match reader.array("keytab version") {
            Ok(MAGIC) => {}
            Ok(OLD) => return Err(KeytabError::OldVersion),
            _ => return Err(KeytabError::NoKeytab),
        }
        let mut keys = Vec::new();
        while !reader.is_empty() {
            keys.extend(entry(&mut reader).map_err(KeytabError::Damaged)?);
            if keys.len() > MOST_KEYS {
                return Err(KeytabError::TooMany);
            }
        }
        if keys.is_empty() {
            return Err(KeytabError::Empty);
        }
        Ok(Self {
            name: name.into(),
            keys,
        })
    }
}

/// The next entry; a negative length is that of a hole, and a length of 0 ends the list.
fn entry(reader: &mut Reader<'_>) -> Result<Option<Key>, DecodeError> {
    let len = reader.u32_be("length of an entry")?.cast_signed();
    if len == 0 {
        reader.bytes(reader.rest().len(), "rest")?;
        return Ok(None);
    }
    let bytes = reader.bytes(len.unsigned_abs() as usize, "entry")?;
    if len < 0 {
        return Ok(None);
    }
    key(&mut Reader::new(bytes)).map(Some)
}

fn key(reader: &mut Reader<'_>) -> Result<Key, DecodeError> {
    let count = reader.u16_be("number of components")?;
    let realm = text(reader, "realm")?;
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push(text(reader, "component")?);
    }
    let kind = NameType(reader.u32_be("name type")?.cast_signed());
    reader.u32_be("time")?;
    let short_version = u32::from(reader.u8("version of the key")?);
    let etype = EncryptionType(i32::from(reader.u16_be("encryption type")?.cast_signed()));
    let len = usize::from(reader.u16_be("length of the key")?);
    let secret = Sealed::from(reader.bytes(len, "key")?.to_vec());
    // Four bytes behind the key are its whole version, unless they are 0.
    let long_version = reader.u32_be("version of the key").unwrap_or(0);
    let kvno = if long_version == 0 {
        short_version
    } else {
        long_version
    };
    let principal = PrincipalName { kind, parts };
    let name = KeyName {
        principal,
        realm,
        kvno,
    };
    Ok(Key {
        name,
        etype,
        secret,
    })
}

fn text(reader: &mut Reader<'_>, reading: &'static str) -> Result<WireText, DecodeError> {
    let len = usize::from(reader.u16_be(reading)?);
    reader.bytes(len, reading).map(WireText::from_bytes)
}
