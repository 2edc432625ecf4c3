//! Where a step is to be found elsewhere.

use crate::render::wording::frames;
use crate::story::Step;

/// The numbers of the first and last frame in another viewer; empty where they are the same.
pub(in crate::render) fn others(step: &Step) -> String {
    match (step.other_frames.first(), step.other_frames.last()) {
        (Some(first), Some(last)) => frames(*first, *last),
        _ => String::new(),
    }
}
