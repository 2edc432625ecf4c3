//! What outputs of commands beside the capture say to a rule: who holds a service name, and how far a clock is off.
//!
//! Never decides by them alone: an output does not say when it was made.

use std::net::IpAddr;

use crate::finding::{Evidence, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::witness::{CommandFact, Holder, OutputRecord};
use crate::rules::words;
use crate::wire::kerberos::name::PrincipalName;

/// Accounts that are named as evidence.
const NAMED: usize = 4;

/// Who holds a service name.
pub(in crate::rules) struct Holders<'a> {
    records: Vec<&'a OutputRecord>,
    nobody: Option<&'a OutputRecord>,
}

impl<'a> Holders<'a> {
    /// Those of `service`, or of the `HOST` that stands for it; nobody is known where no output names it.
    pub(in crate::rules) fn of(attempt: &'a Attempt, service: &PrincipalName) -> Self {
        Self::among(attempt.holders(service), attempt, service)
    }

    /// Those of the very name alone: that the server's own account holds `HOST` says nothing of who holds `HTTP`.
    pub(in crate::rules) fn of_exactly(attempt: &'a Attempt, service: &PrincipalName) -> Self {
        Self::among(attempt.exact_holders(service), attempt, service)
    }

    fn among(
        records: Vec<&'a OutputRecord>,
        attempt: &'a Attempt,
        service: &PrincipalName,
    ) -> Self {
        let nobody = attempt.held_by_nobody(service);
        Self {
            nobody: nobody.filter(|_| records.is_empty()),
            records,
        }
    }

    /// Whether several accounts hold the name in one output; two outputs may be of two times.
    pub(in crate::rules) fn are_several(&self) -> bool {
        let mut records = self.records.iter().enumerate();
        records.any(|(at, record)| {
            let mut later = self.records.iter().skip(at + 1);
            later.any(|other| other.source.is_of_file_of(&record.source))
        })
    }

    /// What they say where a KDC does not find the name; nothing where no output names it.
    pub(in crate::rules) fn sentence(&self) -> String {
        match self.only() {
            Some(held) => format!(
                " setspn finds {} on {}: then the KDC that was asked is one of another domain, or the name was registered after this capture or has not come to all domain controllers.",
                held.spn, held.account
            ),
            None if self.records.len() > 1 => {
                let held: Vec<String> = self
                    .held()
                    .take(NAMED)
                    .map(|it| it.account.to_string())
                    .collect();
                format!(
                    " Outputs of setspn find it on {}; they do not say when they were made, so it may have moved from one to the other, or be on both.",
                    held.join(" and on ")
                )
            }
            None if self.nobody.is_some() => {
                " setspn, where it looked, does not find the name either.".to_owned()
            }
            None => String::new(),
        }
    }

    /// That several accounts may hold the name, where no output says that nobody does.
    pub(in crate::rules) fn may_be_several(&self) -> Option<Rival> {
        let text = "two accounts with the name leave the same answer; setspn -X finds them";
        let is_open = self.nobody.is_none();
        is_open.then(|| Rival::new("tgs-spn-duplicate", text))
    }

    /// The account, where it is one.
    pub(in crate::rules) fn only(&self) -> Option<&'a Holder> {
        match (self.records.as_slice(), self.held().next()) {
            ([_], only) => only,
            _ => None,
        }
    }

    fn held(&self) -> impl Iterator<Item = &'a Holder> {
        self.records.iter().filter_map(|record| match &record.fact {
            CommandFact::Holder(held) => Some(held),
            _ => None,
        })
    }

    /// The lines, as evidence beside `frame`.
    pub(in crate::rules) fn evidence(&self, frame: FrameNumber) -> Vec<Evidence> {
        let held = self.records.iter().zip(self.held()).take(NAMED);
        let held = held.map(|(record, held)| {
            let text = format!("{} holds {}", held.account, held.spn);
            Evidence::of_line(frame, &record.source, text)
        });
        let nobody = self.nobody.map(|record| {
            Evidence::of_line(
                frame,
                &record.source,
                "nobody holds the name where setspn looked",
            )
        });
        held.chain(nobody).collect()
    }
}

