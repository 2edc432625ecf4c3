//! HTTP/1.x: where messages begin and end, on one connection.

use why401::dissect::message::{Loss, MessageBody};

use crate::talk::{Said, Talk};

fn said(what: &str, frames: &[u64], loss: Option<Loss>) -> Said {
    (what.to_owned(), frames.to_vec(), loss)
}

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: mp\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UNAUTHORIZED: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 3\r\n\r\nno!";

#[test]
fn an_answer_before_the_body_was_sent_leaves_the_body_with_its_request() {
    let mut talk = Talk::with(80);
    talk.client(b"CCM_POST /r HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234")
        .server(UNAUTHORIZED)
        .client(b"56789")
        .client(GET)
        .server(OK);
    assert_eq!(
        talk.said(),
        [
            said("CCM_POST /r 10", &[3, 5], None),
            said("401 3", &[4], None),
            said("GET /a 0", &[6], None),
            said("200 2", &[7], None),
        ]
    );
    assert_eq!(talk.limitations, []);
}

#[test]
fn a_refused_expectation_leaves_a_request_without_body() {
    let mut talk = Talk::with(80);
    talk.client(b"POST /r HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
        .server(UNAUTHORIZED)
        .client(b"POST /r HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
        .server(b"HTTP/1.1 100 Continue\r\n\r\n")
        .client(b"0123456789")
        .server(OK)
        .client(b"POST /s HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n")
        .server(UNAUTHORIZED)
        .client_closes();
    assert_eq!(
        talk.said(),
        [
            said("POST /r 0", &[3], None),
            said("401 3", &[4], None),
            said("POST /r 10", &[5, 7], None),
            said("100 0", &[6], None),
            said("200 2", &[8], None),
            said("POST /s 0", &[9], None),
            said("401 3", &[10], None),
        ]
    );
}

#[test]
fn pipelined_requests_keep_the_order_of_their_answers() {
    let mut talk = Talk::with(80);
    let head = b"HEAD /b HTTP/1.1\r\nHost: mp\r\n\r\n";
    let no_body = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
    talk.client(&[GET, head, GET].concat())
        .server(&[OK, no_body, OK].concat());
    assert_eq!(
        talk.said(),
        [
            said("GET /a 0", &[3], None),
            said("HEAD /b 0", &[3], None),
            said("GET /a 0", &[3], None),
            said("200 2", &[4], None),
            said("200 0", &[4], None),
            said("200 2", &[4], None),
        ]
    );
}

#[test]
fn chunks_have_extensions_and_trailers() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;name=v\r\nhel")
        .server(b"lo\r\n0\r\nTrailer: x\r\n")
        .server(b"\r\n")
        .client(GET)
        .server(OK);
    assert_eq!(
        talk.said(),
        [
            said("GET /a 0", &[3], None),
            said("200 5", &[4, 5, 6], None),
            said("GET /a 0", &[7], None),
            said("200 2", &[8], None),
        ]
    );
}

#[test]
fn chunks_that_are_none_are_told() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n")
        .client(GET)
        .server(OK);
    let said_all = talk.said();
    assert_eq!(said_all.len(), 4);
    assert_eq!(said_all[3], said("200 2", &[6], None));
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
    assert!(talk.limitations[0].text.contains("frame 4"));
}

#[test]
fn a_body_without_length_ends_with_the_connection_and_only_then() {
    let head = b"HTTP/1.0 200 OK\r\n\r\nbody";
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(head)
        .server(b"more")
        .server_closes();
    assert_eq!(talk.said()[1], said("200 8", &[4, 5], None));
    let mut talk = Talk::with(80);
    talk.client(GET).server(head).server(b"more");
    assert_eq!(talk.said()[1], said("200 8", &[4, 5], Some(Loss::Ended)));
    let mut talk = Talk::with(80);
    talk.client(GET).server(head).server_resets();
    assert_eq!(talk.said()[1], said("200 4", &[4], Some(Loss::Ended)));
}

#[test]
fn a_body_without_length_ends_before_the_answer_to_the_next_request() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\n\r\n")
        .client(GET)
        .server(OK);
    assert_eq!(talk.said()[1], said("401 0", &[4], None));
    assert_eq!(talk.said()[3], said("200 2", &[6], None));
}

#[test]
fn statuses_without_body_have_none_whatever_their_heads_say() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")
        .client(GET)
        .server(b"HTTP/1.1 204 No Content\r\n\r\n")
        .client(GET)
        .server(OK);
    let answers: Vec<Said> = talk.said().into_iter().skip(1).step_by(2).collect();
    assert_eq!(
        answers,
        [
            said("304 0", &[4], None),
            said("204 0", &[6], None),
            said("200 2", &[8], None),
        ]
    );
}

