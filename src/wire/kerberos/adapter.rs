//! Where `kerberos_asn1` is used, and nowhere else.
