//! A word as a person writes a code: in decimal, signed or not, in hexadecimal, or as a name.
//!
//! Never knows what a code means.

/// A word, and the number that it may stand for.
#[derive(Debug)]
pub(super) struct Spelling<'w> {
    pub(super) word: &'w str,
    /// Its numbers: what stands there in decimal, and in hexadecimal where that is plain.
    numbers: Vec<i64>,
}

/// Codes of MIT Kerberos are those of the standard above this one.
const MIT_BASE: i64 = -1_765_328_384;

impl<'w> Spelling<'w> {
    pub(super) fn of(word: &'w str) -> Self {
        let hexadecimal = word
            .strip_prefix("0x")
            .or_else(|| word.strip_prefix("0X"))
            .or(Some(word).filter(|word| is_long_hexadecimal(word)));
        let from_hexadecimal = hexadecimal.and_then(|digits| i64::from_str_radix(digits, 16).ok());
        let from_decimal = word.parse::<i64>().ok();
        let numbers = from_decimal.into_iter().chain(from_hexadecimal);
        Self {
            word,
            numbers: numbers.chain(of_macro(word)).collect(),
        }
    }

    /// Whether it stands for `number`, which may be negative.
    pub(super) fn is_signed(&self, number: i32) -> bool {
        self.numbers.contains(&i64::from(number))
    }

    /// Whether it is `byte` in hexadecimal: two digits with their mark, or with a letter among them.
    pub(super) fn is_byte(&self, byte: u8) -> bool {
        let marked = self
            .word
            .strip_prefix("0x")
            .or(self.word.strip_prefix("0X"));
        let is_plain = marked.is_some() || self.word.contains(|sign: char| sign.is_alphabetic());
        let digits = marked.unwrap_or(self.word);
        is_plain && digits.len() == 2 && u8::from_str_radix(digits, 16) == Ok(byte)
    }

    /// Whether it stands for a code of Kerberos, in the standard's numbers or in those of MIT.
    pub(super) fn is_kerberos(&self, number: i32) -> bool {
        let number = i64::from(number);
        self.numbers.contains(&number) || self.numbers.contains(&(MIT_BASE + number))
    }

    /// Whether it stands for a value of 32 bits, written with or without a sign.
    pub(super) fn is_value(&self, value: u32) -> bool {
        let signed = i64::from(value.cast_signed());
        self.numbers.contains(&i64::from(value)) || self.numbers.contains(&signed)
    }

    /// Whether it is a mask of eight digits in hexadecimal that is made of `flags` alone.
    pub(super) fn is_all_of(&self, flags: &[(u32, &str, &str)]) -> bool {
        let known = flags.iter().fold(0, |all, flag| all | flag.0);
        self.mask()
            .is_some_and(|mask| mask != 0 && mask & !known == 0)
    }

    /// Whether `flag` is set in it.
    pub(super) fn has(&self, flag: u32) -> bool {
        self.mask().is_some_and(|mask| mask & flag != 0)
    }

    fn mask(&self) -> Option<u32> {
        let digits = self.word.trim_start_matches("0x");
        is_long_hexadecimal(digits)
            .then(|| u32::from_str_radix(digits, 16).ok())
            .flatten()
    }

    /// Whether it stands for an error of Win32, by itself or in an HRESULT (MS-ERREF 2.1.2).
    pub(super) fn is_win32(&self, error: u32) -> bool {
        self.is_value(error) || (error <= 0xffff && error > 0 && self.is_value(0x8007_0000 | error))
    }

    /// Whether it is `name`, whatever the case; hyphens and underscores are the same, and a prefix may be missing, or be there
    /// too much.
    pub(super) fn is_name(&self, name: &str, prefixes: &[&str]) -> bool {
        let plain = |text: &str| text.to_ascii_lowercase().replace('-', "_");
        let (word, name) = (plain(self.word), plain(name));
        word == name
            || prefixes.iter().map(|prefix| plain(prefix)).any(|prefix| {
                name.strip_prefix(&prefix) == Some(word.as_str())
                    || word.strip_prefix(&prefix) == Some(name.as_str())
            })
    }
}

/// `HRESULT_FROM_WIN32(1326)`, as headers and logs write it.
fn of_macro(word: &str) -> Option<i64> {
    let error = word
        .strip_prefix("HRESULT_FROM_WIN32(")?
        .strip_suffix(')')?;
    error
        .parse()
        .ok()
        .filter(|error| (0..=0xffff).contains(error))
}

/// Eight digits, as masks and statuses are written without a mark.
fn is_long_hexadecimal(word: &str) -> bool {
    word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
