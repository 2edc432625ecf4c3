//! Types and codes of ICMP errors (RFC 792, RFC 1122, RFC 1812) and of `ICMPv6` errors (RFC 4443).
//!
//! Never decodes a packet: which one an error is about is found below.

/// Type, code, name and meaning of errors over IPv4; ascending.
pub const V4: &[(u8, u8, &str, &str)] = &[
    (3, 0, "network-unreachable", "no route to the network"),
    (
        3,
        1,
        "host-unreachable",
        "the host does not answer the router next to it",
    ),
    (
        3,
        2,
        "protocol-unreachable",
        "the host does not speak the protocol above IP",
    ),
    (
        3,
        3,
        "port-unreachable",
        "nobody listens on the port: the host itself says so",
    ),
    (
        3,
        4,
        "fragmentation-needed",
        "the packet is too big for the way; a smaller one is asked for",
    ),
    (3, 6, "network-unknown", "the router knows no such network"),
    (3, 7, "host-unknown", "the router knows no such host"),
    (3, 9, "network-prohibited", "a filter forbids the network"),
    (3, 10, "host-prohibited", "a filter forbids the host"),
    (
        3,
        11,
        "network-unreachable-for-service",
        "no route to the network for this type of service",
    ),
    (
        3,
        12,
        "host-unreachable-for-service",
        "no route to the host for this type of service",
    ),
    (
        3,
        13,
        "administratively-prohibited",
        "a filter forbids it: a firewall or a router's list",
    ),
    (
        4,
        0,
        "source-quench",
        "fewer packets are asked for; not in use any more",
    ),
    (
        11,
        0,
        "ttl-exceeded",
        "the packet went over too many routers, or in circles",
    ),
    (
        11,
        1,
        "reassembly-time-exceeded",
        "not all fragments of the packet came in time",
    ),
    (12, 0, "parameter-problem", "a field of the header is wrong"),
];

/// The same over IPv6.
pub const V6: &[(u8, u8, &str, &str)] = &[
    (1, 0, "no-route", "no route to the network"),
    (
        1,
        1,
        "administratively-prohibited",
        "a filter forbids it: a firewall or a router's list",
    ),
    (
        1,
        2,
        "beyond-scope",
        "the receiver is not within the scope of the sender's address",
    ),
    (
        1,
        3,
        "address-unreachable",
        "the host does not answer the router next to it",
    ),
    (
        1,
        4,
        "port-unreachable",
        "nobody listens on the port: the host itself says so",
    ),
    (
        1,
        5,
        "source-address-failed-policy",
        "a filter forbids the sender's address",
    ),
    (
        1,
        6,
        "reject-route",
        "the route to the network is there to reject",
    ),
    (
        2,
        0,
        "packet-too-big",
        "the packet is too big for the way; a smaller one is asked for",
    ),
    (
        3,
        0,
        "hop-limit-exceeded",
        "the packet went over too many routers, or in circles",
    ),
    (
        3,
        1,
        "reassembly-time-exceeded",
        "not all fragments of the packet came in time",
    ),
    (
        4,
        0,
        "erroneous-header-field",
        "a field of a header is wrong",
    ),
    (
        4,
        1,
        "unknown-next-header",
        "the host does not speak the protocol above IP",
    ),
    (
        4,
        2,
        "unknown-option",
        "the host does not know an option of IPv6",
    ),
];

#[cfg(test)]
mod tests {
    use super::{V4, V6};

    #[test]
    fn the_tables_are_sorted_and_name_each_code_once() {
        for table in [V4, V6] {
            let codes = table.iter().map(|row| (row.0, row.1));
            assert!(
                codes
                    .clone()
                    .zip(codes.skip(1))
                    .all(|(one, next)| one < next)
            );
        }
    }
}
