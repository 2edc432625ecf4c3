//! Columns and lines: widths as a terminal shows them.
//!
//! Never looks at what the words say.

use unicode_width::UnicodeWidthStr;

/// How many columns `text` takes. Measured: what is plain ASCII, as nearly all is, was an eighth of the time of a long report.
pub(super) fn width(text: &str) -> usize {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain { text.len() } else { text.width() }
}

/// `text` with spaces behind it, up to `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// `text` in lines of at most `columns`, broken at spaces. A word that is longer is broken where it must be.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut taken = 0;
    for word in text.split(' ') {
        let wide = width(word);
        if !line.is_empty() && taken + 1 + wide > columns {
            lines.push(std::mem::take(&mut line));
            taken = 0;
        }
        if !line.is_empty() {
            line.push(' ');
            taken += 1;
        }
        line.push_str(word);
        taken += wide;
        while taken > columns {
            let rest = line.split_off(cut(&line, columns));
            taken = width(&rest);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line);
    lines
}

/// `text` if it fits into `columns`, else its beginning with `end` behind it.
pub(super) fn shorten(text: &str, columns: usize, end: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let kept = cut(text, columns.saturating_sub(width(end)));
    format!("{}{end}", &text[..kept])
}

/// The longest beginning of `text`, in bytes, that fits into `columns`; at least one character.
fn cut(text: &str, columns: usize) -> usize {
    let mut end = 0;
    for (at, letter) in text.char_indices() {
        let next = at + letter.len_utf8();
        if end > 0 && width(&text[..next]) > columns {
            break;
        }
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shortened_fits_and_says_so() {
        assert_eq!(shorten("KDC CHILD", 9, "…"), "KDC CHILD");
        assert_eq!(shorten("KDC CHILD", 8, "…"), "KDC CHI…");
        assert_eq!(shorten("漢字漢字", 6, "…"), "漢字…");
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text =
            "the quick brown fox HTTP/a-very-long-name.of.a.host.example.com jumps 漢字漢字漢字";
        for columns in 8..60 {
            let lines = wrap(text, columns);
            assert!(lines.iter().all(|line| width(line) <= columns), "{columns}");
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""), "{columns}");
        }
    }
}
