//! The text as it grows, each piece made harmless where it comes in.
//!
//! Never ends a block without the empty line that ticket systems want around it.

use crate::render::escape::{LONGEST, Markdown, Terminal};
use crate::report::frame_names::FrameNames;

/// The text so far.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    open: Open,
    /// What frames are called where this floor names them.
    pub(super) names: FrameNames,
}

/// What the last line was part of.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Open {
    /// Nothing that goes on.
    #[default]
    Nothing,
    /// A list.
    List,
    /// A table.
    Table,
}

impl Page {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn heading(&mut self, level: usize, text: &str) {
        self.begin(Open::Nothing);
        self.push(&format!("{} {}", "#".repeat(level), Markdown(text)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.begin(Open::Nothing);
        let text = self.names.text(text);
        self.push(&first_sign(&Markdown(&text).to_string()));
    }

    /// Who tries to reach whom, as names that can be copied.
    pub(super) fn parties(&mut self, client: &str, service: &str, frames: &str) {
        self.begin(Open::Nothing);
        let (client, service) = (code(client), code(service));
        self.push(&format!("{client} → {service}, {frames}"));
    }

    /// A paragraph whose first words weigh.
    pub(super) fn strong(&mut self, text: &str) {
        self.begin(Open::Nothing);
        let text = self.names.text(text);
        self.push(&format!("**{}**", Markdown(&text)));
    }

    pub(super) fn bullet(&mut self, text: &str) {
        self.begin(Open::List);
        let text = self.names.text(text);
        self.push(&format!("- {}", first_sign(&Markdown(&text).to_string())));
    }

    /// The head of a table.
    pub(super) fn table(&mut self, titles: &[&str]) {
        self.begin(Open::Nothing);
        self.push(&format!("| {} |", titles.join(" | ")));
        self.push(&format!("|{}", "---|".repeat(titles.len())));
        self.open = Open::Table;
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|it| Markdown(it).to_string()).collect();
        self.begin(Open::Table);
        self.push(&format!("| {} |", cells.join(" | ")));
    }

    /// Something to copy.
    pub(super) fn fence(&mut self, text: &str) {
        let text = harmless(text);
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        self.begin(Open::Nothing);
        self.push(&format!("{fence}text\n{text}\n{fence}"));
    }

    /// Leaves an empty line where the last block does not go on.
    fn begin(&mut self, block: Open) {
        let goes_on = block != Open::Nothing && block == self.open;
        if !goes_on && !self.text.is_empty() {
            self.text.push('\n');
        }
        self.open = block;
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// A piece of code within a line.
fn code(text: &str) -> String {
    let text = harmless(text);
    let mark = "`".repeat(longest_run(&text) + 1);
    // A space is taken off on both sides where the text touches the marks.
    let space = if text.contains('`') { " " } else { "" };
    format!("{mark}{space}{text}{space}{mark}")
}

fn harmless(text: &str) -> String {
    let beginning: String = text.chars().take(LONGEST).collect();
    Terminal(&beginning).to_string()
}

/// `text` with a backslash where its first sign would begin a list, a heading or a number.
fn first_sign(text: &str) -> String {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    if text.starts_with(['-', '+', '#', '=']) {
        format!("\\{text}")
    } else if digits > 0 && text[digits..].starts_with(['.', ')']) {
        format!("{}\\{}", &text[..digits], &text[digits..])
    } else {
        text.to_owned()
    }
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|letter| letter != '`');
    runs.map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_begins_no_block_and_ends_none() {
        let mut page = Page::default();
        page.paragraph("1. no list");
        page.bullet("# no heading");
        page.bullet("b");
        page.fence("a ```` b\n```");
        page.table(&["x"]);
        page.row(&["a|b"]);
        assert_eq!(
            page.text(),
            "1\\. no list\n\n- \\# no heading\n- b\n\n`````text\na ```` b\\u{a}```\n`````\n\n| x |\n|---|\n| a\\|b |\n"
        );
    }
}
