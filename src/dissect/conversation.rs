//! One TCP connection: which protocol its bytes prove, and what is told of it.
//!
//! Never asks the port what the protocol is, but for DNS, whose messages prove nothing.

use crate::dissect::dns::DnsConversation;
use crate::dissect::http::HttpConversation;
use crate::dissect::kerberos::KerberosConversation;
use crate::dissect::message::{Observation, TcpEvent, TcpEventKind};
use crate::dissect::outlet::{Envelope, Out};
use crate::dissect::tls::TlsConversation;
use crate::dissect::{Ports, Probe, dns, http, kerberos, tls};
use crate::endpoint::{Direction, Flow, Transport};
use crate::net::provenance::{FrameList, Run};
use crate::net::tcp::connection::{Connection, Event, Signal};
use crate::net::tcp::stream::Ready;

/// Bytes that may be looked at before a direction must have proved a protocol.
const PROBED: usize = 4096;
/// Segments of nothing that is known, after which a connection without a beginning is let go.
const PATIENCE: u8 = 4;

/// What is kept for a connection.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    protocol: Protocol,
    /// What happened before a protocol was proved, on a port that tells nothing.
    untold: Vec<TcpEvent>,
    strange: u8,
}

#[derive(Debug, Default)]
enum Protocol {
    #[default]
    Unknown,
    Http(Box<HttpConversation>),
    Kerberos(Box<KerberosConversation>),
    Dns(DnsConversation),
    Tls(TlsConversation),
}

/// Where a conversation's messages come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    to_server: Flow,
    id: crate::endpoint::ConnectionId,
}

impl Line {
    pub(super) fn flow(self, direction: Direction) -> Flow {
        match direction {
            Direction::ToServer => self.to_server,
            Direction::ToClient => self.to_server.reversed(),
        }
    }

    pub(super) fn envelope(
        self,
        direction: Direction,
        frames: FrameList,
        loss: Option<crate::dissect::message::Loss>,
    ) -> Envelope {
        Envelope {
            flow: self.flow(direction),
            connection: Some(self.id),
            frames,
            loss,
        }
    }
}

/// Takes in what happened to a connection.
pub(super) fn take(
    connection: &mut Connection<Conversation>,
    event: Event<'_, '_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let line = Line {
        to_server: Flow {
            src: connection.client,
            dst: connection.server,
            transport: Transport::Tcp,
        },
        id: connection.id,
    };
    match event {
        Event::Signal(signal, run) => signal_told(connection, signal, run, ports, out),
        Event::Bytes(direction, ready) => bytes(connection, line, direction, ready, ports, out),
        Event::Gap(direction, gap, ready) => match &mut connection.state.protocol {
            Protocol::Http(http) => http.gap(line, direction, gap, ready, out),
            Protocol::Kerberos(kerberos) => kerberos.gap(line, direction, gap, ready, out),
            Protocol::Dns(dns) => dns.gap(),
            Protocol::Tls(tls) => tls.last(line, direction, ready, out),
            Protocol::Unknown => unknown_last(connection, line, direction, ready, ports, out),
        },
        Event::End(direction, ready) => {
            if matches!(connection.state.protocol, Protocol::Unknown) {
                unknown_last(connection, line, direction, ready, ports, out);
            }
            match &mut connection.state.protocol {
                Protocol::Http(http) => http.end(line, direction, ready, out),
                Protocol::Kerberos(kerberos) => kerberos.end(line, direction, ready, out),
                Protocol::Tls(tls) => tls.last(line, direction, ready, out),
                Protocol::Dns(_) | Protocol::Unknown => {}
            }
        }
    }
}

