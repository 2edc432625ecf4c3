//! Rule `http-400-header-too-long`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::rules::http::Failure;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The header with the token is longer than the web server takes. A ticket with very many groups is the usual
    /// reason.
    ///
    /// ## How it shows
    ///
    /// 431, or a 400 whose page says so, to a request with an Authorization header; a 400 where that has more than 12,000
    /// bytes; a 400 where the same request without the header was answered 401.
    ///
    /// ## What else it could be
    ///
    /// A 400 for another reason, such as a wrong Host, comes to short headers too.
    ///
    /// ## What to do
    ///
    /// Give the account fewer groups, or raise MaxFieldLength and MaxRequestBytes.
    pub(in crate::rules) static HTTP_400_HEADER_TOO_LONG = {
        id: "http-400-header-too-long",
        summary: "the token is too large for the server's limit of headers",
        severity: Error,
        stage: Http,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/http-bad-request-response-kerberos"],
        since: "0.1.0",
        supersedes: ["ntlm-accepted", "http-401-no-reason"],
        check: Attempt(check),
    }
}

/// The usual limit of http.sys for one header is 16,384 bytes; the name and other headers count too.
pub(super) const SUSPECT: usize = 12_000;

pub(super) fn check(attempt: &Attempt) -> Option<Finding> {
    let failure = Failure::of(attempt, |status| matches!(status, 400 | 431))?;
    let bytes = failure.exchange.request.head.auth_header_bytes;
    let reason = Reason::of(attempt, &failure)?;
    let bare = match reason {
        Reason::WithoutToken(bare) => Some(Evidence::new(
            bare,
            "the same request without a token is asked for proof",
        )),
        Reason::Said | Reason::Long => None,
    };
    let mut finding = failure.finding(&HTTP_400_HEADER_TOO_LONG);
    finding.evidence.extend(bare);
    Some(Finding {
        title: format!(
            "The header with the token has {bytes} bytes, and the server answers {}",
            failure.said()
        ),
        explanation: format!(
            "The client showed its token in a header of {bytes} bytes. {}",
            reason.text()
        ),
        fix: vec![
            Fix::new(
                "See the limits, on the server",
                Some(
                    "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"
                        .to_owned(),
                ),
            ),
            Fix::new(
                "Raise MaxFieldLength and MaxRequestBytes to four thirds of the token and 200 more, or take the account out of groups",
                None,
            ),
            Fix::new(
                "Where another server or a proxy answers, raise its own limit (nginx: large_client_header_buffers; Apache: LimitRequestFieldSize; HAProxy: tune.bufsize)",
                None,
            ),
        ],
        confidence: finding.confidence.min(reason.confidence()),
        rivals: reason.rivals().into_iter().chain(finding.rivals).collect(),
        ..finding
    })
}

/// Why it is the header that is too long.
#[derive(Clone, Copy)]
enum Reason {
    /// The server says so.
    Said,
    /// The header is longer than most servers take.
    Long,
    /// The same request without a token got another answer, in this frame.
    WithoutToken(FrameNumber),
}

impl Reason {
    fn of(attempt: &Attempt, failure: &Failure<'_>) -> Option<Self> {
        let response = &failure.answer.response;
        let head = &failure.exchange.request.head;
        if response.head.status == 431 || response.is_of_long_header {
            return (head.auth_header_bytes > 0).then_some(Self::Said);
        }
        if head.auth_header_bytes > SUSPECT {
            return Some(Self::Long);
        }
        failure.exchange.windows_token()?;
        let mut bare = attempt.http.iter().filter(|earlier| {
            earlier.asked.first() < failure.exchange.asked.first()
                && earlier.server == failure.exchange.server
                && earlier.request.head.uri == head.uri
                && earlier.request.head.method == head.method
                && earlier.shows_no_token()
                && earlier.is_challenged()
        });
        let answer = bare.next()?.answer.as_ref()?;
        Some(Self::WithoutToken(answer.span.first()))
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Said => {
                "The server says that the header is longer than it takes. Its limit is a setting: 16,384 bytes on a web server of Windows unless told otherwise, often less elsewhere."
            }
            Self::Long => {
                "Web servers of Windows take 16,384 bytes for a header unless told otherwise, and answer 400 to more."
            }
            Self::WithoutToken(_) => {
                "The same request without it was answered 401, so that it is this header that the server did not take: too long for it, or not to its liking."
            }
        }
    }

    const fn confidence(self) -> Confidence {
        match self {
            Self::Said => Confidence::Proven,
            Self::Long => Confidence::Likely,
            Self::WithoutToken(_) => Confidence::Possible,
        }
    }

    fn rivals(self) -> Vec<Rival> {
        let text = match self {
            Self::Said => return Vec::new(),
            Self::Long => {
                "a filter may refuse the request with 400 for another reason: the server's httperr log names it (RequestLength, FieldLength)"
            }
            Self::WithoutToken(_) => {
                "a filter, or a server that cannot read the token, may answer 400 too: the server's error log tells"
            }
        };
        vec![Rival::new("http-verb-blocked", text)]
    }
}
