//! The words that a user may type. Their help is here and nowhere else.
//!
//! Never checks more than their form.

pub(super) mod complaint;
pub(super) mod groups;
pub(super) mod manual;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::cli::args::groups::{
    Ends, Format, Input, NamedPorts, Output, Page, Privacy, Roles, Status,
};
use crate::cli::excerpt::Words;
use crate::cli::formats::{ListFormat, ReferenceFormat, ReportFormat, ScanFormat, SchemaOf, Time};

/// Says from a packet capture why a Configuration Manager client was not approved.
///
/// Reads the client's sign-on to its management point (HTTP, Kerberos, DNS) out of a capture and tells it in frame order: what
/// happened, what is normal, the one cause, its proof, and the command that mends it.
#[derive(Debug, Parser)]
#[command(
    name = "why401",
    version,
    long_version = concat!(env!("CARGO_PKG_VERSION"), "\nLicence: AGPL-3.0-only"),
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true,
    after_help = "Examples:
  why401 client.pcapng                  the story and the verdict
  why401 client.pcapng mp.cap u_ex.log  two captures of one event, and a log beside them
  why401 u_ex.log mp.log                what logs say where there is no capture
  why401 -o case.html client.pcapng     a page for the case; .md, .json, .jsonl and .mmd work too
  why401 list client.pcapng             every decoded message, a line each
  why401 explain 2148074254             what a code of a log means
  why401 checklist                      how to take a capture that shows everything
  dumpcap -w - | why401 -               from a pipe
  why401 ./list                         a file that is named like a command

Exit status: 0 nothing at or above --fail-on was found, 1 something was, 2 the job could not be done, 130 it was interrupted.
Where the reader of a pipe goes away before all is written, it is 0.
The program opens no network connection."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
    #[command(flatten)]
    pub(super) diagnose: Diagnose,
}

impl Args {
    /// Whether nothing is wanted on standard error but failures.
    pub(super) const fn is_quiet(&self) -> bool {
        match &self.verb {
            None => self.diagnose.output.quiet,
            Some(Verb::Diagnose(words)) => words.output.quiet,
            Some(Verb::List(words)) => words.output.quiet,
            Some(Verb::Scan(words)) => words.output.quiet,
            Some(Verb::Compare(words)) => words.output.quiet,
            Some(_) => false,
        }
    }
}

/// What is to be done; without a verb, `diagnose`.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// The report: story, cause, proof, remedy (the same as no verb)
    Diagnose(Diagnose),
    /// Every decoded message, one line each
    List(List),
    /// Only the frames that matter, as a small pcapng whose packet comments tell the story
    #[command(after_help = "Examples:
  why401 extract client.etl -o case.pcapng
  why401 extract --attempt 2 client.pcapng -o second.pcapng
  why401 extract --redact client.pcapng -o case.pcapng

Of each connection in the story the rest is kept too, so that viewers can follow it. Tickets and names are in the extract as they
were in the capture, unless it is redacted.")]
    Extract(Extract),
    /// Many captures, one verdict a line, and the causes
    #[command(after_help = "Examples:
  why401 scan captures/                 every capture in a folder and the folders in it
  why401 scan -o case.csv *.pcapng      for a spreadsheet
  why401 scan --format jsonl case/      for programs")]
    Scan(Scan),
    /// Two captures step by step, the first difference first
    #[command(after_help = "Examples:
  why401 compare works.pcapng fails.pcapng
  why401 compare --attempt 1 --bad-attempt 3 client.pcapng client.pcapng

Exit status: 0 nothing differs, 1 something does, 2 the job could not be done.")]
    Compare(Compare),
    /// What a code or a rule means, in any spelling
    #[command(after_help = "Examples:
  why401 explain 2148074254             a Win32 status of an IIS log
  why401 explain 401 2 2148074254       status, substatus and Win32 status of a line of it
  why401 explain KRB_AP_ERR_MODIFIED 0x29 rc4-hmac
  why401 explain tgs-spn-unknown        a rule")]
    Explain(Explain),
    /// What a pasted header or token holds: `Negotiate YII…`, `NTLM TlRM…`, base64 or hexadecimal digits
    #[command(after_help = "Examples:
  why401 decode 'WWW-Authenticate: Negotiate oRQwEqADCgEBoQsGCSqGSIb3EgECAg=='
  pbpaste | why401 decode               from standard input

The token itself is never written.")]
    Decode(Decode),
    /// All rules, with severity and what they say
    Rules(Reference),
    /// How to take a capture that shows everything
    Checklist(Output),
    /// The JSON Schema of what --format json, or jsonl, writes
    #[command(after_help = "Examples:
  why401 schema > report.schema.json    the report, and a finding by itself
  why401 schema list                    a line of list --format jsonl")]
    Schema(Schema),
    /// Built-in captures, one for each of the main causes
    #[command(after_help = "Examples:
  why401 demo                           what there is
  why401 demo spn-missing               the report of one of them")]
    Demo(Demo),
    /// Completions for a shell
    #[command(after_help = "Example:
  why401 completions bash > /usr/share/bash-completion/completions/why401")]
    Completions(Completions),
    /// The manual page
    #[command(after_help = "Example:
  why401 man > /usr/share/man/man1/why401.1")]
    Man(Page),
}