/// Whether the account bears the name of the server that `attempt` is about.
pub(in crate::rules) fn is_servers_own(attempt: &Attempt, held: &Holder) -> bool {
    let name = held.common_name();
    name.is_some_and(|name| attempt.target.is_meant_by(name))
}

/// Whether the account is in another domain than `realm`, whose KDC issues tickets under the keys of its own accounts only.
pub(in crate::rules) fn is_of_other_realm(held: &Holder, realm: &str) -> bool {
    held.domain()
        .is_some_and(|domain| !realm.is_empty() && !domain.eq_ignore_ascii_case(realm))
}

/// How far the clock of `host` is from that of the machine on which `w32tm` ran, where that is more than Kerberos allows.
pub(in crate::rules) fn clock_apart(
    attempt: &Attempt,
    host: IpAddr,
    frame: FrameNumber,
) -> Option<Evidence> {
    /// Five minutes, the default.
    const TOLERANCE: u64 = 300_000_000_000;
    attempt.outputs.iter().find_map(|record| {
        let CommandFact::Clock(chart) = &record.fact else {
            return None;
        };
        let is_apart = chart.peer == host && chart.offset_nanos.unsigned_abs() > TOLERANCE;
        is_apart.then(|| {
            let apart = words::duration(chart.offset_nanos);
            let text = format!("w32tm finds the clock of {host} {apart} from its own machine's");
            Evidence::of_line(frame, &record.source, text)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{SERVICE, attempt, holds, holds_in, principal};

    const ACCOUNTS: [&str; 2] = ["CN=MP,DC=root,DC=lab", "CN=svc,DC=root,DC=lab"];

    #[test]
    fn two_files_of_one_name_are_two_outputs() {
        let service = principal(SERVICE);
        let mut seen = attempt(60);
        seen.outputs = ACCOUNTS.map(|account| holds(account, SERVICE)).into();
        assert!(Holders::of(&seen, &service).are_several());
        seen.outputs = ACCOUNTS
            .map(|account| holds_in(&"setspn.txt".into(), account, SERVICE))
            .into();
        assert!(!Holders::of(&seen, &service).are_several());
    }

    #[test]
    fn what_one_output_repeats_does_not_hide_that_another_names_two() {
        let [one, two] = ACCOUNTS;
        let mut seen = attempt(60);
        seen.outputs = vec![
            holds_in(&"setspn-q.txt".into(), one, SERVICE),
            holds(one, SERVICE),
            holds(two, SERVICE),
        ];
        assert!(Holders::of(&seen, &principal(SERVICE)).are_several());
    }

    #[test]
    fn every_holder_is_told_where_outputs_disagree() {
        let mut seen = attempt(60);
        seen.outputs = ACCOUNTS
            .map(|account| holds_in(&"setspn.txt".into(), account, SERVICE))
            .into();
        let told = Holders::of(&seen, &principal(SERVICE)).sentence();
        assert!(
            ACCOUNTS.iter().all(|account| told.contains(account)),
            "{told}"
        );
    }

    #[test]
    fn an_account_of_another_domain_is_not_one_of_the_realm_that_issued_the_ticket() {
        let held = |account: &str| Holder {
            account: account.into(),
            spn: SERVICE.into(),
        };
        let of_other = |account| is_of_other_realm(&held(account), "ROOT.LAB");
        assert!(of_other("CN=MP,OU=Servers,DC=other,DC=lab"));
        assert!(of_other("CN=MP,DC=child,DC=root,DC=lab"));
        assert!(!of_other("CN=MP, OU=Servers, dc=root, dc=lab"));
        assert!(!of_other("MP"), "it does not say its domain");
    }
}
