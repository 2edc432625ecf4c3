//! TCP: from segments in any order to ordered bytes in both directions, each byte with the frame that brought it.
//!
//! Never knows what the bytes mean. A hole is jumped and told, never waited for without end.

pub mod connection;
mod copies;
mod delivery;
mod early;
mod live;
mod places;
mod refused;
pub mod sequence;
pub mod stream;
pub mod table;
