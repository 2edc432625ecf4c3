//! Comma-separated values (RFC 4180), for spreadsheets.
//!
//! Never knows what the columns are.

use std::io::{self, Write};

use crate::render::escape::Terminal;

/// Writes one row.
pub(super) fn values(row: &[String], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// A cell in quotes where it needs them. What a spreadsheet would take for a formula gets an apostrophe in front.
fn quoted(cell: &str) -> String {
    let cell: String = cell.chars().filter(|sign| !sign.is_control()).collect();
    let cell = Terminal(&cell).to_string();
    let guard = if cell.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    if cell.contains([',', '"']) || !guard.is_empty() {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"a\""), "\"say \"\"a\"\"\"");
        assert_eq!(quoted("=cmd|' /c calc'!A1"), "\"'=cmd|' /c calc'!A1\"");
        assert_eq!(quoted("a\r\nb"), "ab");
        assert_eq!(quoted("mp\u{202e}gol"), "mp\\u{202e}gol");
    }
}
