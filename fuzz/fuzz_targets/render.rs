//! Hostile text in every place of a report where text of the wire may stand, in every format.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use why401::diagnose::{self, Settings};
use why401::limits::Limitation;
use why401::report::Report;

/// A sign-on that fails, with findings.
const CAPTURE: &[u8] = include_bytes!("../../captures/03-spn-missing.pcap");

/// Longer text is no more hostile, and in so many places it takes seconds.
const LONGEST: usize = 2_000;

fn report() -> Report {
    static KNOWN: OnceLock<Report> = OnceLock::new();
    let read = || {
        let capture = why401_fuzz::reader(CAPTURE).expect("a capture");
        diagnose::diagnose(capture, &Settings::default())
    };
    KNOWN.get_or_init(read).clone()
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(&data[..data.len().min(LONGEST)]).into_owned();
    let mut report = report();
    report
        .limitations
        .push(Limitation::of_capture(text.clone()));
    for host in &mut report.hosts {
        host.names = vec![text.clone()];
    }
    for attempt in &mut report.attempts {
        attempt.client.name = Some(text.clone());
        attempt.client.principal = Some(text.clone());
        attempt.service.name = Some(text.clone());
        attempt.service.spn = Some(text.clone());
        for step in &mut attempt.steps {
            step.text.clone_from(&text);
            step.from.label.clone_from(&text);
        }
        for finding in &mut attempt.findings {
            finding.title.clone_from(&text);
            for evidence in &mut finding.evidence {
                evidence.text.clone_from(&text);
            }
        }
    }
    why401_fuzz::write_all(&report);
});
