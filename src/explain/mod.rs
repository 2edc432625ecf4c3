//! What a code, a name or a rule means, in any spelling.
//!
//! Never reads a capture, and holds no text of its own: tables are in `wire`, rules tell about themselves.

pub mod checklist;
mod spelling;
mod tables;

use crate::explain::spelling::Spelling;
use crate::explain::tables::{TABLES, Table};
use crate::finding::RuleMeta;
use crate::rules;

/// One thing that a word may mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// What kind of code it is: `Kerberos error`, `encryption type`.
    pub kind: &'static str,
    /// The number, as it is usually written; with its other spellings where there are any.
    pub number: String,
    /// Its name in the standard.
    pub name: &'static str,
    /// Its plain sense.
    pub meaning: &'static str,
    /// Rules that speak of it.
    pub rules: Vec<&'static str>,
}

/// What is known of a word.
#[derive(Debug)]
pub enum Explanation {
    /// It is a rule.
    Rule(&'static RuleMeta),
    /// It is a code, or several.
    Codes(Vec<Reading>),
    /// Nothing; names that look like it.
    Unknown(Vec<String>),
}

/// Names that are suggested for one that is not known.
const SUGGESTED: usize = 3;
/// A name that is less like the word is no help: from 0 (nothing in common) to 1 (the same).
const LIKENESS: f64 = 0.8;

/// Explains `word`: a rule's id, a number in decimal (signed or not) or hexadecimal, a name in either case, an object
/// identifier, a status with substatus.
pub fn explain(word: &str) -> Explanation {
    let word = word.trim().trim_end_matches([',', ';']);
    if let Some(rule) = rules::find(&word.to_ascii_lowercase()) {
        return Explanation::Rule(&rule.meta);
    }
    let spelling = Spelling::of(word);
    let readings: Vec<Reading> = TABLES
        .iter()
        .flat_map(|table| table.readings(&spelling))
        .collect();
    if readings.is_empty() {
        Explanation::Unknown(nearest(word, all_names()))
    } else {
        Explanation::Codes(readings)
    }
}

/// The three numbers that IIS writes for a request, `401 2 2148074254`, as the words to explain: the status with its
/// substatus, and the Win32 status.
pub fn of_iis_log(words: &[String]) -> Option<[String; 2]> {
    let parts: Vec<&str> = words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .collect();
    let [status, substatus, win32] = parts.as_slice() else {
        return None;
    };
    let is_status = status
        .parse()
        .is_ok_and(|status: u16| (100..600).contains(&status));
    let is_log = is_status && substatus.parse::<u16>().is_ok() && win32.parse::<u32>().is_ok();
    is_log.then(|| [format!("{status}.{substatus}"), (*win32).to_owned()])
}

/// The ids of rules that look most like `word`.
pub fn nearest_rules(word: &str) -> Vec<String> {
    let ids = rules::RULES.iter().map(|rule| rule.meta.id);
    nearest(word, ids)
}

fn all_names() -> impl Iterator<Item = &'static str> {
    let ids = rules::RULES.iter().map(|rule| rule.meta.id);
    TABLES.iter().flat_map(Table::names).chain(ids)
}

