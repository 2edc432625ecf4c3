//! Logs beside a capture: the lab server's own log of each recorded sign-on, and what hostile or foreign logs do.
//!
//! `captures/NAME.iis.log` was written by the lab's server while `NAME` was recorded, in the order of columns of IIS 6.

#[path = "support/random.rs"]
mod random;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use why401::capture::CaptureReader;
use why401::diagnose::{self, LogInput, Settings};
use why401::logs::LogKind;
use why401::report::Report;

use crate::random::Random;

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

/// Each recorded capture with the server's log of it.
fn recorded() -> Vec<(PathBuf, Vec<u8>, String)> {
    let mut found: Vec<(PathBuf, Vec<u8>, String)> = fs::read_dir(captures())
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| {
            let name = path.to_str()?.strip_suffix(".iis.log")?.to_owned();
            let log = fs::read_to_string(&path).expect("a log");
            let capture = ["pcap", "pcapng"]
                .into_iter()
                .map(|extension| PathBuf::from(format!("{name}.{extension}")))
                .find(|capture| capture.exists())
                .expect("the capture of a log");
            let bytes = fs::read(&capture).expect("a capture");
            Some((capture, bytes, log))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 40, "there are logs");
    found
}

fn with_log(capture: &[u8], name: &str, kind: LogKind, log: &[u8]) -> Report {
    let reader = CaptureReader::new(Box::new(Cursor::new(capture.to_vec()))).expect("a capture");
    let log = LogInput {
        name: name.to_owned(),
        kind,
        input: Box::new(Cursor::new(log.to_vec())),
    };
    diagnose::diagnose_with(reader, vec![log], &Settings::default())
}

fn is_encrypted(capture: &Path) -> bool {
    capture.ends_with("19m-https-mp.pcap")
}

#[test]
fn every_line_of_the_servers_own_log_finds_its_exchange() {
    for (capture, bytes, log) in recorded() {
        let name = capture.display();
        let report = with_log(&bytes, "u_ex.log", LogKind::Iis, log.as_bytes());
        let lines = log.lines().count() as u64;
        let [read] = report.logs.as_slice() else {
            panic!("one log");
        };
        assert_eq!(read.lines, lines, "{name}");
        assert_eq!(read.joined, lines, "{name}");
        for step in report.attempts.iter().flat_map(|attempt| &attempt.steps) {
            let Some(source) = &step.source else {
                continue;
            };
            let number: usize = source.rsplit(':').next().unwrap().parse().unwrap();
            let line = log.lines().nth(number - 1).expect("the line");
            let fields: Vec<&str> = line.split(' ').collect();
            let status = fields[fields.len() - 3..].join(" ");
            assert!(
                step.text.contains(&status),
                "{name}: {status}: {}",
                step.text
            );
        }
    }
}

