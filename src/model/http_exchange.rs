//! A web request with its answer: challenge, token, status.

use crate::dissect::message::Message;
pub use crate::dissect::message::{HttpRequest, HttpResponse};
use crate::endpoint::{ConnectionId, Endpoint};
use crate::model::exchange::Span;
use crate::model::target::is_host_of;
use crate::model::witness::WebRecord;
use crate::text::WireText;
use crate::wire::auth_header::{AuthToken, Scheme};
use crate::wire::ccm::points::{ManagementPoint, PointList};
use crate::wire::kerberos::message::{ApReq, KerberosMessage, KrbError};
use crate::wire::spnego::NegState;

/// An HTTP exchange.
#[derive(Clone, Debug)]
pub struct HttpExchange {
    /// Who asks.
    pub client: Endpoint,
    /// The server, or a proxy.
    pub server: Endpoint,
    /// The connection.
    pub connection: Option<ConnectionId>,
    /// The request.
    pub asked: Span,
    /// What it says.
    pub request: HttpRequest,
    /// What came back.
    pub answer: Option<HttpAnswer>,
    /// What logs of the server say of it: its own line, and one of each further log that has it.
    pub recorded: Vec<WebRecord>,
    /// How the machine that was asked passed it on to another, where the capture shows that side too.
    pub passed_on: Option<Box<HttpExchange>>,
}

/// What came back from a web server.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub response: HttpResponse,
}

impl HttpAnswer {
    /// The major version of IIS, where the server calls itself so: 8 of `Microsoft-IIS/8.5`.
    pub fn iis_version(&self) -> Option<u32> {
        let server = self.response.head.server.as_ref()?.as_str();
        let version = server.strip_prefix("Microsoft-IIS/")?;
        version.split('.').next()?.parse().ok()
    }

    /// Scheme and host of the `Location`, where it names them.
    pub fn location(&self) -> Option<(&str, &str)> {
        let location = self.response.head.location.as_ref()?.as_str();
        let (scheme, rest) = location.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let place = authority
            .rsplit_once('@')
            .map_or(authority, |(_, place)| place);
        let host = match place.strip_prefix('[') {
            Some(literal) => literal.split(']').next()?,
            None => place.split(':').next()?,
        };
        (!host.is_empty()).then_some((scheme, host))
    }
}

impl HttpExchange {
    /// One that begins with `request`, which `message` brought.
    pub fn begun_by(message: &mut Message, request: HttpRequest) -> Self {
        Self {
            client: message.flow.src,
            server: message.flow.dst,
            connection: message.connection,
            asked: Span::take(message),
            request,
            answer: None,
            recorded: Vec::new(),
            passed_on: None,
        }
    }

    /// The path of the request target, without the query, and without scheme and host where a proxy is asked.
    pub fn path(&self) -> &str {
        let uri = self.request.head.uri.as_str();
        let path = match uri.split_once("://") {
            Some((_, rest)) if !uri.starts_with('/') => {
                rest.find('/').map_or("/", |at| &rest[at..])
            }
            _ => uri,
        };
        path.split(['?', '#']).next().unwrap_or(path)
    }

    /// The name of the server as the client uses it: `Host`, without the port.
    pub fn host(&self) -> Option<&str> {
        let host = self.request.head.host.as_ref()?.as_str();
        let bare = match host.strip_prefix('[') {
            Some(literal) => literal.split(']').next()?,
            None => host.split(':').next()?,
        };
        (!bare.is_empty()).then(|| bare.trim_end_matches('.'))
    }

