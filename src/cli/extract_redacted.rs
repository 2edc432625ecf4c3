//! `extract --redact`: the same extract without names and secrets, or none.
//!
//! Never writes what still holds a name, or what tells another story than the capture.

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, bail};

use crate::capture::CaptureReader;
use crate::cli::redact::{self, learn};
use crate::cli::settings::{Redaction, Target};
use crate::diagnose::{self, Settings};
use crate::dissect::message::{Message, MessageBody};
use crate::export::{self, Choice, Kinds, Open};
use crate::hide::{Hider, Kind};
use crate::privacy::{self, Markup, Pseudonyms};
use crate::report::Report;

/// Of each attempt the outcome, the cause and the kinds of its steps.
type Told = Vec<(&'static str, Option<&'static str>, Vec<&'static str>)>;

/// Where the private map and the extract go.
pub(super) struct Outputs<'o> {
    pub(super) target: &'o Target,
    pub(super) redaction: &'o Redaction,
}

/// Writes the frames of the story in `report`, or of the attempt `attempt` alone.
pub(super) fn extract(
    path: &Path,
    attempt: Option<u64>,
    analysis: &Settings,
    mut report: Report,
    open: Open<'_>,
    outputs: &Outputs<'_>,
) -> anyhow::Result<()> {
    let Some(plain) = Choice::of(&report, attempt) else {
        bail!("{}: there is nothing to extract", path.display());
    };
    let mut original = Vec::new();
    export::extract(&plain, open, &mut original)?;
    let mut kinds = Kinds::default();
    let files = [path.to_owned()];
    let mut names = learn::learn_with(&files, analysis, &mut |message| {
        if let Some(kind) = kind(message) {
            kinds.add(message.flow, &message.frames, kind);
        }
    })?;
    privacy::redact(&mut report, &mut names);
    let choice = Choice::of(&report, attempt).unwrap_or_default();
    let written = export::redacted(&choice, open, &kinds, &mut Hider::new(&mut names))?;
    check(&original, &written, analysis, &mut names)?;
    redact::write_checked(
        outputs.target,
        outputs.redaction,
        &names,
        Markup::None,
        &written,
    )
}

/// Whether the extract tells the same with the names and without them.
fn check(
    original: &[u8],
    written: &[u8],
    analysis: &Settings,
    names: &mut Pseudonyms,
) -> anyhow::Result<()> {
    // The frames of an extract have other numbers than those that were named, and all of them are wanted.
    let plain = Settings {
        excerpt: None,
        ..analysis.clone()
    };
    let mut hidden = plain.clone();
    for address in [&mut hidden.client, &mut hidden.server, &mut hidden.kdc] {
        *address = address.map(|it| names.address(it));
    }
    let (before, after) = (told(original, &plain)?, told(written, &hidden)?);
    if before != after {
        bail!(
            "nothing was written: without the names, the extract would not tell the same story as the capture"
        );
    }
    Ok(())
}

fn told(bytes: &[u8], analysis: &Settings) -> anyhow::Result<Told> {
    let reader = CaptureReader::new(Box::new(Cursor::new(bytes.to_vec())));
    let report = diagnose::diagnose(reader.context("the extract cannot be read")?, analysis);
    let attempts = report.attempts.iter().map(|attempt| {
        let cause = attempt.headline().map(|finding| finding.rule.id);
        let steps = attempt.steps.iter().map(|step| step.kind).collect();
        (attempt.outcome.name(), cause, steps)
    });
    Ok(attempts.collect())
}

/// How a message is edited; `None` where it is not, and so blanked.
fn kind(message: &Message) -> Option<Kind> {
    Some(match message.body {
        MessageBody::HttpRequest(_) | MessageBody::HttpResponse(_) => Kind::Http,
        MessageBody::Kerberos(_) => Kind::Kerberos,
        MessageBody::Dns(_) | MessageBody::Llmnr(_) => Kind::Dns,
        MessageBody::Nbns(_) => Kind::Nbns,
        MessageBody::Cldap(_) | MessageBody::LdapRootDse(_) => Kind::Ldap,
        MessageBody::Dhcp(_) => Kind::Dhcp,
        MessageBody::Ntp(_) => Kind::Ntp,
        MessageBody::SmbNegotiate(_) | MessageBody::SmbSetup(_) => Kind::Smb,
        MessageBody::TlsClientHello(_) => Kind::Tls,
        MessageBody::Tds(_) => Kind::Tds,
        MessageBody::IcmpError(_) => return None,
    })
}
