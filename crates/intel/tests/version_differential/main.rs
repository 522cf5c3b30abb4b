//! Every order beside its reference implementation, on thousands of pairs. `README.md` tells which and how.

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

mod corpus;
mod pairs;
mod peer;

use std::cmp::Ordering;

use floodmark_intel::version::{Order, Version};

use peer::Found;

/// What the peer may refuse though we take it.
#[derive(Clone, Copy, PartialEq)]
enum Door {
    /// Nothing: both take the same texts.
    Same,
    /// Short and sloppy forms, which are in the documentation of the order.
    Wider,
    /// It may also take what we refuse: it is looser than what it stands for.
    Loose,
}

struct Case<'a> {
    order: Order,
    door: Door,
    real: Vec<String>,
    pieces: &'a [&'a str],
    pairs: usize,
    /// Pairs that are not asked, since the peer says there what no order can hold or what it does not mean.
    left_out: fn(&str, &str) -> bool,
}

impl Case<'_> {
    fn agrees_with(&self, name: &str, peer: impl Fn() -> Found) {
        let mut pairs = pairs::pairs(0x0f10_0d3a_4c00, self.pairs, &self.real, self.pieces);
        pairs.retain(|(a, b)| !(self.left_out)(a, b));
        let theirs = match peer().and_then(|command| peer::ask(command, &pairs)) {
            Ok(theirs) => theirs,
            Err(why) => {
                eprintln!("SKIPPED: {} is not compared with {name}: {why}", self.order);
                return;
            }
        };
        let (mut both, mut differences) = (0, Vec::new());
        for ((a, b), theirs) in pairs.iter().zip(theirs) {
            let ours = self.ours(a, b);
            both += usize::from(ours != b'!' && theirs != b'!');
            let refused = match self.door {
                Door::Same => false,
                Door::Wider => theirs == b'!',
                Door::Loose => theirs == b'!' || ours == b'!',
            };
            if ours != theirs && !refused {
                differences.push((a.as_str(), b.as_str(), ours, theirs));
            }
        }
        let circles = differences.len();
        // Each costs a process; more than these are no corner.
        if circles <= 200 {
            differences.retain(|(a, b, _, theirs)| !circular(&peer, a, b, *theirs));
        }
        let circles = circles - differences.len();
        let shown: Vec<String> = differences
            .iter()
            .take(40)
            .map(|(a, b, ours, theirs)| {
                format!("{a:?} {b:?}: ours {}, theirs {}", *ours as char, *theirs as char)
            })
            .collect();
        let (wrong, all) = (differences.len(), pairs.len());
        assert!(wrong == 0, "{wrong} of {all} pairs differ from {name}:\n{}", shown.join("\n"));
        assert!(circles * 50 < all, "{circles} circles of {name} are more than a corner");
        assert!(both * 5 > all, "only {both} of {all} pairs are versions to both");
        println!(
            "{}: {all} pairs as in {name}, {both} of them versions to both; {circles} where it runs in a circle",
            self.order
        );
    }

    fn ours(&self, a: &str, b: &str) -> u8 {
        match (Version::parse(a, self.order), Version::parse(b, self.order)) {
            (Ok(a), Ok(b)) => match a.cmp(&b) {
                Ordering::Less => b'<',
                Ordering::Equal => b'=',
                Ordering::Greater => b'>',
            },
            _ => b'!',
        }
    }
}

/// Whether the peer contradicts itself on a pair: there is a third version by way of which it says another thing than
/// it says at once. No order can agree with it there.
fn circular(peer: impl Fn() -> Found, a: &str, b: &str, theirs: u8) -> bool {
    let stems = [a, b].into_iter().flat_map(|text| (1..=text.len()).filter_map(|end| text.get(..end)));
    let ends = ["", "-alpha", "-sp", "-1", ".1", "-x", "-1-alpha", ".x.1", ".alpha.1", ".0.1"];
    let thirds: Vec<String> = stems.flat_map(|stem| ends.map(|end| format!("{stem}{end}"))).collect();
    let ways = |first: &str, second: &str| (first.to_owned(), second.to_owned());
    let asked: Vec<_> = thirds.iter().flat_map(|third| [ways(a, third), ways(third, b)]).collect();
    let Ok(said) = peer().and_then(|command| peer::ask(command, &asked)) else { return false };
    said.chunks(2).any(|two| match (two[0], two[1]) {
        (b'!', _) | (_, b'!') | (b'<', b'>') | (b'>', b'<') => false,
        (b'=', way) | (way, _) => way != theirs,
    })
}

const SEMVER: &[&str] = &[
    ".0",
    ".1",
    ".10",
    ".2.3",
    "-0",
    "-1",
    "-alpha",
    "-alpha.1",
    "-rc.1",
    ".beta",
    ".rc",
    "-",
    "+build",
    "+1",
    ".01",
    "-0a",
    "-a-b",
    ".99999999999999",
    "-Z",
    "--",
];

fn none(_: &str, _: &str) -> bool {
    false
}

