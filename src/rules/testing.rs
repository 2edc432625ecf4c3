//! Attempts for the tests of rules, built from a few facts.
//!
//! Never stands in for a capture: only what a rule judges by is filled in. Frame `n` is captured at second `n`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use smallvec::SmallVec;

use crate::endpoint::{ConnectionId, Endpoint, Transport};
use crate::frame::{FrameNumber, PacketDrop, Timestamp};
use crate::keys::{Fit, KeyName, Trial};
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::connect::Connect;
use crate::model::drops::Drops;
use crate::model::exchange::{Moment, Span};
use crate::model::http_exchange::{HttpAnswer, HttpExchange, HttpRequest, HttpResponse};
use crate::model::locator::DcPing;
use crate::model::lookup::{Lookup, LookupAnswer};
use crate::model::surroundings::Surroundings;
use crate::model::target::Target;
use crate::model::ticket_request::{KdcAnswer, KdcVerdict, TicketKind, TicketRequest};
use crate::model::visibility::Visibility;
use crate::model::witness::{CommandFact, Holder, OutputRecord, Source, WebRecord};
use crate::outcome::Outcome;
use crate::text::WireText;
use crate::wire::auth_header::{AuthToken, Scheme, TokenForm};
use crate::wire::cldap::Netlogon;
use crate::wire::dns::{Answer, Rcode, RecordData, RecordType};
use crate::wire::http::{RequestHead, ResponseHead};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::{
    ApReq, CipherDigest, KdcRep, KdcReq, KerberosMessage, KrbError, Ticket,
};
use crate::wire::kerberos::name::{NameType, PrincipalName};
use crate::wire::ntlm::NtlmMessage;

/// A line of the server's log about a request that was refused.
pub(in crate::rules) fn logged(line: u64) -> WebRecord {
    WebRecord {
        source: Source {
            file: "u_ex.log".into(),
            line,
        },
        time: second(line),
        request: "CCM_POST /ccm_system_windowsauth/request".into(),
        user: None,
        names_users: true,
        status: Some(401),
        substatus: Some(1),
        win32: None,
        time_taken: None,
        reason: None,
        logged_as: None,
        server: None,
    }
}

/// The client's realm in these tests.
pub(in crate::rules) const HOME: &str = "CHILD.ROOT.LAB";
/// The realm of the server.
pub(in crate::rules) const NEXT: &str = "ROOT.LAB";
/// The service.
pub(in crate::rules) const SERVICE: &str = "HTTP/mp.root.lab";

/// An attempt of which nothing is known but that it got no ticket; the client is watched until second `until`.
pub(in crate::rules) fn attempt(until: u64) -> Attempt {
    Attempt {
        kind: AttemptKind::Ccm,
        client: host(51),
        principal: None,
        target: Target {
            names: vec!["mp.root.lab".into()],
            address: Some(host(80)),
            port: Some(80),
        },
        lookups: Vec::new(),
        connects: Vec::new(),
        http: Vec::new(),
        tls: Vec::new(),
        tls_aside: None,
        kdc_lookups: Vec::new(),
        kdc_connects: Vec::new(),
        tickets: Vec::new(),
        computer_ticket: None,
        clocks: Vec::new(),
        inside: Vec::new(),
        told: Vec::new(),
        calls: Vec::new(),
        outputs: Vec::new(),
        around: Surroundings::default(),
        outcome: Outcome::NoTicket,
        visibility: Visibility {
            sees_kdc_side: true,
            snapped: None,
            missed: None,
            unread: None,
            unread_answer: None,
            from: second(0),
            until: second(until),
        },
    }
}

/// A line of one output of `setspn` that says that `account` holds `spn`.
pub(in crate::rules) fn holds(account: &str, spn: &str) -> OutputRecord {
    static FILE: LazyLock<Arc<str>> = LazyLock::new(|| "setspn.txt".into());
    holds_in(&FILE, account, spn)
}

