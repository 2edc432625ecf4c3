//! The call `spUpdateClientRegistration`, with which a site stores what it decided about a client, as text of SQL.
//!
//! Never keeps a certificate or a key: only their hashes and lengths. The procedure is not documented; its parameters and their
//! order are those of a published trace (Keith Thornley, "How It Works: Automatic Client Approval in Configuration Manager 2007").

mod comments;
mod run;
mod statement;

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

use crate::text::{WireText, hexadecimal};
pub(crate) use crate::wire::registration_call::comments::Comments;
pub(in crate::wire) use crate::wire::registration_call::run::declared_names;
pub(in crate::wire) use crate::wire::registration_call::statement::Value;

/// The name of the procedure.
pub const PROCEDURE: &str = "spUpdateClientRegistration";

/// The parameters in the order in which the call gives them where it does not name them.
pub const PARAMETERS: [&str; 28] = [
    "SiteCode",
    "SMSID",
    "CSMSID",
    "Identity",
    "DeviceID",
    "Certificate",
    "Thumbprint",
    "EncKey",
    "EncThumbprint",
    "KeyType",
    "PublicKey",
    "ValidFrom",
    "ValidTo",
    "AgentType",
    "SMBIOSID",
    "MACAddress",
    "HardwareID1",
    "ISVProxyID",
    "AlwaysInternet",
    "InternetEnabled",
    "Force",
    "ApprovalMethod",
    "ResolutionMethod",
    "IsIntegratedAuth",
    "Version",
    "NetbiosName",
    "FQDName",
    "ManualConflictResolution",
];

/// What the site stores about a client. What the call leaves out, or gives as NULL, is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegistrationCall {
    /// The site that got the registration.
    pub site_code: Option<WireText>,
    /// The client's identity.
    pub smsid: Option<WireText>,
    /// A second identity, it seems that of a record in conflict.
    pub csmsid: Option<WireText>,
    /// NULL in a good run too.
    pub identity: Option<WireText>,
    /// Of a mobile device.
    pub device_id: Option<WireText>,
    /// The signing certificate.
    pub certificate: Option<Blob>,
    /// SHA-1 of it as the site computed it, in hexadecimal digits.
    pub thumbprint: Option<String>,
    /// The encryption certificate.
    pub encryption_certificate: Option<Blob>,
    /// SHA-1 of it as the site computed it.
    pub encryption_thumbprint: Option<String>,
    /// 1 self-signed, 2 of a PKI.
    pub key_type: Option<i64>,
    /// The public key of the signing certificate.
    pub public_key: Option<Blob>,
    /// From when the certificate is valid (UTC).
    pub valid_from: Option<WireText>,
    /// Until when.
    pub valid_to: Option<WireText>,
    /// 0 is a client.
    pub agent_type: Option<i64>,
    /// The SMBIOS GUID.
    pub smbios_id: Option<WireText>,
    /// The hardware address.
    pub mac_address: Option<WireText>,
    /// The hash over the hardware.
    pub hardware_id: Option<WireText>,
    /// Of a proxy.
    pub isv_proxy_id: Option<WireText>,
    /// The client is always on the internet.
    pub always_internet: Option<i64>,
    /// The client may be on the internet.
    pub internet_enabled: Option<i64>,
    /// Not documented.
    pub force: Option<i64>,
    /// 1: to be approved.
    pub approval_method: Option<i64>,
    /// Not documented.
    pub resolution_method: Option<i64>,
    /// 1: the request came with integrated Windows authentication.
    pub is_integrated_auth: Option<i64>,
    /// The version of the agent.
    pub version: Option<WireText>,
    /// The client's short name.
    pub netbios_name: Option<WireText>,
    /// Its full name.
    pub fqdn: Option<WireText>,
    /// Whether administrators resolve conflicts.
    pub manual_conflict_resolution: Option<i64>,
}

/// Bytes that are not kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob {
    /// How many there were.
    pub bytes: usize,
    /// SHA-1 of them, in hexadecimal digits.
    pub sha1: String,
}

