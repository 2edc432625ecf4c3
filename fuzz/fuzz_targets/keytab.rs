//! A keytab, and its keys tried on what is no ticket.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::keys::{Fit, Keytab, Lock};
use why401::text::{Sealed, WireText};
use why401::wire::kerberos::etype::EncryptionType;
use why401::wire::kerberos::name::PrincipalName;

/// AES with SHA-1 and SHA-2, RC4, and one that is not known.
const TYPES: [i32; 6] = [17, 18, 19, 20, 23, 3];

fuzz_target!(|data: &[u8]| {
    let Ok(keytab) = Keytab::parse("keytab", data) else {
        return;
    };
    let cipher = Sealed::from(data.iter().copied().rev().take(2_000).collect::<Vec<u8>>());
    let (sname, realm) = (PrincipalName::default(), WireText::default());
    for etype in TYPES {
        let fit = keytab.try_on(Lock {
            sname: &sname,
            realm: &realm,
            etype: EncryptionType(etype),
            cipher: &cipher,
        });
        assert!(!matches!(fit, Fit::Opens(_)), "{fit:?}");
    }
});