/// The log with each time moved by `seconds`.
fn moved(log: &str, seconds: i64) -> String {
    let lines = log.lines().map(|line| {
        let (time, rest) = line.split_at(19);
        let time = chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").unwrap();
        let time = time + chrono::Duration::seconds(seconds);
        format!("{}{rest}", time.format("%Y-%m-%d %H:%M:%S"))
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

#[test]
fn a_servers_clock_that_is_off_is_measured_by_its_log() {
    for (capture, bytes, log) in recorded() {
        if is_encrypted(&capture) {
            continue;
        }
        let right = with_log(&bytes, "u_ex.log", LogKind::Iis, log.as_bytes());
        let (least, most) = right.logs[0].clock_ms.expect("a clock");
        for seconds in [37, -3 * 3_600] {
            let log = moved(&log, seconds);
            let off = with_log(&bytes, "u_ex.log", LogKind::Iis, log.as_bytes());
            let read = &off.logs[0];
            assert_eq!(read.joined, read.lines, "{}", capture.display());
            let by = seconds * 1_000;
            assert_eq!(
                read.clock_ms,
                Some((least + by, most + by)),
                "{}",
                capture.display()
            );
        }
    }
}

#[test]
fn a_log_of_another_month_joins_nothing_and_says_so() {
    let (_, bytes, log) = recorded().swap_remove(0);
    let log = moved(&log, 40 * 86_400);
    let report = with_log(&bytes, "u_ex.log", LogKind::Iis, log.as_bytes());
    assert_eq!(report.logs[0].joined, 0);
    assert!(
        report.logs[0]
            .notes
            .iter()
            .any(|note| note == "None of its lines is within the capture's time.")
    );
    let steps = report.attempts.iter().flat_map(|attempt| &attempt.steps);
    assert!(steps.into_iter().all(|step| step.source.is_none()));
}

#[test]
fn a_line_that_is_missing_and_a_line_too_many_are_told() {
    let capture = fs::read(captures().join("04-spn-on-wrong-account.pcap")).expect("a capture");
    let log =
        fs::read_to_string(captures().join("04-spn-on-wrong-account.iis.log")).expect("a log");
    let mut lines: Vec<&str> = log.lines().collect();
    lines.insert(1, lines[0]);
    let more = with_log(
        &capture,
        "u_ex.log",
        LogKind::Iis,
        lines.join("\n").as_bytes(),
    );
    assert_eq!(more.logs[0].joined, 2);
    let told =
        |report: &Report, what: &str| report.logs[0].notes.iter().any(|note| note.contains(what));
    assert!(
        told(&more, "is not in the capture"),
        "{:?}",
        more.logs[0].notes
    );
    let other = lines[2].replace("10.20.51.51", "10.20.51.99");
    let fewer = [lines[0], other.as_str()].join("\n");
    let fewer = with_log(&capture, "u_ex.log", LogKind::Iis, fewer.as_bytes());
    assert_eq!(fewer.logs[0].joined, 1);
}

#[test]
fn a_line_about_another_port_is_about_another_exchange() {
    let capture = fs::read(captures().join("04-spn-on-wrong-account.pcap")).expect("a capture");
    let log =
        fs::read_to_string(captures().join("04-spn-on-wrong-account.iis.log")).expect("a log");
    let other = log.replace(" - 80 ", " - 443 ");
    let report = with_log(&capture, "u_ex.log", LogKind::Iis, other.as_bytes());
    assert_eq!(report.logs[0].joined, 0);
}

#[test]
fn two_logs_that_hold_one_exchange_both_stand_in_the_story() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let log = fs::read(captures().join("article.iis.log")).expect("a log");
    let logs = ["one.log", "other.log"].map(|name| LogInput {
        name: name.to_owned(),
        kind: LogKind::Iis,
        input: Box::new(Cursor::new(log.clone())),
    });
    let reader = CaptureReader::new(Box::new(Cursor::new(capture))).expect("a capture");
    let report = diagnose::diagnose_with(reader, logs.into(), &Settings::default());
    let steps = report.attempts[0].steps.iter();
    let sources: Vec<&str> = steps.filter_map(|step| step.source.as_deref()).collect();
    assert_eq!(
        sources,
        ["one.log:1", "other.log:1", "one.log:2", "other.log:2"]
    );
    assert!(report.logs.iter().all(|log| log.joined == 2));
}

#[test]
fn a_refused_ntlm_proof_has_the_status_of_the_log() {
    let name = "11d-ntlm-rejected-401";
    let capture = fs::read(captures().join(format!("{name}.pcap"))).expect("a capture");
    let log = fs::read(captures().join(format!("{name}.iis.log"))).expect("a log");
    let report = with_log(&capture, "u_ex.log", LogKind::Iis, &log);
    let attempt = &report.attempts[0];
    let headline = attempt.headline().expect("a cause");
    let of_log = headline.evidence.iter().find(|it| it.source.is_some());
    assert!(of_log.is_some_and(|it| it.text.contains("SEC_E_LOGON_DENIED")));
    let missing = attempt
        .missing
        .iter()
        .find(|it| it.text.starts_with("why the server"));
    assert!(missing.is_none_or(|it| !it.text.contains("and its IIS log a Win32 status")));
}

#[test]
fn witnesses_that_do_not_agree_are_both_told() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let log = client_log(0, "+000", "11:07:09.500");
    let report = with_log(&capture, "client.log", LogKind::ConfigMgr, log.as_bytes());
    let approval = &report.attempts[0].approval;
    assert_eq!(
        approval.state.name(),
        "approved",
        "the server's own word is the stronger"
    );
    assert!(
        approval.because[1].contains("does not agree"),
        "{:?}",
        approval.because
    );
    assert!(approval.because[1].contains("client.log:1"));
}

#[test]
fn a_sentence_of_another_component_is_not_the_clients_word() {
    let capture = fs::read(captures().join("03-spn-missing.pcap")).expect("a capture");
    let log = client_log(1, "+000", "11:07:09.500");
    let log = log.replace("ClientIDManagerStartup", "MP_RegistrationManager");
    let report = with_log(&capture, "mp.log", LogKind::ConfigMgr, log.as_bytes());
    assert_eq!(report.attempts[0].approval.state.name(), "unknown");
}

#[test]
fn a_sentence_that_names_nobody_is_of_no_client_where_the_server_tells_of_several() {
    let capture = fs::read(captures().join("03-spn-missing.pcap")).expect("a capture");
    let line = |text: &str| {
        format!(
            "<![LOG[MP Reg: {text}]LOG]!><time=\"11:06:40.000+000\" date=\"11-22-2026\" component=\"MP_RegistrationManager\" context=\"\" type=\"3\" thread=\"1\" file=\"a.cpp:1\">\r\n"
        )
    };
    let failed = line("Processing the registration failed with 0x80070005");
    let own = line("DDR written for Client [GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11]");
    let other = line("DDR written for Client [GUID:00000000-93B1-4D52-8A7E-3F2B6D9C0E11]");
    let told = |log: &str| {
        let report = with_log(&capture, "mp.log", LogKind::ConfigMgr, log.as_bytes());
        let steps = report.attempts[0].steps.iter();
        let lines: Vec<String> = steps.filter_map(|step| step.source.clone()).collect();
        assert_eq!(report.logs[0].joined, lines.len() as u64);
        lines
    };
    assert_eq!(told(&failed), ["mp.log:1"]);
    assert_eq!(told(&format!("{failed}{own}")), ["mp.log:1", "mp.log:2"]);
    assert_eq!(told(&format!("{failed}{own}{other}")), ["mp.log:2"]);
    assert_eq!(told(&format!("{other}{failed}")), [""; 0]);
}

#[test]
fn a_line_that_was_cut_is_told() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let log = fs::read_to_string(captures().join("article.iis.log")).expect("a log");
    let padded = format!("{}{}\r\n{log}", "#Remark: ", "x".repeat(70_000));
    let report = with_log(&capture, "u_ex.log", LogKind::Iis, padded.as_bytes());
    assert_eq!(report.logs[0].joined, 2);
    let notes = &report.logs[0].notes;
    assert!(
        notes.iter().any(|note| note.contains("Of 1 of its lines")),
        "{notes:?}"
    );
}

