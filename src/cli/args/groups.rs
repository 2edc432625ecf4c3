//! Options that several verbs have in common.
//!
//! Never checks more than their form.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::excerpt::Words;
use crate::cli::formats::{Color, FailOn};
use crate::finding::Severity;

/// Where something goes that looks the same everywhere.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Page {
    /// Write to this file; `-` is standard output
    #[arg(long = "output", short = 'o', value_name = "FILE")]
    pub(in crate::cli) path: Option<PathBuf>,
}

/// What is read.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Input {
    /// Captures (pcap, pcapng, .cap, .etl; may be compressed; `-` is standard input) and logs beside them or alone, recognised
    /// by their content
    #[arg(value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) part: Words,
    #[command(flatten)]
    pub(in crate::cli) ports: NamedPorts,
}

/// Ports beside the well-known ones.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NamedPorts {
    /// A further port of web servers (may be given more than once)
    #[arg(long = "http-port", value_name = "N")]
    pub(in crate::cli) http_ports: Vec<u16>,
    /// A further port of KDCs (may be given more than once)
    #[arg(long = "kerberos-port", value_name = "N")]
    pub(in crate::cli) kerberos_ports: Vec<u16>,
}

/// How it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Format<F: ValueEnum + Clone + Send + Sync + 'static> {
    /// How it is written [default: text, or what the extension of --output says]
    #[arg(long, short, value_enum)]
    format: Option<F>,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl<F: ValueEnum + Clone + Send + Sync + 'static> Format<F> {
    /// The format that was named, if any; `json` is the one for programs.
    pub(in crate::cli) fn named(&self, json: F) -> Option<F> {
        self.json.then_some(json).or_else(|| self.format.clone())
    }
}

/// What the exit status tells.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Status {
    /// Exit with status 1 if a finding of this severity, or a graver one, is there
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Exit with status 0 whatever is found, the same as --fail-on never
    #[arg(long, conflicts_with = "fail_on")]
    exit_zero: bool,
}

impl Status {
    /// From which severity on it is 1.
    pub(in crate::cli) const fn severity(&self) -> Option<Severity> {
        match self.fail_on {
            _ if self.exit_zero => None,
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Note => Some(Severity::Note),
            FailOn::Never => None,
        }
    }
}

/// What may leave the house.
#[derive(Clone, Debug, clap::Args)]
pub(in crate::cli) struct Privacy {
    /// Write pseudonyms instead of names, addresses and identities; refuse to write if one is left
    #[arg(long)]
    pub(in crate::cli) redact: bool,
    /// Write which pseudonym stands for which name to this file, which is not to be passed on
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub(in crate::cli) redact_map: Option<PathBuf>,
}

/// Who is who, where the user knows it.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Roles {
    /// Only this client
    #[arg(long, value_name = "ADDR")]
    pub(in crate::cli) client: Option<IpAddr>,
    /// This is the management point
    #[arg(long, value_name = "ADDR")]
    pub(in crate::cli) mp: Option<IpAddr>,
    /// Only this KDC
    #[arg(long, visible_alias = "dc", value_name = "ADDR")]
    pub(in crate::cli) kdc: Option<IpAddr>,
}

/// Whose messages are listed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Ends {
    /// Only messages to or from this client
    #[arg(long, value_name = "ADDR")]
    client: Option<IpAddr>,
    /// Of web messages only those to or from this management point
    #[arg(long, value_name = "ADDR")]
    mp: Option<IpAddr>,
    /// Of Kerberos messages only those to or from this KDC
    #[arg(long, visible_alias = "dc", value_name = "ADDR")]
    kdc: Option<IpAddr>,
}

impl From<Ends> for Roles {
    fn from(ends: Ends) -> Self {
        Self {
            client: ends.client,
            mp: ends.mp,
            kdc: ends.kdc,
        }
    }
}

/// Where and how it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Output {
    /// Write to this file; `-` is standard output
    #[arg(long = "output", short = 'o', value_name = "FILE")]
    pub(in crate::cli) path: Option<PathBuf>,
    /// Use colours; `NO_COLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are heeded
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(in crate::cli) color: Color,
    /// Write ASCII only, in what people read as text
    #[arg(long)]
    pub(in crate::cli) ascii: bool,
    /// Write nothing but what --output asks for; the exit status tells
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}
