//! Every reader of logs, and the one that tells which log it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::logs::command_output::Command;
use why401::logs::{self, LogKind};

const KINDS: [LogKind; 8] = [
    LogKind::Iis,
    LogKind::HttpErr,
    LogKind::ConfigMgr,
    LogKind::Sql,
    LogKind::Command(Command::Klist),
    LogKind::Command(Command::Setspn),
    LogKind::Command(Command::Nltest),
    LogKind::Command(Command::W32tm),
];

fuzz_target!(|data: &[u8]| {
    let _ = logs::recognise(data);
    for kind in KINDS {
        let mut lines = 0;
        let facts = logs::read(kind, &mut &*data, &mut |_| lines += 1).expect("memory can be read");
        assert_eq!(facts.dated, lines);
    }
});
