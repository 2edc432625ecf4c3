//! From ordered bytes to messages: the one place where frame numbers meet message bodies.
//!
//! Never pairs a request with an answer (HTTP framing excepted, which needs the method), and judges nothing.

pub mod message;
