//! Records to results. Pure: no I/O, no clock.

pub(crate) mod inventory;
