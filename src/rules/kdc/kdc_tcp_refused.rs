//! Rule `kdc-tcp-refused`.

use std::net::IpAddr;

use crate::finding::{Confidence, Evidence, Finding, Fix, Owner};
use crate::model::attempt::Attempt;
use crate::model::exchange::{Moment, Unreachable};
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The machine is up, but nothing answers for Kerberos on it: it refuses the connection, or reports that the port is
    /// closed.
    ///
    /// ## How it shows
    ///
    /// RST to the SYN on port 88, or an ICMP error about the request, and no answer from any KDC afterwards.
    ///
    /// ## What else it could be
    ///
    /// A firewall on the way may send the refusal in the machine's name. Some KDCs reset a connection after a whole
    /// exchange; that is no refusal.
    ///
    /// ## What to do
    ///
    /// See whether the KDC service runs on that machine, and whether DNS still names a machine that is no domain controller
    /// any more.
    pub(in crate::rules) static KDC_TCP_REFUSED = {
        id: "kdc-tcp-refused",
        summary: "the KDC's port is closed",
        severity: Error,
        stage: Net,
        owner: Directory,
        sources: ["https://learn.microsoft.com/troubleshoot/windows-server/windows-security/kerberos-authentication-troubleshooting-guidance"],
        since: "0.1.0",
        supersedes: ["kdc-no-reply", "dns-srv-missing", "http-client-stays-silent", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected", "kdc-tcp-timeout"],
        check: Attempt(check),
    }
}

/// A client that has another KDC to ask does so within much less.
const GIVEN_UP_NANOS: i64 = 3_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    if !attempt.lacks_ticket() {
        return None;
    }
    let refusals = refusals(attempt);
    let last = *refusals.last()?;
    if attempt.hears_from_kdc_after(last.at.frame)
        || !attempt.is_given_up_after(last.at.time, GIVEN_UP_NANOS)
    {
        return None;
    }
    let address = last.kdc;
    let (title, meaning) = match last.rejected_by() {
        None => (
            format!("The KDC {address} refuses: nothing listens on port 88"),
            "The machine is up, and it says that its port of Kerberos is closed".to_owned(),
        ),
        Some(reporter) => (
            format!("{reporter} rejects the client's requests to the KDC {address}"),
            format!("An ICMP error of {reporter} says that they cannot get there"),
        ),
    };
    let evidence = refusals.iter().filter(|refusal| refusal.kdc == address);
    Some(Finding {
        title,
        explanation: format!(
            "The client asked the KDC at {address}. {meaning}; no other KDC answered afterwards."
        ),
        evidence: evidence
            .map(|refusal| Evidence::new(refusal.at.frame, refusal.text()))
            .collect(),
        fix: vec![
            Fix::new(
                "See whether the service runs, on that machine",
                Some("sc query kdc".to_owned()),
            ),
            Fix::new(
                "Try the port from the client",
                Some(format!("Test-NetConnection {address} -Port 88")),
            ),
        ],
        owner: if last.rejected_by().is_none() {
            Owner::Directory
        } else {
            Owner::Network
        },
        ..KDC_TCP_REFUSED.finding(Confidence::Proven)
    })
}

/// A KDC, or something on the way to it, that says no.
#[derive(Clone, Copy)]
struct Refusal {
    kdc: IpAddr,
    at: Moment,
    /// The ICMP error, where it is no RST.
    error: Option<Unreachable>,
}

impl Refusal {
    /// Who reports that the KDC cannot be reached, where it is not said that its port is closed.
    fn rejected_by(self) -> Option<IpAddr> {
        self.error
            .filter(|error| !is_closed_port(*error))
            .map(|error| error.reporter)
    }

    fn text(self) -> String {
        match self.error {
            None => "RST: the connection is refused".to_owned(),
            Some(error) if is_closed_port(error) => {
                "an ICMP error about the request: the port is closed".to_owned()
            }
            Some(error) => format!(
                "ICMP error {}/{} of {} about the request",
                error.icmp_type, error.icmp_code, error.reporter
            ),
        }
    }
}

/// Port unreachable: ICMP 3/3 (RFC 792), `ICMPv6` 1/4 (RFC 4443).
fn is_closed_port(error: Unreachable) -> bool {
    match error.reporter {
        IpAddr::V4(_) => (error.icmp_type, error.icmp_code) == (3, 3),
        IpAddr::V6(_) => (error.icmp_type, error.icmp_code) == (1, 4),
    }
}

/// All refusals of the attempt, in order.
fn refusals(attempt: &Attempt) -> Vec<Refusal> {
    let by_tcp = attempt
        .kdc_connects
        .iter()
        .filter(|connect| connect.is_refused())
        .filter_map(|connect| {
            let error = connect
                .unreachable
                .filter(|_| connect.reset_by_server.is_none());
            Some(Refusal {
                kdc: connect.server.addr,
                at: connect.reset_by_server.or(error.map(|error| error.at))?,
                error,
            })
        });
    let by_udp = attempt
        .tickets
        .iter()
        .filter(|request| request.is_unanswered())
        .filter_map(|request| {
            let error = request
                .unreachable
                .filter(|error| !error.is_lost_fragment())?;
            Some(Refusal {
                kdc: request.kdc.addr,
                at: error.at,
                error: Some(error),
            })
        });
    let mut refusals: Vec<Refusal> = by_tcp.chain(by_udp).collect();
    refusals.sort_by_key(|refusal| refusal.at);
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{HOME, SERVICE, attempt, moment, refused, silent_connect, tgs};
    use crate::wire::kerberos::error_code::ErrorCode;

    fn refused_connect(frame: u64) -> crate::model::connect::Connect {
        let mut connect = silent_connect(&[frame], HOME);
        connect.reset_by_server = Some(moment(frame + 1));
        connect
    }

    #[test]
    fn a_reset_that_nothing_follows_is_a_refusal() {
        let mut attempt = attempt(20);
        attempt.kdc_connects.push(refused_connect(1));
        let finding = check(&attempt).expect("a finding");
        assert!(finding.title.contains("nothing listens"));
    }

    #[test]
    fn a_kdc_that_answers_afterwards_makes_it_routine() {
        let mut attempt = attempt(20);
        attempt.kdc_connects.push(refused_connect(1));
        let answered = refused(tgs(3, HOME, SERVICE), ErrorCode::S_PRINCIPAL_UNKNOWN);
        attempt.tickets.push(answered);
        assert!(check(&attempt).is_none());
    }

    #[test]
    fn a_filter_on_the_way_is_not_the_kdc() {
        let mut attempt = attempt(20);
        let mut request = tgs(1, HOME, SERVICE);
        request.unreachable = Some(Unreachable {
            at: moment(2),
            reporter: "10.0.0.1".parse().expect("an address"),
            icmp_type: 3,
            icmp_code: 13,
        });
        attempt.tickets.push(request);
        let finding = check(&attempt).expect("a finding");
        assert!(finding.title.starts_with("10.0.0.1 rejects"));
    }
}
