//! One TCP connection: which protocol its bytes prove, and what is told of it.
//!
//! Never asks the port what the protocol is, but where messages prove too little.

use crate::dissect::greeting::{self, Greeting};
use crate::dissect::http::HttpConversation;
use crate::dissect::message::{Loss, TcpEvent, TcpEventKind};
use crate::dissect::outlet::{Envelope, Out};
use crate::dissect::proof::Proof;
use crate::dissect::raw::Found;
use crate::dissect::records::Records;
use crate::dissect::tds::TdsConversation;
use crate::dissect::tls::TlsConversation;
use crate::dissect::{Ports, Probe, dns, kerberos};
use crate::endpoint::{ConnectionId, Direction, Flow, Transport};
use crate::net::provenance::{FrameList, Run};
use crate::net::tcp::connection::{Connection, Event, Gap, Signal};
use crate::net::tcp::stream::Ready;

/// Bytes that may be looked at before a direction must have proved a protocol.
const PROBED: usize = 4096;
/// Segments of nothing that is known, after which a connection is let go whose first message may have been missed: more than
/// what is left of an upload, and nothing beside a flow of bulk.
const PATIENCE: u16 = 128;
/// Events of a connection that are held until a protocol is proved: a handshake that was sent a few times.
const UNTOLD: usize = 8;

/// What is kept for a connection.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    protocol: Protocol,
    /// What happened before a protocol was proved, on a port that tells nothing.
    untold: Vec<TcpEvent>,
    /// Segments that belong to no protocol that is known.
    strange: u16,
    /// Bytes that are missing from before the protocol was proved: its first message may have been in them.
    gap: Option<Box<(Direction, Gap)>>,
    /// It was HTTP and became a tunnel.
    is_tunnel: bool,
    /// The side that was taken for the client, by its port, is the server.
    is_turned: bool,
}

#[derive(Debug, Default)]
enum Protocol {
    #[default]
    Unknown,
    Http(Box<HttpConversation>),
    Records(Box<Records>),
    Tls(TlsConversation),
    Greeting(Greeting),
    Tds(Box<TdsConversation>),
}

/// Where a conversation's messages come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    to_server: Flow,
    pub(super) id: ConnectionId,
}

impl Line {
    fn of(connection: &Connection<Conversation>) -> Self {
        let flow = Flow {
            src: connection.client,
            dst: connection.server,
            transport: Transport::Tcp,
        };
        Self {
            to_server: if connection.state.is_turned {
                flow.reversed()
            } else {
                flow
            },
            id: connection.id,
        }
    }

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
        loss: Option<Loss>,
    ) -> Envelope {
        Envelope {
            flow: self.flow(direction),
            connection: Some(self.id),
            frames,
            loss,
        }
    }
}

impl Conversation {
    const fn is_unknown(&self) -> bool {
        matches!(self.protocol, Protocol::Unknown)
    }

    /// Whether nothing is told of what happens to the connection, only what is said in it.
    const fn is_quiet(&self) -> bool {
        matches!(self.protocol, Protocol::Greeting(_) | Protocol::Tds(_))
    }

