//! The command that opens a capture in Wireshark at the frame that a finding rests on, to be pasted into a shell.
//!
//! Never gives one for a name that a shell, or whoever reads it, would take for something else.

use crate::finding::Finding;
use crate::render::escape::Terminal;
use crate::report::frame_names::FrameNames;

/// What a shell finds a meaning for inside double quotes: `sh`, `cmd.exe` or PowerShell, which takes curly quotes for straight ones.
const ALIVE_IN_DOUBLE: [char; 9] = [
    '"', '$', '`', '\\', '%', '!', '\u{201c}', '\u{201d}', '\u{201e}',
];
/// What PowerShell takes for a single quote.
const SINGLE: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// A command, and the shells it is for, where it is not for all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::render) struct Opening {
    shells: Option<&'static str>,
    pub(in crate::render) command: String,
}

impl Opening {
    /// What stands before it.
    pub(in crate::render) fn label(&self) -> String {
        match self.shells {
            Some(shells) => format!("To open the capture there ({shells})"),
            None => "To open the capture there".to_owned(),
        }
    }
}

/// The commands for the headline of an attempt; none for any other finding, and none where Wireshark cannot open the capture.
pub(in crate::render) fn of(finding: &Finding, names: &FrameNames) -> Vec<Opening> {
    let first = finding.evidence.first().filter(|_| finding.headline);
    let Some((file, frame)) = first.and_then(|first| names.to_open(first)) else {
        return Vec::new();
    };
    quoted(file)
        .into_iter()
        .map(|(shells, name)| Opening {
            shells,
            command: format!("wireshark -r {name} -g {frame}"),
        })
        .collect()
}

/// `name` as one word of a shell.
fn quoted(name: &str) -> Vec<(Option<&'static str>, String)> {
    let is_harmless = Terminal(name).to_string() == name && !name.contains('\u{fffd}');
    if !is_harmless || name.is_empty() {
        return Vec::new();
    }
    let name = if name.starts_with('-') {
        &format!("./{name}")
    } else {
        name
    };
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "./_-".contains(sign);
    if name.chars().all(is_plain) {
        return vec![(None, name.to_owned())];
    }
    if !name.contains(ALIVE_IN_DOUBLE) {
        return vec![(None, format!("\"{name}\""))];
    }
    let of_sh = format!("'{}'", name.replace('\'', r"'\''"));
    if !name.contains(SINGLE) {
        return vec![(Some("sh, PowerShell"), of_sh)];
    }
    let doubled = |sign: char| {
        let times = if SINGLE.contains(&sign) { 2 } else { 1 };
        std::iter::repeat_n(sign, times)
    };
    let of_powershell: String = name.chars().flat_map(doubled).collect();
    vec![
        (Some("sh"), of_sh),
        (Some("PowerShell"), format!("'{of_powershell}'")),
    ]
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_is_one_word_in_every_shell_it_is_for() {
        let one = |name: &str, wanted: &str| {
            assert_eq!(quoted(name), [(None, wanted.to_owned())], "{name}");
        };
        one("client-1.pcapng", "client-1.pcapng");
        one("-g.pcap", "./-g.pcap");
        one("my case.pcap", "\"my case.pcap\"");
        one("it's, mine.pcap", "\"it's, mine.pcap\"");
        one("Mühlberg.pcap", "\"Mühlberg.pcap\"");
        assert_eq!(
            quoted("100% $HOME.pcap"),
            [(Some("sh, PowerShell"), "'100% $HOME.pcap'".to_owned())]
        );
        assert_eq!(
            quoted("it's $1.pcap"),
            [
                (Some("sh"), r"'it'\''s $1.pcap'".to_owned()),
                (Some("PowerShell"), "'it''s $1.pcap'".to_owned()),
            ]
        );
    }

    #[test]
    fn a_name_that_cannot_be_shown_has_no_command() {
        for name in ["", "a\nb.pcap", "mp\u{202e}pac.p", "\u{1b}[31m", "\u{fffd}"] {
            assert_eq!(quoted(name), [], "{name:?}");
        }
    }
}
