//! From messages to what they mean together: exchanges, ticket requests, look-ups, and attempts.
//!
//! Never touches raw bytes, and never judges: whether a refusal matters is for the rules.

pub mod attempt;
pub mod capture_facts;
pub mod clock;
pub mod connect;
pub mod exchange;
pub mod http_exchange;
pub mod lookup;
pub mod pairing;
pub mod ticket_request;
pub mod visibility;
