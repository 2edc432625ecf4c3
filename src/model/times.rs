//! What machines tell about their clocks outside of any sign-on: time servers, file servers and directories.
//!
//! Never holds more than the budget.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::dissect::message::Message;
use crate::endpoint::Flow;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::clock::{ClockSample, is_sane};
use crate::wire::ldap::RootDse;
use crate::wire::ntp::NtpPacket;
use crate::wire::smb::SmbNegotiate;

/// An entry tells whole seconds: on the average half a second is missing.
const CUT_SECOND_NANOS: i64 = 500_000_000;
/// A client that puts a random number in the place of its time hits a day around the capture's hardly ever.
const DAY_NANOS: i64 = 86_400_000_000_000;

/// The readings of a capture, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Times {
    /// Each of one machine in one frame.
    pub samples: Vec<ClockSample>,
    asked: VecDeque<Question>,
}

/// A question to a time server that waits for its answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Question {
    flow: Flow,
    frame: FrameNumber,
    time: Timestamp,
    /// The client's clock as it sent it.
    bits: u64,
    told: Option<i64>,
}

impl Times {
    /// The readings of the machines that `is_wanted` picks.
    pub fn of(&self, is_wanted: impl Fn(IpAddr) -> bool) -> impl Iterator<Item = &ClockSample> {
        self.samples
            .iter()
            .filter(move |sample| is_wanted(sample.host))
    }

    /// A question to a time server, or its answer.
    pub fn add_ntp(&mut self, message: &Message, packet: NtpPacket) {
        if !packet.is_answer {
            self.ask(message, packet);
            return;
        }
        let question = self.take_question(message.flow.reversed(), packet.origin);
        if !packet.is_reading() {
            return;
        }
        let Some(sent) = packet.transmit.filter(|sent| is_sane(*sent)) else {
            return;
        };
        let server = message.flow.src.addr;
        let frame = message.first_frame();
        let simple = Timestamp::from_nanos(sent).since(message.time);
        let Some(question) = question else {
            self.add(server, frame, simple, "NTP");
            return;
        };
        // RFC 5905 section 8: half the way there and half the way back cancel out.
        let offset = packet.receive.map_or(simple, |received| {
            let there = Timestamp::from_nanos(received).since(question.time);
            there.midpoint(simple)
        });
        self.add(server, frame, offset, "NTP");
        self.add_client(&question);
    }

    /// A file server's answer to a negotiation.
    pub fn add_smb(&mut self, message: &Message, answer: &SmbNegotiate) {
        if let Some(told) = answer.system_time {
            self.add_told(message, told, "SMB negotiation");
        }
    }

    /// A directory's root entry.
    pub fn add_root_dse(&mut self, message: &Message, entry: &RootDse) {
        let told = entry.current_time;
        if let Some(told) = told.and_then(|told| told.checked_add(CUT_SECOND_NANOS)) {
            self.add_told(message, told, "LDAP currentTime");
        }
    }

    fn add_told(&mut self, message: &Message, told: i64, source: &'static str) {
        if is_sane(told) {
            let offset = Timestamp::from_nanos(told).since(message.last_time);
            self.add(message.flow.src.addr, message.first_frame(), offset, source);
        }
    }

    fn add(&mut self, host: IpAddr, frame: FrameNumber, offset_nanos: i64, source: &'static str) {
        if self.samples.len() < Budget::TIME_ANSWERS {
            self.samples.push(ClockSample {
                host,
                frame,
                offset_nanos,
                source,
            });
        }
    }

    /// The client's own clock in its question, which the server repeated.
    fn add_client(&mut self, question: &Question) {
        let offset = question
            .told
            .map(|told| Timestamp::from_nanos(told).since(question.time))
            .filter(|offset| offset.saturating_abs() < DAY_NANOS);
        if let Some(offset) = offset {
            self.add(
                question.flow.src.addr,
                question.frame,
                offset,
                "NTP question",
            );
        }
    }

