//! Writes the capture that speed is measured on: made up, from a fixed seed, the same bytes each time.
//!
//! `cargo bench --bench generate -- FILE [MEGABYTES]` writes a file of that size (1000 by default): pcap, or what the name ends
//! with, `.cap` or `.etl`. What is in it, and why, is told in `benches/README.md`. `-- FILE KIND [FRAMES]` writes hostile traffic
//! of a kind instead. Without a FILE nothing is done, so that `cargo bench` may run it.

mod conversation;
mod der;
mod hostile;
mod kerberos;
mod packet;
mod random;
mod savefile;
mod traffic;

use std::collections::VecDeque;
use std::env;
use std::io;
use std::path::Path;

use random::Random;
use savefile::Savefile;

const SEED: u64 = 0x5eed_0000_0000_0401;
/// Flows that are under way at a time.
const OPEN: usize = 2_000;

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let Some(path) = words.first() else {
        return Ok(());
    };
    let number = |word: &String| word.parse::<u64>().map_err(io::Error::other);
    let kind = words.get(1).and_then(|word| {
        let mut kinds = hostile::KINDS.iter();
        kinds.find(|kind| kind.name == word)
    });
    let mut savefile = Savefile::create(Path::new(path))?;
    if let Some(kind) = kind {
        let frames = words.get(2).map_or(Ok(kind.frames), number)?;
        for n in 0..frames {
            savefile.record(&(kind.frame)(n))?;
        }
    } else {
        let megabytes = words.get(1).map_or(Ok(1_000), number)?;
        generate(&mut savefile, megabytes * 1_000_000)?;
    }
    savefile.finish()
}

/// Writes frames of open flows, one of any flow at a time, until the file has `size` bytes.
fn generate(savefile: &mut Savefile, size: u64) -> io::Result<()> {
    let mut random = Random::new(SEED);
    let mut flows = (0..).map(|id| VecDeque::from(traffic::flow(id, &mut Random::new(SEED ^ id))));
    let mut open: Vec<VecDeque<Vec<u8>>> = flows.by_ref().take(OPEN).collect();
    while savefile.bytes < size {
        let flow = &mut open[random.below(OPEN)];
        match flow.pop_front() {
            Some(frame) => savefile.record(&frame)?,
            None => flow.extend(flows.next().into_iter().flatten()),
        }
    }
    Ok(())
}
