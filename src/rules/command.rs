//! Names of the wire as arguments of commands that a person may paste.
//!
//! Never lets a name through that a shell could read as anything but a name.

/// `text`, if it is made of what host, service, realm and account names are made of.
pub(in crate::rules) fn argument(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:@$".contains(&byte);
    let fits = !text.is_empty()
        && text.len() <= 255
        && !text.starts_with('-')
        && text.bytes().all(is_plain);
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
        for hostile in ["a b", "a;b", "a|b", "$(a)", "a\nb", "-x", "", "`a`", "a&b"] {
            assert_eq!(argument(hostile), None, "{hostile:?}");
        }
    }
}
