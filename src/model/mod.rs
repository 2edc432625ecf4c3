//! From messages to what they mean together: exchanges, ticket requests, look-ups, and attempts.
//!
//! Never touches raw bytes, and never judges: whether a refusal matters is for the rules.

mod asked;
pub mod attempt;
mod calls;
pub mod capture_facts;
pub mod clock;
pub mod conclude;
pub mod connect;
pub mod correlate;
pub mod draft;
pub mod early;
pub mod exchange;
mod extent;
pub mod focus;
pub mod forests;
pub mod gather;
pub mod http_exchange;
pub mod identity;
pub mod issued;
pub mod join;
pub mod kinship;
pub mod locator;
pub mod log_sign_on;
pub mod lookup;
pub mod neighbour_lookup;
pub mod neighbours;
pub mod other_kerberos;
pub mod pairing;
pub mod presume;
pub mod referrals;
pub mod secrets;
pub mod settle;
pub mod siblings;
pub mod sighting;
pub mod silence;
pub mod stacks;
pub mod surroundings;
pub mod target;
pub mod testimony;
pub mod ticket_request;
pub mod times;
pub mod trials;
pub mod visibility;
pub mod window;
pub mod witness;