#[test]
fn a_large_head_over_many_segments_is_one_message() {
    let token = "A".repeat(40_000);
    let head = format!("GET /a HTTP/1.1\r\nAuthorization: Negotiate {token}\r\nHost: mp\r\n\r\n");
    let mut talk = Talk::with(80);
    for part in head.as_bytes().chunks(1_400) {
        talk.client(part);
    }
    talk.server(OK);
    let frames: Vec<u64> = (3..=31).collect();
    assert_eq!(talk.said()[0], said("GET /a 0", &frames, None));
}

#[test]
fn a_head_above_the_budget_is_given_as_far_as_it_was_kept_and_told() {
    let field = format!("X: {}\r\n", "y".repeat(1_000)).repeat(200);
    let head = format!("GET /a HTTP/1.1\r\nHost: mp\r\n{field}\r\n");
    let mut talk = Talk::with(80);
    for part in head.as_bytes().chunks(1_400) {
        talk.client(part);
    }
    talk.server(OK).client(GET).server(OK);
    let said_all = talk.said();
    let names: Vec<&str> = said_all.iter().map(|said| &*said.0).collect();
    assert!(names[0].starts_with("GET /a"), "{names:?}");
    assert_eq!(names[1..], ["200 2", "GET /a 0", "200 2"]);
    assert!(said_all[0].2.is_some());
    assert_eq!(talk.limitations.len(), 1);
}

#[test]
fn fields_that_the_parser_refuses_are_read_all_the_same() {
    let mut talk = Talk::with(80);
    talk.client(b"get /a b?q=\xe4 HTTP/1.1\r\nHost : mp\r\nno colon\r\nContent-Length: 1\r\n\r\nx")
        .server(OK);
    let said_all = talk.said();
    assert_eq!(said_all.len(), 2, "{said_all:?}");
    let MessageBody::HttpRequest(request) = &talk.messages[0].body else {
        panic!("no request");
    };
    assert_eq!(request.head.method.as_str(), "get");
    assert_eq!(request.head.uri.as_str(), "/a b?q=\u{e4}");
    assert_eq!(request.head.host.as_ref().unwrap().as_str(), "mp");
    assert_eq!(request.body_bytes, 1);
}

#[test]
fn bytes_between_messages_that_begin_none_are_told_once() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(OK)
        .server(b"\x00\x01garbage")
        .server(b"\x02more garbage")
        .client(GET)
        .server(OK);
    assert_eq!(talk.said().len(), 4);
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
    assert_eq!(talk.limitations[0].since_frame.unwrap().0, 5);
}

#[test]
fn a_capture_that_starts_inside_an_upload_finds_the_next_message() {
    let mut talk = Talk::midway(50_000, 80);
    for _ in 0..400 {
        talk.client(&[b'u'; 1_400]);
    }
    talk.server(UNAUTHORIZED).client(GET).server(OK);
    assert_eq!(
        talk.said(),
        [
            said("401 3", &[401], None),
            said("GET /a 0", &[402], None),
            said("200 2", &[403], None),
        ]
    );
}

#[test]
fn empty_lines_before_the_first_request_are_passed_over() {
    for blank in [&b"\r\n"[..], b"\n", b"\r\n\r\n\r\n"] {
        let mut talk = Talk::with(8_123);
        talk.client(&[blank, GET].concat()).server(OK);
        let expected = [said("GET /a 0", &[3], None), said("200 2", &[4], None)];
        assert_eq!(talk.said(), expected, "in one segment: {blank:?}");
        let mut talk = Talk::with(8_123);
        talk.client(blank).client(GET).server(OK);
        let expected = [said("GET /a 0", &[4], None), said("200 2", &[5], None)];
        assert_eq!(talk.said(), expected, "in two segments: {blank:?}");
    }
    let mut talk = Talk::with(8_123);
    talk.client(&b"\r\n".repeat(4_096)).client(GET);
    assert_eq!(talk.said(), [], "so many are no beginning of a request");
}

#[test]
fn on_a_port_of_no_meaning_a_short_tail_does_not_hide_the_next_message() {
    let mut talk = Talk::midway(50_000, 8_123);
    for _ in 0..20 {
        talk.client(&[b'u'; 1_400]);
    }
    talk.server(UNAUTHORIZED);
    assert_eq!(talk.said(), [said("401 3", &[21], None)]);
}

#[test]
fn a_lost_first_request_does_not_hide_the_rest_of_the_connection() {
    let mut talk = Talk::with(8_123);
    talk.client_lost(500)
        .client(b"tail of the body")
        .server(UNAUTHORIZED)
        .client(GET)
        .server(OK);
    let said_all = talk.said();
    assert_eq!(said_all.len(), 3, "{said_all:?}");
    assert_eq!(said_all[2], said("200 2", &[6], None));
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
    assert!(talk.limitations[0].text.contains("500 bytes"));
}