/// The same in another output.
pub(in crate::rules) fn holds_in(file: &Arc<str>, account: &str, spn: &str) -> OutputRecord {
    OutputRecord {
        source: Source {
            file: Arc::clone(file),
            line: 3,
        },
        fact: CommandFact::Holder(Holder {
            account: account.into(),
            spn: spn.into(),
        }),
    }
}

/// A request in frame `frame` to the KDC of `realm` for a ticket for `service`, without an answer.
pub(in crate::rules) fn tgs(frame: u64, realm: &str, service: &str) -> TicketRequest {
    TicketRequest {
        kind: TicketKind::Tgs,
        client: Endpoint::new(host(51), 50_000),
        kdc: Endpoint::new(kdc(realm), 88),
        transport: Transport::Udp,
        connection: None,
        asked: span(frame),
        again: Vec::new(),
        request: KdcReq {
            realm: Some(realm.into()),
            sname: Some(principal(service)),
            tgt: Some(ticket(HOME, &format!("krbtgt/{HOME}"))),
            ..KdcReq::default()
        },
        answer: None,
        unreachable: None,
        drops: Drops::default(),
    }
}

/// A request in frame `frame` for the first ticket of `account`, without an answer.
pub(in crate::rules) fn first_ticket(frame: u64, account: &str) -> TicketRequest {
    let mut request = tgs(frame, HOME, &format!("krbtgt/{HOME}"));
    request.kind = TicketKind::As;
    request.request.cname = Some(principal(account));
    request.request.tgt = None;
    request
}

/// `request`, refused with `code` in the next frame.
pub(in crate::rules) fn refused(request: TicketRequest, code: ErrorCode) -> TicketRequest {
    let error = KrbError {
        code,
        ..KrbError::default()
    };
    answered(request, KdcVerdict::Refused(error))
}

/// `request`, answered in the next frame by a ticket for `service`.
pub(in crate::rules) fn issued(request: TicketRequest, service: &str) -> TicketRequest {
    let realm = request.realm().unwrap_or(HOME).to_owned();
    let reply = KdcRep {
        ticket: Some(ticket(&realm, service)),
        ..KdcRep::default()
    };
    answered(request, KdcVerdict::Issued(reply))
}

/// `request` to the home KDC for the service, answered by a referral to the next realm.
pub(in crate::rules) fn referral(frame: u64) -> TicketRequest {
    issued(tgs(frame, HOME, SERVICE), &format!("krbtgt/{NEXT}"))
}

/// A connection to the KDC of `realm` with SYNs in `frames`, and no answer.
pub(in crate::rules) fn silent_connect(frames: &[u64], realm: &str) -> Connect {
    let syns: SmallVec<[Moment; 1]> = frames.iter().map(|frame| moment(*frame)).collect();
    let last = syns.last().copied().unwrap_or(moment(0));
    Connect {
        id: ConnectionId(last.frame.0),
        client: Endpoint::new(host(51), 50_001),
        server: Endpoint::new(kdc(realm), 88),
        syns,
        syn_ack: None,
        reset_by_server: None,
        reset_by_client: None,
        closed_by_server: None,
        closed_by_client: None,
        acknowledged: None,
        retransmitted: None,
        unreachable: None,
        drops: Drops::default(),
        last,
    }
}

/// The packet in frame `frame` was to leave the machine, which dropped it.
pub(in crate::rules) fn dropped_in(frame: u64) -> PacketDrop {
    PacketDrop {
        frame: FrameNumber(frame),
        event: frame + 100,
        component: "filter.sys".to_owned(),
        reason: 12,
        location: 0xe000_4101,
        is_outbound: true,
    }
}

/// The connection to the server, which the client closes in frame `closed`.
pub(in crate::rules) fn server_connect(closed: u64) -> Connect {
    Connect {
        server: Endpoint::new(host(80), 80),
        syn_ack: Some(moment(1)),
        closed_by_client: Some(moment(closed)),
        ..silent_connect(&[1], HOME)
    }
}