/// The client's log as a client of that site writes it, about the identity of the recorded client.
fn client_log(status: i64, bias: &str, time: &str) -> String {
    format!(
        "<![LOG[[RegTask] - Client is registered. Server assigned ClientID is GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11. Approval status {status}]LOG]!><time=\"{time}{bias}\" date=\"11-22-2026\" component=\"ClientIDManagerStartup\" context=\"\" type=\"1\" thread=\"4116\" file=\"regtask.cpp:1\">\r\n"
    )
}

#[test]
fn the_clients_log_tells_the_approval_where_the_server_does_not() {
    let capture = fs::read(captures().join("03-spn-missing.pcap")).expect("a capture");
    for (status, state) in [
        (0, "pending"),
        (1, "approved"),
        (2, "not-applicable"),
        (-1, "unknown"),
    ] {
        let log = client_log(status, "+300", "06:07:09.500");
        let report = with_log(
            &capture,
            "ClientIDManagerStartup.log",
            LogKind::ConfigMgr,
            log.as_bytes(),
        );
        let approval = &report.attempts[0].approval;
        assert_eq!(approval.state.name(), state);
        let told = approval.because[0].contains("ClientIDManagerStartup.log:1");
        assert_eq!(told, status >= 0, "{:?}", approval.because);
        let steps = report.attempts[0].steps.iter();
        assert_eq!(steps.filter(|step| step.kind == "log-line").count(), 1);
    }
    let wrong_zone = client_log(1, "-300", "06:07:09.500");
    let report = with_log(&capture, "x.log", LogKind::ConfigMgr, wrong_zone.as_bytes());
    assert_eq!(
        report.attempts[0].approval.state.name(),
        "unknown",
        "ten hours earlier"
    );
}

#[test]
fn the_same_log_in_utf_16_says_the_same() {
    let capture = fs::read(captures().join("03-spn-missing.pcap")).expect("a capture");
    let log = client_log(1, "+000", "11:07:09.500");
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(log.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let report = with_log(&capture, "x.log", LogKind::ConfigMgr, &wide);
    assert_eq!(report.attempts[0].approval.state.name(), "approved");
}

/// The article's statement with the identity of the recorded client, and another pair of values.
fn statement(smsid: &str, pair: (u8, u8)) -> String {
    let text = fs::read_to_string(captures().join("article.sql")).expect("the statement");
    let text = text.replace(ARTICLE, smsid);
    let (approval, windows) = pair;
    text.replace(
        "(@ApprovalMethod) 1",
        &format!("(@ApprovalMethod) {approval}"),
    )
    .replace(
        "(@IsIntegratedAuth) 1",
        &format!("(@IsIntegratedAuth) {windows}"),
    )
}

/// The identity in the article's statement.
const ARTICLE: &str = "GUID:EEAF9390-94EB-43AE-A0DE-F374E3E7E03B";
/// The identity of the recorded client.
const RECORDED: &str = "GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11";

fn seen(report: &Report) -> Vec<&'static str> {
    let steps = &report.attempts[0].six_steps;
    steps.iter().map(|step| step.seen.name()).collect()
}

#[test]
fn the_sites_own_call_is_the_strongest_witness_of_the_approval() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    for (pair, state) in [
        ((1, 1), "approved"),
        ((0, 0), "not-approved"),
        ((0, 1), "unknown"),
    ] {
        let sql = statement(RECORDED, pair);
        let report = with_log(&capture, "trace.sql", LogKind::Sql, sql.as_bytes());
        let approval = &report.attempts[0].approval;
        assert_eq!(approval.state.name(), state);
        assert!(
            approval.because[0].contains("trace.sql:1"),
            "{:?}",
            approval.because
        );
        // The server's own answer says that it approved, and the registration came with proof.
        let told = match pair {
            (1, 1) => 1,
            (0, 0) => 3,
            _ => 2,
        };
        assert_eq!(approval.because.len(), told, "{:?}", approval.because);
        let disagrees = approval.because.iter().any(|it| {
            it.starts_with("the capture does not agree: frame 25 accepts the registration with proof in frames 17–22")
        });
        assert_eq!(disagrees, pair == (0, 0), "{:?}", approval.because);
        let last = if pair == (1, 1) { "seen" } else { "otherwise" };
        assert_eq!(
            seen(&report),
            ["seen", "seen", "seen", "seen", "seen", last]
        );
    }
}

#[test]
fn a_call_that_only_bears_the_clients_name_decides_where_the_capture_shows_the_same() {
    for (name, pair, state, last) in [
        ("article.pcap", (1, 1), "approved", "seen"),
        // The management point's own answer.
        ("article.pcap", (0, 0), "approved", "not shown"),
        ("03-spn-missing.pcap", (0, 0), "not-approved", "otherwise"),
        ("03-spn-missing.pcap", (1, 1), "unknown", "not shown"),
        (
            "11d-ntlm-rejected-401.pcap",
            (0, 0),
            "not-approved",
            "otherwise",
        ),
    ] {
        let sql = statement(ARTICLE, pair).into_bytes();
        let capture = fs::read(captures().join(name)).expect("a capture");
        let report = with_log(&capture, "trace.sql", LogKind::Sql, &sql);
        let approval = &report.attempts[0].approval;
        assert_eq!(approval.state.name(), state);
        let is_told = |words: &str| approval.because.iter().any(|it| it.contains(words));
        assert!(is_told("the SQL call in trace.sql:1"));
        assert!(is_told("may be an earlier registration"));
        assert_eq!(seen(&report).last(), Some(&last), "{name} {pair:?}");
    }
}

