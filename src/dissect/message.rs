//! What the dissectors report: messages with their frames, and what happened to connections.

use std::net::IpAddr;

use crate::endpoint::{ConnectionId, Endpoint, Flow};
use crate::frame::{FrameNumber, PacketDrop, Timestamp};
use crate::limits::Limitation;
pub use crate::net::provenance::Frames;
use crate::wire::ccm::CcmMessage;
use crate::wire::ccm::points::PointList;
use crate::wire::cldap::Cldap;
use crate::wire::dhcp::DhcpMessage;
use crate::wire::dns::DnsMessage;
use crate::wire::http::{RequestHead, ResponseHead};
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::ldap::RootDse;
use crate::wire::llmnr::LlmnrMessage;
use crate::wire::nbns::NbnsMessage;
use crate::wire::ntp::NtpPacket;
use crate::wire::registration_call::RegistrationCall;
use crate::wire::smb::{SmbNegotiate, SmbSetup};
use crate::wire::tds::Encryption;
use crate::wire::tls::ClientHello;

/// Anything a dissector reports, in the order in which it became known.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "each is passed on at once; an allocation per message would cost more than the copy"
)]
pub enum Observation {
    /// A decoded message.
    Message(Message),
    /// What happened to a TCP connection to or from a port that matters.
    Tcp(TcpEvent),
    /// A message that could not be read, or a place where one may have been that the capture lacks.
    Unread(Unread),
    /// A packet that the machine dropped that captured it.
    Dropped(DroppedPacket),
    /// Something that could not be seen.
    Limitation(Limitation),
}

/// A packet that the machine dropped that captured it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DroppedPacket {
    /// Who sent it.
    pub client: IpAddr,
    /// What the machine says of it.
    pub drop: PacketDrop,
}

/// Where a message stands that could not be read, or where one may have been.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Who sent it to whom.
    pub flow: Flow,
    /// The connection from which bytes are missing before the frame, which may have been any number of messages.
    pub connection: Option<ConnectionId>,
    /// The frame in which it begins, or the first one behind it.
    pub frame: FrameNumber,
    /// The time of that frame.
    pub time: Timestamp,
}

/// A decoded protocol unit, its frames and its times.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// The frames that brought its bytes, ascending, each once; never empty.
    pub frames: Frames,
    /// The time of the first of them.
    pub time: Timestamp,
    /// The time of the last of them.
    pub last_time: Timestamp,
    /// Who sent it to whom.
    pub flow: Flow,
    /// The TCP connection it came over.
    pub connection: Option<ConnectionId>,
    /// Why not all its bytes are here; `None` when they are.
    pub loss: Option<Loss>,
    /// What it says.
    pub body: MessageBody,
}

impl Message {
    /// The first frame that brought a byte of it: where a reader starts.
    pub fn first_frame(&self) -> FrameNumber {
        self.frames.first().copied().unwrap_or(FrameNumber(0))
    }

    /// Whether all its bytes were captured.
    pub fn is_complete(&self) -> bool {
        self.loss.is_none()
    }

    /// The last frame that brought a byte of it: where Wireshark lists it.
    pub fn last_frame(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or(FrameNumber(0))
    }
}

/// Why bytes of a message are not here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Loss {
    /// The capture kept only the beginning of a frame (snap length).
    Snapped,
    /// No frame of the capture holds them, though later bytes of the stream are here.
    Missed,
    /// The capture, or the connection, ended before them.
    Ended,
}

/// What a message says.
#[derive(Clone, PartialEq, Debug)]
pub enum MessageBody {
    /// An HTTP request with its body, which is only counted.
    HttpRequest(HttpRequest),
    /// An HTTP response with its body, which is only counted.
    HttpResponse(HttpResponse),
    /// A message to or from a KDC (those inside HTTP tokens are in the heads).
    Kerberos(KerberosMessage),
    /// A DNS query or response.
    Dns(DnsMessage),
    /// A name that everybody on the link is asked for, or an answer.
    Llmnr(LlmnrMessage),
    /// A name of NetBIOS that is asked for, or an answer.
    Nbns(NbnsMessage),
    /// A ping of a domain controller, or its answer.
    Cldap(Cldap),
    /// An address that is asked for, or given.
    Dhcp(DhcpMessage),
    /// A question about the time, or its answer.
    Ntp(NtpPacket),
    /// A server's answer to an SMB negotiation.
    SmbNegotiate(SmbNegotiate),
    /// A leg of the setup of an SMB session.
    SmbSetup(Box<SmbSetup>),
    /// A directory's root entry.
    LdapRootDse(Box<RootDse>),
    /// What is read of a session with SQL Server.
    Tds(TdsMessage),
    /// The first message of a TLS connection.
    TlsClientHello(ClientHello),
    /// An ICMP or `ICMPv6` error.
    IcmpError(IcmpError),
}

/// A message to SQL Server, or its first answer. Other statements and answers are not told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TdsMessage {
    /// The client begins a session.
    Prelogin(Option<Encryption>),
    /// The server answers that, and so decides what is encrypted.
    PreloginAnswer(Option<Encryption>),
    /// A login, of which nothing is read.
    Login,
    /// The call that stores a registration.
    Call(Box<RegistrationCall>),
}

/// An HTTP request.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HttpRequest {
    /// The head.
    pub head: RequestHead,
    /// Bytes of the head, with the blank line behind it.
    pub head_bytes: u64,
    /// Bytes of the body as it stands on the wire after removing the chunk framing.
    pub body_bytes: u64,
    /// What the body says, if it is a Configuration Manager client's message.
    pub ccm: Option<Box<CcmMessage>>,
}

/// An HTTP response.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HttpResponse {
    /// The head.
    pub head: ResponseHead,
    /// Bytes of the head, with the blank line behind it.
    pub head_bytes: u64,
    /// Bytes of the body as it stands on the wire after removing the chunk framing.
    pub body_bytes: u64,
    /// What the body says, if it answers such a message.
    pub ccm: Option<Box<CcmMessage>>,
    /// The management points that the body names, if they were asked for.
    pub points: Option<Box<PointList>>,
    /// A 400 whose body says that the header of the request is too long.
    pub is_of_long_header: bool,
}

/// An ICMP error and the packet it is about (RFC 792, RFC 4443).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IcmpError {
    /// Who reports it.
    pub reporter: IpAddr,
    /// The ICMP (or, between IPv6 addresses, `ICMPv6`) type.
    pub icmp_type: u8,
    /// The code.
    pub icmp_code: u8,
    /// The flow of the quoted packet.
    pub about: Option<Flow>,
}

/// Something that happened to a TCP connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TcpEvent {
    /// Which connection.
    pub connection: ConnectionId,
    /// Who opened it: the sender of the SYN, or the side taken for the client where none was seen.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// The frame that shows it.
    pub frame: FrameNumber,
    /// When.
    pub time: Timestamp,
    /// What.
    pub kind: TcpEventKind,
}

/// What happened to a TCP connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TcpEventKind {
    /// A SYN; the second and later ones are retransmissions.
    Syn,
    /// The answer to it, or where the capture lacks that, the server's first segment.
    SynAck,
    /// A RST of the client.
    ResetByClient,
    /// A RST of the server. Before any `SynAck` it refuses the connection.
    ResetByServer,
    /// The client's first FIN.
    ClosedByClient,
    /// The server's first FIN.
    ClosedByServer,
    /// The server's first acknowledgement of bytes of the client's message that ended last: it was received.
    RequestAcknowledged,
    /// The client sends the same bytes again, because nobody acknowledged them.
    ClientRetransmits,
}