    /// Whether the request is in a form that only proxies take: with a scheme and a host, or `CONNECT` (RFC 9112 sections
    /// 3.2.2 and 3.2.3).
    pub fn is_for_proxy(&self) -> bool {
        let head = &self.request.head;
        let scheme = head
            .uri
            .as_str()
            .split_once("://")
            .map(|(scheme, _)| scheme);
        let is_absolute = scheme.is_some_and(|scheme| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        is_absolute || head.method.as_str() == "CONNECT"
    }

    /// Whether a proxy wrote the answer itself: it asks for proof for itself, or names an error of its own, or the answer bears the
    /// name of a proxy where the one of the server stands.
    pub fn is_answered_by_proxy(&self) -> bool {
        let answer = self.answer.as_ref().map(|answer| &answer.response.head);
        answer.is_some_and(|head| {
            head.status == 407
                || !head.proxy_challenges.is_empty()
                || head.proxy_error.is_some()
                || head.server.as_ref().is_some_and(is_name_of_proxy)
        })
    }

    /// Whether a web server of Windows wrote the answer: `Microsoft-IIS`, or `Microsoft-HTTPAPI`, its kernel's part. What is passed
    /// on keeps that field.
    pub fn is_answered_by_windows(&self) -> bool {
        let answer = self.answer.as_ref().map(|answer| &answer.response.head);
        let server = answer.and_then(|head| head.server.as_ref());
        server.is_some_and(|server| begins_with(server.as_str(), "Microsoft-"))
    }

    /// Whether a proxy speaks in the answer, or has passed it on.
    pub fn is_through_proxy(&self) -> bool {
        let answer = self.answer.as_ref().map(|answer| &answer.response.head);
        self.is_for_proxy()
            || answer.is_some_and(|head| head.via_proxy)
            || self.is_answered_by_proxy()
    }

    /// Whether it is a Configuration Manager client's message: the method `CCM_POST` or its kin, or a path of the
    /// management point's message directories.
    pub fn is_ccm(&self) -> bool {
        let method = self.request.head.method.as_str();
        begins_with(method, "CCM_") || begins_with(self.path(), "/ccm_system")
    }

    /// Whether the path is the one that asks for Windows proof.
    pub fn is_windowsauth(&self) -> bool {
        begins_with(self.path(), "/ccm_system_windowsauth")
    }

    /// Whether it belongs to the management point's other directories, which ask for no proof.
    pub fn is_mp_query(&self) -> bool {
        begins_with(self.path(), "/sms_mp")
    }

    /// The management point at the server, where the answer names it: by the name that the client uses, or as the only one.
    pub fn own_point(&self) -> Option<&ManagementPoint> {
        let points = &self.named_points()?.points;
        let host = self.host().unwrap_or_default();
        let is_asked = |point: &&ManagementPoint| {
            let names = [&point.fqdn, &point.name].into_iter().flatten();
            is_host_of(names.map(WireText::as_str), host)
        };
        let only = match points.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        points.iter().find(is_asked).or(only)
    }

    /// What the answer says of management points.
    pub fn named_points(&self) -> Option<&PointList> {
        self.answer.as_ref()?.response.points.as_deref()
    }

    /// Whether Windows proof is asked or shown in it, or a Configuration Manager client's message is in it.
    pub fn is_sign_on(&self) -> bool {
        self.is_ccm() || self.windows_token().is_some() || self.is_challenged()
    }

    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer
            .as_ref()
            .map(|answer| answer.response.head.status)
    }

