//! HTTP: heads field by field, bodies as far as they are messages of Configuration Manager.
//!
//! Never keeps a field that it does not know, and no cookie.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr, memmem};

use crate::hide::stream::behind;
use crate::hide::{Hider, Piece, is_of_label, part, zero};
use crate::wire::http::{chunk_size, head_len};

/// Fields whose values name nobody, in lower case.
const KEPT: &str = " accept accept-charset accept-encoding accept-language accept-ranges age cache-control connection content-encoding \
    content-length content-range content-type date expect expires keep-alive last-modified mime-version persistent-auth pragma \
    proxy-connection proxy-support range retry-after te trailer transfer-encoding upgrade vary \
    x-aspnet-version x-content-type-options x-powered-by ";
/// Fields that name a product, and products that are known.
const PRODUCTS: &str = " server user-agent ";
const KNOWN: [&[u8]; 5] = [
    b"Microsoft-",
    b"ccmhttp",
    b"SMS CCM",
    b"ccmsetup",
    b"Mozilla/",
];
/// Other products that are known, where nothing but a version stands behind them.
const PLAIN: [&str; 14] = [
    "Apache",
    "BigIP",
    "cloudflare",
    "curl",
    "envoy",
    "HAProxy",
    "IIS",
    "lighttpd",
    "nginx",
    "squid",
    "Varnish",
    "Wget",
    "WinHTTP",
    "Zscaler",
];
/// Fields whose values are names.
const NAMES: &str =
    " host location via x-cache x-forwarded-for x-forwarded-host origin referer content-location ";
/// Fields in which a scheme stands before what it needs.
const AUTHENTICATION: &str =
    " authorization proxy-authorization www-authenticate proxy-authenticate authentication-info ";
/// Schemes whose tokens are read.
const SCHEMES: [&[u8]; 3] = [b"negotiate", b"ntlm", b"kerberos"];
/// What every answer begins with, and every request's first line ends with.
const VERSION: &[u8] = b"HTTP/1.";

/// Whether what a server or a client calls itself is a product that is known: another one may be named after a house.
pub fn is_known_product(value: &[u8]) -> bool {
    let product = value.trim_ascii();
    if KNOWN.iter().any(|known| product.starts_with(known)) {
        return true;
    }
    let slash = memchr(b'/', product).unwrap_or(product.len());
    let (name, version) = product.split_at(slash);
    let is_of_version = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'/' | b'.');
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    PLAIN.iter().any(is) && version.iter().all(is_of_version)
}

/// Where the reason begins, behind version and status.
const REASON: usize = 12;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// How a body ends.
#[derive(Clone, Copy)]
enum Body {
    Length(usize),
    Chunks,
    UntilClose,
}