/// A question in frame `frame` for SRV records of `name`, answered in the next one by `rcode` without records.
pub(in crate::rules) fn service_lookup(frame: u64, name: &str, rcode: Rcode) -> Lookup {
    lookup(frame, name, RecordType::SRV, Some((rcode, Vec::new())))
}

/// A question in frame `frame` for the address of `name`, with what comes back in the next one.
pub(in crate::rules) fn address_lookup(frame: u64, name: &str, rcode: Option<Rcode>) -> Lookup {
    let answer = rcode.map(|rcode| (rcode, Vec::new()));
    lookup(frame, name, RecordType::A, answer)
}

/// A question in frame `frame` for the address of `name`, answered by one.
pub(in crate::rules) fn found_address(frame: u64, name: &str) -> Lookup {
    let record = Answer {
        name: name.into(),
        data: RecordData::Address(host(80)),
    };
    let answer = Some((Rcode::NO_ERROR, vec![record]));
    lookup(frame, name, RecordType::A, answer)
}

fn lookup(
    frame: u64,
    name: &str,
    qtype: RecordType,
    answer: Option<(Rcode, Vec<Answer>)>,
) -> Lookup {
    Lookup {
        client: Endpoint::new(host(51), 50_002),
        server: Endpoint::new(host(53), 53),
        transport: Transport::Udp,
        id: 1,
        asked: span(frame),
        again: Vec::new(),
        name: name.into(),
        qtype,
        answer: answer.map(|(rcode, records)| LookupAnswer {
            span: span(frame + 1),
            rcode,
            records,
            lacks_records: false,
        }),
        unreachable: None,
        drops: Drops::default(),
    }
}

fn answered(mut request: TicketRequest, verdict: KdcVerdict) -> TicketRequest {
    let frame = request.asked.last().0 + 1;
    request.answer = Some(KdcAnswer {
        span: span(frame),
        verdict,
    });
    request
}

fn ticket(realm: &str, service: &str) -> Ticket {
    Ticket {
        realm: realm.into(),
        sname: principal(service),
        etype: EncryptionType::default(),
        kvno: None,
        cipher_bytes: 0,
        cipher_digest: None,
        cipher: None,
    }
}

/// The ticket that the last exchange shows is opened by the third key of `account`, in the keytab of a KDC.
pub(in crate::rules) fn opened_by(attempt: &mut Attempt, account: &str) {
    let digest = CipherDigest([7; 32]);
    let token = attempt
        .http
        .last_mut()
        .and_then(|it| it.request.head.auth.as_mut());
    if let Some(KerberosMessage::ApReq(shown)) = token.and_then(|it| it.kerberos.as_mut())
        && let Some(ticket) = &mut shown.ticket
    {
        ticket.cipher_digest = Some(digest);
    }
    let key = KeyName {
        principal: principal(account),
        realm: NEXT.into(),
        kvno: 3,
    };
    let trial = Trial {
        keytab: "kdc.keytab".into(),
        fit: Fit::Opens(key),
    };
    attempt.around.tried.push((digest, vec![trial]));
}

/// A name as it is written, its parts between slashes.
pub(in crate::rules) fn principal(name: &str) -> PrincipalName {
    PrincipalName {
        kind: NameType::default(),
        parts: name.split('/').map(WireText::from).collect(),
    }
}

/// The address of the KDC of `realm`.
fn kdc(realm: &str) -> IpAddr {
    host(if realm == HOME { 10 } else { 11 })
}

fn host(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
}

fn span(frame: u64) -> Span {
    Span {
        frames: [FrameNumber(frame)].into_iter().collect(),
        time: second(frame),
        last_time: second(frame),
        loss: None,
    }
}

/// Frame `frame` and its time.
pub(in crate::rules) fn moment(frame: u64) -> Moment {
    Moment {
        frame: FrameNumber(frame),
        time: second(frame),
    }
}

/// The moment `number` seconds after 1970.
pub(in crate::rules) fn second(number: u64) -> Timestamp {
    Timestamp::from_nanos(i64::try_from(number).unwrap_or(0) * 1_000_000_000)
}

