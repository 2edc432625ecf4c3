//! A cursor over untrusted bytes that cannot panic.
