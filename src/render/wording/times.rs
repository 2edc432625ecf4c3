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
    }
}

/// Date and time of day, in UTC unless local time is asked for.
pub(in crate::render) fn full(times: Times, time: Timestamp) -> String {
    match times {
        Times::Local => local(time).format(format(false)).to_string(),
        Times::Relative | Times::Utc => time.to_utc().format(format(false)).to_string(),
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
        Times::Relative | Times::Utc => {
            let (first, last) = (first.to_utc(), last.to_utc());
            let is_same_day = first.date_naive() == last.date_naive();
            let last = last.format(format(is_same_day));
            format!("{} – {last} UTC", first.format(format(false)))
        }
    }
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
