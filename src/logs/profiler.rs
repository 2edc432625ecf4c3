//! Calls of the procedure that stores a registration, in what SQL Profiler saved or somebody pasted: its XML, its text, the XML of
//! extended events, or the bare statement.
//!
//! Never keeps more of a file than one statement, and expands no entity but those that XML names itself.

use std::io;

use crate::frame::Timestamp;
use crate::logs::Unread;
use crate::logs::lines::{Lines, Text};
use crate::wire::registration_call::{Comments, PROCEDURE, RegistrationCall};

/// A statement is read up to here: the longest one has two certificates of some kilobytes.
const LONGEST: usize = 256 << 10;
/// Where the XML of a trace has the time of an event, and the machine that called.
const START_TIME: &str = "<Column id=\"14\"";
const HOST_NAME: &str = "<Column id=\"8\"";
/// Where an extended event has the machine that called.
const CLIENT_HOST: &str = "<action name=\"client_hostname\"";

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

/// Gives what is gathered to the sink.
struct Calls<'s> {
    sink: &'s mut dyn FnMut(SqlCall),
    unread: Unread,
    /// The one that was given last.
    last: Option<SqlCall>,
}

impl Calls<'_> {
    fn finish(&mut self, open: Option<Open>, event: &Event) {
        let Some(open) = open else {
            return;
        };
        for call in RegistrationCall::each_of_text(&open.statement) {
            let Some(call) = call else {
                self.unread.add(open.number);
                continue;
            };
            // A trace may hold the beginning and the end of a call, and its statement beside.
            let is_again = self.last.as_ref().is_some_and(|last| {
                (&last.call, last.time, &last.host) == (&call, event.time, &event.host)
            });
            let call = SqlCall {
                number: open.number,
                time: event.time,
                host: event.host.clone(),
                call,
            };
            if !is_again {
                (self.sink)(call.clone());
            }
            self.last = Some(call);
        }
    }
}

/// Gives each call in `lines` to `sink`, and says which lines name the procedure and are no call that can be read.
pub(super) fn read(lines: &mut Lines<'_>, sink: &mut dyn FnMut(SqlCall)) -> io::Result<Unread> {
    let mut calls = Calls {
        sink,
        unread: Unread::default(),
        last: None,
    };
    let mut open: Option<Open> = None;
    let mut event = Event::default();
    let mut comments = Comments::default();
    while let Some(Text { number, text }) = lines.next()? {
        let text = unescaped(&text);
        if text.contains("<Event ") || text.contains("<event ") {
            calls.finish(open.take(), &event);
            event = Event::default();
            comments = Comments::default();
        }
        event.read(&text);
        let text = comments.without(&text);
        if contains_name(&text) {
            calls.finish(open.take(), &event);
            open = Some(Open {
                number,
                statement: text.into_owned(),
            });
        } else if let Some(open) = &mut open
            && open.statement.len() + text.len() < LONGEST
        {
            open.statement.push('\n');
            open.statement.push_str(&text);
        }
        if event.is_over {
            calls.finish(open.take(), &event);
            event = Event::default();
        }
    }
    calls.finish(open, &event);
    Ok(calls.unread)
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
        let time = column(line, START_TIME).or_else(|| timestamp(line));
        if let Some(time) = time {
            let time = chrono::DateTime::parse_from_rfc3339(time).ok();
            let nanos = time.and_then(|time| time.timestamp_nanos_opt());
            self.time = nanos.map(Timestamp::from_nanos);
        }
        let host =
            column(line, HOST_NAME).or_else(|| column(line.split_once(CLIENT_HOST)?.1, "<value"));
        if let Some(host) = host {
            self.host = Some(host.chars().take(64).collect());
        }
        self.is_over |= line.contains("</Event>") || line.contains("</event>");
    }
}

/// When an extended event was: `<event name="rpc_completed" package="sqlserver" timestamp="2009-05-20T19:35:20.123Z">`.
fn timestamp(line: &str) -> Option<&str> {
    let (_, event) = line.split_once("<event ")?;
    let (head, _) = event.split_once('>')?;
    head.split_once("timestamp=\"")?.1.split('"').next()
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
        ("&#13;", "\r"),
        ("&#10;", "\n"),
        ("&#x9;", "\t"),
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

    /// As `sys.fn_xe_file_target_read_file` gives it, one event a row.
    #[test]
    fn an_extended_event_has_time_and_host() {
        let text = "<event name=\"rpc_completed\" package=\"sqlserver\" timestamp=\"2009-05-20T19:35:20.123Z\"><data name=\"statement\"><value>exec spUpdateClientRegistration @SMSID=N'a'</value></data><action name=\"client_hostname\" package=\"sqlserver\"><value>SITE1</value></action></event>";
        let all = calls(text.as_bytes());
        let time = all[0].time.map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some("2009-05-20T19:35:20.123000Z"));
        assert_eq!(all[0].host.as_deref(), Some("SITE1"));
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn what_a_comment_holds_was_not_called() {
        let text = "/*\nexec spUpdateClientRegistration @SMSID='a'\n*/\n-- exec spUpdateClientRegistration @SMSID='b'\nexec spUpdateClientRegistration @SMSID='c' -- , @Force=1\n";
        let all = calls(text.as_bytes());
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].number, 5);
        assert_eq!(
            (&all[0].call.smsid, all[0].call.force),
            (&Some("c".into()), None)
        );
    }

    #[test]
    fn the_beginning_and_the_end_of_a_call_are_one_call() {
        let event = |id: u8, smsid: &str| {
            format!(
                "<Event id=\"{id}\">\n<Column id=\"1\">exec spUpdateClientRegistration '2P4','{smsid}'</Column>\n<Column id=\"14\" name=\"StartTime\">2009-05-20T19:35:20Z</Column>\n</Event>\n"
            )
        };
        let text = [event(11, "a"), event(10, "a"), event(10, "b")].concat();
        assert_eq!(calls(text.as_bytes()).len(), 2);
    }

    #[test]
    fn two_statements_are_two_calls() {
        let all = calls(b"exec spUpdateClientRegistration @SMSID='a'\nexec spUpdateClientRegistration @SMSID='b',\n@Force=1\n");
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].call.force, Some(1));
    }
}
