//! The store of a case, from the outside.

mod hostile;
mod kill;
mod lock;
mod permissions;
mod record;
mod sample;
mod scan;
mod tamper;
