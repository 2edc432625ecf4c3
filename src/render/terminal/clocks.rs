//! The clocks of the machines, against that of the capture and against each other.
//!
//! Never calls the capture's clock the client's: where it was taken, it does not say.

use crate::render::layout::width;
use crate::render::terminal::Clocks;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::wording::clocks::{comparisons, describe};
use crate::story::host::Host;

/// A clock is told when it is off by this much: Kerberos allows 300 s, and a minute is on the way there.
const TOLD_MS: u64 = 60_000;

/// All clocks, if one of them is off, or if they are wanted.
pub(super) fn render(hosts: &[Host], page: &mut Page) {
    let known = || {
        hosts
            .iter()
            .filter_map(|host| Some((host, host.clock.as_ref()?)))
    };
    let is_off = known().any(|(_, clock)| clock.offset_ms.unsigned_abs() >= TOLD_MS);
    if known().next().is_none() || !(is_off || page.look.clocks == Clocks::All) {
        return;
    }
    page.blank();
    page.title("CLOCKS");
    let addresses = known().map(|(host, _)| width(&host.address.to_string()));
    let indent = 2 + addresses.max().unwrap_or(0) + 2;
    for (host, clock) in known() {
        let label = format!("  {}", host.address);
        page.labelled((&label, Ink::Plain), indent, (&describe(clock), Ink::Plain));
    }
    for told in comparisons(hosts) {
        page.paragraph(2, &told);
    }
}
