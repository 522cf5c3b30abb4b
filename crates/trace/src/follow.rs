//! The second pass: what the fallen credentials did, over the inputs that hold their events.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::engine::births::look::all;
use crate::engine::lineage::Lineage;
use crate::engine::story::StoryFold;
use crate::engine::volume::ObjectRead;
use crate::event::Event;
use crate::place::Place;
use crate::read::Sink;
use crate::read::s3_access_log::S3Access;

/// One worker's fold over the events that it read.
#[derive(Debug)]
pub(crate) struct Follow<'l> {
    lineage: &'l Lineage,
    /// What was done.
    pub story: StoryFold,
    /// The network interfaces of the machines that were started.
    pub interfaces: BTreeSet<String>,
}

impl<'l> Follow<'l> {
    /// Follows what is in this lineage.
    pub(crate) fn new(lineage: &'l Lineage) -> Self {
        Self { lineage, story: StoryFold::default(), interfaces: BTreeSet::new() }
    }

    /// Both together.
    #[must_use]
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.interfaces.extend(other.interfaces);
        Self { story: self.story.merge(other.story), ..self }
    }
}

impl Sink for Follow<'_> {
    fn event(&mut self, event: &Event<'_>, place: Place) {
        let is_intruder = self.story.observe(self.lineage, event, place).is_some();
        if is_intruder && &*event.wire.name == "RunInstances" {
            let path =
                ["instancesSet", "items", "[]", "networkInterfaceSet", "items", "[]", "networkInterfaceId"];
            let interfaces = all(event.wire.response.as_ref(), &path);
            self.interfaces.extend(interfaces.into_iter().map(Cow::into_owned));
        }
    }

    fn object_read(&mut self, access: &S3Access<'_>, place: Place) {
        if !access.is_object_read() {
            return;
        }
        let read = ObjectRead {
            bucket: access.bucket,
            key: &access.key,
            bytes: access.bytes_sent.unwrap_or(0),
            requester: access.requester,
            address: access.address,
            agent: access.agent,
            request_id: access.request_id,
            time: access.time,
            place,
        };
        self.story.observe_access(self.lineage, &read);
    }
}
