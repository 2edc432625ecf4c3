//! Who tried what, and the last words about it.

use crate::finding::Severity;
use crate::outcome::{ApprovalState, Outcome};
use crate::report::frame_names::FrameNames;
use crate::report::{AttemptReport, Client, Service};

/// The client by its account, its name or its address.
pub(in crate::render) fn client(client: &Client) -> String {
    let named = client.principal.as_ref().or(client.name.as_ref());
    named.map_or_else(|| client.address.to_string(), Clone::clone)
}

/// The service by the name that the client uses for it, or its address.
pub(in crate::render) fn service(service: &Service) -> String {
    if let Some(name) = &service.name {
        return name.clone();
    }
    let address = service.address.map_or_else(
        || "an unknown server".to_owned(),
        |address| address.to_string(),
    );
    match service.port {
        Some(port) => format!("{address} port {port}"),
        None => address,
    }
}

/// What is said of the step with the headline's first evidence: where an attempt ends well, or the headline is a warning, it is no
/// failure.
pub(in crate::render) fn fault(attempt: &AttemptReport) -> &'static str {
    let is_good = attempt.outcome.is_accepted();
    let headline = attempt.headline();
    if !is_good && headline.is_some_and(|headline| headline.severity == Severity::Error) {
        "✕ here it fails"
    } else {
        "! look here"
    }
}

/// How often the same happened again, and in which frames; `None` where it did not.
pub(in crate::render) fn repeats(attempt: &AttemptReport, names: &FrameNames) -> Option<String> {
    let times = attempt.repeats.saturating_sub(1);
    if times == 0 {
        return None;
    }
    let told = attempt.repeated_in.iter();
    let places: Vec<String> = told
        .map(|&(first, last)| names.range(first, last))
        .collect();
    let untold = times.saturating_sub(attempt.repeated_in.len() as u64);
    let mut text = match times {
        1 => "once more".to_owned(),
        _ => format!("{times} more times"),
    };
    if !places.is_empty() {
        let word = if names.are_of_files() { "" } else { "frames " };
        text.push_str(&format!(", in {word}{}", places.join(", ")));
    }
    if untold > 0 && !places.is_empty() {
        text.push_str(&format!(" and {untold} more"));
    }
    Some(text)
}

/// What follows for an attempt in which nothing is wrong, or nothing was found; `None` where a finding says it.
pub(in crate::render) fn last_words(attempt: &AttemptReport) -> Option<String> {
    let graver = attempt.findings.iter().map(|finding| finding.severity);
    match graver.max().filter(|severity| *severity > Severity::Note) {
        Some(Severity::Warning) => return beside_warnings(attempt).map(str::to_owned),
        Some(_) => return None,
        None => {}
    }
    let verdict = match attempt.outcome {
        outcome if outcome.is_accepted() => "No fault found.",
        Outcome::Encrypted => "No fault found outside the encrypted part; how it ended is inside.",
        Outcome::CutShort => "No fault found up to where the capture ends.",
        _ => "No cause found: none of the rules explains this end.",
    };
    Some(format!("{verdict}{}", approval(attempt)))
}

/// What warnings leave open: they delay or endanger a sign-on, and do not say why it ended without success.
fn beside_warnings(attempt: &AttemptReport) -> Option<&'static str> {
    let is_led_by_warning = attempt
        .headline()
        .is_some_and(|headline| headline.severity == Severity::Warning);
    match attempt.outcome {
        outcome if outcome.is_accepted() => None,
        _ if !is_led_by_warning => None,
        Outcome::CutShort => Some(
            "No cause found: the capture ends before the outcome, and a warning does not tell it.",
        ),
        _ => Some("No cause found: the warning does not explain this end by itself."),
    }
}

fn approval(attempt: &AttemptReport) -> String {
    let is_stored = attempt.steps.iter().any(|step| step.kind == "sql-call");
    match (attempt.approval.state, attempt.outcome) {
        (ApprovalState::Unknown, _) if is_stored => {
            format!(
                " Approval: unknown ({}).",
                attempt.approval.because.join("; ")
            )
        }
        (ApprovalState::Unknown, Outcome::KerberosAccepted) => format!(
            " Approval itself is decided after frame {} and is not in this capture: check @ApprovalMethod and @IsIntegratedAuth of spUpdateClientRegistration, or the client's entry in the console.",
            attempt.last_frame
        ),
        (ApprovalState::Unknown, outcome) if outcome.is_accepted() => format!(
            " Approval itself is decided after frame {} and is not in this capture: look at the client's entry in the console.",
            attempt.last_frame
        ),
        (ApprovalState::Unknown | ApprovalState::NotApplicable, _) => String::new(),
        (state, _) => format!(
            " Approval: {} ({}).",
            state.name(),
            attempt.approval.because.join("; ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample::failed;
    use crate::render::wording::finding::lead;

    #[test]
    fn a_warning_is_no_cause_of_an_attempt_that_is_cut_short() {
        let mut told = failed("client");
        assert_eq!(last_words(&told), None);
        told.outcome = Outcome::CutShort;
        for finding in &mut told.findings {
            finding.severity = Severity::Warning;
        }
        let headline = told.headline().expect("a headline");
        assert_eq!(lead(headline.severity), "warning");
        let words = last_words(&told).expect("what is open");
        assert!(words.starts_with("No cause found"), "{words}");
        told.outcome = Outcome::NtlmAccepted;
        assert_eq!(last_words(&told), None);
    }

    #[test]
    fn a_warning_is_no_place_where_it_fails() {
        let mut told = failed("client");
        assert_eq!(fault(&told), "✕ here it fails");
        for finding in &mut told.findings {
            finding.severity = Severity::Warning;
        }
        assert_eq!(fault(&told), "! look here");
    }
}
