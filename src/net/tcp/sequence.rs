//! Sequence numbers that wrap (RFC 9293 section 3.4) as 64-bit stream offsets.
