//! Codes of Windows and IIS that logs hold: what they are called and what they mean.
//!
//! Never reads a log.

pub mod iis;
pub mod sspi;
pub mod win32;

/// What a Win32 status of a log is called, and what it means.
pub fn name(code: u32) -> Option<(&'static str, &'static str)> {
    let tables = [sspi::SSPI, sspi::CONFIGMGR, win32::WIN32];
    tables.into_iter().find_map(|table| {
        let at = table.binary_search_by_key(&code, |entry| entry.0).ok()?;
        table.get(at).map(|(_, name, meaning)| (*name, *meaning))
    })
}

/// What a status with its substatus is called.
pub fn status_name(status: u16, substatus: u16) -> Option<&'static str> {
    let key = (status, substatus);
    let at = iis::STATUSES.binary_search_by_key(&key, |entry| (entry.0, entry.1));
    iis::STATUSES.get(at.ok()?).map(|(_, _, name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{iis, sspi, win32};

    #[test]
    fn the_tables_are_sorted_and_name_each_value_once() {
        for table in [sspi::SSPI, sspi::CONFIGMGR, win32::WIN32] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
        let places = iis::STATUSES.windows(2);
        assert!(
            places
                .into_iter()
                .all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1))
        );
    }
}