#[test]
fn a_call_of_another_day_before_decides_nothing() {
    let capture = fs::read(captures().join("03-spn-missing.pcap")).expect("a capture");
    let sql = statement(RECORDED, (1, 1)).replace(['\r', '\n'], " ");
    let sql = sql.replace('"', "&quot;");
    for (time, state) in [
        ("2026-11-20T11:00:00.000+00:00", "unknown"),
        ("2026-11-22T12:00:00.000+00:00", "approved"),
    ] {
        let trace = format!(
            "<Event id=\"12\" name=\"SQL:BatchCompleted\">\n<Column id=\"1\" name=\"TextData\">{sql}</Column>\n<Column id=\"14\" name=\"StartTime\">{time}</Column>\n</Event>\n"
        );
        let report = with_log(&capture, "trace.xml", LogKind::Sql, trace.as_bytes());
        let approval = &report.attempts[0].approval;
        assert_eq!(approval.state.name(), state, "{:?}", approval.because);
    }
}

#[test]
fn a_call_about_another_client_says_nothing_of_this_one() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let sql = statement("GUID:0", (1, 1)).replace("WK02-020-51W", "OTHER");
    let report = with_log(&capture, "trace.sql", LogKind::Sql, sql.as_bytes());
    assert_eq!(report.logs[0].joined, 0);
    assert!(!report.attempts[0].approval.because[0].contains("trace.sql"));
    assert!(
        report.logs[0]
            .notes
            .iter()
            .any(|note| note.starts_with("1 of its calls"))
    );
}

#[test]
fn a_refused_ticket_and_a_call_without_approval_agree() {
    let capture = fs::read(captures().join("04-spn-on-wrong-account.pcap")).expect("a capture");
    let sql = statement(RECORDED, (0, 0));
    let report = with_log(&capture, "trace.sql", LogKind::Sql, sql.as_bytes());
    let attempt = &report.attempts[0];
    assert_eq!(attempt.approval.state.name(), "not-approved");
    let headline = attempt.headline().expect("a cause");
    assert_eq!(headline.rule.id, "http-spn-on-user-account");
    assert_eq!(seen(&report)[4..], ["otherwise", "otherwise"]);
    let disagrees = |report: &Report| {
        let because = &report.attempts[0].approval.because;
        because
            .iter()
            .any(|it| it.starts_with("the capture does not agree"))
    };
    assert!(!disagrees(&report));
    let sql = statement(RECORDED, (1, 1));
    let approved = with_log(&capture, "trace.sql", LogKind::Sql, sql.as_bytes());
    assert_eq!(approved.attempts[0].approval.state.name(), "approved");
    assert!(disagrees(&approved), "{:?}", approved.attempts[0].approval);
}

#[test]
fn damaged_logs_are_read_as_far_as_they_go() {
    let seed = 0x10_65;
    let mut random = Random::new(seed);
    let (_, bytes, log) = recorded().swap_remove(3);
    let told = client_log(1, "+000", "11:07:09.500");
    let sql = statement(RECORDED, (1, 1));
    for _ in 0..300 {
        for (kind, text) in [
            (LogKind::Iis, &log),
            (LogKind::HttpErr, &log),
            (LogKind::ConfigMgr, &told),
            (LogKind::Sql, &sql),
        ] {
            let mut damaged = text.clone().into_bytes();
            for _ in 0..=random.below(6) {
                let at = random.below(damaged.len());
                damaged[at] = u8::try_from(random.below(256)).unwrap();
            }
            damaged.truncate(random.below(damaged.len()) + 1);
            let report = with_log(&bytes, "x.log", kind, &damaged);
            let read = &report.logs[0];
            assert!(read.joined <= read.lines, "seed {seed:#x}");
        }
    }
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .expect("the program")
}

/// A file of the test `name` with `content`.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("a file");
    path
}

#[test]
fn the_command_tells_logs_from_captures_by_what_they_hold() {
    let log = file(
        "named-like-a-capture.pcap",
        &fs::read(captures().join("article.iis.log")).unwrap(),
    );
    let log = log.to_str().unwrap();
    let output = run(&["--format", "json", log, "captures/article.pcap"]);
    assert_eq!(output.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<&str> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["capture", "iis-log"]);
    assert_eq!(report["inputs"][1]["joined_lines"], 2);
    assert_eq!(report["inputs"][1]["sha256"].as_str().unwrap().len(), 64);
    let sources: Vec<&str> = report["attempts"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|step| step["source"].as_str())
        .collect();
    assert_eq!(
        sources,
        ["named-like-a-capture.pcap:1", "named-like-a-capture.pcap:2"]
    );
}