impl RegistrationCall {
    /// `@ApprovalMethod` and `@IsIntegratedAuth`, where it has both: (1, 1) is proven by Windows and approved, (0, 0) neither.
    pub fn decision(&self) -> Option<(i64, i64)> {
        self.approval_method.zip(self.is_integrated_auth)
    }

    /// Reads the first call in `text`; `None` where there is none, or none with a value.
    pub fn of_text(text: &str) -> Option<Self> {
        Self::of_statement(text, BTreeMap::new())
    }

    /// Reads each place in `text` that has the name of the procedure; `None` for one that is no call with a value.
    pub fn each_of_text(text: &str) -> Vec<Option<Self>> {
        let mut all = Vec::new();
        let mut rest = text;
        while let Some(at) = statement::place_of_name(rest) {
            let behind = at + PROCEDURE.len();
            let more = rest.get(behind..).unwrap_or_default();
            let end = statement::place_of_name(more).map_or(rest.len(), |next| behind + next);
            all.push(rest.get(..end).and_then(Self::of_text));
            rest = more;
        }
        all
    }

    /// The same as [`Self::of_text`], where variables of the text have their values elsewhere; their names are in lower case.
    pub(in crate::wire) fn of_statement(
        text: &str,
        variables: BTreeMap<String, Value>,
    ) -> Option<Self> {
        Self::of_values(statement::values(text, variables)?)
    }

    /// The call with these parameters, each with its name.
    pub(in crate::wire) fn of_values(values: Vec<(String, Value)>) -> Option<Self> {
        let mut call = Self::default();
        for (name, value) in values {
            call.set(&name, value);
        }
        (call != Self::default()).then_some(call)
    }

    fn set(&mut self, name: &str, value: Value) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let known = PARAMETERS.into_iter().find(|known| is(known));
        match known.unwrap_or_default() {
            "SiteCode" => self.site_code = value.text(),
            "SMSID" => self.smsid = value.text(),
            "CSMSID" => self.csmsid = value.text(),
            "Identity" => self.identity = value.text(),
            "DeviceID" => self.device_id = value.text(),
            "Certificate" => self.certificate = value.blob(),
            "Thumbprint" => self.thumbprint = value.hex(),
            "EncKey" => self.encryption_certificate = value.blob(),
            "EncThumbprint" => self.encryption_thumbprint = value.hex(),
            "KeyType" => self.key_type = value.number(),
            "PublicKey" => self.public_key = value.blob(),
            "ValidFrom" => self.valid_from = value.text(),
            "ValidTo" => self.valid_to = value.text(),
            "AgentType" => self.agent_type = value.number(),
            "SMBIOSID" => self.smbios_id = value.text(),
            "MACAddress" => self.mac_address = value.text(),
            "HardwareID1" => self.hardware_id = value.text(),
            "ISVProxyID" => self.isv_proxy_id = value.text(),
            "AlwaysInternet" => self.always_internet = value.number(),
            "InternetEnabled" => self.internet_enabled = value.number(),
            "Force" => self.force = value.number(),
            "ApprovalMethod" => self.approval_method = value.number(),
            "ResolutionMethod" => self.resolution_method = value.number(),
            "IsIntegratedAuth" => self.is_integrated_auth = value.number(),
            "Version" => self.version = value.text(),
            "NetbiosName" => self.netbios_name = value.text(),
            "FQDName" => self.fqdn = value.text(),
            "ManualConflictResolution" => self.manual_conflict_resolution = value.number(),
            _ => {}
        }
    }
}

impl Value {
    fn text(self) -> Option<WireText> {
        match self {
            Self::Text(text) => Some(WireText::from(text)),
            Self::Number(number) => Some(WireText::from(number.to_string())),
            Self::Bytes(_) | Self::Null => None,
        }
    }

    fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bytes(_) | Self::Null => None,
        }
    }

    /// A hash, which is short.
    fn hex(self) -> Option<String> {
        match self {
            Self::Bytes(bytes) if bytes.len() <= 64 => Some(hexadecimal(&bytes)),
            _ => None,
        }
    }

    fn blob(self) -> Option<Blob> {
        match self {
            Self::Bytes(bytes) => Some(Blob {
                bytes: bytes.len(),
                sha1: hexadecimal(&Sha1::digest(&bytes)),
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statement of the article, with the names that its author pasted in.
    const ARTICLE: &str = include_str!("../../captures/article.sql");

    #[test]
    fn the_articles_statement_is_read_to_its_last_field() {
        let call = RegistrationCall::of_text(ARTICLE).unwrap();
        let text = |text: &str| Some(WireText::from(text));
        let blob = |bytes, sha1: &str| {
            Some(Blob {
                bytes,
                sha1: sha1.to_owned(),
            })
        };
        let signing = "e824658e489fdbb6481ed7788e74877fb9dbcf0b";
        let encryption = "6b186e7bc2b86b059fae5e431c6c6ce40a943f3c";
        let wanted = RegistrationCall {
            site_code: text("2P4"),
            smsid: text("GUID:EEAF9390-94EB-43AE-A0DE-F374E3E7E03B"),
            csmsid: None,
            identity: None,
            device_id: None,
            certificate: blob(484, signing),
            thumbprint: Some(signing.to_owned()),
            encryption_certificate: blob(485, encryption),
            encryption_thumbprint: Some(encryption.to_owned()),
            key_type: Some(1),
            public_key: call.public_key.clone(),
            valid_from: text("2009-05-19 19:34:47.000"),
            valid_to: text("2109-04-26 19:34:47.000"),
            agent_type: Some(0),
            smbios_id: None,
            mac_address: None,
            hardware_id: text("2:D4D8AD1963DA464FC3EE60E5212310036AB9EDEC"),
            isv_proxy_id: None,
            always_internet: Some(0),
            internet_enabled: Some(0),
            force: Some(0),
            approval_method: Some(1),
            resolution_method: Some(0),
            is_integrated_auth: Some(1),
            version: text("4.00.6221.1000"),
            netbios_name: text("WK02-020-51W"),
            fqdn: text("WK02-020-51W.Child.A2003.VM.local"),
            manual_conflict_resolution: Some(0),
        };
        assert_eq!(call.public_key.as_ref().map(|key| key.bytes), Some(148));
        assert_eq!(call, wanted);
    }

    #[test]
    fn each_form_of_the_call_says_the_same() {
        let forms = [
            "exec spUpdateClientRegistration @SMSID=N'GUID:1', @ApprovalMethod=1, @Thumbprint=0xAB",
            "EXECUTE [dbo].[spUpdateClientRegistration] @smsid = 'GUID:1' ,@thumbprint=0xab,@approvalmethod= 1",
            "exec dbo.spUpdateClientRegistration NULL,\"GUID:1\",NULL,NULL,NULL,NULL,0xAB,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1",
            "exec sp_executesql N'exec spUpdateClientRegistration @SMSID=@P1, @Thumbprint=@P2, @ApprovalMethod=@P3',N'@P1 nvarchar(50),@P2 varbinary(20),@P3 int',@P1=N'GUID:1',@P2=0xAB,@P3=1",
            "exec CM_P01.dbo.spUpdateClientRegistration @SMSID=N'GUID:1', @ApprovalMethod=1, @Thumbprint=0xAB",
            "exec [CM P01]..[spUpdateClientRegistration] @SMSID=N'GUID:1' output, @ApprovalMethod=1, @Thumbprint=0xAB",
            "declare @rc int exec @rc = spUpdateClientRegistration @SMSID=N'GUID:1', @ApprovalMethod=1, @Thumbprint=0xAB",
            "exec spUpdateClientRegistration -- the call, once\n@SMSID=N'GUID:1', /* @ApprovalMethod=0, */ @ApprovalMethod=1,\n-- @Force=1,\n@Thumbprint=0xAB",
            "{call spUpdateClientRegistration(@SMSID=N'GUID:1',@ApprovalMethod=1,@Thumbprint=0xAB)}",
            "{?=call spUpdateClientRegistration(NULL,'GUID:1',NULL,NULL,NULL,NULL,0xAB,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1)}",
            "spUpdateClientRegistration @SMSID=N'GUID:1', @ApprovalMethod=1, @Thumbprint=0xAB",
            "exec sp_executesql N'EXEC spUpdateClientRegistration @SMSID=@P1,@Thumbprint=@P2,@ApprovalMethod=@P3',N'@P1 nvarchar(50),@P2 varbinary(20),@P3 int',N'GUID:1',0xAB,1",
            "declare @p1 int\nset @p1=7\nexec sp_prepexec @p1 output,N'@P1 nvarchar(50),@P2 varbinary(20),@P3 int',N'EXEC spUpdateClientRegistration @SMSID=@P1,@Thumbprint=@P2,@ApprovalMethod=@P3',N'GUID:1',0xAB,1\nselect @p1",
            "exec sp_executesql N'exec spUpdateClientRegistration @SMSID=N''GUID:1'',@NetbiosName=N''O''''NEIL'',@Thumbprint=0xAB,@ApprovalMethod=1'",
            "exec sp_executesql @stmt=N'exec spUpdateClientRegistration @SMSID=@P1,@Thumbprint=@P2,@ApprovalMethod=@P3',@params=N'@P1 nvarchar(50),@P2 varbinary(20),@P3 int',@P1=N'GUID:1',@P2=0xAB,@P3=1",
        ];
        for form in forms {
            let call = RegistrationCall::of_text(form).unwrap_or_default();
            assert_eq!(call.smsid, Some("GUID:1".into()), "{form}");
            assert_eq!(call.thumbprint.as_deref(), Some("ab"), "{form}");
            assert_eq!(call.approval_method, Some(1), "{form}");
            assert_eq!(call.is_integrated_auth, None, "{form}");
        }
    }

    #[test]
    fn quotes_in_a_text_are_doubled() {
        let call = RegistrationCall::of_text(
            "exec spUpdateClientRegistration @NetbiosName=N'O''NEIL, @SMSID=1', @Force=-1",
        )
        .unwrap();
        assert_eq!(call.netbios_name, Some("O'NEIL, @SMSID=1".into()));
        assert_eq!((call.smsid, call.force), (None, Some(-1)));
    }

    #[test]
    fn each_call_of_a_line_is_read() {
        let two = "exec spUpdateClientRegistration @SMSID='a'; exec dbo.spUpdateClientRegistration @SMSID='b' -- spUpdateClientRegistration";
        let all = RegistrationCall::each_of_text(two).into_iter();
        let smsids: Vec<_> = all.map(|call| call.and_then(|call| call.smsid)).collect();
        assert_eq!(smsids, [Some("a".into()), Some("b".into()), None]);
    }

    #[test]
    fn what_is_no_call_is_none() {
        for text in [
            "",
            "exec spOther @SMSID=1",
            "create procedure spUpdateClientRegistration",
            "exec spUpdateClientRegistration",
            "exec spUpdateClientRegistration @",
            "exec spUpdateClientRegistration 'never ends",
            "-- exec spUpdateClientRegistration @SMSID='a'",
            "/* exec spUpdateClientRegistration @SMSID='a'",
            "select * from sys.objects where name='spUpdateClientRegistration' and id=1",
            "{call spUpdateClientRegistration(?,?)}",
            "create procedure dbo.spUpdateClientRegistration @SMSID nvarchar(50) = 1, @Force int as",
            "exec sp_execute 1,N'GUID:1' -- spUpdateClientRegistration",
        ] {
            assert_eq!(RegistrationCall::of_text(text), None, "{text}");
        }
    }
}
