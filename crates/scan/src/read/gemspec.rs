//! `specifications/*.gemspec`: a gem that is installed, <https://guides.rubygems.org/specification-reference/>.
//!
//! The file is a program in Ruby that `RubyGems` writes. Its second line says in a comment what it is of; in files that lack
//! it, name and version are looked for where `RubyGems` puts them.

use super::text::lines;
use super::{Broken, Reading};
use crate::component::{Component, Place, Registry};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let mut assigned = (None, None);
    for (number, line) in lines(bytes).take(200) {
        let line = String::from_utf8_lossy(line);
        if let Some(stub) = line.strip_prefix("# stub: ") {
            let mut words = stub.split(' ');
            if let (Some(name), Some(version)) = (words.next(), words.next()) {
                let platform = words.next().filter(|platform| *platform != "ruby");
                reading.add(Place::Line(number), component(name, version, platform));
                return Ok(());
            }
        }
        let value = |key: &str| Some(text(line.trim().strip_prefix(key)?)?.to_owned());
        assigned.0 = assigned.0.or_else(|| Some((number, value("s.name = ")?)));
        assigned.1 = assigned.1.or_else(|| value("s.version = "));
    }
    match assigned {
        (Some((number, name)), Some(version)) => {
            reading.add(Place::Line(number), component(&name, &version, None));
            Ok(())
        }
        _ => Err(Broken::other("names no gem", "a specification that RubyGems has written")),
    }
}

/// The text in quotes that an assignment begins with, or that a version is made of.
fn text(value: &str) -> Option<&str> {
    let value = value.strip_prefix("Gem::Version.new(").unwrap_or(value);
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(text, _)| text)
}

fn component(name: &str, version: &str, platform: Option<&str>) -> Result<Component, String> {
    let mut component =
        Registry::RubyGems.component(name, Some(version)).map_err(|error| error.to_string())?;
    let platform = platform.map(|platform| ("platform", platform));
    component.purl = component.purl.qualified(platform).map_err(|error| error.to_string())?;
    Ok(component)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    #[test]
    fn a_gem_is_named_by_its_stub_or_by_what_is_assigned() {
        let stub = b"# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.15.4 x86_64-linux lib\n\nGem::Specification.new do |s|\n";
        let path = "usr/lib/ruby/gems/3.1.0/specifications/nokogiri-1.15.4-x86_64-linux.gemspec";
        assert_eq!(read(path, stub).purls(), ["pkg:gem/nokogiri@1.15.4?platform=x86_64-linux"]);
        let ruby = b"# stub: rake 13.0.6 ruby lib\n";
        assert_eq!(read("specifications/default/rake-13.0.6.gemspec", ruby).purls(), ["pkg:gem/rake@13.0.6"]);
        let old = b"Gem::Specification.new do |s|\n  s.name = %q{x}\n  s.name = 'old'\n  s.version = Gem::Version.new(\"1.2\")\n";
        assert_eq!(read("specifications/old-1.2.gemspec", old).purls(), ["pkg:gem/old@1.2"]);
        assert!(read("specifications/x.gemspec", b"puts 1").unread[0].why.contains("names no gem"));
        cut_anywhere("specifications/a.gemspec", old);
    }
}