/// The words of `diagnose`.
#[derive(Debug, clap::Args)]
pub(super) struct Diagnose {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) roles: Roles,
    /// Say of each ticket whether a key of this keytab opens it (may be given more than once); no key is shown
    #[arg(long = "keytab", value_name = "FILE")]
    pub(super) keytabs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) format: Format<ReportFormat>,
    #[command(flatten)]
    pub(super) privacy: Privacy,
    /// How times are written in reports for people
    #[arg(long, value_enum, default_value_t = Time::Relative)]
    pub(super) time: Time,
    /// Tell the story of the text report as a ladder, with a lane for each machine
    #[arg(long)]
    pub(super) ladder: bool,
    /// Tell the clocks of all machines, also where none is off
    #[arg(long)]
    pub(super) clocks: bool,
    /// Look with this rule only (may be given more than once)
    #[arg(long = "rule", value_name = "ID")]
    pub(super) rules: Vec<String>,
    /// Do not look with this rule (may be given more than once)
    #[arg(long = "no-rule", value_name = "ID")]
    pub(super) no_rules: Vec<String>,
    #[command(flatten)]
    pub(super) status: Status,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    pub(super) input: Input,
    #[command(flatten)]
    pub(super) ends: Ends,
    #[command(flatten)]
    pub(super) format: Format<ListFormat>,
    #[command(flatten)]
    pub(super) privacy: Privacy,
    /// How times are written for people
    #[arg(long, value_enum, default_value_t = Time::Relative)]
    pub(super) time: Time,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `extract`.
#[derive(Debug, clap::Args)]
pub(super) struct Extract {
    /// The capture
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Only this attempt, by the number that the report gives it
    #[arg(long, value_name = "N")]
    pub(super) attempt: Option<u64>,
    #[command(flatten)]
    pub(super) part: Words,
    #[command(flatten)]
    pub(super) ports: NamedPorts,
    #[command(flatten)]
    pub(super) roles: Roles,
    #[command(flatten)]
    pub(super) page: Page,
    #[command(flatten)]
    pub(super) privacy: Privacy,
}

/// The words of `scan`.
#[derive(Debug, clap::Args)]
pub(super) struct Scan {
    /// Captures, and folders with captures in them
    #[arg(value_name = "PATH", required = true)]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) ports: NamedPorts,
    #[command(flatten)]
    pub(super) roles: Roles,
    #[command(flatten)]
    pub(super) privacy: Privacy,
    #[command(flatten)]
    pub(super) format: Format<ScanFormat>,
    #[command(flatten)]
    pub(super) status: Status,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `compare`.
#[derive(Debug, clap::Args)]
pub(super) struct Compare {
    /// A capture of a sign-on that works
    #[arg(value_name = "GOOD")]
    pub(super) good: PathBuf,
    /// A capture of one that does not
    #[arg(value_name = "BAD")]
    pub(super) bad: PathBuf,
    /// The attempt, by the number that the report gives it [default: 1]
    #[arg(long, value_name = "N")]
    pub(super) attempt: Option<u64>,
    /// The attempt of the second capture, where it is another one
    #[arg(long, value_name = "N")]
    pub(super) bad_attempt: Option<u64>,
    /// Exit with status 0 also where something differs
    #[arg(long)]
    pub(super) exit_zero: bool,
    #[command(flatten)]
    pub(super) ports: NamedPorts,
    #[command(flatten)]
    pub(super) roles: Roles,
    #[command(flatten)]
    pub(super) privacy: Privacy,
    #[command(flatten)]
    pub(super) format: Format<ReferenceFormat>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// Codes in decimal (signed or not) or hexadecimal, names, object identifiers, statuses, types of ICMP with codes (`3/13`), ports, ids of
    /// rules
    #[arg(value_name = "CODE", required = true, allow_negative_numbers = true)]
    pub(super) codes: Vec<String>,
    #[command(flatten)]
    pub(super) format: Format<ReferenceFormat>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `decode`.
#[derive(Debug, clap::Args)]
pub(super) struct Decode {
    /// The header or token; `-`, or nothing, is standard input
    #[arg(value_name = "BLOB")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) privacy: Privacy,
    #[command(flatten)]
    pub(super) format: Format<ReferenceFormat>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `rules`.
#[derive(Debug, clap::Args)]
pub(super) struct Reference {
    #[command(flatten)]
    pub(super) format: Format<ReferenceFormat>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `schema`.
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// Whose output is described
    #[arg(value_name = "VERB", value_enum, default_value_t = SchemaOf::Report)]
    pub(super) of: SchemaOf,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Demo {
    /// Which one; without it, what there is
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The words of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Whose
    #[arg(value_enum)]
    pub(super) shell: Shell,
    #[command(flatten)]
    pub(super) page: Page,
}

/// What is said instead of doing a job: the help, the version, or what is wrong with the words.
pub(super) type Said = clap::Error;

/// Nothing was typed, and the whole help is the answer.
pub(super) const NO_WORDS: ErrorKind = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;

/// Reads the arguments of the process.
pub(super) fn parse() -> Result<Args, Said> {
    Args::try_parse()
}
