//! Whether bytes begin an HTTP/1.x message.
//!
//! Never looks beyond the first line.

use memchr::memmem;

/// The longest method that is believed.
const METHOD: usize = 24;
/// What stands behind a request's target, but for the minor version.
pub(super) const VERSION: &[u8] = b" HTTP/1.";

/// Whether `bytes`, the first of a direction, begin an HTTP/1.x request or response; `None` while there are too few to tell.
pub fn looks_like_http(bytes: &[u8]) -> Option<bool> {
    const RESPONSE: &[u8] = b"HTTP/1.";
    let known = bytes.len().min(RESPONSE.len());
    if bytes.get(..known) == RESPONSE.get(..known) {
        return (known == RESPONSE.len()).then_some(true);
    }
    let end = memchr::memchr(b'\n', bytes);
    let line = bytes.get(..end.unwrap_or(bytes.len()))?;
    let is_loud = |bytes: &[u8]| !bytes.iter().any(u8::is_ascii_lowercase);
    let Some((method, target)) = split_at_space(line) else {
        let may_grow =
            end.is_none() && line.len() <= METHOD && line.iter().copied().all(is_method_byte);
        return (!may_grow || !is_loud(line)).then_some(false);
    };
    if !is_method(method) {
        return Some(false);
    }
    if end.is_some() {
        return Some(memmem::find(target, VERSION).is_some());
    }
    match target_form(target) {
        Some(true) if is_loud(method) => Some(true),
        None if method != b"CONNECT" => Some(false),
        _ => None,
    }
}

/// Whether the beginning of a target is of a form that tells (a path, or with a scheme); `None` where it is of no form
/// (RFC 9112 section 3.2), though a host and its port may be one.
fn target_form(target: &[u8]) -> Option<bool> {
    let begins = |form: &[u8]| {
        let known = target.len().min(form.len());
        (target.get(..known) == form.get(..known)).then_some(known == form.len())
    };
    begins(b"/")
        .or_else(|| begins(b"http://"))
        .or_else(|| begins(b"https://"))
        .or_else(|| begins(b"*").map(|_| false))
}

/// The bytes before the first space and those behind it.
pub(super) fn split_at_space(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    Some((
        line.get(..space)?,
        line.get(space + 1..)?.trim_ascii_start(),
    ))
}

pub(super) fn is_method(bytes: &[u8]) -> bool {
    (3..=METHOD).contains(&bytes.len()) && bytes.iter().copied().all(is_method_byte)
}

/// A byte of a token (RFC 9110 section 5.6.2).
const fn is_method_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &[u8] = b"CCM_POST /ccm_system_windowsauth/request HTTP/1.1\r\nHost: mp\r\n\r\n";

    #[test]
    fn a_method_of_configuration_manager_is_http() {
        assert_eq!(looks_like_http(POST), Some(true));
        assert_eq!(looks_like_http(b"CCM_P"), None);
        assert_eq!(looks_like_http(b"CCM_POST http://mp/ccm_sys"), Some(true));
        assert_eq!(looks_like_http(b"CONNECT mp.example.com:4"), None);
        assert_eq!(looks_like_http(b"m-search * HTTP/1.1\r\n"), Some(true));
        assert_eq!(
            looks_like_http(b"HTTP/1.1 401 Unauthorized\r\n"),
            Some(true)
        );
        assert_eq!(looks_like_http(b"PRI * HTTP/2.0\r\n\r\n"), Some(false));
        assert_eq!(looks_like_http(&[0x16, 0x03, 0x01, 0x00]), Some(false));
        assert_eq!(
            looks_like_http(b"220 mail.example.com ESMTP\r\n"),
            Some(false)
        );
    }
}
