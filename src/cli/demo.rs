//! `demo`: recorded captures that are part of the program, one for each of the main causes.
//!
//! Never opens a file: it works where there is none yet.

use std::io::Cursor;

use anyhow::bail;

use crate::capture::CaptureReader;
use crate::cli::args::Demo;
use crate::cli::reference::like;
use crate::cli::settings::{look_of, target};
use crate::cli::write::write;
use crate::diagnose::{self, Settings};
use crate::explain;
use crate::render::{self, InputFile};

/// A capture that is part of the program.
struct Built {
    name: &'static str,
    about: &'static str,
    bytes: &'static [u8],
}

/// The captures and what they show, from `captures/`.
macro_rules! built {
    ($($name:literal $about:literal $file:literal)+) => {
        const BUILT: &[Built] = &[$(Built {
            name: $name,
            about: $about,
            bytes: include_bytes!(concat!("../../captures/", $file, ".pcap")),
        }),+];
    };
}

built! {
    "good" "a sign-on across two domains that works" "article"
    "spn-missing" "no account holds the service name" "03-spn-missing"
    "spn-on-user" "another account than the server's holds it" "04-spn-on-wrong-account"
    "stale-password" "the server has not the key of the ticket" "04c-kvno-mismatch-password-out-of-sync"
    "clock" "the server's clock is wrong" "06c-skew-mp"
    "dns" "the server's name does not exist" "07-dns-nxdomain-mp"
    "kdc-filtered" "the KDC does not answer on port 88" "08-kdc88-dropped"
    "foreign-kdc" "the KDC of the next realm cannot be reached" "10-referral-root-dc-dropped"
    "ntlm" "accepted, and with NTLM" "11-ntlm-in-spnego-200"
    "silent" "the client is asked for proof and says nothing" "12-no-retry-after-401"
    "etype" "no encryption type in common" "13-etype-nosupp-tgs-root"
    "password" "the computer's password does not fit" "14c-preauth-failed"
    "server-error" "accepted, and the server fails" "19k-http-503-after-auth"
    "duplicate-id" "two clients with one identity" "21-duplicate-smsid-two-clients"
}

/// Lists the captures, or tells the story of one.
pub(super) fn demo(words: &Demo) -> anyhow::Result<()> {
    let target = target(&words.output);
    let look = look_of(&words.output, &target);
    let Some(name) = &words.name else {
        let list: Vec<(&str, &str)> = BUILT.iter().map(|it| (it.name, it.about)).collect();
        return write(&target, &mut |out| {
            render::terminal::reference::names(&list, look, out)
        });
    };
    let Some(built) = BUILT.iter().find(|it| it.name == name) else {
        let names = BUILT.iter().map(|it| it.name);
        bail!(
            "there is no demo {name:?}{}",
            like(&explain::nearest(name, names))
        );
    };
    let reader = CaptureReader::new(Box::new(Cursor::new(built.bytes)))?;
    let report = diagnose::diagnose(reader, &Settings::default());
    let file = InputFile {
        name: format!("demo {}", built.name),
        bytes: built.bytes.len() as u64,
        sha256: None,
    };
    write(&target, &mut |out| {
        render::terminal::render(&report, std::slice::from_ref(&file), look, out)
    })
}
