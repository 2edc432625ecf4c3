//! Durations and clock differences in words.
//!
//! Never rounds up.

/// A duration of `nanos` nanoseconds: `850 ms`, `42 s`, `11 min 3 s`, `2 h 5 min`, `3 days`.
pub(in crate::rules) fn duration(nanos: i64) -> String {
    let seconds = nanos.unsigned_abs() / 1_000_000_000;
    match seconds {
        0 => format!("{} ms", nanos.unsigned_abs() / 1_000_000),
        1..60 => format!("{seconds} s"),
        60..3_600 if seconds % 60 == 0 => format!("{} min", seconds / 60),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `ahead` for a clock that shows more, `behind` for one that shows less.
pub(in crate::rules) const fn direction(nanos: i64) -> &'static str {
    if nanos >= 0 { "ahead" } else { "behind" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let second = 1_000_000_000;
        assert_eq!(duration(850_000_000), "850 ms");
        assert_eq!(duration(-663 * second), "11 min 3 s");
        assert_eq!(duration(7_500 * second), "2 h 5 min");
    }
}
