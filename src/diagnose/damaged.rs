//! Rules and stories on attempts that were recorded and then lost some of what is known of them.
//!
//! Never asks what is concluded: only that nothing panics, and that nothing is said without a frame.

use super::*;
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::ticket_request::KdcVerdict;
use crate::rules;
use crate::story::{self, Cast, coverage, reasoning, six_steps};

/// The attempts of all committed captures.
fn attempts() -> Vec<Attempt> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "pcap" || end == "pcapng")
        })
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| attempts_of(path)).collect()
}

fn attempts_of(path: &std::path::Path) -> Vec<Attempt> {
    let file = std::fs::File::open(path).expect("a capture");
    let mut reader = CaptureReader::new(Box::new(file)).expect("a capture");
    let mut correlator = Correlator::new(Focus::default());
    let mut decoder = Decoder::default();
    let mut attempts = Vec::new();
    let read = read(
        &mut reader,
        &Settings::default(),
        &[],
        &mut |found, bytes| {
            decoder.read(found, bytes, &mut |observation| {
                correlator.observe(observation, &mut |attempt| attempts.push(attempt));
            });
        },
    );
    correlator.finish(read.last_time, &mut |attempt| attempts.push(attempt));
    attempts
}

/// Numbers that are the same each time (xorshift64).
struct Random(u64);

impl Random {
    fn once_in(&mut self, count: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.is_multiple_of(count)
    }

    fn thin<T>(&mut self, list: &mut Vec<T>) {
        list.retain(|_| !self.once_in(5));
    }

    fn forget<T>(&mut self, field: &mut Option<T>) {
        if self.once_in(6) {
            *field = None;
        }
    }
}

/// Forgets some of what is known, as a capture with holes would.
fn damage(attempt: &mut Attempt, random: &mut Random) {
    random.forget(&mut attempt.principal);
    random.forget(&mut attempt.target.address);
    random.thin(&mut attempt.target.names);
    random.thin(&mut attempt.lookups);
    random.thin(&mut attempt.connects);
    random.thin(&mut attempt.http);
    random.thin(&mut attempt.kdc_lookups);
    random.thin(&mut attempt.kdc_connects);
    random.thin(&mut attempt.tickets);
    random.thin(&mut attempt.clocks);
    for exchange in &mut attempt.http {
        random.forget(&mut exchange.answer);
        random.forget(&mut exchange.connection);
        random.forget(&mut exchange.request.head.host);
        random.forget(&mut exchange.request.head.auth);
        if let Some(answer) = &mut exchange.answer {
            random.forget(&mut answer.response.head.auth);
            random.thin(&mut answer.response.head.challenges);
        }
    }
    for request in &mut attempt.tickets {
        random.forget(&mut request.answer);
        random.forget(&mut request.request.realm);
        random.forget(&mut request.request.sname);
        random.forget(&mut request.request.cname);
        random.forget(&mut request.request.tgt);
        match request.answer.as_mut().map(|answer| &mut answer.verdict) {
            Some(KdcVerdict::Issued(reply)) => random.forget(&mut reply.ticket),
            Some(KdcVerdict::Refused(error)) => random.forget(&mut error.sname),
            None => {}
        }
    }
    for lookup in attempt.lookups.iter_mut().chain(&mut attempt.kdc_lookups) {
        random.forget(&mut lookup.answer);
    }
}

#[test]
fn no_rule_panics_or_speaks_without_a_frame_where_fields_are_missing() {
    const SEED: u64 = 0x4010_4010_4010_4010;
    let mut random = Random(SEED);
    let attempts = attempts();
    assert!(attempts.len() > 30);
    for _ in 0..100 {
        for whole in &attempts {
            let mut attempt = whole.clone();
            damage(&mut attempt, &mut random);
            let findings = rules::attempt_findings(&attempt, &Selection::default());
            for finding in &findings {
                let id = finding.rule.id;
                assert!(
                    !finding.evidence.is_empty(),
                    "seed {SEED:#x}: {id} has no frame"
                );
                let weighed = finding.rivals.iter().filter_map(|it| it.standing.as_ref());
                let weighed = weighed.flat_map(|it| it.speaks_for.iter().chain(&it.speaks_against));
                let seen = finding.evidence.iter().chain(weighed);
                let frames = seen.map(|evidence| evidence.frame);
                assert!(
                    frames.into_iter().all(|frame| frame > FrameNumber(0)),
                    "{id}"
                );
            }
            story::steps(&attempt, &findings, &Cast::of(&attempt));
            reasoning::why_ntlm(&attempt);
            six_steps::checkpoints(&attempt);
            reasoning::whose_key(&attempt);
            coverage::missing(&attempt);
        }
    }
}
