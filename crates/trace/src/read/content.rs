//! Bytes as they were found, hashed; and what is in them, inflated.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use floodmark_case::EvidenceId;
use libdeflater::Decompressor;
use sha2::{Digest, Sha256};

/// Up to this size, compressed or not, a file is taken as a whole; a larger one is streamed.
const WHOLE: usize = 24 << 20;

/// Past this many inflated bytes per byte on disk, and past [`BOMB_FLOOR`] altogether, a file is taken for a bomb.
/// `DEFLATE` cannot do better than 1,032:1; logs reach 40:1, and zeros the limit.
const BOMB_RATIO: u64 = 400;

/// No file is a bomb below this.
const BOMB_FLOOR: u64 = 1 << 30;

/// The buffers of one worker, kept between files.
#[derive(Default)]
pub struct Buffers {
    found: Vec<u8>,
    inflated: Vec<u8>,
    inflate: Option<Decompressor>,
}

impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffers").finish_non_exhaustive()
    }
}

/// What a file holds, whatever it was compressed with.
pub enum Content<'a> {
    /// All of it, in memory.
    Whole(&'a [u8]),
    /// A stream of it. Read errors name what is wrong with the compression.
    Stream(&'a mut dyn BufRead),
}

/// What a file is, apart from what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its SHA-256, as found.
    pub evidence: EvidenceId,
    /// Its size, as found.
    pub bytes: u64,
}

/// Opens a file, gives its content to `read`, and says what it was once all of it has been hashed.
///
/// What `read` leaves unread of a stream is hashed all the same.
pub fn with_content<T>(
    path: &Path,
    buffers: &mut Buffers,
    read: impl FnOnce(Content<'_>) -> T,
) -> io::Result<(Found, T)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if usize::try_from(size).is_ok_and(|size| size <= WHOLE) {
        buffers.found.clear();
        file.read_to_end(&mut buffers.found)?;
        let found = Found { evidence: EvidenceId::of(&buffers.found), bytes: buffers.found.len() as u64 };
        return Ok((found, whole(buffers, read)));
    }
    streamed(file, read)
}

fn whole<T>(buffers: &mut Buffers, read: impl FnOnce(Content<'_>) -> T) -> T {
    if !is_gzip(&buffers.found) && !is_zstd(&buffers.found) {
        return read(Content::Whole(&buffers.found));
    }
    if inflate_whole(buffers) {
        return read(Content::Whole(&buffers.inflated));
    }
    let mut stream = decompressed(&buffers.found[..], buffers.found.len() as u64);
    read(Content::Stream(&mut *stream))
}

/// Inflates in one go what is one plain gzip member of a bounded size; says whether it was.
fn inflate_whole(buffers: &mut Buffers) -> bool {
    let found = &buffers.found;
    let [.., s0, s1, s2, s3] = found[..] else { return false };
    let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
    // A second header may be a second member, which a whole-buffer inflater would leave out in silence.
    let single = memchr::memmem::find(found.get(1..).unwrap_or_default(), &GZIP).is_none();
    if !is_gzip(found) || size > WHOLE || !single {
        return false;
    }
    if buffers.inflated.len() < size {
        buffers.inflated.resize(size, 0);
    }
    let inflate = buffers.inflate.get_or_insert_with(Decompressor::new);
    let whole = inflate.gzip_decompress(found, &mut buffers.inflated[..size]) == Ok(size);
    if whole {
        buffers.inflated.truncate(size);
    }
    whole
}

fn streamed<T>(file: File, read: impl FnOnce(Content<'_>) -> T) -> io::Result<(Found, T)> {
    let mut hashed = BufReader::with_capacity(1 << 18, Hashed { inner: file, hash: Sha256::new(), bytes: 0 });
    let size = hashed.get_ref().inner.metadata()?.len();
    let answer = {
        let mut stream = decompressed(&mut hashed, size);
        read(Content::Stream(&mut *stream))
    };
    io::copy(&mut hashed, &mut io::sink())?;
    let Hashed { hash, bytes, .. } = hashed.into_inner();
    Ok((Found { evidence: EvidenceId::new(hash.finalize().into()), bytes }, answer))
}

const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP)
}

fn is_zstd(bytes: &[u8]) -> bool {
    bytes.starts_with(&ZSTD)
}

/// A stream of what is inside, by the first bytes.
fn decompressed<'a>(mut found: impl BufRead + 'a, size: u64) -> Box<dyn BufRead + 'a> {
    let limit = size.saturating_mul(BOMB_RATIO).max(BOMB_FLOOR);
    // An error here comes again, and is told, at the first read.
    let start = found.fill_buf().unwrap_or_default();
    if is_gzip(start) {
        let inflated = Bounded { inner: flate2::bufread::MultiGzDecoder::new(found), left: limit };
        return Box::new(BufReader::with_capacity(1 << 18, inflated));
    }
    if is_zstd(start) {
        return match ruzstd::decoding::StreamingDecoder::new(found) {
            Ok(decoder) => {
                Box::new(BufReader::with_capacity(1 << 18, Bounded { inner: decoder, left: limit }))
            }
            Err(error) => {
                Box::new(BufReader::new(Broken(Some(io::Error::other(format!("not valid zstd: {error}"))))))
            }
        };
    }
    Box::new(found)
}

/// Hashes and counts what passes.
struct Hashed {
    inner: File,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Stops a decompressor that gives more than a log would.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "the compressed data is cut off"),
            _ => io::Error::new(error.kind(), format!("the compressed data is damaged: {error}")),
        })?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other(format!(
                "inflates to more than {BOMB_RATIO} times its size: taken for a bomb, the rest is not read"
            ))
        })?;
        Ok(count)
    }
}

/// Gives an error once, then the end.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn read(bytes: &[u8]) -> (Found, Result<Vec<u8>, String>) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("a file");
        with_content(file.path(), &mut Buffers::default(), |content| match content {
            Content::Whole(bytes) => Ok(bytes.to_vec()),
            Content::Stream(stream) => {
                let mut all = Vec::new();
                stream.read_to_end(&mut all).map(|_| all).map_err(|error| error.to_string())
            }
        })
        .expect("readable")
    }

    #[test]
    fn plain_gzip_and_several_members_are_read_whole() {
        assert_eq!(read(b"abc").1.as_deref(), Ok(&b"abc"[..]));
        assert_eq!(read(&gzip(b"abc")).1.as_deref(), Ok(&b"abc"[..]));
        let twice = [gzip(b"abc"), gzip(b"abc")].concat();
        assert_eq!(read(&twice).1.as_deref(), Ok(&b"abcabc"[..]));
        assert_eq!(read(&twice).0.evidence, EvidenceId::of(&twice));
    }

    #[test]
    fn truncated_and_damaged_gzip_says_so_and_a_lying_size_is_no_harm() {
        let good = gzip(&b"floodmark ".repeat(1000));
        assert!(read(&good[..good.len() / 2]).1.is_err());
        let mut lying = good.clone();
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(read(&lying).1.is_err());
        assert_eq!(read(&good).1.map(|all| all.len()), Ok(10_000));
    }

    #[test]
    fn a_large_file_is_streamed_and_hashed_as_a_whole() {
        let large = vec![b'x'; WHOLE + 17];
        let (found, content) = read(&large);
        assert_eq!(content.map(|all| all.len()), Ok(large.len()));
        assert_eq!(found, Found { evidence: EvidenceId::of(&large), bytes: large.len() as u64 });
    }
}
