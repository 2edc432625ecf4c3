//! What the dissectors make of connections and datagrams: messages, their frames, and what is not there.

mod bytes;
mod conversations;
mod datagrams;
mod http;
mod kerberos;
#[path = "../support/random.rs"]
mod random;
mod shapes;
mod talk;
