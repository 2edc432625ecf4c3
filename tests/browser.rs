//! The page in a real browser: what is in its document, that nothing is loaded or refused, and that text of the wire stays text.
//!
//! Needs Chromium: where there is none, the tests say so and pass; `.ci/run` installs it and sets `WHY401_BROWSER`, with which
//! a missing browser is a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A sign-on over two KDCs, without a fault: 8 steps.
const ARTICLE: &str = "captures/article.pcap";
/// One that fails at the KDC of another realm, with a pause of a second.
const REFERRED: &str = "captures/10-referral-root-dc-dropped.pcap";

/// The browser, where there is one.
fn browser() -> Option<&'static str> {
    let runs = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(runs);
    let is_wanted = std::env::var_os("WHY401_BROWSER").is_some();
    assert!(found.is_some() || !is_wanted, "there is no Chromium");
    found
}

/// What a page says and does in the browser.
struct Opened {
    document: String,
    told: String,
}

fn open(browser: &str, page: &Path) -> Opened {
    let profile = page.with_extension("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser");
    assert!(output.status.success(), "{output:?}");
    Opened {
        document: String::from_utf8(output.stdout).expect("text"),
        told: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The page of `files` as the browser understands it.
fn page_of(browser: &str, name: &str, files: &[&str]) -> Opened {
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.html"));
    write(files, &page);
    open(browser, &page)
}

fn write(files: &[&str], page: &PathBuf) {
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("-o")
        .arg(page)
        .args(files)
        .output()
        .expect("the program");
    assert_ne!(output.status.code(), Some(2), "{output:?}");
}

/// The values of an attribute, in the order of the document, of elements whose class begins with `class`.
fn values(document: &str, class: &str, attribute: &str) -> Vec<String> {
    let begin = format!("class=\"{class}");
    let elements = document
        .split('<')
        .filter(|element| element.contains(&begin));
    let name = format!(" {attribute}=\"");
    elements
        .filter_map(|element| {
            let (_, rest) = element.split('>').next()?.split_once(&name)?;
            Some(rest.split('"').next()?.to_owned())
        })
        .collect()
}

#[test]
fn the_ladder_of_the_article_has_its_lanes_its_arrows_and_their_frames() {
    let Some(browser) = browser() else {
        return;
    };
    let Opened { document, told } = page_of(browser, "browser-article", &[ARTICLE]);
    assert!(!told.contains("CONSOLE"), "{told}");
    let lanes = values(&document, "lane", "data-address");
    assert_eq!(
        lanes,
        ["10.20.51.51", "10.20.10.10", "10.10.10.10", "10.10.120.52"]
    );
    let arrows: Vec<(String, String, String)> = values(&document, "arrow", "data-frames")
        .into_iter()
        .zip(values(&document, "arrow", "data-from"))
        .zip(values(&document, "arrow", "data-to"))
        .map(|((frames, from), to)| (frames, from, to))
        .collect();
    let expected = [
        ("4–7", "client", "MP"),
        ("10–11", "MP", "client"),
        ("13", "client", "KDC CHILD"),
        ("14", "KDC CHILD", "client"),
        ("15", "client", "KDC A2003"),
        ("16", "KDC A2003", "client"),
        ("17–22", "client", "MP"),
        ("25", "MP", "client"),
    ];
    let expected =
        expected.map(|(frames, from, to)| (frames.to_owned(), from.to_owned(), to.to_owned()));
    assert_eq!(arrows, expected);
    assert_eq!(
        values(&document, "arrow expected", "data-frames"),
        ["10–11"]
    );
    assert!(values(&document, "arrow fault", "data-frames").is_empty());
    assert_eq!(
        values(&document, "referral", "d").len(),
        1,
        "the way to the second realm"
    );
    assert!(document.contains("Accepted with Kerberos</h1>"));
}

#[test]
fn the_step_that_fails_is_marked_in_the_story_and_in_the_ladder() {
    let Some(browser) = browser() else {
        return;
    };
    let Opened { document, told } = page_of(browser, "browser-referred", &[REFERRED]);
    assert!(!told.contains("CONSOLE"), "{told}");
    assert_eq!(values(&document, "arrow fault", "data-frames"), ["16–25"]);
    assert!(document.contains("id=\"a1-f16\" class=\"fault bad\""));
    assert!(
        document.contains("href=\"#a1-f16\""),
        "the evidence leads to its step"
    );
    assert!(document.contains("s later</text>"), "the pause is told");
    for landmark in [
        "<main",
        "<nav aria-label",
        "<header",
        "<footer",
        "<h1",
        "lang=\"en\"",
        "<caption",
        "scope=\"col\"",
    ] {
        assert!(document.contains(landmark), "{landmark}");
    }
}

#[test]
fn the_browser_holds_a_page_to_its_own_policy() {
    let Some(browser) = browser() else {
        return;
    };
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-changed.html");
    write(&[ARTICLE], &page);
    let document = fs::read_to_string(&page).expect("a page");
    let changed = document.replace("</style>", "body{color:red}</style>");
    fs::write(&page, changed).expect("a page");
    let told = open(browser, &page).told;
    assert!(
        told.contains("CONSOLE") && told.contains("Content Security Policy"),
        "{told}"
    );
}

#[test]
fn every_link_of_every_page_leads_somewhere_and_every_id_is_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let page = Path::new(env!("CARGO_TARGET_TMPDIR")).join("links.html");
    for entry in fs::read_dir(folder).expect("captures") {
        let capture = entry.expect("an entry").path();
        let extension = capture.extension().and_then(|it| it.to_str());
        if !matches!(extension, Some("pcap" | "pcapng")) {
            continue;
        }
        let log = capture.with_extension("iis.log");
        let files = [&capture, &log];
        let files = files.into_iter().filter(|file| file.exists());
        let files: Vec<&str> = files.map(|file| file.to_str().expect("text")).collect();
        write(&files, &page);
        let document = fs::read_to_string(&page).expect("a page");
        let after = |begin: &str| -> Vec<String> {
            let parts = document.split(begin).skip(1);
            parts
                .filter_map(|rest| Some(rest.split('"').next()?.to_owned()))
                .collect()
        };
        let mut ids = after(" id=\"");
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{}", capture.display());
        for link in after("href=\"#")
            .into_iter()
            .chain(after("aria-labelledby=\""))
        {
            for name in link.split(' ') {
                assert!(
                    ids.binary_search(&name.to_owned()).is_ok(),
                    "{}: {name}",
                    capture.display()
                );
            }
        }
    }
}

#[test]
fn markup_from_the_wire_is_shown_and_not_obeyed() {
    let Some(browser) = browser() else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bytes = fs::read(root.join(ARTICLE)).expect("a capture");
    // The name of the host in the first request becomes markup of the same length, with a mark that turns text around.
    let name = b"SMS4-120-52S.A2003.VM.local";
    let markup = "<script>alert(1)\u{202e}</b>'\"&x";
    assert_eq!(markup.len(), name.len());
    let places: Vec<usize> = (0..bytes.len() - name.len())
        .filter(|at| bytes[*at..].starts_with(name))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + name.len()].copy_from_slice(markup.as_bytes());
    }
    let capture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("markup.pcap");
    fs::write(&capture, bytes).expect("a capture");
    let files = [capture.to_str().expect("a path of text")];
    let Opened { document, told } = page_of(browser, "browser-markup", &files);
    assert!(!told.contains("CONSOLE"), "{told}");
    assert!(!document.contains("<script"), "no element is made of it");
    assert!(
        document.contains("&lt;script&gt;alert(1)\\u{202e}&lt;/b&gt;"),
        "it is shown"
    );
    assert!(!document.contains('\u{202e}'));
}
