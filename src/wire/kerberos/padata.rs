//! Types of pre-authentication data (the IANA registry, MS-KILE).
//!
//! Never looks into the values, but for what `message` names.

/// A type of pre-authentication data. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PaDataType(pub i32);

/// One table: a constant for each number, its name in the registry, and what it carries.
macro_rules! table {
    ($($number:literal $constant:ident $name:literal $content:literal)+) => {
        impl PaDataType {
            $(
                #[doc = concat!("`", $name, "`: ", $content, ".")]
                pub const $constant: Self = Self($number);
            )+

            /// All that are known: number, name, content; ascending.
            pub const TABLE: &'static [(i32, &'static str, &'static str)] =
                &[$(($number, $name, $content)),+];
        }
    };
}

table! {
    1 TGS_REQ "PA-TGS-REQ" "the ticket on whose strength another one is asked for"
    2 ENC_TIMESTAMP "PA-ENC-TIMESTAMP" "proof of the key of a password"
    3 PW_SALT "PA-PW-SALT" "a salt; in errors of Windows the extended status"
    5 ENC_UNIX_TIME "PA-ENC-UNIX-TIME" "obsolete"
    6 SANDIA_SECUREID "PA-SANDIA-SECUREID" "obsolete"
    7 SESAME "PA-SESAME" "obsolete"
    8 OSF_DCE "PA-OSF-DCE" "obsolete"
    10 AFS3_SALT "PA-AFS3-SALT" "a salt of AFS"
    11 ETYPE_INFO "PA-ETYPE-INFO" "encryption types and salts, the older form"
    12 SAM_CHALLENGE "PA-SAM-CHALLENGE" "a challenge for a one-time password, from a draft"
    13 SAM_RESPONSE "PA-SAM-RESPONSE" "the answer to it"
    14 PK_AS_REQ_OLD "PA-PK-AS-REQ_OLD" "proof by certificate as in Windows 2000"
    15 PK_AS_REP_OLD "PA-PK-AS-REP_OLD" "the answer to it"
    16 PK_AS_REQ "PA-PK-AS-REQ" "proof by certificate (RFC 4556)"
    17 PK_AS_REP "PA-PK-AS-REP" "the answer to it"
    19 ETYPE_INFO2 "PA-ETYPE-INFO2" "encryption types and salts"
    20 SVR_REFERRAL_INFO "PA-SVR-REFERRAL-INFO" "where a referral leads, as Windows says it"
    21 SAM_REDIRECT "PA-SAM-REDIRECT" "from a draft"
    22 GET_FROM_TYPED_DATA "PA-GET-FROM-TYPED-DATA" "more is in typed data"
    25 SERVER_REFERRAL "PA-SERVER-REFERRAL" "where a referral leads, from a draft"
    30 SAM_CHALLENGE2 "PA-SAM-CHALLENGE2" "a challenge for a one-time password, from a draft"
    31 SAM_RESPONSE2 "PA-SAM-RESPONSE2" "the answer to it"
    128 PAC_REQUEST "PA-PAC-REQUEST" "whether the client wants its groups in the ticket"
    129 FOR_USER "PA-FOR-USER" "a ticket on behalf of a user"
    130 S4U_X509_USER "PA-S4U-X509-USER" "a ticket on behalf of a user, by certificate or name"
    132 AS_CHECKSUM "PA-AS-CHECKSUM" "a checksum beside a proof by certificate"
    133 FX_COOKIE "PA-FX-COOKIE" "what the KDC wants to be reminded of (RFC 6113)"
    134 AUTHENTICATION_SET "PA-AUTHENTICATION-SET" "a set of proofs (RFC 6113)"
    135 AUTH_SET_SELECTED "PA-AUTH-SET-SELECTED" "the set chosen (RFC 6113)"
    136 FX_FAST "PA-FX-FAST" "an armored exchange (RFC 6113)"
    137 FX_ERROR "PA-FX-ERROR" "the error inside the armor (RFC 6113)"
    138 ENCRYPTED_CHALLENGE "PA-ENCRYPTED-CHALLENGE" "proof of the key of a password inside the armor"
    141 OTP_CHALLENGE "PA-OTP-CHALLENGE" "a challenge for a one-time password (RFC 6560)"
    142 OTP_REQUEST "PA-OTP-REQUEST" "a one-time password (RFC 6560)"
    144 OTP_PIN_CHANGE "PA-OTP-PIN-CHANGE" "a new PIN (RFC 6560)"
    147 PKINIT_KX "PA-PKINIT-KX" "an anonymous exchange by certificate (RFC 8062)"
    148 PKU2U_NAME "PA-PKU2U-NAME" "a name between peers"
    149 REQ_ENC_PA_REP "PA-REQ-ENC-PA-REP" "the client wants protected data in the reply (RFC 6806)"
    150 AS_FRESHNESS "PA-AS-FRESHNESS" "a token against old proofs by certificate (RFC 8070)"
    151 SPAKE "PA-SPAKE" "proof of a password that cannot be guessed at later"
    161 KEY_LIST_REQ "KERB-KEY-LIST-REQ" "keys wanted by a cloud or branch client"
    162 KEY_LIST_REP "KERB-KEY-LIST-REP" "the answer to it"
    165 SUPPORTED_ENCTYPES "PA-SUPPORTED-ENCTYPES" "encryption types of the sender, as bits"
    166 EXTENDED_ERROR "PA-EXTENDED-ERROR" "the extended status of newer Windows"
    167 PAC_OPTIONS "PA-PAC-OPTIONS" "claims, and which domain controller is to answer"
    170 SUPERSEDED_BY_USER "KERB-SUPERSEDED-BY-USER" "another account has taken over"
    171 DMSA_KEY_PACKAGE "KERB-DMSA-KEY-PACKAGE" "keys of a delegated managed service account"
}

impl PaDataType {
    /// The name in the registry: `PA-ENC-TIMESTAMP`.
    pub fn name(self) -> Option<&'static str> {
        let at = Self::TABLE
            .binary_search_by_key(&self.0, |row| row.0)
            .ok()?;
        Self::TABLE.get(at).map(|row| row.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_unknown_numbers_have_no_name() {
        assert!(
            PaDataType::TABLE
                .windows(2)
                .all(|pair| pair[0].0 < pair[1].0)
        );
        assert_eq!(PaDataType::PAC_OPTIONS.0, 167);
        assert_eq!(PaDataType(136).name(), Some("PA-FX-FAST"));
        assert_eq!(PaDataType(4711).name(), None);
    }
}
