//! Text of the wire made harmless, one wrapper for each place where it may end up.
//!
//! Never drops a character: what is dangerous becomes visible.

use std::fmt::{self, Write};

/// Text for a terminal: control characters, and those that turn or hide text, are written as escapes.
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'a>(pub &'a str);

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, letter)) = rest.char_indices().find(|(_, it)| is_dangerous(*it)) {
            let (harmless, behind) = rest.split_at(at);
            write!(f, "{harmless}{}", letter.escape_unicode())?;
            rest = &behind[letter.len_utf8()..];
        }
        f.write_str(rest)
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
                '◂' => f.write_char('<')?,
                '│' | '├' | '┤' => f.write_char('|')?,
                '┼' => f.write_char('+')?,
                '╌' => f.write_char('.')?,
                '×' => f.write_char('x')?,
                '…' => f.write_str("...")?,
                other => write!(f, "{}", other.escape_unicode())?,
            }
        }
        Ok(())
    }
}

/// The escape of the HTML templates: every value passes through it without being asked, in text and in attributes alike.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl askama::filters::Escaper for Html {
    fn write_escaped_str<W: Write>(&self, mut out: W, text: &str) -> fmt::Result {
        for letter in text.chars().take(LONGEST) {
            match letter {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                letter if is_dangerous(letter) => write!(out, "{}", letter.escape_unicode())?,
                letter => out.write_char(letter)?,
            }
        }
        match text.chars().skip(LONGEST).count() {
            0 => Ok(()),
            more => write!(out, "… ({more} more characters)"),
        }
    }
}

/// Characters of one text that a page shows; names of 64 KiB can be had on the wire, and nobody reads them.
pub(super) const LONGEST: usize = 1_500;

/// Text for Markdown: what would be markup, a mention or a table is written with a backslash, and lines stay one.
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'a>(pub &'a str);

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = ' ';
        let mut letters = self.0.chars().take(LONGEST).peekable();
        while let Some(letter) = letters.next() {
            let is_inside = |other: char| other.is_alphanumeric();
            let after = letters.peek().copied().unwrap_or(' ');
            match letter {
                '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '@' => {
                    write!(f, "\\{letter}")?;
                }
                '_' if !(is_inside(before) && is_inside(after)) => f.write_str("\\_")?,
                // Neither addresses nor links are made of it.
                '/' if before == ':' => f.write_str("\\/")?,
                '.' if before == 'w' || before == 'W' => f.write_str("\\.")?,
                '#' | '&' if !is_inside(before) && is_inside(after) => {
                    write!(f, "\\{letter}")?;
                }
                letter if is_dangerous(letter) => write!(f, "\\{}", letter.escape_unicode())?,
                letter => f.write_char(letter)?,
            }
            before = letter;
        }
        match self.0.chars().skip(LONGEST).count() {
            0 => Ok(()),
            more => write!(f, "… ({more} more characters)"),
        }
    }
}

/// Text for a Mermaid diagram: signs that end a statement or begin markup are written as its numbered entities.
#[derive(Clone, Copy, Debug)]
pub struct Mermaid<'a>(pub &'a str);

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars().take(Self::LONGEST) {
            match letter {
                '#' | ';' | ':' | '<' | '>' | '&' | '"' | '`' | '%' | '{' | '}' | '\\' => {
                    write!(f, "#{};", u32::from(letter))?;
                }
                letter if is_dangerous(letter) => {
                    write!(f, "#92;u#123;{:x}#125;", u32::from(letter))?;
                }
                letter => f.write_char(letter)?,
            }
        }
        if self.0.chars().nth(Self::LONGEST).is_some() {
            f.write_char('…')?;
        }
        Ok(())
    }
}

impl Mermaid<'_> {
    /// Characters of one label: a diagram has no room for more.
    const LONGEST: usize = 200;
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
    fn pages_show_what_was_sent_and_are_not_built_by_it() {
        use askama::filters::Escaper;
        let shown = |text: &str| {
            let mut out = String::new();
            Html.write_escaped_str(&mut out, text).expect("text");
            out
        };
        let hostile = "<img src=x onerror='a(\"&\")'>\u{202e}\n\u{0}Müller";
        assert_eq!(
            shown(hostile),
            "&lt;img src=x onerror=&#39;a(&quot;&amp;&quot;)&#39;&gt;\\u{202e}\\u{a}\\u{0}Müller"
        );
        let long = shown(&"x".repeat(70_000));
        assert!(long.ends_with("x… (68500 more characters)"));
    }

    #[test]
    fn tickets_and_diagrams_take_text_as_text() {
        let shown = Markdown("a|b <i> *x* CCM_POST _u_ \n#4 @all W$@REALM \u{202e}").to_string();
        assert_eq!(
            shown,
            "a\\|b \\<i\\> \\*x\\* CCM_POST \\_u\\_ \\\\u{a}\\#4 \\@all W$\\@REALM \\\\u{202e}"
        );
        assert_eq!(
            Markdown("http://a www.b c@d").to_string(),
            "http:\\//a www\\.b c\\@d"
        );
        let shown = Mermaid("a; end\nx: <b> #1").to_string();
        assert_eq!(shown, "a#59; end#92;u#123;a#125;x#58; #60;b#62; #35;1");
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