    /// A direction as the connection's table has it, seen from who really asks.
    const fn turn(&self, direction: Direction) -> Direction {
        if self.is_turned {
            direction.reversed()
        } else {
            direction
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
    match event {
        Event::Signal(signal, run) => signal_told(connection, signal, run, ports, out),
        Event::Bytes(way, ready) => bytes(connection, way, ready, ports, out),
        Event::Gap(way, gap, ready) => bytes_missing(connection, way, gap, ready, ports, out),
        Event::End(way, ready) => bytes_ended(connection, way, ready, ports, out),
    }
}

fn signal_told(
    connection: &mut Connection<Conversation>,
    signal: Signal,
    run: Run,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let state = &mut connection.state;
    if let (Signal::Closed(way), Protocol::Http(http)) = (signal, &mut state.protocol) {
        let direction = if state.is_turned { way.reversed() } else { way };
        http.closed(direction);
    }
    let Some(kind) = kind(signal, state) else {
        return;
    };
    let Flow { src, dst, .. } = Line::of(connection).to_server;
    let event = TcpEvent {
        connection: connection.id,
        client: src,
        server: dst,
        frame: run.frame,
        time: run.time,
        kind,
    };
    let state = &mut connection.state;
    if state.is_quiet() {
        return;
    }
    if !state.is_unknown() || ports.is_told(dst.port) {
        out.found(Found::Tcp(event));
    } else if matches!(kind, TcpEventKind::Syn | TcpEventKind::SynAck)
        && state.untold.len() < UNTOLD
    {
        state.untold.push(event);
    }
}

/// What a signal says of the connection; `None` for what the table noted of the client that is none.
fn kind(signal: Signal, state: &Conversation) -> Option<TcpEventKind> {
    Some(match signal {
        Signal::Syn => TcpEventKind::Syn,
        Signal::SynAck => TcpEventKind::SynAck,
        Signal::Reset(way) => match state.turn(way) {
            Direction::ToServer => TcpEventKind::ResetByClient,
            Direction::ToClient => TcpEventKind::ResetByServer,
        },
        Signal::Closed(way) => match state.turn(way) {
            Direction::ToServer => TcpEventKind::ClosedByClient,
            Direction::ToClient => TcpEventKind::ClosedByServer,
        },
        _ if state.is_turned => return None,
        // Only of a KDC, a DNS server or a web server it matters whether a request arrived that was not answered.
        _ if !matches!(state.protocol, Protocol::Records(_) | Protocol::Http(_)) => return None,
        Signal::RequestAcknowledged => TcpEventKind::RequestAcknowledged,
        Signal::ClientRetransmits => TcpEventKind::ClientRetransmits,
    })
}

const fn ends(connection: &Connection<Conversation>) -> [u16; 2] {
    [connection.client.port, connection.server.port]
}

fn bytes(
    connection: &mut Connection<Conversation>,
    way: Direction,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    if connection.state.is_unknown() {
        match Proof::of(ready.bytes(), ends(connection)) {
            Ok(proof) => prove(connection, proof, way, ready.bytes(), out),
            Err(Probe::Unsure) if ready.bytes().len() < PROBED => return,
            Err(_) => return strange(connection, ready, ports),
        }
    }
    let line = Line::of(connection);
    let direction = connection.state.turn(way);
    match &mut connection.state.protocol {
        Protocol::Http(http) => {
            http.bytes(line, direction, ready, out);
            if http.is_through() {
                enter_tunnel(connection, way, ready, ports, out);
            }
        }
        Protocol::Records(records) => records.bytes(line, direction, ready, out),
        Protocol::Tls(tls) => {
            if tls.bytes(line, direction, ready, out) {
                connection.ignore();
            }
        }
        Protocol::Greeting(greeting) => {
            if greeting.bytes(line, direction, ready, out) {
                connection.ignore();
            }
        }
        Protocol::Tds(tds) => {
            if tds.bytes(line, direction, ready, out) {
                connection.ignore();
            }
        }
        Protocol::Unknown => {}
    }
}

/// What comes now has to prove itself anew.
fn enter_tunnel(
    connection: &mut Connection<Conversation>,
    way: Direction,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    connection.state.protocol = Protocol::Unknown;
    connection.state.is_tunnel = true;
    if !ready.bytes().is_empty() {
        bytes(connection, way, ready, ports, out);
    }
}

fn bytes_missing(
    connection: &mut Connection<Conversation>,
    way: Direction,
    gap: Gap,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    prove_by_last(connection, way, ready, ports, out);
    let line = Line::of(connection);
    let direction = connection.state.turn(way);
    match &mut connection.state.protocol {
        Protocol::Http(http) => http.gap(line, direction, gap, ready, out),
        Protocol::Records(records) => records.gap(line, direction, gap, ready, out),
        Protocol::Tls(tls) => tls.last(line, direction, ready, Loss::of(&gap), out),
        Protocol::Greeting(greeting) => {
            greeting.last(line, direction, ready, Loss::of(&gap), out);
            connection.ignore();
        }
        Protocol::Tds(tds) => tds.gap(line, direction, gap, ready, out),
        Protocol::Unknown => {
            connection
                .state
                .gap
                .get_or_insert_with(|| Box::new((way, gap)));
        }
    }
}

fn bytes_ended(
    connection: &mut Connection<Conversation>,
    way: Direction,
    ready: &mut Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    prove_by_last(connection, way, ready, ports, out);
    let line = Line::of(connection);
    let direction = connection.state.turn(way);
    let is_awaited = ends(connection).iter().any(|&port| ports.is_awaited(port));
    match &mut connection.state.protocol {
        Protocol::Http(http) => http.end(line, direction, ready, out),
        Protocol::Records(records) => records.end(line, direction, ready, out),
        Protocol::Tls(tls) => tls.last(line, direction, ready, Loss::Ended, out),
        Protocol::Greeting(greeting) => greeting.last(line, direction, ready, Loss::Ended, out),
        Protocol::Tds(tds) => tds.end(line, direction, ready, out),
        Protocol::Unknown if is_awaited => tell_gap(connection, out),
        Protocol::Unknown => {}
    }
}

/// What the capture lacks of a connection, once it is known that a message may have been in it.
fn tell_gap(connection: &mut Connection<Conversation>, out: &mut Out<'_>) {
    if let Some((way, gap)) = connection.state.gap.take().map(|gap| *gap) {
        let direction = connection.state.turn(way);
        let line = Line::of(connection);
        out.missed(line.flow(direction), line.id, gap);
    }
}

/// `bytes`, which go in `way`, have proved the protocol. Where the beginning was not seen, they also show who asks.
fn prove(
    connection: &mut Connection<Conversation>,
    proof: Proof,
    way: Direction,
    bytes: &[u8],
    out: &mut Out<'_>,
) {
    let in_step = connection.saw_start && connection.state.gap.is_none();
    let protocol = match proof {
        Proof::Http => Protocol::Http(Box::new(HttpConversation::new(in_step, out.room()))),
        Proof::Kerberos => Protocol::Records(Box::new(Records::new(&kerberos::FORMAT, in_step))),
        Proof::Dns => Protocol::Records(Box::new(Records::new(&dns::FORMAT, in_step))),
        Proof::Tls => Protocol::Tls(TlsConversation::default()),
        Proof::Smb => Protocol::Greeting(Greeting::new(&greeting::SMB)),
        Proof::Ldap => Protocol::Greeting(Greeting::new(&greeting::LDAP)),
        Proof::Tds => Protocol::Tds(Box::new(TdsConversation::new(out.room()))),
    };
    let direction = proof.direction(bytes);
    let state = &mut connection.state;
    state.protocol = protocol;
    state.is_turned = !connection.saw_start && direction.is_some_and(|direction| direction != way);
    if state.is_quiet() {
        state.untold.clear();
        state.gap = None;
        return;
    }
    for event in std::mem::take(&mut state.untold) {
        out.found(Found::Tcp(event));
    }
    tell_gap(connection, out);
}

/// Bytes of no protocol that is known: the connection is let go, unless it may still show what it is.
fn strange(connection: &mut Connection<Conversation>, ready: &mut Ready<'_>, ports: &Ports) {
    ready.take(usize::MAX, &mut FrameList::default());
    let is_awaited = ends(connection).iter().any(|&port| ports.is_awaited(port));
    let missed_start = !connection.saw_start || connection.state.gap.is_some();
    let state = &mut connection.state;
    state.strange = state.strange.saturating_add(1);
    let may_show = is_awaited || (missed_start && state.strange <= PATIENCE);
    let is_hopeless = state.is_tunnel || !may_show;
    if is_hopeless {
        connection.ignore();
    }
}

/// Bytes behind which none are there: few of them are enough.
fn prove_by_last(
    connection: &mut Connection<Conversation>,
    way: Direction,
    ready: &Ready<'_>,
    ports: &Ports,
    out: &mut Out<'_>,
) {
    let bytes = ready.bytes();
    if !connection.state.is_unknown() || bytes.is_empty() {
        return;
    }
    let ends = ends(connection);
    let is_of_kdc = ends.iter().any(|&port| ports.is_kerberos(port));
    let proof = Proof::of(bytes, ends)
        .ok()
        .or_else(|| is_of_kdc.then(|| Proof::of_cut_record(bytes)).flatten());
    if let Some(proof) = proof {
        prove(connection, proof, way, bytes, out);
    }
}
