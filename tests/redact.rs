//! `--redact` as its users meet it: the same story, and none of the names.

#[path = "support/recorded.rs"]
mod recorded;
#[path = "support/secrets.rs"]
mod secrets;

use std::fs::{self, File};
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

fn named(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name)
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

#[cfg(unix)]
#[test]
fn a_new_map_can_be_read_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let map = Path::new(env!("CARGO_TARGET_TMPDIR")).join("private.map");
    if map.exists() {
        fs::remove_file(&map).expect("the map of an earlier run");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/article.pcap");
    let words = ["--redact", "--redact-map", map.to_str().expect("text")];
    clean(&why401(&words, &[&path]), &path);
    let mode = fs::metadata(&map).expect("a map").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// The program with a capture on its standard input.
fn piped(words: &[&str], path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(words)
        .stdin(File::open(path).expect("a capture"))
        .output()
        .expect("the program")
}

#[test]
fn from_a_pipe_the_same_is_told_as_from_a_file() {
    let path = named("03-spn-missing.pcap");
    let words = ["--redact", "--format", "json"];
    let of_file = clean(&why401(&words, &[&path]), &path);
    let of_pipe = clean(&piped(&[&words[..], &["-"]].concat(), &path), &path);
    let attempts = |text: &str| {
        let report: Value = serde_json::from_str(text).expect("JSON");
        report["attempts"].clone()
    };
    assert_eq!(attempts(&of_pipe), attempts(&of_file));
    let list = clean(&piped(&["list", "--redact", "-"], &path), &path);
    assert_eq!(list, clean(&why401(&["list", "--redact"], &[&path]), &path));
    let extract = ["extract", "--redact", "-o", "-"];
    let (of_pipe, of_file) = (
        piped(&[&extract[..], &["-"]].concat(), &path),
        why401(&extract, &[&path]),
    );
    assert_eq!(of_file.status.code(), Some(0));
    assert_eq!(of_pipe, of_file);
}

#[test]
fn a_survey_names_nobody_and_counts_the_same() {
    let all = captures();
    let paths: Vec<&Path> = all.iter().map(PathBuf::as_path).collect();
    for format in ["text", "csv", "jsonl"] {
        let words = ["scan", "--redact", "--format", format];
        let output = why401(&words, &paths);
        assert_eq!(output.status.code(), Some(1), "{format}");
        clean(&output, Path::new(format));
    }
    let lines = |words: &[&str]| -> Vec<Value> {
        let output = why401(words, &paths);
        let text = String::from_utf8(output.stdout).expect("text");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        lines.collect()
    };
    let plain = lines(&["scan", "--format", "jsonl"]);
    let hidden = lines(&["scan", "--redact", "--format", "jsonl"]);
    let verdict = |line: &Value| {
        let told = ["kind", "outcome", "severity", "first_frame", "last_frame"];
        told.map(|field| line[field].clone())
    };
    let (note, hidden) = hidden.split_last().expect("lines");
    assert_eq!(note["kind"], "note");
    assert_eq!(
        hidden.iter().map(verdict).collect::<Vec<_>>(),
        plain.iter().map(verdict).collect::<Vec<_>>()
    );
    // A machine is called the same in all captures, and two are never called the same.
    let mut clients: Vec<[&Value; 2]> = plain
        .iter()
        .zip(hidden)
        .map(|(plain, hidden)| [&plain["client"], &hidden["client"]])
        .collect();
    clients.sort_by_key(|names| names.map(Value::to_string));
    clients.dedup();
    for side in [0, 1] {
        let mut names: Vec<&Value> = clients.iter().map(|names| names[side]).collect();
        names.sort_by_key(ToString::to_string);
        names.dedup();
        assert_eq!(names.len(), clients.len());
    }
}

#[test]
fn two_captures_part_at_the_same_step_without_names() {
    let good = named("article.pcap");
    for bad in captures() {
        let first = |words: &[&str]| {
            let output = why401(words, &[&good, &bad]);
            let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            let first = &told["first_difference"];
            let of = |side: &str| [first[side]["kind"].clone(), first[side]["frames"].clone()];
            (output.status.code(), [of("good"), of("bad")])
        };
        let plain = first(&["compare", "--format", "json"]);
        let hidden = first(&["compare", "--redact", "--format", "json"]);
        assert_eq!(plain, hidden, "{}", bad.display());
        clean(&why401(&["compare", "--redact"], &[&good, &bad]), &bad);
    }
}

#[test]
fn a_pasted_token_is_told_without_its_names() {
    let tokens = tokens(&named("article.pcap"));
    assert!(!tokens.is_empty(), "the client shows a ticket");
    for token in tokens {
        let plain = why401(&["decode", &token], &[]);
        let said = String::from_utf8_lossy(&plain.stdout).to_lowercase();
        assert!(said.contains("sms4-120-52s"), "{said}");
        for format in ["text", "json"] {
            let words = ["decode", "--redact", "--format", format, &token];
            let told = clean(&why401(&words, &[]), Path::new("decode"));
            assert!(told.contains("AP-REQ"), "{told}");
        }
    }
}

/// The tokens in a capture each of which lies in one frame.
fn tokens(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).expect("a capture");
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let behind = text.split("Authorization: Negotiate ").skip(1);
    let tokens = behind.filter_map(|rest| rest.split_once("\r\n"));
    tokens.map(|(token, _)| token.to_owned()).collect()
}