    /// Whether the answer is a 2xx.
    pub fn is_accepted(&self) -> bool {
        self.status()
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the answer is a 401 that offers a Windows scheme.
    pub fn is_challenged(&self) -> bool {
        self.status() == Some(401) && self.offers_windows()
    }

    /// Whether the answer offers Negotiate, NTLM or Kerberos.
    pub fn offers_windows(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            answer
                .response
                .head
                .challenges
                .iter()
                .any(|scheme| scheme.is_negotiate() || scheme.is_ntlm() || scheme.is_kerberos())
        })
    }

    /// Whether the answer offers Negotiate or Kerberos.
    pub fn offers_kerberos(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| {
            answer
                .response
                .head
                .challenges
                .iter()
                .any(|scheme| scheme.is_negotiate() || scheme.is_kerberos())
        })
    }

    /// The token of the request, of a Windows scheme.
    pub fn windows_token(&self) -> Option<&AuthToken> {
        self.request.head.auth.as_deref().filter(|token| {
            token.scheme.is_negotiate() || token.scheme.is_ntlm() || token.scheme.is_kerberos()
        })
    }

    /// The scheme of the request's proof where that is none of Windows: Basic, Digest, Bearer, ….
    pub fn other_proof(&self) -> Option<&Scheme> {
        let token = self.request.head.auth.as_deref();
        token
            .map(|token| &token.scheme)
            .filter(|scheme| !scheme.is_windows())
    }

    /// Whether the request shows no token of a Windows scheme, as far as all of its head is in the capture.
    pub fn shows_no_token(&self) -> bool {
        !self.request.head.is_cut && self.windows_token().is_none()
    }

    /// Whether the answer is there, with all of its head, and says nothing of why a ticket was not taken.
    pub fn gives_no_reason(&self) -> bool {
        self.krb_error().is_none()
            && self
                .answer
                .as_ref()
                .is_some_and(|answer| !answer.response.head.is_cut)
    }

    /// Whether the answer shows that the server opened the ticket: it holds an AP-REP, which only the session key in the ticket
    /// can make, or says that the negotiation is complete.
    pub fn opens_ticket(&self) -> bool {
        let answer = self.answer_token().filter(|_| self.ap_req().is_some());
        answer.is_some_and(|token| {
            matches!(token.kerberos, Some(KerberosMessage::ApRep))
                || token.neg_state == Some(NegState::AcceptCompleted)
        })
    }

    /// The AP-REQ that the request shows.
    pub fn ap_req(&self) -> Option<&ApReq> {
        self.windows_token()?.ap_req()
    }

    /// The type of the NTLM message that the request shows.
    pub fn ntlm_type(&self) -> Option<u8> {
        self.windows_token()?.ntlm_type()
    }

    /// The token of the answer.
    pub fn answer_token(&self) -> Option<&AuthToken> {
        self.answer.as_ref()?.response.head.auth.as_deref()
    }

    /// The KRB-ERROR in the answer's token: why the server could not take the ticket.
    pub fn krb_error(&self) -> Option<&KrbError> {
        self.answer_token()?.krb_error()
    }

    /// Whether the answer is the second leg of an NTLM handshake.
    pub fn is_ntlm_leg(&self) -> bool {
        self.answer_token().and_then(AuthToken::ntlm_type) == Some(2)
    }

    /// Whether the answer is a 401 without a token, with all of its head: there is no challenge for a handshake in it.
    pub fn is_refused_without_challenge(&self) -> bool {
        self.status() == Some(401)
            && self
                .answer
                .as_ref()
                .is_some_and(|answer| !answer.response.head.is_cut)
            && self.answer_token().and_then(AuthToken::ntlm_type).is_none()
    }

    /// The last place where it stands.
    pub fn last_span(&self) -> &Span {
        self.answer
            .as_ref()
            .map_or(&self.asked, |answer| &answer.span)
    }
}

/// What proxies call themselves in the field `Server` of answers that they write; in those that they pass on it names the server.
const PROXIES: [&str; 3] = ["squid", "tinyproxy", "Zscaler"];

/// Whether the product that `server` begins with is a proxy.
fn is_name_of_proxy(server: &WireText) -> bool {
    let product = server.as_str().split(['/', ' ']).next();
    product.is_some_and(|product| {
        PROXIES
            .iter()
            .any(|name| name.eq_ignore_ascii_case(product))
    })
}

fn begins_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Timestamp;
    use crate::wire::http::ResponseHead;

    fn answer(head: ResponseHead) -> HttpAnswer {
        let time = Timestamp::from_nanos(0);
        HttpAnswer {
            span: Span {
                frames: [crate::frame::FrameNumber(1)].into_iter().collect(),
                time,
                last_time: time,
                loss: None,
            },
            response: HttpResponse {
                head,
                head_bytes: 0,
                body_bytes: 0,
                ccm: None,
                points: None,
                is_of_long_header: false,
            },
        }
    }

    #[test]
    fn iis_says_its_version_and_others_have_none() {
        let of = |server: &str| {
            let head = ResponseHead {
                server: Some(server.into()),
                ..ResponseHead::default()
            };
            answer(head).iis_version()
        };
        assert_eq!(of("Microsoft-IIS/10.0"), Some(10));
        assert_eq!(of("Microsoft-IIS/6.0"), Some(6));
        assert_eq!(of("Microsoft-HTTPAPI/2.0"), None);
        assert_eq!(of("Apache/2.4"), None);
    }

    #[test]
    fn a_location_names_a_host_or_only_a_path() {
        let of = |location: &str| {
            let head = ResponseHead {
                location: Some(location.into()),
                ..ResponseHead::default()
            };
            let answer = answer(head);
            answer
                .location()
                .map(|(scheme, host)| format!("{scheme} {host}"))
        };
        assert_eq!(
            of("https://mp.root.lab:443/x?y"),
            Some("https mp.root.lab".to_owned())
        );
        assert_eq!(
            of("http://[2001:db8::1]:80/x"),
            Some("http 2001:db8::1".to_owned())
        );
        assert_eq!(of("http://me@mp/x"), Some("http mp".to_owned()));
        assert_eq!(of("/other"), None);
        assert_eq!(of("http:///x"), None);
    }
}
