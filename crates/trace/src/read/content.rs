//! Bytes as they were found, hashed; and what is in them, inflated.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};

use floodmark_case::EvidenceId;
use libdeflater::Decompressor;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest, Sha256};

use super::inputs::Source;

/// Up to this size, compressed or not, a file is taken as a whole; a larger one is streamed.
const WHOLE: usize = 24 << 20;

/// A compressed file beyond this size is not also inflated as a whole, so that a worker stays within bounds.
const WHOLE_COMPRESSED: usize = 12 << 20;

/// Past this many inflated bytes per byte on disk, and past [`BOMB_FLOOR`] altogether, a file is taken for a bomb.
/// `DEFLATE` cannot do better than 1,032:1; logs reach 40:1, and zeros the limit.
const BOMB_RATIO: u64 = 250;

/// No file is a bomb below this.
const BOMB_FLOOR: u64 = 256 << 20;

/// No zstd frame may ask for a larger window.
const MAX_ZSTD_WINDOW: u64 = 16 << 20;

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
    /// The SHA-256 of its content, if that was asked for and all of it could be read.
    pub content: Option<EvidenceId>,
    /// Whether its size changed while it was read.
    pub changed: bool,
}

/// What is to be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hashing {
    /// The file as found.
    #[default]
    Found,
    /// Also what is in it, uncompressed.
    FoundAndContent,
}

/// Opens a source, gives its content to `read`, and says what it was once all of it has been hashed.
///
/// What `read` leaves unread of a stream is hashed all the same.
pub fn with_content<T>(
    source: &Source,
    buffers: &mut Buffers,
    hashing: Hashing,
    read: impl FnOnce(Content<'_>) -> T,
) -> io::Result<(Found, T)> {
    let mut file = match source {
        Source::Path(path) => File::open(path)?,
        Source::Open(file) => from_the_beginning(file)?,
        Source::Held(bytes) => return Ok(held(bytes, buffers, hashing, read)),
    };
    let size = file.metadata()?.len();
    if size > WHOLE as u64 {
        return streamed(file, size, hashing, read);
    }
    buffers.found.clear();
    buffers.found.shrink_to(WHOLE_COMPRESSED);
    // One byte more, so that a file that grows is seen to.
    buffers.found.reserve_exact(usize::try_from(size).unwrap_or(WHOLE).saturating_add(1));
    (&mut file).take(WHOLE as u64 + 1).read_to_end(&mut buffers.found)?;
    if buffers.found.len() > WHOLE {
        buffers.found = Vec::new();
        file.rewind()?;
        return streamed(file, size, hashing, read);
    }
    let evidence = EvidenceId::of(&buffers.found);
    let bytes = buffers.found.len() as u64;
    let mut content = None;
    let answer = whole(buffers, hashing, evidence, &mut content, read);
    let changed = bytes != size || file.metadata()?.len() != size;
    Ok((Found { evidence, bytes, content, changed }, answer))
}

/// The same open file once more. Its position is shared, so one worker at a time may read it.
fn from_the_beginning(file: &File) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

fn held<T>(
    bytes: &[u8],
    buffers: &mut Buffers,
    hashing: Hashing,
    read: impl FnOnce(Content<'_>) -> T,
) -> (Found, T) {
    buffers.found.clear();
    buffers.found.extend_from_slice(bytes);
    let evidence = EvidenceId::of(bytes);
    let mut content = None;
    let answer = whole(buffers, hashing, evidence, &mut content, read);
    (Found { evidence, bytes: bytes.len() as u64, content, changed: false }, answer)
}

fn whole<T>(
    buffers: &mut Buffers,
    hashing: Hashing,
    evidence: EvidenceId,
    content: &mut Option<EvidenceId>,
    read: impl FnOnce(Content<'_>) -> T,
) -> T {
    let hash = |of: &dyn Fn() -> EvidenceId| (hashing == Hashing::FoundAndContent).then(of);
    if !is_gzip(&buffers.found) && !is_zstd(&buffers.found) {
        *content = hash(&|| evidence);
        return read(Content::Whole(&buffers.found));
    }
    if let Some(size) = inflate_whole(buffers) {
        let inflated = &buffers.inflated[..size];
        *content = hash(&|| EvidenceId::of(inflated));
        return read(Content::Whole(inflated));
    }
    buffers.inflated = Vec::new();
    let stream = decompressed(&buffers.found[..], buffers.found.len() as u64);
    read_hashed(stream, hashing, content, read)
}

/// Inflates in one go what is one plain gzip member of a bounded size; how long it is, if it was. The buffer may be longer.
fn inflate_whole(buffers: &mut Buffers) -> Option<usize> {
    let found = &buffers.found;
    let [.., s0, s1, s2, s3] = found[..] else { return None };
    let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
    // A second header may be a second member, which a whole-buffer inflater would leave out in silence.
    let single = memchr::memmem::find(found.get(1..).unwrap_or_default(), &GZIP).is_none();
    if !is_gzip(found) || found.len() > WHOLE_COMPRESSED || size > WHOLE || !single {
        return None;
    }
    if buffers.inflated.len() < size {
        buffers.inflated.resize(size, 0);
    }
    let inflate = buffers.inflate.get_or_insert_with(Decompressor::new);
    let inflated = inflate.gzip_decompress(found, &mut buffers.inflated[..size]);
    (inflated == Ok(size)).then_some(size)
}

fn streamed<T>(
    file: File,
    size: u64,
    hashing: Hashing,
    read: impl FnOnce(Content<'_>) -> T,
) -> io::Result<(Found, T)> {
    let mut hashed = BufReader::with_capacity(1 << 18, Hashed::new(file));
    let mut content = None;
    let answer = read_hashed(decompressed(&mut hashed, size), hashing, &mut content, read);
    io::copy(&mut hashed, &mut io::sink())?;
    let Hashed { hash, bytes, .. } = hashed.into_inner();
    let evidence = EvidenceId::new(hash.finalize().into());
    Ok((Found { evidence, bytes, content, changed: bytes != size }, answer))
}

/// Gives a stream to `read`, hashing what passes if that is asked, to the end if that can be reached.
fn read_hashed<T>(
    mut stream: Box<dyn BufRead + '_>,
    hashing: Hashing,
    content: &mut Option<EvidenceId>,
    read: impl FnOnce(Content<'_>) -> T,
) -> T {
    if hashing == Hashing::Found {
        return read(Content::Stream(&mut *stream));
    }
    let mut hashed = BufReader::with_capacity(1 << 16, Hashed::new(stream));
    let answer = read(Content::Stream(&mut hashed));
    let is_whole = io::copy(&mut hashed, &mut io::sink()).is_ok() && !hashed.get_ref().has_failed;
    let hash = hashed.into_inner().hash;
    *content = is_whole.then(|| EvidenceId::new(hash.finalize().into()));
    answer
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
fn decompressed<'a>(found: impl BufRead + 'a, size: u64) -> Box<dyn BufRead + 'a> {
    bounded(found, size.saturating_mul(BOMB_RATIO).max(BOMB_FLOOR))
}

/// The same, up to so many bytes.
fn bounded<'a>(mut found: impl BufRead + 'a, limit: u64) -> Box<dyn BufRead + 'a> {
    // An error here comes again, and is told, at the first read.
    let start = found.fill_buf().unwrap_or_default();
    if is_gzip(start) {
        let inflated = Bounded { inner: flate2::bufread::MultiGzDecoder::new(found), left: limit };
        return Box::new(BufReader::with_capacity(1 << 18, inflated));
    }
    if is_zstd(start) {
        let inflated = Bounded { inner: ZstdFrames::new(found), left: limit };
        return Box::new(BufReader::with_capacity(1 << 18, inflated));
    }
    Box::new(found)
}

/// All frames of a zstd file, one after the other.
struct ZstdFrames<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdFrames<R> {
    fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_ZSTD_WINDOW);
        Self { source, decoder, in_frame: false }
    }

    /// Goes to the next frame that holds data; says whether there is one.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && !self.next_frame()? {
                return Ok(0);
            }
            self.in_frame = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.in_frame = false;
        }
    }
}