#[test]
fn a_packed_log_says_what_it_says_unpacked() {
    let log = fs::read(captures().join("article.iis.log")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&log).unwrap();
    let log = file("packed.log.gz", &packed.finish().unwrap());
    let output = run(&[
        "--format",
        "json",
        log.to_str().unwrap(),
        "captures/article.pcap",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["inputs"][1]["kind"], "iis-log");
    assert_eq!(report["inputs"][1]["joined_lines"], 2);
}

#[test]
fn what_is_neither_is_named_and_the_rest_is_told() {
    let letter = file(
        "letter.txt",
        b"Dear customer,\nplease find the capture attached.\n",
    );
    let output = run(&["captures/article.pcap", letter.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1);
    assert!(
        said.contains("letter.txt: looks like a text file"),
        "{said}"
    );
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("letter.txt was not read: looks like a text file"),
        "{told}"
    );
    assert!(told.contains("ACCEPTED WITH KERBEROS"));
}

#[test]
fn a_hostile_log_cannot_write_on_the_terminal() {
    let log = fs::read_to_string(captures().join("article.iis.log")).unwrap();
    let hostile = log.replace("CHILD\\WK02-020-51W$", "\u{1b}[2J\u{202e}evil\u{7}");
    assert_ne!(log, hostile);
    let path = file("hostile.log", hostile.as_bytes());
    let output = run(&["captures/article.pcap", path.to_str().unwrap()]);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("evil"), "{told}");
    assert!(!told.contains(['\u{1b}', '\u{202e}', '\u{7}']));
}

/// `capture` beside a log whose lines are `lines`.
fn beside(capture: &str, lines: &[String]) -> Report {
    let capture = fs::read(captures().join(capture)).expect("a capture");
    with_log(
        &capture,
        "u_ex.log",
        LogKind::Iis,
        lines.join("\r\n").as_bytes(),
    )
}

/// The lines of a log of the lab's server, with the client at `address`.
fn by_way_of(address: &str, log: &str) -> Vec<String> {
    let log = fs::read_to_string(captures().join(log)).expect("a log");
    let lines = log.lines();
    lines
        .map(|line| line.replace(" 10.20.51.51 ", &format!(" {address} ")))
        .collect()
}

fn has_note(report: &Report, what: &str) -> bool {
    report.logs[0].notes.iter().any(|note| note.contains(what))
}

const NAT: &str = "198.51.100.7";

#[test]
fn a_client_that_the_log_has_by_another_address_is_known_by_its_account() {
    let report = beside("article.pcap", &by_way_of(NAT, "article.iis.log"));
    assert_eq!(report.logs[0].joined, 2, "{:?}", report.logs[0].notes);
    let said = "It has 10.20.51.51 as 198.51.100.7: lines of that address alone fit in time, request, status and account";
    assert!(has_note(&report, said), "{:?}", report.logs[0].notes);
    let steps = &report.attempts[0].steps;
    let logged = steps.iter().filter(|step| step.source.is_some());
    let logged: Vec<&str> = logged.map(|step| step.text.as_str()).collect();
    assert!(
        logged
            .iter()
            .all(|it| it.contains("logged as 198.51.100.7"))
    );
    assert_eq!(logged.len(), 2);
}

/// The lab's log with the columns of IIS 10, written by a server behind a balancer that says for whom it asks.
fn behind_a_balancer(named: &str) -> Vec<String> {
    let fields = "#Fields: date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status X-Forwarded-For";
    let lines = by_way_of("10.10.120.9", "article.iis.log").into_iter();
    let lines = lines.map(|line| {
        format!(
            "{} {named}",
            line.replace(" 10.10.120.52 ", " 10.10.120.53 ")
        )
    });
    std::iter::once(fields.to_owned()).chain(lines).collect()
}

#[test]
fn a_balancer_that_names_the_client_leaves_nothing_to_guess() {
    // One line is enough where the log says whose it is, and the server behind has an address of its own.
    for named in ["10.20.51.51", "10.20.51.51:49155,+10.10.120.8"] {
        let lines = behind_a_balancer(named);
        let report = beside("article.pcap", &lines[..2]);
        assert_eq!(report.logs[0].joined, 1, "{:?}", report.logs[0].notes);
        let said = "It has 10.20.51.51 as 10.10.120.9, and names 10.20.51.51 in its column for X-Forwarded-For.";
        assert!(has_note(&report, said), "{:?}", report.logs[0].notes);
    }
    let others = behind_a_balancer("10.20.51.77");
    assert_eq!(beside("article.pcap", &others[..2]).logs[0].joined, 0);
}

#[test]
fn a_client_that_the_servers_own_log_lacks_is_known_by_two_lines() {
    let capture = "04-spn-on-wrong-account.pcap";
    let lines = by_way_of(NAT, "04-spn-on-wrong-account.iis.log");
    let report = beside(capture, &lines);
    assert_eq!(report.logs[0].joined, 2, "{:?}", report.logs[0].notes);
    assert!(!has_note(&report, "and account"));
    // A log of another server is no evidence.
    let elsewhere: Vec<String> = lines
        .iter()
        .map(|line| line.replacen(" 10.10.120.52 ", " 192.0.2.80 ", 1))
        .collect();
    assert_ne!(lines, elsewhere);
    assert_eq!(beside(capture, &elsewhere).logs[0].joined, 0);
}

#[test]
fn an_address_in_a_log_is_no_clients_where_another_way_fits_too() {
    let lines = by_way_of(NAT, "article.iis.log");
    let with = |more: Vec<String>| {
        let all: Vec<String> = lines.iter().cloned().chain(more).collect();
        beside("article.pcap", &all).logs[0].joined
    };
    // Another address.
    assert_eq!(with(by_way_of("198.51.100.8", "article.iis.log")), 0);
    // The same address once more.
    assert_eq!(with(lines.clone()), 0);
    // The same a minute later.
    let later = moved(&lines.join("\r\n"), 60);
    assert_eq!(with(later.lines().map(str::to_owned).collect()), 0);
    // Another account alone.
    let account = |line: &String| line.replace("WK02-020-51W$", "WK02-020-52W$");
    let other: Vec<String> = lines.iter().map(account).collect();
    assert_ne!(lines, other);
    assert_eq!(beside("article.pcap", &other).logs[0].joined, 0);
    // The account in a domain that is not told to be the client's speaks not against it.
    let short = |line: &String| line.replace("CHILD\\", "CORPCHILD\\");
    let other: Vec<String> = lines.iter().map(short).collect();
    assert_ne!(lines, other);
    assert_eq!(beside("article.pcap", &other).logs[0].joined, 2);
}

