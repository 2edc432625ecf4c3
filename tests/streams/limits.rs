//! What a table keeps at a time, and what it says when that is not enough.

use why401::endpoint::{ConnectionId, Direction, Endpoint};
use why401::frame::{FrameNumber, Timestamp};
use why401::limits::{Budget, Limitation};
use why401::net::packet::{TcpFlags, TcpSegment};
use why401::net::provenance::{FrameList, Run};
use why401::net::tcp::connection::{Connection, Event, Gap};
use why401::net::tcp::table::Table;

use crate::random::Random;
use crate::wire::{ACK, CLIENT, Line, SERVER, SYN, Sent, handshake};

const LINE: Line = Line::new([0, 0]);

/// What is told, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heard {
    Signal(ConnectionId),
    Bytes(ConnectionId, usize),
    Gap(ConnectionId, Gap),
    End(ConnectionId, Direction),
}

/// A table whose reader takes everything, or nothing, and writes down what it is told.
#[derive(Debug, Default)]
struct Listener {
    table: Table<()>,
    frame: u64,
    heard: Vec<Heard>,
    takes_nothing: bool,
    ignores: bool,
}

impl Listener {
    fn hear(&mut self, line: Line, sent: &Sent) {
        let segment = line.segment(sent);
        self.segment(&segment, sent.millis);
    }

    fn segment(&mut self, segment: &TcpSegment<'_>, millis: i64) {
        self.frame += 1;
        let run = Run {
            end: segment.payload.len(),
            frame: FrameNumber(self.frame),
            time: Timestamp::from_nanos(millis * 1_000_000),
        };
        let (heard, takes_nothing, ignores) = (&mut self.heard, self.takes_nothing, self.ignores);
        self.table
            .segment(segment, &[run], &mut |connection, event| {
                note(heard, connection, event, takes_nothing);
                if ignores {
                    connection.ignore();
                }
            });
    }

    fn finish(&mut self) -> Option<Limitation> {
        let heard = &mut self.heard;
        self.table.finish(&mut |connection, event| {
            note(heard, connection, event, false);
        });
        self.table.limitation()
    }

    fn ends(&self) -> Vec<ConnectionId> {
        let ends = self.heard.iter().filter_map(|heard| match heard {
            Heard::End(id, Direction::ToClient) => Some(*id),
            _ => None,
        });
        ends.collect()
    }
}

fn note(
    heard: &mut Vec<Heard>,
    connection: &mut Connection<()>,
    event: Event<'_, '_>,
    takes_nothing: bool,
) {
    let id = connection.id;
    heard.push(match event {
        Event::Signal(..) => Heard::Signal(id),
        Event::Bytes(_, ready) => {
            let len = ready.bytes().len();
            if !takes_nothing {
                ready.take(len, &mut FrameList::default());
            }
            Heard::Bytes(id, len)
        }
        Event::Gap(_, gap, _) => Heard::Gap(id, gap),
        Event::End(direction, _) => Heard::End(id, direction),
    });
}

/// The line of one of many clients.
fn client(port: u16) -> Line {
    Line {
        ports: [port, 80],
        ..LINE
    }
}

#[test]
fn early_bytes_beyond_the_budget_give_the_hole_up() {
    let mut listener = Listener::default();
    for sent in handshake() {
        listener.hear(LINE, &sent);
    }
    let piece = vec![7; 1_400];
    for at in 1..1_000 {
        listener.hear(LINE, &Sent::new(CLIENT, ACK, at * 1_400, 0).with(&piece));
    }
    let gap = listener.heard.iter().find_map(|heard| match heard {
        Heard::Gap(_, gap) => Some(*gap),
        _ => None,
    });
    let gap = gap.expect("told before the end");
    assert_eq!((gap.missing, gap.seen_in.frame), (1_400, FrameNumber(4)));
    assert_eq!(gap.cut_in, None);
}

#[test]
fn a_hole_whose_bytes_the_receiver_has_is_told_after_some_segments() {
    let mut listener = Listener::default();
    for sent in handshake() {
        listener.hear(LINE, &sent);
    }
    listener.hear(LINE, &Sent::new(CLIENT, ACK, 4, 0).with(b"late"));
    listener.hear(LINE, &Sent::new(SERVER, ACK, 0, 8));
    let is_gap = |heard: &Heard| matches!(heard, Heard::Gap(..));
    assert!(
        !listener.heard.iter().any(is_gap),
        "frames may be out of order"
    );
    for at in 2..20 {
        listener.hear(LINE, &Sent::new(CLIENT, ACK, at * 4, 0).with(b"more"));
    }
    assert_eq!(
        listener.heard.iter().filter(|heard| is_gap(heard)).count(),
        1
    );
}

#[test]
fn a_silent_connection_ends_by_the_clock_of_the_capture() {
    let mut listener = Listener::default();
    listener.hear(client(1), &Sent::new(CLIENT, SYN, -1, 0));
    listener.hear(client(2), &Sent::new(CLIENT, SYN, -1, 0).at(1_000));
    for millis in [60_000, 119_000, 130_000, 130_001] {
        listener.hear(client(2), &Sent::new(CLIENT, ACK, 0, 0).at(millis));
    }
    assert_eq!(listener.ends(), [ConnectionId(1)]);
}

