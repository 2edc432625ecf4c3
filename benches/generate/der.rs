//! As much DER as Kerberos messages need.

/// A value behind its tag and length.
pub(crate) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let [.., high, low] = len.to_be_bytes();
    let mut out = vec![tag];
    match len {
        ..0x80 => out.push(low),
        0x80..0x100 => out.extend_from_slice(&[0x81, low]),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(content);
    out
}

/// A SEQUENCE of fields with the context tags that stand before them.
pub(crate) fn fields(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let content: Vec<u8> = fields
        .iter()
        .flat_map(|(number, value)| tagged(0xa0 | number, value))
        .collect();
    tagged(0x30, &content)
}

/// An INTEGER that is small and not negative.
pub(crate) fn integer(number: u8) -> Vec<u8> {
    tagged(2, &[number & 0x7f])
}

/// A `GeneralString`.
pub(crate) fn text(text: &str) -> Vec<u8> {
    tagged(0x1b, text.as_bytes())
}

/// A `GeneralizedTime`.
pub(crate) fn time(text: &str) -> Vec<u8> {
    tagged(0x18, text.as_bytes())
}
