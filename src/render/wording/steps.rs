//! Where a step is to be found elsewhere.

use crate::render::wording::frames;
use crate::story::Step;

/// The numbers of the first and last frame in another viewer, or the place of the first one in its file; empty where they are
/// the same.
pub(in crate::render) fn others(step: &Step, captures: &[String]) -> String {
    if let Some((file, number)) = step.places.first() {
        let name = captures.get(*file).map_or("", String::as_str);
        return format!("{name}#{number}");
    }
    match (step.other_frames.first(), step.other_frames.last()) {
        (Some(first), Some(last)) => frames(*first, *last),
        _ => String::new(),
    }
}
