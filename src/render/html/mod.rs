//! The report as one page that goes on the case: HTML that needs no network and no script.
//!
//! Never puts a tag around a value by itself: that is done by the templates, which escape every value they are given.

mod attempt;
mod drawing;
mod finding;
mod measure;
mod pen;
mod surroundings;

use std::borrow::Borrow;
use std::io::{self, Write};

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::finding::{Evidence, Rival, Severity};
use crate::frame::{FrameNumber, Timestamp};
use crate::outcome::Outcome;
use crate::render::InputFile;
use crate::render::html::attempt::AttemptView;
use crate::render::html::drawing::DrawnRow;
use crate::render::html::finding::{FindingView, RuleView};
use crate::render::html::surroundings::{FileView, HostView};
use crate::render::terminal::Times;
use crate::render::terminal::style::Ink;
use crate::render::wording::clocks::comparisons;
use crate::render::wording::finding as words;
use crate::render::wording::inputs::numbering;
use crate::render::wording::log_story;
use crate::render::wording::overview::{counted, ends};
use crate::render::wording::surroundings as surroundings_words;
use crate::render::wording::surroundings::{TOLD_CLIENTS, counts, secrets, untold};
use crate::report::Report;

/// How the page looks, in light and in dark, on screens and on paper.
const STYLE: &str = include_str!("report.css");

/// The page, as its template takes it.
#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage<'r> {
    report: &'r Report,
    style: &'static str,
    version: &'static str,
    title: String,
    tone: &'static str,
    attempts: Vec<AttemptView<'r>>,
    findings: Vec<FindingView<'r>>,
    hosts: Vec<HostView<'r>>,
    rules: Vec<RuleView>,
    files: Vec<FileView<'r>>,
    times: Times,
}

/// Writes the report about `files`: the captures, then the logs.
pub fn render(
    report: &Report,
    files: &[InputFile],
    times: Times,
    out: &mut dyn Write,
) -> io::Result<()> {
    let page = ReportPage {
        report,
        style: STYLE,
        version: env!("CARGO_PKG_VERSION"),
        title: title(report),
        tone: tone_of_all(report),
        attempts: attempt::views(report, times),
        findings: report
            .findings
            .iter()
            .map(FindingView::of_capture)
            .collect(),
        hosts: report
            .hosts
            .iter()
            .map(|host| HostView::new(host, &report.frame_names))
            .collect(),
        rules: finding::rules(report),
        files: surroundings::files(report, files, times),
        times,
    };
    page.write_into(out)
}

impl ReportPage<'_> {
    /// What the page may do: be shown with its own style, and nothing else.
    fn policy(&self) -> String {
        let digest = STANDARD.encode(Sha256::digest(self.style));
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )
    }

    /// `frame 14`, or `mp.cap#25`.
    fn frame(&self, frame: impl Borrow<FrameNumber>) -> String {
        self.report.frame_names.word(*frame.borrow())
    }

    /// Where a piece of evidence is to be seen.
    fn place(&self, evidence: &Evidence) -> String {
        words::place(evidence, &self.report.frame_names)
    }

    /// A finding's rivals under their headings, each with its rule and what is told of it.
    fn rivals(
        &self,
        finding: &FindingView<'_>,
    ) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        let (near, behind) = words::rivals(finding.told);
        let told = |rivals: Vec<&Rival>| {
            let told = rivals.into_iter();
            told.map(|it| (it.rule, words::rival(it, &self.report.frame_names)))
                .collect()
        };
        let groups = [("Also possible", told(near)), ("Less likely", told(behind))];
        let groups: [(_, Vec<_>); 2] = groups;
        groups
            .into_iter()
            .filter(|(_, it)| !it.is_empty())
            .collect()
    }

    /// The names of the files, captures first.
    fn names(&self) -> String {
        let names: Vec<&str> = self.files.iter().map(|file| file.name).collect();
        names.join(", ")
    }

    /// When a line of a log was written.
    fn written(&self, time: impl Borrow<Option<Timestamp>>) -> String {
        log_story::time(self.times, *time.borrow())
    }

    /// What the findings are about that are of no attempt.
    const fn whole(&self) -> &'static str {
        surroundings_words::whole(self.report)
    }

    /// What is not shown.
    const fn unshown(&self) -> &'static str {
        surroundings_words::unshown(self.report)
    }

    fn numbering(&self) -> Vec<&str> {
        numbering(self.report)
    }

    fn comparisons(&self) -> Vec<String> {
        comparisons(&self.report.hosts)
    }

    fn has_headline(&self) -> bool {
        self.attempts.iter().any(|it| it.headline().is_some())
    }

    fn has_clocks(&self) -> bool {
        self.report.hosts.iter().any(|host| host.clock.is_some())
    }

    /// Other Kerberos traffic: what is said of a client, and its refusals.
    fn others(&self) -> Vec<(String, &[Evidence])> {
        let others = self.report.other_kerberos.iter().take(TOLD_CLIENTS);
        others
            .map(|other| (counts(other), other.refusals.as_slice()))
            .collect()
    }

    fn secrets(&self) -> Option<String> {
        secrets(self.report.secrets)
    }

    fn untold(&self) -> Option<String> {
        untold(&self.report.other_kerberos)
    }

    fn notes(&self) -> impl Iterator<Item = (&str, &str)> {
        let logs = self.report.logs.iter();
        logs.flat_map(|log| {
            log.notes
                .iter()
                .map(|note| (log.name.as_str(), note.as_str()))
        })
    }
}

