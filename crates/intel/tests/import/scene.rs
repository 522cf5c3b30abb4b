//! A folder with files to import, and the database that they go into.

use std::path::PathBuf;
use std::process::Command;

use floodmark_intel::database::{Build, Database};
use floodmark_intel::read::{Import, Report};

pub(crate) struct Scene {
    root: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        Self { root: folder(), home: folder() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn relative(&self, path: &str) -> String {
        path.replace(&format!("{}/", self.root.path().display()), "")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        std::fs::write(path, bytes).expect("a file");
    }

    pub(crate) fn import(&self, path: &str) -> Report {
        let mut build = Build::start(&self.home.path().join("intel.db")).expect("begun");
        let mut import = Import::into(&mut build);
        import.read(&self.path(path), None).expect("the database can be written");
        let report = import.report();
        build.finish().expect("built");
        report
    }

    pub(crate) fn database(&self) -> Database {
        Database::open(&self.home.path().join("intel.db")).expect("a database")
    }

    /// Takes the database away.
    pub(crate) fn clear(&self) {
        let _ = std::fs::remove_file(self.home.path().join("intel.db"));
    }

    /// What lies beside the database that does not belong to it.
    pub(crate) fn files_outside(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path()).expect("a folder");
        let names = entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned());
        names.filter(|name| name != "intel.db" && name != "intel.db.lock").collect()
    }

    /// Runs a script here; none where there is no Python.
    pub(crate) fn python(&self, script: &str) -> Option<()> {
        let status =
            Command::new("python3").args(["-c", script]).current_dir(self.root.path()).status().ok()?;
        assert!(status.success(), "the script runs");
        Some(())
    }
}

/// An advisory about all versions of a package on `PyPI`.
pub(crate) fn osv(id: &str, package: &str) -> String {
    serde_json::json!({
        "id": id, "modified": "2026-01-01T00:00:00Z",
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }],
    })
    .to_string()
}
