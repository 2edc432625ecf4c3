//! Times as people read them.

use chrono::{DateTime, Local};

use crate::frame::Timestamp;
use crate::render::listing::seconds;
use crate::render::terminal::Times;

/// A time of the story, whose attempt began at `begun`.
pub(in crate::render) fn moment(times: Times, time: Timestamp, begun: Timestamp) -> String {
    match times {
        Times::Relative => seconds(time.since(begun)),
        Times::Utc => time.to_utc().format("%H:%M:%S%.3f").to_string(),
        Times::Local => local(time).format("%H:%M:%S%.3f").to_string(),
        Times::Epoch => epoch(time),
    }
}

/// Date and time of day, in UTC unless local time or seconds are asked for.
pub(in crate::render) fn full(times: Times, time: Timestamp) -> String {
    match times {
        Times::Local => local(time).format(format(false)).to_string(),
        Times::Relative | Times::Utc => time.to_utc().format(format(false)).to_string(),
        Times::Epoch => epoch(time),
    }
}

/// From when to when, with the zone; the second day only if it is another one.
pub(in crate::render) fn period(times: Times, first: Timestamp, last: Timestamp) -> String {
    match times {
        Times::Local => {
            let (first, last) = (local(first), local(last));
            let is_same_day = first.date_naive() == last.date_naive();
            let last = last.format(format(is_same_day));
            format!("{} – {last} local time", first.format(format(false)))
        }
        Times::Epoch => format!("{} – {} s since 1970", epoch(first), epoch(last)),
        Times::Relative | Times::Utc => {
            let (first, last) = (first.to_utc(), last.to_utc());
            let is_same_day = first.date_naive() == last.date_naive();
            let last = last.format(format(is_same_day));
            format!("{} – {last} UTC", first.format(format(false)))
        }
    }
}

/// Seconds since 1970 with microseconds, as captures have them.
fn epoch(time: Timestamp) -> String {
    time.to_utc().format("%s%.6f").to_string()
}

const fn format(is_same_day: bool) -> &'static str {
    if is_same_day {
        "%H:%M:%S%.3f"
    } else {
        "%Y-%m-%d %H:%M:%S%.3f"
    }
}

fn local(time: Timestamp) -> DateTime<Local> {
    time.to_utc().with_timezone(&Local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_since_1970_are_those_of_the_capture() {
        let time = Timestamp::from_nanos(1_242_848_111_100_234_567);
        let shown = |time| moment(Times::Epoch, time, Timestamp::from_nanos(0));
        assert_eq!(shown(time), "1242848111.100234");
        assert_eq!(full(Times::Epoch, time), "1242848111.100234");
        assert_eq!(shown(Timestamp::from_nanos(0)), "0.000000");
        assert_eq!(
            period(Times::Epoch, time, time),
            "1242848111.100234 – 1242848111.100234 s since 1970"
        );
    }
}