#[test]
fn a_name_that_is_a_word_too_is_told_to_the_user_alone() {
    // The client is called CLIENT, and its server is asked for as mp.
    let path = named("60-samba-short-name-clocks.pcap");
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    for words in [&["--redact"][..], &["list", "--redact"]] {
        let output = why401(words, &[&path]);
        assert!(said(&output).contains("\"client\", \"mp\""), "{words:?}");
    }
    let report = why401(&["--redact", "--format", "markdown"], &[&path]);
    let text = clean(&report, &path);
    // The third is `ad`: the NetBIOS domain AD in the NTLM messages of a session with the file server.
    assert!(text.contains("3 names are also words"), "{text}");
    let quiet = why401(&["--redact", "--quiet"], &[&path]);
    assert_eq!(said(&quiet), "");
    let other = why401(&["--redact"], &[&named("article.pcap")]);
    assert_eq!(said(&other), "");
}

#[test]
fn a_field_that_holds_a_name_is_hidden_whatever_the_word_means() {
    // The client is called CLIENT, and its server is asked for as mp.
    let path = named("60-samba-short-name-clocks.pcap");
    for words in [&["list", "--redact", "--json"][..], &["--redact", "--json"]] {
        let output = why401(words, &[&path]);
        let text = String::from_utf8(output.stdout)
            .expect("text")
            .to_lowercase();
        for key in [
            "name",
            "cname",
            "netbios_name",
            "principal",
            "target",
            "workstation",
        ] {
            for name in ["client", "mp", "ad"] {
                for field in [
                    format!("\"{key}\":\"{name}"),
                    format!("\"{key}\": \"{name}"),
                ] {
                    let found = text.match_indices(&field).map(|(at, _)| at + field.len());
                    let whole = found.filter(|end| text[*end..].starts_with(['"', '$']));
                    assert_eq!(whole.count(), 0, "{words:?}: {field}");
                }
            }
        }
    }
}

