//! A body as it comes: counted, bounded, and left if it comes too slowly.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use crate::client::Answer;
use crate::error::{FetchError, MOST_BYTES};

/// How long a transfer may take before its speed is looked at.
const PATIENCE: Duration = Duration::from_mins(1);

/// The least speed, in bytes per second.
const LEAST_SPEED: u64 = 1024;

/// How often it is told how far it has come.
const EVERY: Duration = Duration::from_millis(200);

/// All that comes in one job: how much, how much more may come, and who wants to know.
pub(crate) struct Meter<'m> {
    bytes: u64,
    most: u64,
    told: Instant,
    tell: &'m mut dyn FnMut(u64) -> io::Result<()>,
}

/// How long one body may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) bytes: u64,
    /// Where that bound comes from: a phrase.
    pub(crate) why: &'static str,
}

impl<'m> Meter<'m> {
    pub(crate) fn new(most: u64, tell: &'m mut dyn FnMut(u64) -> io::Result<()>) -> Self {
        Self { bytes: 0, most, told: Instant::now(), tell }
    }

    /// How much more may come.
    pub(crate) fn left(&self) -> u64 {
        self.most.saturating_sub(self.bytes)
    }

    /// How much may come in all.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    fn count(&mut self, bytes: u64) -> Result<(), FetchError> {
        self.bytes += bytes;
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            (self.tell)(self.bytes).map_err(|_| FetchError::Unheard)?;
        }
        Ok(())
    }

    /// Hands over a body piece by piece, and says how long it was.
    pub(crate) fn copy(
        &mut self,
        answer: Answer,
        bound: Bound,
        take: &mut dyn FnMut(&[u8]) -> Result<(), FetchError>,
    ) -> Result<u64, FetchError> {
        let what = answer.url;
        let expected = answer.body.content_length();
        let too_long =
            |bound: Bound| FetchError::TooLong { what: what.clone(), most: bound.bytes, why: bound.why };
        let all = Bound { bytes: self.most, why: MOST_BYTES };
        if let Some(expected) = expected {
            if expected > bound.bytes {
                return Err(too_long(bound));
            }
            if expected > self.left() {
                return Err(too_long(all));
            }
        }
        let mut body = answer.body.into_with_config().limit(u64::MAX).reader();
        let (started, mut got) = (Instant::now(), 0_u64);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(match expected {
                        Some(expected) if error.kind() == io::ErrorKind::UnexpectedEof => {
                            FetchError::Cut { what, got, expected }
                        }
                        _ => FetchError::Connection { host: what, why: error.to_string() },
                    });
                }
            };
            got += read as u64;
            if got > bound.bytes {
                return Err(too_long(bound));
            }
            if read as u64 > self.left() {
                return Err(too_long(all));
            }
            let elapsed = started.elapsed();
            if elapsed > PATIENCE && got / elapsed.as_secs().max(1) < LEAST_SPEED {
                return Err(FetchError::Slow { what });
            }
            self.count(read as u64)?;
            take(&buffer[..read])?;
        }
        match expected {
            Some(expected) if expected != got => Err(FetchError::Cut { what, got, expected }),
            _ => Ok(got),
        }
    }

    /// All of a short body.
    pub(crate) fn read(&mut self, answer: Answer, bound: Bound) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        self.copy(answer, bound, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }
}
