//! How much is read before a file is given up.

/// The most bytes of one document, and of one file that is no archive, inflated.
pub const DOCUMENT_BYTES: u64 = 64 << 20;

/// The most values in one document; each costs some forty bytes of memory.
pub const DOCUMENT_VALUES: usize = 1_000_000;

/// The most entries of one archive.
pub const ARCHIVE_ENTRIES: u64 = 4_000_000;

/// The most bytes that the entries of one archive come to, inflated.
pub const ARCHIVE_BYTES: u64 = 64 << 30;

/// How deep folders are entered.
pub const FOLDER_DEPTH: usize = 32;

/// The most lines that a report holds of one kind; the others are counted.
pub const REPORT_LINES: usize = 10_000;
