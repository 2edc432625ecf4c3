//! What must not be left in anything that is redacted.

/// Names and addresses of the recorded captures, in lower case: none may be left.
pub(crate) const SECRETS: [&str; 14] = [
    "a2003",
    "sms4-120-52s",
    "wk02-020",
    "dcchild",
    "dcroot",
    "sccm-mp",
    "10.20.5",
    "10.10.1",
    "10.20.1",
    "5c1e7f0a",
    "8892e243",
    "fd00:20",
    "ad.example",
    "e2d032c0",
];
