//! Everything that was seen, indexed for the way through it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::sightings::Sighting;
use crate::engine::births::look::leaf;
use crate::engine::births::{Birth, Name, Names, Nature};
use crate::time::Time;

/// A session of the console carries the time of its login; clocks and redirects take this long at most.
pub(super) const LOGIN_SLACK: i64 = 60;
/// No more keys than this of one principal and instant are looked at to tell whose they are.
const MOST_AT_ONCE: usize = 1_000;
/// No session of the console outlives this.
const CONSOLE_HOURS: i64 = 12 * 3_600;

/// Everything that was seen, indexed.
pub(super) struct Past<'a> {
    pub names: &'a Names,
    pub births: &'a [Birth],
    pub sightings: &'a [Sighting],
    pub by_parent: Index,
    pub by_child: Index,
    pub by_role: Index,
    pub by_session: Index,
    pub by_provider: Index,
    pub by_principal: Index,
    /// Logins to the console, by their principal.
    logins: Index,
    pub seen_by_id: Index,
    pub seen_by_arn: Index,
    /// By ARN and the instant at which the session was made.
    seen_by_start: Vec<(Name, Time, u32)>,
    /// By the last part of a session's ARN.
    seen_by_session: HashMap<&'a str, Vec<usize>, RandomState>,
}

/// Numbers by name, as a sorted list: as small as it can be.
pub(super) struct Index(Vec<(Name, u32)>);

impl Index {
    fn new(names: impl Iterator<Item = Name>) -> Self {
        let mut index: Vec<(Name, u32)> = names.zip(0..).filter(|(name, _)| !name.is_empty()).collect();
        index.sort_unstable();
        index.shrink_to_fit();
        Self(index)
    }

    /// The numbers under a name, rising.
    pub(super) fn of(&self, name: Name) -> impl Iterator<Item = usize> + use<'_> {
        let from = self.0.partition_point(|(known, _)| *known < name);
        self.0[from..].iter().take_while(move |(known, _)| *known == name).map(|&(_, number)| number as usize)
    }
}

impl<'a> Past<'a> {
    pub(super) fn new(names: &'a Names, births: &'a [Birth], sightings: &'a [Sighting]) -> Self {
        let mut seen_by_session: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
        for (number, sighting) in sightings.iter().enumerate() {
            let arn = names.get(sighting.arn);
            if arn.contains(":assumed-role/") {
                seen_by_session.entry(leaf(arn)).or_default().push(number);
            }
        }
        let mut seen_by_start: Vec<(Name, Time, u32)> =
            sightings.iter().zip(0..).map(|(seen, number)| (seen.arn, seen.created, number)).collect();
        seen_by_start.sort_unstable();
        Self {
            names,
            births,
            sightings,
            by_parent: Index::new(births.iter().map(|birth| birth.parent)),
            by_child: Index::new(births.iter().map(|birth| birth.child)),
            by_role: Index::new(births.iter().map(|birth| birth.role)),
            by_session: Index::new(births.iter().map(|birth| birth.session)),
            by_provider: Index::new(births.iter().map(|birth| birth.provider)),
            by_principal: Index::new(births.iter().map(|birth| birth.principal)),
            seen_by_id: Index::new(sightings.iter().map(|sighting| sighting.id)),
            seen_by_arn: Index::new(sightings.iter().map(|sighting| sighting.arn)),
            logins: Index::new(births.iter().map(|birth| {
                if birth.nature == Nature::Console { birth.principal } else { Name::default() }
            })),
            seen_by_start,
            seen_by_session,
        }
    }

    pub(super) fn text(&self, name: Name) -> &'a str {
        self.names.get(name)
    }

    /// How a credential was seen in use.
    pub(super) fn sighting(&self, id: Name) -> Option<&'a Sighting> {
        self.seen_by_id.of(id).next().map(|number| &self.sightings[number])
    }

    /// Whether keys were seen in use whose issue was not.
    pub(super) fn is_orphan(&self, sighting: &Sighting) -> bool {
        self.text(sighting.id).starts_with("ASIA") && self.by_child.of(sighting.id).next().is_none()
    }

    /// What was seen of sessions of a principal that were made at one instant.
    pub(super) fn of_one_start(&self, arn: Name, created: Time) -> impl Iterator<Item = usize> + use<'_> {
        let from = self.seen_by_start.partition_point(|known| (known.0, known.1) < (arn, created));
        self.seen_by_start[from..]
            .iter()
            .take_while(move |known| (known.0, known.1) == (arn, created))
            .map(|known| known.2 as usize)
    }

    /// Whether keys, and all others made for the same principal at the same instant, were first used by services:
    /// if not, they are of a session that somebody holds.
    pub(super) fn is_of_services(&self, sighting: &Sighting) -> bool {
        self.login_of(sighting).is_none()
            && self
                .of_one_start(sighting.arn, sighting.created)
                .map(|number| &self.sightings[number])
                .take(MOST_AT_ONCE)
                .all(|other| self.text(other.invoked_by).ends_with(".amazonaws.com"))
    }

    /// The login that keys of the console come from: the latest of the same principal when they were made.
    pub(super) fn login_of(&self, sighting: &Sighting) -> Option<usize> {
        if sighting.created == Time::MIN {
            return None;
        }
        let latest = sighting.created.plus_seconds(LOGIN_SLACK);
        let earliest = sighting.created.plus_seconds(-CONSOLE_HOURS);
        self.logins
            .of(sighting.arn)
            .filter(|&number| (earliest..=latest).contains(&self.births[number].time))
            .last()
    }

    /// The sessions whose name this is.
    pub(super) fn sessions_named(&self, session: Name) -> impl Iterator<Item = usize> {
        self.seen_by_session.get(self.text(session)).into_iter().flatten().copied()
    }
}
