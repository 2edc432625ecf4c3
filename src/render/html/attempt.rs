//! An attempt, as the templates take it.

use std::collections::BTreeSet;

use crate::finding::Severity;
use crate::frame::FrameNumber;
use crate::render::html::drawing::{self, Drawing};
use crate::render::html::finding::FindingView;
use crate::render::html::{sign, tone};
use crate::render::ladder::{Passage, passages};
use crate::render::terminal::Times;
use crate::render::wording::attempt as words;
use crate::render::wording::steps::others;
use crate::render::wording::times::moment;
use crate::report::frame_names::FrameNames;
use crate::report::{AttemptReport, Report};
use crate::story::six_steps::{Checkpoint, Seen};
use crate::story::{Mark, Step};

/// Attempts that are drawn; of the others the story stands as a table.
const DRAWN: usize = 20;

/// Attempts whose story is told: of the others the page has the verdict, and stays small enough to be sent.
const TOLD: usize = 200;

/// An attempt.
pub(super) struct AttemptView<'r> {
    pub(super) told: &'r AttemptReport,
    names: &'r FrameNames,
    /// Whether it is told shorter: it stands beside those of Configuration Manager, or there are too many.
    pub(super) is_short: bool,
    /// Whether there are too many.
    pub(super) is_beyond: bool,
    pub(super) findings: Vec<FindingView<'r>>,
    pub(super) passages: Vec<PassageView<'r>>,
    pub(super) drawing: Option<Drawing>,
    pub(super) has_others: bool,
}

/// Steps that are told, and those that repeat them.
pub(super) struct PassageView<'r> {
    pub(super) told: Vec<StepView<'r>>,
    pub(super) again: Vec<StepView<'r>>,
    pub(super) words: String,
}

/// One step.
pub(super) struct StepView<'r> {
    pub(super) told: &'r Step,
    /// What evidence leads to; none for a line of a log, nor for a frame that an earlier step has already.
    pub(super) id: Option<String>,
    pub(super) frames: String,
    pub(super) others: String,
    pub(super) time: String,
}

/// All attempts, the first ones with a drawing.
pub(super) fn views(report: &Report, times: Times) -> Vec<AttemptView<'_>> {
    let has_ccm = report.attempts.iter().any(|attempt| attempt.is_ccm);
    let (mut left, mut stories) = (DRAWN, TOLD);
    let mut views = Vec::new();
    for told in &report.attempts {
        let is_beside = has_ccm && !told.is_ccm;
        let is_beyond = !is_beside && stories == 0;
        stories -= usize::from(!is_beside && !is_beyond);
        let is_short = is_beside || is_beyond;
        let steps: &[Step] = if is_short { &[] } else { &told.steps };
        let mut ids = BTreeSet::new();
        let is_drawn = !is_short && left > 0 && !told.steps.is_empty();
        left -= usize::from(is_drawn);
        views.push(AttemptView {
            told,
            names: &report.frame_names,
            is_short,
            is_beyond,
            findings: told
                .findings
                .iter()
                .filter(|finding| finding.severity > Severity::Expected)
                .map(|finding| {
                    FindingView::of_attempt(finding, told.id, steps, &report.frame_names)
                })
                .collect(),
            passages: passages(steps)
                .iter()
                .map(|passage| passage_view(passage, told, &report.frame_names, times, &mut ids))
                .collect(),
            drawing: is_drawn.then(|| drawing::draw(report, told, times)),
            has_others: told.steps.iter().any(|step| !others(step).is_empty()),
        });
    }
    views
}

fn passage_view<'r>(
    passage: &Passage<'r>,
    attempt: &AttemptReport,
    names: &FrameNames,
    times: Times,
    ids: &mut BTreeSet<FrameNumber>,
) -> PassageView<'r> {
    let mut view = |step: &'r Step| StepView {
        told: step,
        id: (!step.frames.is_empty() && ids.insert(step.first_frame()))
            .then(|| format!("a{}-f{}", attempt.id, step.first_frame())),
        frames: names.of_step(step),
        others: others(step),
        time: moment(times, step.time, attempt.first_time),
    };
    PassageView {
        told: passage.told.iter().map(&mut view).collect(),
        again: passage.again.iter().map(view).collect(),
        words: passage.words(),
    }
}

impl StepView<'_> {
    /// What the row is, for the eye; words say it too.
    pub(super) const fn class(&self) -> &'static str {
        match self.told.mark {
            Mark::Plain => "",
            Mark::Expected => "expected",
            Mark::Fault => "fault",
        }
    }

    pub(super) fn is_fault(&self) -> bool {
        self.told.mark == Mark::Fault
    }

    /// Whether it is a line of a log.
    pub(super) const fn is_log(&self) -> bool {
        self.told.source.is_some()
    }

    /// Whether one machine is all there is.
    pub(super) fn is_alone(&self) -> bool {
        self.told.from == self.told.to
    }
}

impl AttemptView<'_> {
    pub(super) fn client(&self) -> String {
        words::client(&self.told.client)
    }

    pub(super) fn service(&self) -> String {
        words::service(&self.told.service)
    }

    pub(super) const fn tone(&self) -> &'static str {
        tone(self.told.outcome)
    }

    pub(super) fn sign(&self) -> &'static str {
        sign(self.tone())
    }

    /// What is said of the step where it went wrong.
    pub(super) fn fault(&self) -> &'static str {
        words::fault(self.told)
    }

    pub(super) fn headline(&self) -> Option<&FindingView<'_>> {
        self.findings.iter().find(|finding| finding.told.headline)
    }

    /// The findings that the verdict does not tell already.
    pub(super) fn others(&self) -> Vec<&FindingView<'_>> {
        let others = self.findings.iter().filter(|it| !it.told.headline);
        others.collect()
    }

    pub(super) fn last_words(&self) -> Option<String> {
        words::last_words(self.told)
    }

    pub(super) fn repeats(&self) -> Option<String> {
        words::repeats(self.told, self.names)
    }

    pub(super) fn frames(&self) -> String {
        let (first, last) = (self.told.first_frame, self.told.last_frame);
        self.names.range(first, last)
    }

    /// When it began.
    pub(super) fn begun(&self) -> String {
        let begun = self.told.first_time.to_utc();
        begun.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string()
    }

    /// A display filter for all its frames.
    pub(super) fn filter(&self) -> String {
        let (first, last) = (self.told.first_frame, self.told.last_frame);
        self.names.filter(first, last)
    }

    /// The columns of the story.
    pub(super) const fn columns(&self) -> usize {
        4 + self.has_others as usize
    }
}

/// What a checkpoint is, for the eye.
pub(super) const fn tone_of(checkpoint: &Checkpoint) -> &'static str {
    match checkpoint.seen {
        Seen::Yes => "good",
        Seen::Otherwise | Seen::No => "bad",
        Seen::Hidden => "quiet",
    }
}
