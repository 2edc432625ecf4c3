//! The command `why401`.
fn main() {}
