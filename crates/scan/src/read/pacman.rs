//! One package in the database of pacman, `var/lib/pacman/local/<name>-<version>/desc`: a section a field, its name
//! between `%`, its values in the lines below; <https://man.archlinux.org/man/alpm.7>.
//!
//! A package knows what it needs, not who needs it, and lies in a file of its own: who pulled it in is told only where
//! nobody did.

use super::os_release::distro;
use super::text::utf8;
use super::{Broken, Reading};
use crate::component::{Component, Distro, Packaged, Place, Source};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let desc = utf8(bytes, "sections of pacman's database")?;
    let distro = distro(reading, 5);
    reading.add(Place::Whole, component(desc, &distro));
    Ok(())
}

fn component(desc: &str, distro: &Distro) -> Result<Component, String> {
    let must = |name: &str| value(desc, name).ok_or_else(|| format!("has no `%{name}%`; expected one"));
    let (name, version) = (must("NAME")?, must("VERSION")?);
    let package = Packaged { kind: "alpm", name, version, arch: value(desc, "ARCH") };
    let base = value(desc, "BASE").filter(|base| *base != name);
    let source = base.map(|base| (Source { name: base.to_owned(), version: version.to_owned() }, base));
    let component = distro.component(package, source).map_err(|error| error.to_string())?;
    // Absent where it was asked for by name, 1 where something needed it.
    Ok(if value(desc, "REASON").is_none_or(|reason| reason == "0") { component.direct() } else { component })
}

/// The first value of a section.
fn value<'t>(desc: &'t str, section: &str) -> Option<&'t str> {
    let mut lines = desc.lines();
    lines.find(|line| line.strip_prefix('%').and_then(|line| line.strip_suffix('%')) == Some(section))?;
    lines.next().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Read, cut_anywhere, read_beside};

    const PATH: &str = "var/lib/pacman/local/gcc-libs-14.2.1+r134-1/desc";

    const DESC: &str = "%NAME%\ngcc-libs\n\n%VERSION%\n14.2.1+r134-1\n\n%BASE%\ngcc\n\n%DESC%\n%NAME%\n\n\
        %ARCH%\nx86_64\n\n%REASON%\n1\n\n%DEPENDS%\nglibc>=2.27\n\n";

    fn read(desc: &[u8]) -> Read {
        read_beside(PATH, &[(PATH, desc), ("etc/os-release", b"ID=arch\nBUILD_ID=rolling\n")])
    }

    #[test]
    fn a_package_has_its_base_and_whether_somebody_asked_for_it() {
        let one = read(DESC.as_bytes());
        assert_eq!(one.unread, []);
        let purl = "pkg:alpm/arch/gcc-libs@14.2.1%2Br134-1?arch=x86_64&distro=arch-rolling&upstream=gcc";
        let component = one.component(purl);
        assert_eq!(component.ecosystem.as_ref().map(ToString::to_string).as_deref(), Some("Arch Linux"));
        assert_eq!(component.source.as_ref().map(|source| source.name.as_str()), Some("gcc"));
        assert!(!component.pulled_in_by.direct);
        assert!(read(DESC.replace("%REASON%\n1\n", "").as_bytes()).component(purl).pulled_in_by.direct);
    }

    #[test]
    fn a_package_without_a_version_is_told() {
        let broken = read(DESC.replace("%VERSION%", "%OTHER%").as_bytes());
        assert_eq!(broken.components, []);
        assert_eq!(broken.unread[0].why, "has no `%VERSION%`; expected one");
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(PATH, DESC.as_bytes());
    }
}
