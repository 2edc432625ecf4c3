//! A TCP conversation for tests: each call is a segment in a frame of its own.
//!
//! Never used outside of tests.

use std::net::{IpAddr, Ipv4Addr};

use why401::dissect::decoder::Decoder;
use why401::dissect::message::{Loss, Message, MessageBody, Observation, TcpEvent};
use why401::dissect::raw::Found;
use why401::dissect::{Dissector, Ports};
use why401::endpoint::Endpoint;
use why401::frame::{FrameNumber, Timestamp};
use why401::limits::Limitation;
use why401::net::packet::{Packet, TcpFlags, TcpSegment};
use why401::net::provenance::Run;
use why401::wire::kerberos::message::KerberosMessage;

/// A message in short: what it is, its frames, its loss.
pub(crate) type Said = (String, Vec<u64>, Option<Loss>);

/// Two hosts that talk, and what the dissector reports of it.
pub(crate) struct Talk {
    dissector: Dissector,
    decoder: Decoder,
    client: Endpoint,
    server: Endpoint,
    client_next: u32,
    server_next: u32,
    frame: u64,
    pub(crate) messages: Vec<Message>,
    pub(crate) events: Vec<TcpEvent>,
    pub(crate) limitations: Vec<Limitation>,
}

impl Talk {
    /// A capture that starts in the middle of a connection. The lower port is taken for the server's.
    pub(crate) fn midway(client_port: u16, server_port: u16) -> Self {
        let host = |last, port| Endpoint::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port);
        Self {
            dissector: Dissector::new(Ports::default()),
            decoder: Decoder::default(),
            client: host(1, client_port),
            server: host(2, server_port),
            client_next: 1_000,
            server_next: 5_000,
            frame: 0,
            messages: Vec::new(),
            events: Vec::new(),
            limitations: Vec::new(),
        }
    }

    /// A connection whose handshake is in frames 1 and 2.
    pub(crate) fn with(server_port: u16) -> Self {
        let mut talk = Self::midway(50_000, server_port);
        talk.client_opens();
        talk.send(false, TcpFlags::SYN | TcpFlags::ACK, b"", 0);
        talk.server_next += 1;
        talk
    }

    /// A SYN.
    pub(crate) fn client_opens(&mut self) -> &mut Self {
        self.send(true, TcpFlags::SYN, b"", 0);
        self.client_next += 1;
        self
    }

    pub(crate) fn client(&mut self, bytes: &[u8]) -> &mut Self {
        self.client_cut(bytes, 0)
    }

    pub(crate) fn server(&mut self, bytes: &[u8]) -> &mut Self {
        self.server_cut(bytes, 0)
    }

    /// A segment of the client whose frame lacks the last `cut` bytes.
    pub(crate) fn client_cut(&mut self, bytes: &[u8], cut: usize) -> &mut Self {
        self.send(true, TcpFlags::ACK, bytes, cut);
        self.client_next += u32::try_from(bytes.len() + cut).unwrap();
        self
    }

    /// A segment of the server whose frame lacks the last `cut` bytes.
    pub(crate) fn server_cut(&mut self, bytes: &[u8], cut: usize) -> &mut Self {
        self.send(false, TcpFlags::ACK, bytes, cut);
        self.server_next += u32::try_from(bytes.len() + cut).unwrap();
        self
    }

    /// Bytes of the client that no frame holds.
    pub(crate) fn client_lost(&mut self, len: u32) -> &mut Self {
        self.client_next += len;
        self
    }

    /// Bytes of the server that no frame holds.
    pub(crate) fn server_lost(&mut self, len: u32) -> &mut Self {
        self.server_next += len;
        self
    }

    pub(crate) fn client_closes(&mut self) -> &mut Self {
        self.send(true, TcpFlags::FIN | TcpFlags::ACK, b"", 0);
        self.client_next += 1;
        self
    }

    pub(crate) fn server_closes(&mut self) -> &mut Self {
        self.send(false, TcpFlags::FIN | TcpFlags::ACK, b"", 0);
        self.server_next += 1;
        self
    }

    pub(crate) fn server_resets(&mut self) -> &mut Self {
        self.send(false, TcpFlags::RST | TcpFlags::ACK, b"", 0);
        self
    }

    /// The capture ends; what was said in it, by frames: a hole that is waited for delays what stands behind it.
    pub(crate) fn said(&mut self) -> Vec<Said> {
        let mut found = Vec::new();
        self.dissector.finish(&mut |one, bytes| {
            found.push((one, bytes.to_vec()));
        });
        self.hear(found);
        self.messages
            .sort_by_key(|message| (message.frames[0], message.frames.last().copied()));
        self.messages
            .iter()
            .map(|message| {
                let frames = message.frames.iter().map(|frame| frame.0).collect();
                (short(&message.body), frames, message.loss)
            })
            .collect()
    }

    fn send(&mut self, is_client: bool, flags: u8, payload: &[u8], cut: usize) {
        self.frame += 1;
        let ends = [
            (self.client, self.client_next),
            (self.server, self.server_next),
        ];
        let [(src, sequence), (dst, acknowledgment)] =
            if is_client { ends } else { [ends[1], ends[0]] };
        let segment = TcpSegment {
            src,
            dst,
            sequence,
            acknowledgment,
            flags: TcpFlags(flags),
            identification: 0,
            hops: 64,
            payload,
            cut,
        };
        let run = Run {
            end: payload.len(),
            frame: FrameNumber(self.frame),
            time: Timestamp::from_nanos(i64::try_from(self.frame).unwrap() * 1_000_000),
        };
        let mut found = Vec::new();
        self.dissector
            .packet(&Packet::Tcp(segment), &[run], &mut |one, bytes| {
                found.push((one, bytes.to_vec()));
            });
        self.hear(found);
    }

    fn hear(&mut self, found: Vec<(Found, Vec<u8>)>) {
        for (one, bytes) in found {
            self.decoder
                .read(one, &bytes, &mut |observation| match observation {
                    Observation::Message(message) => self.messages.push(message),
                    Observation::Tcp(event) => self.events.push(event),
                    Observation::Unread(_) | Observation::Dropped(_) => {}
                    Observation::Limitation(limitation) => self.limitations.push(limitation),
                });
        }
    }
}

