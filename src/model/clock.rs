//! What messages tell about the clocks of the machines that wrote them.

use std::net::IpAddr;

use crate::frame::FrameNumber;

/// One reading of a machine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockSample {
    /// Whose clock.
    pub host: IpAddr,
    /// The frame that holds the reading.
    pub frame: FrameNumber,
    /// Its clock minus the clock of the capture, in nanoseconds; the time on the way is not taken off.
    pub offset_nanos: i64,
    /// What holds it: `KRB-ERROR stime`, `HTTP Date`, `NTLM challenge`.
    pub source: &'static str,
}

/// What is known of one machine's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockReading {
    /// The median offset to the clock of the capture, in nanoseconds.
    pub offset_nanos: i64,
    /// The frame of the sample nearest to it.
    pub frame: FrameNumber,
    /// How many samples there are.
    pub samples: usize,
}

/// The reading of `host` in `samples`.
pub fn reading(samples: &[ClockSample], host: IpAddr) -> Option<ClockReading> {
    let mut of_host: Vec<_> = samples
        .iter()
        .filter(|sample| sample.host == host)
        .collect();
    of_host.sort_by_key(|sample| (sample.offset_nanos, sample.frame));
    let middle = of_host.get(of_host.len() / 2)?;
    Some(ClockReading {
        offset_nanos: middle.offset_nanos,
        frame: middle.frame,
        samples: of_host.len(),
    })
}
