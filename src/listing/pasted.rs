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
/// lines; or a whole head, of which the first header with a token counts. `None` where there is no token in it, or one of no
/// known form.
pub fn decode(text: &str) -> Option<Pasted> {
    let of_head = || text.lines().filter_map(header).find_map(of_value);
    of_value(without_header(without_marks(text))).or_else(of_head)
}

/// Challenges may stand in one header, with commas between them.
fn of_value(text: &str) -> Option<Pasted> {
    one(text).or_else(|| text.split(',').find_map(|part| one(part.trim())))
}

/// Without what programs put around a header: quotes, and the `<` and `>` of curl.
fn without_marks(text: &str) -> &str {
    let text = text.trim().trim_matches(['"', '\'']);
    text.strip_prefix(['<', '>']).unwrap_or(text).trim()
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
    header(text).unwrap_or(text)
}

/// The value of a header that may hold a token.
fn header(line: &str) -> Option<&str> {
    let (name, value) = without_marks(line).split_once(':')?;
    let name = name.trim();
    let is_known = HEADERS.iter().any(|it| it.eq_ignore_ascii_case(name));
    is_known.then(|| value.trim())
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
    fn a_header_is_found_as_curl_shows_it_and_in_a_whole_head() {
        let header = format!("Authorization: NTLM {NTLM}");
        for pasted in [
            format!("> {header}"),
            format!("'{header}'"),
            format!("> GET / HTTP/1.1\r\n> Host: mp\r\n> {header}\r\n> Accept: */*\r\n"),
            format!(
                "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM {NTLM}\n"
            ),
        ] {
            let told = decode(&pasted).expect("a token");
            assert_eq!(told.summary, "NTLM: NTLM type 1", "{pasted}");
        }
        assert_eq!(decode("GET / HTTP/1.1\r\nHost: mp\r\n"), None);
    }

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