#[test]
fn semver_orders_as_npm_does() {
    Case {
        order: Order::SemVer,
        door: Door::Wider,
        real: [corpus::versions("malicious/npm.zip", 4000), corpus::versions("crates.io/all.zip", 2000)]
            .concat(),
        pieces: SEMVER,
        pairs: 20_000,
        // npm's numbers end at 2^53.
        left_out: |a, b| has_digits(a, 16) || has_digits(b, 16),
    }
    .agrees_with("semver of npm", || peer::node("semver", "semver.js"));
}

#[test]
fn semver_orders_as_hex_does() {
    Case {
        order: Order::SemVer,
        door: Door::Wider,
        real: corpus::versions("crates.io/all.zip", 2000),
        pieces: SEMVER,
        pairs: 20_000,
        left_out: none,
    }
    .agrees_with("Elixir's Version", || peer::script("elixir", "hex.exs"));
}

#[test]
fn go_orders_as_its_own_module_does() {
    let with_v = |version: String| if version.starts_with('v') { version } else { format!("v{version}") };
    let real = corpus::versions("Go/all.zip", 5000).into_iter().map(with_v).collect();
    Case {
        order: Order::Go,
        door: Door::Wider,
        real,
        pieces: &[
            ".0",
            ".1",
            "-rc.1",
            "+incompatible",
            "-0.20191109021931-daa7c04131f5",
            "-pre",
            ".0.2019",
            "-",
            "-a",
        ],
        pairs: 20_000,
        left_out: none,
    }
    .agrees_with("golang.org/x/mod/semver", peer::go);
}

#[test]
fn pep440_orders_as_packaging_does() {
    Case {
        order: Order::Pep440,
        door: Door::Same,
        real: corpus::versions("PyPI/all.zip", 8000),
        pieces: &[
            ".0", ".1", ".00", "a1", "b2", "rc1", "c", ".alpha", "-beta.", "_pre", "preview2", ".post1",
            "-1", "post", "rev3", "-r4", ".dev0", "dev", "_DEV5", "+local", "+1.a", "+a.1-b_2", ".", "-",
            "!1", "x", "A",
        ],
        pairs: 30_000,
        left_out: none,
    }
    .agrees_with("packaging", || peer::python("packaging", "pep440.py"));
}

#[test]
fn conan_orders_as_conan_does() {
    Case {
        order: Order::Conan,
        door: Door::Same,
        real: corpus::versions("crates.io/all.zip", 2000),
        pieces: &[".0", ".1", ".10", "k", ".a", "-alpha", "-1", "+b", "+1.0", "-rc.2", ".cci", ".20200101"],
        pairs: 20_000,
        // An item of digits and more is compared with a number as text, in a circle; and Python reads `1_0`, `-1` as numbers.
        left_out: |a, b| {
            [a, b].iter().any(|text| {
                let mixed = |item: &str| {
                    item.starts_with(|c: char| c.is_ascii_digit())
                        && !item.bytes().all(|byte| byte.is_ascii_digit())
                };
                text.split(['.', '-', '+']).any(mixed)
                    || text.matches('-').count() > 1
                    || text.matches('+').count() > 1
                    || text.contains(['_'])
                    || text.contains(".-")
                    || text.split_once('+').is_some_and(|(_, build)| build.contains('-'))
            })
        },
    }
    .agrees_with("conan", || peer::python("conan", "conan_version.py"));
}

#[test]
fn nuget_orders_as_its_port_does() {
    Case {
        order: Order::NuGet,
        door: Door::Loose,
        real: corpus::versions("malicious/NuGet.zip", 2000),
        pieces: &[
            ".0", ".1", ".2", "-alpha", "-Beta", "-rc.1", ".5", "+meta", "-1", "-10", "-x-y", ".A", ".b",
        ],
        pairs: 20_000,
        // .NET reads a label like `-1` as a number, the port as text.
        left_out: |a, b| [a, b].iter().any(|text| text.contains("--") || text.contains(".-")),
    }
    .agrees_with("univers", || peer::python("univers", "nuget.py"));
}

#[test]
fn maven_orders_as_maven_does() {
    let real = corpus::versions("malicious/Maven.zip", 1000);
    Case {
        order: Order::Maven,
        door: Door::Same,
        real: [real, corpus::versions("crates.io/all.zip", 500)].concat(),
        pieces: &[
            ".0",
            ".1",
            "-1",
            "-0",
            "-alpha",
            "-a1",
            "b2",
            "-M1",
            "-rc",
            "-cr1",
            "-SNAPSHOT",
            ".Final",
            "-ga",
            ".RELEASE",
            "-sp",
            "sp1",
            "-jre8",
            ".android",
            "-",
            ".",
            "-x",
            "-2-3",
            "alpha",
        ],
        pairs: 30_000,
        left_out: none,
    }
    .agrees_with("ComparableVersion", peer::maven);
}

#[test]
fn gem_orders_as_rubygems_does() {
    Case {
        order: Order::Gem,
        door: Door::Same,
        real: corpus::versions("malicious/RubyGems.zip", 2000),
        pieces: &[
            ".0", ".1", ".a", ".0.b", "a", "rc1", ".pre", "-1", "-x.y", ".00", ".10", "-", ".B", "_", "-0",
        ],
        pairs: 20_000,
        left_out: none,
    }
    .agrees_with("Gem::Version", || peer::script("ruby", "gem.rb"));
}