#[test]
fn each_recorded_sign_on_is_found_behind_another_address_or_left_alone() {
    let mut found = 0;
    for (capture, bytes, log) in recorded() {
        let direct = with_log(&bytes, "u_ex.log", LogKind::Iis, log.as_bytes());
        let moved = log.replace(" 10.20.51.51 ", " 198.51.100.7 ");
        let report = with_log(&bytes, "u_ex.log", LogKind::Iis, moved.as_bytes());
        let joined = report.logs[0].joined;
        assert!(
            joined == 0 || joined == direct.logs[0].joined,
            "{capture:?}"
        );
        found += u64::from(joined > 0);
    }
    assert!(found > 20, "{found}");
}

#[test]
fn a_line_about_another_server_is_about_another_exchange() {
    let lines = by_way_of("10.20.51.51", "article.iis.log");
    let elsewhere: Vec<String> = lines
        .iter()
        .map(|line| line.replacen(" 10.10.120.52 ", " 10.10.120.53 ", 1))
        .collect();
    // An address that the capture does not have may be the server's own behind a load balancer, where all of them fit.
    let behind = beside("article.pcap", &elsewhere);
    assert_eq!(behind.logs[0].joined, 2);
    assert!(has_note(
        &behind,
        "It is of 10.10.120.53, which is not in the capture"
    ));
    // And else it is another server, of which the client asks the same.
    let refused = elsewhere[0].replace("401 2", "401 1");
    let other = [elsewhere[0].clone(), refused];
    assert_eq!(beside("article.pcap", &other).logs[0].joined, 0);
}

#[test]
fn a_line_for_another_account_is_not_about_a_request_that_proves_this_one() {
    let lines = by_way_of("10.20.51.51", "article.iis.log");
    let other = lines[1].replace("WK02-020-51W$", "WK02-020-99X$");
    let both = [lines[0].clone(), other.clone(), lines[1].clone()];
    let report = beside("article.pcap", &both);
    let sources: Vec<&str> = report.attempts[0]
        .steps
        .iter()
        .filter_map(|step| step.source.as_deref())
        .collect();
    assert_eq!(sources, ["u_ex.log:1", "u_ex.log:3"]);
    let report = beside("article.pcap", &[lines[0].clone(), other]);
    assert_eq!(report.logs[0].joined, 1);
    let stranger = "u_ex.log:2 has the account CHILD\\WK02-020-99X$ for a request like the one that begins in frame 17, whose proof is another account's: ";
    assert!(has_note(&report, stranger), "{:?}", report.logs[0].notes);
}

#[test]
fn a_line_with_another_status_than_the_capture_is_a_disagreement_or_another_request() {
    let lines = by_way_of("10.20.51.51", "article.iis.log");
    let refused = lines[1].replace("CHILD\\WK02-020-51W$", "-");
    let refused = refused.replace(" 200 0 0", " 401 1 2148074252");
    let report = beside("article.pcap", &[lines[0].clone(), refused.clone()]);
    let said = "u_ex.log:2 has status 401 for a request like the one that begins in frame 17, to which the capture has status 200: the log and the capture do not agree, or the line is about another request.";
    assert!(has_note(&report, said), "{:?}", report.logs[0].notes);
    assert_eq!(report.attempts[0].outcome.name(), "kerberos-accepted");
    // The request has a line of its own: then the other is about another one.
    let report = beside(
        "article.pcap",
        &[lines[0].clone(), refused, lines[1].clone()],
    );
    assert!(!has_note(&report, "do not agree"));
    assert!(has_note(&report, "that is not in the capture"));
}

#[test]
fn a_witness_that_names_the_identity_with_another_certificate_is_told_as_such() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let said = "names the client's identity with another certificate than the capture";
    let sql = statement(RECORDED, (1, 1));
    let report = with_log(&capture, "trace.sql", LogKind::Sql, sql.as_bytes());
    let approval = &report.attempts[0].approval;
    assert!(approval.because[0].contains(said), "{:?}", approval.because);
    let told = |thumbprint: &str| {
        let log = format!(
            "<![LOG[MP Reg: DDR written to [X.RDR] for Client [{RECORDED}]\r\nwith Certificate Thumbprint [{thumbprint}].]LOG]!><time=\"11:06:09.100+000\" date=\"11-22-2026\" component=\"MP_RegistrationManager\">"
        );
        let report = with_log(&capture, "mp.log", LogKind::ConfigMgr, log.as_bytes());
        let steps = report.attempts[0].steps.iter();
        let step = steps.into_iter().find(|step| step.source.is_some());
        step.expect("a line").text.clone()
    };
    let other = told("0011223344556677889900112233445566778899");
    assert!(other.contains(said), "{other}");
    let own = told("EB3D06E694159160E9C8EA737F7AC3DC4E1B94D0");
    assert!(
        own.contains("] with Certificate") && !own.contains(said),
        "{own}"
    );
}

