//! The rules against the catalogue of known causes: `tests/catalogue-ids.txt` has its ids and nothing else.

use std::collections::BTreeSet;

/// Ids of the catalogue that are no rules here, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "ap-channel-binding",
        "bindings are checked inside TLS only, where no token can be seen; the IIS log would tell",
    ),
    (
        "cap-checksum-offload",
        "what it calms is a viewer's complaint, and this program makes none: frames with a wrong checksum are read like others, in both directions. Which machine captured is not in a capture, so that a wrong checksum of a frame that came in, which would mean damage, cannot be told from one that is written later; and a damaged frame shows as a segment that nobody acknowledges and that is sent again",
    ),
    ("compound-identity", "the kind of armor is not decoded"),
    (
        "http-retry-storm",
        "equal attempts are folded into one with a count",
    ),
    (
        "normal-aaaa-nodata",
        "look-ups of one name are one step, and an empty answer beside an address is not shown",
    ),
    (
        "normal-anonymous-ccm-path",
        "an accepted message is shown as accepted",
    ),
    (
        "normal-forwarded-tgt",
        "requests of other processes are summed up and not shown",
    ),
    (
        "normal-http-close",
        "the end of a connection is not shown unless it cut something off",
    ),
    (
        "normal-kdc-close",
        "the end of a connection is not shown unless it cut something off",
    ),
    (
        "normal-minus-135",
        "lists of encryption types are not shown as faults; explain knows the number",
    ),
    (
        "normal-ms-oid",
        "lists of mechanisms are not shown as faults; explain knows the number",
    ),
    (
        "normal-negoex",
        "lists of mechanisms are not shown as faults; explain knows the number",
    ),
    (
        "normal-offload",
        "checksums and sizes of frames are neither looked at nor shown, see cap-checksum-offload",
    ),
    (
        "normal-raw-krb5",
        "the form of a token is not shown as a fault",
    ),
    (
        "normal-rc4-ticket",
        "the encryption type is told in the step and not as a fault",
    ),
    (
        "normal-reject-then-mic",
        "optional fields of a reply are not shown",
    ),
    ("normal-retransmission", "copies of segments are not shown"),
    (
        "normal-self-ticket",
        "requests of other processes are summed up and not shown",
    ),
    (
        "normal-tkt-expired",
        "the rule tgs-tkt-expired is an expected step unless it is the last word",
    ),
];

/// Rules that the catalogue does not have, and what they see.
const OWN: &[(&str, &str)] = &[
    (
        "http-401-log-reason",
        "the catalogue goes by packets; this is what the server's log adds to them",
    ),
    (
        "http-4xx",
        "the catalogue has 400 for a long header, 403, 404 and 405; the other statuses of the class end a sign-on too",
    ),
    (
        "http-no-answer",
        "seen in a lab whose filter drops large packets; the catalogue has it of KDCs, and of a web server only behind the token",
    ),
    (
        "http-other-proof",
        "the catalogue knows proofs of Windows only; clients of other web servers show Basic too",
    ),
    (
        "one-ticket-two-answers",
        "seen in a lab with a load balancer before two servers; the catalogue goes by single sign-ons",
    ),
    (
        "tgs-tkt-not-yet-valid",
        "seen in a lab whose two KDCs had clocks six minutes apart; the catalogue has it of web servers only",
    ),
];

fn catalogue() -> BTreeSet<&'static str> {
    include_str!("catalogue-ids.txt").lines().collect()
}

#[test]
fn every_cause_of_the_catalogue_is_a_rule_or_left_out_for_a_reason() {
    let rules: BTreeSet<&str> = why401::rules::RULES
        .iter()
        .map(|rule| rule.meta.id)
        .collect();
    let left_out: BTreeSet<&str> = LEFT_OUT.iter().map(|(id, _)| *id).collect();
    assert!(rules.is_disjoint(&left_out), "a rule is not left out");
    let own: BTreeSet<&str> = OWN.iter().map(|(id, _)| *id).collect();
    assert!(own.is_subset(&rules), "rules of our own are rules");
    let known: BTreeSet<&str> = rules.union(&left_out).copied().collect();
    let known: BTreeSet<&str> = known.difference(&own).copied().collect();
    assert_eq!(known, catalogue());
}

#[test]
fn whoever_leaves_something_out_says_why() {
    assert!(
        LEFT_OUT
            .iter()
            .chain(OWN)
            .all(|(_, reason)| reason.len() > 20)
    );
    assert!(LEFT_OUT.windows(2).all(|pair| pair[0].0 < pair[1].0));
}