    fn ask(&mut self, message: &Message, packet: NtpPacket) {
        if self.asked.len() >= Budget::TIME_QUESTIONS {
            self.asked.pop_front();
        }
        self.asked.push_back(Question {
            flow: message.flow,
            frame: message.first_frame(),
            time: message.time,
            bits: packet.transmit_bits,
            told: packet.transmit,
        });
    }

    fn take_question(&mut self, flow: Flow, bits: u64) -> Option<Question> {
        let at = self
            .asked
            .iter()
            .rposition(|question| question.flow == flow && question.bits == bits)?;
        self.asked.remove(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::message::MessageBody;
    use crate::endpoint::{Endpoint, Transport};

    const SECOND: i64 = 1_000_000_000;
    /// 2020 by a clock of nanoseconds, and the same as NTP counts.
    const NOW: i64 = 1_577_836_800 * SECOND;
    const NOW_BITS: u64 = (1_577_836_800 + 2_208_988_800) << 32;

    fn message(frame: u64, time: i64, is_answer: bool, packet: NtpPacket) -> Message {
        let flow = Flow {
            src: Endpoint::new([10, 0, 0, 51].into(), 123),
            dst: Endpoint::new([10, 0, 0, 10].into(), 123),
            transport: Transport::Udp,
        };
        Message {
            frames: [FrameNumber(frame)].into_iter().collect(),
            time: Timestamp::from_nanos(time),
            last_time: Timestamp::from_nanos(time),
            flow: if is_answer { flow.reversed() } else { flow },
            connection: None,
            loss: None,
            body: MessageBody::Ntp(packet),
        }
    }

    fn question(told: Option<i64>) -> NtpPacket {
        NtpPacket {
            is_answer: false,
            leap: 0,
            stratum: 0,
            origin: 0,
            receive: None,
            transmit: told,
            transmit_bits: NOW_BITS,
        }
    }

    fn answer(receive: i64, transmit: i64) -> NtpPacket {
        NtpPacket {
            is_answer: true,
            stratum: 2,
            origin: NOW_BITS,
            receive: Some(receive),
            transmit: Some(transmit),
            ..question(None)
        }
    }

    fn offsets(messages: &[Message]) -> Vec<(u64, i64)> {
        let mut times = Times::default();
        for message in messages {
            if let MessageBody::Ntp(packet) = &message.body {
                times.add_ntp(message, *packet);
            }
        }
        let of = |sample: &ClockSample| (sample.frame.0, sample.offset_nanos);
        times.samples.iter().map(of).collect()
    }

    #[test]
    fn half_the_round_trip_is_taken_off_where_the_question_is_there() {
        let asks = message(1, NOW, false, question(Some(NOW)));
        let told = answer(NOW + 7 * SECOND, NOW + 7 * SECOND);
        let answers = message(2, NOW + 2 * SECOND, true, told);
        assert_eq!(offsets(std::slice::from_ref(&answers)), [(2, 5 * SECOND)]);
        assert_eq!(offsets(&[asks, answers]), [(2, 6 * SECOND), (1, 0)]);
    }

    #[test]
    fn a_random_number_in_a_question_is_no_clock() {
        let asks = message(1, NOW, false, question(Some(NOW / 2)));
        let answers = message(2, NOW, true, answer(NOW, NOW));
        assert_eq!(offsets(&[asks, answers]), [(2, 0)]);
    }

    #[test]
    fn a_server_that_sends_the_client_away_tells_no_time() {
        let kiss = NtpPacket {
            stratum: 0,
            ..answer(NOW, NOW)
        };
        let unsynchronised = NtpPacket {
            leap: 3,
            ..answer(NOW, NOW)
        };
        assert_eq!(offsets(&[message(1, NOW, true, kiss)]), []);
        assert_eq!(offsets(&[message(1, NOW, true, unsynchronised)]), []);
    }
}