/// What both inflaters make of the same bytes, up to a few megabytes; for the fuzz target.
pub(super) fn both_ways(found: &[u8]) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    const LIMIT: u64 = 4 << 20;
    let mut buffers = Buffers { found: found.to_vec(), ..Buffers::default() };
    let whole = inflate_whole(&mut buffers).map(|size| buffers.inflated[..size].to_vec());
    let mut streamed = Vec::new();
    let read = decompressed(found, found.len() as u64).take(LIMIT).read_to_end(&mut streamed);
    (whole, read.is_ok_and(|length| (length as u64) < LIMIT).then_some(streamed))
}

/// Hashes and counts what passes.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
    has_failed: bool,
}

impl<R> Hashed<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0, has_failed: false }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).inspect_err(|_| self.has_failed = true)?;
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
        with_content(
            &Source::Path(file.path().to_owned()),
            &mut Buffers::default(),
            Hashing::FoundAndContent,
            |content| match content {
                Content::Whole(bytes) => Ok(bytes.to_vec()),
                Content::Stream(stream) => {
                    let mut all = Vec::new();
                    stream.read_to_end(&mut all).map(|_| all).map_err(|error| error.to_string())
                }
            },
        )
        .expect("readable")
    }

    #[test]
    fn plain_gzip_and_several_members_are_read_whole() {
        assert_eq!(read(b"abc").1.as_deref(), Ok(&b"abc"[..]));
        assert_eq!(read(&gzip(b"abc")).1.as_deref(), Ok(&b"abc"[..]));
        let twice = [gzip(b"abc"), gzip(b"abc")].concat();
        assert_eq!(read(&twice).1.as_deref(), Ok(&b"abcabc"[..]));
        assert_eq!(read(&twice).0.evidence, EvidenceId::of(&twice));
        assert_eq!(read(&twice).0.content, Some(EvidenceId::of(b"abcabc")));
        assert_eq!(read(&gzip(b"abc")).0.content, Some(EvidenceId::of(b"abc")));
        assert_eq!(read(&twice[..twice.len() - 9]).0.content, None);
    }

    #[test]
    fn a_bomb_is_cut_at_its_limit_in_one_member_and_in_many() {
        let blanks = vec![b' '; 1 << 20];
        let many = gzip(&blanks[..1 << 10]).repeat(1 << 10);
        for bomb in [gzip(&blanks), many] {
            let mut all = Vec::new();
            let error = bounded(&bomb[..], 1 << 18).read_to_end(&mut all).expect_err("a bomb");
            assert!(error.to_string().contains("taken for a bomb") && all.len() <= 1 << 18);
            assert_eq!(bounded(&bomb[..], 1 << 20).read_to_end(&mut all).ok(), Some(1 << 20));
        }
    }

    #[test]
    fn all_frames_of_a_zstd_file_are_read() {
        let frame = |text: &[u8]| {
            ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
        };
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let all = [frame(b"abc"), skipped, frame(b"def")].concat();
        assert_eq!(read(&all).1.as_deref(), Ok(&b"abcdef"[..]));
        assert!(read(&all[..all.len() - 5]).1.is_err());
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
        let evidence = EvidenceId::of(&large);
        let bytes = large.len() as u64;
        assert_eq!(found, Found { evidence, bytes, content: Some(evidence), changed: false });
    }
}
