//! Durations, counts, clock differences and ways between realms in words.
//!
//! Never rounds up.

use crate::model::ticket_request::TicketRequest;

const SECOND: i64 = 1_000_000_000;
const HALF_HOUR: i64 = 1_800 * SECOND;

/// A duration of `nanos` nanoseconds: `850 ms`, `42 s`, `11 min 3 s`, `2 h 5 min`, `3 days`.
pub(in crate::rules) fn duration(nanos: i64) -> String {
    let seconds = nanos.unsigned_abs() / 1_000_000_000;
    match seconds {
        0 => format!("{} ms", nanos.unsigned_abs() / 1_000_000),
        1..60 => format!("{seconds} s"),
        60..3_600 if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How the answer to `request` leads to `realm`: `the KDC refers the client to B`.
pub(in crate::rules) fn leads_to(request: &TicketRequest, realm: &str) -> String {
    match request.referral() {
        Some(_) => format!("the KDC refers the client to {realm}"),
        None => format!("the KDC issues a ticket for the KDC of {realm}"),
    }
}

/// A clock against another one: `11 min 3 s ahead of the KDC`, `42 s behind the KDC`.
pub(in crate::rules) fn apart(nanos: i64, other: &str) -> String {
    let place = if nanos >= 0 { "ahead of" } else { "behind" };
    format!("{} {place} {other}", duration(nanos))
}

/// What a difference between clocks of about a whole number of half hours, or of days, points at.
pub(in crate::rules) fn likely_setting(nanos: i64) -> Option<&'static str> {
    let nanos = nanos.saturating_abs();
    let odd = nanos % HALF_HOUR;
    let is_round = odd <= 60 * SECOND || odd >= HALF_HOUR - 60 * SECOND;
    match nanos.saturating_add(60 * SECOND) / HALF_HOUR {
        1..=28 if is_round => Some("a time zone or daylight saving that is set wrong"),
        48.. if is_round => Some("a date that is set wrong"),
        _ => None,
    }
}

/// How often: `once`, `3 times`.
pub(in crate::rules) fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// A number of things: `1 web request`, `3 web requests`.
pub(in crate::rules) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        assert_eq!(duration(850_000_000), "850 ms");
        assert_eq!(duration(-663 * SECOND), "11 min 3 s");
        assert_eq!(duration(7_500 * SECOND), "2 h 5 min");
    }

    #[test]
    fn a_clock_is_ahead_of_another_or_behind_it() {
        assert_eq!(apart(660 * SECOND, "the KDC"), "11 min ahead of the KDC");
        assert_eq!(apart(-432 * SECOND, "the DC"), "7 min 12 s behind the DC");
    }

    #[test]
    fn only_round_differences_point_at_a_setting() {
        assert!(likely_setting(-3_630 * SECOND).is_some_and(|what| what.contains("zone")));
        assert!(likely_setting(86_420 * SECOND).is_some_and(|what| what.contains("date")));
        assert_eq!(likely_setting(660 * SECOND), None);
        assert_eq!(likely_setting(30 * SECOND), None);
        assert_eq!(likely_setting(i64::MIN), None);
    }
}
