//! Streams that may be packed, by what they begin with: gzip, Zstandard or neither. How far they expand is bounded.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTANDARD: u32 = 0xfd2f_b528;

/// Frames that are to be skipped have magics from this one on, in the last four bits of the first byte.
const SKIPPABLE: u32 = 0x184d_2a50;

/// The most that comes out of one stream, in bytes.
const MOST_BYTES: u64 = 256 << 30;

/// So much comes out of any stream, however small it is packed.
const FREE_BYTES: u64 = 1 << 30;

/// Behind that, how many bytes may come out for each that went in. Layers of images have three to ten.
const MOST_RATIO: u64 = 200;

const BUFFER: usize = 64 << 10;

/// A stream without its packing.
pub(super) fn inflated<'s>(stream: impl Read + Send + 's) -> io::Result<Box<dyn Read + Send + 's>> {
    bounded(stream, FREE_BYTES)
}

fn bounded<'s>(stream: impl Read + Send + 's, free: u64) -> io::Result<Box<dyn Read + Send + 's>> {
    let packed = Arc::new(AtomicU64::new(0));
    let mut stream = BufReader::with_capacity(BUFFER, Counting { stream, bytes: Arc::clone(&packed) });
    let mut begins = [0; 4];
    let held = stream.fill_buf()?;
    let length = held.len().min(4);
    begins[..length].copy_from_slice(&held[..length]);
    let magic = u32::from_le_bytes(begins);
    let inflated: Box<dyn Read + Send + 's> = if begins.starts_with(GZIP) {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(stream)))
    } else if magic == ZSTANDARD || magic & !0xf == SKIPPABLE {
        Box::new(Zstandard { stream, decoder: FrameDecoder::new(), is_in_frame: false })
    } else {
        Box::new(stream)
    };
    Ok(Box::new(Bounded { inflated, packed, bytes: 0, free }))
}

/// Counts what is read through it.
struct Counting<R> {
    stream: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends with an error once too much has come out.
struct Bounded<R> {
    inflated: R,
    packed: Arc<AtomicU64>,
    bytes: u64,
    free: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inflated.read(buffer)?;
        self.bytes += count as u64;
        let fair = self.packed.load(Ordering::Relaxed).saturating_mul(MOST_RATIO).max(self.free);
        if self.bytes > fair {
            let why =
                format!("expands to more than {MOST_RATIO} times its size; expected what software packs to");
            return Err(io::Error::other(why));
        }
        if self.bytes > MOST_BYTES {
            return Err(io::Error::other(format!("expands to more than {MOST_BYTES} bytes")));
        }
        Ok(count)
    }
}

/// Frames of Zstandard one behind the other, RFC 8878, section 3.1.
struct Zstandard<R> {
    stream: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Zstandard<R> {
    /// Begins the next frame with content; false at the end of the stream.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.stream.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.stream) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.stream).take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(format!("is no Zstandard: {error}"))),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Zstandard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame {
                if !self.begin()? {
                    return Ok(0);
                }
                self.is_in_frame = true;
            }
            if self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.decoder.decode_blocks(&mut self.stream, one);
                decoded.map_err(|error| io::Error::other(format!("is broken Zstandard: {error}")))?;
                continue;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            self.is_in_frame = !self.decoder.is_finished();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        inflated(bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn any_packing_and_none_gives_the_same_also_in_several_parts() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        let zstandard = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
        let (left, right) = text.split_at(70_000);
        let skip = [&SKIPPABLE.to_le_bytes()[..], &3_u32.to_le_bytes(), b"abc"].concat();
        for packed in [
            text.clone(),
            gzip(&text),
            [gzip(left), gzip(right)].concat(),
            zstandard(&text),
            [skip.clone(), zstandard(left), skip.clone(), zstandard(right), skip].concat(),
        ] {
            assert!(read(&packed).expect("a stream") == text);
        }
        assert_eq!(read(b"").expect("nothing"), b"");
    }

    #[test]
    fn a_stream_cut_short_is_an_error() {
        let text = vec![b'x'; 100_000];
        let (gzip, zstandard) = (gzip(&text), compress_to_vec(&text[..], CompressionLevel::Fastest));
        for packed in [gzip, zstandard] {
            assert!(read(&packed[..packed.len() - 5]).is_err());
        }
    }

    #[test]
    fn a_bomb_ends_with_an_error() {
        let bomb = gzip(&vec![0; 2 << 20]);
        let end = io::copy(&mut bounded(&*bomb, 1 << 20).expect("a stream"), &mut io::sink());
        assert!(end.is_err_and(|error| error.to_string().contains("more than 200 times")));
    }
}
