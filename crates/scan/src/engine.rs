//! Records to results. Pure: no clock, and no I/O but what is asked of [`knowledge`].

pub(crate) mod advised;
mod ancestors;
pub(crate) mod compromised;
pub(crate) mod flaw;
pub(crate) mod inventory;
pub(crate) mod knowledge;
pub(crate) mod matching;
pub(crate) mod set_aside;
pub(crate) mod vexed;
