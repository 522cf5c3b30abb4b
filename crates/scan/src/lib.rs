//! What do we run, and what of it is vulnerable, malicious or was poisoned?
//!
//! ```text
//! target/  what is scanned: a folder, an image; hands out the files that a format claims, by their path or by what they begin with
//! read/    bytes to components, one file per format
//! engine/  equal components become one, over all places; each is asked about (pure: no clock, no I/O but the asking)
//! answer   results to findings, links, inventory and coverage
//! ```
//!
//! Every step is a fold (`observe`, `merge`, `finish`) whose result does not depend on the order of files or threads.
//!
//! # A new format
//!
//! 1. Take a real file of it, made by its own tool, and cut it to the smallest that shows the shape.
//! 2. Write `read/<format>.rs` with one function, `pub(crate) fn read(bytes, reading) -> Result<(), Broken>`; a file that
//!    may be huge is read from a `BufRead` instead, and a program or an archive from a few places in it (`Format::inside`,
//!    `Format::anywhere`). `read/cargo_lock.rs` is the one to look at; JSON, XML and YAML come as `read/nested.rs` has them.
//! 3. Make each component with [`Registry`](component::Registry), which knows purl type and name rules, and give it to
//!    `reading.add(place, component)`. An error in its place loses this one entry and is told with its place.
//! 4. A file beside it (a parent, an include, a sum file) comes from `reading.neighbour(path)`, which cannot leave the target.
//! 5. Add one line to `FORMATS` in `read.rs`: its name, which paths it claims, the function.
//! 6. Test it at the end of its file with `testing::read`: a good file, a broken entry among good ones, a file cut short at
//!    every byte (`testing::cut_anywhere`), and what its own tool says of the same project.
//! 7. Write `fuzz/fuzz_targets/<format>.rs` (four lines, as `cargo_lock.rs` there) and enter it in `fuzz/Cargo.toml`.
//! 8. Name it in `docs/scan.md`, with each difference to Syft and the ecosystem's own tool explained.

mod answer;
pub mod baseline;
pub mod component;
mod engine;
#[doc(hidden)]
pub mod fuzzing;
mod hashing;
mod ignore;
mod progress;
mod pulled;
mod read;
mod scan;
mod statements;
mod target;
mod vex;

pub use engine::knowledge::{Advisories, Knowledge};
pub use engine::set_aside::Choices;
pub use ignore::{IGNORE_FILE, Ignore, IgnoreError, IgnoredBy};
pub use progress::Progress;
pub use pulled::Pulled;
pub use scan::{Request, scan};
pub use target::{Platform, PlatformError};
pub use vex::{Vex, VexError};
