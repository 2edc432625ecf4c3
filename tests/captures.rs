//! Every committed capture against its page: the verdict, the messages with their frames, and the report.
//!
//! `BLESS=1 cargo test --test captures` writes the `report` blocks anew; the other blocks state what is true and are never
//! rewritten. `WHY401_CORPUS=FOLDER` points the last test at captures that lie elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::finding::Severity;
use why401::listing::{Line, Listing, Value};
use why401::render::InputFile;
use why401::render::terminal::{self, Colour, Look, Signs, Times};
use why401::report::Report;

/// A capture and what its page says.
struct Page {
    path: PathBuf,
    text: String,
    capture: PathBuf,
}

impl Page {
    fn block(&self, name: &str) -> &str {
        let fence = format!("\n```{name}\n");
        let start = self.text.find(&fence).map(|at| at + fence.len());
        let start = start.unwrap_or_else(|| panic!("{}: no block {name}", self.path.display()));
        let end = self.text[start..].find("```").expect("a fence that ends");
        &self.text[start..start + end]
    }

    fn verdict(&self, key: &str) -> &str {
        let line = self
            .block("verdict")
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{}: no {key}", self.path.display()))
    }
}

fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut pages: Vec<Page> = fs::read_dir(folder)
        .expect("the folder of captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| Page {
            text: fs::read_to_string(&path).expect("a page"),
            capture: capture_of(&path),
            path,
        })
        .collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(pages.len() >= 40, "the pages are there");
    pages
}

fn capture_of(page: &Path) -> PathBuf {
    ["pcap", "pcapng"]
        .iter()
        .map(|extension| page.with_extension(extension))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{}: no capture beside it", page.display()))
}

fn diagnose_bytes(bytes: Vec<u8>) -> Option<Report> {
    let reader = CaptureReader::new(Box::new(std::io::Cursor::new(bytes))).ok()?;
    Some(diagnose::diagnose(reader, &Settings::default()))
}

fn diagnose_file(path: &Path) -> Report {
    diagnose_bytes(fs::read(path).expect("a capture")).expect("a capture that can be read")
}

fn list_file(path: &Path) -> Vec<Line> {
    let file = fs::File::open(path).expect("a capture");
    let mut reader = CaptureReader::new(Box::new(file)).expect("a capture that can be read");
    let mut listing = Listing::default();
    diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        listing.add(&message);
    });
    listing.into_lines(None, None)
}

fn text_of(report: &Report, path: &Path) -> String {
    let look = Look {
        columns: 100,
        colour: Colour::Off,
        signs: Signs::Unicode,
        times: Times::Relative,
        clocks: why401::render::terminal::Clocks::Off,
        story: why401::render::terminal::Story::Table,
    };
    let file = InputFile {
        name: path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned(),
        ..InputFile::default()
    };
    let mut text = Vec::new();
    terminal::render(report, std::slice::from_ref(&file), look, &mut text)
        .expect("writing to memory");
    String::from_utf8(text).expect("text")
}

fn number(line: &Line, name: &str) -> Option<i64> {
    line.fields.0.iter().find_map(|(known, value)| match value {
        Value::Number(number) if *known == name => Some(*number),
        _ => None,
    })
}

fn text<'l>(line: &'l Line, name: &str) -> Option<&'l str> {
    line.fields.0.iter().find_map(|(known, value)| match value {
        Value::Text(text) if *known == name => Some(text.as_str()),
        _ => None,
    })
}

fn ticket_name(line: &Line) -> Option<&str> {
    line.fields.0.iter().find_map(|(known, value)| match value {
        Value::Object(fields) if *known == "ticket" => {
            fields.0.iter().find_map(|(known, value)| match value {
                Value::Text(text) if *known == "sname" => Some(text.as_str()),
                _ => None,
            })
        }
        _ => None,
    })
}

