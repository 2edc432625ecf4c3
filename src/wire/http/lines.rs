//! The lines of a head, where a parser has nothing to say: where the head ends, and what is there of one that was cut.
//!
//! Never knows what a field means, but for those whose values count even where they are cut.

/// The length of the head at the front of `bytes`, its blank line included, once that is there. Bytes before `from` were
/// looked at before.
pub fn head_len(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(3);
    let mut at = start;
    while let Some(found) = memchr::memchr(b'\n', bytes.get(at..)?) {
        let next = at + found + 1;
        match bytes.get(next..) {
            Some([b'\n', ..]) => return Some(next + 1),
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            _ => at = next,
        }
    }
    None
}

pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The fields of a head that was cut: the last line may lack its end, so of that only a token counts, which is read as far as
/// it goes; half a name, half a length or half a scheme would be a wrong one.
pub(super) fn believed_fields(bytes: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let last = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
    let whole = bytes.get(..last).unwrap_or_default();
    let cut = field(bytes.get(last..).unwrap_or_default()).filter(|(name, value)| {
        let is_of_proof = name.eq_ignore_ascii_case("authorization")
            || name.eq_ignore_ascii_case("www-authenticate");
        is_of_proof && memchr::memchr(b' ', value).is_some()
    });
    lines(whole).skip(1).filter_map(field).chain(cut)
}

/// Whether a head has more lines that are fields than the `read` ones.
pub(super) fn has_dropped_fields(head: &[u8], read: usize) -> bool {
    // The first line and the blank one are no fields.
    let lines_behind = memchr::memchr_iter(b'\n', head).count().saturating_sub(2);
    lines_behind > read && lines(head).skip(1).filter_map(field).count() > read
}

fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    if line.first().is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    let colon = memchr::memchr(b':', line)?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?.trim_end();
    Some((name, line.get(colon + 1..)?.trim_ascii()))
}

/// The reason phrase, which may hold bytes that `httparse` drops.
pub(super) fn reason(bytes: &[u8]) -> &[u8] {
    let line = lines(bytes).next().unwrap_or_default();
    let phrase = line.splitn(3, |&byte| byte == b' ').nth(2);
    phrase.unwrap_or_default().trim_ascii()
}
