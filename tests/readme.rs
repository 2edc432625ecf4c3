//! The README says what is true: its sample is what the program prints, its table is the list of rules.
//!
//! `BLESS=1` writes the table anew.

use std::fs;
use std::path::Path;
use std::process::Command;

use why401::rules::RULES;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md")
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let start = text.find(begin).expect("the beginning") + begin.len();
    let stop = text[start..].find(end).expect("the end") + start;
    &text[start..stop]
}

#[test]
fn the_sample_is_what_the_program_prints_first() {
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--color", "never", "captures/article.pcap"])
        .env("COLUMNS", "100")
        .output()
        .expect("the program");
    let printed = String::from_utf8(output.stdout).expect("text");
    let readme = readme();
    let sample = between(&readme, "```sample\n", "```");
    assert!(!sample.is_empty());
    assert!(printed.starts_with(sample), "printed:\n{printed}");
}

#[test]
fn the_table_names_every_rule() {
    let mut table = String::from("\n| rule | what it says | if it holds |\n|---|---|---|\n");
    for rule in RULES {
        let meta = &rule.meta;
        let severity = meta.severity.name();
        table.push_str(&format!(
            "| `{}` | {} | {severity} |\n",
            meta.id, meta.summary
        ));
    }
    let readme = readme();
    let written = between(&readme, "<!-- rules -->\n", "<!-- /rules -->");
    if std::env::var_os("BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        let (before, after) = readme.split_once("<!-- rules -->\n").expect("the place");
        let (_, after) = after.split_once("<!-- /rules -->").expect("the place");
        let new = format!("{before}<!-- rules -->\n{table}\n<!-- /rules -->{after}");
        // The other test reads the file meanwhile: it is replaced at once.
        let whole = Path::new(env!("CARGO_TARGET_TMPDIR")).join("README.md");
        fs::write(&whole, new).expect("a new README.md");
        fs::rename(whole, path).expect("README.md");
    } else {
        assert_eq!(written.trim(), table.trim());
    }
}
