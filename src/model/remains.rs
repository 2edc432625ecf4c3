//! What correlating leaves beside the attempts.
//!
//! Never holds an attempt: those were given away one by one.

use crate::limits::Limitation;
use crate::model::capture_facts::CaptureFacts;
use crate::model::other_kerberos::OtherKerberos;

/// What is left when the capture is over.
#[derive(Debug)]
pub struct Remains {
    /// Counts over the whole capture.
    pub facts: CaptureFacts,
    /// Ticket requests that belong to no attempt, per client.
    pub other: OtherKerberos,
    /// What could not be kept.
    pub limitations: Vec<Limitation>,
}
