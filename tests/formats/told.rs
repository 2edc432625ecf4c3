//! What the report and the listing say of captures of Windows: the same as of the capture that they were made of.

use std::io::Cursor;

use why401::capture::CaptureReader;
use why401::diagnose::{self, Settings};
use why401::listing::{Line, Listing};
use why401::render::InputFile;
use why401::render::terminal::{self, Clocks, Colour, Look, Signs, Story, Times};
use why401::report::Report;

use crate::etl::article;
use crate::seen::committed;
use crate::support_etl::Form;
use crate::support_netmon::Netmon;

fn reader(bytes: Vec<u8>) -> CaptureReader {
    CaptureReader::of_file(Box::new(Cursor::new(bytes))).expect("a capture")
}

fn lines(bytes: Vec<u8>) -> Vec<Line> {
    let mut reader = reader(bytes);
    let mut listing = Listing::default();
    diagnose::messages(&mut reader, &Settings::default(), &mut |message| {
        listing.add(&message);
    });
    listing.into_lines(reader.other_numbers(), None)
}

fn report(bytes: Vec<u8>) -> Report {
    diagnose::diagnose(reader(bytes), &Settings::default())
}

fn text(report: &Report) -> String {
    let look = Look {
        columns: 100,
        colour: Colour::Off,
        signs: Signs::Unicode,
        times: Times::Relative,
        clocks: Clocks::Off,
        story: Story::Table,
    };
    let mut text = Vec::new();
    terminal::render(report, &[InputFile::default()], look, &mut text).expect("writing to memory");
    String::from_utf8(text).expect("text")
}

#[test]
fn the_listing_is_that_of_the_capture_with_the_numbers_of_the_events() {
    let original = lines(committed("article.pcap"));
    for form in [Form::Plain, Form::Compressed] {
        let mut told = lines(article(form));
        for line in &mut told {
            let events = line.frames.iter().map(|frame| frame.0 + 1);
            assert!(line.other_frames.iter().map(|frame| frame.0).eq(events));
            line.other_frames.clear();
        }
        for (line, original) in told.iter_mut().zip(&original) {
            line.time = original.time;
        }
        assert_eq!(told, original);
    }
}

#[test]
fn the_story_names_the_frames_and_the_events() {
    let text = text(&report(article(Form::Plain)));
    assert!(text.contains("\n  frame  other  time "), "{text}");
    assert!(
        text.contains("\n  17–22  18–23  0.048  client → MP "),
        "{text}"
    );
    assert!(text.contains("of the converted trace; beside them stand"));
    let plain = self::text(&report(committed("article.pcap")));
    assert!(!plain.contains("other  time"));
}

#[test]
fn filters_have_the_numbers_of_their_viewers() {
    let frames = crate::seen::read(&committed("03-spn-missing.pcap")).0;
    let mut cap = Netmon::new((2, 3), 72).frame_of(0xfffd, 0, 4, b"info");
    for frame in &frames {
        cap = cap.frame((frame.nanos - frames[0].nanos) / 1_000, &frame.bytes);
    }
    let told = text(&report(cap.into_bytes()));
    assert!(
        told.contains("  see           frame 46  KDC_ERR_S_PRINCIPAL_UNKNOWN"),
        "{told}"
    );
    assert!(
        told.contains("Wireshark: frame.number==29 || frame.number==44 || frame.number==45\n"),
        "{told}"
    );
    assert!(
        told.contains("Network Monitor: Frame.FrameNumber==30 OR Frame.FrameNumber==45 OR\n"),
        "{told}"
    );
}
