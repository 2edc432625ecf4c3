//! What frames are called in sentences: by their number, or where several captures are read as one, by their file and their number
//! there: `mp.cap#25`.
//!
//! Never touches the text of a log's line: what looks like a frame there is none.

use crate::finding::Evidence;
use crate::frame::{FrameNumber, Places, Viewer};
use crate::report::{AttemptReport, Report};
use crate::story::Step;

/// Words before the numbers of frames, in sentences of this program.
const WORDS: [&str; 2] = ["frames ", "frame "];

/// The format that Wireshark reads only once it is converted.
const TRACE: &str = "etl";

/// What frames are called.
#[derive(Clone, Debug, Default)]
pub struct FrameNames {
    places: Places,
    /// The names of the captures; empty where there is one, whose frames are called by their numbers.
    files: Vec<String>,
    /// The names of the captures that Wireshark opens, by their places.
    openable: Vec<Option<String>>,
}

impl FrameNames {
    /// Frames of `files`, which stand there at `places`.
    pub const fn new(places: Places, files: Vec<String>) -> Self {
        Self {
            places,
            files,
            openable: Vec::new(),
        }
    }

    /// The capture in which a piece of evidence is, and the frame's number in Wireshark; `None` where that cannot open it.
    pub fn to_open(&self, evidence: &Evidence) -> Option<(&str, FrameNumber)> {
        let (file, frame) = match evidence.place {
            Some(place) => place,
            None => (0, evidence.frame_in(Viewer::Wireshark)),
        };
        let name = self.openable.get(file)?.as_deref()?;
        (frame != FrameNumber::default()).then_some((name, frame))
    }

    /// Whether frames are called by their files.
    pub const fn are_of_files(&self) -> bool {
        !self.files.is_empty()
    }

    fn place(&self, frame: FrameNumber) -> Option<(&str, FrameNumber)> {
        let (file, own) = self.places.of(frame)?;
        Some((self.files.get(file)?, own))
    }

    /// `14`, or `mp.cap#25`.
    pub fn one(&self, frame: FrameNumber) -> String {
        self.range(frame, frame)
    }

    /// `frame 14`, or `mp.cap#25`.
    pub fn word(&self, frame: FrameNumber) -> String {
        self.text(&format!("frame {frame}"))
    }

    /// `4–7`, `mp.cap#4–7`, or `client.pcap#4 – mp.cap#9`.
    pub fn range(&self, first: FrameNumber, last: FrameNumber) -> String {
        match (self.place(first), self.place(last)) {
            (Some((file, first)), Some((same, last))) if file == same => {
                format!("{file}#{}", run(first, last))
            }
            (Some((file, first)), Some((other, last))) => {
                format!("{file}#{first} – {other}#{last}")
            }
            _ => run(first, last),
        }
    }

    /// The frames of a step: those of each file together.
    pub fn of_step(&self, step: &Step) -> String {
        if !self.are_of_files() {
            return run(step.first_frame(), step.last_frame());
        }
        let mut runs: Vec<(FrameNumber, FrameNumber)> = Vec::new();
        for frame in &step.frames {
            let file = |frame| self.place(frame).map(|(file, _)| file);
            match runs.last_mut() {
                Some((_, last)) if file(*last) == file(*frame) => *last = *frame,
                _ => runs.push((*frame, *frame)),
            }
        }
        let runs = runs.iter().map(|(first, last)| self.range(*first, *last));
        runs.collect::<Vec<_>>().join(", ")
    }

    /// A filter of Wireshark for the frames from `first` to `last`: of the file in which the first one stands.
    pub fn filter(&self, first: FrameNumber, last: FrameNumber) -> String {
        let own = |frame| self.place(frame).map_or(("", frame), |place| place);
        let ((file, first), (other, last)) = (own(first), own(last));
        if file == other {
            format!("frame.number>={first} && frame.number<={last}")
        } else {
            format!("frame.number>={first}")
        }
    }

    /// `text`, in which frames are called so.
    pub fn text(&self, text: &str) -> String {
        if !self.are_of_files() {
            return text.to_owned();
        }
        let mut named = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, word)) = next_word(rest) {
            let (_, behind) = rest.split_at(before + word.len());
            named.push_str(rest.get(..before).unwrap_or_default());
            rest = match self.list(behind) {
                Some((list, behind)) if !ends_in_letter(&named) => {
                    named.push_str(&list);
                    behind
                }
                _ => {
                    named.push_str(word);
                    behind
                }
            };
        }
        named.push_str(rest);
        named
    }

    /// The numbers at the beginning of `text` by the names of their frames, and what is behind them.
    fn list<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let (mut named, mut rest) = self.item(text)?;
        loop {
            let next = [", ", " and "].into_iter().find_map(|between| {
                let (item, behind) = self.item(rest.strip_prefix(between)?)?;
                Some((between, item, behind))
            });
            // `frames 4, 17 and 40 more`: the last one is a count.
            match next.filter(|(_, _, behind)| !behind.starts_with(" more")) {
                Some((between, item, behind)) => {
                    named.push_str(between);
                    named.push_str(&item);
                    rest = behind;
                }
                None => return Some((named, rest)),
            }
        }
    }

    /// `14` or `4–7` at the beginning of `text`.
    fn item<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let (first, behind) = number(text)?;
        self.place(first)?;
        let range = behind.strip_prefix('–').and_then(number);
        let (last, behind) = range.unwrap_or((first, behind));
        let mut letters = behind.chars();
        let is_whole = match letters.next() {
            Some('.' | ',') => letters.next().is_none_or(char::is_whitespace),
            Some(letter) => !letter.is_alphanumeric() && letter != '#',
            None => true,
        };
        is_whole.then(|| (self.range(first, last), behind))
    }
}

