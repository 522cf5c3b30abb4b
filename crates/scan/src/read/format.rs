//! What the table of formats says of each.

use std::fmt;
use std::io::BufRead;

use super::{Broken, Reading};
use crate::target::Anywhere;

/// A format.
pub(crate) struct Format {
    /// The word for it, in coverage.
    pub(crate) name: &'static str,
    /// The paths that it claims.
    pub(crate) paths: &'static [&'static str],
    /// What files begin with that it claims whatever their path, if no format claims that.
    pub(crate) begins: &'static [&'static [u8]],
    pub(super) how: How,
}

/// How a format is read.
pub(super) enum How {
    /// From all of its bytes, of which there is a bound.
    Whole(fn(&[u8], &mut Reading<'_>) -> Result<(), Broken>),
    /// As it comes, whatever its size.
    Stream(fn(&mut dyn BufRead, &mut Reading<'_>) -> Result<(), Broken>),
    /// From places in it that tell of others, whatever its size. It counts as read where there are components in it.
    Anywhere(fn(&mut dyn Anywhere, &mut Reading<'_>) -> Result<(), Broken>),
    /// Not yet: that such a file is there is told.
    Unread,
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Format {
    /// A format that is read from all of its bytes: lock files and the like.
    pub(super) const fn whole(
        name: &'static str,
        paths: &'static [&'static str],
        read: fn(&[u8], &mut Reading<'_>) -> Result<(), Broken>,
    ) -> Self {
        Self { name, paths, begins: &[], how: How::Whole(read) }
    }

    /// A format that may be huge, and is read as it comes.
    #[expect(dead_code, reason = "for databases of installed packages")]
    pub(super) const fn stream(
        name: &'static str,
        paths: &'static [&'static str],
        read: fn(&mut dyn BufRead, &mut Reading<'_>) -> Result<(), Broken>,
    ) -> Self {
        Self { name, paths, begins: &[], how: How::Stream(read) }
    }

    /// A format that is told by the first bytes of a file, and read from a few places in it: programs.
    pub(super) const fn inside(
        name: &'static str,
        begins: &'static [&'static [u8]],
        read: fn(&mut dyn Anywhere, &mut Reading<'_>) -> Result<(), Broken>,
    ) -> Self {
        Self { name, paths: &[], begins, how: How::Anywhere(read) }
    }

    /// A format that is claimed by its path, and read from a few places in it: archives.
    pub(super) const fn anywhere(
        name: &'static str,
        paths: &'static [&'static str],
        read: fn(&mut dyn Anywhere, &mut Reading<'_>) -> Result<(), Broken>,
    ) -> Self {
        Self { name, paths, begins: &[], how: How::Anywhere(read) }
    }

    /// Whether it is read from a few places in a file.
    pub(crate) fn is_read_inside(&self) -> bool {
        matches!(self.how, How::Anywhere(_))
    }

    /// A format that nobody has written a reader for. Where it is met, the answer is incomplete, and says so.
    pub(super) const fn unread(name: &'static str, paths: &'static [&'static str]) -> Self {
        Self { name, paths, begins: &[], how: How::Unread }
    }
}
