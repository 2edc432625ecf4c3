//! Calls that store registrations and the attempts that they are about.
//!
//! Never takes a call for an attempt's by its time, and says by what it was taken.

use std::sync::Arc;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::profiler::SqlCall;
use crate::model::attempt::Attempt;
use crate::model::witness::{CallRecord, CallSource, Source, Tie};
use crate::outcome::Outcome;
use crate::text::WireText;
use crate::wire::ccm::Registration;
use crate::wire::registration_call::RegistrationCall;

/// A day, in nanoseconds: the clocks of two machines are hardly further apart.
const LONG_BEFORE: i64 = 86_400_000_000_000;

/// Gives `call` of `file` to the attempts that it is about, and says whether there is one.
pub fn take(file: &Arc<str>, call: &SqlCall, attempts: &mut [Attempt]) -> bool {
    let mut found = false;
    for attempt in attempts {
        let Some(tie) = tie(attempt, &call.call) else {
            continue;
        };
        found = true;
        if attempt.calls.len() < Budget::TOLD_LINES {
            attempt.calls.push(CallRecord {
                source: CallSource::Line(Source {
                    file: Arc::clone(file),
                    line: call.number,
                }),
                time: call.time,
                host: call.host.as_deref().map(WireText::from),
                call: call.call.clone(),
                tie,
            });
        }
    }
    found
}

impl Attempt {
    /// The call that says what the site stored last: of those that name its identity or certificate, else of those that bear its
    /// name only, which may be about an earlier registration.
    pub fn stored(&self) -> Option<&CallRecord> {
        let is_certain = |stored: &&CallRecord| stored.tie != Tie::Name;
        let certain = self.calls.iter().rfind(is_certain);
        certain.or(self.calls.last())
    }

    /// The same, where it is about the registration of this attempt: it names more than the computer, and was not made long before.
    pub fn stored_of_this(&self) -> Option<&CallRecord> {
        let stored = self.stored()?;
        let is_earlier = stored.tie == Tie::Name || self.is_long_after(stored);
        (!is_earlier).then_some(stored)
    }

    /// The same, or one that bears the computer's name only and says what the capture shows as well: that the client was proven
    /// where a proof was accepted, that it was not where none was.
    pub fn stored_as_shown(&self) -> Option<&CallRecord> {
        let shown = match self.outcome {
            Outcome::KerberosAccepted | Outcome::NtlmAccepted => (1, 1),
            Outcome::Rejected | Outcome::NoTicket | Outcome::NoToken => (0, 0),
            _ => return self.stored_of_this(),
        };
        let stored = self.stored()?;
        let agrees = stored.call.decision() == Some(shown) && !self.is_long_after(stored);
        agrees.then_some(stored).or_else(|| self.stored_of_this())
    }

    fn is_long_after(&self, stored: &CallRecord) -> bool {
        let is_before = |time: Timestamp| self.first_time().since(time) > LONG_BEFORE;
        stored.time.is_some_and(is_before)
    }
}

/// Why `stored` is taken to be about `attempt`, if it is.
pub fn tie(attempt: &Attempt, stored: &RegistrationCall) -> Option<Tie> {
    let messages = || {
        attempt.http.iter().flat_map(|exchange| {
            let answer = exchange.answer.as_ref();
            let answered = answer.and_then(|answer| answer.response.ccm.as_deref());
            exchange.request.ccm.as_deref().into_iter().chain(answered)
        })
    };
    let registrations = || messages().filter_map(|message| message.registration.as_ref());
    let by_hash = registrations().any(|asked| is_certificate(asked, stored.thumbprint.as_ref()));
    let by_identity = messages()
        .filter_map(|message| message.smsid())
        .any(|smsid| is_same(Some(smsid), stored.smsid.as_ref()));
    let sends_another = stored.thumbprint.is_some()
        && registrations().any(|asked| asked.signing_thumbprint.is_some());
    let by_name = registrations().any(|asked| {
        is_same(asked.fqdn.as_ref(), stored.fqdn.as_ref())
            || is_same(asked.netbios_name.as_ref(), stored.netbios_name.as_ref())
    });
    [
        (by_hash, Tie::Thumbprint),
        (by_identity && sends_another, Tie::OtherCertificate),
        (by_identity, Tie::Identity),
        (by_name, Tie::Name),
    ]
    .into_iter()
    .find_map(|(holds, tie)| holds.then_some(tie))
}

fn is_certificate(asked: &Registration, stored: Option<&String>) -> bool {
    let sent = asked.signing_thumbprint.as_ref();
    sent.zip(stored)
        .is_some_and(|(sent, stored)| sent.eq_ignore_ascii_case(stored))
}

fn is_same(asked: Option<&WireText>, stored: Option<&WireText>) -> bool {
    asked
        .zip(stored)
        .is_some_and(|(asked, stored)| !asked.is_empty() && asked.same_name(stored.as_str()))
}
