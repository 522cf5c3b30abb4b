//! The rule pack that ships with the program.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
