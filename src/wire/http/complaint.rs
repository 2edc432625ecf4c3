//! What the page of an error says, where it is a sentence that a known web server writes.
//!
//! Never keeps a byte of it.

/// As http.sys, nginx, Apache and Tomcat say it, in lower case.
const HEADER_TOO_LONG: [&str; 5] = [
    "request too long",
    "size of the request headers is too long",
    "request header or cookie too large",
    "size of a request header field exceeds server limit",
    "request header is too large",
];

/// The sentence stands near the beginning.
const LOOKED_AT: usize = 4096;

/// Whether it says that the header of the request is too long.
pub fn is_of_long_header(body: &[u8]) -> bool {
    let start = body.get(..LOOKED_AT).unwrap_or(body);
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    HEADER_TOO_LONG.iter().any(|said| text.contains(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sentences_are_told_from_other_complaints() {
        for said in [
            "<h2>Bad Request - Request Too Long</h2><hr><p>HTTP Error 400. The size of the request headers is too long.</p>",
            "<center>Request Header Or Cookie Too Large</center>",
            "could not understand.<br />\nSize of a request header field exceeds server limit.</p>",
        ] {
            assert!(is_of_long_header(said.as_bytes()), "{said}");
        }
        let host = b"<h2>Bad Request - Invalid Hostname</h2>";
        assert!(!is_of_long_header(host));
        assert!(!is_of_long_header(b"\xff\xfe<"));
    }
}
