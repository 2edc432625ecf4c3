//! What kind of text file the first bytes of a file tell.
//!
//! Never goes by a name.

use crate::logs::lines::Lines;
use crate::logs::{LogKind, command_output, iis};

/// Lines that are looked at.
const LINES: usize = 50;

/// What a file is taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recognised {
    /// A log that is read.
    Log(LogKind),
    /// A kind of file that is known and not read: what it is, and what to give instead.
    Refused(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Recognises a log by its first bytes, which may end anywhere.
pub fn recognise(head: &[u8]) -> Recognised {
    if let Some(what) = trace_of_a_server(head) {
        return Recognised::Refused(what);
    }
    if is_binary(head) {
        return Recognised::Unknown;
    }
    let mut input = head;
    let mut lines = Lines::new(&mut input);
    let mut foreign = None;
    for _ in 0..LINES {
        // Bytes in memory cannot fail to be read.
        let Ok(Some(line)) = lines.next() else {
            break;
        };
        let command = || {
            let command = command_output::of_line(line.text.trim())?;
            Some(Recognised::Log(LogKind::Command(command)))
        };
        if let Some(known) = of_line(line.text.trim_start()).or_else(command) {
            return known;
        }
        foreign = foreign.or_else(|| command_output::foreign(line.text.trim()));
    }
    foreign.map_or(Recognised::Unknown, Recognised::Refused)
}

/// What SQL Server itself writes, in binary.
fn trace_of_a_server(head: &[u8]) -> Option<&'static str> {
    /// The name of the provider in the head of a trace, in UTF-16.
    const PROVIDER: &[u8] = b"M\0i\0c\0r\0o\0s\0o\0f\0t\0 \0S\0Q\0L\0 \0S\0e\0r\0v\0e\0r\0";
    if head.starts_with(&[0x5a, 0x37, 0xab, 0xef]) {
        return Some(
            "a file of extended events in binary; save its rows as XML or CSV (sys.fn_xe_file_target_read_file)",
        );
    }
    let begin = head.get(..512).unwrap_or(head);
    let has_provider = memchr::memmem::find(begin, PROVIDER).is_some();
    (has_provider && !begin.contains(&b'<'))
        .then_some("a trace of SQL Profiler in binary; save it as a trace XML file")
}

/// Whether the bytes are no text: a capture may hold a log that was copied while it ran.
fn is_binary(head: &[u8]) -> bool {
    let is_utf16 = match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, 0, third, 0, ..] => *first != 0 && *third != 0,
        _ => false,
    };
    !is_utf16 && head.contains(&0)
}

fn of_line(line: &str) -> Option<Recognised> {
    let is_http_err = line.starts_with("#Software") && line.contains("HTTP API")
        || line.starts_with("#Fields:") && line.contains("s-reason");
    if is_http_err {
        Some(Recognised::Log(LogKind::HttpErr))
    } else if line.starts_with("#Fields:") || iis::default_order(line).is_some() {
        Some(Recognised::Log(LogKind::Iis))
    } else if line.contains("<![LOG[") || line.contains("$$<") {
        Some(Recognised::Log(LogKind::ConfigMgr))
    } else if is_sql(line) {
        Some(Recognised::Log(LogKind::Sql))
    } else if is_copied_from_viewer(line) {
        Some(Recognised::Refused(
            "lines that were copied from a viewer of logs, whose times are local and in the order of one country; name the log itself",
        ))
    } else if is_ncsa(line) {
        Some(Recognised::Refused(
            "a web server's log in NCSA format, which has no substatus and no Win32 status; set the site's log format to W3C",
        ))
    } else if is_iis_format(line) {
        Some(Recognised::Refused(
            "a web server's log in the IIS format, whose times are local; set the site's log format to W3C",
        ))
    } else {
        None
    }
}

/// A call of the procedure, the XML of a trace, or the heading of its text.
fn is_sql(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    lower.contains("spupdateclientregistration")
        || line.contains("<TraceData")
        || line.contains("<event ") && line.contains("package=\"sqlserver\"")
        || line.contains("EventClass") && line.contains("TextData")
}

/// A message, a component, a time and `4116 (0x1014)`, with tabs between, as the viewers of Configuration Manager copy lines.
fn is_copied_from_viewer(line: &str) -> bool {
    let mut fields = line.rsplit('\t');
    let thread = fields
        .next()
        .and_then(|thread| thread.trim_end().split_once(" (0x"));
    let is_thread = thread.is_some_and(|(number, hex)| {
        let hex = hex.strip_suffix(')').unwrap_or_default();
        number
            .parse::<u32>()
            .is_ok_and(|number| u32::from_str_radix(hex, 16) == Ok(number))
    });
    is_thread && fields.next().is_some_and(|time| time.contains(':')) && fields.count() >= 2
}

