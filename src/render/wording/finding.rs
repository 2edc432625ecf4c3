//! How sure a finding is, who can mend it, and where it is to be seen.

use crate::finding::{Confidence, Evidence, Finding, Owner, Rival, Severity};
use crate::frame::FrameNumber;
use crate::report::frame_names::FrameNames;

/// What the confidence of a finding means, in one sentence.
pub(in crate::render) fn sureness(finding: &Finding) -> &'static str {
    let rests_on_frames = finding
        .evidence
        .iter()
        .any(|it| it.frame != FrameNumber::default());
    match (finding.confidence, rests_on_frames) {
        (Confidence::Proven, true) => "proven: these frames say it",
        (Confidence::Likely, true) => "likely: other causes of these frames are rare",
        (Confidence::Possible, true) => "possible: other causes leave the same frames",
        (Confidence::Proven, false) => "proven: these lines say it",
        (Confidence::Likely, false) => "likely: other causes of these lines are rare",
        (Confidence::Possible, false) => "possible: other causes leave the same lines",
    }
}

/// What a headline is: a warning delays or endangers a sign-on, and is no cause of how it ended.
pub(in crate::render) const fn lead(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "cause",
        Severity::Warning | Severity::Note | Severity::Expected => "warning",
    }
}

/// Who can mend it.
pub(in crate::render) const fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Directory => "whoever runs the directory: accounts, service names, trusts",
        Owner::Mp => "whoever runs the management point",
        Owner::Network => "whoever runs the network, DNS included",
        Owner::Client => "whoever runs the client",
        Owner::Site => "whoever runs the site",
    }
}

/// `frame 14`, or `u_ex090520.log:6 (frame 14)`; `mp.cap#25` where there are several captures.
pub(in crate::render) fn place(evidence: &Evidence, names: &FrameNames) -> String {
    let frame = names.word(evidence.frame);
    match &evidence.source {
        Some(source) if evidence.frame == FrameNumber::default() => source.clone(),
        Some(source) => format!("{source} ({frame})"),
        None => frame,
    }
}

/// The label of rivals that are as good as possible.
pub(in crate::render) const ALSO_POSSIBLE: &str = "also possible";
/// The label of rivals that are behind.
pub(in crate::render) const LESS_LIKELY: &str = "less likely";

/// The rivals that are as good as possible, and those that are behind.
pub(in crate::render) fn rivals(finding: &Finding) -> (Vec<&Rival>, Vec<&Rival>) {
    finding.rivals.iter().partition(|rival| rival.is_near())
}

/// What speaks for a rival and what against it, a sentence each; nothing where nothing was seen of it.
pub(in crate::render) fn standing(rival: &Rival, names: &FrameNames) -> Vec<String> {
    let told = |side: &str, evidence: &[Evidence]| -> Vec<String> {
        let each = evidence.iter();
        each.map(|it| format!("{side}: {}: {}", place(it, names), it.text))
            .collect()
    };
    let standing = rival.standing.as_ref();
    standing.map_or_else(Vec::new, |standing| {
        let mut sentences = told("for it", &standing.speaks_for);
        sentences.extend(told("against it", &standing.speaks_against));
        if sentences.is_empty() && !standing.is_near() {
            sentences.push("nothing that was seen speaks for it".to_owned());
        }
        sentences
    })
}

/// Why it remains possible, what would tell it apart, and what was seen of it.
pub(in crate::render) fn rival(rival: &Rival, names: &FrameNames) -> String {
    let mut told = vec![rival.why.clone()];
    told.extend(standing(rival, names));
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Standing;
    use crate::render::sample::failed;

    fn weighed(behind: i32, speaks_against: Vec<Evidence>) -> Rival {
        Rival {
            standing: Some(Standing {
                behind,
                speaks_for: Vec::new(),
                speaks_against,
            }),
            ..Rival::new("dns-wrong-host", "the name may lead elsewhere")
        }
    }

    #[test]
    fn a_rival_that_is_behind_is_told_with_what_puts_it_there() {
        let names = FrameNames::default();
        let against = Evidence::new(FrameNumber(6), "the machine calls itself mp");
        let told = |rival: &Rival| standing(rival, &names);
        assert_eq!(
            told(&weighed(90, vec![against])),
            ["against it: frame 6: the machine calls itself mp"]
        );
        assert_eq!(
            told(&weighed(90, vec![])),
            ["nothing that was seen speaks for it"]
        );
        assert!(told(&weighed(30, vec![])).is_empty());
        assert!(told(&Rival::new("dns-wrong-host", "")).is_empty());
    }

    #[test]
    fn rivals_that_are_near_stand_apart_from_those_behind() {
        let mut report = failed("client");
        let finding = report.findings.first_mut().expect("a finding");
        finding.rivals = vec![
            Rival::new("ap-skew", "never weighed"),
            weighed(30, vec![]),
            weighed(31, vec![]),
        ];
        let (near, behind) = rivals(finding);
        assert_eq!((near.len(), behind.len()), (2, 1));
    }
}
