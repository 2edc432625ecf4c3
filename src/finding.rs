//! What a rule concludes, and how sure it is.
//!
//! Never knows why a rule fired.

use crate::frame::{FrameNumber, OtherNumbers, Viewer};

/// How bad it is if it is true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Looks like a fault and is not.
    Expected,
    /// Worth knowing.
    Note,
    /// Delays the sign-on or endangers it.
    Warning,
    /// Explains the failure of the sign-on, or breaks it.
    Error,
}

impl Severity {
    /// `expected`, `note`, `warning`, `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// It fits, and so do others: they are printed with it.
    Possible,
    /// Other causes of these frames are rare; those that are known are printed with it.
    Likely,
    /// Bytes of the capture say it.
    Proven,
}

impl Confidence {
    /// `possible`, `likely`, `proven`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}

/// Where in the course of a sign-on a rule looks; the order in which a failure explains later ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// What the capture can show at all.
    Capture,
    /// Name resolution.
    Name,
    /// The path to a KDC.
    Net,
    /// The first ticket.
    As,
    /// The service ticket in the home realm.
    Tgs,
    /// Referrals to other realms.
    Referral,
    /// The ticket shown to the server.
    Ap,
    /// The web server's answer.
    Http,
    /// Approval by the site.
    Approval,
}

impl Stage {
    /// `capture`, `name`, `net`, `as`, `tgs`, `referral`, `ap`, `http`, `approval`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Name => "name",
            Self::Net => "net",
            Self::As => "as",
            Self::Tgs => "tgs",
            Self::Referral => "referral",
            Self::Ap => "ap",
            Self::Http => "http",
            Self::Approval => "approval",
        }
    }
}

/// Who can mend it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// The people who run the directory: accounts, service names, trusts.
    Directory,
    /// The people who run the management point.
    Mp,
    /// The people who run the network, DNS included.
    Network,
    /// The client's own administrators.
    Client,
    /// The people who run the site.
    Site,
}

impl Owner {
    /// `directory`, `mp`, `network`, `client`, `site`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Mp => "mp",
            Self::Network => "network",
            Self::Client => "client",
            Self::Site => "site",
        }
    }
}

/// What is fixed about a rule.
#[derive(Debug)]
pub struct RuleMeta {
    /// The catalogue's id.
    pub id: &'static str,
    /// What it says, in a few words.
    pub summary: &'static str,
    /// Its documentation under four headings.
    pub explanation: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where in the course it looks.
    pub stage: Stage,
    /// Who can mend it.
    pub owner: Owner,
    /// Where the knowledge comes from.
    pub sources: &'static [&'static str],
    /// The version that had it first.
    pub since: &'static str,
}

/// A rule's conclusion.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static RuleMeta,
    /// Its severity here: that of the rule, or another where the rule says so.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who can mend it here: whom the rule names, or another where its frames say so.
    pub owner: Owner,
    /// The one line to keep.
    pub title: String,
    /// What it means here, in a few sentences.
    pub explanation: String,
    /// Frames and what is to be seen in each; the first is where to look. Never empty.
    pub evidence: Vec<Evidence>,
    /// Other causes that leave the same frames.
    pub rivals: Vec<Rival>,
    /// What to do, the command filled in.
    pub fix: Vec<Fix>,
    /// Whether it is the root cause of its attempt.
    pub headline: bool,
}

impl Finding {
    /// Gives each sentence to `act`.
    pub fn each_sentence(&mut self, act: &dyn Fn(&mut String)) {
        act(&mut self.title);
        act(&mut self.explanation);
        self.each_evidence(&mut |it| act(&mut it.text));
        let rivals = self.rivals.iter_mut().map(|it| &mut it.why);
        let fix = self.fix.iter_mut().map(|it| &mut it.text);
        rivals.chain(fix).for_each(act);
    }

    /// Gives each piece of evidence to `act`: its own, and what was weighed of its rivals.
    pub fn each_evidence(&mut self, act: &mut dyn FnMut(&mut Evidence)) {
        let weighed = self.rivals.iter_mut().filter_map(|it| it.standing.as_mut());
        let weighed = weighed.flat_map(|it| it.speaks_for.iter_mut().chain(&mut it.speaks_against));
        self.evidence.iter_mut().chain(weighed).for_each(act);
    }
}

/// A frame and what is to be seen in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The frame.
    pub frame: FrameNumber,
    /// The same frame in another viewer, where that numbers it differently.
    pub other: Option<(Viewer, FrameNumber)>,
    /// What is to be seen there, or is missing after it.
    pub text: String,
    /// Its file, from 0, and its number there, where several captures are read as one.
    pub place: Option<(usize, FrameNumber)>,
    /// The line of a log that says it of the frame: `u_ex090520.log:6`.
    pub source: Option<String>,
}

impl Evidence {
    /// What is to be seen in `frame`.
    pub fn new(frame: FrameNumber, text: impl Into<String>) -> Self {
        Self {
            frame,
            other: None,
            text: text.into(),
            source: None,
            place: None,
        }
    }

    /// What a line of a log says of what is in `frame`.
    pub fn of_line(
        frame: FrameNumber,
        source: impl std::fmt::Display,
        text: impl Into<String>,
    ) -> Self {
        Self {
            source: Some(source.to_string()),
            ..Self::new(frame, text)
        }
    }

    /// The frame as `viewer` numbers it.
    pub fn frame_in(&self, viewer: Viewer) -> FrameNumber {
        match self.other {
            Some((other, number)) if other == viewer => number,
            _ => self.frame,
        }
    }

    /// Notes how another viewer numbers the frame.
    pub fn number(&mut self, others: &OtherNumbers) {
        let number = others.of(self.frame);
        self.other = number
            .filter(|number| *number != self.frame)
            .map(|number| (others.viewer(), number));
    }
}

/// Another cause that leaves the same frames.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rival {
    /// Its rule's id.
    pub rule: &'static str,
    /// Why it remains possible, and what would tell it apart.
    pub why: String,
    /// How it stands beside the headline that names it; `None` where nothing was weighed.
    pub standing: Option<Standing>,
}

impl Rival {
    /// The rule that remains possible, and why.
    pub fn new(rule: &'static str, why: impl Into<String>) -> Self {
        Self {
            rule,
            why: why.into(),
            standing: None,
        }
    }

    /// Whether it is as good as possible: not weighed, or not far behind the headline.
    pub fn is_near(&self) -> bool {
        self.standing.as_ref().is_none_or(Standing::is_near)
    }
}

/// How a rival stands beside the headline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The points by which it is behind; fewer than none where it is ahead.
    pub behind: i32,
    /// What speaks for it.
    pub speaks_for: Vec<Evidence>,
    /// What speaks against it.
    pub speaks_against: Vec<Evidence>,
}

impl Standing {
    /// A rival that is no further behind is as good as possible: what parts a strong sign from a hint.
    pub const NEAR: i32 = 30;

    /// Whether it is no further behind than that.
    pub const fn is_near(&self) -> bool {
        self.behind <= Self::NEAR
    }
}

/// One thing to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does or settles.
    pub text: String,
    /// The command, filled in.
    pub command: Option<String>,
}

impl Fix {
    /// What to do, with its command where one can be given.
    pub fn new(text: impl Into<String>, command: Option<String>) -> Self {
        Self {
            text: text.into(),
            command,
        }
    }
}
