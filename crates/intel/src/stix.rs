//! What is known to be bad as a STIX 2.1 bundle: <https://docs.oasis-open.org/cti/stix/v2.1/stix-v2.1.html>.
//!
//! | here | in the bundle |
//! | --- | --- |
//! | compromise | `campaign`, `malware` that it used, a `report` over all that is said of it |
//! | who is said to have done it | `threat-actor`, to which the campaign is `attributed-to` |
//! | hash, address, host name, URL, name of a file that is bad | `indicator` that `indicates` the malware |
//! | package, action, image, commit | `software`, with all names and verdicts in an extension of ours |
//! | conflict | `note` with all its sides |
//! | theft, fact, what else gives it away, what is rejected | `note` |
//! | source | external reference, with the grade of what it says |
//! | indicator that was imported | `indicator` |
//!
//! There is no clock in it: an object was created at the earliest time that its incident names, and modified at the latest,
//! unless the caller says when. Identifiers are made of what an object is, so that the same object has the same one.

mod compromise;
mod identifiers;
mod imported;
mod pattern;
mod prose;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use floodmark_case::{EvidenceId, stix_id as id};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::compromise::{Compromises, shipped_files};
use crate::database::{Database, DatabaseError, beside, clear, put_in_place};

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub struct Export<'e> {
    /// The incidents.
    pub compromises: &'e Compromises,
    /// Where imported indicators are.
    pub database: Option<&'e Database>,
    /// When the objects count as modified, if not at the latest time that each incident names.
    pub modified: Option<Timestamp>,
}

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Exported {
    /// Objects in the bundle.
    pub objects: u64,
    /// Indicators among them.
    pub indicators: u64,
    /// Imported indicators that STIX has no pattern for: texts.
    pub left_out: u64,
}

impl Export<'_> {
    /// Writes the bundle to a file, which is there whole or not at all.
    pub fn write(&self, to: &Path) -> Result<Exported, DatabaseError> {
        let new = beside(to, ".new");
        clear(&new)?;
        let written = self.bundle(&new);
        match written {
            Ok(exported) => {
                put_in_place(&new, to)?;
                Ok(exported)
            }
            Err(error) => {
                clear(&new)?;
                Err(error)
            }
        }
    }

    fn bundle(&self, to: &Path) -> Result<Exported, DatabaseError> {
        let file = File::create_new(to).map_err(DatabaseError::file(to))?;
        let mut objects =
            Objects { out: BufWriter::new(file), ids: BTreeSet::new(), exported: Exported::default() };
        let failed = DatabaseError::file(to);
        let begun = write!(objects.out, "{{\"type\":\"bundle\",\"id\":{},\"objects\":[", json!(self.id()));
        begun.map_err(&failed)?;
        let epoch = Stamp {
            created: Timestamp::UNIX_EPOCH,
            modified: self.modified.unwrap_or(Timestamp::UNIX_EPOCH),
        };
        objects.add(&maker(epoch)).map_err(&failed)?;
        objects.add(&identifiers::definition(epoch)).map_err(&failed)?;
        for entry in self.compromises.entries() {
            compromise::write(entry, self.modified, &mut objects).map_err(&failed)?;
        }
        for software in identifiers::software(self.compromises.entries()) {
            objects.add(&software).map_err(&failed)?;
        }
        if let Some(database) = self.database {
            imported::write(database, self.modified, &mut objects, &failed)?;
        }
        objects.out.write_all(b"\n]}\n").and_then(|()| objects.out.flush()).map_err(&failed)?;
        Ok(objects.exported)
    }

    /// The identifier of the bundle: that of what goes into it.
    fn id(&self) -> String {
        let mut all: Vec<String> =
            self.compromises.entries().iter().map(|entry| entry.id.to_string()).collect();
        all.extend(shipped_files().iter().map(|(_, text)| EvidenceId::of(text.as_bytes()).to_string()));
        all.extend(self.modified.iter().map(Timestamp::to_string));
        let sources = self.database.iter().flat_map(|database| &database.status().sources);
        all.extend(sources.map(|source| format!("{} {}", source.name, source.sha256)));
        id::own("bundle", &all.join("\n"))
    }
}

/// Objects as they are written, each once.
struct Objects {
    out: BufWriter<File>,
    ids: BTreeSet<String>,
    exported: Exported,
}

impl Objects {
    fn add(&mut self, object: &Value) -> io::Result<()> {
        let id = object["id"].as_str().unwrap_or_default();
        if !self.ids.insert(id.to_owned()) {
            return Ok(());
        }
        let comma = if self.exported.objects == 0 { "" } else { "," };
        self.exported.objects += 1;
        self.exported.indicators += u64::from(object["type"] == "indicator");
        write!(self.out, "{comma}\n{object}")
    }
}

/// When objects count as made.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    created: Timestamp,
    modified: Timestamp,
}

/// An object of ours: what all have in common, and its own properties; those that are null are left out.
fn object(kind: &str, id: &str, stamp: Stamp, properties: Value) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id,
        "created": time(stamp.created), "modified": time(stamp.modified.max(stamp.created)),
    });
    if kind != "identity" {
        object["created_by_ref"] = json!(id::own("identity", "floodmark"));
    }
    if let (Some(object), Value::Object(properties)) = (object.as_object_mut(), properties) {
        object.extend(properties.into_iter().filter(|(_, value)| !value.is_null() && *value != json!([])));
    }
    object
}

fn maker(stamp: Stamp) -> Value {
    let properties = json!({ "name": "Floodmark", "identity_class": "system" });
    object("identity", &id::own("identity", "floodmark"), stamp, properties)
}

fn relationship(stamp: Stamp, from: &str, kind: &str, to: &str, properties: Value) -> Value {
    let id = id::own("relationship", &format!("{from} {kind} {to}"));
    let mut relation = object(
        "relationship",
        &id,
        stamp,
        json!({ "relationship_type": kind, "source_ref": from, "target_ref": to }),
    );
    if let (Some(relation), Value::Object(properties)) = (relation.as_object_mut(), properties) {
        relation.extend(properties.into_iter().filter(|(_, value)| !value.is_null() && *value != json!([])));
    }
    relation
}

/// A time as STIX writes it.
fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
