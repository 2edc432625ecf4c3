//! Captures of Windows' own tools, and captures inside other files: numbers, times, lengths and bytes of their frames.
//!
//! All are built here, or converted here from committed captures; what is on the wire in them is known.

#[path = "../support/input.rs"]
mod input;
#[path = "../support/random.rs"]
mod random;
#[path = "../support/etl.rs"]
mod support_etl;
#[path = "../support/netmon.rs"]
mod support_netmon;

mod drops;
mod erf;
mod etl;
mod netmon;
mod packed;
mod processes;
mod seen;
mod snoop;
mod told;
