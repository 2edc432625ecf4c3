//! Segments in, ordered bytes with their frames out: what `net` promises of TCP, whatever the capture went through.
//!
//! Segments are built here, not read: what is on the wire at each moment is known, and so is what must be told.

#[path = "../support/random.rs"]
mod random;

mod connections;
mod limits;
mod shapes;
mod told;
mod wire;
