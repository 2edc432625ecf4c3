//! What stands around the attempts, as the templates take it: machines and files.

use crate::render::InputFile;
use crate::render::terminal::Times;
use crate::render::wording::times::period;
use crate::render::wording::{clocks, surroundings as words};
use crate::report::frame_names::FrameNames;
use crate::report::{Input, LogReport, Report};
use crate::story::host::Host;

/// A machine.
pub(super) struct HostView<'r> {
    host: &'r Host,
    names: &'r FrameNames,
}

impl<'r> HostView<'r> {
    pub(super) const fn new(host: &'r Host, names: &'r FrameNames) -> Self {
        Self { host, names }
    }

    pub(super) fn address(&self) -> String {
        self.host.address.to_string()
    }

    pub(super) fn names(&self) -> &[String] {
        &self.host.names
    }

    pub(super) fn roles(&self) -> String {
        words::roles(self.host)
    }

    pub(super) fn because(&self) -> String {
        self.names.text(&words::because(self.host))
    }

    pub(super) fn clock(&self) -> Option<String> {
        let clock = self.host.clock.as_ref()?;
        Some(self.names.text(&clocks::describe(clock)))
    }
}

/// A file that was read.
pub(super) struct FileView<'r> {
    pub(super) name: &'r str,
    pub(super) kind: &'static str,
    pub(super) bytes: u64,
    pub(super) count: String,
    pub(super) period: Option<String>,
    pub(super) detail: Vec<String>,
    pub(super) sha256: Option<&'r str>,
}

/// The captures, then the logs, each with the file that it was read from.
pub(super) fn files<'r>(
    report: &'r Report,
    files: &'r [InputFile],
    times: Times,
) -> Vec<FileView<'r>> {
    let mut files = files.iter();
    let captures = report.inputs.iter().zip(files.by_ref());
    let mut views: Vec<FileView<'r>> = captures
        .map(|(input, file)| capture(input, file, times))
        .collect();
    let logs = report.logs.iter().zip(files);
    views.extend(logs.map(|(read, file)| log(read, file, times)));
    views
}

fn capture<'r>(input: &Input, file: &'r InputFile, times: Times) -> FileView<'r> {
    let times = input
        .first_time
        .zip(input.last_time)
        .map(|(first, last)| period(times, first, last));
    let links: Vec<String> = input.link_types.iter().map(ToString::to_string).collect();
    let mut detail = vec![links.join(", ")];
    if !input.complete {
        detail.push("breaks off before its end".to_owned());
    }
    FileView {
        name: &file.name,
        kind: input.format,
        bytes: file.bytes,
        count: counted(input.frames, "frame"),
        period: times,
        detail,
        sha256: file.sha256.as_deref(),
    }
}

fn log<'r>(log: &LogReport, file: &'r InputFile, times: Times) -> FileView<'r> {
    let times = log
        .first_time
        .zip(log.last_time)
        .map(|(first, last)| period(times, first, last));
    let mut detail = vec![format!("in the story: {}", counted(log.joined, "line"))];
    if !log.is_complete {
        detail.push("could not be read to its end".to_owned());
    }
    FileView {
        name: &file.name,
        kind: log.kind,
        bytes: file.bytes,
        count: counted(log.lines, "line"),
        period: times,
        detail,
        sha256: file.sha256.as_deref(),
    }
}

/// `1 frame`, `30 frames`.
fn counted(count: u64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}
