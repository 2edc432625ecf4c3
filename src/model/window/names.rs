//! The names that a client asks DNS servers for, and their answers.
//!
//! Never says what a name is asked for.

use crate::dissect::message::Message;
use crate::frame::FrameNumber;
use crate::model::drops::Drops;
use crate::model::exchange::Span;
use crate::model::lookup::{Lookup, LookupAnswer};
use crate::model::window::{Window, push, repeat};
use crate::wire::dns::DnsMessage;

impl Window {
    /// A query to a DNS server; one that was sent before is only counted.
    pub fn ask_dns(&mut self, message: &mut Message, dns: DnsMessage) {
        self.sees_kdc_side = true;
        let lookup = Lookup {
            client: message.flow.src,
            server: message.flow.dst,
            transport: message.flow.transport,
            id: dns.id,
            asked: Span::take(message),
            again: Vec::new(),
            name: dns.name,
            qtype: dns.qtype,
            answer: None,
            unreachable: None,
            drops: Drops::default(),
        };
        let may_be_again = self.asked.may_hold(&lookup);
        let mut latest_first = self.lookups.iter_mut().rev();
        if may_be_again && let Some(earlier) = latest_first.find(|it| is_again(&lookup, it)) {
            repeat(&mut earlier.again, lookup.asked);
            return;
        }
        self.asked.add(&lookup, &self.lookups);
        push(&mut self.lookups, lookup);
    }

    /// A DNS server's answer to the query that begins in frame `request`.
    pub fn answer_dns(&mut self, message: &mut Message, dns: DnsMessage, request: FrameNumber) {
        let is_asked = |lookup: &&mut Lookup| {
            lookup.server == message.flow.src
                && (lookup.asked.first() == request
                    || lookup.again.iter().any(|span| span.first() == request))
        };
        if let Some(lookup) = self.lookups.iter_mut().rev().find(is_asked)
            && lookup.answer.is_none()
        {
            self.asked.remove(lookup);
            lookup.answer = Some(LookupAnswer {
                span: Span::take(message),
                rcode: dns.rcode,
                records: dns.answers,
                lacks_records: dns.lacks_answers || dns.truncated,
            });
        }
    }
}

/// Whether `lookup` is what `earlier` asked and had no answer to.
fn is_again(lookup: &Lookup, earlier: &Lookup) -> bool {
    earlier.server == lookup.server
        && earlier.transport == lookup.transport
        && earlier.qtype == lookup.qtype
        && earlier.name == lookup.name
        && (earlier.id == lookup.id || earlier.client.port == lookup.client.port)
        && earlier.answer.is_none()
}
