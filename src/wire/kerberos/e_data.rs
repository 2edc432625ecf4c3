//! What KRB-ERROR carries in e-data: METHOD-DATA (RFC 4120 section 5.9.1), or the status that Windows adds (MS-KILE 2.2.1
//! and 2.2.2).
//!
//! Never fails: bytes of another form say nothing.

use crate::wire::der::{SEQUENCE, Tlv};
use crate::wire::kerberos::error_code::NtStatus;
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::fields::{int32, padata_type};
use crate::wire::kerberos::padata::PaDataType;

/// KERB-ERR-TYPE-EXTENDED: the value is a KERB-EXT-ERROR.
const EXTENDED: PaDataType = PaDataType(3);
/// The high half of an NTSTATUS that is an error of no special facility (MS-ERREF 2.3).
const ERROR: u32 = 0xc000;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ErrorData {
    pub(super) ntstatus: Option<NtStatus>,
    pub(super) etype_info: Vec<EncryptionType>,
    pub(super) padata: Vec<PaDataType>,
}

/// Reads e-data.
pub(super) fn read(bytes: &[u8]) -> ErrorData {
    let Some(outer) = Tlv::read(bytes).filter(|outer| outer.tag == SEQUENCE) else {
        return ErrorData::default();
    };
    let is_list = outer
        .children()
        .next()
        .is_some_and(|first| first.tag == SEQUENCE);
    if is_list {
        method_data(&outer)
    } else {
        ErrorData {
            ntstatus: status(&outer),
            ..ErrorData::default()
        }
    }
}

fn method_data(list: &Tlv<'_>) -> ErrorData {
    let of_type = |wanted| {
        list.children()
            .find(|element| padata_type(element) == Some(wanted))
    };
    let info = of_type(PaDataType::ETYPE_INFO2).or_else(|| of_type(PaDataType::ETYPE_INFO));
    ErrorData {
        ntstatus: of_type(PaDataType::PW_SALT)
            .and_then(|element| status(&element))
            .filter(|status| status.0 >> 16 == ERROR),
        etype_info: info.map(|element| etypes(&element)).unwrap_or_default(),
        padata: list
            .children()
            .filter_map(|element| padata_type(&element))
            .collect(),
    }
}

/// The encryption types of an ETYPE-INFO or ETYPE-INFO2.
fn etypes(element: &Tlv<'_>) -> Vec<EncryptionType> {
    let list = element
        .field(2)
        .and_then(|field| field.octets())
        .and_then(Tlv::read);
    list.into_iter()
        .flat_map(|list| list.children())
        .filter_map(|entry| entry.field(0))
        .filter_map(|field| int32(&field))
        .map(EncryptionType)
        .collect()
}

/// KERB-EXT-ERROR in an element of type 3: status, a reserved word, flags. In a list a salt may stand in the same place.
fn status(element: &Tlv<'_>) -> Option<NtStatus> {
    let value = element.field(2)?.octets()?;
    if padata_type(element) != Some(EXTENDED) || value.len() != 12 {
        return None;
    }
    let status = u32::from_le_bytes(value.get(..4)?.try_into().ok()?);
    (status != 0).then_some(NtStatus(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element of type 3 with a value of twelve bytes, as KERB-ERROR-DATA and as PA-DATA: they look alike.
    fn element(value: &[u8; 12]) -> Vec<u8> {
        let mut bytes = b"\x30\x15\xa1\x03\x02\x01\x03\xa2\x0e\x04\x0c".to_vec();
        bytes.extend_from_slice(value);
        bytes
    }

    fn list(element: &[u8]) -> Vec<u8> {
        let mut bytes = vec![SEQUENCE, u8::try_from(element.len()).unwrap()];
        bytes.extend_from_slice(element);
        bytes
    }

    #[test]
    fn a_status_is_read_alone_and_in_a_list() {
        let forbidden = element(b"\x13\x04\x00\xc0\0\0\0\0\x01\0\0\0");
        let status = Some(NtStatus::AUTHENTICATION_FIREWALL_FAILED);
        assert_eq!(read(&forbidden).ntstatus, status);
        assert_eq!(read(&list(&forbidden)).ntstatus, status);
        assert_eq!(read(&list(&forbidden)).padata, [PaDataType::PW_SALT]);
    }

    #[test]
    fn a_salt_of_twelve_bytes_is_no_status() {
        for salt in [b"EXAMPLE.COMu", "ABC\u{e9}DEFGHIJ".as_bytes()] {
            let salt = element(salt.try_into().unwrap());
            assert_eq!(read(&list(&salt)).ntstatus, None);
        }
    }

    #[test]
    fn an_offer_to_mend_the_clock_has_no_status() {
        // KERB-ERROR-DATA of type 2, without a value
        let data = read(b"\x30\x05\xa1\x03\x02\x01\x02");
        assert_eq!(data, ErrorData::default());
    }

    #[test]
    fn bytes_of_another_form_say_nothing() {
        for bytes in [&b""[..], b"\x30", b"\x04\x02\x30\x00", b"text", b"\x30\x80"] {
            assert_eq!(read(bytes), ErrorData::default());
        }
    }
}