impl Hider<'_> {
    /// Edits all pieces of a direction.
    pub(super) fn http(&mut self, pieces: &mut [Piece]) {
        let mut next = i64::MIN;
        for piece in pieces {
            let bytes = piece.bytes.as_mut_slice();
            let mut at = behind(piece.offset, next, bytes.len());
            zero(bytes, 0, at);
            while at < bytes.len() {
                let rest = part(bytes, at, usize::MAX);
                let begin = begin_of_head(rest).unwrap_or(rest.len());
                zero(rest, 0, begin);
                let message = part(rest, begin, usize::MAX);
                at += begin
                    + if message.is_empty() {
                        0
                    } else {
                        self.message(message).max(1)
                    };
            }
            next = piece.offset.saturating_add_unsigned(at as u64);
        }
    }

    /// Edits the message at the front of `bytes`; gives its length, which may be beyond their end.
    fn message(&mut self, bytes: &mut [u8]) -> usize {
        let Some(len) = head_len(bytes, 0) else {
            self.head(bytes);
            return bytes.len();
        };
        let (head, rest) = bytes.split_at_mut(len.min(bytes.len()));
        let body = body_of(head);
        self.head(head);
        len.saturating_add(match body {
            Body::Length(length) => {
                self.body(part(rest, 0, length), length);
                length
            }
            Body::Chunks => self.chunks(rest),
            Body::UntilClose => {
                let end = begin_of_head(rest).unwrap_or(rest.len());
                self.body(part(rest, 0, end), end);
                end
            }
        })
    }

    fn head(&mut self, head: &mut [u8]) {
        for (place, line) in head.split_inclusive_mut(|byte| *byte == b'\n').enumerate() {
            let end = line.trim_ascii_end().len();
            let line = part(line, 0, end);
            if place == 0 {
                self.start(line);
            } else {
                self.field(line);
            }
        }
    }

    /// The target of a request is a name; a reason that is more than words may hold one.
    fn start(&mut self, line: &mut [u8]) {
        if line.starts_with(VERSION) {
            let reason = part(line, REASON, usize::MAX);
            if !reason
                .iter()
                .all(|byte| byte.is_ascii_alphabetic() || b" -".contains(byte))
            {
                mask(reason);
            }
            return;
        }
        let from = memchr(b' ', line).unwrap_or(line.len());
        let to = memmem::rfind(line, b" HTTP/1.").unwrap_or(line.len());
        self.name(part(line, from, to));
    }

    /// Edits a field; of one that is not known nothing is left.
    pub(super) fn field(&mut self, line: &mut [u8]) {
        let Some(colon) = memchr(b':', line) else {
            mask(line);
            return;
        };
        let name = line.get(..colon).unwrap_or_default().trim_ascii();
        let name = format!(" {} ", String::from_utf8_lossy(name).to_ascii_lowercase());
        let value = part(line, colon + 1, usize::MAX);
        let is_product = PRODUCTS.contains(&name);
        if is_product && is_known_product(value) {
            return;
        }
        if name == " via " {
            for hop in value.split_mut(|byte| *byte == b',') {
                self.hop(hop);
            }
        } else if is_product || NAMES.contains(&name) {
            self.name(value);
        } else if AUTHENTICATION.contains(&name) {
            for scheme in value.split_mut(|byte| *byte == b',') {
                self.scheme(scheme);
            }
        } else if !KEPT.contains(&name) {
            mask(line);
        }
    }

    /// Whoever passed a message on, and in brackets what it calls itself (RFC 9110 section 7.6.3).
    fn hop(&mut self, text: &mut [u8]) {
        let open = memchr(b'(', text).unwrap_or(text.len());
        let (before, comment) = text.split_at_mut(open);
        self.name(before);
        let product = comment.strip_prefix(b"(").unwrap_or_default();
        let product = product.trim_ascii_end().strip_suffix(b")");
        if !product.is_some_and(is_known_product) {
            self.name(comment);
        }
    }

    /// A scheme alone, or with its token.
    fn scheme(&mut self, text: &mut [u8]) {
        let lead = text.len() - text.trim_ascii_start().len();
        let text = part(text, lead, usize::MAX);
        let end = text
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(text.len());
        let word = text.get(..end).unwrap_or_default().to_ascii_lowercase();
        let is_scheme = SCHEMES.contains(&word.as_slice());
        if !is_scheme && word.iter().all(u8::is_ascii_alphabetic) {
            mask(part(text, end, usize::MAX));
        } else if !is_scheme {
            mask(text);
        } else {
            self.base64(part(text, end + 1, usize::MAX));
        }
    }

    /// Edits what is encoded; what cannot be decoded becomes zeros.
    fn base64(&mut self, text: &mut [u8]) {
        let len = text
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')))
            .unwrap_or(text.len());
        let (token, rest) = text.split_at_mut(len);
        mask_unless(rest, b'=');
        // One sign of four holds less than a byte.
        let whole = if len % 4 == 1 { len - 1 } else { len };
        let Ok(mut bytes) = BASE64.decode(token.get(..whole).unwrap_or_default()) else {
            token.fill(b'A');
            return;
        };
        self.token(&mut bytes);
        let encoded = BASE64.encode(&bytes);
        token.fill(b'A');
        part(token, 0, encoded.len()).copy_from_slice(encoded.as_bytes());
    }

    /// Edits a body in chunks, as far as it is there; gives its length.
    fn chunks(&mut self, bytes: &mut [u8]) -> usize {
        let (mut at, mut content, mut places) = (0, Vec::new(), Vec::new());
        let mut is_whole = false;
        while let Ok(Some((line, size))) = chunk_size(bytes.get(at..).unwrap_or_default()) {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let from = at + line;
            extension(part(bytes, at, from));
            if size == 0 {
                is_whole = true;
                at = from;
                break;
            }
            let to = from.saturating_add(size).min(bytes.len());
            content.extend_from_slice(part(bytes, from, to));
            places.push((from, to));
            at = to.saturating_add(2);
        }
        let len = if is_whole { content.len() } else { usize::MAX };
        self.body(&mut content, len);
        let mut rest = content.as_slice();
        for (from, to) in places {
            let (here, behind) = rest.split_at((to - from).min(rest.len()));
            part(bytes, from, to).copy_from_slice(here);
            rest = behind;
        }
        let end = trailers(part(bytes, at, usize::MAX), is_whole);
        at.saturating_add(end)
    }

    /// A body that is not all there says nothing.
    fn body(&mut self, bytes: &mut [u8], length: usize) {
        if bytes.len() < length || !self.configuration(bytes) {
            bytes.fill(0);
        }
    }
}

