//! Names of the wire as arguments of commands that a person may paste.
//!
//! Never lets a name through that a shell could read as anything but a name.

/// `text`, if it is made of what host, service, realm and account names are made of. A `$` stands only where a computer's
/// account ends: elsewhere a shell would put in the value of a variable.
pub(in crate::rules) fn argument(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@$".contains(&byte);
    let ends_account = |at: usize| matches!(text.as_bytes().get(at + 1), None | Some(b'@'));
    let fits = !text.is_empty()
        && text.len() <= 255
        && !text.starts_with(['-', '/', '@'])
        && text.bytes().all(is_plain)
        && text.match_indices('$').all(|(at, _)| ends_account(at));
    fits.then_some(text)
}

/// A command that takes `text`, unless that is no plain name.
pub(in crate::rules) fn with(text: &str, command: impl FnOnce(&str) -> String) -> Option<String> {
    argument(text).map(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_reach_a_command() {
        assert_eq!(
            argument("HTTP/mp.example.com:81"),
            Some("HTTP/mp.example.com:81")
        );
        assert_eq!(argument("WK02$@CHILD.LAB"), Some("WK02$@CHILD.LAB"));
        for hostile in [
            "a b", "a;b", "a|b", "$(a)", "a\nb", "-x", "/x", "", "`a`", "a&b", "a$PATH", "$x",
        ] {
            assert_eq!(argument(hostile), None, "{hostile:?}");
        }
    }
}
