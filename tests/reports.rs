//! The formats of the report: which one is written, where, and that text of the wire stays text in each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ARTICLE: &str = "captures/article.pcap";
const REFUSED: &str = "captures/03-spn-missing.pcap";

fn run(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .env("COLUMNS", "100")
        .output()
        .expect("the program")
}

fn printed(words: &[&str]) -> String {
    let output = run(words);
    assert_ne!(output.status.code(), Some(2), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// A folder of its own for the test `name`, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let mut captures: Vec<PathBuf> = fs::read_dir(folder)
        .expect("captures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|it| it == "pcap" || it == "pcapng")
        })
        .collect();
    captures.sort();
    captures
}

#[test]
fn the_extension_says_the_format() {
    let folder = folder("formats");
    let formats = [
        ("html", "html"),
        ("md", "markdown"),
        ("json", "json"),
        ("jsonl", "jsonl"),
        ("mmd", "mermaid"),
    ];
    for (extension, format) in formats {
        let file = folder.join(format!("case.{extension}"));
        let output = run(&["-o", text(&file), ARTICLE]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
        let written = fs::read_to_string(&file).expect("a report");
        assert_eq!(written, printed(&["--format", format, ARTICLE]), "{format}");
        assert_eq!(written, printed(&["--format", format, "-o", "-", ARTICLE]));
    }
    assert_eq!(names(&folder).len(), formats.len(), "no draft is left");
}

#[test]
fn a_report_is_there_whole_or_not_at_all() {
    let folder = folder("whole-or-not");
    let file = folder.join("case.html");
    fs::write(&file, "an older report, which is longer or shorter").expect("a file");
    run(&["-o", text(&file), ARTICLE]);
    let written = fs::read_to_string(&file).expect("a report");
    assert!(written.starts_with("<!DOCTYPE html>") && written.trim_end().ends_with("</html>"));
    let nowhere = folder.join("missing").join("case.html");
    let output = run(&["-o", text(&nowhere), ARTICLE]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).expect("text");
    assert!(complaint.contains("no such file or folder"), "{complaint}");
    assert_eq!(names(&folder), ["case.html"]);
}

#[test]
#[cfg(unix)]
fn a_link_stays_one_and_a_locked_file_stays_as_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("links");
    let (real, link) = (folder.join("real.md"), folder.join("case.md"));
    fs::write(&real, "old").expect("a file");
    symlink(&real, &link).expect("a link");
    assert_eq!(run(&["-o", text(&link), ARTICLE]).status.code(), Some(0));
    assert!(link.is_symlink());
    assert!(
        fs::read_to_string(&real)
            .expect("a report")
            .starts_with("# why401")
    );
    let locked = fs::Permissions::from_mode(0o444);
    fs::set_permissions(&real, locked).expect("permissions");
    assert_eq!(run(&["-o", text(&real), REFUSED]).status.code(), Some(2));
    assert!(
        fs::read_to_string(&real)
            .expect("a report")
            .contains("article.pcap")
    );
    assert_eq!(names(&folder).len(), 2);
}

#[test]
fn every_capture_is_told_in_every_format_with_all_its_frames() {
    for capture in captures() {
        let report = printed(&["--format", "json", text(&capture)]);
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        for format in ["html", "markdown", "mermaid"] {
            let shown = printed(&["--format", format, text(&capture)]);
            let is_command = |letter: char| letter.is_control() && letter != '\n';
            assert!(
                !shown.contains(is_command),
                "{format} of {}",
                capture.display()
            );
            for attempt in report["attempts"].as_array().expect("attempts") {
                let first = attempt["first_frame"].as_u64().expect("a frame");
                assert!(
                    shown.contains(&first.to_string()),
                    "{format} of {}",
                    capture.display()
                );
            }
        }
    }
}

#[test]
fn the_ladder_has_an_arrow_for_each_message_and_fits() {
    let table = printed(&["--color", "never", ARTICLE]);
    let ladder = printed(&["--color", "never", "--ladder", ARTICLE]);
    assert!(!table.contains('├'));
    let arrows = ladder.lines().filter(|line| line.contains(['▸', '◂']));
    assert_eq!(arrows.count(), 8);
    let head = "  frame  time   client                     KDC CHILD                  KDC A2003";
    assert!(ladder.contains(head), "{ladder}");
    for capture in captures() {
        let shown = printed(&["--color", "never", "--ladder", "--ascii", text(&capture)]);
        assert!(shown.is_ascii(), "{}", capture.display());
        let rungs = shown
            .lines()
            .filter(|line| line.contains("--->") || line.contains("<---"));
        let widest = rungs.map(str::len).max().unwrap_or(0);
        assert!(widest <= 100, "{}: {widest}", capture.display());
    }
}