#[test]
fn a_management_point_that_says_failed_does_not_agree_with_its_answer() {
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let because = |text: &str| {
        let log = format!(
            "<![LOG[{text}]LOG]!><time=\"11:06:09.100+000\" date=\"11-22-2026\" component=\"MP_RegistrationManager\">"
        );
        let report = with_log(&capture, "mp.log", LogKind::ConfigMgr, log.as_bytes());
        report.attempts[0].approval.because.clone()
    };
    let failed = because(&format!("MP Reg: Registration failed for [{RECORDED}]."));
    assert_eq!(
        failed[1],
        "another witness does not agree: the management point's log says in mp.log:1, which names the client's identity, that a registration failed"
    );
    assert_eq!(
        because("MP Reg: Registration failed.").len(),
        1,
        "it may be another client's"
    );
}

#[test]
fn a_log_without_time_zones_is_told_as_such() {
    let told = |bias: &str| {
        let log = client_log(1, bias, "12:06:10.000");
        let capture = fs::read(captures().join("article.pcap")).expect("a capture");
        let report = with_log(&capture, "client.log", LogKind::ConfigMgr, log.as_bytes());
        has_note(&report, "1 of its lines have no time zone")
    };
    assert!(told(""));
    assert!(!told("-60"));
}

#[test]
fn a_log_that_shows_a_management_point_inside_tls_fills_the_steps_that_it_can() {
    let lines = by_way_of("10.20.51.51", "19m-https-mp.iis.log");
    let capture = "19m-https-mp.pcap";
    let steps = |lines: &[String]| {
        let report = beside(capture, lines);
        let attempt = &report.attempts[0];
        let seen = attempt.six_steps.iter().map(|it| it.seen.name());
        (attempt.approval.state.name(), seen.collect::<Vec<_>>())
    };
    let hidden = "not shown";
    let accepted = [hidden, hidden, "seen", hidden, "seen", hidden];
    assert_eq!(steps(&lines), ("unknown", accepted.to_vec()));
    let refused = lines[1].replace("200 0 0", "401 1 2148074252");
    let refused = refused.replace("CHILD\\WK02-020-51W$", "-");
    let otherwise = [hidden, hidden, "seen", hidden, "otherwise", hidden];
    let told = steps(&[lines[0].clone(), refused]);
    assert_eq!(told, ("unknown", otherwise.to_vec()));
    let alone = &beside(capture, &[]).attempts[0].approval;
    assert_eq!(alone.state.name(), "unknown");
    assert!(alone.because[0].contains("whether it is a management point"));
    // Another server's lines, and another computer's.
    let moved = |from: &str, to: &str| {
        let line = |line: &String| line.replacen(from, to, 1);
        let lines: Vec<String> = lines.iter().map(line).collect();
        beside(capture, &lines).logs[0].joined
    };
    assert_eq!(moved(" 10.10.120.52 ", " 10.10.120.99 "), 0);
    assert_eq!(moved("WK02-020-51W$", "WK02-020-99X$"), 1);
}

#[test]
fn behind_a_balancer_a_sign_on_inside_tls_is_found_by_whom_the_log_names() {
    let fields = "#Fields: date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status X-Forwarded-For";
    let joined = |named: &str| {
        let lines = by_way_of("10.10.120.9", "19m-https-mp.iis.log").into_iter();
        let lines = lines.map(|line| {
            format!(
                "{} {named}",
                line.replace(" 10.10.120.52 ", " 10.10.120.53 ")
            )
        });
        let lines: Vec<String> = std::iter::once(fields.to_owned()).chain(lines).collect();
        beside("19m-https-mp.pcap", &lines).logs[0].joined
    };
    assert_eq!(joined("10.20.51.51"), 2);
    assert_eq!(joined("10.20.51.77"), 0);
    assert_eq!(joined("-"), 0);
}

/// The lines of the log of two clients that register under one identity, with both at `address`.
fn two_by_way_of(address: &str) -> Vec<String> {
    let lines = by_way_of(address, "21-duplicate-smsid-two-clients.iis.log");
    let lines = lines.iter();
    lines
        .map(|line| line.replace(" 10.20.52.52 ", &format!(" {address} ")))
        .collect()
}

/// The line of each step of a log, by the client's address.
fn sources(report: &Report) -> Vec<(String, String)> {
    let attempts = report.attempts.iter();
    let each = attempts.flat_map(|attempt| {
        let told = attempt.steps.iter().filter_map(|it| it.source.clone());
        told.map(|source| (attempt.client.address.to_string(), source))
    });
    each.collect()
}

#[test]
fn two_clients_behind_one_address_are_told_apart_by_their_accounts() {
    let capture = "21-duplicate-smsid-two-clients.pcap";
    let lines = two_by_way_of(NAT);
    let own = |client: &str, line: u32| (client.to_owned(), format!("u_ex.log:{line}"));
    // The refusals of the same second may be either's, and are nobody's.
    let report = beside(capture, &lines);
    let both = [own("10.20.51.51", 2), own("10.20.52.52", 4)];
    assert_eq!(sources(&report), both);
    for client in ["10.20.51.51", "10.20.52.52"] {
        assert!(has_note(&report, &format!("It has {client} as {NAT}")));
    }
    let open = "u_ex.log:1, u_ex.log:3 may be about the requests that begin in frames";
    assert!(has_note(&report, open), "{:?}", report.logs[0].notes);
    // In the other order of lines as well.
    let turned: Vec<String> = lines.iter().rev().cloned().collect();
    let both = [own("10.20.51.51", 3), own("10.20.52.52", 1)];
    assert_eq!(sources(&beside(capture, &turned)), both);
    // A third client, whom the capture does not have, takes nothing away.
    let third = lines[1].replace("WK02-020-51W$", "WK02-020-99X$");
    let more: Vec<String> = lines.iter().cloned().chain([third]).collect();
    assert_eq!(beside(capture, &more).logs[0].joined, 2);
    // Without accounts nobody knows.
    let nobody = |line: &String| line.replace("CHILD\\WK02-020-51W$", "-");
    let nobody: Vec<String> = lines.iter().map(nobody).collect();
    let report = beside(capture, &nobody);
    assert_eq!(sources(&report), [own("10.20.52.52", 4)]);
    for report in [beside(capture, &lines), report] {
        assert!(!has_note(&report, "It has no line"), "by another address");
    }
}

