//! `--redact` as its users meet it: the same story, and none of the names.

#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/secrets.rs"]
mod secrets;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::recorded::captures;
use crate::secrets::SECRETS;

fn why401(words: &[&str], files: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(words)
        .args(files)
        .output()
        .expect("the program")
}

fn clean(output: &Output, of: &Path) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    let lower = text.to_lowercase();
    for secret in SECRETS {
        let at = lower.find(secret);
        let around = at.map(|at| lower.get(at.saturating_sub(40)..at + 40));
        assert!(at.is_none(), "{}: {secret}: {around:?}", of.display());
    }
    text
}

/// Of each attempt the outcome, the cause and the kinds of its steps.
fn told(text: &str) -> Vec<(Value, Vec<Value>, Vec<Value>)> {
    let report: Value = serde_json::from_str(text).expect("JSON");
    let attempts = report["attempts"].as_array().expect("attempts").clone();
    let each = attempts.iter().map(|attempt| {
        let findings = attempt["findings"].as_array().expect("findings");
        let rules = findings.iter().map(|it| it["rule"].clone()).collect();
        let steps = attempt["steps"].as_array().expect("steps");
        let kinds = steps.iter().map(|it| it["kind"].clone()).collect();
        (attempt["outcome"].clone(), rules, kinds)
    });
    each.collect()
}

#[test]
fn the_story_stays_and_the_names_go() {
    for path in captures() {
        let plain = why401(&["--format", "json"], &[&path]);
        let redacted = why401(&["--redact", "--format", "json"], &[&path]);
        assert_eq!(plain.status, redacted.status, "{}", path.display());
        let plain = String::from_utf8(plain.stdout).expect("text");
        assert_eq!(told(&plain), told(&clean(&redacted, &path)));
    }
}

#[test]
fn no_format_holds_a_name() {
    for path in captures() {
        for format in ["text", "html", "markdown", "jsonl", "mermaid"] {
            let output = why401(&["--redact", "--format", format], &[&path]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_ne!(output.status.code(), Some(2), "{said}");
            clean(&output, &path);
        }
        let list = why401(&["list", "--redact", "--format", "jsonl"], &[&path]);
        assert_eq!(list.status.code(), Some(0));
        clean(&list, &path);
    }
}

#[test]
fn a_log_beside_the_capture_gives_no_name_away() {
    for path in captures() {
        let log = path.with_extension("iis.log");
        if log.exists() {
            clean(&why401(&["--redact"], &[&path, &log]), &path);
        }
    }
}

#[test]
fn outputs_of_commands_beside_the_capture_give_no_name_away() {
    const OUTPUTS: [(&str, &str); 3] = [
        (
            "setspn",
            "Checking domain DC=A2003,DC=VM,DC=local\nCN=svc-reports,OU=Service Accounts,OU=Zwickau Mitte,DC=A2003,DC=VM,DC=local\n\tHTTP/SMS4-120-52S.A2003.VM.local\n\nExisting SPN found!\n",
        ),
        (
            "nltest",
            "List of domain trusts:\n    0: FABRIKAM fabrikam.bank (NT 5) (Direct Outbound) ( Attr: foresttrans )\n    1: CHILD Child.A2003.VM.local (NT 5) (Primary Domain) (Native)\nThe command completed successfully\n           DC: \\\\DC-VAULT\n      Address: \\\\10.20.10.10\n     Dom Name: Child.A2003.VM.local\n Dc Site Name: Pirna\nOur Site Name: Meissen\n",
        ),
        (
            "klist",
            "#1>\tClient: erika.muster @ CHILD.A2003.VM.LOCAL\n\tServer: HTTP/SMS4-120-52S.A2003.VM.local @ A2003.VM.LOCAL\n\tKdc Called: DC-VAULT\n",
        ),
    ];
    const HIDDEN: [&str; 10] = [
        "svc-", "reports", "zwickau", "mitte", "fabrikam", "vault", "pirna", "meissen", "erika",
        "muster",
    ];
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let files: Vec<PathBuf> = OUTPUTS
        .iter()
        .map(|(command, text)| {
            let path = folder.join(format!("redact-{command}.txt"));
            fs::write(&path, text).expect("an output");
            path
        })
        .collect();
    let capture = captures()
        .into_iter()
        .find(|it| it.ends_with("04-spn-on-wrong-account.pcap"))
        .expect("a capture");
    let mut all = vec![capture.as_path()];
    all.extend(files.iter().map(PathBuf::as_path));
    for format in ["text", "html", "markdown", "json", "jsonl", "mermaid"] {
        let output = why401(&["--redact", "--format", format], &all);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let text = clean(&output, &capture).to_lowercase();
        for name in HIDDEN {
            assert!(!text.contains(name), "{format}: {name}");
        }
        if !matches!(format, "jsonl" | "mermaid") {
            assert!(text.contains("setspn finds it on"), "{format}");
        }
    }
}

#[test]
fn a_list_of_the_whole_directory_is_not_learned() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (list, map) = (folder.join("whole.txt"), folder.join("whole.map"));
    let held = |number: u32| {
        format!(
            "CN=PC{number},OU=Clients,DC=A2003,DC=VM,DC=local\n\tHOST/PC{number}.A2003.VM.local\n"
        )
    };
    let all: String = (0..20_000).map(held).collect();
    let own = "CN=svc-reports,DC=A2003,DC=VM,DC=local\n\tHTTP/SMS4-120-52S.A2003.VM.local\n";
    fs::write(
        &list,
        format!("Checking domain DC=A2003,DC=VM,DC=local\n{all}{own}"),
    )
    .expect("a list");
    let capture = captures()
        .into_iter()
        .find(|it| it.ends_with("04-spn-on-wrong-account.pcap"))
        .expect("a capture");
    let words = ["--redact", "--redact-map", map.to_str().expect("text")];
    let output = why401(&words, &[&capture, &list]);
    assert!(!clean(&output, &capture).contains("svc-reports"));
    let known = fs::read_to_string(&map).expect("a map");
    assert!(known.contains("svc-reports\t"));
    assert!(!known.contains("pc19999"));
}

#[test]
fn the_map_is_written_where_it_is_asked_for() {
    let map = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redact.map");
    let path = captures()
        .into_iter()
        .find(|it| it.ends_with("article.pcap"))
        .expect("a capture");
    let words = ["--redact", "--redact-map", map.to_str().expect("text")];
    let text = clean(&why401(&words, &[&path]), &path).to_lowercase();
    let lines = fs::read_to_string(&map).expect("a map");
    let (_, pseudonym) = lines
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(name, _)| *name == "wk02-020-51w")
        .expect("the client");
    assert!(text.contains(pseudonym), "{pseudonym}");
}

#[test]
fn a_pipe_is_refused_with_its_reason() {
    let output = why401(&["--redact", "-"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("reads the evidence twice"), "{said}");
}