#[test]
fn composer_orders_as_composer_does() {
    Case {
        order: Order::Composer,
        door: Door::Same,
        real: corpus::versions("crates.io/all.zip", 1000),
        pieces: &[
            ".0", ".1", ".2.3", "-dev", "-alpha1", "a2", "-beta", "b.3", "-RC1", ".rc2", "-patch1", "pl2",
            "p3", "-stable", "@dev", "+build", ".x-dev", "-", "_", ".20", "-2010", "dev", "stable",
        ],
        pairs: 20_000,
        // PHP's numbers end at 2^63, and a branch with a name is no version to compare.
        left_out: |a, b| [a, b].iter().any(|text| has_digits(text, 18) || text.starts_with("dev-")),
    }
    .agrees_with("composer/semver", || peer::script("php", "composer.php"));
}

#[test]
fn dpkg_orders_as_dpkg_does() {
    Case {
        order: Order::Dpkg,
        door: Door::Same,
        real: corpus::versions("PyPI/all.zip", 500),
        pieces: DISTRIBUTION,
        pairs: 4_000,
        // dpkg only warns of characters that it does not know, and takes a leading hyphen for an option.
        left_out: |a, b| {
            [a, b]
                .iter()
                .any(|text| text.contains(['^', '_', '!']) || text.starts_with('-') || text.ends_with('-'))
        },
    }
    .agrees_with("dpkg", || {
        peer::script("sh", "dpkg.sh").and_then(|command| peer::found("dpkg").map(|_| command))
    });
}

const DISTRIBUTION: &[&str] = &[
    ".0",
    ".1",
    ".10",
    ".01",
    "~rc1",
    "~",
    "~~",
    "^git1",
    "^",
    "a",
    "b2",
    "+dfsg",
    "-1",
    "-2.el9",
    "-0",
    "-1~deb12u1",
    "_1",
    ".fc40",
    "..",
    "-1+b1",
    "Z",
    "+",
];

#[test]
fn rpm_orders_as_rpm_does() {
    let real = corpus::versions("AlmaLinux/all.zip", 3000);
    let epochs = real.iter().take(2000).map(|version| format!("1:{version}")).collect();
    Case {
        order: Order::Rpm,
        door: Door::Wider,
        real: [real, epochs].concat(),
        pieces: DISTRIBUTION,
        pairs: 20_000,
        // rpm lets an empty version pass.
        left_out: |a, b| {
            [a, b].iter().any(|text| text.starts_with('-') || text.ends_with(':') || text.contains(":-"))
        },
    }
    .agrees_with("rpm", || peer::system_python("rpm_evr.py"));
}

#[test]
fn apk_orders_as_apk_does() {
    Case {
        order: Order::Apk,
        door: Door::Same,
        real: corpus::versions("crates.io/all.zip", 500),
        pieces: &[
            ".0",
            ".1",
            ".10",
            ".01",
            ".003",
            "a",
            "b",
            "_alpha",
            "_beta2",
            "_pre1",
            "_rc",
            "_p1",
            "_git20240101",
            "_cvs",
            "_hg",
            "-r0",
            "-r1",
            "-r10",
            "~0abc",
            "_svn3",
        ],
        pairs: 4_000,
        // A leading hyphen is an option to apk.
        left_out: |a, b| a.starts_with('-') || b.starts_with('-'),
    }
    .agrees_with("apk", || {
        peer::script("sh", "apk.sh").and_then(|command| peer::found("apk").map(|_| command))
    });
}

#[test]
fn alpm_orders_as_libalpm_does() {
    Case {
        order: Order::Alpm,
        door: Door::Wider,
        real: corpus::versions("AlmaLinux/all.zip", 1000),
        pieces: &[".0", ".1", ".10", ".01", "rc1", "a", ".a", "-1", "-2", "_3", "+4", "..5", ".r12.gabc"],
        pairs: 20_000,
        // Where one has no release, or ends in a separator, libalpm's order runs in a circle.
        left_out: |a, b| {
            let trailing =
                |text: &str| text.split('-').any(|part| !part.ends_with(|c: char| c.is_ascii_alphanumeric()));
            a.contains('-') != b.contains('-')
                || [a, b].iter().any(|text| trailing(text) || text.contains(['!', ':']))
        },
    }
    .agrees_with("libalpm", || peer::system_python("alpm_vercmp.py"));
}

#[test]
fn cran_orders_as_r_does() {
    Case {
        order: Order::Cran,
        door: Door::Wider,
        real: corpus::versions("crates.io/all.zip", 500),
        pieces: &[".0", ".1", "-1", "-10", ".01", ".2.3", "-0", "."],
        pairs: 4_000,
        // R's numbers have 32 bits, and it takes a single number for none.
        left_out: |a, b| [a, b].iter().any(|text| has_digits(text, 9)),
    }
    .agrees_with("package_version", || peer::script("Rscript", "cran.R"));
}

/// Whether so many digits stand in a row.
fn has_digits(text: &str, count: usize) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= count)
}