/// The verdict in one line.
fn title(report: &Report) -> String {
    match report.attempts.as_slice() {
        [] if report.log_story.is_some() => log_story::TITLE.to_owned(),
        [] => "No sign-on attempt found".to_owned(),
        [only] => match only.headline() {
            Some(headline) => headline.title.clone(),
            None => capital(only.outcome.title()),
        },
        attempts => {
            let count = counted(report);
            let ends: Vec<String> = ends(attempts)
                .into_iter()
                .map(|(outcome, ids)| format!("{} {}", ids.len(), outcome.title()))
                .collect();
            format!("{count}: {}", ends.join(", "))
        }
    }
}

/// The gravest end, or what was found about the whole capture.
fn tone_of_all(report: &Report) -> &'static str {
    let ends = report.attempts.iter().map(|attempt| tone(attempt.outcome));
    let whole = report
        .findings
        .iter()
        .map(|finding| match finding.severity {
            Severity::Error => "bad",
            Severity::Warning => "doubtful",
            Severity::Note | Severity::Expected => "good",
        });
    let tones = ends.chain(whole.filter(|_| !report.attempts.is_empty()));
    let rank = |tone: &&str| ["good", "doubtful", "bad"].iter().position(|it| it == tone);
    tones.max_by_key(rank).unwrap_or("doubtful")
}

/// What an end is, for the eye; words say it too.
const fn tone(outcome: Outcome) -> &'static str {
    match Ink::of_outcome(outcome) {
        Ink::Good => "good",
        Ink::Doubtful => "doubtful",
        _ => "bad",
    }
}

/// The sign before an end.
fn sign(tone: &str) -> &'static str {
    match tone {
        "good" => "✓",
        "doubtful" => "!",
        _ => "✕",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::{HOSTILE, attempt, failed, report};
    use crate::report::AttemptReport;

    fn shown(report: &Report) -> String {
        let file = InputFile {
            name: HOSTILE.to_owned(),
            ..InputFile::default()
        };
        let mut text = Vec::new();
        render(
            report,
            std::slice::from_ref(&file),
            Times::Relative,
            &mut text,
        )
        .expect("writing to memory");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn text_of_the_wire_is_text_in_a_page() {
        let page = shown(&report(vec![
            failed(HOSTILE),
            attempt(HOSTILE, Outcome::Rejected),
        ]));
        let obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(!page.contains(obeyed));
        assert!(!page.contains('\u{202e}'));
        assert!(!page.contains("<img") && !page.contains("<script"));
        assert!(page.contains("\\u{202e}evil\\u{d}\\u{a}"));
        assert_eq!(page.matches("</style>").count(), 1);
    }

    #[test]
    fn a_page_loads_and_runs_nothing() {
        let page = shown(&report(vec![failed("client")]));
        let (head, rest) = page.split_once("<style>").expect("a style");
        let (style, body) = rest.split_once("</style>").expect("its end");
        assert_eq!(style, STYLE);
        for word in ["url(", "@import", "@font-face"] {
            assert!(!style.contains(word), "{word}");
        }
        for word in [
            "<script",
            "<link",
            "<iframe",
            "src=",
            "style=",
            "href=\"http",
        ] {
            assert!(!head.contains(word) && !body.contains(word), "{word}");
        }
        let digest = STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!("default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;");
        assert!(head.contains(&policy), "{head}");
    }

    #[test]
    fn names_of_64_kib_and_long_stories_stay_bounded() {
        let long = shown(&report(vec![failed(&"x".repeat(65_536))]));
        assert!(long.len() < 200_000, "{} bytes", long.len());
        let step = failed("a sentence of some forty characters here")
            .steps
            .remove(0);
        let steps = (0..10_000).map(|number| crate::story::Step {
            text: format!("{} {number}", step.text),
            ..step.clone()
        });
        let many = AttemptReport {
            steps: steps.collect(),
            ..failed("client")
        };
        let page = shown(&report(vec![many]));
        assert!(page.len() < 5_000_000, "{} bytes", page.len());
        assert!(page.contains("the table has all 10000 steps"));
    }

    #[test]
    fn what_repeats_is_folded_and_stays_at_hand() {
        let mut many = failed("client");
        let step = many.steps.remove(0);
        many.steps = vec![step; 50];
        let page = shown(&report(vec![many]));
        assert!(page.contains("<details><summary>the same 49 more times</summary>"));
        assert!(page.contains(">the same 49 more times: 5–7</text>"));
        assert_eq!(page.matches("<g class=\"arrow").count(), 1);
        assert_eq!(page.matches("<b>5–7</b>").count(), 49);
    }

    #[test]
    fn a_thousand_attempts_are_told_in_five_megabytes() {
        let attempts = (1..=1_000).map(|id| {
            let mut told = failed("a sentence of some forty characters here");
            told.id = id;
            let step = told.steps.remove(0);
            told.steps = (0..10)
                .map(|number| crate::story::Step {
                    text: format!("{} {number}", step.text),
                    ..step.clone()
                })
                .collect();
            told
        });
        let page = shown(&report(attempts.collect()));
        assert!(page.len() < 5_000_000, "{} bytes", page.len());
        assert!(page.contains("<code>--client 10.0.0.1</code> tells this one"));
    }
}