#[test]
fn a_realm_that_is_called_like_a_word_of_the_page_is_no_reason_to_refuse() {
    // A realm A2003 that is called BADGE: the page's classes are called so too.
    let mut bytes = fs::read(named("03-spn-missing.pcap")).expect("a capture");
    for (old, new) in [(b"A2003", b"BADGE"), (b"a2003", b"badge")] {
        for at in 0..bytes.len() - old.len() {
            if bytes[at..].starts_with(old) {
                bytes[at..at + old.len()].copy_from_slice(new);
            }
        }
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("badge.pcap");
    fs::write(&path, bytes).expect("a capture");
    let output = why401(&["--redact", "--format", "html"], &[&path]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let text = String::from_utf8(output.stdout)
        .expect("text")
        .to_lowercase();
    assert!(!text.contains("badge.vm") && !text.contains("vm.badge"));
}

#[test]
fn a_realm_that_is_called_by_a_word_is_hidden_where_it_names_a_kdc() {
    // The client's realm is SITE.CORP.EXAMPLE.
    let path = named("92-no-answer-to-token.pcap");
    let plain = why401(&[], &[&path]);
    assert!(String::from_utf8_lossy(&plain.stdout).contains("KDC SITE"));
    let output = why401(&["--redact"], &[&path]);
    assert!(!clean(&output, &path).contains("SITE"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("\"corp.example\""), "{said}");
}

#[test]
fn that_a_list_or_a_table_is_redacted_is_said_beside_it() {
    let path = named("article.pcap");
    let said = |words: &[&str]| {
        let output = why401(words, &[&path]);
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(!text.contains("Redacted:"), "{words:?}");
        String::from_utf8(output.stderr).expect("text")
    };
    for words in [
        &["list", "--redact"][..],
        &["list", "--redact", "--format", "jsonl"],
        &["scan", "--redact", "--format", "csv"],
    ] {
        assert!(said(words).contains("Redacted:"), "{words:?}");
        assert_eq!(said(&[words, &["--quiet"]].concat()), "");
    }
    assert_eq!(said(&["list"]), "");
}

#[test]
fn what_a_server_calls_itself_is_told_only_where_it_is_known() {
    let servers = |name: &str| -> Vec<Value> {
        let output = why401(&["list", "--redact", "--format", "jsonl"], &[&named(name)]);
        let text = String::from_utf8(output.stdout).expect("text");
        let lines = text
            .lines()
            .map(|line| -> Value { serde_json::from_str(line).expect("JSON") });
        lines
            .filter_map(|line| line.get("server").cloned())
            .collect()
    };
    assert_eq!(servers("60-samba-short-name-clocks.pcap"), ["…"]);
    let known = servers("article.pcap");
    assert!(!known.is_empty() && known.iter().all(|it| it == "Microsoft-IIS/6.0"));
}

#[cfg(unix)]
#[test]
fn what_gives_its_bytes_once_is_refused_before_anything_is_told() {
    let path = named("article.pcap");
    let once = Path::new("/dev/stdin");
    for words in [
        &["--redact"][..],
        &["list", "--redact"],
        &["extract", "-o", "-"],
        &["scan", "--redact"],
        &["compare", "--redact"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
        let is_of_two = words[0] != "extract";
        let files = if is_of_two {
            vec![path.as_path(), once]
        } else {
            vec![once]
        };
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(writer);
        let output = command.args(words).args(files).stdin(reader).output();
        let output = output.expect("the program");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains("gives its bytes once"), "{said}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}

#[test]
fn an_account_of_a_log_that_has_the_client_by_another_address_is_hidden() {
    let capture = named("article.pcap");
    let log = fs::read_to_string(capture.with_extension("iis.log")).expect("a log");
    let log = log
        .replace(" 10.20.51.51 ", " 203.0.113.77 ")
        .replace("CHILD\\", "CORPNET\\");
    let path = std::env::temp_dir().join(format!("why401-nat-{}.log", std::process::id()));
    fs::write(&path, log).expect("a log");
    let output = why401(&["--redact", "--format", "json"], &[&capture, &path]);
    fs::remove_file(&path).expect("the log");
    let text = clean(&output, &capture);
    assert!(text.contains("logged as 198.18."), "it is joined");
    for secret in ["CORPNET", "203.0.113"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
