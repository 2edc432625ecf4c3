//! Writes the capture that speed is measured on: made up, from a fixed seed, the same bytes each time.
//!
//! `cargo bench --bench generate -- FILE [MEGABYTES]` writes a pcap file of that size (1000 by default). What is in it, and
//! why, is told in `benches/README.md`. `-- FILE KIND [FRAMES]` writes hostile traffic of a kind instead. Without a FILE nothing is done, so that `cargo bench` may run it.

mod conversation;
mod der;
mod hostile;
mod kerberos;
mod packet;
mod random;
mod traffic;

use std::collections::VecDeque;
use std::env;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use random::Random;

const SEED: u64 = 0x5eed_0000_0000_0401;
/// Flows that are under way at a time.
const OPEN: usize = 2_000;
/// 2009-05-20T19:35:10Z.
const BEGIN_MICROS: u64 = 1_242_848_110_000_000;
/// Between two frames: some 2,500 of them a second.
const STEP_MICROS: u64 = 400;

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
    let mut savefile = Savefile::create(File::create(path)?)?;
    if let Some(kind) = kind {
        let frames = words.get(2).map_or(Ok(kind.frames), number)?;
        for n in 0..frames {
            savefile.record(&(kind.frame)(n))?;
        }
    } else {
        let megabytes = words.get(1).map_or(Ok(1_000), number)?;
        generate(&mut savefile, megabytes * 1_000_000)?;
    }
    savefile.out.flush()
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

/// A pcap file, with microseconds and of Ethernet.
struct Savefile {
    out: BufWriter<File>,
    bytes: u64,
    micros: u64,
}

impl Savefile {
    fn create(file: File) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        for field in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
            out.write_all(&field.to_le_bytes())?;
        }
        Ok(Self {
            out,
            bytes: 24,
            micros: BEGIN_MICROS,
        })
    }

    fn record(&mut self, frame: &[u8]) -> io::Result<()> {
        self.micros += STEP_MICROS;
        let len = frame.len() as u64;
        for field in [self.micros / 1_000_000, self.micros % 1_000_000, len, len] {
            let field = u32::try_from(field).map_err(io::Error::other)?;
            self.out.write_all(&field.to_le_bytes())?;
        }
        self.bytes += 16 + len;
        self.out.write_all(frame)
    }
}