#[test]
fn the_side_that_asks_is_the_client_whatever_the_ports_say() {
    let mut talk = Talk::midway(1_025, 50_000);
    talk.client(GET).server(OK).server_closes();
    assert_eq!(
        talk.said(),
        [said("GET /a 0", &[1], None), said("200 2", &[2], None)]
    );
    assert_eq!(talk.messages[0].flow.src.port, 1_025);
    assert_eq!(talk.events.len(), 1);
    assert_eq!(talk.events[0].server.port, 50_000);
}

#[test]
fn a_gap_inside_a_body_of_known_length_ends_where_the_body_ends() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n0123456789")
        .server_lost(10)
        .server(b"0123456789")
        .client(GET)
        .server(OK);
    assert_eq!(
        talk.said(),
        [
            said("GET /a 0", &[3], None),
            said("200 30", &[4, 5], Some(Loss::Missed)),
            said("GET /a 0", &[6], None),
            said("200 2", &[7], None),
        ]
    );
}

#[test]
fn a_gap_beyond_a_body_counts_only_what_belongs_to_it() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n0123456789")
        .server_lost(1_000)
        .server(b"in the middle of something")
        .client(GET)
        .server(OK);
    let answers: Vec<Said> = talk.said().into_iter().skip(1).step_by(2).collect();
    assert_eq!(
        answers,
        [
            said("200 30", &[4], Some(Loss::Missed)),
            said("200 2", &[7], None),
        ]
    );
}

#[test]
fn a_gap_inside_a_chunk_keeps_the_framing() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01234")
        .server_lost(7)
        .server(b"3\r\nabc\r\n0\r\n\r\n")
        .client(GET)
        .server(OK);
    assert_eq!(talk.said()[1], said("200 13", &[4, 5], Some(Loss::Missed)));
    assert_eq!(talk.said()[3], said("200 2", &[7], None));
}

#[test]
fn a_head_with_a_gap_is_read_as_far_as_it_goes() {
    let mut talk = Talk::with(80);
    talk.client_cut(b"CCM_POST /r HTTP/1.1\r\nHost: mp\r\nContent-Le", 40)
        .client_cut(b"body", 1_400)
        .server_cut(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nDa",
            50,
        )
        .server(b"tail")
        .client(GET)
        .server(OK);
    let said_all = talk.said();
    let frames: Vec<(&[u64], Option<Loss>)> =
        said_all.iter().map(|said| (&*said.1, said.2)).collect();
    assert_eq!(
        frames,
        [
            (&[3, 4][..], Some(Loss::Snapped)),
            (&[5, 6], Some(Loss::Snapped)),
            (&[7], None),
            (&[8], None),
        ]
    );
    let MessageBody::HttpResponse(response) = &talk.messages[1].body else {
        panic!("no response");
    };
    assert_eq!(response.head.status, 401);
    assert!(response.head.challenges[0].is_negotiate());
}

#[test]
fn a_gap_between_messages_is_told() {
    let mut talk = Talk::with(80);
    talk.client(GET)
        .server(OK)
        .client_lost(300)
        .server(UNAUTHORIZED)
        .client(GET)
        .server(OK);
    assert_eq!(talk.said().len(), 5);
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
    assert!(talk.limitations[0].text.contains("300 bytes"));
}

#[test]
fn a_tunnel_may_hold_another_protocol() {
    let mut talk = Talk::with(8_080);
    talk.client(b"CONNECT mp:443 HTTP/1.1\r\nHost: mp:443\r\n\r\n")
        .server(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .client(&crate::bytes::client_hello(1));
    assert_eq!(
        talk.said(),
        [
            said("CONNECT mp:443 0", &[3], None),
            said("200 0", &[4], None),
            said("hello SMS4-120-52S.A2003.VM.local", &[5], None),
        ]
    );
}

#[test]
fn the_preface_of_http_2_is_not_http_1() {
    let mut talk = Talk::with(80);
    talk.client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .server(b"\x00\x00\x12\x04\x00");
    assert_eq!(talk.said(), []);
}

#[test]
fn an_end_inside_a_message_is_a_loss() {
    let mut talk = Talk::with(80);
    talk.client(b"CCM_POST /r HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234")
        .server(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nConte")
        .server_closes();
    assert_eq!(
        talk.said(),
        [
            said("CCM_POST /r 5", &[3], Some(Loss::Ended)),
            said("401 0", &[4], Some(Loss::Ended)),
        ]
    );
}

#[test]
fn bytes_one_at_a_time_are_the_same_messages() {
    let mut talk = Talk::with(8_123);
    for byte in GET {
        talk.client(&[*byte]);
    }
    for byte in UNAUTHORIZED {
        talk.server(&[*byte]);
    }
    let said_all = talk.said();
    let first: Vec<u64> = (3..).take(GET.len()).collect();
    let second: Vec<u64> = (3..).skip(GET.len()).take(UNAUTHORIZED.len()).collect();
    assert_eq!(
        said_all,
        [said("GET /a 0", &first, None), said("401 3", &second, None)]
    );
    assert_eq!(talk.limitations, []);
}
