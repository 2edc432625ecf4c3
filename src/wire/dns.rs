//! DNS messages (RFC 1035, RFC 2782): the question, the code and the answers before any cut.

use crate::text::WireText;

/// A query or a response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DnsMessage {
    /// The identifier that joins query and response.
    pub id: u16,
    /// Whether it is a response.
    pub is_response: bool,
    /// The answer did not fit and is to be asked again over TCP.
    pub truncated: bool,
    /// The response code.
    pub rcode: Rcode,
    /// The name of the first question, without the last dot.
    pub name: WireText,
    /// The type of the first question.
    pub qtype: RecordType,
    /// Records of the answer section, in order.
    pub answers: Vec<Answer>,
}

/// A response code (RFC 1035 section 4.1.1 and its registry).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Rcode(pub u8);

/// A type of record (the IANA registry).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RecordType(pub u16);

/// One record of the answer section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The name it is about.
    pub name: WireText,
    /// What it says.
    pub data: RecordData,
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordData {
    /// A or AAAA.
    Address(std::net::IpAddr),
    /// CNAME.
    Alias(WireText),
    /// SRV.
    Service {
        /// Lower first.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: WireText,
    },
    /// PTR.
    Pointer(WireText),
    /// Any other type: not read.
    Other(RecordType),
}
