//! The parts of names.
//!
//! Never knows what stands for what.

/// Digits in a row, at least, that are taken for a thumbprint or another identity.
const IDENTITY: usize = 32;
/// A shorter number in a name may be anything.
const NUMBER: usize = 5;
/// One of fewer digits may be anything even in the place of a name.
const SHORT_NUMBER: usize = 3;

/// The labels of a name.
pub(super) fn labels(name: &str) -> impl Iterator<Item = &str> {
    name.split(|sign: char| !is_of_label(sign))
        .filter(|label| !label.is_empty())
}

pub(super) fn is_of_label(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '-' | '_')
}

/// Whether it may stand in a name of many labels, or in an address.
pub(super) fn is_of_name(sign: char) -> bool {
    is_of_label(sign)
        || matches!(
            sign,
            '.' | '@' | '\\' | '/' | ':' | '$' | '%' | '[' | ']' | '='
        )
}

/// Hexadecimal digits with or without hyphens, as many as no name has.
pub(super) fn is_identity(label: &str) -> bool {
    label.len() >= IDENTITY
        && label
            .chars()
            .all(|sign| sign.is_ascii_hexdigit() || sign == '-')
}

/// The numbers in a name that may be those of a person or a machine: the long ones, but for a port.
pub(super) fn numbers(name: &str) -> impl Iterator<Item = &str> {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let before_port = name.rsplit_once(':').filter(|(_, port)| is_port(port));
    labels(before_port.map_or(name, |(name, _)| name)).filter(|label| is_number(label))
}

/// The number that an account is called by, where it is too short to be one everywhere: `4711` of `CORP\4711` and of `4711$@CORP`.
pub(super) fn account_number(name: &str) -> Option<&str> {
    let account = name.rsplit('\\').next()?.split('@').next()?;
    let number = account.strip_suffix('$').unwrap_or(account);
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits && (SHORT_NUMBER..NUMBER).contains(&number.len())).then_some(number)
}

/// Digits, with or without hyphens, as many as a number of staff or an address has.
pub(super) fn is_number(label: &str) -> bool {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    label.len() >= NUMBER
        && label.bytes().all(is_of_number)
        && label.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::privacy::Pseudonyms;

    #[test]
    fn a_number_in_the_place_of_a_name_is_one() {
        let mut known = Pseudonyms::default();
        for name in [
            "CORP\\482913",
            "10.0.0.9:50001",
            "10-20-51-51.isp.example",
            "mp:49152",
        ] {
            known.learn(name);
        }
        for number in ["482913", "10-20-51-51"] {
            assert!(!known.text(&format!("for {number}.")).contains(number));
        }
        known.learn("CORP\\4711");
        known.learn("207");
        for (text, expected) in [
            (
                "CORP\\4711 and 4711@X.EXAMPLE, 4711$",
                "aa\\0001 and 0001@X.EXAMPLE, 0001$",
            ),
            ("207@X.EXAMPLE", "002@X.EXAMPLE"),
            (
                "frame 4711, port 4711, 10.0.0.9:4711, 207 OK, HTTP/mp:4711",
                "frame 4711, port 4711, ",
            ),
        ] {
            let text = known.text(text);
            assert!(
                text.replace(&known.part("CORP"), "aa")
                    .starts_with(expected),
                "{text}"
            );
        }
        assert_eq!(
            (known.value("4711"), known.value("207")),
            ("0001".to_owned(), "002".to_owned())
        );
        assert!(known.map().any(|(name, it)| name == "4711" && it == "0001"));
        for number in ["frame 50001", "port 49152", "0 48291 4829130"] {
            assert_eq!(known.text(number), number);
        }
    }
}
