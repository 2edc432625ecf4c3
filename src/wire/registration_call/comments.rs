//! Comments in a text of SQL.
//!
//! Never takes what stands in quotes for a comment.

use std::borrow::Cow;

/// Takes comments out of a text that may be given piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    /// One of several lines has begun and not ended.
    is_open: bool,
}

impl Comments {
    /// `text` without comments; what is in quotes does not go on from one piece into the next.
    pub(crate) fn without<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if !self.is_open && !text.contains("--") && !text.contains("/*") {
            return Cow::Borrowed(text);
        }
        let mut kept = String::with_capacity(text.len());
        let mut rest = text;
        let mut quote = None;
        loop {
            if self.is_open {
                let Some((_, behind)) = rest.split_once("*/") else {
                    break;
                };
                self.is_open = false;
                kept.push(' ');
                rest = behind;
            }
            let mut letters = rest.chars();
            let Some(sign) = letters.next() else {
                break;
            };
            if quote.is_none() && rest.starts_with("--") {
                rest = rest.find('\n').and_then(|at| rest.get(at..)).unwrap_or("");
            } else if quote.is_none() && rest.starts_with("/*") && !kept.ends_with('*') {
                // `*/*` is no comment, but all media types.
                self.is_open = true;
                rest = rest.get(2..).unwrap_or("");
            } else {
                quote = match quote {
                    Some(open) if open == sign => None,
                    None if matches!(sign, '\'' | '"') => Some(sign),
                    as_before => as_before,
                };
                kept.push(sign);
                rest = letters.as_str();
            }
        }
        Cow::Owned(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_may_go_on_into_later_lines() {
        let mut comments = Comments::default();
        let mut without = |line: &str| comments.without(line).into_owned();
        assert_eq!(without("exec a -- not b"), "exec a ");
        assert_eq!(
            without("exec '--', 'it''s /* none */' /* one"),
            "exec '--', 'it''s /* none */' "
        );
        assert_eq!(without("exec b"), "");
        assert_eq!(without("two */ exec c -- /* d"), "  exec c ");
        assert_eq!(without("Accept: */* exec e"), "Accept: */* exec e");
        assert_eq!(without("a -- b\nc"), "a \nc");
    }
}