/// What a message is about, as the pages write it.
fn about(line: &Line) -> String {
    let told = match line.kind {
        "http-request" => text(line, "method").map(str::to_owned),
        "http-response" => number(line, "status").map(|status| status.to_string()),
        "as-req" | "tgs-req" => text(line, "sname").map(str::to_owned),
        "as-rep" | "tgs-rep" => ticket_name(line).map(str::to_owned),
        "krb-error" => number(line, "error_code").map(|code| code.to_string()),
        "dns-query" | "llmnr-query" | "nbns-query" => Some(format!(
            "{} {}",
            text(line, "qtype").unwrap_or_default(),
            text(line, "name").unwrap_or_default()
        )),
        "dns-response" | "nbns-response" => text(line, "rcode").map(str::to_owned),
        "icmp-error" => Some(format!(
            "{}/{}",
            number(line, "icmp_type").unwrap_or_default(),
            number(line, "icmp_code").unwrap_or_default()
        )),
        _ => None,
    };
    told.unwrap_or_else(|| "(cut)".to_owned())
}

fn frames(line: &Line) -> String {
    let frames: Vec<String> = line.frames.iter().map(ToString::to_string).collect();
    frames.join(",")
}

/// The line of a page that stands for `line`: with all frames, or with the last alone.
fn is_stated(line: &Line, stated: &str) -> bool {
    let mut words = stated.splitn(3, ' ');
    let (kind, places, what) = (words.next(), words.next(), words.next());
    let fits = match places.and_then(|places| places.strip_prefix("..")) {
        Some(last) => line.last_frame().to_string() == last,
        None => Some(frames(line).as_str()) == places,
    };
    let is_cut = what == Some("(cut)");
    kind == Some(line.kind) && fits && (is_cut || what == Some(about(line).as_str()))
}

#[test]
fn messages_have_the_frames_that_were_recorded_beside_each_capture() {
    for page in pages() {
        let listed: Vec<Line> = list_file(&page.capture)
            .into_iter()
            .filter(|line| line.kind != "tls-client-hello")
            .collect();
        let stated: Vec<&str> = page
            .block("messages")
            .lines()
            .filter(|line| !line.is_empty())
            .collect();
        let name = page.path.display();
        for line in &stated {
            let found = listed
                .iter()
                .filter(|listed| is_stated(listed, line))
                .count();
            assert_eq!(found, 1, "{name}: {line}");
        }
        assert_eq!(
            listed.len(),
            stated.len(),
            "{name}: as many messages as stated"
        );
    }
}

#[test]
fn the_verdict_names_what_was_made_to_happen() {
    for page in pages() {
        let report = diagnose_file(&page.capture);
        let name = page.path.display();
        assert!(!report.attempts.is_empty(), "{name}: an attempt");
        for attempt in &report.attempts {
            assert_eq!(attempt.outcome.name(), page.verdict("outcome"), "{name}");
            let of_capture = report.findings.iter().find(|finding| finding.headline);
            let headline = attempt.headline().or(of_capture);
            let headline = headline.map_or("none", |finding| finding.rule.id);
            assert_eq!(headline, page.verdict("headline"), "{name}");
        }
    }
}

#[test]
fn a_good_sign_on_has_no_finding_above_a_note() {
    let mut seen = 0;
    for page in pages()
        .iter()
        .filter(|page| page.verdict("headline") == "none")
    {
        let report = diagnose_file(&page.capture);
        let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
        for finding in of_attempts.chain(&report.findings) {
            let name = page.path.display();
            assert!(
                finding.severity <= Severity::Note,
                "{name}: {}",
                finding.rule.id
            );
        }
        seen += 1;
    }
    assert!(seen >= 15, "good sign-ons are among the captures");
}

#[test]
fn reports_read_as_their_pages_show_them() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut changed = Vec::new();
    for page in pages() {
        let report = text_of(&diagnose_file(&page.capture), &page.capture);
        if page.block("report") == report {
            continue;
        }
        changed.push(page.path.display().to_string());
        if bless {
            let old = format!("```report\n{}```", page.block("report"));
            let new = format!("```report\n{report}```");
            fs::write(&page.path, page.text.replace(&old, &new))
                .expect("a page that can be written");
        }
    }
    assert!(
        bless || changed.is_empty(),
        "reports that differ: {changed:?}"
    );
}

