//! Which queries of a client may have been sent before, so that not each has to be compared with all that wait.
//!
//! Never says that one was: that is for who compares them.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashSet, FxHasher};

use crate::model::lookup::Lookup;

/// Keys that may be of lookups that are gone, before they are gathered anew: fewer are not worth it.
const GONE: usize = 64;
/// So few lookups are compared with one another sooner than their keys are made.
const FEW: usize = 8;

/// Where there are more than a few, the keys of all lookups without an answer, and of some that are gone: at most four times as many
/// as there are lookups.
#[derive(Debug, Default)]
pub(super) struct Asked(Option<FxHashSet<u64>>);

impl Asked {
    /// Whether the same may have been asked before, with the same identifier or from the same port.
    pub(super) fn may_hold(&self, lookup: &Lookup) -> bool {
        let known = self.0.as_ref();
        known.is_none_or(|known| keys(lookup).iter().any(|key| known.contains(key)))
    }

    /// Adds a lookup that is about to stand beside `others`.
    pub(super) fn add(&mut self, lookup: &Lookup, others: &[Lookup]) {
        let most = 4 * others.len() + GONE;
        self.0 = match self.0.take() {
            _ if others.len() < FEW => None,
            Some(known) if known.len() <= most => Some(known),
            _ => {
                let waiting = others.iter().filter(|other| other.answer.is_none());
                Some(waiting.flat_map(keys).collect())
            }
        };
        if let Some(known) = &mut self.0 {
            known.extend(keys(lookup));
        }
    }

    /// Takes a lookup out that is answered now. No other one that waits has a key of it: it would have been taken for a copy.
    pub(super) fn remove(&mut self, lookup: &Lookup) {
        if let Some(known) = &mut self.0 {
            for key in keys(lookup) {
                known.remove(&key);
            }
        }
    }
}

/// One with the identifier, one with the port of the client.
fn keys(lookup: &Lookup) -> [u64; 2] {
    [(false, lookup.id), (true, lookup.client.port)].map(|number| {
        let mut hasher = FxHasher::default();
        let question = (&lookup.name, lookup.qtype, lookup.server, lookup.transport);
        (question, number).hash(&mut hasher);
        hasher.finish()
    })
}
