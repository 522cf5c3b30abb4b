//! The database of RPM in its three forms: `rpmdb.sqlite`, `Packages.db` (ndb), `Packages` (Berkeley DB). Each holds one
//! header a package, the same in all of them.
//!
//! Who pulled in a package is told by what packages provide by name; needs of a path, `/bin/sh`, are not followed.

mod bytes;
mod hash_db;
mod header;
mod ndb;
mod sqlite;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use self::header::{Header, tag};
use super::dependencies::Dependencies;
use super::os_release::distro;
use super::reading::Neighbour;
use super::{Broken, Reading};
use crate::component::{Component, Distro, Packaged, Place, Source};

/// Takes a header: the way to it in its file, and its bytes, or why they could not be had; and says when it has enough.
type Take<'t> = dyn FnMut(String, Result<Cow<'_, [u8]>, String>) -> ControlFlow<()> + 't;

/// No header is smaller: the real ones have a thousand bytes and more.
const LEAST_BYTES: usize = 256;

/// Keys that signatures are checked with stand among the packages and are none.
const KEY: &str = "gpg-pubkey";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let is_deep = reading.path().parent().is_some_and(|folder| folder.ends_with("usr/lib/sysimage/rpm"));
    let distro = distro(reading, if is_deep { 4 } else { 3 });
    let mut installed = Installed { distro, entries: Vec::new(), dependencies: Dependencies::new() };
    // Headers lie one behind the other, so that all of them are no longer than the file.
    let mut left = Some(bytes.len());
    let mut end = headers(bytes, &mut |way, header| {
        let length = header.as_ref().map_or(0, |header| header.len()).max(LEAST_BYTES);
        left = left.and_then(|left| left.checked_sub(length));
        if left.is_none() {
            return ControlFlow::Break(());
        }
        installed.observe(way, header);
        ControlFlow::Continue(())
    });
    if left.is_none() {
        end = Err(Broken::other("has packages that lie in each other", "each in a place of its own"));
    }
    installed.tell(reading);
    if bytes.starts_with(sqlite::MAGIC) {
        tell_journal(reading);
    }
    end
}

/// Hands out every header, whatever the form of the file; its name may lie.
fn headers(bytes: &[u8], take: &mut Take<'_>) -> Result<(), Broken> {
    if bytes.starts_with(sqlite::MAGIC) {
        return sqlite::rows(bytes, "Packages", 1, take);
    }
    if bytes.starts_with(ndb::MAGIC) {
        return ndb::blobs(bytes, take);
    }
    if let Some(database) = hash_db::HashDb::open(bytes)? {
        return database.values(take);
    }
    Err(Broken::other("is no database of RPM", "SQLite, ndb or a hash of Berkeley DB"))
}

/// A journal holds changes that have not come to the database yet, and is not followed.
fn tell_journal(reading: &mut Reading<'_>) {
    let name = reading.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for (suffix, is_empty) in [("-wal", 32), ("-journal", 0)] {
        match reading.neighbour(&format!("{name}{suffix}")).map(Neighbour::bytes) {
            Ok(Some(journal)) if journal.len() > is_empty && journal.iter().any(|byte| *byte != 0) => {
                let why = format!(
                    "has a journal beside it, {name}{suffix}: changes that only stand there are not read"
                );
                reading.problem(&Place::Whole, &why);
            }
            Ok(_) => {}
            Err(broken) => reading.problem(&Place::Whole, &format!("its {name}{suffix} {broken}")),
        }
    }
}

/// The packages of a database, as they come.
struct Installed {
    distro: Distro,
    entries: Vec<Entry>,
    dependencies: Dependencies<Box<[u8]>>,
}

struct Entry {
    way: String,
    name: Box<[u8]>,
    component: Result<Component, String>,
}

impl Installed {
    fn observe(&mut self, way: String, bytes: Result<Cow<'_, [u8]>, String>) {
        let read = bytes.and_then(|bytes| {
            let header = Header::read(&bytes)?;
            if header.text(tag::NAME)? == Some(KEY) {
                return Ok(None);
            }
            let component = component(&header, &self.distro)?;
            let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
            self.dependencies.provides(number, component.name.as_bytes().into());
            header.texts(tag::PROVIDENAME).for_each(|name| self.dependencies.provides(number, name.into()));
            header.texts(tag::REQUIRENAME).for_each(|name| self.dependencies.needs(number, name.into()));
            Ok(Some(component))
        });
        let (name, component) = match read {
            Ok(None) => return,
            Ok(Some(component)) => (component.name.as_bytes().into(), Ok(component)),
            Err(why) => (Box::default(), Err(why)),
        };
        self.entries.push(Entry { way, name, component });
    }

