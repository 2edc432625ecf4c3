//! What commands of Windows printed, beside a capture: tickets, holders of service names, trusts, clocks.
//!
//! The outputs are written here in the words and the layout that Windows prints in English, about the machines of the recorded
//! captures; none of them was printed by a real directory.

#[path = "support/random.rs"]
mod random;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use why401::capture::CaptureReader;
use why401::diagnose::{self, LogInput, Settings};
use why401::logs::command_output::Command as Printer;
use why401::logs::{self, LogKind, Recognised};
use why401::report::{AttemptReport, Report};

use crate::random::Random;

const ON_USER: &str = "Checking domain DC=A2003,DC=VM,DC=local\r\nCN=svc-reports,OU=Service Accounts,DC=A2003,DC=VM,DC=local\r\n\tHTTP/SMS4-120-52S.A2003.VM.local\r\n\tMSSQLSvc/SMS4-120-52S.A2003.VM.local:1433\r\n\r\nExisting SPN found!\r\n";
const TWICE: &str = "Checking domain DC=A2003,DC=VM,DC=local\r\nProcessing entry 0\r\nHTTP/SMS4-120-52S.A2003.VM.local is registered on these accounts:\r\n\tCN=svc-reports,CN=Users,DC=A2003,DC=VM,DC=local\r\n\tCN=SMS4-120-52S,OU=Servers,DC=A2003,DC=VM,DC=local\r\n\r\nfound 1 group of duplicate SPNs.\r\n";
const TICKETS: &str = "\r\nCurrent LogonId is 0:0x3e7\r\n\r\nCached Tickets: (2)\r\n\r\n#0>\tClient: WK02-020-51W$ @ CHILD.A2003.VM.LOCAL\r\n\tServer: krbtgt/CHILD.A2003.VM.LOCAL @ CHILD.A2003.VM.LOCAL\r\n\tKerbTicket Encryption Type: RSADSI RC4-HMAC(NT)\r\n\tKdc Called: DC03-020-52S\r\n\r\n#1>\tClient: WK02-020-51W$ @ CHILD.A2003.VM.LOCAL\r\n\tServer: HTTP/SMS4-120-52S.A2003.VM.local @ A2003.VM.LOCAL\r\n\tKerbTicket Encryption Type: RSADSI RC4-HMAC(NT)\r\n\r\n#2>\tClient: other @ CHILD.A2003.VM.LOCAL\r\n\tServer: cifs/files.A2003.VM.local @ A2003.VM.LOCAL\r\n";
const TRUSTS: &str = "List of domain trusts:\r\n    0: A2003 A2003.VM.local (NT 5) (Forest Tree Root) (Direct Outbound) (Direct Inbound) ( Attr: withinforest )\r\n    1: CHILD Child.A2003.VM.local (NT 5) (Forest: 0) (Primary Domain) (Native)\r\nThe command completed successfully\r\n";
const CLOCK: &str = "Tracking 10.20.10.10 [10.20.10.10:123].\r\nCollecting 2 samples.\r\nThe current time is 11/22/2026 11:07:09 AM.\r\n11:07:09, +00.0620337s\r\n11:07:11, +00.0620000s\r\n";

const KINDS: [(&str, Printer); 5] = [
    (ON_USER, Printer::Setspn),
    (TWICE, Printer::Setspn),
    (TICKETS, Printer::Klist),
    (TRUSTS, Printer::Nltest),
    (CLOCK, Printer::W32tm),
];

fn capture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    fs::read(path.join(name)).expect("a capture")
}

fn with_output(capture: &[u8], text: &[u8], printer: Printer) -> Report {
    let reader = CaptureReader::new(Box::new(Cursor::new(capture.to_vec()))).expect("a capture");
    let output = LogInput {
        name: "output.txt".to_owned(),
        kind: LogKind::Command(printer),
        input: Box::new(Cursor::new(text.to_vec())),
    };
    diagnose::diagnose_with(reader, vec![output], &Settings::default())
}

/// The steps of outputs: line and text.
fn told(attempt: &AttemptReport) -> Vec<(&str, &str)> {
    let steps = attempt.steps.iter();
    steps
        .filter(|step| step.kind == "command-output")
        .map(|step| (step.source.as_deref().expect("a line"), step.text.as_str()))
        .collect()
}

#[test]
fn each_output_is_recognised_by_what_it_says() {
    for (text, printer) in KINDS {
        let wanted = Recognised::Log(LogKind::Command(printer));
        assert_eq!(logs::recognise(text.as_bytes()), wanted);
        let wide: Vec<u8> = [0xfeff]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(logs::recognise(&wide), wanted, "as PowerShell saves it");
    }
    let other = "Aktuelle Anmelde-ID ist 0:0x3e7\r\n\r\nZwischengespeicherte Tickets: (2)\r\n";
    assert_eq!(logs::recognise(other.as_bytes()), Recognised::Unknown);
}

