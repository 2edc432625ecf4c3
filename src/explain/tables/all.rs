//! The tables, each with what its rows are called.
//!
//! Never says how a code is spelled.

use super::{Rows, Table};
use crate::wire::auth_header::BEGINNINGS;
use crate::wire::dns::Rcode;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::options::{self, KdcOptions};
use crate::wire::kerberos::padata::PaDataType;
use crate::wire::kerberos::{etype, number};
use crate::wire::spnego::{NegState, Oid};
use crate::wire::windows::{iis, sspi, win32};
use crate::wire::{icmp, ntlm_flags, ports};

/// All tables, those that are met most often first.
pub(in crate::explain) const TABLES: &[Table] = &[
    Table {
        kind: "Kerberos error",
        // MIT and Wireshark write KRB5KDC_ERR_… and KRB5KRB_AP_ERR_….
        prefixes: &["KDC_ERR_", "KRB_AP_ERR_", "KRB_ERR_", "KRB_", "KRB5"],
        rows: Rows::Kerberos(ErrorCode::TABLE),
    },
    Table {
        kind: "SSPI status",
        prefixes: &["SEC_E_", "SEC_I_"],
        rows: Rows::Values(sspi::SSPI),
    },
    Table {
        kind: "error of the Configuration Manager client",
        prefixes: &[],
        rows: Rows::Values(sspi::CONFIGMGR),
    },
    Table {
        kind: "HTTP status of IIS",
        prefixes: &[],
        rows: Rows::Statuses(iis::STATUSES),
    },
    Table {
        kind: "Win32 error",
        prefixes: &["ERROR_WINHTTP_", "ERROR_"],
        rows: Rows::Win32(win32::WIN32),
    },
    Table {
        kind: "NTSTATUS",
        prefixes: &["STATUS_"],
        rows: Rows::Values(NtStatus::TABLE),
    },
    Table {
        kind: "encryption type",
        prefixes: &[],
        rows: Rows::Signed(etype::TABLE),
    },
    Table {
        kind: "PA-DATA type",
        prefixes: &["PA-", "KERB-"],
        rows: Rows::Signed(PaDataType::TABLE),
    },
    Table {
        kind: "KDC option",
        prefixes: &[],
        rows: Rows::Flags(KdcOptions::TABLE),
    },
    Table {
        kind: "flag of a ticket",
        prefixes: &[],
        rows: Rows::Flags(options::TICKET_FLAGS),
    },
    Table {
        kind: "option of AP-REQ",
        prefixes: &[],
        rows: Rows::Flags(options::AP_OPTIONS),
    },
    Table {
        kind: "NTLM flag",
        prefixes: &["NTLMSSP_NEGOTIATE_", "NTLMSSP_", "NEGOTIATE_"],
        rows: Rows::Flags(ntlm_flags::TABLE),
    },
    Table {
        kind: "mechanism",
        prefixes: &[],
        rows: Rows::Identifiers(Oid::TABLE),
    },
    Table {
        kind: "Kerberos message",
        prefixes: &[],
        rows: Rows::Signed(number::MESSAGE_TYPES),
    },
    Table {
        kind: "first byte of a message",
        prefixes: &[],
        rows: Rows::Bytes(number::TAGS),
    },
    Table {
        kind: "kind of principal name",
        prefixes: &["KRB-NT-"],
        rows: Rows::Signed(number::NAME_TYPES),
    },
    Table {
        kind: "checksum type",
        prefixes: &[],
        rows: Rows::Signed(number::CHECKSUMS),
    },
    Table {
        kind: "DNS response code",
        prefixes: &[],
        rows: Rows::Small(Rcode::TABLE),
    },
    Table {
        kind: "state of SPNEGO",
        prefixes: &[],
        rows: Rows::Small(NegState::TABLE),
    },
    Table {
        kind: "token",
        prefixes: &[],
        rows: Rows::Beginnings(BEGINNINGS),
    },
    Table {
        kind: "authorization data",
        prefixes: &["AD-", "KERB-"],
        rows: Rows::Signed(number::AUTHORIZATION_DATA),
    },
    Table {
        kind: "ICMP error",
        prefixes: &[],
        rows: Rows::Types(icmp::V4),
    },
    Table {
        kind: "ICMPv6 error",
        prefixes: &[],
        rows: Rows::Types(icmp::V6),
    },
    Table {
        kind: "port",
        prefixes: &[],
        rows: Rows::Signed(ports::PORTS),
    },
];
