//! What a member of a record is, by its name.

use std::borrow::Cow;

use crate::event::Wire;
use crate::json::Json;
use crate::json::scan::{Quoted, Result, Strange};

/// The members that have a place of their own in a record, and the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Id,
    Source,
    Name,
    Region,
    Address,
    Agent,
    Account,
    Error,
    Identity,
    Request,
    Response,
    Additional,
    Resources,
    Other,
    /// Another one, whose name has escapes.
    Escaped,
}

impl Field {
    pub(super) fn of(name: &Quoted<'_>) -> Result<Self> {
        Ok(match &*name.text()? {
            "eventTime" => Self::Time,
            "eventID" => Self::Id,
            "eventSource" => Self::Source,
            "eventName" => Self::Name,
            "awsRegion" => Self::Region,
            "sourceIPAddress" => Self::Address,
            "userAgent" => Self::Agent,
            "recipientAccountId" => Self::Account,
            "errorCode" => Self::Error,
            "userIdentity" => Self::Identity,
            "requestParameters" => Self::Request,
            "responseElements" => Self::Response,
            "additionalEventData" => Self::Additional,
            "resources" => Self::Resources,
            _ if name.has_escapes => Self::Escaped,
            _ => Self::Other,
        })
    }
}

/// A member of a record, as it stands in the text.
pub(super) struct Member<'t> {
    pub(super) field: Field,
    /// The text that it stands in.
    pub(super) text: &'t str,
    /// Where its name is, with the quotes.
    pub(super) name: (usize, usize),
    pub(super) value: &'t str,
    /// Whether there are escapes in a value that is a string.
    pub(super) has_escapes: bool,
}

impl<'t> Member<'t> {
    /// Puts it into its place.
    pub(super) fn enter(self, wire: &mut Wire<'t>) -> Result<()> {
        let value = Json::trimmed(self.value);
        match self.field {
            Field::Time => wire.time = self.plain(wire)?,
            Field::Id => wire.id = self.plain(wire)?,
            Field::Source => wire.source = self.plain(wire)?,
            Field::Name => wire.name = self.plain(wire)?,
            Field::Region => wire.region = self.plain(wire)?,
            Field::Address => wire.address = self.plain(wire)?,
            Field::Agent => wire.agent = self.plain(wire)?,
            Field::Account => wire.account = self.plain(wire)?,
            Field::Error => wire.error = Some(self.plain(wire)?).filter(|code| !code.is_empty()),
            Field::Identity => wire.identity = Some(value),
            Field::Request => wire.request = Some(value),
            Field::Response => wire.response = Some(value),
            Field::Additional => wire.additional = Some(value),
            Field::Resources => wire.resources = Some(value),
            Field::Other => {
                let (from, to) = self.name;
                let name = self.text.get(from + 1..to - 1).ok_or(Strange)?;
                wire.others.push((Cow::Borrowed(name), value));
            }
            Field::Escaped => wire.others.push((self.name()?, value)),
        }
        Ok(())
    }

    /// The text of a field that has a place of its own in a record.
    fn plain(&self, wire: &mut Wire<'t>) -> Result<Cow<'t, str>> {
        match self.value.as_bytes() {
            [b'"', _, .., b'"'] if !self.has_escapes => {
                self.value.get(1..self.value.len() - 1).map(Cow::Borrowed).ok_or(Strange)
            }
            _ => Ok(wire.plain(self.name()?, Json::trimmed(self.value))),
        }
    }

    fn name(&self) -> Result<Cow<'t, str>> {
        let quoted = self.text.get(self.name.0..self.name.1).ok_or(Strange)?;
        Json::trimmed(quoted).string().ok_or(Strange)
    }
}
