//! Words that name nobody: they stay as they are, or stay where they stand alone.
//!
//! Never learns one: what is not here is taken for a name.

/// Words of protocols and of the products, in lower case: part of names, and the same everywhere.
const COMMON: &str = "_gc _kerberos _kerberos-master _kpasswd _ldap _msdcs _sites _tcp _udp adprep arpa bad_encryption_type bits \
    cant_find_client_key ccm_incoming ccm_post ccm_system ccm_system_altauth ccm_system_windowsauth changepw cifs \
    client_not_found com corp default-first-site-name dns domaindnszones domains \
    e3514235-4b06-11d1-ab04-00c04fc2dcd2 example forestdnszones gc guid home host http https in-addr internal \
    intranet invalid ip6 kadmin kpasswd krbtgt lan ldap local localdomain localhost looking_up_client \
    looking_up_server mp_clientregistration mp_ddrendpoint mp_locationmanager mp_policymanager mp_relayendpoint \
    mp_statusreceiver mpkeyinformation mplist mplocation mssqlsvc needed_preauth net not_allowed_to_delegate ntlm \
    org preauth_failed process_tgs reply request response restrictedkrbhost rpcss sms_aut sms_mp svr termsrv test \
    tkt_expired unknown_reason wpad wsman";

/// Those of them that a machine or an account may be called as well.
const COMMON_NAMES: &str =
    "com corp example guid home host internal intranet lan local net org svr test";

/// Words of this program's own sentences and the keys of its JSON, in lower case. A machine may be called so too: then it is hidden where more of its
/// name stands beside the word, and not where the word stands alone.
const OWN: &str = "about accepted account address after_frame agent_version and answer answers approval approval_status asked \
    asks attempts auth auto because block body body_bytes border bytes capture cause ccm center certificate \
    challenge challenges cipher_bytes cipher_sha256 class client client_site clients clock clock_offset_ms closest \
    cname color command complete computer confidence connection controller crealm current_time data date dc_site \
    dialect dns_computer domain dst e_text enc_part_etype endpoint error error_code error_name etype etype_info \
    etypes evidence expected explanation false fault file filter findings first_frame first_time fix for forest \
    form format fqdn frame frames from from_label gateway ghost gives granted has head headline height hosts html \
    icmp_code icmp_type identity inline inputs is_answer kdc kdc_options kerberos key kind kvno last_frame \
    last_time left limitations line link_types list log machine main management mechs message message_id messages \
    meta method microsoft missing mutual_required name names neg_state negotiate neighbours netbios_computer \
    netbios_domain netbios_name netmon network none not ntstatus ntstatus_name null offset_ms other_kerberos \
    outcome owner padata page path places point points policy port primary principal processes proof proxy qtype \
    query question rcode realm reason referral refusals refused refuses registration repeated_in repeats \
    reply_frame report request_frame request_type response_frame right rivals roles root router rule rules samples \
    schema scheme section seen sent_time server service session severity sha256 shown_in signing_thumbprint \
    since_frame site six_steps sms smsid sname sname_type sni solid source_host sources spn spread_ms sql src \
    state status steps stime style suffix svg system system_time table target target_host target_name text tgt \
    that the ticket ticket_path time timestamp title to_label token token_bytes tool transport true trust type \
    unanswered uri user user_agent version web who whose_key why why_ntlm width windows wireshark with workstation";

/// Whether a word names nobody.
pub(super) fn is_common(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    has(COMMON, &word) || !word.contains(|sign: char| sign.is_alphabetic())
}

/// Whether a word that stands alone is rather one of a sentence than a name.
pub(super) fn is_own(word: &str) -> bool {
    word.chars().count() < 3 || has(OWN, &word.to_ascii_lowercase())
}

/// Whether what is a name here may be a word elsewhere.
pub(super) fn is_word(name: &str) -> bool {
    let is_of_protocol = is_common(name) && !has(COMMON_NAMES, &name.to_ascii_lowercase());
    !is_of_protocol && (is_own(name) || is_common(name))
}

fn has(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|it| it == word)
}
