//! Captures and logs inside a compressed file: gzip, zstd, lz4 and xz, unpacked as they are read.
//!
//! Never holds more than the window of the compression, and believes none of more than 128 MiB.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder as Lz4Decoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// One read of what is packed.
const READ: usize = 256 << 10;
/// What is unpacked at a time: where one of the packages finds damage, all that it unpacked in that step is lost.
const PIECE: usize = 8 << 10;
/// The window of a compression, in bytes: what `zstd --long` takes, and twice what `xz -9` takes.
const WINDOW: u64 = 128 << 20;

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Lz4,
    Xz,
}

impl Packing {
    /// How a file is packed that begins with `bytes`, if it is.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A zstd file may begin with a frame that its reader is to skip (RFC 8878 section 3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Self::Lz4,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => return None,
        })
    }

    /// What is in it, however many members, frames or streams it has.
    pub(super) fn unpack(self, input: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let input = BufReader::with_capacity(READ, input);
        let (unpacked, damage): (Box<dyn Read + Send>, _) = match self {
            Self::Gzip => (
                Box::new(MultiGzDecoder::new(input)),
                "what gzip packed is cut or damaged",
            ),
            Self::Zstd => (
                Box::new(Zstd::new(input)),
                "what zstd packed is cut or damaged, or takes more than 128 MiB to unpack",
            ),
            Self::Lz4 => (
                Box::new(Lz4(Some(Lz4Decoder::new(input)))),
                "what lz4 packed is cut or damaged",
            ),
            Self::Xz => {
                let most = u32::try_from(WINDOW >> 10).unwrap_or(u32::MAX);
                (
                    Box::new(XzReader::new_mem_limit(input, true, most)),
                    "what xz packed is cut or damaged",
                )
            }
        };
        Box::new(Unpacked { unpacked, damage })
    }
}

/// `input`, unpacked where it is packed.
///
/// # Errors
///
/// What reading its first bytes gives.
pub fn unpacked(mut input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut begin = Vec::new();
    (&mut input).take(8).read_to_end(&mut begin)?;
    let packing = Packing::of(&begin);
    let whole: Box<dyn Read + Send> = Box::new(io::Cursor::new(begin).chain(input));
    Ok(match packing {
        Some(packing) => packing.unpack(whole),
        None => whole,
    })
}

/// Calls what is wrong with the packed data by one name, whatever each package calls it.
struct Unpacked {
    unpacked: Box<dyn Read + Send>,
    damage: &'static str,
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        let len = buffer.len().min(PIECE);
        self.unpacked
            .read(buffer.get_mut(..len).unwrap_or_default())
            .map_err(|error| match error.kind() {
                InvalidData | InvalidInput | Other | UnexpectedEof => {
                    io::Error::new(InvalidData, self.damage)
                }
                _ => error,
            })
    }
}

/// Frames of lz4, one behind the other, each read by a decoder of its own: so each takes something of the input.
struct Lz4<R: Read>(Option<Lz4Decoder<R>>);

impl<R: BufRead> Read for Lz4<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(mut decoder) = self.0.take() {
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                self.0 = Some(decoder);
                return Ok(read);
            }
            let mut rest = decoder.into_inner();
            if !rest.fill_buf()?.is_empty() {
                self.0 = Some(Lz4Decoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Frames of zstd, one behind the other.
struct Zstd<R> {
    input: R,
    decoder: FrameDecoder,
}

impl<R: BufRead> Zstd<R> {
    fn new(input: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { input, decoder }
    }

    /// Begins the next frame, if there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.input) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = (&mut self.input).take(u64::from(length));
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            } else if !self.next_frame()? {
                return Ok(0);
            }
        }
    }
}
