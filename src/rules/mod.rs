//! The rules: each a fact about an attempt or a capture that explains something to a reader.
//!
//! Never parses, prints or remembers anything, and no rule calls another.

pub mod rule;

mod ticket;
