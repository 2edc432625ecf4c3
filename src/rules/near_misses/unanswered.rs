//! Rules about requests that got no answer, and tickets that were not shown.

use super::*;
use crate::finding::Owner;

#[test]
fn a_reset_counts_where_the_bare_request_passed() {
    let mut sent = shows_ticket(web(5, 200), NEXT, SERVICE);
    sent.answer = None;
    let mut connect = server_connect(9);
    connect.id = crate::endpoint::ConnectionId(1);
    connect.reset_by_server = Some(moment(7));
    let after = |http| Attempt {
        connects: vec![connect.clone()],
        ..with_web(Outcome::Interrupted, http)
    };
    assert_apart(
        "mp-reset-after-token",
        &after(vec![answers(web(1, 401), None, None), sent.clone()]),
        &after(vec![sent.clone()]),
    );
    let shown = answers(shows_ticket(web(1, 401), NEXT, SERVICE), None, None);
    let none_was_bare = after(vec![shown, sent.clone()]);
    assert_eq!(severity("mp-reset-after-token", &none_was_bare), None);
    let with = |reset: Option<u64>, again: Option<u64>, acknowledged: Option<u64>| {
        let mut attempt = after(vec![answers(web(1, 401), None, None), sent.clone()]);
        for connect in &mut attempt.connects {
            connect.reset_by_server = reset.map(moment);
            connect.retransmitted = again.map(|frame| (moment(frame), moment(frame)));
            connect.acknowledged = acknowledged.map(moment);
        }
        severity("mp-reset-after-token", &attempt)
    };
    assert_eq!(with(Some(4), None, None), None, "reset before the token");
    assert_eq!(with(None, Some(7), None), Some(Severity::Error));
    assert_eq!(with(None, Some(7), Some(8)), None, "lost once and arrived");
    assert_eq!(with(None, Some(58), None), None, "the capture ends");
}

#[test]
fn a_fin_counts_where_the_whole_request_was_acknowledged_before_it() {
    let mut sent = shows_ticket(web(5, 200), NEXT, SERVICE);
    sent.answer = None;
    let with = |acknowledged: Option<u64>, closed: u64, own: u64, unread: Option<u64>| {
        let mut connect = server_connect(own);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.acknowledged = acknowledged.map(moment);
        connect.closed_by_server = Some(moment(closed));
        let http = vec![answers(web(1, 401), None, None), sent.clone()];
        let mut attempt = with_web(Outcome::Interrupted, http);
        attempt.connects = vec![connect];
        attempt.visibility.unread = unread.map(moment);
        attempt
    };
    let closes = with(Some(6), 7, 9, None);
    assert_apart("mp-reset-after-token", &closes, &with(None, 7, 9, None));
    let idle = with(Some(2), 7, 9, None);
    assert_apart("mp-reset-after-token", &closes, &idle);
    let client_ends_first = with(Some(6), 8, 7, None);
    assert_apart("mp-reset-after-token", &closes, &client_ends_first);
    let answer_not_captured = with(Some(6), 7, 9, Some(7));
    assert_apart("mp-reset-after-token", &closes, &answer_not_captured);
    let found = attempt_findings(&closes, &Selection::default());
    let owner = found.iter().find(|it| it.headline).map(|it| it.owner);
    assert_eq!(owner, Some(Owner::Mp), "the server has the request");
}

#[test]
fn a_message_without_an_answer_is_told_where_the_server_was_reached() {
    let sent = |again: Option<u64>| {
        let mut exchange = web(2, 200);
        exchange.answer = None;
        let mut connect = server_connect(58);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.closed_by_client = None;
        connect.retransmitted = again.map(|frame| (moment(frame), moment(frame)));
        let mut attempt = with_web(Outcome::CutShort, vec![exchange]);
        attempt.connects = vec![connect];
        attempt
    };
    let lost = sent(Some(4));
    assert_apart("http-no-answer", &lost, &sent(None));
    assert_apart("http-no-answer", &lost, &sent(Some(58)));
    let mut answered = sent(Some(4));
    let mut other = answers(web(9, 401), None, None);
    other.connection = Some(crate::endpoint::ConnectionId(2));
    answered.http.push(other);
    assert_apart("http-no-answer", &lost, &answered);
    let mut elsewhere = sent(Some(4));
    elsewhere.kind = AttemptKind::SignOn;
    assert_apart("http-no-answer", &lost, &elsewhere);
    let mut unread = sent(Some(4));
    unread.visibility.unread = Some(moment(5));
    assert_apart("http-no-answer", &lost, &unread);
    let mut unheard = sent(Some(4));
    unheard.connects[0].syn_ack = None;
    assert_apart("http-no-answer", &lost, &unheard);
}

#[test]
fn a_server_that_takes_a_message_may_be_slow_but_not_for_long() {
    let taken = |until: u64, own_end: Option<u64>| {
        let mut exchange = web(2, 200);
        exchange.answer = None;
        let mut connect = server_connect(58);
        connect.id = crate::endpoint::ConnectionId(1);
        connect.acknowledged = Some(moment(3));
        connect.closed_by_client = own_end.map(moment);
        Attempt {
            http: vec![exchange],
            outcome: Outcome::Interrupted,
            connects: vec![connect],
            ..attempt(until)
        }
    };
    assert_apart("http-no-answer", &taken(40, None), &taken(20, None));
    assert_apart("http-no-answer", &taken(20, Some(14)), &taken(20, Some(5)));
}

#[test]
fn a_ticket_that_is_not_shown_is_told_where_the_client_is_watched_for_long() {
    let got = |until: u64, granted: u64| Attempt {
        http: vec![answers(web(1, 401), None, None)],
        outcome: Outcome::Interrupted,
        tickets: vec![issued(tgs(granted, HOME, SERVICE), SERVICE)],
        ..attempt(until)
    };
    let rule = "http-client-stays-silent";
    let kept = got(60, 3);
    assert_apart(rule, &kept, &got(20, 3));
    let mut shown = got(60, 3);
    shown.http.push(shows_ticket(web(5, 401), HOME, SERVICE));
    assert_apart(rule, &kept, &shown);
    let mut again = got(20, 3);
    again.http.push(answers(web(7, 401), None, None));
    assert_apart(rule, &again, &got(20, 3));
    let mut before = got(60, 3);
    before.http = vec![answers(web(9, 401), None, None)];
    assert_apart(rule, &kept, &before);
    let mut unread = got(60, 3);
    unread.visibility.unread = Some(moment(6));
    assert_apart(rule, &kept, &unread);
}
