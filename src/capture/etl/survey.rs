//! What the whole of a trace says before its packets can be told: where they were seen, who else wrote, what was cut and dropped.
//!
//! Never keeps a packet.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use crate::capture::etl::events::{Event, Provider};
use crate::capture::etl::folding;
use crate::capture::etl::ndis::{self, Layers, Piece};
use crate::capture::etl::packets::counted;
use crate::capture::etl::pktmon::{self, Appearance, Components, Drop};
use crate::capture::etl::providers;
use crate::capture::etl::ras;
use crate::capture::progress::Progress;

/// Providers that are counted apart, and kinds of drops.
const KINDS: usize = 256;
/// Packets that were dropped and are looked for among those that were not.
const DOOMED: usize = 65_536;
/// So many of them are named.
const NAMED: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub(in crate::capture) struct Survey {
    events: u64,
    /// Events that hold a packet, or a piece of one.
    packets: u64,
    providers: HashMap<Provider, u64, FxBuildHasher>,
    pub(super) layers: Layers,
    pub(super) components: Components,
    /// What the rules of the recording let through.
    filters: BTreeSet<String>,
    /// Packets of pktmon, and those of which it did not keep all.
    monitored: u64,
    cut: u64,
    /// By component, reason and location.
    drops: BTreeMap<(u16, Drop), u64>,
    /// Digests of packets that were dropped.
    pub(super) doomed: HashSet<u64, FxBuildHasher>,
}

impl Survey {
    /// Takes in one event.
    pub(in crate::capture) fn note(&mut self, event: &Event<'_>) {
        self.events += 1;
        match event.provider {
            ndis::PROVIDER => {
                if let Some(piece) = Piece::read(event) {
                    self.packets += 1;
                    self.layers.note(piece.interface);
                } else if self.filters.len() < KINDS {
                    self.filters.extend(ndis::filter(event));
                }
            }
            pktmon::PROVIDER => match Appearance::read(event) {
                Some(packet) => self.note_packet(&packet),
                None => {
                    self.components.note(event);
                }
            },
            ras::PROVIDER => self.packets += u64::from(ras::packet(event).is_some()),
            _ => {}
        }
        self.count(event.provider);
    }

    fn count(&mut self, provider: Provider) {
        if self.providers.len() < KINDS || self.providers.contains_key(&provider) {
            *self.providers.entry(provider).or_default() += 1;
        }
    }

    fn note_packet(&mut self, packet: &Appearance<'_>) {
        if let Some(drop) = packet.drop {
            let kind = (packet.place.component, drop);
            if self.drops.len() < KINDS || self.drops.contains_key(&kind) {
                *self.drops.entry(kind).or_default() += 1;
            }
            if let Some(link) = packet.link.filter(|_| self.doomed.len() < DOOMED) {
                self.doomed.insert(folding::content(packet, link));
            }
        } else if packet.link.is_some() {
            self.packets += 1;
            self.monitored += 1;
            self.cut += u64::from(packet.is_cut());
            self.components.see(packet.place);
        }
    }

    /// Tells what matters before the first packet.
    pub(super) fn remark(&self, progress: &mut Progress) {
        if self.cut > 0 {
            progress.remark(format!(
                "pktmon kept only the first bytes (128, unless told otherwise) of {} of {}, so that tickets and web requests \
                 cannot be read. Record again with: pktmon start --capture --pkt-size 0",
                self.cut,
                counted(self.monitored, "packet")
            ));
        }
        if !self.filters.is_empty() {
            let filters: Vec<&str> = self.filters.iter().map(String::as_str).collect();
            progress.remark(format!(
                "The trace was recorded with a filter ({}): other traffic may be missing from it.",
                filters.join(", ")
            ));
        }
        for ((component, drop), count) in &self.drops {
            progress.remark(format!(
                "{} dropped {} (reason {}, location {:#x} of pktmon).",
                self.components.name(*component),
                counted(*count, "packet"),
                drop.reason,
                drop.location
            ));
        }
    }

    /// Whether there is any packet.
    pub(in crate::capture) const fn has_packets(&self) -> bool {
        self.packets > 0
    }

    /// What a trace without a packet is, and how to make one that has some.
    pub(in crate::capture) fn no_packets(&self, progress: &Progress) -> String {
        let written = format!("{}{}", counted(self.events, "event"), self.writers());
        if !progress.is_complete() {
            return format!(
                "is a Windows trace log (.etl) that is damaged: no packet can be read, and {written}; copy it again"
            );
        }
        let what = if self.providers.contains_key(&pktmon::PROVIDER) {
            "is a trace of pktmon that only counted packets and kept none".to_owned()
        } else {
            format!("is a Windows trace log (.etl) without a packet: {written}")
        };
        format!(
            "{what}; record packets with: pktmon start --capture --pkt-size 0, or with: netsh trace start capture=yes"
        )
    }

    /// Who wrote most of the events.
    fn writers(&self) -> String {
        let mut by_count: Vec<(&Provider, &u64)> = self.providers.iter().collect();
        by_count.sort_by_key(|(provider, count)| (std::cmp::Reverse(**count), **provider));
        let most = by_count.iter().take(NAMED);
        let names: Vec<String> = most
            .map(|(provider, _)| providers::name(provider))
            .collect();
        if names.is_empty() {
            String::new()
        } else {
            format!(" of {}", names.join(", "))
        }
    }
}
