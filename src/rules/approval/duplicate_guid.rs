//! Rule `duplicate-guid`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::model::identity::Clash;
use crate::model::sighting::{Grade, User};
use crate::rules::approval::undecided;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// Two clients with one identity overwrite each other in the site's database. However good their sign-on is, what
    /// the site holds of one may be the other's.
    ///
    /// ## How it shows
    ///
    /// Two clients with different names register under one id, or two machines with one certificate: in the capture, in calls
    /// that store registrations, or in logs. Different hardware proves it; both alive within minutes makes it likely. Where
    /// only one client is seen, a ticket that was accepted leaves the question open, and this rule asks it with its rivals.
    ///
    /// ## What else it could be
    ///
    /// The site may approve by hand only; the hardware may be known under another name.
    ///
    /// ## What to do
    ///
    /// Look for duplicate ids in the site; give the client a new identity.
    pub(in crate::rules) static DUPLICATE_GUID = {
        id: "duplicate-guid",
        summary: "if it is not approved all the same: duplicate client ids",
        severity: Note,
        stage: Approval,
        owner: Site,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: [],
        check: Both(check, clash),
    }
}

/// Sightings that are told.
const SIGHTINGS: usize = 12;

fn check(attempt: &Attempt) -> Option<Finding> {
    let answer = undecided(attempt)?;
    Some(Finding {
        title: "A question, if the client is not approved all the same: does another client have its id?".to_owned(),
        explanation: "The ticket was accepted, so the reason lies with the site, or with whose ticket it was. The first thing to look for there is a second client with the same id, as clones of one image have. This capture does not decide it.".to_owned(),
        evidence: vec![Evidence::new(answer.span.first(), "the ticket is accepted here")],
        rivals: vec![
            Rival::new("approval-manual-mode", "the site may approve by hand only: its hierarchy settings tell"),
            Rival::new("approval-conflicting-record", "the site may know this hardware under another name: its conflicting records tell"),
        ],
        fix: vec![
            Fix::new("Look for client ids that occur twice, in the site's reports", None),
            Fix::new("See how the site approves clients", Some("(Get-CMHierarchySetting).Props".to_owned())),
            Fix::new("List the conflicting records", Some("Get-CMConflictingRecord".to_owned())),
        ],
        ..DUPLICATE_GUID.finding(Confidence::Possible)
    })
}

/// Two machines that register under one identity, or with one certificate.
fn clash(facts: &CaptureFacts) -> Option<Finding> {
    let by_identity = facts.identities.clashes();
    let strongest =
        by_identity.reduce(|best, next| if next.grade > best.grade { next } else { best });
    let clash = strongest.or_else(|| facts.identities.one_certificate())?;
    let more = facts.identities.clashes().count().saturating_sub(1);
    let confidence = match clash.grade {
        Grade::Certain => Confidence::Proven,
        Grade::Strong => Confidence::Likely,
        Grade::Weak => Confidence::Possible,
    };
    let others = match more {
        0 => String::new(),
        1 => " One more identity is used so.".to_owned(),
        more => format!(" {more} more identities are used so."),
    };
    Some(Finding {
        severity: if clash.grade == Grade::Weak { Severity::Warning } else { Severity::Error },
        title: title(&clash),
        explanation: format!("Two machines with different names use the same id, as clones of one image do. In the site's database they overwrite each other, whatever their sign-on is worth. {}{others}", why(clash.grade)),
        evidence: sightings(facts, &clash),
        rivals: (confidence != Confidence::Proven).then(|| Rival::new("approval-conflicting-record", "a machine that was renamed between the two registrations looks the same: whether both are alive tells")).into_iter().collect(),
        fix: vec![
            Fix::new("On the clone: stop the agent", Some("net stop ccmexec".to_owned())),
            Fix::new("Delete the certificates of the store SMS and C:\\Windows\\SMSCFG.INI on it, and start the agent again", None),
            Fix::new("Take the agent's identity out of the image", None),
        ],
        ..DUPLICATE_GUID.finding(confidence)
    })
}

