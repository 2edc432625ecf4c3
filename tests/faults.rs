//! Faults around the command: disks that are full, readers and files that go away, files that grow, and what may not be read.
//!
//! Each is a process of its own. Never waits for a moment to pass: what has to happen in an order is put in that order by pipes.
#![cfg(unix)]

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A sign-on without a fault: 30 frames.
const ARTICLE: &str = "captures/article.pcap";
/// A sign-on that fails at a service name without an account.
const REFUSED: &str = "captures/03-spn-missing.pcap";
/// Whom the operating system grants nothing.
const NOBODY: u32 = 65_534;

fn why401(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words);
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// How it ended, and what was said; a panic and a signal are never an end.
fn ended(output: &Output) -> (i32, String) {
    let said = String::from_utf8(output.stderr.clone()).expect("text");
    let status = output.status.code();
    let status = status.unwrap_or_else(|| panic!("{}: {said}", output.status));
    assert!(matches!(status, 0..=2), "{status}: {said}");
    (status, said)
}

fn run(words: &[&str]) -> (i32, String) {
    ended(&why401(words).output().expect("the program"))
}

fn stdout(words: &[&str]) -> String {
    let output = why401(words).output().expect("the program");
    String::from_utf8(output.stdout).expect("text")
}

fn full_disk() -> File {
    let full = OpenOptions::new().write(true).open("/dev/full");
    full.expect("the disk that is always full")
}

/// A folder of its own for the test `name`, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("faults")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder goes");
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

