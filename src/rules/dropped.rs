//! What rules say of a packet that the machine dropped that recorded the trace.
//!
//! Never says whose machine that is: a trace may be taken at the client or at the server.

use crate::finding::{Evidence, Fix, Owner};
use crate::frame::PacketDrop;

/// The frame that was dropped.
pub(in crate::rules) fn evidence(drop: &PacketDrop, what: &str) -> Evidence {
    Evidence::new(
        drop.frame,
        format!(
            "{} (pktmon, event {}: reason {}, location {:#x})",
            drop.told(what),
            drop.event,
            drop.reason,
            drop.location
        ),
    )
}

/// A sentence on what the trace holds, for explanations.
pub(in crate::rules) fn explained(drop: &PacketDrop, what: &str) -> String {
    let side = if drop.is_outbound {
        "Nothing on the way had a part in it: it did not get that far."
    } else {
        "Nothing on the way had a part in it: it did get that far."
    };
    format!(
        " The machine that recorded the trace says so itself: its component {} dropped {what} (reason {}). {side}",
        drop.component, drop.reason
    )
}

/// What leaves no machine is that machine's business; what comes in is that of the machine that was asked, whose `owner` that is.
pub(in crate::rules) const fn owner(drop: &PacketDrop, owner: Owner) -> Owner {
    if drop.is_outbound {
        Owner::Client
    } else {
        owner
    }
}

/// Where to look for the component.
pub(in crate::rules) fn fix(drop: &PacketDrop) -> Fix {
    Fix::new(
        format!(
            "See on that machine which program {} belongs to and what it is told to block",
            drop.component
        ),
        Some("Get-NetAdapterBinding -AllBindings; netsh wfp show netevents".to_owned()),
    )
}
