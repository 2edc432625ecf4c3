//! What this program itself writes around the data: markup, a style sheet, keys, and products that everybody knows.
//!
//! Never takes away what may come from the evidence: there the signs that begin markup and end a key are escaped.

use memchr::memmem;

/// What is written around the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Markup {
    /// Tags and a style sheet.
    Html,
    /// Keys of objects.
    Json,
    /// Nothing that can be told from the data.
    None,
}

/// Attributes whose values are fixed words and numbers.
const FIXED: [&str; 12] = [
    "aria-hidden",
    "aria-labelledby",
    "charset",
    "class",
    "http-equiv",
    "id",
    "lang",
    "name",
    "rel",
    "role",
    "scope",
    "tabindex",
];
/// What programs of the web call themselves, whatever they are.
const PRODUCTS: [&[u8]; 2] = [b"Mozilla/4.0 (", b"Mozilla/5.0 ("];

/// `written` with blanks in place of what is not of the evidence: what is left is as long, and stands where it stood.
pub(super) fn without(markup: Markup, written: &[u8]) -> Vec<u8> {
    let mut left = written.to_vec();
    match markup {
        Markup::Html => blank_tags(written, &mut left),
        Markup::Json => blank_keys(written, &mut left),
        Markup::None => {}
    }
    for product in PRODUCTS {
        for at in memmem::find_iter(written, product) {
            blank(&mut left, at, at + product.len());
        }
    }
    left
}

fn blank(text: &mut [u8], from: usize, to: usize) {
    text.get_mut(from..to).unwrap_or_default().fill(b' ');
}

/// Blanks each tag but for values that may be of the evidence, and the style sheet.
fn blank_tags(written: &[u8], left: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', written.get(at..).unwrap_or_default()) {
        let begin = at + found;
        at = blank_tag(written, begin, left);
        let tag = written.get(begin..at).unwrap_or_default();
        if tag == b"<style>" {
            let sheet = written.get(at..).unwrap_or_default();
            let end = memmem::find(sheet, b"</style>").map_or(at, |len| at + len);
            blank(left, at, end);
            at = end;
        }
    }
}

/// Blanks the tag that begins at `begin`; says where it ends.
fn blank_tag(written: &[u8], begin: usize, left: &mut [u8]) -> usize {
    let is_meta = written
        .get(begin..)
        .is_some_and(|it| it.starts_with(b"<meta "));
    let (mut at, mut from) = (begin, begin);
    while let Some(sign) = written.get(at) {
        match sign {
            b'>' => {
                blank(left, from, at + 1);
                return at + 1;
            }
            b'"' => {
                let value = at + 1;
                let rest = written.get(value..).unwrap_or_default();
                let end = memchr::memchr(b'"', rest).map_or(written.len(), |len| value + len);
                let name = written.get(from..at).unwrap_or_default();
                let is_link = name.ends_with(b"href=") && rest.starts_with(b"#");
                if !(is_fixed(name) || is_meta || is_link) {
                    blank(left, from, value);
                    from = end;
                }
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    written.len()
}

/// Whether what ends with `class=` and its like is an attribute whose value is fixed.
fn is_fixed(tag: &[u8]) -> bool {
    let name = tag.strip_suffix(b"=").unwrap_or_default();
    let begin = memchr::memrchr2(b' ', b'\n', name).map_or(0, |space| space + 1);
    let name = name.get(begin..).unwrap_or_default();
    FIXED.iter().any(|fixed| fixed.as_bytes() == name)
}

/// Blanks the keys of objects.
fn blank_keys(written: &[u8], left: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'"', written.get(at..).unwrap_or_default()) {
        let begin = at + found + 1;
        let end = end_of_string(written, begin);
        let text = written.get(begin..end).unwrap_or_default();
        let is_key = written.get(end + 1) == Some(&b':');
        if is_key
            && text
                .iter()
                .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'$'))
        {
            blank(left, begin, end);
        }
        at = end + 1;
    }
}

/// Where the quotation mark is that ends the string whose text begins at `begin`.
fn end_of_string(written: &[u8], begin: usize) -> usize {
    let mut at = begin;
    while let Some(found) = memchr::memchr2(b'"', b'\\', written.get(at..).unwrap_or_default()) {
        at += found;
        if written.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    written.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(markup: Markup, written: &str) -> String {
        let left = without(markup, written.as_bytes());
        assert_eq!(left.len(), written.len());
        let text = String::from_utf8(left).expect("text");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn of_a_page_its_text_is_left_and_what_may_be_of_the_evidence() {
        let page = "<meta name=\"color-scheme\" content=\"light\"><style>a{display:grid;color:red}</style>\
            <p class=\"grid lead\" id=\"color\">grid</p><a href=\"#grid\" title=\"the grid\">x</a><a href=\"https://grid\">y</a>";
        assert_eq!(left(Markup::Html, page), "grid the grid x https://grid y");
        assert_eq!(left(Markup::Html, "<p"), "<p", "it never ends");
        assert_eq!(left(Markup::Html, "<a title=\"grid"), "grid");
        assert_eq!(
            left(Markup::Html, "a &lt;style&gt;grid"),
            "a &lt;style&gt;grid"
        );
        assert_eq!(left(Markup::Html, "<style>grid"), "grid", "it has no end");
    }

    #[test]
    fn of_json_the_values_are_left() {
        let json = r#"{"color":"grid","list":["color",{"a_b":1,"x y":"\"color\":"}]}"#;
        let expected = r#"{" ":"grid"," ":["color",{" ":1,"x y":"\"color\":"}]}"#;
        assert_eq!(left(Markup::Json, json), expected);
        assert_eq!(left(Markup::Json, r#"{"color"#), r#"{"color"#);
        assert_eq!(
            left(Markup::None, json),
            json.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }

    #[test]
    fn a_browser_is_no_machine() {
        let agent = "Mozilla/4.0 (compatible; mozilla) mozilla/4.0 Mozilla/9";
        assert_eq!(
            left(Markup::None, agent),
            "compatible; mozilla) mozilla/4.0 Mozilla/9"
        );
    }
}
