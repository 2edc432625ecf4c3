//! The report on a terminal: the verdict first, then the story that it rests on.
//!
//! Never decides what is shown: order and marks are the report's.

mod attempt;
mod clocks;
pub mod compare;
mod finding;
mod heading;
mod ladder;
mod log_story;
mod logs;
mod overview;
mod page;
pub mod reference;
mod six_steps;
mod steps;
pub(super) mod style;
mod surroundings;
pub mod survey;

use std::io::{self, Write};

use crate::render::InputFile;
use crate::render::terminal::page::Page;
use crate::report::Report;

/// How the report is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the terminal.
    pub columns: usize,
    /// Whether colours are wanted.
    pub colour: Colour,
    /// Which signs may be used.
    pub signs: Signs,
    /// How times are written.
    pub times: Times,
    /// When clocks are told.
    pub clocks: Clocks,
    /// How the story is told.
    pub story: Story,
}

/// How the story is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Story {
    /// As a table: frames, time, who, what.
    Table,
    /// As a ladder: a lane for each machine.
    Ladder,
}

/// When the clocks of the machines are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clocks {
    /// Where one is off by a minute or more.
    Off,
    /// Always.
    All,
}

/// Whether colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Which signs may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signs {
    /// Any that a terminal shows.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// Seconds since the beginning of the attempt.
    Relative,
    /// The time of day in UTC.
    Utc,
    /// The time of day where this program runs.
    Local,
    /// Seconds since 1970.
    Epoch,
}

