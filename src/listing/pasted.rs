//! A header or a token that somebody pasted: what it holds, as `list` tells it of one on the wire.
//!
//! Never shows the token itself: of a ticket remain its names, its key's version and its length.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::listing::value::Fields;
use crate::listing::{http, kerberos};
use crate::text::WireText;
use crate::wire::auth_header::{self, AuthToken, Scheme};
use crate::wire::kerberos::message::KerberosMessage;

/// Names of headers that hold tokens.
const HEADERS: [&str; 4] = [
    "Authorization",
    "WWW-Authenticate",
    "Proxy-Authorization",
    "Proxy-Authenticate",
];
/// Schemes whose tokens prove a Windows account.
const SCHEMES: [&str; 3] = ["Negotiate", "NTLM", "Kerberos"];
/// What is pasted may lack its end, and with it the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// A token that is shorter says nothing.
const SHORTEST: usize = 4;

/// What a pasted text holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Pasted {
    /// In a few words.
    pub summary: String,
    /// In detail: those of `auth`, or of a message of Kerberos.
    pub fields: Fields,
    /// Whether it holds something that must not be passed on: a ticket, or an NTLM response.
    pub is_secret: bool,
}

/// Reads `text`: a header, a scheme with its token, or the token alone, in base64 or hexadecimal digits, over any number of
/// lines. `None` where there is no token in it, or one of no known form.
pub fn decode(text: &str) -> Option<Pasted> {
    let text = without_header(text.trim());
    // Challenges may stand in one header, with commas between them.
    one(text).or_else(|| text.split(',').find_map(|part| one(part.trim())))
}

fn one(text: &str) -> Option<Pasted> {
    let (scheme, rest) = scheme(text);
    let bytes = token_bytes(rest)?;
    let is_ntlm = bytes.starts_with(b"NTLMSSP");
    let presumed = if is_ntlm { "NTLM" } else { "Negotiate" };
    let name = scheme.unwrap_or(presumed);
    let token = auth_header::token(Scheme(WireText::from_bytes(name.as_bytes())), &bytes);
    told(&token)
}

fn told(token: &AuthToken) -> Option<Pasted> {
    if let Some(message) = token.kerberos.as_ref().filter(|it| !is_of_token(it)) {
        let (mut fields, summary) = kerberos::message(message, None);
        fields.0.insert(0, ("kind", kerberos::kind(message).into()));
        return Some(Pasted {
            summary: format!("{}: {summary}", kerberos::kind(message)),
            fields,
            is_secret: true,
        });
    }
    let is_known = token.kerberos.is_some()
        || token.ntlm.is_some()
        || token.neg_state.is_some()
        || !token.mechs.is_empty();
    is_known.then(|| Pasted {
        summary: http::words(token),
        fields: http::auth(token),
        is_secret: token.ap_req().is_some() || token.ntlm_type() == Some(3),
    })
}

/// Whether it is one of the messages that tokens carry.
const fn is_of_token(message: &KerberosMessage) -> bool {
    matches!(
        message,
        KerberosMessage::ApReq(_) | KerberosMessage::ApRep | KerberosMessage::Error(_)
    )
}

fn without_header(text: &str) -> &str {
    match text.split_once(':') {
        Some((name, value))
            if HEADERS
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name.trim())) =>
        {
            value.trim()
        }
        _ => text,
    }
}

fn scheme(text: &str) -> (Option<&'static str>, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let known = SCHEMES.iter().find(|it| it.eq_ignore_ascii_case(word));
    match known {
        Some(scheme) => (Some(scheme), rest),
        None => (None, text),
    }
}

/// Hexadecimal digits count where there is nothing else: no token in base64 has only these.
fn token_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = hexadecimal(text).or_else(|| base64(text))?;
    (bytes.len() >= SHORTEST).then_some(bytes)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    let digits: Vec<u8> = text
        .chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, ':' | '-' | ','))
        .map(|sign| sign.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    is_whole.then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let clean: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let clean = clean.trim_matches(['"', '\'']).trim_end_matches('=');
    // One character alone holds no whole byte.
    let whole = clean.len() - usize::from(clean.len() % 4 == 1);
    LENIENT.decode(clean.get(..whole)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An NTLM message of type 1 without names.
    const NTLM: &str = "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==";

    #[test]
    fn a_token_is_read_however_it_is_pasted() {
        let bytes = base64(NTLM).unwrap();
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
        let hex = pairs.concat();
        let (front, back) = NTLM.split_at(20);
        let pasted = [
            NTLM.to_owned(),
            format!("NTLM {NTLM}"),
            format!("authorization: NTLM {NTLM}\r\n"),
            format!("{front}\r\n  {back}"),
            format!("\"{NTLM}\""),
            NTLM.trim_end_matches('=').to_owned(),
            hex.clone(),
            hex.replace(' ', ":").trim_end_matches(':').to_owned(),
            format!("0x{}", hex.replace(' ', "").to_uppercase()),
        ];
        for text in pasted {
            let told = decode(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(told.summary, "NTLM: NTLM type 1", "{text}");
            assert!(!told.is_secret);
        }
        let listed = decode(&format!("Kerberos, Negotiate {NTLM}, NTLM")).unwrap();
        assert_eq!(listed.summary, "Negotiate: NTLM type 1");
        let negotiate = decode(&format!("WWW-Authenticate: Negotiate {NTLM}")).unwrap();
        assert_eq!(negotiate.summary, "Negotiate: NTLM type 1");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in [
            "",
            "Negotiate",
            "Negotiate ",
            "hello world",
            "deadbeef",
            "Basic dXNlcjpwYXNz",
            "401",
            "\u{202e}",
            "🎟",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