#[test]
fn every_finding_names_a_frame_of_its_capture() {
    for page in pages() {
        let report = diagnose_file(&page.capture);
        let last = report.inputs.first().map_or(0, |input| input.frames);
        let of_attempts = report.attempts.iter().flat_map(|attempt| &attempt.findings);
        for finding in of_attempts.chain(&report.findings) {
            let id = finding.rule.id;
            assert!(!finding.evidence.is_empty(), "{id}");
            let known = |frame: u64| (1..=last).contains(&frame);
            assert!(
                finding
                    .evidence
                    .iter()
                    .all(|evidence| known(evidence.frame.0)),
                "{id}"
            );
        }
    }
}

#[test]
fn a_capture_cut_anywhere_is_read_up_to_the_cut() {
    for page in pages() {
        let bytes = fs::read(&page.capture).expect("a capture");
        let whole = diagnose_bytes(bytes.clone()).expect("a report");
        let frames = whole.inputs.first().map_or(0, |input| input.frames);
        let mut before = 0;
        for place in 0..=200 {
            let cut = bytes.len() * place / 200;
            let Some(report) = diagnose_bytes(bytes[..cut].to_vec()) else {
                assert!(cut < 64, "{}: cut at {cut}", page.path.display());
                continue;
            };
            let read = report.inputs.first().map_or(0, |input| input.frames);
            assert!(
                (before..=frames).contains(&read),
                "{}: cut at {cut}",
                page.path.display()
            );
            before = read;
        }
        assert_eq!(before, frames);
    }
}

/// Captures elsewhere: nothing panics, and where a truth file lies beside one, its messages come out with their frames.
#[test]
fn a_corpus_elsewhere_is_read_as_its_truth_says() {
    let Some(folder) = std::env::var_os("WHY401_CORPUS") else {
        return assert!(
            !pages().is_empty(),
            "without a corpus the committed captures must do"
        );
    };
    let mut read = 0;
    for capture in captures_below(Path::new(&folder)) {
        let Ok(reader) = CaptureReader::new(Box::new(fs::File::open(&capture).expect("a file")))
        else {
            continue;
        };
        let _ = diagnose::diagnose(reader, &Settings::default());
        read += 1;
        let truth = capture
            .with_file_name("truth")
            .join(capture.file_name().expect("a name"))
            .with_extension("json");
        if let Ok(truth) = fs::read(&truth) {
            let truth: serde_json::Value = serde_json::from_slice(&truth).expect("JSON");
            compare_with_truth(&capture, &truth);
        }
    }
    assert!(read > 0, "captures are there");
}

fn captures_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(captures_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The kinds of messages that a truth file names, of Kerberos and of HTTP.
const KERBEROS: [&str; 5] = ["as-req", "as-rep", "tgs-req", "tgs-rep", "krb-error"];
const HTTP: [&str; 2] = ["http-request", "http-response"];

/// No message is missing, none is there that the truth does not know, and HTTP messages have the truth's frames.
fn compare_with_truth(capture: &Path, truth: &serde_json::Value) {
    let lines = list_file(capture);
    let name = capture.display();
    let messages = |key: &str| {
        truth["evidence"][key]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let mut wanted: Vec<(String, Vec<u64>)> = messages("http")
        .iter()
        .map(|message| {
            let kind = message["kind"].as_str().expect("a kind");
            let frames = message["frames"].as_array().expect("frames").iter();
            let frames = frames.filter_map(serde_json::Value::as_u64).collect();
            (format!("http-{kind}"), frames)
        })
        .collect();
    wanted.extend(messages("kerberos").iter().filter_map(|message| {
        let kind = message["type"].as_str()?.to_ascii_lowercase();
        let frame = message["frame"].as_u64()?;
        KERBEROS
            .contains(&kind.as_str())
            .then(|| (kind, vec![frame]))
    }));
    let mut found: Vec<(String, Vec<u64>)> = lines
        .iter()
        .filter_map(|line| {
            if HTTP.contains(&line.kind) {
                let frames = line.frames.iter().map(|frame| frame.0).collect();
                Some((line.kind.to_owned(), frames))
            } else {
                let last = vec![line.last_frame().0];
                KERBEROS
                    .contains(&line.kind)
                    .then(|| (line.kind.to_owned(), last))
            }
        })
        .collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted, "{name}");
}
