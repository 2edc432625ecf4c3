//! What must not leave the house: names, addresses and identities replaced by pseudonyms of the same shape, and the search for
//! what was missed.
//!
//! Never forgets a name that it has replaced, and never guesses: what is to be hidden is learned from the messages of the
//! capture, not from how it looks in a sentence.

mod files;
mod labels;
mod leak;
mod markup;
mod pseudonyms;
mod redact;
mod reverse;
mod shape;
mod words;

pub use markup::Markup;
pub use pseudonyms::Pseudonyms;
pub use redact::redact;
