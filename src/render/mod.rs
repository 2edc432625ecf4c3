//! The report and the listing, in the formats that people and programs read.
//!
//! Never decides, filters or reorders anything.

pub mod json;
