//! What the capture tells around an attempt: things that serve any sign-on of the client, and belong to none.
//!
//! Never holds what is another client's.

use crate::frame::FrameNumber;
use crate::model::locator::DcPing;

/// What is known around an attempt when it is over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surroundings {
    /// The client's pings of domain controllers, in order.
    pub pings: Vec<DcPing>,
    /// Where a session with SQL Server begins to hide what is stored.
    pub sealed_sql: Option<FrameNumber>,
}
