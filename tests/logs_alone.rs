//! Logs without a capture: what they say, held against the captures that were recorded beside them.
//!
//! `captures/NAME.iis.log` was written by the lab's server while `NAME` was recorded. What MP_RegistrationManager and `setspn` say
//! here is made up after `tests/identities.rs` and `tests/outputs.rs`, since the lab has neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const MP_LOG: &str = "<![LOG[MP Reg: Processing failed 0x80070005]LOG]!><time=\"11:06:09.000+00\" date=\"11-22-2026\" component=\"MP_RegistrationManager\" context=\"\" type=\"3\" thread=\"1\" file=\"a.cpp:1\">\r\n";
const CLIENT_LOG: &str = "<![LOG[[RegTask] - Client is registered. Server assigned ClientID is GUID:EEAF9390-94EB-43AE-A0DE-F374E3E7E03B. Approval status 0]LOG]!><time=\"11:06:10.000+00\" date=\"11-22-2026\" component=\"ClientIDManagerStartup\" context=\"\" type=\"1\" thread=\"1\" file=\"a.cpp:1\">\r\n";
const TWICE: &str = "Processing entry 0\r\nHTTP/MP.example.com is registered on these accounts:\r\n\tCN=MP,OU=Servers,DC=example,DC=com\r\n\tCN=svc-web,OU=Service Accounts,DC=example,DC=com\r\n\r\nfound 1 group of duplicate SPNs.\r\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(root())
        .args(words)
        .output()
        .expect("the program")
}

fn said(words: &[&str]) -> String {
    let output = run(words);
    assert_ne!(output.status.code(), Some(2), "{words:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn report(files: &[&str]) -> Value {
    let words: Vec<&str> = ["--format", "json"].iter().chain(files).copied().collect();
    serde_json::from_str(&said(&words)).expect("JSON")
}

/// A file of a test, whose name tells it from those of others.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a file");
    path
}

fn outcomes(report: &Value) -> Vec<&str> {
    let readings = report["log_story"]["readings"]
        .as_array()
        .expect("readings");
    let outcomes = readings.iter().filter_map(|it| it["outcome"].as_str());
    outcomes.collect()
}

/// Each log of the lab's server with the capture beside it, unless the exchange is in TLS.
fn recorded() -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join("captures")).expect("captures");
    let mut found: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let path = entry.expect("an entry").path();
            let log = path.to_str()?.to_owned();
            let name = log.strip_suffix(".iis.log")?;
            let mut captures = ["pcap", "pcapng"]
                .map(|it| format!("{name}.{it}"))
                .into_iter();
            let capture = captures.find(|it| Path::new(it).exists())?;
            (!name.ends_with("19m-https-mp")).then_some((log, capture))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 35, "there are logs");
    found
}

#[test]
fn a_log_says_accepted_where_the_capture_shows_it_and_nowhere_else() {
    let (mut accepted, mut refused) = (0, 0);
    for (log, capture) in recorded() {
        let alone = report(&[&log]);
        let beside = report(&[&capture]);
        let ends: Vec<&str> = beside["attempts"]
            .as_array()
            .expect("attempts")
            .iter()
            .filter_map(|it| it["outcome"].as_str())
            .collect();
        let by_capture = ends
            .iter()
            .any(|it| ["kerberos-accepted", "ntlm-accepted"].contains(it));
        let by_log = outcomes(&alone).contains(&"accepted");
        assert_eq!(by_log, by_capture, "{log}: {ends:?}");
        // What the log says is refused is refused in the capture too: an NTLM message behind a failed ticket request is.
        if outcomes(&alone).contains(&"refused") {
            let steps = beside["attempts"].to_string();
            let is_ntlm = steps.contains("401 again: refuses the NTLM message");
            assert!(ends.contains(&"rejected") || is_ntlm, "{log}: {ends:?}");
            refused += 1;
        }
        accepted += usize::from(by_log);
    }
    assert!(accepted > 10 && refused > 4, "{accepted}, {refused}");
}

