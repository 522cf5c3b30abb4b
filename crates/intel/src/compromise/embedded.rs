//! The compromises that ship with the program; written by `build.rs`.

include!(concat!(env!("OUT_DIR"), "/compromises.rs"));