/// Writes the report about `files`: the captures, then the logs.
pub fn render(
    report: &Report,
    files: &[InputFile],
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(look);
    page.names = report.frame_names.clone();
    heading::render(report, files, &mut page);
    overview::render(report, &mut page);
    let has_ccm = report.attempts.iter().any(|attempt| attempt.is_ccm);
    for told in &report.attempts {
        if has_ccm && !told.is_ccm {
            attempt::render_short(told, &mut page);
        } else {
            attempt::render(report, told, &mut page);
        }
    }
    if let Some(story) = &report.log_story {
        log_story::render(story, &mut page);
    }
    for told in &report.findings {
        page.blank();
        finding::render(told, &mut page);
    }
    if !report.attempts.is_empty() {
        surroundings::hosts(&report.hosts, &mut page);
        clocks::render(&report.hosts, &mut page);
    }
    logs::render(&report.logs, &mut page);
    surroundings::other_kerberos(&report.other_kerberos, &mut page);
    surroundings::limitations(report, &mut page);
    surroundings::secrets(report.secrets, &mut page);
    if let Some(story) = &report.log_story {
        log_story::open(story, &mut page);
    }
    out.write_all(page.text().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::outcome::Outcome;
    use crate::render::sample::{HOSTILE, attempt, failed, report};
    use crate::report::AttemptReport;

    fn look(columns: usize, colour: Colour, signs: Signs) -> Look {
        Look {
            columns,
            colour,
            signs,
            times: Times::Relative,
            clocks: Clocks::Off,
            story: Story::Table,
        }
    }

    fn shown(report: &Report, look: Look) -> String {
        let file = InputFile {
            name: HOSTILE.to_owned(),
            ..InputFile::default()
        };
        let mut text = Vec::new();
        render(report, std::slice::from_ref(&file), look, &mut text).expect("writing to memory");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn text_of_the_wire_obeys_nobody() {
        let report = report(vec![failed(HOSTILE)]);
        let text = shown(&report, look(100, Colour::Off, Signs::Unicode));
        let obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(!text.contains(obeyed), "{text:?}");
        assert!(!text.contains('\u{202e}'));
        assert!(text.contains("\\u{1b}[2J\\u{202e}evil\\u{d}\\u{a}\\u{9b}31mMüller"));
    }

    #[test]
    fn ascii_is_ascii_and_fits() {
        let report = report(vec![failed("Müller → 漢字 – HTTP/mp.example.com")]);
        for columns in 60..120 {
            let text = shown(&report, look(columns, Colour::Off, Signs::Ascii));
            assert!(text.is_ascii(), "{text}");
            let is_command = |line: &&str| line.starts_with("                    ");
            // The file's name and commands are copied, and so never broken.
            let wrapped = text.lines().skip(1).filter(|line| !is_command(line));
            for line in wrapped {
                assert!(line.len() <= columns, "{columns}: {line}");
            }
        }
    }

    #[test]
    fn colours_add_nothing_but_colours() {
        let report = report(vec![failed("no account holds HTTP/mp.example.com")]);
        let plain = shown(&report, look(100, Colour::Off, Signs::Unicode));
        let coloured = shown(&report, look(100, Colour::On, Signs::Unicode));
        let mut bare = String::new();
        for part in coloured.split('\u{1b}') {
            let end = part.find('m').filter(|_| part.starts_with('['));
            bare.push_str(&part[end.map_or(0, |end| end + 1)..]);
        }
        assert_ne!(coloured, plain);
        assert_eq!(bare, plain);
    }

    #[test]
    fn only_an_accepted_client_is_called_free_of_fault() {
        let said = |outcome| {
            let report = report(vec![attempt("client", outcome)]);
            shown(&report, look(100, Colour::Off, Signs::Unicode))
        };
        assert!(said(Outcome::KerberosAccepted).contains("No fault found. Approval itself"));
        assert!(said(Outcome::NtlmAccepted).contains("No fault found. Approval itself"));
        assert!(said(Outcome::Rejected).contains("No cause found"));
        assert!(said(Outcome::CutShort).contains("up to where the capture ends"));
        assert!(said(Outcome::Encrypted).contains("outside the encrypted part"));
    }

    #[test]
    fn equal_attempts_are_told_once_with_their_frames() {
        let said = |repeats, repeated_in| {
            let attempt = AttemptReport {
                repeats,
                repeated_in,
                ..failed("client")
            };
            shown(
                &report(vec![attempt]),
                look(100, Colour::Off, Signs::Unicode),
            )
        };
        let again = (FrameNumber(20), FrameNumber(30));
        assert!(!said(1, Vec::new()).contains("the same"));
        assert!(said(2, vec![again]).contains("the same      once more, in frames 20–30\n"));
        assert!(said(9, vec![again]).contains("8 more times, in frames 20–30 and 7 more\n"));
    }

    #[test]
    fn other_sign_ons_stand_short_beside_those_of_configuration_manager() {
        let other = AttemptReport {
            is_ccm: false,
            ..failed("another sentence")
        };
        let columns = look(100, Colour::Off, Signs::Unicode);
        let alone = shown(&report(vec![other.clone()]), columns);
        assert!(alone.contains("<< here"));
        let both = shown(
            &report(vec![attempt("client", Outcome::NoTicket), other]),
            columns,
        );
        let (_, short) = both.split_once("another sentence").expect("the other one");
        assert!(short.contains("frames        5–7"));
        assert!(short.contains("to do"));
        assert!(!short.contains("<< here"));
    }

    #[test]
    fn several_attempts_are_counted_by_their_ends_first() {
        let ended = |id, outcome| AttemptReport {
            id,
            ..attempt("client", outcome)
        };
        let mut attempts = vec![ended(1, Outcome::NoTicket)];
        attempts.extend((2..=15).map(|id| ended(id, Outcome::KerberosAccepted)));
        let text = shown(&report(attempts), look(100, Colour::Off, Signs::Unicode));
        let (_, overview) = text.split_once("15 ATTEMPTS\n").expect("an overview");
        let lines: Vec<&str> = overview.lines().take(2).collect();
        assert_eq!(lines[0], "  1             no ticket: attempt 1");
        assert!(lines[1].starts_with("  14            accepted with Kerberos: attempts 2, 3, "));
        assert!(lines[1].ends_with(", 13 and 2 more"));
    }

    #[test]
    fn a_capture_without_an_attempt_says_so() {
        let text = shown(&Report::default(), look(100, Colour::Off, Signs::Unicode));
        assert!(text.contains("\nNO ATTEMPT FOUND\n"));
    }
}
