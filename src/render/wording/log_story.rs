//! What logs say without a capture: titles and times.

use crate::frame::Timestamp;
use crate::render::terminal::Times;
use crate::render::wording::times::full;
use crate::story::log_story::{LogStory, Reading};

/// What stands where a report of a capture says how the attempts ended.
pub(in crate::render) const TITLE: &str = "Logs without a capture";
/// What this is, and what it is not.
pub(in crate::render) const CAVEAT: &str = "There is no capture among the files. What follows is what their lines say; nothing of it was checked against packets.";
/// Before the sentences.
pub(in crate::render) const READINGS: &str = "What the lines come to";
/// Before the lines.
pub(in crate::render) const LINES: &str = "The lines, by time";
/// Before what is left open.
pub(in crate::render) const OPEN: &str = "What only a capture can tell";
/// Before the commands.
pub(in crate::render) const COMMANDS: &str =
    "To take one (why401 checklist has all steps), and then name it beside these files:";

/// When a line was written.
pub(in crate::render) fn time(times: Times, time: Option<Timestamp>) -> String {
    time.map_or_else(|| "not dated".to_owned(), |time| full(times, time))
}

/// A reading with its lines.
pub(in crate::render) fn reading(reading: &Reading) -> String {
    format!("{} [{}]", reading.text, reading.sources.join(", "))
}

/// How to see what is left out, unless only one client is told already.
fn way_out(story: &LogStory, does: &str) -> String {
    if story.is_of_one_client {
        String::new()
    } else {
        format!("; --client ADDRESS {does}")
    }
}

/// What is not told, a sentence each.
pub(in crate::render) fn untold(story: &LogStory) -> Vec<String> {
    let mut told = Vec::new();
    if story.untold_readings > 0 {
        told.push(format!(
            "{} more are not told{}.",
            story.untold_readings,
            way_out(story, "tells those of one client")
        ));
    }
    if story.unfollowed_lines > 0 {
        told.push(format!(
            "{} lines about sign-ons were read and not followed: more addresses and paths are in these files than can be told apart at once{}.",
            story.unfollowed_lines,
            way_out(story, "follows those of one client")
        ));
    }
    if story.untold_lines > 0 {
        told.push(format!(
            "{} more lines were read and are not shown: of a long log the latest ones about sign-ons and registrations stand here, those of Configuration Manager first.",
            story.untold_lines
        ));
    }
    if story.readings.is_empty() {
        told.push("No line tells how a sign-on ended or what the site decided.".to_owned());
    }
    told
}
