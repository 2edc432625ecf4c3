//! The lines of several captures as one listing, by time.
//!
//! Never changes the order within a capture: that is the order of its frames, also where their times are not in order.

use crate::frame::Timestamp;
use crate::listing::Line;

/// The lines of `captures`, the earliest of those that come next in each of them first; of equal ones that of the capture that was
/// named first. A line that is earlier than one before it in its capture follows that one.
pub fn interleave(captures: Vec<Vec<Line>>) -> Vec<Line> {
    let mut due: Vec<(Timestamp, Line)> = captures.into_iter().flat_map(in_turn).collect();
    due.sort_by_key(|(time, _)| *time);
    due.into_iter().map(|(_, line)| line).collect()
}

/// Each line of one capture with the time at which its turn comes: the latest so far.
fn in_turn(lines: Vec<Line>) -> impl Iterator<Item = (Timestamp, Line)> {
    lines
        .into_iter()
        .scan(None, |latest: &mut Option<Timestamp>, line| {
            let time = latest.map_or(line.time, |latest| latest.max(line.time));
            *latest = Some(time);
            Some((time, line))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::listing::Fields;

    fn capture(file: usize, times: &[i64]) -> Vec<Line> {
        let line = |(frame, time): (u64, &i64)| Line {
            kind: "ntp",
            file: Some(file),
            frames: vec![FrameNumber(frame)],
            other_frames: Vec::new(),
            time: Timestamp::from_nanos(*time),
            src: String::new(),
            dst: String::new(),
            transport: "udp",
            is_complete: true,
            fields: Fields::default(),
            summary: String::new(),
        };
        (1..).zip(times).map(line).collect()
    }

    #[test]
    fn captures_are_told_by_time_and_each_in_the_order_of_its_frames() {
        let captures = vec![capture(0, &[10, 40, 20, 50]), capture(1, &[10, 15, 40, 45])];
        let order: Vec<(usize, u64)> = interleave(captures)
            .iter()
            .map(|line| (line.file.expect("a file"), line.first_frame().0))
            .collect();
        let expected = [
            (0, 1),
            (1, 1),
            (1, 2),
            (0, 2),
            (0, 3),
            (1, 3),
            (1, 4),
            (0, 4),
        ];
        assert_eq!(order, expected);
    }
}
