//! Ports that a sign-on meets, by the names that are registered for them.
//!
//! Never says what is spoken on one: that is proved by the bytes.

/// Number, name and what a sign-on has to do with it; ascending.
pub const PORTS: &[(i32, &str, &str)] = &[
    (53, "domain", "DNS: names and service records"),
    (67, "bootps", "DHCP, the server"),
    (68, "bootpc", "DHCP, the client"),
    (80, "http", "web servers, management points among them"),
    (88, "kerberos", "KDCs: tickets, over UDP and TCP"),
    (123, "ntp", "time"),
    (135, "epmap", "RPC: on which port a service is"),
    (
        137,
        "netbios-ns",
        "NBNS: names that neighbours are asked for",
    ),
    (
        389,
        "ldap",
        "directories, and over UDP the pings that look for a domain controller (CLDAP)",
    ),
    (
        443,
        "https",
        "web servers over TLS, proxies of KDCs among them",
    ),
    (445, "microsoft-ds", "SMB: files"),
    (464, "kpasswd", "changes of passwords"),
    (
        1433,
        "ms-sql-s",
        "SQL Server: where a site stores registrations",
    ),
    (
        3268,
        "msft-gc",
        "the directory of a whole forest (global catalog)",
    ),
    (5353, "mdns", "names that neighbours are asked for (mDNS)"),
    (5355, "llmnr", "names that neighbours are asked for (LLMNR)"),
];

#[cfg(test)]
mod tests {
    use super::PORTS;

    #[test]
    fn the_ports_are_sorted() {
        assert!(PORTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
