//! How much room text takes in a drawing, where nothing breaks lines by itself.
//!
//! Never exact: the page does not know its font, so widths are those of a wide one, and others have room to spare.

use unicode_width::UnicodeWidthChar;

/// Lines of one label; what does not fit into them is cut, and the story has it whole.
const LINES: usize = 4;

/// Tenths of a pixel that a letter takes at 13 pixels.
fn letter(letter: char) -> usize {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' => 40,
        ' ' | 't' | 'f' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | 'I' => 53,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '→' | '…' => 122,
        'A'..='Z' | '_' => 92,
        '0'..='9' | 'a'..='z' | '$' | '#' | '–' => 80,
        other => 70 * other.width().unwrap_or(1).max(1),
    }
}

/// Pixels that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(letter).sum::<usize>().div_ceil(10)
}

/// `text` in lines of at most `room` pixels, broken at spaces, and inside of words that are longer than a line.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        let space = if line.is_empty() { "" } else { " " };
        if width(line) + width(space) + width(word) <= room {
            line.push_str(space);
            line.push_str(word);
        } else {
            if !line.is_empty() {
                lines.push(String::new());
            }
            break_word(word, room, &mut lines);
        }
        if lines.len() > LINES {
            lines.truncate(LINES);
            if let Some(last) = lines.last_mut() {
                last.push('…');
            }
            break;
        }
    }
    lines
}

/// Fills the last of `lines` with `word`, and as many further ones as it takes.
fn break_word(word: &str, room: usize, lines: &mut Vec<String>) {
    for letter in word.chars() {
        let line = lines.last().map_or("", String::as_str);
        if lines.len() > LINES {
            return;
        }
        if !line.is_empty() && width(line) + width(letter.encode_utf8(&mut [0; 4])) > room {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(letter);
        }
    }
}

/// A host's name in at most two lines of `room` pixels: broken before a dot, the first one if it will do, and cut where that is not enough.
pub(super) fn name(name: &str, room: usize) -> Vec<String> {
    if width(name) <= room {
        return vec![name.to_owned()];
    }
    let dots = || {
        name.match_indices('.')
            .map(|(at, _)| at)
            .filter(|at| *at > 0)
    };
    let fits = |at: &usize| width(&name[..*at]) <= room;
    let whole = dots().find(|at| fits(at) && width(&name[*at..]) <= room);
    match whole.or_else(|| dots().rfind(fits)) {
        Some(at) => vec![name[..at].to_owned(), cut(&name[at..], room)],
        None => vec![cut(name, room)],
    }
}

fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        if width(&kept) + width("…") + width(letter.encode_utf8(&mut [0; 4])) > room {
            break;
        }
        kept.push(letter);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_into_their_room() {
        let text = "asks for a ticket for HTTP/SMS4-120-52S.A2003.VM.local of CHILD.A2003.VM.LOCAL";
        for room in (60..900).step_by(7) {
            let lines = wrap(text, room);
            assert!(lines.len() <= LINES, "{room}: {lines:?}");
            let fits = |line: &String| width(line) <= room + width("…");
            assert!(lines.iter().all(fits), "{room}: {lines:?}");
        }
        assert_eq!(wrap(text, 5_000), [text]);
        assert_eq!(wrap(&"x".repeat(70_000), 100).len(), LINES);
    }

    #[test]
    fn a_name_is_broken_at_a_dot() {
        let shown = name("SMS4-120-52S.A2003.VM.local", 150);
        assert_eq!(shown, ["SMS4-120-52S", ".A2003.VM.local"]);
        assert!(name(&"x".repeat(500), 150)[0].ends_with('…'));
    }
}
