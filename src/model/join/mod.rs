//! Joins lines of logs to attempts.
//!
//! Never reads a file, and never keeps more lines than the budget.

pub mod call;
mod clocks;
pub mod disagreeing;
mod encrypted;
mod free_lines;
pub mod other_address;
pub mod output;
mod proof;
pub mod told;
pub mod web;