    fn tell(self, reading: &mut Reading<'_>) {
        let names: Vec<&[u8]> = self.entries.iter().map(|entry| &*entry.name).collect();
        let parents: Vec<BTreeSet<String>> = self.dependencies.pulled_in(&names, reading);
        for (entry, parents) in self.entries.into_iter().zip(parents) {
            let component = entry.component.map(|component| component.pulled_in_by(parents));
            reading.add(Place::entry(entry.way), component);
        }
    }
}

fn component(header: &Header<'_>, distro: &Distro) -> Result<Component, String> {
    let must = |tag: header::Tag| header.text(tag)?.ok_or_else(|| format!("has no {tag}; expected one"));
    let (name, version, release) = (must(tag::NAME)?, must(tag::VERSION)?, must(tag::RELEASE)?);
    let version = format!("{version}-{release}");
    let epoch = header.number(tag::EPOCH)?;
    let with_epoch = |version: &str| match epoch {
        Some(epoch) if epoch > 0 => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    };
    let source_rpm = header.text(tag::SOURCERPM)?;
    let source = source_rpm
        .and_then(source)
        .map(|(name, version)| Source { name: name.to_owned(), version: with_epoch(version) });
    let package = Packaged { kind: "rpm", name, version: &version, arch: header.text(tag::ARCH)? };
    let mut component =
        distro.component(package, source.zip(source_rpm)).map_err(|error| error.to_string())?;
    let epoch = epoch.map(|epoch| epoch.to_string()).unwrap_or_default();
    let module = header.text(tag::MODULARITYLABEL)?.unwrap_or_default();
    let qualifiers = [("epoch", epoch.as_str()), ("rpmmod", module)];
    component.purl = component.purl.qualified(qualifiers).map_err(|error| error.to_string())?;
    component.version = Some(with_epoch(&version));
    Ok(component)
}

