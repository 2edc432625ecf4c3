//! DER, as far as Kerberos and SPNEGO use it.