fn title(clash: &Clash<'_>) -> String {
    let (one, other) = (told(clash.first), told(clash.second));
    if clash.smsid == clash.other {
        format!(
            "{one} and {other} register under one identity, {}",
            clash.smsid
        )
    } else {
        format!("{one} and {other} register with one certificate")
    }
}

const fn why(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain => "Their hardware differs too: these are two machines.",
        Grade::Strong => "Both are alive within the same minutes.",
        Grade::Weak => "That both are alive at one time is not seen.",
    }
}

/// A line for each sighting of the identities: the second machine first, then the first one, then the others.
fn sightings(facts: &CaptureFacts, clash: &Clash<'_>) -> Vec<Evidence> {
    let is_pair = |user: &User| std::ptr::eq(user, clash.first) || std::ptr::eq(user, clash.second);
    let mut ids = vec![clash.smsid, clash.other];
    ids.dedup();
    let users = ids.into_iter().flat_map(|id| {
        let users = facts.identities.users_of(id).iter();
        users.map(move |user| (id, user))
    });
    let rest = users.filter(|(_, user)| !is_pair(user));
    [(clash.other, clash.second), (clash.smsid, clash.first)]
        .into_iter()
        .chain(rest)
        .take(SIGHTINGS)
        .map(|(id, user)| sighting(id, user))
        .collect()
}

/// Who registers under `smsid`, with certificate, hardware, names, address and time.
pub(in crate::rules::approval) fn sighting(smsid: &str, user: &User) -> Evidence {
    let facts = [
        ("", user.name.as_ref().map(ToString::to_string)),
        ("", user.fqdn.as_ref().map(ToString::to_string)),
        ("", user.address()),
        ("certificate ", user.thumbprint.clone()),
        (
            "hardware ",
            user.hardware_id.as_ref().map(ToString::to_string),
        ),
        ("", user.time.map(|(first, _)| first.to_string())),
    ];
    let told: Vec<String> = facts
        .into_iter()
        .filter_map(|(before, fact)| Some(format!("{before}{}", fact?)))
        .collect();
    let text = format!("{smsid}: {}", told.join(", "));
    match &user.source {
        Some(source) => Evidence::of_line(user.frame, source, text),
        None => Evidence::new(user.frame, text),
    }
}

/// `WK02-020-51W (10.20.51.51)`.
fn told(user: &User) -> String {
    match (&user.name, user.address()) {
        (Some(name), Some(address)) => format!("{name} ({address})"),
        (Some(name), None) => name.to_string(),
        (None, address) => address.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{attempt, web};
    use crate::wire::ccm::{CcmMessage, Registration};

    /// Two machines that register under one identity, with this hardware each.
    fn registered(hardware: [&str; 2]) -> CaptureFacts {
        let names = ["WK01", "WK02"].into_iter().zip(hardware);
        let http = names.zip([1_u8, 5]).map(|((name, hardware), frame)| {
            let mut exchange = web(frame.into(), 200);
            exchange.client.addr = [10, 0, 0, frame].into();
            exchange.request.ccm = Some(Box::new(CcmMessage {
                registration: Some(Registration {
                    smsid: Some("GUID:X".into()),
                    hardware_id: Some(hardware.into()),
                    netbios_name: Some(name.into()),
                    ..Registration::default()
                }),
                ..CcmMessage::default()
            }));
            exchange
        });
        let mut facts = CaptureFacts::default();
        facts.count(&Attempt {
            http: http.collect(),
            ..attempt(60)
        });
        facts
    }

    #[test]
    fn a_machine_that_was_renamed_is_a_rival_unless_the_hardware_differs() {
        let rivals = |hardware| {
            let found = clash(&registered(hardware)).expect("a finding");
            let rivals: Vec<&str> = found.rivals.iter().map(|it| it.rule).collect();
            (found.confidence, rivals)
        };
        let (confidence, sure) = rivals(["2:AA", "2:BB"]);
        assert_eq!((confidence, sure.len()), (Confidence::Proven, 0));
        let (confidence, unsure) = rivals(["2:AA", "2:AA"]);
        assert_ne!(confidence, Confidence::Proven);
        assert_eq!(unsure, ["approval-conflicting-record"]);
    }
}
