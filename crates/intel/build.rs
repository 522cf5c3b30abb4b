//! Embeds the compromises: every file of `intel/compromises` becomes one entry of `embedded::FILES`.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("../../intel/compromises");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("intel/compromises is part of the source")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut code = String::from(
        "/// Every file of `intel/compromises`, sorted by name: its name and its text.\npub(crate) const FILES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        let path = fs::canonicalize(&file).expect("it exists");
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(
            code,
            "    ({:?}, include_str!({:?})),",
            format!("intel/compromises/{name}"),
            path.display().to_string()
        )
        .expect("in memory");
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("compromises.rs"), code)
        .expect("OUT_DIR is writable");
}
