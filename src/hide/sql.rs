//! Statements of SQL: words of the language and of the call that stores a registration stay, and values become pseudonyms.
//!
//! Never keeps a word that it does not know.

use crate::hide::{Hider, LONGEST_NUMBER, number};
use crate::wire::registration_call::{PARAMETERS, PROCEDURE};

/// Words of the language, of types, and of the procedures that run a text.
const WORDS: [&str; 33] = [
    "as",
    "begin",
    "bigint",
    "binary",
    "bit",
    "char",
    "datetime",
    "datetime2",
    "dbo",
    "declare",
    "default",
    "end",
    "exec",
    "execute",
    "go",
    "image",
    "int",
    "max",
    "n",
    "nchar",
    "ntext",
    "null",
    "nvarchar",
    "out",
    "output",
    "set",
    "smallint",
    "sp_executesql",
    "sp_prepexec",
    "text",
    "tinyint",
    "varbinary",
    "varchar",
];

impl Hider<'_> {
    /// Edits a statement in ASCII.
    pub(super) fn sql(&mut self, text: &mut [u8]) {
        let mut at = 0;
        while let Some(&sign) = text.get(at) {
            let rest = text.get_mut(at + 1..).unwrap_or_default();
            if matches!(sign, b'\'' | b'"') {
                let end = rest.iter().position(|byte| *byte == sign);
                let end = end.unwrap_or(rest.len());
                self.sql_value(rest.get_mut(..end).unwrap_or_default());
                at += end + 2;
            } else if is_of_word(sign) {
                let more = rest.iter().position(|byte| !is_of_word(*byte));
                let end = at + 1 + more.unwrap_or(rest.len());
                let is_variable = at.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'@');
                self.sql_word(text.get_mut(at..end).unwrap_or_default(), is_variable);
                at = end;
            } else {
                at += 1;
            }
        }
    }

    fn sql_word(&mut self, word: &mut [u8], is_variable: bool) {
        if word.iter().all(u8::is_ascii_digit) {
            if word.len() > LONGEST_NUMBER {
                number(word);
            }
        } else if let [b'0', b'x' | b'X', digits @ ..] = word {
            self.digits(digits);
        } else if is_known(word) {
        } else if is_variable {
            self.name(word);
        } else {
            word.fill(b'x');
        }
    }

    /// Hexadecimal digits that tell only whether the same bytes stand there.
    fn digits(&mut self, digits: &mut [u8]) {
        let stamp = self.stamp(digits).map(|byte| format!("{byte:02X}"));
        let stamp = stamp.concat();
        for (digit, mark) in digits.iter_mut().zip(stamp.bytes().cycle()) {
            *digit = mark;
        }
    }
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Words that are the same everywhere, and the numbered variables of client libraries.
fn is_known(word: &[u8]) -> bool {
    let mut known = WORDS.iter().chain(&PARAMETERS).chain([&PROCEDURE]);
    let is_numbered =
        matches!(word, [b'P' | b'p', digits @ ..] if digits.iter().all(u8::is_ascii_digit));
    is_numbered || known.any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::hide::Hider;
    use crate::privacy::Pseudonyms;

    #[test]
    fn a_call_stays_a_call_and_loses_its_names() {
        let text = "exec spUpdateClientRegistration @SMSID=N'GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11', \
            @ValidFrom='2009-05-19 19:34:47.000', @Certificate=0x308203A1, @ApprovalMethod=1, \
            @SMBIOSID='2012-3456-7890', @NetbiosName=N'WK02', @MACAddress='00:15:5D:01:02:03' -- by erika";
        let mut bytes = text.as_bytes().to_vec();
        Hider::new(&mut Pseudonyms::default()).sql(&mut bytes);
        let out = String::from_utf8(bytes).unwrap();
        assert_eq!(out.len(), text.len());
        assert!(
            out.starts_with("exec spUpdateClientRegistration @SMSID=N'GUID:0000"),
            "{out}"
        );
        assert!(out.contains("='2009-05-19 19:34:47.000', @Certificate=0x8080"));
        assert!(out.contains("@ApprovalMethod=1, "), "{out}");
        for secret in ["5C1E7F0A", "308203A1", "WK02", "15:5D", "erika", "3456"] {
            assert!(!out.contains(secret), "{out}");
        }
    }
}
