//! `nltest /dsgetdc` and `nltest /domain_trusts`.

use crate::logs::command_output::{
    CommandFact, Controller, Reading, Sink, Trust, TrustKind, TrustList, kept, value,
};

/// Above the list of trusts.
const TRUSTS: &str = "List of domain trusts:";
/// Trusts of a list that are kept: a forest has fewer.
const MOST: usize = 256;

pub(super) fn is_of(line: &str) -> bool {
    line.trim_end() == TRUSTS || controller(line).is_some()
}

/// The name in `DC: \\DC1.example.com`.
fn controller(line: &str) -> Option<&str> {
    value(line, "DC")?.strip_prefix("\\\\")
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    open: Option<(u64, Open)>,
}

#[derive(Debug)]
enum Open {
    Controller(Controller),
    Trusts(TrustList),
}

impl Reading for Reader {
    fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>) {
        if let Some(name) = controller(line) {
            self.finish(sink);
            let found = Controller {
                name: kept(name),
                ..Controller::default()
            };
            self.open = Some((number, Open::Controller(found)));
        } else if line.trim() == TRUSTS {
            self.finish(sink);
            self.open = Some((number, Open::Trusts(TrustList::default())));
        } else if line.trim_start().starts_with("The command completed") {
            self.finish(sink);
        } else {
            match &mut self.open {
                Some((_, Open::Controller(found))) => detail(found, line),
                Some((_, Open::Trusts(list))) if list.domains.len() < MOST => {
                    list.domains.extend(trust(line));
                }
                _ => {}
            }
        }
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        match self.open.take() {
            Some((number, Open::Controller(found))) => sink(number, CommandFact::Controller(found)),
            Some((number, Open::Trusts(list))) if !list.domains.is_empty() => {
                sink(number, CommandFact::Trusts(list));
            }
            _ => {}
        }
    }
}

fn detail(found: &mut Controller, line: &str) {
    if let Some(address) = value(line, "Address") {
        found.address = address.trim_start_matches('\\').parse().ok();
    } else if let Some(domain) = value(line, "Dom Name") {
        found.domain = Some(kept(domain));
    } else if let Some(site) = value(line, "Dc Site Name") {
        found.site = Some(kept(site));
    } else if let Some(site) = value(line, "Our Site Name") {
        found.own_site = Some(kept(site));
    }
}

/// `0: CHILD child.example.com (NT 5) (Forest: 1) (Direct Outbound) ( Attr: withinforest )`.
pub(super) fn trust(line: &str) -> Option<Trust> {
    let (number, rest) = line.trim().split_once(": ")?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let (names, marks) = rest.split_once('(')?;
    let mut names = names.split_whitespace().filter(|_| is_number);
    let (first, last) = (names.next()?, names.next_back());
    let kind = if marks.contains("Primary Domain") {
        TrustKind::Own
    } else if marks.contains("foresttrans") {
        TrustKind::BetweenForests
    } else if marks.contains("withinforest") || marks.contains("Forest") {
        TrustKind::Forest
    } else {
        TrustKind::Other
    };
    Some(Trust {
        name: kept(last.unwrap_or(first)),
        short: last.is_some().then(|| kept(first)),
        kind,
        is_outbound_only: marks.contains("Direct Outbound") && !marks.contains("Direct Inbound"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::command_output::{Command, facts};

    #[test]
    fn the_controller_is_read_with_its_site() {
        let text = "           DC: \\\\DC1.root.lab\r\n      Address: \\\\10.0.0.10\r\n     Dom Guid: 29ae137a-f795-4fd5-a839-607b5807b1d7\r\n     Dom Name: root.lab\r\n  Forest Name: root.lab\r\n Dc Site Name: Berlin\r\nOur Site Name: Bonn\r\n        Flags: PDC GC DS LDAP KDC TIMESERV\r\nThe command completed successfully\r\n";
        let all = facts(Command::Nltest, text);
        let [(1, CommandFact::Controller(found))] = all.as_slice() else {
            panic!("{all:?}");
        };
        assert_eq!(found.name.as_str(), "DC1.root.lab");
        assert_eq!(found.address, Some([10, 0, 0, 10].into()));
        assert_eq!(found.own_site, Some("Bonn".into()));
    }

    #[test]
    fn each_trust_has_its_kind() {
        let text = "List of domain trusts:\n    0: CONTOSO contoso.local (NT 5) (Direct Outbound) ( Attr: foresttrans )\n    1: CHILD child.root.lab (NT 5) (Forest: 3) (Direct Outbound) (Direct Inbound) ( Attr: withinforest )\n    2: OLD (NT 4) (Direct Outbound) ( Attr: quarantined )\n    3: ROOT root.lab (NT 5) (Forest Tree Root) (Primary Domain) (Native)\n       Dom Guid: c2bb2c1a-29bf-4f0d-be03-bad167939978\nThe command completed successfully\n";
        let all = facts(Command::Nltest, text);
        let [(1, CommandFact::Trusts(list))] = all.as_slice() else {
            panic!("{all:?}");
        };
        let told: Vec<(&str, TrustKind)> = list
            .domains
            .iter()
            .map(|it| (it.name.as_str(), it.kind))
            .collect();
        assert_eq!(
            told,
            [
                ("contoso.local", TrustKind::BetweenForests),
                ("child.root.lab", TrustKind::Forest),
                ("OLD", TrustKind::Other),
                ("root.lab", TrustKind::Own)
            ]
        );
        let outbound = list.domains.iter().filter(|it| it.is_outbound_only);
        let outbound: Vec<&str> = outbound.map(|it| it.name.as_str()).collect();
        assert_eq!(outbound, ["contoso.local", "OLD"]);
        assert_eq!(list.own().map(|own| own.name.as_str()), Some("root.lab"));
        assert_eq!(list.domains[1].short, Some("CHILD".into()));
        assert_eq!(list.domains[2].short, None);
    }

    #[test]
    fn a_line_about_a_controller_elsewhere_is_none() {
        assert!(is_of("           DC: \\\\DC1"));
        assert!(!is_of("DC: none"));
        assert!(!is_of("List of domain trusts: see below"));
    }
}