#[test]
fn who_holds_the_name_stands_in_the_story_and_in_the_cause() {
    let capture = capture("04-spn-on-wrong-account.pcap");
    let report = with_output(&capture, ON_USER.as_bytes(), Printer::Setspn);
    let attempt = &report.attempts[0];
    assert_eq!(
        told(attempt),
        [(
            "output.txt:3",
            "CN=svc-reports,OU=Service Accounts,DC=A2003,DC=VM,DC=local holds HTTP/SMS4-120-52S.A2003.VM.local"
        )]
    );
    let headline = attempt.headline().expect("a cause");
    assert_eq!(headline.rule.id, "http-spn-on-user-account");
    assert!(
        headline
            .explanation
            .contains("does not bear the server's name")
    );
    let line = headline.evidence.iter().find_map(|it| it.source.as_deref());
    assert_eq!(line, Some("output.txt:3"));
    assert_eq!(report.logs[0].joined, 1);
}

#[test]
fn a_name_that_two_accounts_hold_is_the_cause_where_the_kdc_does_not_find_it() {
    let capture = capture("03-spn-missing.pcap");
    let alone = with_output(&capture, CLOCK.as_bytes(), Printer::W32tm);
    let cause = |report: &Report| report.attempts[0].headline().map(|it| it.rule.id);
    assert_eq!(cause(&alone), Some("ref-dead-end"));
    let twice = with_output(&capture, TWICE.as_bytes(), Printer::Setspn);
    assert_eq!(cause(&twice), Some("tgs-spn-duplicate"));
    let asked = "C:\\>setspn -Q HTTP/SMS4-120-52S.A2003.VM.local\r\nChecking domain DC=A2003,DC=VM,DC=local\r\n\r\nNo such SPN found.\r\n";
    let nobody = with_output(&capture, asked.as_bytes(), Printer::Setspn);
    assert_eq!(cause(&nobody), Some("ref-dead-end"));
    let headline = nobody.attempts[0].headline().expect("a cause");
    assert!(
        headline
            .explanation
            .contains("does not find the name either")
    );
}

#[test]
fn tickets_trusts_and_clocks_of_the_attempt_are_told_and_others_are_not() {
    let capture = capture("article.pcap");
    let tickets = with_output(&capture, TICKETS.as_bytes(), Printer::Klist);
    let lines: Vec<&str> = told(&tickets.attempts[0]).iter().map(|it| it.0).collect();
    assert_eq!(lines, ["output.txt:6", "output.txt:11"]);
    assert_eq!(tickets.logs[0].lines, 3);
    let trusts = with_output(&capture, TRUSTS.as_bytes(), Printer::Nltest);
    let text = told(&trusts.attempts[0])[0].1;
    assert!(text.contains("A2003.VM.local (in its forest)"), "{text}");
    let clock = with_output(&capture, CLOCK.as_bytes(), Printer::W32tm);
    let text = told(&clock.attempts[0])[0].1;
    assert!(text.contains("0.062 s apart"), "{text}");
    let foreign = CLOCK.replace("10.20.10.10", "10.99.99.99");
    let other = with_output(&capture, foreign.as_bytes(), Printer::W32tm);
    assert!(told(&other.attempts[0]).is_empty());
    assert!(other.logs[0].notes[0].starts_with("None of its lines"));
}

#[test]
fn damaged_outputs_are_read_as_far_as_they_go() {
    let seed = 0x10_66;
    let mut random = Random::new(seed);
    let capture = capture("03-spn-missing.pcap");
    for _ in 0..60 {
        for (text, printer) in KINDS {
            let mut damaged = text.as_bytes().to_vec();
            for _ in 0..=random.below(6) {
                let at = random.below(damaged.len());
                damaged[at] = u8::try_from(random.below(256)).unwrap();
            }
            damaged.truncate(random.below(damaged.len()) + 1);
            let report = with_output(&capture, &damaged, printer);
            let read = &report.logs[0];
            assert!(read.joined <= read.lines, "seed {seed:#x}");
        }
    }
}

#[test]
fn the_command_reads_an_output_beside_the_capture_and_tells_what_it_cannot_read() {
    let file = |name: &str, content: &str| -> PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, content).expect("a file");
        path
    };
    let known = file("who.txt", ON_USER);
    let foreign = file("tickets.txt", "Aktuelle Anmelde-ID ist 0:0x3e7\r\n");
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("captures/04-spn-on-wrong-account.pcap")
        .args([known, foreign])
        .output()
        .expect("the program");
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("[who.txt:3]"), "{told}");
    assert!(
        told.contains("setspn-output, 2 lines; 1 of them in the story"),
        "{told}"
    );
    assert!(told.contains("tickets.txt was not read"), "{told}");
}

#[test]
fn a_namesake_of_another_domain_is_not_the_server_that_is_asked_by_a_short_name() {
    let capture = capture("article.pcap");
    let holds = |host: &str| {
        let text = ON_USER.replace("HTTP/SMS4-120-52S.A2003.VM.local", &format!("HTTP/{host}"));
        let report = with_output(&capture, text.as_bytes(), Printer::Setspn);
        report.logs[0].joined
    };
    assert_eq!(holds("SMS4-120-52S.A2003.VM.local"), 1);
    assert_eq!(holds("SMS4-120-52S"), 1);
    assert_eq!(holds("SMS4-120-52S.other.example"), 0);
}
