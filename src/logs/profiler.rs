//! Calls of the procedure that stores a registration, in what SQL Profiler saved or somebody pasted: its XML, its text, or the
//! bare statement.
//!
//! Never keeps more of a file than one statement, and expands no entity but those that XML names itself.

use std::io;

use crate::frame::Timestamp;
use crate::logs::lines::{Lines, Text};
use crate::wire::registration_call::{PROCEDURE, RegistrationCall};

/// A statement is read up to here: the longest one has two certificates of some kilobytes.
const LONGEST: usize = 256 << 10;
/// Where the XML of a trace has the time of an event, and the machine that called.
const START_TIME: &str = "<Column id=\"14\"";
const HOST_NAME: &str = "<Column id=\"8\"";

/// A call in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SqlCall {
    /// The line on which it begins.
    pub number: u64,
    /// When it was made, by the clock of the database server, where the file says so.
    pub time: Option<Timestamp>,
    /// The machine that called, where the file says so.
    pub host: Option<String>,
    /// What was stored.
    pub call: RegistrationCall,
}

/// What is gathered of a call.
#[derive(Debug)]
struct Open {
    number: u64,
    statement: String,
}

/// Gives each call in `lines` to `sink`, and says how many lines name the procedure and are no call that can be read.
pub(super) fn read(lines: &mut Lines<'_>, sink: &mut dyn FnMut(SqlCall)) -> io::Result<u64> {
    let mut unread = 0;
    let mut open: Option<Open> = None;
    let mut event = Event::default();
    let mut finish = |open: Option<Open>, event: &Event| {
        let Some(open) = open else {
            return;
        };
        match RegistrationCall::of_text(&open.statement) {
            Some(call) => sink(SqlCall {
                number: open.number,
                time: event.time,
                host: event.host.clone(),
                call,
            }),
            None => unread += 1,
        }
    };
    while let Some(Text { number, text }) = lines.next()? {
        let text = unescaped(&text);
        if text.contains("<Event ") {
            finish(open.take(), &event);
            event = Event::default();
        }
        event.read(&text);
        if contains_name(&text) {
            finish(open.take(), &event);
            open = Some(Open {
                number,
                statement: text,
            });
        } else if let Some(open) = &mut open
            && open.statement.len() + text.len() < LONGEST
        {
            open.statement.push('\n');
            open.statement.push_str(&text);
        }
        if event.is_over {
            finish(open.take(), &event);
            event = Event::default();
        }
    }
    finish(open, &event);
    Ok(unread)
}

/// What an event of a trace in XML says beside its statement.
#[derive(Debug, Default)]
struct Event {
    time: Option<Timestamp>,
    host: Option<String>,
    is_over: bool,
}

impl Event {
    fn read(&mut self, line: &str) {
        if let Some(time) = column(line, START_TIME) {
            let time = chrono::DateTime::parse_from_rfc3339(time).ok();
            let nanos = time.and_then(|time| time.timestamp_nanos_opt());
            self.time = nanos.map(Timestamp::from_nanos);
        }
        if let Some(host) = column(line, HOST_NAME) {
            self.host = Some(host.chars().take(64).collect());
        }
        self.is_over |= line.contains("</Event>");
    }
}

fn column<'l>(line: &'l str, begins: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(begins)?;
    let (_, value) = rest.split_once('>')?;
    value.split('<').next()
}

fn contains_name(line: &str) -> bool {
    line.to_ascii_lowercase()
        .contains(&PROCEDURE.to_ascii_lowercase())
}

/// The five entities of XML, and line ends by number.
fn unescaped(line: &str) -> String {
    if !line.contains('&') {
        return line.to_owned();
    }
    let pairs = [
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#xD;", "\r"),
        ("&#xA;", "\n"),
        ("&amp;", "&"),
    ];
    pairs
        .into_iter()
        .fold(line.to_owned(), |line, (entity, sign)| {
            line.replace(entity, sign)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &[u8]) -> Vec<SqlCall> {
        let mut input = text;
        let mut all = Vec::new();
        read(&mut Lines::new(&mut input), &mut |call| all.push(call)).unwrap();
        all
    }

    #[test]
    fn a_pasted_statement_has_no_time() {
        let all = calls(include_bytes!("../../captures/article.sql"));
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].number, all[0].time), (1, None));
        assert_eq!(all[0].call.netbios_name, Some("WK02-020-51W".into()));
    }

    /// An event as the documentation of the trace format has it: columns by number, in UTF-16.
    #[test]
    fn an_event_of_a_trace_has_time_and_host() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<TraceData xmlns=\"http://tempuri.org/TracePersistence.xsd\">\r\n<Events>\r\n<Event id=\"12\" name=\"SQL:BatchCompleted\">\r\n<Column id=\"1\" name=\"TextData\">exec spUpdateClientRegistration &quot;2P4&quot;,\r\n&quot;GUID:1&quot;</Column>\r\n<Column id=\"8\" name=\"HostName\">SITE1</Column>\r\n<Column id=\"14\" name=\"StartTime\">2009-05-20T15:35:20.123-04:00</Column>\r\n</Event>\r\n<Event id=\"12\" name=\"SQL:BatchCompleted\">\r\n<Column id=\"1\" name=\"TextData\">select 1</Column>\r\n</Event>\r\n</Events>\r\n</TraceData>";
        let wide: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let all = calls(&wide);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].call.smsid, Some("GUID:1".into()));
        assert_eq!(all[0].host.as_deref(), Some("SITE1"));
        let time = all[0].time.map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2009-05-20T19:35:20.123000Z"));
    }

    #[test]
    fn two_statements_are_two_calls() {
        let all = calls(b"exec spUpdateClientRegistration @SMSID='a'\nexec spUpdateClientRegistration @SMSID='b',\n@Force=1\n");
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].call.force, Some(1));
    }
}
