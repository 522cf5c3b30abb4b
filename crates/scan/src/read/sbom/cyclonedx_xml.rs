//! `CycloneDX` in XML, 1.0 to 1.7, <https://cyclonedx.org/docs/1.6/xml/>.
//!
//! Elements of the same name stand in several places (a licence has a name, a reference has hashes): what counts is decided
//! by where an element stands. Entities that a document defines are not expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::text::utf8;
use super::super::{Broken, Reading};
use super::cyclonedx_scope;
use super::listed::{Facts, Listed};
use crate::component::{Algorithm, Hash, Place};

/// How deep elements may be nested.
const MOST_DEEP: usize = 256;

/// The longest text of an element.
const MOST_TEXT: usize = 64 << 10;

/// What an element is, where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    Bom,
    Metadata,
    /// A list of components.
    Components,
    Component,
    Field(&'static str),
    Hashes,
    Hash(String),
    Properties,
    Property(String),
    Dependencies,
    /// Something that needs others.
    Dependency(String),
    /// Nothing that is asked for.
    Other,
}

const FIELDS: [&str; 6] = ["name", "group", "version", "purl", "cpe", "scope"];

struct State {
    stack: Vec<At>,
    /// The components that are open, each with its line and whether the SBOM is about it.
    open: Vec<(u32, bool, Facts)>,
    text: String,
    listed: Listed,
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let text = utf8(bytes, "XML")?;
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut state =
        State { stack: Vec::new(), open: Vec::new(), text: String::new(), listed: Listed::default() };
    let mut reader = Reader::from_str(text);
    let end = loop {
        let before = reader.buffer_position();
        let step = match reader.read_event() {
            Ok(Event::Start(start)) => state.begin(&start, lines.to(before)),
            Ok(Event::Empty(start)) => state.begin(&start, lines.to(before)).map(|()| state.end()),
            Ok(Event::End(_)) => {
                state.end();
                Ok(())
            }
            Ok(Event::Text(text)) => state.take(&text.xml10_content()),
            Ok(Event::CData(text)) => state.take(&text.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                let known = match &*name {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => name.resolve_char_ref().ok().flatten(),
                };
                state.take(known.map(String::from).as_deref().unwrap_or(""))
            }
            Ok(Event::Eof) => break Ok(()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("is no XML: {error}")),
        };
        if let Err(why) = step {
            break Err(Broken::other(
                format!("{why} (line {})", lines.to(reader.buffer_position())),
                "CycloneDX",
            ));
        }
    };
    let is_cut = !state.stack.is_empty();
    state.listed.finish(reading);
    match end {
        Ok(()) if is_cut => Err(Broken::other("breaks off", "all of its elements to end")),
        end => end,
    }
}

impl State {
    fn begin(&mut self, start: &BytesStart<'_>, line: u32) -> Result<(), String> {
        if self.stack.len() >= MOST_DEEP {
            return Err(format!("nests elements more than {MOST_DEEP} deep"));
        }
        let at = self.at(start);
        if at == At::Component {
            let is_subject = self.stack.last() == Some(&At::Metadata);
            let mut facts = Facts { kind: attribute(start, "type").unwrap_or_default(), ..Facts::default() };
            facts.id = attribute(start, "bom-ref");
            if is_subject && let Some(id) = &facts.id {
                self.listed.subject(id.as_str());
            }
            self.open.push((line, is_subject, facts));
        }
        self.text.clear();
        self.stack.push(at);
        Ok(())
    }

    fn at(&mut self, start: &BytesStart<'_>) -> At {
        let name = start.local_name();
        let name = name.as_ref();
        match (self.stack.last(), name) {
            (None, "bom") => At::Bom,
            (Some(At::Bom), "metadata") => At::Metadata,
            (Some(At::Bom | At::Component), "components") => At::Components,
            (Some(At::Metadata | At::Components), "component") => At::Component,
            (Some(At::Component), "hashes") => At::Hashes,
            (Some(At::Component), "properties") => At::Properties,
            (Some(At::Component), _) => {
                FIELDS.iter().find(|field| **field == name).map_or(At::Other, |field| At::Field(field))
            }
            (Some(At::Hashes), "hash") => At::Hash(attribute(start, "alg").unwrap_or_default()),
            (Some(At::Properties), "property") => At::Property(attribute(start, "name").unwrap_or_default()),
            (Some(At::Bom), "dependencies") => At::Dependencies,
            (Some(At::Dependencies), "dependency") => {
                At::Dependency(attribute(start, "ref").unwrap_or_default())
            }
            (Some(At::Dependency(by)), "dependency") => {
                let by = by.clone();
                self.listed.need(by, attribute(start, "ref").unwrap_or_default(), None);
                At::Other
            }
            _ => At::Other,
        }
    }

    fn take(&mut self, text: &str) -> Result<(), String> {
        if !matches!(self.stack.last(), Some(At::Field(_) | At::Hash(_) | At::Property(_))) {
            return Ok(());
        }
        if self.text.len() + text.len() > MOST_TEXT {
            return Err(format!(
                "has a text of more than {MOST_TEXT} bytes in an element that names something"
            ));
        }
        self.text.push_str(text);
        Ok(())
    }

    fn end(&mut self) {
        let Some(at) = self.stack.pop() else { return };
        let text = self.text.trim();
        match (at, self.open.last_mut()) {
            (At::Component, _) => {
                let Some((line, is_subject, facts)) = self.open.pop() else { return };
                // What the SBOM is about is listed only where it says who it is.
                if !is_subject || facts.purl.is_some() {
                    self.listed.add(Place::Line(line), facts);
                }
            }
            (At::Field(field), Some((_, _, facts))) if !text.is_empty() => {
                let text = text.to_owned();
                match field {
                    "name" => facts.name = text,
                    "group" => facts.group = text,
                    "version" => facts.version = text,
                    "purl" => facts.purl = Some(text),
                    "cpe" => facts.cpe = Some(text),
                    _ => facts.scope = cyclonedx_scope(&text),
                }
            }
            (At::Hash(algorithm), Some((_, _, facts))) => {
                let hash = Algorithm::named(&algorithm).and_then(|algorithm| Hash::from_hex(algorithm, text));
                facts.hashes.extend(hash);
            }
            (At::Property(name), Some((_, _, facts))) => facts.properties.push((name, text.to_owned())),
            _ => {}
        }
        self.text.clear();
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|one| one.key.as_ref() == name)?;
    let value = quick_xml::escape::unescape(&found.value).ok()?.into_owned();
    (!value.is_empty()).then_some(value)
}

/// The line of a byte, asked for from front to back.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn to(&mut self, position: u64) -> u32 {
        let to = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        if to > self.at {
            let lines = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..to]).count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.at = to;
        }
        self.line
    }
}
