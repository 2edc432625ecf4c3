//! The whole way: a capture, its report in every format, its list and its extract.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::diagnose::{self, Settings};
use why401::export::{self, Choice};
use why401::listing::Listing;

fuzz_target!(|data: &[u8]| {
    let settings = Settings::default();
    let (Ok(capture), Ok(mut again)) = (why401_fuzz::reader(data), why401_fuzz::reader(data))
    else {
        return;
    };
    let report = diagnose::diagnose(capture, &settings);
    why401_fuzz::write_all(&report);
    let mut listing = Listing::default();
    diagnose::messages(&mut again, &settings, &mut |message| listing.add(&message));
    listing.into_lines(again.other_numbers(), None);
    if let Some(choice) = Choice::of(&report, None) {
        let mut extract = Vec::new();
        if export::extract(&choice, &|| why401_fuzz::reader(data), &mut extract).is_ok() {
            why401_fuzz::drain(
                &mut why401_fuzz::reader(&extract).expect("an extract is a capture"),
            );
        }
    }
});
