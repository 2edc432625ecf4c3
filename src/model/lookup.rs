//! A name that was asked for in DNS, and what came back.

use std::net::IpAddr;

use crate::endpoint::{Endpoint, Transport};
use crate::frame::PacketDrop;
use crate::model::drops::Drops;
use crate::model::exchange::{Span, Unreachable};
use crate::text::WireText;
use crate::wire::dns::{Answer, Rcode, RecordData, RecordType};

/// A DNS exchange.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Who asks.
    pub client: Endpoint,
    /// The DNS server.
    pub server: Endpoint,
    /// Over what.
    pub transport: Transport,
    /// The identifier of the query.
    pub id: u16,
    /// The query.
    pub asked: Span,
    /// The same query sent again, with the same identifier or between the same ports.
    pub again: Vec<Span>,
    /// The name.
    pub name: WireText,
    /// The type of record.
    pub qtype: RecordType,
    /// What came back.
    pub answer: Option<LookupAnswer>,
    /// What an ICMP error said instead.
    pub unreachable: Option<Unreachable>,
    /// Packets of it that were dropped by the machine that captured them.
    pub drops: Drops,
}

/// What came back from a DNS server.
#[derive(Clone, Debug)]
pub struct LookupAnswer {
    /// Where it stands.
    pub span: Span,
    /// The code.
    pub rcode: Rcode,
    /// The records.
    pub records: Vec<Answer>,
    /// Whether there are more records than these, which the capture cut off or which are to be asked for over TCP.
    pub lacks_records: bool,
}

impl Lookup {
    /// Whether it asks for an address.
    pub fn is_for_address(&self) -> bool {
        self.qtype == RecordType::A || self.qtype == RecordType::AAAA
    }

    /// Whether it asks where a service is (SRV).
    pub fn is_for_service(&self) -> bool {
        self.qtype == RecordType::SRV
    }

    /// Whether the answer holds a record of the type that was asked for.
    pub fn is_found(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            answer.records.iter().any(|record| match &record.data {
                RecordData::Address(_) => self.is_for_address(),
                RecordData::Service { .. } => self.is_for_service(),
                RecordData::Alias(_) => self.qtype == RecordType::CNAME,
                RecordData::Pointer(_) => self.qtype == RecordType::PTR,
                RecordData::Other(kind) => *kind == self.qtype,
            })
        })
    }

    /// Whether the server says that there is no such name, or no record of this type at it.
    pub fn is_denied(&self) -> bool {
        !self.is_found()
            && self.answer.as_ref().is_some_and(|answer| {
                !answer.lacks_records && matches!(answer.rcode, Rcode::NO_ERROR | Rcode::NAME_ERROR)
            })
    }

    /// Whether the name is there and has no address of IPv6, which says nothing of one of IPv4.
    pub fn lacks_ipv6_only(&self) -> bool {
        self.qtype == RecordType::AAAA
            && self.is_denied()
            && self
                .answer
                .as_ref()
                .is_some_and(|answer| answer.rcode == Rcode::NO_ERROR)
    }

    /// Whether the server answers that it cannot or will not say.
    pub fn is_failed(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|answer| !matches!(answer.rcode, Rcode::NO_ERROR | Rcode::NAME_ERROR))
    }

    /// Whether nothing came back.
    pub fn is_unanswered(&self) -> bool {
        self.answer.is_none()
    }

    /// How the last question was dropped, where each that was sent was, and nothing came back.
    pub fn dropped(&self) -> Option<&PacketDrop> {
        let sent = Span::firsts(&self.asked, &self.again);
        self.drops.of_all(sent).filter(|_| !self.is_heard())
    }

    /// Whether anything came back: an answer, or an ICMP error.
    pub fn is_heard(&self) -> bool {
        self.answer.is_some() || self.unreachable.is_some()
    }

    /// The addresses in the answer.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.records().filter_map(|record| match record.data {
            RecordData::Address(address) => Some(address),
            _ => None,
        })
    }

    /// The names that the answer gives for the name that was asked: aliases, in order.
    pub fn aliases(&self) -> impl Iterator<Item = &WireText> {
        self.records().filter_map(|record| match &record.data {
            RecordData::Alias(name) => Some(name),
            _ => None,
        })
    }

    /// The hosts of the SRV records in the answer.
    pub fn service_hosts(&self) -> impl Iterator<Item = &WireText> {
        self.records().filter_map(|record| match &record.data {
            RecordData::Service { target, .. } => Some(target),
            _ => None,
        })
    }

    /// The realm whose KDCs it looks for: the labels behind `_tcp`, `_udp` or `_msdcs` of a Kerberos or domain controller record.
    pub fn kdc_realm(&self) -> Option<&str> {
        let name = self.name.as_str();
        let wanted = name
            .get(..9)
            .is_some_and(|head| head.eq_ignore_ascii_case("_kerberos"))
            || (name
                .get(..6)
                .is_some_and(|head| head.eq_ignore_ascii_case("_ldap."))
                && name.to_ascii_lowercase().contains("._msdcs."));
        if !wanted {
            return None;
        }
        let after_msdcs = name.to_ascii_lowercase().find("._msdcs.").map(|at| at + 8);
        let start = after_msdcs.or_else(|| {
            name.find('.').and_then(|first| {
                let rest = &name[first + 1..];
                let protocol = rest.get(..5)?;
                (protocol.eq_ignore_ascii_case("_tcp.") || protocol.eq_ignore_ascii_case("_udp."))
                    .then_some(first + 6)
            })
        })?;
        name.get(start..).filter(|realm| !realm.is_empty())
    }

    /// The last place where it stands.
    pub fn last_span(&self) -> &Span {
        self.answer
            .as_ref()
            .map(|answer| &answer.span)
            .or(self.again.last())
            .unwrap_or(&self.asked)
    }

    fn records(&self) -> impl Iterator<Item = &Answer> {
        self.answer.iter().flat_map(|answer| &answer.records)
    }
}
/// The look-ups for addresses of the hosts that DNS names as KDCs of `realm`, if all are answered and none finds one.
pub fn hosts_without_address<'l>(lookups: &'l [Lookup], realm: &str) -> Vec<&'l Lookup> {
    let of_realm = |lookup: &&Lookup| {
        let found = lookup.kdc_realm();
        found.is_some_and(|found| found.trim_end_matches('.').eq_ignore_ascii_case(realm))
    };
    let named = lookups.iter().filter(of_realm);
    let hosts: Vec<&WireText> = named.flat_map(Lookup::service_hosts).collect();
    let is_host = |lookup: &&Lookup| {
        let is_asked =
            |host: &&WireText| lookup.name.same_name(host.as_str().trim_end_matches('.'));
        lookup.is_for_address() && hosts.iter().any(is_asked)
    };
    let asked: Vec<&Lookup> = lookups.iter().filter(is_host).collect();
    let are_denied = asked.iter().all(|lookup| lookup.is_denied());
    let is_told = asked.iter().any(|lookup| !lookup.lacks_ipv6_only());
    if are_denied && is_told {
        asked
    } else {
        Vec::new()
    }
}