/// `POST /x 12`, `401 0`, `tgs-req`, `hello mp.example.com`: the last number counts the bytes of a body.
fn short(body: &MessageBody) -> String {
    match body {
        MessageBody::HttpRequest(request) => format!(
            "{} {} {}",
            request.head.method, request.head.uri, request.body_bytes
        ),
        MessageBody::HttpResponse(response) => {
            format!("{} {}", response.head.status, response.body_bytes)
        }
        MessageBody::Kerberos(message) => kerberos_name(message).to_owned(),
        MessageBody::Dns(dns) => format!("dns {} {}", dns.name, dns.answers.len()),
        MessageBody::Llmnr(llmnr) => format!("llmnr {}", llmnr.dns.name),
        MessageBody::Nbns(nbns) => format!("nbns {}", nbns.name),
        MessageBody::TlsClientHello(hello) => {
            format!("hello {}", hello.sni.clone().unwrap_or_default())
        }
        MessageBody::Tds(message) => format!("{message:?}"),
        MessageBody::Cldap(_) => "cldap".to_owned(),
        MessageBody::Dhcp(message) => message.kind.to_string(),
        MessageBody::Ntp(packet) => format!("ntp {}", packet.stratum),
        MessageBody::SmbNegotiate(answer) => answer.dialect.to_string(),
        MessageBody::SmbSetup(setup) => format!("setup {:?}", setup.answer),
        MessageBody::LdapRootDse(_) => "root".to_owned(),
        MessageBody::IcmpError(error) => format!("icmp {}", error.icmp_type),
    }
}

fn kerberos_name(message: &KerberosMessage) -> &'static str {
    match message {
        KerberosMessage::AsReq(_) => "as-req",
        KerberosMessage::AsRep(_) => "as-rep",
        KerberosMessage::TgsReq(_) => "tgs-req",
        KerberosMessage::TgsRep(_) => "tgs-rep",
        KerberosMessage::ApReq(_) => "ap-req",
        KerberosMessage::ApRep => "ap-rep",
        KerberosMessage::Error(_) => "krb-error",
        KerberosMessage::Other(_) => "other",
    }
}
