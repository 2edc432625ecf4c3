//! The text as it grows: lines that fit, and what the wire brought made harmless.
//!
//! Never takes a text of the report unescaped: it comes in through [`Page::safe`] or a method that calls it.

use crate::frame::Timestamp;
use crate::render::escape::{Ascii, Terminal};
use crate::render::layout::{width, wrap};
use crate::render::terminal::style::{Ink, Palette};
use crate::render::terminal::{Look, Signs};
use crate::render::wording::times::moment;
use crate::report::frame_names::FrameNames;

/// Where the text behind a label begins.
pub(super) const INDENT: usize = 16;
/// The widths that the layout can do with.
const COLUMNS: std::ops::RangeInclusive<usize> = 40..=200;

/// The text so far.
pub(super) struct Page {
    text: String,
    pub(super) look: Look,
    palette: Palette,
    /// What frames are called where this floor names them.
    pub(super) names: FrameNames,
}

impl Page {
    pub(super) fn new(look: Look) -> Self {
        Self {
            text: String::new(),
            look: Look {
                columns: look.columns.clamp(*COLUMNS.start(), *COLUMNS.end()),
                ..look
            },
            palette: Palette::new(look.colour),
            names: FrameNames::default(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// `text` without anything that a terminal obeys, and in ASCII alone where that is wanted. Its width is final.
    pub(super) fn safe(&self, text: &str) -> String {
        let harmless = Terminal(text).to_string();
        match self.look.signs {
            Signs::Unicode => harmless,
            Signs::Ascii => Ascii(&harmless).to_string(),
        }
    }

    /// A line whose parts are safe already.
    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// `text` in its colour.
    pub(super) fn paint(&self, ink: Ink, text: &str) -> String {
        self.palette.paint(ink, text)
    }

    /// A line that names what follows.
    pub(super) fn title(&mut self, text: &str) {
        self.line(&self.paint(Ink::Strong, text));
    }

    /// `text`, wrapped from the column `indent` on.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        self.labelled(("", Ink::Plain), indent, (text, Ink::Plain));
    }

    /// `text`, wrapped behind the quiet word `label`.
    pub(super) fn entry(&mut self, label: &str, text: &str) {
        let label = format!("  {label}");
        self.labelled((&label, Ink::Quiet), INDENT, (text, Ink::Plain));
    }

    /// A text, wrapped from the column `indent` on, behind a label that is no wider.
    pub(super) fn labelled(&mut self, label: (&str, Ink), indent: usize, text: (&str, Ink)) {
        let columns = self.look.columns.saturating_sub(indent);
        for (at, line) in wrap(&self.safe(&self.names.text(text.0)), columns)
            .iter()
            .enumerate()
        {
            let before = if at == 0 { label.0 } else { "" };
            let space = " ".repeat(indent.saturating_sub(width(before)));
            let before = self.paint(label.1, before);
            self.line(&format!("{before}{space}{}", self.paint(text.1, line)));
        }
    }

    /// A time of the story, whose attempt began at `begun`.
    pub(super) fn time(&self, time: Timestamp, begun: Timestamp) -> String {
        moment(self.look.times, time, begun)
    }
}
