//! What the capture tells around an attempt: things that serve any sign-on of the client, and belong to none.
//!
//! Never holds what is not the client's.

use crate::model::locator::DcPing;

/// What is known around an attempt when it is over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surroundings {
    /// The client's pings of domain controllers, in order.
    pub pings: Vec<DcPing>,
}
