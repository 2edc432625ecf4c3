//! Kerberos over TCP: messages behind their lengths.

use why401::dissect::message::Loss;

use crate::bytes::{as_req, krb_error, record};
use crate::talk::{Said, Talk};

fn said(what: &str, frames: &[u64], loss: Option<Loss>) -> Said {
    (what.to_owned(), frames.to_vec(), loss)
}

#[test]
fn a_message_over_many_segments_and_many_in_one_are_told_apart() {
    let (asks, answers) = (record(&as_req()), record(&krb_error()));
    let mut talk = Talk::with(88);
    talk.client(&asks[..3])
        .client(&asks[3..20])
        .client(&asks[20..]);
    talk.server(&[&answers[..], &answers, &answers[..50]].concat())
        .server(&answers[50..]);
    assert_eq!(
        talk.said(),
        [
            said("as-req", &[3, 4, 5], None),
            said("krb-error", &[6], None),
            said("krb-error", &[6], None),
            said("krb-error", &[6, 7], None),
        ]
    );
    assert_eq!(talk.limitations, []);
}

#[test]
fn kerberos_proves_itself_on_any_port() {
    let mut talk = Talk::with(50_088);
    talk.client(&record(&as_req()))
        .server(&record(&krb_error()));
    assert_eq!(
        talk.said(),
        [said("as-req", &[3], None), said("krb-error", &[4], None)]
    );
    assert_eq!(talk.events.len(), 2, "the handshake is told afterwards");
}

#[test]
fn a_record_that_is_no_message_is_told_and_the_next_one_is_read() {
    let mut talk = Talk::with(88);
    talk.client(&record(&as_req()))
        .client(&[record(&[0x55; 40]), record(&as_req())].concat())
        .server(&record(&krb_error()));
    assert_eq!(
        talk.said(),
        [
            said("as-req", &[3], None),
            said("as-req", &[4], None),
            said("krb-error", &[5], None),
        ]
    );
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
    assert_eq!(talk.limitations[0].since_frame.unwrap().0, 4);
}

#[test]
fn a_length_beyond_all_messages_is_told_and_never_waited_for() {
    let mut talk = Talk::with(88);
    talk.client(&record(&as_req()))
        .client(&[&[0x7f, 0xff, 0xff, 0xff][..], &[0; 60]].concat())
        .client(&record(&as_req()));
    assert_eq!(
        talk.said(),
        [said("as-req", &[3], None), said("as-req", &[5], None)]
    );
    assert_eq!(talk.limitations.len(), 1);
}

#[test]
fn a_message_with_a_hole_is_read_as_far_as_it_goes() {
    let asks = record(&as_req());
    let mut talk = Talk::with(88);
    talk.client_cut(&asks[..100], 40)
        .client(&asks[140..])
        .client(&asks)
        .server(&record(&krb_error()));
    assert_eq!(
        talk.said(),
        [
            said("as-req", &[3, 4], Some(Loss::Snapped)),
            said("as-req", &[5], None),
            said("krb-error", &[6], None),
        ]
    );
}

#[test]
fn a_frame_cut_after_a_few_bytes_still_shows_what_it_begins() {
    let asks = record(&as_req());
    let mut talk = Talk::with(88);
    talk.client_cut(&asks[..14], asks.len() - 14);
    assert_eq!(talk.said(), [said("as-req", &[3], Some(Loss::Snapped))]);
}

#[test]
fn the_end_inside_a_message_is_a_loss_and_never_silence() {
    let answers = record(&krb_error());
    let mut talk = Talk::with(88);
    talk.client(&record(&as_req()))
        .server(&answers[..60])
        .server_closes();
    assert_eq!(talk.said()[1], said("krb-error", &[4], Some(Loss::Ended)));
    let mut talk = Talk::with(88);
    talk.client(&record(&as_req()))
        .server(&[&answers[..], &[0, 0, 0]].concat())
        .server_closes();
    assert_eq!(talk.said().len(), 2);
    assert_eq!(talk.limitations.len(), 1, "{:?}", talk.limitations);
}

#[test]
fn a_capture_that_starts_inside_a_message_finds_the_next_one() {
    let (asks, answers) = (record(&as_req()), record(&krb_error()));
    let mut talk = Talk::midway(50_000, 88);
    talk.client(&asks[70..]).server(&answers).client(&asks);
    assert_eq!(
        talk.said(),
        [said("krb-error", &[2], None), said("as-req", &[3], None)]
    );
    assert_eq!(talk.limitations, []);
}

#[test]
fn the_side_that_asks_is_the_client_whatever_the_ports_say() {
    let mut talk = Talk::midway(1_025, 50_088);
    talk.client(&record(&as_req()))
        .server(&record(&krb_error()));
    let said_all = talk.said();
    assert_eq!(said_all.len(), 2);
    assert_eq!(talk.messages[0].flow.dst.port, 50_088);
}

#[test]
fn a_message_that_may_have_been_in_a_gap_is_told_where_a_kdc_is_asked_and_nowhere_else() {
    for (port, gaps) in [(88, 1), (4_711, 0)] {
        let mut talk = Talk::with(port);
        talk.client_lost(100).client(&[0x6a; 60]).server_closes();
        assert_eq!(talk.said(), []);
        assert_eq!(talk.limitations.len(), gaps, "{:?}", talk.limitations);
        let told = talk.limitations.iter();
        assert!(told.clone().all(|it| it.text.contains("100 bytes")));
    }
}
