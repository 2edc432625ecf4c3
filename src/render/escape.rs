//! Text of the wire made harmless, one wrapper for each place where it may end up.
//!
//! Never drops a character: what is dangerous becomes visible.

use std::fmt::{self, Write};

/// Text for a terminal: control characters, and those that turn or hide text, are written as escapes.
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'a>(pub &'a str);

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if is_dangerous(letter) {
                write!(f, "{}", letter.escape_unicode())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// Controls of both sets, line and paragraph separators, marks that change the direction of text, and invisible letters.
fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text in ASCII alone: signs that this program uses get their likeness, all others become escapes.
#[derive(Clone, Copy, Debug)]
pub struct Ascii<'a>(pub &'a str);

impl fmt::Display for Ascii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                letter if letter.is_ascii() => f.write_char(letter)?,
                '–' | '─' => f.write_char('-')?,
                '→' => f.write_str("->")?,
                '▸' => f.write_char('>')?,
                '×' => f.write_char('x')?,
                '…' => f.write_str("...")?,
                other => write!(f, "{}", other.escape_unicode())?,
            }
        }
        Ok(())
    }
}

/// JSON that a terminal cannot obey: what JSON itself lets stand is written as `\uXXXX`, which means the same.
///
/// It is for whole documents: outside their strings there is nothing of the kind.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(pub &'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if letter >= '\u{7f}' && is_dangerous(letter) {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_for_terminals_become_visible() {
        let hostile = "a\u{1b}[31mred\r\n\u{202e}x\u{9b}1m";
        let shown = Terminal(hostile).to_string();
        assert_eq!(shown, "a\\u{1b}[31mred\\u{d}\\u{a}\\u{202e}x\\u{9b}1m");
        assert_eq!(Terminal("Müller → mp").to_string(), "Müller → mp");
    }

    #[test]
    fn ascii_is_ascii() {
        let shown = Ascii("4–7 client → Müller").to_string();
        assert_eq!(shown, "4-7 client -> M\\u{fc}ller");
        assert!(shown.is_ascii());
    }

    #[test]
    fn json_says_the_same_and_commands_nothing() {
        let text = "Müller \u{9b}1m \u{202e} \u{7f} \u{e0041}";
        let document = serde_json::to_string_pretty(&[text]).expect("JSON");
        let shown = Json(&document).to_string();
        assert_eq!(
            shown,
            "[\n  \"Müller \\u009b1m \\u202e \\u007f \\udb40\\udc41\"\n]"
        );
        let read: Vec<String> = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(read, [text]);
    }
}
