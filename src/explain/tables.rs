//! The tables that are looked into, and how each is written.
//!
//! Never holds a row: those are in `wire`.

mod all;

pub(super) use all::TABLES;

use crate::explain::Reading;
use crate::explain::spelling::Spelling;
use crate::rules::RULES;

/// A table of codes.
pub(super) struct Table {
    /// What its rows are.
    pub(super) kind: &'static str,
    /// Beginnings of names that people leave out.
    prefixes: &'static [&'static str],
    rows: Rows,
}

/// A table's rows, as `wire` has them.
enum Rows {
    /// Numbers that may be negative.
    Signed(&'static [(i32, &'static str, &'static str)]),
    /// Codes of KRB-ERROR.
    Kerberos(&'static [(i32, &'static str, &'static str)]),
    /// Values of 32 bits, usually in hexadecimal.
    Values(&'static [(u32, &'static str, &'static str)]),
    /// Masks of one bit; a number may be several of them.
    Flags(&'static [(u32, &'static str, &'static str)]),
    /// Errors of Win32.
    Win32(&'static [(u32, &'static str, &'static str)]),
    /// Small numbers.
    Small(&'static [(u8, &'static str, &'static str)]),
    /// Object identifiers.
    Identifiers(&'static [(&'static str, &'static str, &'static str)]),
    /// What words begin with, the longest first.
    Beginnings(&'static [(&'static str, &'static str, &'static str)]),
    /// Statuses with substatuses.
    Statuses(&'static [(u16, u16, &'static str, &'static str)]),
    /// Types with codes.
    Types(&'static [(u8, u8, &'static str, &'static str)]),
    /// Bytes, always in hexadecimal.
    Bytes(&'static [(u8, &'static str, &'static str)]),
}

/// A code as a table has it.
#[derive(Clone, Copy)]
enum Code {
    Signed(i32),
    Kerberos(i32),
    Value(u32),
    Win32(u32),
    Flag(u32),
    Identifier(&'static str),
    Beginning(&'static str),
    Status(u16, u16),
    Type(u8, u8),
    Byte(u8),
}

/// One row of a table.
pub(super) struct Row {
    code: Code,
    pub(super) name: &'static str,
    meaning: &'static str,
}

impl Table {
    pub(super) fn rows(&self) -> Vec<Row> {
        let row = |code, name, meaning| Row {
            code,
            name,
            meaning,
        };
        match self.rows {
            Rows::Signed(rows) => rows
                .iter()
                .map(|&(number, name, meaning)| row(Code::Signed(number), name, meaning))
                .collect(),
            Rows::Kerberos(rows) => rows
                .iter()
                .map(|&(number, name, meaning)| row(Code::Kerberos(number), name, meaning))
                .collect(),
            Rows::Values(rows) => rows
                .iter()
                .map(|&(value, name, meaning)| row(Code::Value(value), name, meaning))
                .collect(),
            Rows::Flags(rows) => rows
                .iter()
                .map(|&(mask, name, meaning)| row(Code::Flag(mask), name, meaning))
                .collect(),
            Rows::Win32(rows) => rows
                .iter()
                .map(|&(value, name, meaning)| row(Code::Win32(value), name, meaning))
                .collect(),
            Rows::Small(rows) => rows
                .iter()
                .map(|&(number, name, meaning)| row(Code::Signed(number.into()), name, meaning))
                .collect(),
            Rows::Identifiers(rows) => rows
                .iter()
                .map(|&(oid, name, meaning)| row(Code::Identifier(oid), name, meaning))
                .collect(),
            Rows::Beginnings(rows) => rows
                .iter()
                .map(|&(start, name, meaning)| row(Code::Beginning(start), name, meaning))
                .collect(),
            Rows::Statuses(rows) => rows
                .iter()
                .map(|&(status, sub, name, meaning)| row(Code::Status(status, sub), name, meaning))
                .collect(),
            Rows::Types(rows) => rows
                .iter()
                .map(|&(kind, code, name, meaning)| row(Code::Type(kind, code), name, meaning))
                .collect(),
            Rows::Bytes(rows) => rows
                .iter()
                .map(|&(byte, name, meaning)| row(Code::Byte(byte), name, meaning))
                .collect(),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rows().into_iter().map(|row| row.name)
    }

    /// The rows that `spelling` may mean.
    pub(super) fn readings(&self, spelling: &Spelling<'_>) -> Vec<Reading> {
        let meant = |row: &Row| row.code.is(spelling) || spelling.is_name(row.name, self.prefixes);
        let mut rows = self.rows();
        match self.rows {
            Rows::Flags(masks) if spelling.is_all_of(masks) => {
                rows.retain(|row| meant(row) || row.code.is_part_of(spelling));
            }
            Rows::Beginnings(_) => {
                let longest = rows.iter().position(meant);
                rows = longest.into_iter().map(|at| rows.swap_remove(at)).collect();
            }
            _ => rows.retain(meant),
        }
        rows.into_iter()
            .map(|row| Reading {
                kind: self.kind,
                number: row.code.to_string(),
                name: row.name,
                meaning: row.meaning,
                rules: row.rules(),
            })
            .collect()
    }
}

impl Row {
    /// Rules whose text speaks of it.
    fn rules(&self) -> Vec<&'static str> {
        let Code::Kerberos(number) = self.code else {
            return Vec::new();
        };
        let speaks = |text: &str| {
            text.match_indices("KRB-ERROR ").any(|(at, found)| {
                let rest = &text[at + found.len()..];
                let digits = rest.find(|letter: char| !letter.is_ascii_digit());
                rest[..digits.unwrap_or(rest.len())].parse() == Ok(number)
            })
        };
        RULES
            .iter()
            .filter(|rule| speaks(rule.meta.explanation))
            .map(|rule| rule.meta.id)
            .collect()
    }

    /// All ways to write it.
    #[cfg(test)]
    pub(super) fn spellings(&self) -> Vec<String> {
        let numbers = match self.code {
            Code::Signed(number) => vec![number.to_string()],
            Code::Kerberos(number) => vec![
                number.to_string(),
                format!("0x{number:02X}"),
                (number - 1_765_328_384).to_string(),
            ],
            Code::Value(value) | Code::Flag(value) => vec![
                value.to_string(),
                value.cast_signed().to_string(),
                format!("0x{value:08X}"),
                format!("{value:08x}"),
            ],
            Code::Win32(value) => vec![value.to_string(), format!("0x{value:X}")],
            Code::Identifier(text) | Code::Beginning(text) => vec![text.to_owned()],
            Code::Status(status, 0) => vec![status.to_string(), format!("{status}.0")],
            Code::Status(status, sub) => vec![format!("{status}.{sub}")],
            Code::Type(kind, code) => vec![format!("{kind}/{code}")],
            Code::Byte(byte) => vec![format!("0x{byte:02X}"), format!("0x{byte:02x}")],
        };
        let names = [self.name.to_owned(), self.name.to_ascii_lowercase()];
        numbers.into_iter().chain(names).collect()
    }
}

impl Code {
    /// Whether it is one of the flags that the word is made of.
    fn is_part_of(self, spelling: &Spelling<'_>) -> bool {
        matches!(self, Self::Flag(mask) if spelling.has(mask))
    }

    fn is(self, spelling: &Spelling<'_>) -> bool {
        match self {
            Self::Signed(number) => spelling.is_signed(number),
            Self::Kerberos(number) => spelling.is_kerberos(number),
            Self::Value(value) | Self::Flag(value) => spelling.is_value(value),
            Self::Win32(error) => spelling.is_win32(error),
            Self::Identifier(oid) => spelling.word == oid,
            Self::Beginning(start) => spelling.word.starts_with(start),
            Self::Status(status, sub) => {
                let whole = format!("{status}.{sub}");
                spelling.word == whole || (sub == 0 && spelling.word == status.to_string())
            }
            Self::Type(kind, code) => spelling.word == format!("{kind}/{code}"),
            Self::Byte(byte) => spelling.is_byte(byte),
        }
    }
}

impl std::fmt::Display for Code {
    /// `41 (0x29)`, `2148074254 (0x8009030E)`, `401.2`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Signed(number) => write!(f, "{number}"),
            Self::Kerberos(number) => write!(f, "{number} (0x{number:02X})"),
            Self::Value(value) if value.cast_signed() >= 0 => {
                write!(f, "0x{value:08X} ({value})")
            }
            Self::Flag(mask) => write!(f, "0x{mask:08X}"),
            Self::Value(value) => write!(f, "0x{value:08X} ({value}, {})", value.cast_signed()),
            Self::Win32(value) => write!(f, "{value} (0x{value:X})"),
            Self::Identifier(text) | Self::Beginning(text) => f.write_str(text),
            Self::Status(status, 0) => write!(f, "{status}"),
            Self::Status(status, sub) => write!(f, "{status}.{sub}"),
            Self::Type(kind, code) => write!(f, "{kind}/{code}"),
            Self::Byte(byte) => write!(f, "0x{byte:02X}"),
        }
    }
}
