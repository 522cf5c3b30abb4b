//! Opens a git repository that nobody vouches for, and reads commits, trees and blobs of it.
//!
//! ```text
//! place       where the repository of a folder lies: `.git`, bare, a worktree, a submodule
//! confines    which files may be opened: those that lie in the target, links followed
//! repository  configuration, object folders, packs, notes on what is left out
//! revision    a text such as `v1.2~3` to a commit; or the candidates, or what is near
//! reader      objects by their id: loose or packed, bounded, and compared with their id
//! commit tree what an object says
//! ```
//!
//! No program is run and nothing is written. Of the configuration only the format of the repository is read. Replacements
//! and grafts are not applied, and alternates are followed only where they stay in the target: an object is what its id says.
//!
//! Packs are read by `gix-pack`; they are mapped into memory, so that whoever cuts a file short while it is read can end
//! the process, as with git itself.

mod bases;
mod commit;
mod config;
mod confines;
mod error;
mod loose;
mod near;
mod packs;
mod place;
mod reader;
mod refs;
mod repository;
mod revision;
mod spec;
mod tree;

pub use commit::Commit;
pub use config::{Setting, settings};
pub use error::{ObjectError, OpenError, RevisionError};
pub use gix_hash::{Kind as HashKind, ObjectId};
pub use gix_object::Kind;
pub use place::beyond;
pub use reader::{Object, Reader};
pub use repository::{Note, Repository};
pub use tree::{Entry, Mode, entries};