/// Two requests of one client for the same within a second, as the capture has their bytes: the first shows a ticket.
fn with_bytes(order: [usize; 2]) -> Vec<String> {
    let fields = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken";
    let line = |bytes: &str| {
        format!(
            "2026-11-22 11:26:02 10.10.120.52 CCM_POST /ccm_system_windowsauth/request - 80 CHILD\\WK02-020-51W$ 10.20.51.51 ccmhttp 200 0 0 {bytes} 31"
        )
    };
    let lines = [line("1457 4242"), line("1179 3105")];
    let ordered = order.map(|at| lines[at].clone());
    std::iter::once(fields.to_owned()).chain(ordered).collect()
}

#[test]
fn of_two_lines_of_one_second_the_bytes_tell_whose_they_are() {
    let capture = "19c-http-two-approvals-keepalive.pcap";
    for (order, expected) in [([0, 1], [2, 3]), ([1, 0], [3, 2])] {
        let report = beside(capture, &with_bytes(order));
        assert_eq!(report.logs[0].joined, 2);
        let lines: Vec<String> = sources(&report).into_iter().map(|(_, line)| line).collect();
        let expected = expected.map(|line| format!("u_ex.log:{line}"));
        assert_eq!(lines, expected, "{order:?}");
    }
    // That they differ is no contradiction.
    let strange: Vec<String> = with_bytes([0, 1])
        .iter()
        .map(|line| line.replace("1457 4242", "1 2").replace("1179 3105", "3 4"))
        .collect();
    assert_eq!(beside(capture, &strange).logs[0].joined, 2);
}

#[test]
fn what_the_server_concludes_and_which_server_the_client_chose_stand_in_the_story() {
    let line = |component: &str, text: &str| {
        format!(
            "<![LOG[{text}]LOG]!><time=\"12:06:09.000-60\" date=\"11-22-2026\" component=\"{component}\" context=\"\" type=\"1\" thread=\"1\" file=\"a.cpp:1\">\r\n"
        )
    };
    let chosen = "Assigned MP for site P01 is SMS4-120-52S.A2003.VM.local";
    let other = "Assigned MP for site P01 is SMS5-120-52S.A2003.VM.local";
    let done = "MP Reg: Processing completed. Completion state = 0";
    let log = [
        line("LocationServices", chosen),
        line("LocationServices", other),
        line("MP_RegistrationManager", done),
        line("PolicyAgent", chosen),
    ];
    let capture = fs::read(captures().join("article.pcap")).expect("a capture");
    let report = with_log(
        &capture,
        "ccm.log",
        LogKind::ConfigMgr,
        log.concat().as_bytes(),
    );
    let steps = report.attempts[0].steps.iter();
    let told: Vec<&str> = steps.filter_map(|it| it.source.as_deref()).collect();
    assert_eq!(told, ["ccm.log:1", "ccm.log:3"]);
}

/// The story of a sign-on that two captures show, before and behind a device that rewrites the client's address, beside `lines`.
fn at_both_ends(name: &str, lines: &[&str]) -> String {
    let log = file(name, lines.join("\r\n").as_bytes());
    let captures = ["74-nat-at-client.pcap", "74b-nat-at-server.pcap"];
    let captures = captures.map(captures_path);
    let output = run(&[&captures[0], &captures[1], log.to_str().expect("a path")]);
    String::from_utf8(output.stdout).expect("text")
}

fn captures_path(name: &str) -> String {
    captures().join(name).to_string_lossy().into_owned()
}

#[test]
fn what_two_captures_tell_of_an_address_that_is_rewritten_holds_for_the_log_too() {
    let fields = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status";
    let challenge = "2026-11-27 21:39:02 10.77.2.52 CCM_POST /ccm_system_windowsauth/request - 80 - 10.77.1.99 ccmhttp 401 2 5";
    let accepted = "2026-11-27 21:39:02 10.77.2.52 CCM_POST /ccm_system_windowsauth/request - 80 SITE\\WS-117$ 10.77.1.99 ccmhttp 200 0 0";
    let stranger = accepted.replace("WS-117$", "WS-118$");
    let told = at_both_ends("both-ends.log", &[fields, challenge, accepted]);
    assert!(
        told.contains("2 lines") && told.contains("2 of them in the story"),
        "{told}"
    );
    assert!(told.contains("logged as 10.77.1.99"), "{told}");
    // One line alone, without an account, is enough here.
    let told = at_both_ends("both-ends-refused.log", &[fields, challenge]);
    assert!(told.contains("1 of them in the story"), "{told}");
    // Another client behind the device: what may be either's is nobody's, and is not said to be missing.
    let lines = [fields, challenge, accepted, challenge, &stranger];
    let told = at_both_ends("both-ends-shared.log", &lines);
    assert!(told.contains("1 of them in the story"), "{told}");
    assert!(!told.contains("It has no line"), "{told}");
}