#[test]
fn a_refusal_in_a_log_is_an_error_and_a_bare_challenge_is_none() {
    let refused = "captures/04c-kvno-mismatch-password-out-of-sync.iis.log";
    assert_eq!(run(&[refused]).status.code(), Some(1));
    assert_eq!(run(&["--fail-on", "never", refused]).status.code(), Some(0));
    let lines = said(&["--format", "jsonl", refused]);
    let finding: Value = serde_json::from_str(&lines).expect("one finding");
    assert_eq!(finding["rule"], "http-401-log-reason");
    let source = &finding["evidence"][0]["source"];
    assert_eq!(source, "04c-kvno-mismatch-password-out-of-sync.iis.log:2");
    let challenged = run(&["captures/03-spn-missing.iis.log"]);
    assert_eq!(challenged.status.code(), Some(0));
    let told = report(&["captures/03-spn-missing.iis.log"]);
    assert_eq!(outcomes(&told), ["challenged"]);
    let open = told["log_story"]["open"].to_string();
    assert!(open.contains("which service name it asked for"), "{open}");
}

#[test]
fn the_lines_of_all_files_stand_in_the_order_of_time() {
    let mp = file("alone-mp.log", MP_LOG);
    let client = file("alone-client.log", CLIENT_LOG);
    let spn = file("alone-setspn.txt", TWICE);
    let [mp, client, spn] = [&mp, &client, &spn].map(|it| it.to_str().expect("a path"));
    let told = report(&[
        spn,
        "captures/article.sql",
        client,
        mp,
        "captures/article.iis.log",
    ]);
    let lines = told["log_story"]["lines"].as_array().expect("lines");
    let sources: Vec<&str> = lines
        .iter()
        .filter_map(|it| it["source"].as_str())
        .collect();
    let dated = [
        "article.iis.log:1",
        "article.iis.log:2",
        "alone-mp.log:1",
        "alone-client.log:1",
    ];
    assert_eq!(sources[..4], dated);
    assert!(lines[..4].iter().all(|it| it["time"].is_string()));
    assert!(lines[4..].iter().all(|it| it["time"].is_null()));
    let readings = told["log_story"]["readings"].as_array().expect("readings");
    let approvals: Vec<&str> = readings
        .iter()
        .filter_map(|it| it["approval"].as_str())
        .collect();
    assert_eq!(approvals, ["pending", "approved"]);
    let held = readings.last().expect("a reading")["text"].as_str();
    let held = held.expect("a sentence");
    assert!(
        held.starts_with("http/mp.example.com is held by 2 accounts"),
        "{held}"
    );
}

#[test]
fn no_format_names_a_frame() {
    let files = [
        "captures/article.iis.log",
        "captures/article.sql",
        "captures/11d-ntlm-rejected-401.iis.log",
    ];
    for format in ["text", "markdown", "html", "json", "jsonl", "mermaid"] {
        let words: Vec<&str> = ["--format", format].iter().chain(&files).copied().collect();
        let text = said(&words);
        let body = text.split("</style>").last().expect("text");
        // `frame 14`, `frames 4–7`, `"frame": 14`, and the filter of a viewer.
        let mut behind = body
            .match_indices("frame")
            .map(|(at, word)| &body[at + word.len()..]);
        let is_numbered = |rest: &str| {
            let rest = rest
                .trim_start_matches(['s', '"', ':', ' ', '.', '=', 'n', 'u', 'm', 'b', 'e', 'r']);
            rest.starts_with(|sign: char| sign.is_ascii_digit())
        };
        assert!(!behind.any(is_numbered), "{format}: {body}");
        assert!(
            format == "jsonl" || body.contains("10.20.51.51"),
            "{format}: {body}"
        );
    }
}

