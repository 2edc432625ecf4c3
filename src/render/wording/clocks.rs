//! The clocks of the machines, against that of the capture and against each other.
//!
//! Never calls the capture's clock the client's: where it was taken, it does not say.

use crate::story::host::{Host, HostClock, Role};

/// `7 min 12 s behind the capture's  – 3 readings within 0.4 s (HTTP Date), frame 23`.
pub(in crate::render) fn describe(clock: &HostClock) -> String {
    let within = match clock.samples {
        1 => "1 reading".to_owned(),
        samples => format!("{samples} readings within {}", seconds(clock.spread_ms)),
    };
    format!(
        "{}  – {within} ({}), frame {}",
        apart(clock.offset_ms, "the capture's"),
        clock.sources.join(", "),
        clock.frame
    )
}

/// How the clocks of servers are from those of KDCs, a sentence each.
pub(in crate::render) fn comparisons(hosts: &[Host]) -> Vec<String> {
    let pairs = pairs(hosts).into_iter();
    pairs.map(|(server, kdc)| compare(server, kdc)).collect()
}

/// A machine with its clock.
type Clocked<'h> = (&'h Host, &'h HostClock);

/// Servers with KDCs: the two clocks that a ticket's times depend on.
fn pairs(hosts: &[Host]) -> Vec<(Clocked<'_>, Clocked<'_>)> {
    let with = |role: Role| {
        hosts
            .iter()
            .filter(move |host| host.roles.contains(&role))
            .filter_map(|host| Some((host, host.clock.as_ref()?)))
    };
    with(Role::Server)
        .flat_map(|server| with(Role::Kdc).map(move |kdc| (server, kdc)))
        .filter(|(server, kdc)| server.0.address != kdc.0.address)
        .collect()
}

fn compare(server: Clocked<'_>, kdc: Clocked<'_>) -> String {
    let offset = server.1.offset_ms.saturating_sub(kdc.1.offset_ms);
    let other = format!("that of the KDC {}", kdc.0.address);
    format!(
        "The clock of the server {} is {}.",
        server.0.address,
        apart(offset, &other)
    )
}

/// `7 min 12 s behind` something, `4.2 s ahead of` it; less than a second is no difference, for `Date` has none.
fn apart(offset_ms: i64, other: &str) -> String {
    if offset_ms.unsigned_abs() < 1_000 {
        return format!("within a second of {other}");
    }
    let place = if offset_ms >= 0 { "ahead of" } else { "behind" };
    format!("{} {place} {other}", seconds(offset_ms))
}

/// `0.4 s`, `42.0 s`, `7 min 12 s`, `2 h 5 min`.
fn seconds(ms: i64) -> String {
    let ms = ms.unsigned_abs();
    let whole = ms / 1_000;
    match whole {
        0..60 => format!("{whole}.{} s", ms % 1_000 / 100),
        60..7_200 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3_600, whole % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_said_in_the_units_that_people_use() {
        assert_eq!(apart(-432_000, "the KDC"), "7 min 12 s behind the KDC");
        assert_eq!(apart(4_250, "the KDC"), "4.2 s ahead of the KDC");
        assert_eq!(apart(-450, "the KDC"), "within a second of the KDC");
        assert_eq!(seconds(7_500_000), "2 h 5 min");
    }
}
