//! why401 reads a packet capture of a Configuration Manager client and says why it was not approved.
//!
//! ```text
//! capture file ─► frames ─► datagrams, streams ─► messages ─► exchanges ─► attempts ─► findings ─► story ─► report ─► text
//!    capture/              net/                  dissect/     model/                  rules/      story/   report   render/
//!                                                  ▲
//!                                           wire/ (pure decoding)
//! ```
//!
//! Each stage pushes into the next and forgets. Nothing looks back; no stage knows who listens.

pub mod capture;
pub mod cli;
pub mod diagnose;
pub mod dissect;
pub mod endpoint;
pub mod explain;
pub mod export;
pub mod finding;
pub mod frame;
pub mod hide;
pub mod keys;
pub mod limits;
pub mod listing;
pub mod logs;
pub mod model;
pub mod net;
pub mod outcome;
pub mod privacy;
pub mod render;
pub mod report;
pub mod rules;
pub mod story;
pub mod text;
pub mod wire;
