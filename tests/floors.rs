//! The floors of the house: what may use what, and which package is used where.
//!
//! The compiler does not check this inside one package, so this test reads every `crate::` path in `src/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What every floor may use, and what uses only itself.
const BASE: [&str; 5] = ["frame", "endpoint", "text", "limits", "outcome"];

/// A floor, and the floors that it may use beside the base. Imports point down.
///
/// Where this differs from a plain stack: `capture`, `net` and `dissect` are seen by `diagnose` alone; `listing` stands
/// beside the model and uses its pairing; `story` and `report` share the types of hosts and steps, which the story makes.
const FLOORS: [(&str, &[&str]); 22] = [
    ("capture", &[]),
    ("net", &[]),
    ("wire", &[]),
    ("keys", &["wire"]),
    ("dissect", &["net", "wire"]),
    ("logs", &["wire"]),
    ("model", &["dissect", "keys", "logs", "wire"]),
    ("listing", &["dissect", "model", "wire"]),
    ("finding", &[]),
    ("rules", &["keys", "model", "finding", "wire"]),
    ("story", &["keys", "model", "finding", "wire"]),
    ("report", &["story", "finding"]),
    ("explain", &["rules", "wire", "finding"]),
    (
        "render",
        &["report", "story", "finding", "listing", "explain"],
    ),
    ("privacy", &["report", "story", "finding"]),
    ("hide", &["privacy", "wire"]),
    (
        "export",
        &["capture", "net", "report", "finding", "render", "hide"],
    ),
    (
        "diagnose",
        &[
            "capture", "net", "wire", "keys", "dissect", "logs", "model", "finding", "rules",
            "story", "report",
        ],
    ),
    (
        "cli",
        &[
            "diagnose", "report", "render", "export", "hide", "privacy", "capture", "listing",
            "finding", "rules", "dissect", "explain", "keys", "logs",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
    ("base", &[]),
];

/// Packages and the files that alone may name them.
const FENCES: [(&str, &[&str]); 26] = [
    ("askama", &["render/html/", "render/escape.rs"]),
    ("clap_complete", &["cli/args.rs", "cli/args/"]),
    ("clap_mangen", &["cli/args/manual.rs"]),
    ("x509_parser", &["wire/ccm/certificate.rs"]),
    ("quick_xml", &["wire/ccm.rs", "wire/ccm/"]),
    (
        "flate2",
        &["wire/ccm.rs", "capture/unpack.rs", "hide/multipart.rs"],
    ),
    ("lz4_flex", &["capture/unpack.rs"]),
    ("lzma_rust2", &["capture/unpack.rs"]),
    ("ruzstd", &["capture/unpack.rs"]),
    ("aho_corasick", &["privacy/leak.rs"]),
    (
        "sha1",
        &["wire/ccm.rs", "wire/registration_call.rs", "keys/"],
    ),
    ("aes", &["keys/"]),
    ("cts", &["keys/"]),
    ("hmac", &["keys/"]),
    ("md5", &["keys/"]),
    ("rc4", &["keys/"]),
    ("pcap_parser", &["capture/", "export/pcapng.rs"]),
    ("etherparse", &["net/"]),
    ("kerberos_asn1", &["wire/kerberos/adapter.rs"]),
    ("httparse", &["wire/http/parse.rs"]),
    (
        "clap",
        &[
            "cli/args.rs",
            "cli/args/",
            "cli/excerpt.rs",
            "cli/formats.rs",
        ],
    ),
    ("ctrlc", &["cli/interrupt.rs"]),
    ("owo_colors", &["render/terminal/"]),
    ("serde", &["render/json/"]),
    ("serde_json", &["render/json/"]),
    ("anyhow", &["cli/"]),
];

/// A file of tests alone, which reads recorded captures.
const RECORDED: &str = "diagnose/damaged.rs";

/// What only the command may touch: files, environment, the clock of the machine, the standard streams.
const OF_THE_COMMAND: [&str; 8] = [
    "std::fs",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "println!",
    "io::stdout",
];

/// Files of more than 400 lines, each with the reason why it is not two.
const LONG: [(&str, &str); 1] = [("rules/", "a rule is one file, whatever its tests take")];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .expect("below src")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push((name, fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 60, "the sources are there");
    found
}

/// The code of a file without its tests and without comments.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    body.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn floor_of(file: &str) -> String {
    let first = file
        .split('/')
        .next()
        .unwrap_or(file)
        .trim_end_matches(".rs");
    if BASE.contains(&first) {
        "base".to_owned()
    } else {
        first.to_owned()
    }
}

fn used(code: &str) -> BTreeSet<String> {
    code.match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with(['$', '_']))
        .map(|(at, _)| {
            let rest = &code[at + "crate::".len()..];
            let end = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            rest[..end].to_owned()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_down() {
    for (file, text) in sources() {
        let floor = floor_of(&file);
        let (_, allowed) = FLOORS
            .iter()
            .find(|(name, _)| *name == floor)
            .unwrap_or_else(|| panic!("{file}: the floor {floor} is not in the table"));
        let code = code(&text);
        assert!(
            !code.contains("crate::{"),
            "{file}: one path an import, so that it can be read here"
        );
        for name in used(&code) {
            let fine =
                name == floor || BASE.contains(&name.as_str()) || allowed.contains(&name.as_str());
            assert!(fine, "{file} uses crate::{name}");
        }
    }
}

#[test]
fn the_model_and_the_listing_see_messages_of_the_dissectors_and_nothing_else() {
    for (file, text) in sources() {
        if matches!(floor_of(&file).as_str(), "model" | "listing") {
            let code = code(&text);
            let all = code.matches("crate::dissect").count();
            let messages = code.matches("crate::dissect::message").count();
            assert_eq!(all, messages, "{file}");
        }
    }
}

/// Whether `code` has a path that begins with `package`.
fn names(code: &str, package: &str) -> bool {
    let is_part = |before: &str| before.ends_with(|it: char| it.is_alphanumeric() || it == '_');
    let path = format!("{package}::");
    let mut found = code.match_indices(&path);
    found.any(|(at, _)| !is_part(&code[..at])) || code.contains(&format!("use {package} "))
}

#[test]
fn each_package_stays_behind_its_fence() {
    for (file, text) in sources() {
        let code = code(&text);
        for (package, places) in FENCES {
            let named = names(&code, package);
            let fine = places.iter().any(|place| file.starts_with(place));
            assert!(!named || fine, "{file} uses {package}");
        }
    }
}

#[test]
fn only_the_command_touches_the_world() {
    for (file, text) in sources() {
        if matches!(floor_of(&file).as_str(), "cli" | "main") || file == RECORDED {
            continue;
        }
        let code = code(&text);
        for name in OF_THE_COMMAND {
            assert!(!code.contains(name), "{file} uses {name}");
        }
    }
}

#[test]
fn every_room_says_at_its_door_what_it_never_does() {
    for (file, text) in sources() {
        if !file.ends_with("/mod.rs") {
            continue;
        }
        let door: String = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        assert!(!door.is_empty(), "{file} has no documentation");
        assert!(
            door.to_lowercase().contains("never"),
            "{file} does not say what it never does"
        );
    }
}

#[test]
fn a_long_file_has_its_reason() {
    for (file, text) in sources() {
        let known = LONG.iter().any(|(name, _)| file.starts_with(name));
        assert!(
            text.lines().count() <= 400 || known,
            "{file} has {} lines",
            text.lines().count()
        );
    }
}

#[test]
fn every_file_of_a_rule_is_in_the_list_of_rules() {
    let ids: BTreeSet<String> = why401::rules::RULES
        .iter()
        .map(|rule| rule.meta.id.replace('-', "_"))
        .collect();
    let mut files = BTreeSet::new();
    for (file, text) in sources() {
        if text.contains("declare_rule! {\n") && file != "rules/rule.rs" {
            let name = file.rsplit('/').next().unwrap_or(&file);
            files.insert(name.trim_end_matches(".rs").to_owned());
        }
    }
    assert_eq!(files, ids);
}

#[test]
fn every_rule_is_shown_firing_by_a_capture_or_by_its_own_tests() {
    let pages: String = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("captures"))
        .expect("captures")
        .filter_map(|entry| fs::read_to_string(entry.expect("an entry").path()).ok())
        .collect();
    let made = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules.rs"))
        .expect("tests");
    let sources = sources();
    for rule in why401::rules::RULES {
        let id = rule.meta.id;
        let file = format!("/{}.rs", id.replace('-', "_"));
        let told =
            pages.contains(&format!("(rule {id})")) || pages.contains(&format!("headline: {id}"));
        let tested = sources
            .iter()
            .any(|(name, text)| name.ends_with(&file) && text.contains("#[cfg(test)]"));
        let changed = made.contains(&format!("\"{id}\""));
        let built = sources.iter().any(|(name, text)| {
            name.starts_with("rules/near_misses/") && text.contains(&format!("\"{id}\""))
        });
        assert!(
            told || tested || changed || built,
            "{id}: no capture and no test shows it"
        );
    }
}