fn signal_told(
    connection: &mut Connection<Conversation>,
    signal: Signal,
    run: Run,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let kind = match signal {
        Signal::Syn => TcpEventKind::Syn,
        Signal::SynAck => TcpEventKind::SynAck,
        Signal::Reset(Direction::ToServer) => TcpEventKind::ResetByClient,
        Signal::Reset(Direction::ToClient) => TcpEventKind::ResetByServer,
        Signal::Closed(Direction::ToServer) => TcpEventKind::ClosedByClient,
        Signal::Closed(Direction::ToClient) => TcpEventKind::ClosedByServer,
        Signal::RequestAcknowledged => TcpEventKind::RequestAcknowledged,
        Signal::ClientRetransmits => TcpEventKind::ClientRetransmits,
    };
    let event = TcpEvent {
        connection: connection.id,
        client: connection.client,
        server: connection.server,
        frame: run.frame,
        time: run.time,
        kind,
    };
    let proved = !matches!(connection.state.protocol, Protocol::Unknown);
    let of_kdc = matches!(connection.state.protocol, Protocol::Kerberos(_));
    if !of_kdc
        && matches!(
            kind,
            TcpEventKind::RequestAcknowledged | TcpEventKind::ClientRetransmits
        )
    {
        // Only of a KDC it matters that a request arrived without an answer.
        return;
    }
    if proved || ports.is_told(connection.server.port) {
        out.tell(Observation::Tcp(event));
    } else if matches!(kind, TcpEventKind::Syn | TcpEventKind::SynAck)
        && connection.state.untold.len() < 8
    {
        connection.state.untold.push(event);
    }
}

fn bytes(
    connection: &mut Connection<Conversation>,
    line: Line,
    direction: Direction,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    if matches!(connection.state.protocol, Protocol::Unknown) {
        match probe(connection, ready.bytes(), ports) {
            Ok(protocol) => prove(connection, protocol, out),
            Err(Probe::Unsure) if ready.bytes().len() < PROBED => return,
            Err(_) => return strange(connection, ready, ports),
        }
    }
    match &mut connection.state.protocol {
        Protocol::Http(http) => http.bytes(line, direction, ready, out),
        Protocol::Kerberos(kerberos) => kerberos.bytes(line, direction, ready, out),
        Protocol::Dns(dns) => dns.bytes(line, direction, ready, out),
        Protocol::Tls(tls) => {
            if tls.bytes(line, direction, ready, out) {
                connection.ignore();
            }
        }
        Protocol::Unknown => {}
    }
}

/// Asks each protocol. [`Probe::Unsure`] where one may still prove itself.
fn probe(
    connection: &Connection<Conversation>,
    bytes: &[u8],
    ports: &Ports,
) -> Result<Protocol, Probe> {
    let dns = connection.server.port == dns::PORT || connection.client.port == dns::PORT;
    let answers = [
        (http::probe(bytes), 0),
        (kerberos::probe(bytes), 1),
        (tls::probe(bytes), 2),
        (
            if dns {
                dns::probe(bytes)
            } else {
                Probe::NotMine
            },
            3,
        ),
    ];
    let certain = answers.iter().find(|(answer, _)| *answer == Probe::Certain);
    match certain {
        Some((_, 0)) => Ok(Protocol::Http(Box::default())),
        Some((_, 1)) => Ok(Protocol::Kerberos(Box::default())),
        Some((_, 2)) => Ok(Protocol::Tls(TlsConversation)),
        Some(_) => Ok(Protocol::Dns(DnsConversation::default())),
        None if ports.is_kerberos(connection.server.port) && bytes.len() < 4 => Err(Probe::Unsure),
        None if answers.iter().any(|(answer, _)| *answer == Probe::Unsure) => Err(Probe::Unsure),
        None => Err(Probe::NotMine),
    }
}

fn prove(connection: &mut Connection<Conversation>, protocol: Protocol, out: &mut Out<'_>) {
    connection.state.protocol = protocol;
    for event in std::mem::take(&mut connection.state.untold) {
        out.tell(Observation::Tcp(event));
    }
}

/// Bytes of no protocol that is known: the connection is let go, unless it may still show what it is.
fn strange(connection: &mut Connection<Conversation>, ready: &mut Ready<'_>, ports: &Ports) {
    ready.take(usize::MAX, &mut FrameList::default());
    connection.state.strange = connection.state.strange.saturating_add(1);
    let told = ports.is_told(connection.server.port);
    let patience = if told {
        u8::MAX
    } else if connection.saw_start {
        1
    } else {
        PATIENCE
    };
    if connection.state.strange >= patience {
        connection.ignore();
    }
}

/// Bytes before a gap or the end: a message that was cut before it could be told for certain proves itself by its beginning.
fn unknown_last(
    connection: &mut Connection<Conversation>,
    line: Line,
    direction: Direction,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    if let Ok(protocol) = probe(connection, ready.bytes(), ports) {
        prove(connection, protocol, out);
        if let Protocol::Tls(tls) = &mut connection.state.protocol {
            tls.last(line, direction, ready, out);
        }
    }
}