#[test]
fn what_needs_frames_refuses_logs_alone() {
    let log = "captures/article.iis.log";
    for (words, why) in [
        (vec!["list", log], "name the capture beside it"),
        (vec!["--redact", log], "no capture beside them"),
        (vec!["--frames", "1-2", log], "there is none"),
    ] {
        let output = run(&words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let told = String::from_utf8(output.stderr).expect("text");
        assert!(told.contains(why), "{words:?}: {told}");
    }
}

#[test]
fn what_is_no_log_is_told_and_the_rest_is_read() {
    let letter = file("alone-letter.txt", "Dear engineer,\nit does not work.\n");
    let output = run(&["captures/article.iis.log", letter.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(0));
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert!(
        complaint.contains("alone-letter.txt: looks like a text file"),
        "{complaint}"
    );
    let told = String::from_utf8(output.stdout).expect("text");
    assert!(told.contains("alone-letter.txt was not read"), "{told}");
    assert!(told.contains("LOGS WITHOUT A CAPTURE"), "{told}");
}

#[test]
fn a_client_is_told_alone_and_a_long_log_in_its_latest_lines() {
    let line = |second: usize, client: &str, rest: &str| {
        let (minute, second) = (second / 60 % 60, second % 60);
        format!("2026-11-22 11:{minute:02}:{second:02} W3SVC1 10.0.0.1 CCM_POST /ccm_system_windowsauth/request - 80 {rest}\n")
            .replace("CLIENT", client)
    };
    let log: String = (0..1_500)
        .flat_map(|at| {
            let client = if at % 10 == 9 { "10.0.0.9" } else { "10.0.0.8" };
            [
                line(at * 2, client, "- CLIENT ccmhttp 401 2 5"),
                line(at * 2, client, "D\\PC$ CLIENT ccmhttp 200 0 0"),
            ]
        })
        .collect();
    let path = file("alone-long.log", &log);
    let path = path.to_str().expect("a path");
    let all = report(&[path]);
    let lines = all["log_story"]["lines"].as_array().expect("lines");
    assert_eq!(lines.len(), 200);
    assert_eq!(lines[199]["source"], "alone-long.log:3000");
    assert_eq!(all["log_story"]["untold_lines"], 2_800);
    let one = report(&["--client", "10.0.0.9", path]);
    let readings = one["log_story"]["readings"].as_array().expect("readings");
    assert_eq!(readings.len(), 1);
    let text = readings[0]["text"].as_str().expect("a sentence");
    assert!(
        text.starts_with("10.0.0.9, ") && text.contains("(150 times;"),
        "{text}"
    );
}

#[test]
fn hostile_text_of_a_log_obeys_nobody() {
    let log = fs::read_to_string(root().join("captures/article.iis.log")).expect("a log");
    let hostile = log.replace("CHILD\\WK02-020-51W$", "\u{1b}[2J\u{202e}<img>|evil$");
    assert_ne!(log, hostile);
    let path = file("alone-hostile.log", &hostile);
    let path = path.to_str().expect("a path");
    for format in ["text", "markdown", "html", "json", "mermaid"] {
        let text = said(&["--format", format, path]);
        let obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(
            !text.contains(obeyed) && !text.contains('\u{202e}'),
            "{format}: {text}"
        );
        assert!(format != "html" || !text.contains("<img"), "{text}");
    }
}

/// The log of one client at 10.0.0.9, a line for each time, account and codes.
fn log_of(lines: &[(&str, &str, &str)]) -> String {
    let fields = "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status\n";
    let line = |(time, user, codes): &(&str, &str, &str)| {
        format!(
            "2026-11-22 {time} CCM_POST /ccm_system_windowsauth/request {user} 10.0.0.9 {codes}\n"
        )
    };
    let lines: String = lines.iter().map(line).collect();
    format!("{fields}{lines}")
}

/// What the first reading of `log` says, and how many findings there are.
fn first_reading(name: &str, log: &str) -> (String, String, usize) {
    let path = file(name, log);
    let told = report(&[path.to_str().expect("a path")]);
    let reading = &told["log_story"]["readings"][0];
    let text = |key: &str| reading[key].as_str().unwrap_or_default().to_owned();
    let findings = told["findings"].as_array().expect("findings").len();
    (text("outcome"), text("text"), findings)
}

#[test]
fn a_refusal_among_many_challenges_is_not_lost() {
    let times: Vec<String> = (0..20).map(|at| format!("10:00:{at:02}")).collect();
    let mut lines: Vec<(&str, &str, &str)> = times
        .iter()
        .map(|at| (at.as_str(), "-", "401 2 5"))
        .collect();
    lines[10].2 = "401 1 2148074252";
    let (outcome, text, findings) = first_reading("alone-many.log", &log_of(&lines));
    assert_eq!((outcome.as_str(), findings), ("refused", 1), "{text}");
}

#[test]
fn how_a_connection_ended_is_no_refusal_of_a_proof() {
    for code in ["64", "995", "1236"] {
        let codes = format!("401 1 {code}");
        let log = log_of(&[("10:00:00", "-", &codes)]);
        let (outcome, text, findings) = first_reading("alone-gone.log", &log);
        assert_eq!((outcome.as_str(), findings), ("challenged", 0), "{text}");
    }
}

#[test]
fn a_log_without_accounts_does_not_say_that_nobody_was_proven() {
    let log = log_of(&[("10:00:00", "", "401 2 5"), ("10:00:01", "", "200 0 0")]);
    let log = log.replace("cs-username ", "");
    let (outcome, text, _) = first_reading("alone-nameless.log", &log);
    assert_eq!(outcome, "answered", "{text}");
    assert!(
        !text.contains("no account") && !text.contains("no proof"),
        "{text}"
    );
}

#[test]
fn whoever_asked_for_proof_is_not_said_to_have_asked_for_none() {
    let log = log_of(&[("10:00:00", "-", "401 2 5"), ("10:00:01", "-", "200 0 0")]);
    let (outcome, text, _) = first_reading("alone-after-401.log", &log);
    assert_eq!(outcome, "anonymous");
    assert!(!text.contains("asked for no proof"), "{text}");
}

#[test]
fn a_certificate_that_is_missing_is_told_as_such() {
    let log = log_of(&[("10:00:00", "-", "403 7 5")]);
    let (outcome, text, _) = first_reading("alone-403.log", &log);
    assert_eq!(outcome, "failed");
    assert!(text.contains("about a certificate"), "{text}");
}

#[test]
fn the_order_of_files_does_not_make_an_early_refusal_the_last_word() {
    let old = file(
        "alone-1-old.log",
        &log_of(&[("10:00:00", "-", "401 1 2148074252")]),
    );
    let new = log_of(&[
        ("12:00:00", "-", "401 2 5"),
        ("12:00:00", "D\\PC$", "200 0 0"),
    ]);
    let new = file("alone-2-new.log", &new);
    let [old, new] = [&old, &new].map(|it| it.to_str().expect("a path"));
    for files in [[old, new], [new, old]] {
        let told = report(&files);
        assert_eq!(
            told["findings"].as_array().map(Vec::len),
            Some(0),
            "{files:?}"
        );
    }
    assert_eq!(report(&[old])["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn where_there_are_no_frames_no_filter_for_them_is_shown() {
    let refused = "captures/04c-kvno-mismatch-password-out-of-sync.iis.log";
    for format in ["text", "markdown", "html"] {
        let told = said(&["--format", format, refused]);
        let shown = ["Wireshark: \n", "Wireshark:\n", "Filter for Wireshark"];
        assert!(
            !shown.iter().any(|it| told.contains(it)),
            "{format}: {told}"
        );
    }
}

#[test]
fn two_outputs_of_two_times_do_not_make_two_holders() {
    let one = file(
        "alone-holder-1.txt",
        &TWICE.replace("\tCN=svc-web,OU=Service Accounts,DC=example,DC=com\r\n", ""),
    );
    let two = file(
        "alone-holder-2.txt",
        &TWICE.replace("\tCN=MP,OU=Servers,DC=example,DC=com\r\n", ""),
    );
    let [one, two] = [&one, &two].map(|it| it.to_str().expect("a path"));
    let told = report(&[one, two]);
    let held = told["log_story"]["readings"][0]["text"].as_str();
    let held = held.expect("a sentence");
    assert!(held.contains("it may have moved"), "{held}");
    assert!(!held.contains("is held by"), "{held}");
}

#[test]
fn two_holders_in_one_output_stay_two_beside_other_outputs() {
    let one = TWICE.replace("\tCN=svc-web,OU=Service Accounts,DC=example,DC=com\r\n", "");
    let third = one.replace("CN=MP", "CN=OTHER");
    let files = [
        file("alone-holders-1.txt", &one),
        file("alone-holders-2.txt", TWICE),
        file("alone-holders-3.txt", &third),
    ];
    let files = files.each_ref().map(|it| it.to_str().expect("a path"));
    let told = report(&files);
    let readings = told["log_story"]["readings"].as_array().expect("readings");
    let texts: Vec<&str> = readings
        .iter()
        .filter_map(|it| it["text"].as_str())
        .collect();
    let [held] = texts[..] else {
        panic!("{texts:?}");
    };
    assert!(
        held.starts_with("http/mp.example.com is held by 2 accounts: "),
        "{held}"
    );
    assert!(!held.contains("OTHER"), "{held}");
    let sources = readings[0]["sources"].as_array().expect("sources");
    let of_second = |it: &Value| {
        it.as_str()
            .is_some_and(|it| it.starts_with("alone-holders-2.txt:"))
    };
    assert!(
        sources.len() == 2 && sources.iter().all(of_second),
        "{sources:?}"
    );
}

#[test]
fn what_one_server_accepts_is_not_the_end_of_what_another_one_refused() {
    let at = |server: &str, log: &str| {
        let log = log.replace("cs-method", "s-ip cs-method");
        log.replace(" CCM_POST", &format!(" {server} CCM_POST"))
    };
    let refused = at(
        "10.0.0.1",
        &log_of(&[("10:00:00", "-", "401 1 2148074252")]),
    );
    let accepted = at("10.0.0.2", &log_of(&[("10:00:09", "D\\PC$", "200 0 0")]));
    let [one, two] = [
        file("alone-mp1.log", &refused),
        file("alone-mp2.log", &accepted),
    ];
    let [one, two] = [&one, &two].map(|it| it.to_str().expect("a path"));
    let told = report(&[one, two]);
    assert_eq!(outcomes(&told), ["refused", "accepted"]);
    assert_eq!(told["findings"].as_array().map(Vec::len), Some(1));
    let text = told["log_story"]["readings"][0]["text"].as_str();
    assert!(
        text.is_some_and(|it| it.contains(" at 10.0.0.1: refused")),
        "{text:?}"
    );
}

/// Requests of 10.0.0.8 for many files, each of which a 401 answers.
fn scan_of_a_web_site(paths: usize) -> String {
    let line = |at: usize| {
        let (minute, second) = (at / 60 % 60, at % 60);
        format!("2026-11-22 09:{minute:02}:{second:02} GET /site/{at}.asp - 10.0.0.8 401 2 5\n")
    };
    (0..paths).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn many_other_paths_do_not_push_out_the_sign_on_that_the_case_is_about() {
    let case = log_of(&[
        ("10:00:00", "-", "401 2 5"),
        ("10:00:00", "-", "401 1 2148074252"),
    ]);
    let (fields, case) = case.split_once('\n').expect("a directive");
    let scan = scan_of_a_web_site(6_000);
    for (name, log) in [
        ("before", format!("{fields}\n{scan}{case}")),
        ("after", format!("{fields}\n{case}{scan}")),
    ] {
        let path = file(&format!("alone-scan-{name}.log"), &log);
        let path = path.to_str().expect("a path");
        let told = report(&[path]);
        assert_eq!(
            outcomes(&told)
                .iter()
                .filter(|it| **it == "refused")
                .count(),
            1,
            "{name}"
        );
        assert_eq!(told["findings"][0]["rule"], "http-401-log-reason", "{name}");
        let lines = told["log_story"]["lines"].to_string();
        assert!(lines.contains("/ccm_system_windowsauth/request"), "{name}");
        let untold = &told["log_story"]["unfollowed_lines"];
        assert_eq!(untold, 6_000 - 4_096, "{name}");
        let text = said(&[path]);
        let sentence = "1904 lines about sign-ons were read and not followed";
        assert!(text.contains(sentence), "{name}: {text}");
        let alone = report(&["--client", "10.0.0.9", path]);
        assert_eq!(alone["log_story"]["unfollowed_lines"], 0, "{name}");
    }
}

#[test]
fn anonymous_answers_take_no_room_of_sign_ons() {
    let anonymous: Vec<String> = (0..5_000)
        .map(|at| {
            let (high, low) = (at / 250, at % 250);
            format!(
                "2026-11-22 09:00:00 CCM_POST /ccm_system/request - 10.1.{high}.{low} 200 0 0\n"
            )
        })
        .collect();
    let anonymous = anonymous.concat();
    let log = log_of(&[("10:00:00", "-", "401 1 2148074252")]);
    let log = log.replacen('\n', &format!("\n{anonymous}"), 1);
    let (outcome, text, findings) = first_reading("alone-crowd.log", &log);
    assert_eq!((outcome.as_str(), findings), ("refused", 1), "{text}");
}

/// The texts of all readings of `log`.
fn readings(name: &str, log: &str) -> Vec<String> {
    let path = file(name, log);
    let told = report(&[path.to_str().expect("a path")]);
    let readings = told["log_story"]["readings"].as_array().expect("readings");
    let texts = readings.iter().filter_map(|it| it["text"].as_str());
    texts.map(str::to_owned).collect()
}

#[test]
fn servers_are_kept_apart_by_every_column_that_tells_them_apart() {
    for (column, one, other, named) in [
        ("s-computername", "MP1", "MP2", " at MP1: refused"),
        ("s-sitename", "W3SVC1", "W3SVC7", " of site W3SVC1: refused"),
        ("s-port", "80", "8080", " on port 80: refused"),
        (
            "cs-host",
            "mp.example.com",
            "mp2.example.com",
            " by the name mp.example.com: refused",
        ),
        ("cs(User-Agent)", "ccmhttp", "SMS+CCM", "10.0.0.9 (ccmhttp)"),
    ] {
        let at = |value: &str, line: &str| line.replace(" CCM_POST", &format!(" {value} CCM_POST"));
        let log = log_of(&[
            ("10:00:00", "-", "401 1 2148074252"),
            ("10:00:09", "D\\PC$", "200 0 0"),
        ]);
        let lines: Vec<&str> = log.lines().collect();
        let [fields, refused, accepted] = lines[..] else {
            panic!("{log}");
        };
        let fields = fields.replace("cs-method", &format!("{column} cs-method"));
        let log = format!("{fields}\n{}\n{}\n", at(one, refused), at(other, accepted));
        let texts = readings("alone-apart.log", &log);
        assert_eq!(texts.len(), 2, "{column}: {texts:?}");
        assert!(texts[0].contains(named), "{column}: {texts:?}");
        // By one value both lines are of one sign-on.
        let log = format!("{fields}\n{}\n{}\n", at(one, refused), at(one, accepted));
        assert_eq!(readings("alone-joined.log", &log).len(), 1, "{column}");
    }
}

#[test]
fn where_several_computers_share_an_address_no_401_is_given_to_one_of_them() {
    let texts = readings(
        "alone-shared.log",
        &log_of(&[
            ("10:00:00", "-", "401 2 5"),
            ("10:00:00", "-", "401 1 2148074252"),
            ("10:00:01", "D\\PC1$", "200 0 0"),
            ("10:00:01", "D\\PC2$", "200 0 0"),
            ("10:05:00", "-", "401 1 2148074252"),
        ]),
    );
    let whose = "several computers sign on from this address, and the log does not tell which";
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|it| it.contains(whose)), "{texts:?}");
    assert!(!texts[1].contains("without a 401"), "{texts:?}");
}

#[test]
fn an_answer_amid_401s_of_others_is_not_said_to_have_none_of_its_own() {
    let texts = readings(
        "alone-two-connections.log",
        &log_of(&[
            ("10:00:00", "-", "401 2 5"),
            ("10:00:00", "-", "401 2 5"),
            ("10:00:00", "D\\PC$", "200 0 0"),
            ("10:00:00", "D\\PC$", "200 0 0"),
            ("10:10:00", "D\\PC$", "200 0 64"),
        ]),
    );
    assert_eq!(texts.len(), 3);
    assert!(texts[0].contains("after 2 401s"), "{texts:?}");
    assert!(!texts[1].contains("401"), "{texts:?}");
    assert!(texts[2].contains("without a 401 before it"), "{texts:?}");
}

#[test]
fn what_one_account_is_refused_is_not_of_the_one_that_is_accepted() {
    let texts = readings(
        "alone-two-accounts.log",
        &log_of(&[
            ("10:00:00", "D\\PC1$", "401 3 5"),
            ("10:00:01", "D\\PC2$", "200 0 0"),
        ]),
    );
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("refused with 401 3 5"), "{texts:?}");
}

#[test]
fn files_that_do_not_name_their_server_are_told_as_such() {
    let log = log_of(&[("10:00:00", "-", "401 2 5")]);
    let [one, two] = ["alone-nameless-1.log", "alone-nameless-2.log"].map(|it| file(it, &log));
    let [one, two] = [&one, &two].map(|it| it.to_str().expect("a path"));
    let note = "It does not name its server";
    assert!(said(&[one, two]).contains(note));
    assert!(!said(&[one]).contains(note));
}

#[test]
fn a_log_that_ends_behind_a_challenge_is_not_said_to_go_on_without_a_proof() {
    let challenge = ("10:00:00", "-", "401 2 5");
    let text = |lines: &[(&str, &str, &str)], more: &str| {
        let log = log_of(lines) + more;
        readings("alone-cut.log", &log).remove(0)
    };
    let alone = text(&[challenge], "");
    assert!(
        alone.contains("no line of the same second, with which the log ends, tells"),
        "{alone}"
    );
    let other = |time: &str| format!("2026-11-22 {time} GET /other - 10.0.0.8 200 0 0\n");
    let soon = text(&[challenge], &other("10:00:12"));
    assert!(
        soon.contains("no line of the next 12 seconds, with which the log ends,"),
        "{soon}"
    );
    let late = text(&[challenge], &other("10:01:00"));
    assert!(
        late.contains("no line of the next 30 seconds tells of a proof"),
        "{late}"
    );
}

/// The findings of `log`: rule, severity and the first line.
fn findings(name: &str, log: &str) -> Vec<[String; 3]> {
    let path = file(name, log);
    let told = report(&[path.to_str().expect("a path")]);
    let found = told["findings"].as_array().expect("findings").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let each = found.iter().map(|it| {
        [
            text(&it["rule"]),
            text(&it["severity"]),
            text(&it["evidence"][0]["source"]),
        ]
    });
    each.collect()
}

#[test]
fn a_refusal_at_a_shared_address_stays_a_question_when_another_computer_is_accepted() {
    let refused = ("10:05:00", "-", "401 1 2148074252");
    let accepted = [
        ("10:00:00", "D\\PC1$", "200 0 0"),
        refused,
        ("10:09:00", "D\\PC2$", "200 0 0"),
    ];
    let note = ["http-401-log-reason", "note", "alone-shared-later.log:3"];
    let shared = findings("alone-shared-later.log", &log_of(&accepted));
    assert_eq!(shared, [note.map(str::to_owned)]);
    // Of the only computer at the address the later line is the last word.
    let alone = [
        ("10:00:00", "D\\PC1$", "200 0 0"),
        refused,
        ("10:09:00", "D\\PC1$", "200 0 0"),
    ];
    assert!(findings("alone-later.log", &log_of(&alone)).is_empty());
}

#[test]
fn a_message_without_proof_after_a_sign_on_that_failed_is_a_question() {
    let bare =
        |time: &str| format!("2026-11-22 {time} CCM_POST /CCM_System/request - 10.0.0.9 200 0 0\n");
    let note = ["approval-anonymous-path", "note", "alone-bare.log:4"];
    for codes in ["401 1 2148074252", "401 2 5"] {
        let failed = log_of(&[("10:00:00", "-", "401 2 5"), ("10:00:01", "-", codes)]);
        let found = findings("alone-bare.log", &(failed.clone() + &bare("10:00:05")));
        assert!(found.contains(&note.map(str::to_owned)), "{found:?}");
        // What came before is not after it.
        let before = failed + &bare("09:59:00");
        let found = findings("alone-bare-before.log", &before);
        assert!(found.iter().all(|it| it[0] != note[0]), "{found:?}");
    }
    let healthy = log_of(&[
        ("10:00:00", "-", "401 2 5"),
        ("10:00:01", "D\\PC$", "200 0 0"),
    ]);
    assert!(findings("alone-bare-well.log", &(healthy + &bare("10:00:05"))).is_empty());
    // At an address of several computers it may be another one's.
    let shared = log_of(&[
        ("09:00:00", "D\\PC1$", "200 0 0"),
        ("09:01:00", "D\\PC2$", "200 0 0"),
        ("10:00:00", "-", "401 2 5"),
    ]);
    assert!(findings("alone-bare-shared.log", &(shared + &bare("10:00:05"))).is_empty());
}