#[test]
fn the_end_of_the_capture_ends_connections_in_the_order_of_their_numbers() {
    let mut listener = Listener::default();
    for port in (1..500).rev() {
        listener.hear(client(port), &Sent::new(CLIENT, SYN, -1, 0));
    }
    assert_eq!(listener.finish(), None);
    let expected: Vec<ConnectionId> = (1..500).map(ConnectionId).collect();
    assert_eq!(listener.ends(), expected);
}

#[test]
fn of_a_connection_that_nobody_wants_nothing_more_is_told() {
    let mut listener = Listener {
        ignores: true,
        ..Listener::default()
    };
    for sent in handshake() {
        listener.hear(LINE, &sent);
        listener.hear(LINE, &sent);
    }
    listener.hear(LINE, &Sent::new(CLIENT, ACK, 0, 0).with(b"request"));
    listener.finish();
    assert_eq!(listener.heard, [Heard::Signal(ConnectionId(1))]);
}

#[test]
fn more_connections_than_the_budget_are_let_go_and_that_is_told() {
    let mut listener = Listener::default();
    let count = Budget::CONNECTIONS + 1_000;
    let syn = Sent::new(CLIENT, SYN, -1, 0);
    for number in 0..count {
        let host = u32::try_from(number).unwrap();
        let segment = TcpSegment {
            src: Endpoint::new(std::net::Ipv4Addr::from_bits(host).into(), 1_025),
            ..LINE.segment(&syn)
        };
        listener.segment(&segment, 0);
    }
    // Some go ahead of time, so that not every further one has to look for room.
    let ended = listener.ends().len();
    assert!((1_000..2_048).contains(&ended), "{ended}");
    let limitation = listener.finish().expect("told");
    assert!(
        limitation.text.contains(&format!(": {ended} connections")),
        "{limitation:?}"
    );
    let first = u64::try_from(Budget::CONNECTIONS).unwrap() + 1;
    assert_eq!(limitation.since_frame, Some(FrameNumber(first)));
}

#[test]
fn a_reader_that_takes_nothing_fills_no_memory() {
    let mut listener = Listener {
        takes_nothing: true,
        ..Listener::default()
    };
    let piece = vec![7; 60_000];
    for at in 0..100 {
        listener.hear(LINE, &Sent::new(CLIENT, ACK, at * 60_000, 0).with(&piece));
    }
    let longest = listener.heard.iter().map(|heard| match heard {
        Heard::Bytes(_, len) => *len,
        _ => 0,
    });
    assert!(longest.max().unwrap() < Budget::KERBEROS_MESSAGE + 60_004);
    assert_eq!(listener.ends(), [ConnectionId(1)]);
    assert!(listener.finish().is_some());
}

#[test]
fn a_stream_goes_on_where_its_sequence_numbers_are_used_up() {
    let mut listener = Listener::default();
    let (mut begin, mut told) = (0_i64, 0);
    for _ in 0..90_000 {
        let sent = Sent::new(CLIENT, ACK, begin, 0)
            .with(b"head")
            .cut_by(60_000);
        listener.hear(LINE, &sent);
        begin += 60_004;
    }
    for heard in &listener.heard {
        told += match heard {
            Heard::Bytes(_, len) => i64::try_from(*len).unwrap(),
            Heard::Gap(_, gap) => i64::try_from(gap.missing).unwrap(),
            Heard::Signal(_) | Heard::End(..) => 0,
        };
    }
    assert!(begin > 1 << 32);
    assert_eq!(told, begin);
}

#[test]
fn segments_at_random_do_no_harm_and_every_connection_ends_once() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut listener = Listener {
            takes_nothing: seed % 2 == 0,
            ..Listener::default()
        };
        let payload = vec![7; 3_000];
        let mut millis = 0;
        for _ in 0..4_000 {
            let near = |random: &mut Random| {
                let spread = [10, 5_000, 1 << 22, 1 << 32][random.below(4)];
                u32::try_from(random.below(spread) & 0xffff_ffff).unwrap()
            };
            let line = client(1 + u16::try_from(random.below(6)).unwrap());
            let segment = TcpSegment {
                src: line.endpoint(CLIENT),
                dst: line.endpoint(SERVER),
                sequence: near(&mut random),
                acknowledgment: near(&mut random),
                flags: TcpFlags([ACK, ACK, ACK, random.next().to_le_bytes()[0]][random.below(4)]),
                identification: 0,
                hops: 64,
                payload: &payload[..random.below(3_000)],
                cut: [0, 0, random.below(70_000)][random.below(3)],
            };
            let swapped = TcpSegment {
                src: segment.dst,
                dst: segment.src,
                ..segment
            };
            millis += i64::try_from(random.below(300)).unwrap();
            let is_answer = random.below(2) == 0;
            listener.segment(if is_answer { &swapped } else { &segment }, millis);
        }
        listener.finish();
        let mut ends = listener.ends();
        let count = ends.len();
        ends.sort_unstable();
        ends.dedup();
        assert_eq!(ends.len(), count, "seed {seed}");
        assert!(count > 6, "seed {seed}");
    }
}