/// A web exchange in frame `frame` over connection 1, answered in the next one with `status`.
pub(in crate::rules) fn web(frame: u64, status: u16) -> HttpExchange {
    let head = RequestHead {
        method: "CCM_POST".into(),
        uri: "/ccm_system_windowsauth/request".into(),
        host: Some("mp.root.lab".into()),
        ..RequestHead::default()
    };
    let answer = ResponseHead {
        status,
        ..ResponseHead::default()
    };
    HttpExchange {
        client: Endpoint::new(host(51), 50_001),
        server: Endpoint::new(host(80), 80),
        connection: Some(ConnectionId(1)),
        asked: span(frame),
        request: HttpRequest {
            head,
            head_bytes: 0,
            body_bytes: 0,
            ccm: None,
        },
        answer: Some(HttpAnswer {
            span: span(frame + 1),
            response: HttpResponse {
                head: answer,
                head_bytes: 0,
                body_bytes: 0,
                ccm: None,
                points: None,
                is_of_long_header: false,
            },
        }),
        recorded: Vec::new(),
        passed_on: None,
    }
}

/// A token of `Negotiate` with nothing in it.
fn negotiate() -> AuthToken {
    AuthToken {
        scheme: Scheme("Negotiate".into()),
        form: TokenForm::SpnegoInit,
        bytes: 1_500,
        mechs: Vec::new(),
        neg_state: None,
        kerberos: None,
        ntlm: None,
    }
}

/// `exchange`, whose request shows a ticket of `realm` for `service`.
pub(in crate::rules) fn shows_ticket(
    mut exchange: HttpExchange,
    realm: &str,
    service: &str,
) -> HttpExchange {
    let shown = ApReq {
        ticket: Some(ticket(realm, service)),
        mutual_required: false,
    };
    exchange.request.head.auth = Some(Box::new(AuthToken {
        kerberos: Some(KerberosMessage::ApReq(shown)),
        ..negotiate()
    }));
    exchange
}

/// `exchange`, whose request shows an NTLM message.
pub(in crate::rules) fn shows_ntlm(
    mut exchange: HttpExchange,
    message: NtlmMessage,
) -> HttpExchange {
    exchange.request.head.auth = Some(Box::new(AuthToken {
        ntlm: Some(message),
        ..negotiate()
    }));
    exchange
}

/// `exchange`, whose answer has a token with what is given.
pub(in crate::rules) fn answers(
    mut exchange: HttpExchange,
    kerberos: Option<KrbError>,
    ntlm: Option<NtlmMessage>,
) -> HttpExchange {
    if let Some(answer) = &mut exchange.answer {
        answer.response.head.challenges = vec![Scheme("Negotiate".into())];
        answer.response.head.auth = Some(Box::new(AuthToken {
            form: TokenForm::SpnegoResp,
            kerberos: kerberos.map(KerberosMessage::Error),
            ntlm,
            ..negotiate()
        }));
    }
    exchange
}

/// A KRB-ERROR with `code` and nothing else.
pub(in crate::rules) fn error(code: ErrorCode) -> KrbError {
    KrbError {
        code,
        ..KrbError::default()
    }
}

/// A ping of a domain controller in frame `frame`, with an answer in the next one: of the closest controller, or not.
pub(in crate::rules) fn ping(frame: u64, closest: Option<bool>) -> DcPing {
    let told = |is_closest| Netlogon {
        domain: HOME.into(),
        dc_site: Some(if is_closest { "Paris" } else { "Rome" }.into()),
        client_site: Some("Paris".into()),
        is_closest,
        ..Netlogon::default()
    };
    DcPing {
        client: Endpoint::new(host(51), 50_003),
        server: Endpoint::new(kdc(HOME), 389),
        domain: Some(HOME.into()),
        asked: moment(frame),
        answer: closest.map(|is_closest| (moment(frame + 1), told(is_closest))),
    }
}
