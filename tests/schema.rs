//! The JSON that programs read against the schema that the command prints.
//!
//! The schema lets new fields come; the tests do not, so that none comes without a line in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn run(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .expect("the program");
    assert_ne!(output.status.code(), Some(2), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn schema() -> Value {
    serde_json::from_str(&run(&["schema"])).expect("JSON")
}

/// The schema with every object closed: what it does not name is wrong.
fn closed(mut schema: Value) -> Value {
    fn close(part: &mut Value) {
        if let Value::Object(fields) = part {
            if fields.contains_key("properties") {
                fields.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            fields.values_mut().for_each(close);
        } else if let Value::Array(items) = part {
            items.iter_mut().for_each(close);
        }
    }
    close(&mut schema);
    schema
}

fn validate(schema: &Value, document: &Value, name: &str) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}

/// All committed captures, each alone and with the logs beside it.
fn evidence() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut captures: Vec<PathBuf> = ["captures", "tests/data"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let extension = path.extension().and_then(|it| it.to_str());
            matches!(extension, Some("pcap" | "pcapng" | "cap" | "snoop"))
        })
        .collect();
    captures.sort();
    assert!(captures.len() > 40, "the captures are there");
    let text = |path: &Path| path.to_str().expect("a path of text").to_owned();
    let mut cases: Vec<Vec<String>> = Vec::new();
    for capture in captures {
        cases.push(vec![text(&capture)]);
        let log = capture.with_extension("iis.log");
        if log.exists() {
            cases.push(vec![text(&capture), text(&log)]);
        }
    }
    let two = [
        "tests/data/two-places-client.pcap",
        "tests/data/two-places-mp.pcap",
    ];
    cases.push(two.map(str::to_owned).to_vec());
    let joined = [
        "captures/article.pcap",
        "captures/article.iis.log",
        "captures/article.sql",
    ];
    cases.push(joined.map(str::to_owned).to_vec());
    cases
}

/// Logs without a capture.
fn logs_alone() -> [Vec<String>; 2] {
    let of_article = ["captures/article.iis.log", "captures/article.sql"];
    let of_one = ["captures/04c-kvno-mismatch-password-out-of-sync.iis.log"];
    [
        of_article.map(str::to_owned).to_vec(),
        of_one.map(str::to_owned).to_vec(),
    ]
}

#[test]
fn the_report_of_every_capture_is_what_the_schema_says() {
    let schema = closed(schema());
    for files in evidence().into_iter().chain(logs_alone()) {
        let mut words = vec!["--format", "json"];
        words.extend(files.iter().map(String::as_str));
        let report = serde_json::from_str(&run(&words)).expect("JSON");
        validate(&schema, &report, &files.join(" "));
    }
}

#[test]
fn every_line_of_findings_is_what_the_schema_says() {
    let mut schema = schema();
    schema["$ref"] = json!("#/$defs/finding_line");
    for field in ["required", "properties", "type"] {
        schema.as_object_mut().expect("an object").remove(field);
    }
    schema["$defs"]["finding_line"]["unevaluatedProperties"] = json!(false);
    let mut lines = 0;
    for files in evidence().into_iter().chain(logs_alone()) {
        let mut words = vec!["--format", "jsonl"];
        words.extend(files.iter().map(String::as_str));
        for line in run(&words).lines() {
            let line = serde_json::from_str(line).expect("JSON");
            validate(&schema, &line, &files.join(" "));
            lines += 1;
        }
    }
    assert!(lines > 100, "{lines} findings");
}

/// The schema of what another verb writes, closed; what messages have in common is closed where it is used.
fn closed_of(verb: &str) -> Value {
    let schema: Value = serde_json::from_str(&run(&["schema", verb])).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema), "{verb}");
    let mut schema = closed(schema);
    if let Some(Value::Object(common)) = schema.pointer_mut("/$defs/message") {
        common.remove("unevaluatedProperties");
    }
    schema
}

fn lines(words: &[&str]) -> Vec<Value> {
    let text = run(words);
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    lines.collect()
}

#[test]
fn every_message_is_what_the_schema_says() {
    let schema = closed_of("list");
    let mut kinds = BTreeSet::new();
    for files in evidence() {
        let mut words = vec!["list", "--format", "jsonl"];
        words.extend(files.iter().map(String::as_str));
        for line in lines(&words) {
            validate(&schema, &line, &files.join(" "));
            kinds.insert(line["kind"].to_string());
        }
    }
    assert!(kinds.len() > 18, "{kinds:?}");
}

#[test]
fn every_line_of_a_survey_is_what_the_schema_says() {
    let (schema, cut) = (closed_of("scan"), cut());
    let mut kinds = BTreeSet::new();
    for words in [&["captures", "tests/data"][..], &["--redact", "captures"]] {
        // A file that is no whole capture.
        let all = [&["scan", "--format", "jsonl"], words, &[cut.as_str()]].concat();
        for line in lines(&all) {
            validate(&schema, &line, &words.join(" "));
            kinds.insert(line["kind"].to_string());
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

/// A capture that ends inside its header.
fn cut() -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema-cut.pcap");
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let bytes = fs::read(article).expect("a capture");
    fs::write(&path, &bytes[..20]).expect("a cut file");
    path.to_str().expect("text").to_owned()
}

#[test]
fn every_comparison_is_what_the_schema_says() {
    let schema = closed_of("compare");
    let mut compared = 0;
    for files in evidence() {
        let capture = &files[0];
        for words in [&["--format", "json"][..], &["--format", "json", "--redact"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_why401"))
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .arg("compare")
                .args(words)
                .args(["captures/article.pcap", capture])
                .output()
                .expect("the program");
            // A capture without an attempt cannot be compared.
            if output.status.code() != Some(2) {
                let told = serde_json::from_slice(&output.stdout).expect("JSON");
                validate(&schema, &told, capture);
                compared += 1;
            }
        }
    }
    assert!(compared > 80, "{compared} comparisons");
}

#[test]
fn the_schema_is_one_and_refuses_what_is_none() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(!validator.is_valid(&json!({"schema": "why401/report/0"})));
    let report = run(&["--format", "json", "captures/article.pcap"]);
    let mut report: Value = serde_json::from_str(&report).expect("JSON");
    report["attempts"][0]["steps"][0]["new"] = json!(1);
    assert!(validator.is_valid(&report), "new fields may come");
    let closed = jsonschema::validator_for(&closed(schema)).expect("a schema");
    assert!(!closed.is_valid(&report), "and do not come unseen");
}
