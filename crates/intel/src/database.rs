//! The local database: every advisory that was imported, in one file, asked by package, id and CVE.
//!
//! ```text
//! <file>         SQLite, read only, never changed in place
//! <file>.lock    held (`flock`) by the one import that runs
//! <file>.stage   what that import has gathered; gone when it ends
//! <file>.new     what it writes; becomes <file> by a rename, or is gone
//! ```
//!
//! - [`Database`] asks. It is opened within a few milliseconds, whatever the file's size, and may be opened any number of
//!   times: whoever asks from several threads opens one for each.
//! - [`Build`] writes a new file from the old one and the sources that are given anew, and puts it in the old one's place
//!   once it is on the disk. A build that is cut off anywhere leaves the old file whole.
//!
//! # What counts
//!
//! - A **source** is a file or folder that was imported. Importing one again replaces what it gave before.
//! - Of records of one id, within a source or over several, the one with the newest `modified` counts; of equals the one
//!   of the source whose name comes first, and within a source the one whose bytes come first. A record that says no time
//!   is older than all that do. The others are kept, since the one that counts may go.
//! - Where the record that counts is withdrawn, the id is not answered for any package.
//! - Of KEV catalogues and of EPSS tables, the newest counts, and only that is kept.
//!
//! The file is a function of what was imported: the same sources give the same bytes, in any order and in any number of
//! imports. It holds no time but those in the data.
//!
//! # Format
//!
//! The tables stand in `database/layout.rs`. The format's number rises with them, and when an order of versions changes,
//! since listed versions are stored in that order.

mod block;
mod build;
mod candidate;
mod commit;
mod compact;
mod error;
mod event;
mod gists;
mod key;
mod layout;
mod module;
mod of_purl;
mod open;
mod pack;
mod packed;
mod priority;
mod publish;
mod question;
mod stage;
mod status;
mod transfer;

pub use build::{Build, Refused};
pub(crate) use build::{beside, put_in_place};
pub use candidate::{Candidate, Match, Matches, Touch, Undecided};
pub use commit::is_commit;
pub use error::DatabaseError;
pub use of_purl::PackageName;
pub use open::{Database, Record, Standing};
pub use priority::{Epss, Kev};
pub use question::{Name, Question};
pub(crate) use stage::clear;
pub use status::{Catalogue, Counts, EcosystemStatus, SourceKind, SourceStatus, Status};
pub use transfer::{Older, TakenOver, export, take_over};