/// `17` or `4–7`.
fn run(first: FrameNumber, last: FrameNumber) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

fn next_word(text: &str) -> Option<(usize, &'static str)> {
    let found = WORDS.into_iter();
    found
        .filter_map(|word| Some((text.find(word)?, word)))
        .min()
}

fn ends_in_letter(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// The digits at the beginning of `text`, and what is behind them.
fn number(text: &str) -> Option<(FrameNumber, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, behind) = text.split_at_checked(digits)?;
    Some((FrameNumber(digits.parse().ok()?), behind))
}

impl Report {
    /// Calls the frames in all sentences by their places in `files`, the captures; where there is one, nothing changes.
    pub fn name_frames(&mut self, files: Vec<String>) {
        let inputs = self.inputs.iter().zip(&files);
        let openable: Vec<Option<String>> = inputs
            .map(|(input, file)| {
                let is_named = file != "-";
                (is_named && !input.format.starts_with(TRACE)).then(|| file.clone())
            })
            .collect();
        self.frame_names.openable.clone_from(&openable);
        let Some(places) = self.places.take().filter(|_| files.len() > 1) else {
            return;
        };
        let names = FrameNames {
            openable,
            ..FrameNames::new(places, files)
        };
        let rename = |text: &mut String| *text = names.text(text);
        self.attempts
            .iter_mut()
            .for_each(|attempt| attempt.each_sentence(&rename));
        for finding in &mut self.findings {
            finding.each_sentence(&rename);
        }
        let logs = self.logs.iter_mut().flat_map(|log| &mut log.notes);
        let limits = self.limitations.iter_mut().map(|it| &mut it.text);
        let hosts = self.hosts.iter_mut().flat_map(|host| &mut host.because);
        let refusals = self
            .other_kerberos
            .iter_mut()
            .flat_map(|it| &mut it.refusals);
        let evidence = hosts.chain(refusals).map(|it| &mut it.text);
        logs.chain(limits).chain(evidence).for_each(rename);
        self.frame_names = names;
    }
}

impl AttemptReport {
    fn each_sentence(&mut self, act: &dyn Fn(&mut String)) {
        let of_program = |step: &&mut Step| step.kind != "log-line";
        let steps = self.steps.iter_mut().filter(of_program);
        steps.for_each(|step| act(&mut step.text));
        for finding in &mut self.findings {
            finding.each_sentence(act);
        }
        let missing = self.missing.iter_mut().map(|it| &mut it.text);
        let answers = self.why_ntlm.iter_mut().chain(&mut self.whose_key);
        let six = self.six_steps.iter_mut();
        let six = six.flat_map(|it| std::iter::once(&mut it.text).chain(&mut it.places));
        let reasons = self.approval.because.iter_mut();
        let answers = answers.map(|it| &mut it.answer);
        for text in missing.chain(answers).chain(six).chain(reasons) {
            act(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> FrameNames {
        let mut places = Places::default();
        for (frame, file, own) in [(1, 0, 1), (2, 0, 2), (3, 1, 7), (4, 1, 8), (5, 0, 3)] {
            places.tell(FrameNumber(frame), file, FrameNumber(own));
        }
        FrameNames::new(places, vec!["a.pcap".to_owned(), "b.cap".to_owned()])
    }

    #[test]
    fn sentences_name_the_files_of_their_frames() {
        let names = names();
        for (text, named) in [
            ("the ticket of frame 3", "the ticket of b.cap#7"),
            ("frames 3–4 accept it.", "b.cap#7–8 accept it."),
            ("in frame 2.", "in a.pcap#2."),
            ("frame 2: told", "a.pcap#2: told"),
            ("frames 1, 3 and 5", "a.pcap#1, b.cap#7 and a.pcap#3"),
            ("frames 1, 2 and 4 more", "a.pcap#1, a.pcap#2 and 4 more"),
            ("from frames 2–3 on", "from a.pcap#2 – b.cap#7 on"),
            (
                "after frame 1, with frame 5",
                "after a.pcap#1, with a.pcap#3",
            ),
            ("frame 5.pcap and frame 2x", "frame 5.pcap and frame 2x"),
            (
                "no frame at all, 7 frames in all",
                "no frame at all, 7 frames in all",
            ),
            ("the wireframe 2", "the wireframe 2"),
        ] {
            assert_eq!(names.text(text), named);
            assert_eq!(names.text(named), named, "told twice");
        }
        assert_eq!(FrameNames::default().text("frame 3"), "frame 3");
    }

    #[test]
    fn a_filter_is_for_the_file_of_its_first_frame() {
        let filter = |first, last| names().filter(FrameNumber(first), FrameNumber(last));
        assert_eq!(filter(3, 4), "frame.number>=7 && frame.number<=8");
        assert_eq!(filter(3, 5), "frame.number>=7");
    }
}
