//! The stream that a password becomes, as libsodium's `crypto_pwhash_scryptsalsa208sha256` makes it.

use super::{HIDDEN, KEY_BYTES, SignError};

/// What minisign itself takes: 1 GiB.
const MOST_MEMORY: u64 = 1 << 30;

/// Eight times what minisign takes.
const MOST_OPERATIONS: u64 = 1 << 28;

/// The bytes that hide a key.
pub(super) fn stream(
    password: &[u8],
    salt: &[u8],
    operations: u64,
    memory: u64,
) -> Result<[u8; KEY_BYTES - HIDDEN], SignError> {
    const BLOCK: u64 = 8;
    let operations = operations.max(32_768);
    let (log_n, parallel) = if operations < memory / 32 {
        (log_n(operations / (BLOCK * 4)), 1)
    } else {
        let log_n = log_n(memory / (BLOCK * 128));
        (log_n, ((operations / 4) >> log_n).min(0x3fff_ffff) / BLOCK)
    };
    let needed = (BLOCK * 128) << log_n;
    if needed > MOST_MEMORY || operations > MOST_OPERATIONS {
        return Err(SignError::TooCostly(needed >> 20));
    }
    let mut stream = [0; KEY_BYTES - HIDDEN];
    let parallel = u32::try_from(parallel).unwrap_or(u32::MAX).max(1);
    let parameters =
        scrypt::Params::new(log_n, 8, parallel).map_err(|_| SignError::TooCostly(needed >> 20))?;
    scrypt::scrypt(password, salt, &parameters, &mut stream)
        .map_err(|_| SignError::NoKey("scrypt cannot be had"))?;
    Ok(stream)
}

/// The smallest power of two that is more than half of this; at most 2^53.
fn log_n(most: u64) -> u8 {
    (1..53).find(|log| 1_u64 << log > most / 2).unwrap_or(53)
}
