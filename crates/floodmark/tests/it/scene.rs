//! A scratch folder to run the program in, and evidence to put there.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder that is gone at the end; commands run in it, so that no path of this machine gets into an answer.
pub(crate) struct Scene {
    root: tempfile::TempDir,
}

/// How a command ended, and what it said.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a scratch folder");
        fs::create_dir(root.path().join("tmp")).expect("a folder");
        Self { root }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        fs::write(path, bytes).expect("a file");
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file of text")
    }

    /// What is in the folder that the program takes for temporary files.
    pub(crate) fn left_in_tmp(&self) -> usize {
        fs::read_dir(self.path("tmp")).expect("a folder").count()
    }

    /// The program, as if typed here with these words.
    pub(crate) fn floodmark(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_floodmark"));
        command.args(arguments.split_whitespace());
        self.scrub(&mut command);
        command
    }

    /// Takes the caller's environment away from a command, and runs it here.
    pub(crate) fn scrub(&self, command: &mut Command) {
        command.env_clear().env("TMPDIR", self.path("tmp")).env("USER", "tester").env("COLUMNS", "80");
        command.current_dir(self.root.path()).stdin(Stdio::null());
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(&mut self.floodmark(arguments))
    }

    /// Runs with these bytes on standard input.
    pub(crate) fn run_with_input(&self, arguments: &str, input: &[u8]) -> Ran {
        let mut command = self.floodmark(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(input).expect("all is taken");
        Ran::from(child.wait_with_output().expect("the program ends"))
    }

    /// What a run said, with the scratch folder called `ROOT`.
    pub(crate) fn without_root(&self, ran: &Ran) -> String {
        let root = self.root.path().canonicalize().expect("the folder is there");
        ran.to_string().replace(&root.display().to_string(), "ROOT")
    }

    /// A rehearsal of 1,500 events in the folder `logs`.
    pub(crate) fn with_rehearsal() -> Self {
        let scene = Self::new();
        let made = scene.run("rehearse logs --events 1500 --seed 3");
        assert_eq!(made.code, Some(0), "{made}");
        scene
    }
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the program starts"))
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// The paths that were not read, with the reasons, from the JSON answer.
    pub(crate) fn unread(&self) -> Vec<(String, String)> {
        let json = self.json();
        let rows = json["coverage"]["unread"].as_array().expect("coverage lists what was not read").clone();
        let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        rows.iter().map(|row| (text(row, "path"), text(row, "why"))).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// All of a run, for a snapshot.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code: {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "----- stdout -----\n{}----- stderr -----\n{}", self.stdout, self.stderr)
    }
}

/// A log file as CloudTrail delivers it: one user looks around, a call a minute.
pub(crate) fn log_file(calls: &[&str]) -> String {
    let records: Vec<_> = calls.iter().zip(0..60).map(|(call, minute)| record(call, minute)).collect();
    format!("{{\"Records\":[{}]}}", records.join(","))
}

fn record(call: &str, minute: u32) -> String {
    let (service, name) = call.split_once(':').expect("service:Call");
    serde_json::json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAIOSFODNN7EXAMPLE", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        },
        "eventTime": format!("2026-03-19T18:{minute:02}:00Z"),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": null,
        "responseElements": null,
        "eventID": format!("00000000-0000-4000-8000-{minute:012}"),
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    })
    .to_string()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// Makes a FIFO; says loudly if it cannot.
pub(crate) fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo makes a FIFO");
}
