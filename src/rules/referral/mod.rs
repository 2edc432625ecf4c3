//! Referrals from realm to realm.
//!
//! Never looks at what the web server said to a ticket.

pub(in crate::rules) mod ref_dead_end;
pub(in crate::rules) mod ref_loop;