/// `10.0.0.1 - user [20/May/2009:19:35:11 +0000] "GET / HTTP/1.1" 200 12`.
fn is_ncsa(line: &str) -> bool {
    let mut fields = line.split(' ');
    let is_host = fields.next().is_some_and(|host| host.contains(['.', ':']));
    is_host && line.contains(" [") && line.contains("] \"")
}

/// `10.0.0.1, -, 5/20/2009, 19:35:11, W3SVC1, MP, 10.0.0.2, 15, …`.
fn is_iis_format(line: &str) -> bool {
    let mut fields = line.split(", ");
    let is_host = fields
        .next()
        .is_some_and(|host| host.parse::<std::net::IpAddr>().is_ok());
    is_host && fields.nth(3).is_some_and(|site| site.starts_with("W3SVC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_lines() {
        let known = |text: &str| recognise(text.as_bytes());
        let iis = "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time c-ip\r\n";
        assert_eq!(known(iis), Recognised::Log(LogKind::Iis));
        let bare = "2009-05-20 19:35:11 W3SVC1 192.168.120.20 CCM_POST /ccm_system_windowsauth/request - 80 - 192.168.20.102 ccmhttp 401 2 2148074254";
        assert_eq!(known(bare), Recognised::Log(LogKind::Iis));
        let refused =
            "#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip c-port s-reason\n";
        assert_eq!(known(refused), Recognised::Log(LogKind::HttpErr));
        let trace = "<![LOG[MP Reg: Processing completed.]LOG]!><time=\"19:35:13.000+000\" date=\"05-20-2009\">";
        assert_eq!(known(trace), Recognised::Log(LogKind::ConfigMgr));
        let server = "text  $$<SMS_DDM><05-20-2009 19:35:13.000+000><thread=4116 (0x1014)>";
        assert_eq!(known(server), Recognised::Log(LogKind::ConfigMgr));
        let copied = "MP Reg: Registration failed.\tMP_RegistrationManager\t5/20/2009 3:35:13 PM\t4116 (0x1014)";
        assert!(matches!(known(copied), Recognised::Refused(_)));
        let sql = "exec spUpdateClientRegistration @SMSID='a'";
        assert_eq!(known(sql), Recognised::Log(LogKind::Sql));
        let output = "\r\nCurrent LogonId is 0:0x3e7\r\n";
        let klist = LogKind::Command(command_output::Command::Klist);
        assert_eq!(known(output), Recognised::Log(klist));
        assert_eq!(
            known("Aktuelle Anmelde-ID ist 0:0x3e7"),
            Recognised::Unknown
        );
        for foreign in [
            "Dom\u{fffd}ne \"DC=root,DC=lab\" wird \u{fffd}berpr\u{fffd}ft.",
            "C:\\>setspn -Q HTTP/mp.root.lab\r\nEs wurde kein solcher SPN gefunden.",
            "PS C:\\Users\\x> klist -li 0x3e7",
            "    0: CHILD child.root.lab (NT 5) (Forest: 1) (Direct Outbound) ( Attr: withinforest )",
        ] {
            assert!(
                matches!(known(foreign), Recognised::Refused(_)),
                "{foreign}"
            );
        }
        let ncsa = "10.0.0.1 - - [20/May/2009:19:35:11 +0000] \"GET / HTTP/1.1\" 200 12";
        assert!(matches!(known(ncsa), Recognised::Refused(_)));
        let ncsa = "fd00::1 - - [20/May/2009:19:35:11 +0000] \"GET / HTTP/1.1\" 200 12";
        assert!(matches!(known(ncsa), Recognised::Refused(_)));
        let old =
            "10.0.0.1, -, 5/20/2009, 19:35:11, W3SVC1, MP, 10.0.0.2, 15, 1, 2, 401, 5, GET, /, -,";
        assert!(matches!(known(old), Recognised::Refused(_)));
        assert_eq!(
            known("Dear customer,\nplease find attached"),
            Recognised::Unknown
        );
        assert_eq!(recognise(&[0; 64]), Recognised::Unknown);
        let events = [0x5a, 0x37, 0xab, 0xef, 0, 0];
        assert!(matches!(recognise(&events), Recognised::Refused(_)));
        let provider = "Microsoft SQL Server".encode_utf16();
        let provider: Vec<u8> = provider.flat_map(u16::to_le_bytes).collect();
        let trace_file = [b"\xff\xfe\x18\x02\0\0", provider.as_slice()].concat();
        assert!(matches!(recognise(&trace_file), Recognised::Refused(_)));
        let wide: Vec<u8> = trace.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(recognise(&wide), Recognised::Log(LogKind::ConfigMgr));
    }

    #[test]
    fn a_capture_that_holds_a_log_is_no_log() {
        let pcap = b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00\n#Fields: date time c-ip\n";
        assert_eq!(recognise(pcap), Recognised::Unknown);
    }
}
