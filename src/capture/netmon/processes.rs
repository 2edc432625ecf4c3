//! The table of the processes of the capturing machine.
//!
//! Never reads the icons that stand in it.

use std::net::IpAddr;

use super::header::NetmonHeader;
use crate::capture::order::Order;
use crate::capture::store::Store;
use crate::frame::ListedProcess;

/// Processes that are kept: a machine has some hundred with connections.
const MOST: u64 = 4_096;
/// Bytes of a path that are believed: the longest of Windows.
const LONGEST_PATH: usize = 64 << 10;
/// Letters of a program's name that are kept.
const LONGEST_NAME: usize = 64;
/// Number, ports, family and addresses: what stands behind the icon.
const REST: usize = 48;
const LOCAL: usize = 16;

/// The processes, up to one that cannot be read.
pub(super) fn read(header: NetmonHeader, store: &mut Store) -> Vec<ListedProcess> {
    let (begin, count) = header.processes;
    let mut list = Vec::new();
    if begin == 0 {
        return list;
    }
    let mut at = begin + 2;
    for _ in 0..count.min(MOST) {
        let Some((process, end)) = one(store, at) else {
            break;
        };
        list.push(process);
        at = end;
    }
    list
}

fn one(store: &mut Store, at: u64) -> Option<(ListedProcess, u64)> {
    let len = number(store, at)?;
    let size = usize::try_from(len)
        .ok()
        .filter(|len| *len <= LONGEST_PATH)?;
    let program = program(store.get(at + 4, size));
    let icon = at + 4 + u64::from(len);
    let rest = icon + 4 + u64::from(number(store, icon)?);
    let bytes = store.get(rest, REST);
    if bytes.len() < REST {
        return None;
    }
    let local = local(Order::Little.u32(bytes, 12) != 0, bytes.get(LOCAL..32)?);
    Some((ListedProcess { program, local }, rest + REST as u64))
}

fn number(store: &mut Store, at: u64) -> Option<u32> {
    let bytes = store.get(at, 4);
    (bytes.len() == 4).then(|| Order::Little.u32(bytes, 0))
}

/// The last part of a path in UTF-16.
fn program(path: &[u8]) -> String {
    let letters: Vec<u16> = path
        .chunks_exact(2)
        .map(|letter| Order::Little.u16(letter, 0))
        .take_while(|letter| *letter != 0)
        .collect();
    let path = String::from_utf16_lossy(&letters);
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    name.chars().take(LONGEST_NAME).collect()
}

/// Addresses have their bytes from the last to the first; one of nothing but zeros is none.
fn local(is_v6: bool, bytes: &[u8]) -> Option<IpAddr> {
    let mut bytes: [u8; 16] = bytes.try_into().ok()?;
    let address = if is_v6 {
        bytes.reverse();
        IpAddr::from(bytes)
    } else {
        let [d, c, b, a, ..] = bytes;
        IpAddr::from([a, b, c, d])
    };
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_without_its_folders() {
        let named = |path: &str| {
            let bytes: Vec<u8> = path.encode_utf16().flat_map(u16::to_le_bytes).collect();
            program(&bytes)
        };
        assert_eq!(named("C:\\Windows\\CCM\\CcmExec.exe\0"), "CcmExec.exe");
        assert_eq!(named("System"), "System");
        assert_eq!(named(&"x".repeat(500)).len(), LONGEST_NAME);
    }
}