/// Those of `names` that look most like `word`.
pub fn nearest<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = word.to_ascii_lowercase();
    let mut likely: Vec<(f64, &str)> = names
        .map(|name| {
            (
                strsim::jaro_winkler(&wanted, &name.to_ascii_lowercase()),
                name,
            )
        })
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    likely.dedup_by(|a, b| a.1 == b.1);
    likely
        .into_iter()
        .take(SUGGESTED)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(word: &str) -> Vec<(&'static str, &'static str)> {
        match explain(word) {
            Explanation::Codes(readings) => readings
                .iter()
                .map(|reading| (reading.kind, reading.name))
                .collect(),
            other => panic!("{word}: {other:?}"),
        }
    }

    #[test]
    fn every_row_of_every_table_is_found_by_each_of_its_spellings() {
        for table in TABLES {
            for row in table.rows() {
                for word in row.spellings() {
                    let found = kinds(&word);
                    assert!(
                        found.contains(&(table.kind, row.name)),
                        "{word} is {} {}: {found:?}",
                        table.kind,
                        row.name
                    );
                }
            }
        }
    }

    #[test]
    fn one_value_of_an_iis_log_is_found_in_all_its_spellings() {
        for word in [
            "2148074254",
            "-2146893042",
            "0x8009030E",
            "8009030e",
            "SEC_E_NO_CREDENTIALS",
        ] {
            assert!(
                kinds(word).contains(&("SSPI status", "SEC_E_NO_CREDENTIALS")),
                "{word}"
            );
        }
    }

    #[test]
    fn an_ambiguous_number_has_all_its_readings() {
        let found = kinds("23");
        assert!(found.contains(&("Kerberos error", "KDC_ERR_KEY_EXPIRED")));
        assert!(found.contains(&("encryption type", "rc4-hmac")));
        assert!(kinds("41").contains(&("Kerberos error", "KRB_AP_ERR_MODIFIED")));
        assert!(kinds("0x29").contains(&("Kerberos error", "KRB_AP_ERR_MODIFIED")));
        assert!(kinds("-1765328343").contains(&("Kerberos error", "KRB_AP_ERR_MODIFIED")));
    }

    #[test]
    fn names_as_other_programs_write_them_are_known() {
        for word in ["KRB5KRB_AP_ERR_MODIFIED", "AP_ERR_MODIFIED", "41,"] {
            assert!(
                kinds(word).contains(&("Kerberos error", "KRB_AP_ERR_MODIFIED")),
                "{word}"
            );
        }
        assert!(
            kinds("KRB5KDC_ERR_PREAUTH_FAILED")
                .contains(&("Kerberos error", "KDC_ERR_PREAUTH_FAILED"))
        );
        assert!(kinds("NTLMSSP_NEGOTIATE_KEY_EXCH").contains(&("NTLM flag", "KEY_EXCH")));
    }

    #[test]
    fn types_bytes_and_ports_are_told_and_small_numbers_are_no_types() {
        assert_eq!(
            kinds("3/13"),
            [("ICMP error", "administratively-prohibited")]
        );
        assert_eq!(kinds("3/1").len(), 2, "of either version");
        assert_eq!(kinds("88"), [("port", "kerberos")]);
        for word in ["0x6e", "0x6E", "6E", "6e"] {
            assert_eq!(kinds(word), [("first byte of a message", "AP-REQ")]);
        }
        for word in ["3", "13", "110"] {
            let is_new = |kind: &str| kind.contains("ICMP") || kind.contains("byte");
            let found = match explain(word) {
                Explanation::Codes(readings) => readings,
                _ => Vec::new(),
            };
            assert!(!found.iter().any(|it| is_new(it.kind)), "{word}: {found:?}");
        }
    }

    #[test]
    fn flags_as_klist_shows_them_are_taken_apart() {
        let flags: Vec<&str> = kinds("0x40a10000")
            .into_iter()
            .map(|(kind, name)| {
                assert_eq!(kind, "flag of a ticket");
                name
            })
            .collect();
        let expected = [
            "forwardable",
            "renewable",
            "pre-authent",
            "name-canonicalize",
        ];
        assert_eq!(flags, expected);
    }

    #[test]
    fn a_mask_of_several_flags_is_taken_apart() {
        let options: Vec<&str> = kinds("40810010")
            .into_iter()
            .filter(|(kind, _)| *kind == "KDC option")
            .map(|(_, name)| name)
            .collect();
        for name in ["forwardable", "renewable", "canonicalize", "renewable-ok"] {
            assert!(options.contains(&name), "{name}: {options:?}");
        }
        assert_eq!(options.len(), 4);
        assert!(matches!(explain("0xFFFFFFFF"), Explanation::Unknown(_)));
    }

    #[test]
    fn a_token_is_known_by_how_it_begins() {
        assert_eq!(kinds("YIIBhwYG"), [("token", "GSS wrapper")]);
        assert_eq!(kinds("TlRMTVNTUAADAAAA"), [("token", "NTLM type 3")]);
        assert_eq!(
            kinds("oRUwE6ADCgEDoQwGCisGAQQBgjcCAgo="),
            [("token", "NegTokenResp that chooses NTLM")]
        );
        assert!(kinds("request-mic").contains(&("state of SPNEGO", "request-mic")));
    }

    #[test]
    fn what_the_client_of_configuration_manager_says_is_no_status_of_sspi() {
        let found = kinds("0x87D00231");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, "error of the Configuration Manager client");
    }

    #[test]
    fn an_error_of_win32_is_found_in_its_hresult() {
        assert!(kinds("0x8007052E").contains(&("Win32 error", "ERROR_LOGON_FAILURE")));
        assert!(
            kinds("HRESULT_FROM_WIN32(1326)").contains(&("Win32 error", "ERROR_LOGON_FAILURE"))
        );
        assert!(kinds("0x80072EE7").contains(&("Win32 error", "ERROR_WINHTTP_NAME_NOT_RESOLVED")));
    }

    #[test]
    fn a_word_that_is_not_known_brings_names_like_it() {
        let Explanation::Unknown(near) = explain("SEC_E_NO_CREDENTALS") else {
            panic!("no such code");
        };
        assert_eq!(
            near.first().map(String::as_str),
            Some("SEC_E_NO_CREDENTIALS")
        );
        assert!(nearest_rules("tgs-spn-unknwon").contains(&"tgs-spn-unknown".to_owned()));
        assert!(matches!(
            explain("4711471147114711"),
            Explanation::Unknown(_)
        ));
    }

    #[test]
    fn a_rule_explains_itself() {
        assert!(
            matches!(explain("TGS-SPN-UNKNOWN"), Explanation::Rule(meta) if meta.id == "tgs-spn-unknown")
        );
    }
}
