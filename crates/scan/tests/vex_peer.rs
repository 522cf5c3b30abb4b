//! Which components a product of VEX names, beside go-vex, with which `vexctl` and Grype decide it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use floodmark_intel::purl::Purl;

/// Builds the peer once.
fn peer() -> Result<Command, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-vex");
    let binary = home.join("peer");
    if !binary.exists() {
        fs::create_dir_all(&home).map_err(|error| error.to_string())?;
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vex/peer.go");
        fs::copy(source, home.join("main.go")).map_err(|error| error.to_string())?;
        let _ = fs::remove_file(home.join("go.mod"));
        for arguments in [
            &["mod", "init", "peer"][..],
            &["get", "github.com/openvex/go-vex/pkg/vex@v0.2.9"],
            &["build", "-o", "peer"],
        ] {
            let output = Command::new("go").args(arguments).current_dir(&home).output();
            let output = output.map_err(|error| format!("no go: {error}"))?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned());
            }
        }
    }
    Ok(Command::new(binary))
}

#[test]
fn a_product_names_what_it_names_for_go_vex() {
    let mut command = match peer() {
        Ok(command) => command,
        Err(why) => return eprintln!("SKIPPED: products of VEX are not compared with go-vex: {why}"),
    };
    let mut purls = Vec::new();
    for name in
        ["npm/a", "npm/%40a/b", "pypi/foo-bar", "PyPI/Foo_Bar", "deb/debian/a", "deb/ubuntu/a", "oci/a"]
    {
        for version in ["", "@1.0", "@1.0.0", "@1%3A1.0", "@sha256:ba7816bf"] {
            for rest in ["", "?arch=amd64", "?arch=arm64", "?arch=amd64&distro=debian-12"] {
                purls.push(format!("pkg:{name}{version}{rest}"));
            }
        }
    }
    let pairs: Vec<(&String, &String)> =
        purls.iter().flat_map(|one| purls.iter().map(move |other| (one, other))).collect();
    let asked: Vec<String> = pairs.iter().map(|(one, other)| format!("{one}\t{other}\n")).collect();
    let asked = asked.concat();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let said = String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("text");
    writer.join().expect("written").expect("all is taken");
    let said: Vec<&str> = said.lines().collect();
    assert_eq!(said.len(), pairs.len());
    let purl = |text: &str| text.parse::<Purl>().expect("a purl");
    let mut same = 0;
    for ((one, other), said) in pairs.iter().zip(said) {
        assert_eq!(purl(one).covers(&purl(other)).to_string(), said, "{one} and {other}");
        same += usize::from(said == "true");
    }
    println!("{} pairs of purls, of which {same} match", pairs.len());
    assert!(same > 500, "{same}");
}