fn bytes(capture: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(capture)).expect("a capture")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every job that writes.
const JOBS: [&[&str]; 20] = [
    &[ARTICLE],
    &["--format", "json", ARTICLE],
    &["--format", "jsonl", REFUSED],
    &["--format", "html", ARTICLE],
    &["--format", "markdown", ARTICLE],
    &["--format", "mermaid", ARTICLE],
    &["--redact", ARTICLE],
    &["list", ARTICLE],
    &["extract", ARTICLE],
    &["compare", ARTICLE, REFUSED],
    &["scan", ARTICLE],
    &["explain", "KRB_AP_ERR_SKEW"],
    &["rules"],
    &["demo"],
    &["completions", "bash"],
    &["man"],
    &["checklist"],
    &["schema"],
    &["--help"],
    &["--version"],
];

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_every_job_that_writes() {
    for words in JOBS {
        let output = why401(words).stdout(full_disk()).output();
        let (status, said) = ended(&output.expect("the program"));
        assert_eq!(status, 2, "{words:?}");
        assert_eq!(
            said, "why401: cannot write: no space is left\n",
            "{words:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn complaints_that_nobody_can_be_given_change_no_status() {
    let cut = folder("mute").join("cut.pcap");
    fs::write(&cut, &bytes(REFUSED)[..10_000]).expect("a cut capture");
    for words in [
        &["no-such-file.pcap"][..],
        &["--no-such-option"],
        &["list", text(&cut)],
        &["scan", "no-such-folder"],
    ] {
        let output = why401(words).stderr(full_disk()).output();
        let (status, _) = ended(&output.expect("the program"));
        assert_eq!(status, run(words).0, "{words:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_any_job() {
    for words in JOBS {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = why401(words).stdout(writer).output();
        let (status, said) = ended(&output.expect("the program"));
        assert_eq!((status, said.as_str()), (0, ""), "{words:?}");
    }
}

/// Bytes that a pipe takes while nobody reads.
const PIPE: usize = 1 << 16;

/// As ripgrep ends, which has found something too: who reads no further does not ask for the verdict.
#[test]
fn a_reader_that_goes_away_after_a_few_bytes_is_no_failure() {
    // More than a pipe holds.
    let words = [
        "--format",
        "html",
        REFUSED,
        "captures/04-spn-on-wrong-account.pcap",
        "captures/10-referral-root-dc-dropped.pcap",
        "captures/14c-preauth-failed.pcap",
    ];
    assert!(stdout(&words).len() > PIPE);
    let mut child = why401(&words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut few = [0; 16];
    let mut page = child.stdout.take().expect("its output");
    page.read_exact(&mut few).expect("a page begins");
    drop(page);
    let (status, said) = ended(&child.wait_with_output().expect("its end"));
    assert_eq!((status, said.as_str()), (0, ""));
}

/// The job with files that may not grow past half a kibibyte, as on a disk with no more room.
fn with_little_room(words: &[&str]) -> (i32, String) {
    let job = why401(words);
    let output = Command::new("sh")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(job.get_program())
        .args(job.get_args())
        .output();
    ended(&output.expect("a shell"))
}

#[test]
fn a_disk_that_fills_leaves_the_old_file_and_no_draft() {
    let folder = folder("room");
    let old = folder.join("case.json");
    fs::write(&old, "the old report").expect("a file");
    let new = folder.join("case.html");
    for words in [
        &["-o", text(&old), ARTICLE][..],
        &["-o", text(&new), ARTICLE],
        &["extract", "-o", text(&new), ARTICLE],
        &["list", "-o", text(&old), ARTICLE],
    ] {
        let (status, said) = with_little_room(words);
        assert_eq!(status, 2, "{words:?}");
        assert!(said.contains(": cannot write: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(names(&folder), ["case.json"]);
    assert_eq!(fs::read_to_string(&old).expect("a file"), "the old report");
}

/// The program at a pipe, which has been given `bytes`.
fn fed(words: &[&str], bytes: &[u8]) -> Child {
    let mut command = why401(words);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let input = child.stdin.as_mut().expect("its input");
    input.write_all(bytes).expect("it is read");
    child
}

#[test]
fn a_pipe_that_ends_anywhere_is_told_or_refused() {
    let all = bytes(ARTICLE);
    for len in [0, 1, 4, 23, 24, 30, 40, 100, 5_000, all.len() - 1] {
        let child = fed(&["--format", "json", "-"], &all[..len]);
        let output = child.wait_with_output().expect("its end");
        let (status, said) = ended(&output);
        if status == 2 {
            assert!(len <= 24, "{len}");
            assert_eq!(
                (output.stdout.len(), said.lines().count()),
                (0, 1),
                "{said}"
            );
        } else {
            let report = String::from_utf8(output.stdout).expect("text");
            assert!(len >= 24 && said.is_empty(), "{len}: {said}");
            assert!(len == 24 || report.contains("ends inside"), "{len}");
        }
    }
}

#[test]
fn nothing_on_standard_input_is_told_as_that() {
    for words in [&["-"][..], &["list", "-"], &["compare", "-", ARTICLE]] {
        let (status, said) = run(words);
        assert_eq!(
            (status, said.as_str()),
            (2, "why401: -: is empty\n"),
            "{words:?}"
        );
    }
}

/// A pipe gives more while it is read, as a file does that is still being written; what comes later belongs to it.
#[test]
fn what_is_appended_while_it_is_read_is_read() {
    let all = bytes(REFUSED);
    let (first, later) = all.split_at(all.len() / 2);
    let mut child = fed(&["list", "--format", "jsonl", "-"], first);
    let mut input = child.stdin.take().expect("its input");
    for piece in later.chunks(1_000) {
        input.write_all(piece).expect("it is read");
    }
    drop(input);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(ended(&output), (0, String::new()));
    let listed = String::from_utf8(output.stdout).expect("text");
    assert_eq!(listed, stdout(&["list", "--format", "jsonl", REFUSED]));
}

/// A pipe with a name in `folder`.
fn named_pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe.pcap");
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo").success());
    path
}

/// The log is a pipe that is opened after the capture, and given bytes after the capture has grown.
#[test]
fn a_file_that_grows_while_it_is_read_has_no_hash() {
    let folder = folder("growing");
    let (path, pipe) = (folder.join("growing.pcap"), named_pipe(&folder));
    let (all, json) = (bytes(REFUSED), folder.join("case.json"));
    fs::write(&path, &all[..all.len() / 2]).expect("a file");
    let words = ["-o", text(&json), text(&path), text(&pipe)];
    let child = why401(&words)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    // Waits until the program has opened the pipe, and so the capture before.
    let writer = OpenOptions::new().write(true).open(&pipe);
    let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
    file.write_all(&all[all.len() / 2..]).expect("room");
    writer
        .expect("a pipe")
        .write_all(b"no capture")
        .expect("it is read");
    let (status, said) = ended(&child.wait_with_output().expect("its end"));
    assert!(status < 2, "{said}");
    let report = fs::read_to_string(&json).expect("a report");
    assert!(!report.contains("\"sha256\": \""), "{report}");
    let steady = stdout(&["--format", "json", text(&path)]);
    assert!(steady.contains("\"sha256\": \""), "{steady}");
}

#[test]
fn what_has_to_be_read_twice_is_no_pipe() {
    let pipe = named_pipe(&folder("twice"));
    for words in [&["--redact", text(&pipe)][..], &["extract", text(&pipe)]] {
        let (status, said) = run(words);
        assert_eq!((status, said.lines().count()), (2, 1), "{words:?}: {said}");
        assert!(said.contains("name a file"), "{said}");
    }
    let child = why401(&[ARTICLE, text(&pipe)])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let writer = OpenOptions::new().write(true).open(&pipe);
    writer
        .expect("a pipe")
        .write_all(&bytes(REFUSED))
        .expect("it is read");
    let (status, said) = ended(&child.wait_with_output().expect("its end"));
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("so is a pipe"), "{said}");
}

#[test]
fn a_pipe_in_a_folder_keeps_no_scan_waiting() {
    let folder = folder("piped");
    named_pipe(&folder);
    fs::write(folder.join("a.pcap"), bytes(ARTICLE)).expect("a capture");
    let told = stdout(&["scan", "--format", "jsonl", text(&folder)]);
    assert_eq!(told.lines().count(), 1, "{told}");
}

/// A file to which another process appends, and one from which it takes, at whatever moment: the report is that of a beginning of it.
#[test]
fn a_file_that_changes_while_it_is_read_ends_no_process_badly() {
    let path = folder("changing").join("changing.pcap");
    let all = bytes(REFUSED);
    for round in 0..20 {
        fs::write(&path, &all[..all.len() / 2]).expect("a file");
        let child = why401(&["--format", "json", text(&path)])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        if round % 2 == 0 {
            let mut file = OpenOptions::new().append(true).open(&path).expect("a file");
            file.write_all(&all[all.len() / 2..]).expect("room");
        } else {
            let file = OpenOptions::new().write(true).open(&path).expect("a file");
            file.set_len(100 * round).expect("less of it");
        }
        let output = child.wait_with_output().expect("its end");
        let (status, said) = ended(&output);
        assert!(
            status < 2 || said.starts_with("why401: "),
            "{round}: {said}"
        );
    }
}

/// A copy of the program that everybody may run, and a folder with what nobody else may read.
struct Forbidden {
    program: PathBuf,
    folder: PathBuf,
}

impl Forbidden {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("why401-{name}-{}", std::process::id()));
        fs::create_dir_all(root.join("case/closed")).expect("folders");
        let program = root.join("why401");
        // By a process of its own: a program that somebody has open for writing, and be it a child that is just begun, cannot be run.
        let copied = Command::new("cp")
            .args([env!("CARGO_BIN_EXE_why401"), text(&program)])
            .status();
        assert!(copied.expect("cp").success());
        for capture in ["case/open.pcap", "case/closed/in.pcap", "case/secret.pcap"] {
            fs::write(root.join(capture), bytes(ARTICLE)).expect("a capture");
        }
        for closed in ["case/secret.pcap", "case/closed"] {
            fs::set_permissions(root.join(closed), Permissions::from_mode(0o000)).expect("closed");
        }
        let folder = root.join("case");
        Self { program, folder }
    }

    /// The program as somebody to whom something can be forbidden.
    fn run(&self, words: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(words);
        if File::open(self.folder.join("secret.pcap")).is_ok() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.output().expect("the program");
        let (status, said) = ended(&output);
        let told = String::from_utf8(output.stdout).expect("text");
        (status, told, said)
    }
}

impl Drop for Forbidden {
    fn drop(&mut self) {
        let closed = self.folder.join("closed");
        let _ = fs::set_permissions(&closed, Permissions::from_mode(0o700));
        let _ = fs::remove_dir_all(self.program.with_file_name(""));
    }
}

#[test]
fn what_may_not_be_read_is_named_and_stops_no_scan() {
    let case = Forbidden::new("scan");
    let (status, told, said) = case.run(&["scan", "--format", "jsonl", "."]);
    assert_eq!(status, 2, "not all was looked into");
    assert!(
        said.contains("closed: cannot be read: permission denied"),
        "{said}"
    );
    assert!(
        told.contains("open.pcap\",\"") && told.contains("kerberos-accepted"),
        "{told}"
    );
    assert!(
        told.contains("secret.pcap") && told.contains("permission denied"),
        "{told}"
    );
}

#[test]
fn a_file_and_a_folder_that_are_closed_are_refused_in_one_line() {
    let case = Forbidden::new("open");
    for (words, expected) in [
        (&["secret.pcap"][..], "secret.pcap: permission denied"),
        (&["list", "secret.pcap"], "secret.pcap: permission denied"),
        (&["closed/in.pcap"], "closed/in.pcap: permission denied"),
        (
            &["open.pcap", "secret.pcap"],
            "secret.pcap: permission denied",
        ),
        (
            &["-o", "new.json", "open.pcap"],
            "new.json: cannot write: permission denied",
        ),
        (
            &["-o", "closed/new.json", "open.pcap"],
            "cannot write: permission denied",
        ),
    ] {
        let (status, told, said) = case.run(words);
        assert_eq!((status, told.as_str()), (2, ""), "{words:?}");
        assert!(said.contains(expected), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn huge_lists_of_frames_are_looked_up_or_refused() {
    let even = |count: u64| {
        let named: Vec<String> = (1..=count).map(|at| (2 * at).to_string()).collect();
        named.join(",")
    };
    let backwards: Vec<String> = (1..=15_000).rev().map(|at| format!("{at}-")).collect();
    let all = stdout(&["list", ARTICLE]);
    assert_eq!(
        stdout(&["list", "--frames", &backwards.join(","), ARTICLE]),
        all
    );
    let half = stdout(&["list", "--frames", &even(20_000), ARTICLE]);
    assert_eq!(half, stdout(&["list", "--frames", &even(15), ARTICLE]));
    let (status, said) = run(&["--frames", &",".repeat(100_001), ARTICLE]);
    assert_eq!(status, 2);
    assert_eq!(
        said,
        "why401: --frames: more than 100000 ranges are named\n"
    );
    let nines = "9".repeat(100_000);
    let (status, said) = run(&["--frames", &nines, ARTICLE]);
    assert_eq!(status, 2);
    assert!(
        said.starts_with("why401: --frames ") && said.len() < 200,
        "{said}"
    );
}
