//! The list of trusts that lies beside a capture, and what it has of a realm.
//!
//! Never takes what is not in it for proof.

use crate::finding::{Confidence, Evidence};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::kinship;
use crate::model::witness::{CommandFact, OutputRecord, Trust, TrustKind};

/// What the list of trusts of the client's realm, where one lies beside the capture, has of the other side.
pub(in crate::rules) enum Listed<'a> {
    /// There is no such list.
    Nowhere,
    /// It has nothing.
    Not(&'a OutputRecord),
    /// It has this.
    As(&'a OutputRecord, &'a Trust),
}

impl<'a> Listed<'a> {
    /// What it has of `other`.
    pub(in crate::rules) fn of(attempt: &'a Attempt, home: &str, other: &str) -> Self {
        let lists = attempt.outputs.iter().filter_map(|record| {
            let CommandFact::Trusts(list) = &record.fact else {
                return None;
            };
            let is_home = list.own().is_some_and(|own| own.name.same_name(home));
            is_home.then_some((record, list))
        });
        let mut found = Self::Nowhere;
        for (record, list) in lists {
            let covers = |trust: &&Trust| {
                trust.kind != TrustKind::Own && kinship::is_under(other, trust.name.as_str())
            };
            // The nearest domain is the one that it is in.
            let covering = list.domains.iter().filter(covers);
            match covering.max_by_key(|trust| trust.name.as_str().len()) {
                Some(trust) => return Self::As(record, trust),
                None => found = Self::Not(record),
            }
        }
        found
    }

    /// The sentence about it, with a space before it; empty where there is no list.
    pub(in crate::rules) fn text(&self, home: &str) -> String {
        match self {
            Self::Nowhere => String::new(),
            Self::Not(_) => format!(" The list of domains that {home} knows has nothing of it."),
            Self::As(_, trust) if trust.is_outbound_only && trust.kind != TrustKind::Forest => {
                format!(
                    " The list of domains that {home} knows has {} with a trust in one direction: {home} trusts it, and nothing says that it trusts {home}.",
                    trust.name
                )
            }
            Self::As(_, trust) if trust.kind == TrustKind::Other => format!(
                " The list of domains that {home} knows has {} with a trust that is not between forests.",
                trust.name
            ),
            Self::As(_, trust) => format!(
                " But the list of domains that {home} knows has {} ({}): Kerberos can use that, if the names are routed.",
                trust.name,
                trust.kind.name()
            ),
        }
    }

    /// How sure it leaves a reader who was so sure without the list.
    pub(in crate::rules) const fn weighed(&self, confidence: Confidence) -> Confidence {
        match self {
            // A forest has trees, and hosts have names, that stand in no such list.
            Self::Nowhere | Self::Not(_) => confidence,
            Self::As(_, trust) if trust.is_outbound_only => confidence,
            Self::As(_, trust) => match trust.kind {
                TrustKind::Other => Confidence::Likely,
                _ => Confidence::Possible,
            },
        }
    }

    /// Its line, beside a frame.
    pub(in crate::rules) fn evidence(&self, frame: FrameNumber) -> Option<Evidence> {
        let (record, text) = match self {
            Self::Nowhere => return None,
            Self::Not(record) => (record, "the list of trusts: nothing of it".to_owned()),
            Self::As(record, trust) => {
                let kind = trust.kind.name();
                (
                    record,
                    format!("the list of trusts: {} ({kind})", trust.name),
                )
            }
        };
        Some(Evidence::of_line(frame, &record.source, text))
    }
}
