//! Messages about names: DNS, LLMNR and the name service of NetBIOS.
//!
//! Never says more of an answer than its records do.

use crate::listing::fields::text;
use crate::listing::value::{Fields, Value};
use crate::wire::dns::DnsMessage;
use crate::wire::llmnr::LlmnrMessage;
use crate::wire::nbns::NbnsMessage;

pub(super) const fn kind_of_dns(dns: &DnsMessage) -> &'static str {
    if dns.is_response {
        "dns-response"
    } else {
        "dns-query"
    }
}

pub(super) const fn kind_of_llmnr(llmnr: &LlmnrMessage) -> &'static str {
    if llmnr.dns.is_response {
        "llmnr-response"
    } else {
        "llmnr-query"
    }
}

pub(super) const fn kind_of_nbns(nbns: &NbnsMessage) -> &'static str {
    if nbns.is_response {
        "nbns-response"
    } else {
        "nbns-query"
    }
}

pub(super) fn dns(dns: &DnsMessage) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("id", dns.id);
    // An answer to what could not be read may hold no question; its type is then the one that no question has.
    let has_question = dns.qtype.0 != 0;
    let mut summary = String::from("no question");
    if has_question {
        fields.push("name", text(&dns.name));
        fields.push("qtype", dns.qtype.to_string());
        summary = format!("{} {}", dns.qtype, dns.name);
    }
    if dns.is_response {
        let answers = dns.answers.iter().map(ToString::to_string).collect();
        let said = add_answer(&mut fields, dns.rcode.to_string(), answers);
        summary = format!("{summary}: {said}");
    }
    (fields, summary)
}

pub(super) fn llmnr(llmnr: &LlmnrMessage) -> (Fields, String) {
    let (mut fields, summary) = dns(&llmnr.dns);
    fields.push_some("conflict", llmnr.is_conflict.then_some(true));
    fields.push_some("tentative", llmnr.is_tentative.then_some(true));
    (fields, summary)
}

pub(super) fn nbns(nbns: &NbnsMessage) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("id", nbns.id);
    fields.push("name", text(&nbns.name.name));
    fields.push("suffix", format!("{:02x}", nbns.name.suffix));
    fields.push("qtype", nbns.qtype.to_string());
    let mut summary = format!("{} {}", nbns.qtype, nbns.name);
    if nbns.is_response {
        let answers = nbns.addresses.iter().map(ToString::to_string).collect();
        let said = add_answer(&mut fields, nbns.result.to_string(), answers);
        summary = format!("{summary}: {said}");
    }
    (fields, summary)
}

/// Adds the code and the answers, and gives what they say in a few words.
fn add_answer(fields: &mut Fields, code: String, answers: Vec<String>) -> String {
    let said = if answers.is_empty() {
        code.clone()
    } else {
        answers.join(", ")
    };
    fields.push("rcode", code);
    let answers = answers.into_iter().map(Value::Text).collect();
    fields.push("answers", Value::List(answers));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dns::Rcode;

    #[test]
    fn an_answer_without_a_question_names_none() {
        let answer = DnsMessage {
            is_response: true,
            rcode: Rcode(1),
            ..DnsMessage::default()
        };
        let (fields, summary) = dns(&answer);
        let names: Vec<&str> = fields.0.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["id", "rcode", "answers"]);
        assert_eq!(summary, "no question: FORMERR");
    }
}
