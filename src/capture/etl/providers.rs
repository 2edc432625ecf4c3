//! Who writes events, by name.
//!
//! Never guesses: who is not in the table is called by its number.

use crate::capture::etl::events::Provider;
use crate::capture::order::Order;

/// Providers that are often recorded, by the first three parts of their numbers and the rest.
const NAMES: [(&str, &str); 9] = [
    (
        "DD5EF90A-6398-47A4-AD34-4DCECDEF795F",
        "Microsoft-Windows-HttpService",
    ),
    (
        "2F07E2EE-15DB-40F1-90EF-9D7BA282188A",
        "Microsoft-Windows-TCPIP",
    ),
    (
        "98E6CFCB-EE0A-41E0-A57B-622D4E1B30B1",
        "Microsoft-Windows-Security-Kerberos",
    ),
    (
        "50B3E73C-9370-461D-BB9F-26F32D68887D",
        "Microsoft-Windows-WebIO",
    ),
    (
        "7D44233D-3055-4B9C-BA64-0D47CA40A232",
        "Microsoft-Windows-WinHttp",
    ),
    (
        "43D1A55C-76D6-4F7E-995C-64C711E5CAFE",
        "Microsoft-Windows-WinINet",
    ),
    (
        "1C95126E-7EEA-49A9-A3FE-A378B03DDB4D",
        "Microsoft-Windows-DNS-Client",
    ),
    (
        "2ED6006E-4729-4609-B423-3EE7BCD678EF",
        "Microsoft-Windows-NDIS-PacketCapture",
    ),
    (
        "4D4F80D9-C8BD-4D73-BB5B-19C90402C5AC",
        "Microsoft-Windows-PktMon",
    ),
];

/// The name of a provider, or its number.
pub(super) fn name(provider: &Provider) -> String {
    let number = number(provider);
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or(format!("{{{number}}}"), |(_, name)| (*name).to_owned())
}

fn number(provider: &Provider) -> String {
    let order = Order::Little;
    let rest: Vec<String> = provider[8..]
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    format!(
        "{:08X}-{:04X}-{:04X}-{}-{}",
        order.u32(provider, 0),
        order.u16(provider, 4),
        order.u16(provider, 6),
        rest[..2].concat(),
        rest[2..].concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::etl::{ndis, pktmon};

    #[test]
    fn numbers_are_written_as_windows_writes_them() {
        assert_eq!(
            name(&ndis::PROVIDER),
            "Microsoft-Windows-NDIS-PacketCapture"
        );
        assert_eq!(name(&pktmon::PROVIDER), "Microsoft-Windows-PktMon");
        let zero = "{00000000-0000-0000-0000-000000000000}";
        assert_eq!(name(&[0; 16]), zero);
    }
}
