//! What a certificate in a registration says of itself: validity, subject, issuer.
//!
//! Never checks a signature or a chain, and keeps neither key nor certificate. Serial numbers may be negative, as those of
//! self-signed client certificates are; they are not looked at.

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::frame::Timestamp;
use crate::text::WireText;
use crate::wire::ccm::shortened;

/// What a certificate says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// From when it is valid, by its own words.
    pub valid_from: Timestamp,
    /// Until when.
    pub valid_to: Timestamp,
    /// Whose it is: `CN=WK02-020-51W, CN=SMS`.
    pub subject: WireText,
    /// Who issued it: itself, most often.
    pub issuer: WireText,
}

impl Certificate {
    /// Reads a certificate in DER; `None` where it is none.
    pub(super) fn of_der(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let validity = certificate.validity();
        Some(Self {
            valid_from: moment(validity.not_before.timestamp()),
            valid_to: moment(validity.not_after.timestamp()),
            subject: shortened(&certificate.subject().to_string()),
            issuer: shortened(&certificate.issuer().to_string()),
        })
    }

    /// Why it is not valid at `time`, in words; `None` where it is.
    pub fn fault_at(&self, time: Timestamp) -> Option<String> {
        if time > self.valid_to {
            return Some(format!("which expired at {}", self.valid_to));
        }
        (time < self.valid_from).then(|| format!("which is valid from {} only", self.valid_from))
    }
}

/// Seconds since 1970; what is beyond the clock of captures is at its end, as the validity of a hundred years is not.
fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The certificate of the published statement, whose serial number is negative.
    fn published() -> Vec<u8> {
        let text = include_str!("../../../captures/article.sql");
        let digits = text.split("(@Certificate) 0x").nth(1).unwrap_or_default();
        let end = digits.find(|digit: char| !digit.is_ascii_hexdigit());
        let digits = &digits[..end.unwrap_or(digits.len())];
        super::super::bytes_of(digits.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn a_negative_serial_number_does_no_harm() {
        let read = Certificate::of_der(&published()).unwrap();
        assert_eq!(read.subject.as_str(), "CN=WK02-020-51W, CN=SMS");
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.valid_from.to_string(), "2009-05-19T19:34:47.000000Z");
        assert_eq!(read.valid_to.to_string(), "2109-04-26T19:34:47.000000Z");
        let seconds = |seconds: i64| Timestamp::from_nanos(seconds * 1_000_000_000);
        assert_eq!(read.fault_at(seconds(1_300_000_000)), None);
        assert!(
            read.fault_at(seconds(5_000_000_000))
                .unwrap()
                .contains("expired at 2109")
        );
        assert!(read.fault_at(seconds(0)).unwrap().contains("from 2009"));
    }

    #[test]
    fn a_certificate_cut_anywhere_is_none() {
        let whole = published();
        for len in 0..whole.len() {
            assert_eq!(Certificate::of_der(&whole[..len]), None);
        }
    }
}