/// Behind a chunk's number something may stand that says more.
fn extension(line: &mut [u8]) {
    let digits = line.iter().position(|byte| !byte.is_ascii_hexdigit());
    let end = line.trim_ascii_end().len();
    part(line, digits.unwrap_or(end), end).fill(b' ');
}

/// Fields behind the last chunk: only the blank line is kept. Gives the length of all.
fn trailers(bytes: &mut [u8], is_whole: bool) -> usize {
    let end = match bytes {
        [b'\r', b'\n', ..] => 2,
        _ if is_whole => memmem::find(bytes, b"\r\n\r\n").map_or(bytes.len(), |at| at + 4),
        _ => bytes.len(),
    };
    if end > 2 {
        zero(bytes, 0, end);
    }
    end
}

fn body_of(head: &[u8]) -> Body {
    let lower = head.to_ascii_lowercase();
    let value = |name: &[u8]| {
        let at = memmem::find(&lower, name)? + name.len();
        let rest = lower.get(at..)?;
        rest.get(..memchr(b'\n', rest).unwrap_or(rest.len()))
    };
    if value(b"\ntransfer-encoding:").is_some_and(|value| memmem::find(value, b"chunked").is_some())
    {
        return Body::Chunks;
    }
    let length = value(b"\ncontent-length:")
        .and_then(|value| str::from_utf8(value.trim_ascii()).ok())
        .and_then(|value| value.split(',').next()?.trim().parse().ok());
    let is_answer = head.starts_with(VERSION);
    let status = head.get(9..12).filter(|_| is_answer);
    match (length, status) {
        (_, Some([b'1', ..] | b"204" | b"304")) | (None, None) => Body::Length(0),
        (Some(length), _) => Body::Length(length),
        (None, Some(_)) => Body::UntilClose,
    }
}

/// Where a head begins: an answer's version, or the method before a request's target.
fn begin_of_head(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, VERSION).find_map(|at| begin_of_line(bytes, at))
}

fn begin_of_line(bytes: &[u8], at: usize) -> Option<usize> {
    let before = bytes.get(..at)?;
    let Some(target) = before.strip_suffix(b" ") else {
        return Some(at);
    };
    let is_of_target = |byte: &u8| byte.is_ascii_graphic();
    let target = target.len()
        - target
            .iter()
            .rev()
            .take_while(|byte| is_of_target(byte))
            .count();
    let method = before.get(..target)?.strip_suffix(b" ")?;
    let letters = method.iter().rev();
    let len = letters
        .take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_')
        .count();
    (len > 0).then(|| method.len() - len)
}

/// Hides a text but for its spaces.
fn mask(text: &mut [u8]) {
    mask_unless(text, b' ');
}

fn mask_unless(text: &mut [u8], kept: u8) {
    for byte in text {
        if is_of_label(*byte) || byte.is_ascii_graphic() && *byte != kept && *byte != b':' {
            *byte = b'x';
        }
    }
}