/// Name and version of a source package, by the name of its file: `bash-5.1.8-6.el9.src.rpm`.
fn source(file: &str) -> Option<(&str, &str)> {
    let base = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let release = base.rfind('-')?;
    let version = base[..release].rfind('-')?;
    (version > 0).then(|| (&base[..version], &base[version + 1..]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, read_beside};
    use super::header::testing::header;
    use super::*;

    const ALMA: &str = "ID=almalinux\nVERSION_ID=\"9.4\"\n";

    fn read_at(path: &str, bytes: &[u8]) -> Read {
        read_beside(path, &[(path, bytes), ("etc/os-release", ALMA.as_bytes())])
    }

    fn packages() -> Vec<Vec<u8>> {
        let key = header(
            &[(tag::NAME, "gpg-pubkey"), (tag::VERSION, "b86b3716"), (tag::RELEASE, "61e69f29")],
            None,
        );
        let bind = [
            (tag::NAME, "bind-libs"),
            (tag::VERSION, "9.16.23"),
            (tag::RELEASE, "18.el9_4"),
            (tag::ARCH, "x86_64"),
            (tag::SOURCERPM, "bind-9.16.23-18.el9_4.src.rpm"),
            (tag::PROVIDENAME, "libdns.so.1"),
        ];
        let node = [
            (tag::NAME, "nodejs"),
            (tag::VERSION, "18.20.2"),
            (tag::RELEASE, "2.module_el9"),
            (tag::ARCH, "x86_64"),
            (tag::SOURCERPM, "nodejs-18.20.2-2.module_el9.src.rpm"),
            (tag::MODULARITYLABEL, "nodejs:18:9040020240301:rhel9"),
            (tag::REQUIRENAME, "libdns.so.1"),
        ];
        let broken = [(tag::NAME, "no-version")];
        vec![key, header(&bind, Some(32)), header(&broken, None), header(&node, Some(0))]
    }

    fn assert_all(read: &Read) {
        assert_eq!(
            read.purls(),
            [
                "pkg:rpm/almalinux/bind-libs@9.16.23-18.el9_4?arch=x86_64&distro=almalinux-9.4&epoch=32&upstream=bind-9.16.23-18.el9_4.src.rpm",
                "pkg:rpm/almalinux/nodejs@18.20.2-2.module_el9?arch=x86_64&distro=almalinux-9.4&epoch=0&rpmmod=nodejs:18:9040020240301:rhel9&upstream=nodejs-18.20.2-2.module_el9.src.rpm",
            ]
        );
        let bind = &read.components[0];
        assert_eq!(bind.version.as_deref(), Some("32:9.16.23-18.el9_4"));
        let source = Source { name: "bind".into(), version: "32:9.16.23-18.el9_4".into() };
        assert_eq!(bind.source.as_deref(), Some(&source));
        assert!(bind.pulled_in_by.names.iter().eq(["nodejs"]));
        assert_eq!(read.components[1].version.as_deref(), Some("18.20.2-2.module_el9"));
        let told: Vec<_> = read.unread.iter().map(|one| one.why.as_str()).collect();
        assert_eq!(told, ["has no VERSION; expected one"]);
    }

    #[test]
    fn the_three_forms_of_the_database_say_the_same() {
        let blobs = packages();
        assert_all(&read_at("usr/lib/sysimage/rpm/Packages.db", &ndb::testing::database(&blobs)));
        assert_all(&read_at("var/lib/rpm/Packages", &hash_db::testing::database(&blobs)));
        assert_all(&read_at("usr/share/rpm/rpmdb.sqlite", &sqlite::testing::database(&blobs)));
    }

    #[test]
    fn any_form_cut_anywhere_is_read_as_far_as_it_goes() {
        let blobs = packages();
        for (path, database) in [
            ("var/lib/rpm/Packages.db", ndb::testing::database(&blobs)),
            ("var/lib/rpm/Packages", hash_db::testing::database(&blobs)),
            ("var/lib/rpm/rpmdb.sqlite", sqlite::testing::database(&blobs)),
        ] {
            for end in (0..database.len()).step_by(23) {
                let cut = read_at(path, &database[..end]);
                assert!(cut.components.len() <= 2 && !cut.unread.is_empty(), "{path} cut at {end}: {cut:?}");
            }
        }
    }

    #[test]
    fn any_form_with_any_byte_changed_is_read_without_a_panic() {
        let blobs = packages();
        for (path, database) in [
            ("var/lib/rpm/Packages.db", ndb::testing::database(&blobs)),
            ("var/lib/rpm/Packages", hash_db::testing::database(&blobs)),
            ("var/lib/rpm/rpmdb.sqlite", sqlite::testing::database(&blobs)),
        ] {
            for at in (0..database.len()).filter(|at| (database[*at] != 0 && at % 2 == 0) || at % 211 == 0) {
                let mut changed = database.clone();
                changed[at] ^= 0xff;
                assert!(read_at(path, &changed).components.len() <= 4, "{path} changed at {at}");
            }
        }
    }

    #[test]
    fn packages_that_lie_in_each_other_end_soon_and_are_told() {
        let mut database = ndb::testing::database(&[vec![1; 100_000]]);
        // Every slot of the first page points to the one blob.
        let slot = database[32..48].to_vec();
        (32..4096).step_by(16).for_each(|at| database[at..at + 16].copy_from_slice(&slot));
        let read = read_at("var/lib/rpm/Packages.db", &database);
        assert_eq!(read.unread.len(), 2, "{:#?}", read.unread);
        assert!(read.unread[1].why.starts_with("has packages that lie in each other"));
        // Every cell of the leaves of a table is the same.
        let mut database = sqlite::testing::database(&vec![packages()[1].clone(); 40]);
        for page in database.chunks_mut(512).filter(|page| page[0] == 13) {
            page[3] = 0;
            page[4] = 200;
            let cell = [page[8], page[9]];
            (8..408).step_by(2).for_each(|at| page[at..at + 2].copy_from_slice(&cell));
        }
        let read = read_at("var/lib/rpm/rpmdb.sqlite", &database);
        assert!(read.components.len() < 200 && !read.unread.is_empty(), "{}", read.components.len());
    }

    #[test]
    fn a_journal_that_holds_something_is_told() {
        let database = sqlite::testing::database(&packages());
        let path = "var/lib/rpm/rpmdb.sqlite";
        let read = |wal: &[u8]| {
            let files: [(&str, &[u8]); 3] = [
                (path, &database),
                ("etc/os-release", ALMA.as_bytes()),
                ("var/lib/rpm/rpmdb.sqlite-wal", wal),
            ];
            read_beside(path, &files).unread.len()
        };
        assert_eq!((read(b""), read(&[7; 4000])), (1, 2));
    }

    #[test]
    fn a_source_is_told_by_the_name_of_its_file() {
        assert_eq!(source("a-b-1.0-2.el9.src.rpm"), Some(("a-b", "1.0-2.el9")));
        assert_eq!(source("a-1-2.nosrc.rpm"), Some(("a", "1-2")));
        for file in ["(none)", "a.src.rpm", "-1-2.src.rpm", "a-1-2.x86_64.rpm"] {
            assert_eq!(source(file), None, "{file}");
        }
    }
}
