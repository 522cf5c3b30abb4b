//! What is broken, huge, bottomless or moving: each is told, nothing else is lost.

mod read_support;

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use floodmark_case::Unread;
use floodmark_trace::read::inputs::inputs;
use floodmark_trace::read::{Outcome, Worker};
use read_support::{EVENT, Kept, SEEN, gzip, input, put, read, read_file};

/// The one thing that must be told.
#[track_caller]
fn told(outcome: &Outcome) -> &Unread {
    assert_eq!(outcome.unread.len(), 1, "{:?}", outcome.unread);
    &outcome.unread[0]
}

#[track_caller]
fn is_incomplete(outcome: &Outcome, words: &str) {
    let unread = told(outcome);
    assert!(unread.incomplete && unread.why.contains(words), "{unread:?}");
}

#[test]
fn truncated_gzip_gives_the_records_before_the_cut() {
    let records = vec![EVENT; 5_000].join(",");
    let mut varied = Vec::new();
    for (number, event) in records.split(",{\"eventVersion\"").enumerate() {
        let separator = if number == 0 { "{\"Records\":[" } else { ",{\"eventVersion\"" };
        write!(varied, "{separator}{}", event.replace("e-1", &format!("{number:x}-{}", number * 7_919)))
            .expect("in memory");
    }
    varied.extend(b"]}");
    let whole = gzip(&varied);
    let (kept, outcome) = read(&whole[..whole.len() / 2]);
    is_incomplete(&outcome, "cut off");
    assert!(kept.lines.len() > 1_000, "{}", kept.lines.len());
    assert_eq!(outcome.read.map(|read| read.records), Some(kept.lines.len() as u64));
}

#[test]
fn half_a_json_names_where_it_ends() {
    let (kept, outcome) = read(format!("{{\"Records\":[{EVENT},{}", &EVENT[..100]).as_bytes());
    assert_eq!(kept.lines, [format!("0 {SEEN}")]);
    is_incomplete(&outcome, "Records[1]");
    let (kept, outcome) = read(format!("{}\n{EVENT}\n", &EVENT[..100]).as_bytes());
    assert_eq!(kept.lines, [format!("2 {SEEN}")]);
    assert!(told(&outcome).path.ends_with(": line 1"), "{outcome:?}");
}

#[test]
fn a_line_without_end_is_passed_over_in_little_memory() {
    // A hole in a file of 200 MB: as many NUL bytes, in one string on one line.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut open = file.as_file();
    open.write_all(b"{\"a\":\"").expect("written");
    open.set_len(200 << 20).expect("a hole");
    open.seek(SeekFrom::End(0)).expect("the end");
    open.write_all(format!("\"}}\n{EVENT}\n").as_bytes()).expect("written");
    let before = resident_peak();
    let (kept, outcome) = read_file(file.path());
    let grown = resident_peak().saturating_sub(before);
    assert_eq!(kept.lines, [format!("2 {SEEN}")]);
    is_incomplete(&outcome, "longer than 16 MiB");
    // Other tests of this file run beside this one; alone it takes some 20 MiB.
    assert!(grown < 150 << 20, "{grown} bytes more");
}

/// The most memory that this process ever held, in bytes.
fn resident_peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<usize>().map_or(0, |kilobytes| kilobytes * 1_024)
}

#[test]
fn nesting_of_ten_thousand_levels_is_told_and_does_not_hide_the_rest() {
    for levels in [10_000, 200_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"}}\":[", "]}")] {
            let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let places = ["{\"bucketName\":\"b\"}", "\"IAMUser\"", "\"GetObject\"", "\"e-1\""];
            let records = places.iter().map(|place| EVENT.replace(place, &deep)).chain([deep.clone()]);
            for record in records {
                for text in [
                    format!("{{\"Records\":[{EVENT},{record},{EVENT}]}}"),
                    format!("{EVENT}\n{record}\n{EVENT}\n"),
                ] {
                    let (kept, outcome) = read(text.as_bytes());
                    assert_eq!(kept.lines.len(), 2, "{levels} {open}");
                    is_incomplete(&outcome, "levels deep");
                }
            }
        }
    }
}

#[test]
fn nesting_that_is_allowed_is_walked_without_overflow() {
    // An unoptimised parser takes some 40 kB of stack a level, more than the thread of a test has.
    let thread = std::thread::Builder::new().stack_size(32 << 20).spawn(walk_what_is_allowed);
    thread.expect("a thread").join().expect("no panic");
}

fn walk_what_is_allowed() {
    let deep = |levels: usize| format!("{}1{}", "{\"a\":[".repeat(levels), "]}".repeat(levels));
    for place in ["{\"bucketName\":\"b\"}", "\"IAMUser\"", "\"GetObject\"", "\"e-1\""] {
        let record = EVENT.replace(place, &deep(60));
        for text in [format!("{{\"Records\":[{record},{EVENT}]}}"), format!("{record}\n{EVENT}\n")] {
            let (kept, _) = read(text.as_bytes());
            assert!(kept.lines.iter().any(|line| line.ends_with(SEEN)), "{place}");
        }
    }
}

#[test]
fn strings_within_strings_end_at_a_bound() {
    let mut text = EVENT.to_owned();
    for _ in 0..12 {
        text = format!("{{\"message\":{}}}", serde_json::to_string(&text).expect("text"));
    }
    let (kept, outcome) = read(text.as_bytes());
    assert_eq!(kept.lines, [""; 0]);
    assert!(told(&outcome).why.contains("holds no record"));
}

#[test]
fn ten_gigabytes_of_zeros_are_not_inflated() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 8 << 20]).expect("in memory");
    let member = encoder.finish().expect("in memory");
    let started = std::time::Instant::now();
    let (_, outcome) = read(&member.repeat(1_250));
    assert!(!told(&outcome).incomplete);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn other_encodings_are_named_or_read_with_a_remark() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    is_incomplete(&read(&utf16(&format!("\u{feff}{EVENT}"))).1, "UTF-16");
    is_incomplete(&read(&utf16(EVENT)).1, "UTF-16");
    let big = EVENT.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    is_incomplete(&read(&big).1, "UTF-16");
    let latin1: Vec<u8> = EVENT.replace("e-1", "\u{e9}").chars().map(|c| c as u8).collect();
    for text in [latin1.clone(), [b"{\"Records\":[".as_slice(), &latin1, b"]}"].concat()] {
        let (kept, outcome) = read(&text);
        assert_eq!(kept.lines.len(), 1);
        is_incomplete(&outcome, "not valid UTF-8");
    }
    let ebcdic: Vec<u8> = (0..=255_u8).cycle().take(2_000).map(|n| n.wrapping_mul(37) | 0x40).collect();
    assert!(!told(&read(&ebcdic).1).incomplete);
}

#[test]
fn marks_line_ends_and_nul_bytes_do_no_harm() {
    let (kept, outcome) = read(format!("\u{feff}{EVENT}\r\n\r\n{EVENT}\r\n").as_bytes());
    assert_eq!((kept.lines.len(), outcome.unread.len()), (2, 0), "{outcome:?}");
    let (kept, outcome) = read(format!("\u{feff}{{\"Records\":[{EVENT}]}}\r\n").as_bytes());
    assert_eq!((kept.lines.len(), outcome.unread.len()), (1, 0), "{outcome:?}");
    let (kept, outcome) = read(format!("{EVENT}\n\0\0\0\n{EVENT}\n\0\0").as_bytes());
    assert_eq!((kept.lines.len(), outcome.unread.len()), (2, 2), "{outcome:?}");
    let s3 = "o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\r\n\0\0";
    assert_eq!(read(s3.as_bytes()).0.lines.len(), 1);
}

#[test]
fn bad_records_are_named_up_to_a_bound_and_counted_beyond() {
    let text = format!(
        "{EVENT}\n{}",
        "{\"eventSource\":\"s\",\"eventName\":\"n\",\"userIdentity\":{}}\n".repeat(50)
    );
    let (kept, outcome) = read(text.as_bytes());
    assert_eq!(kept.lines.len(), 1);
    assert_eq!(outcome.unread.len(), 21);
    assert!(outcome.unread[0].path.ends_with(": line 2") && outcome.unread[20].why.starts_with("30 more"));
}

#[test]
fn pipes_loops_and_closed_folders_are_told_and_not_entered() {
    let root = tempfile::tempdir().expect("a folder");
    put(root.path(), "a/good.json", EVENT.as_bytes());
    let fifo = root.path().join("a/fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo");
    assert!(made.success());
    std::os::unix::fs::symlink(root.path(), root.path().join("a/loop")).expect("a link");
    let closed = root.path().join("closed");
    fs::create_dir(&closed).expect("a folder");
    set_mode(&closed, 0o000);
    let (found, unread) = inputs(&[root.path().to_owned(), fifo.clone()]);
    let can_read_all = fs::read_dir(&closed).is_ok();
    set_mode(&closed, 0o700);
    assert_eq!(found.len(), 1);
    let told = |word: &str| unread.iter().filter(|one| one.incomplete && one.why.contains(word)).count();
    assert_eq!((told("FIFO"), told("symbolic link")), (2, 1), "{unread:?}");
    if can_read_all {
        eprintln!("SKIPPED: this user may read every folder, so a closed one was not met");
    } else {
        assert_eq!(told("ermission"), 1, "{unread:?}");
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_file_that_vanishes_is_told() {
    let root = tempfile::tempdir().expect("a folder");
    let (_, outcome) = read_file(&root.path().join("gone.json"));
    assert!(outcome.input.is_none());
    is_incomplete(&outcome, "No such file");
}

#[test]
fn a_file_that_grows_while_it_is_read_is_told() {
    struct Growing(File, Kept);
    impl floodmark_trace::read::Sink for Growing {
        fn event(&mut self, event: &floodmark_trace::event::Event<'_>, place: floodmark_trace::place::Place) {
            writeln!(self.0, "{EVENT}").expect("written");
            self.1.event(event, place);
        }
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file.as_file(), "{EVENT}").expect("written");
    let other = fs::OpenOptions::new().append(true).open(file.path()).expect("a file");
    let mut sink = Growing(other, Kept::default());
    let outcome = Worker::default().read(&input(file.path()), 0, &mut sink);
    assert_eq!(sink.1.lines, [format!("1 {SEEN}")]);
    is_incomplete(&outcome, "changed while it was read");
}

#[test]
fn a_hundred_thousand_tiny_files_are_read_by_one_worker() {
    let root = tempfile::tempdir().expect("a folder");
    // Ten thousand of them, each read ten times: the same work for the reader, and less for the disk.
    let line = "o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\n";
    for number in 0..10_000 {
        put(root.path(), &format!("{}/{number}", number % 100), line.as_bytes());
    }
    let (found, unread) = inputs(&[root.path().to_owned()]);
    assert_eq!((found.len(), unread.len()), (10_000, 0));
    let mut worker = Worker::default();
    let mut kept = Kept::default();
    for number in 0..100_000_u32 {
        let outcome = worker.read(&found[number as usize % found.len()], number, &mut kept);
        assert_eq!(outcome.unread, []);
    }
    assert_eq!(kept.lines.len(), 100_000);
}

#[test]
fn times_that_no_log_has_are_told_and_stretch_nothing() {
    let time = "2026-03-19T18:40:12Z";
    assert!(EVENT.contains(time), "{EVENT}");
    let far = [
        "0000-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-01T00:00:00Z",
        "292277026596-12-04T15:30:08Z",
    ];
    for far in far {
        let text = format!("{EVENT}\n{}\n{EVENT}\n", EVENT.replace(time, far));
        let (kept, outcome) = read(text.as_bytes());
        assert_eq!(kept.lines.len(), 2, "{far}");
        is_incomplete(&outcome, "in the years 2006 to 2099");
        assert!(told(&outcome).path.ends_with(": line 2"), "{outcome:?}");
        let window = outcome.read.and_then(|read| read.window).expect("a window");
        assert_eq!(window.from, window.to);
    }
}

#[test]
fn half_a_surrogate_pair_hides_no_record() {
    // In a name, in a nested one, and in an event inside a string.
    let cut = |field: &str| EVENT.replacen(field, &format!(r"\ud83d{field}"), 1);
    let records = [cut("e-1"), EVENT.replace(r#""b""#, r#""b\udc00""#)];
    let inside = format!(r#"{{"message":{}}}"#, serde_json::to_string(&records[0]).expect("text"));
    for record in records.iter().chain([&inside]) {
        for text in [format!(r#"{{"Records":[{EVENT},{record}]}}"#), format!("{EVENT}\n{record}\n")] {
            let (kept, outcome) = read(text.as_bytes());
            assert_eq!(kept.lines.len(), 2, "{text}");
            is_incomplete(&outcome, "half of a surrogate pair");
        }
    }
    assert!(read(records[1].as_bytes()).0.lines[0].ends_with("b\u{fffd}"));
    let whole = EVENT.replacen("e-1", r"\ud83d\ude00 \\ud83d", 1);
    assert_eq!(read(format!(r#"{{"Records":[{whole}]}}"#).as_bytes()).1.unread, []);
}

#[test]
fn rows_of_another_width_are_told_with_their_place() {
    let header = "eventTime,eventSource,eventName,userAgent,accessKeyId";
    let row = "2026-03-19T18:40:12Z,s3.amazonaws.com,ListBuckets,x,AKIA1";
    let text = format!("{header}\n{row}\n2026-03-19T18:40:12Z,s3.amazonaws.com\n{row},more\n{row}\n");
    let (kept, outcome) = read(text.as_bytes());
    assert_eq!(kept.lines.len(), 3);
    let told: Vec<&str> =
        outcome.unread.iter().filter(|one| one.incomplete).map(|one| one.why.as_str()).collect();
    assert!(
        told.len() == 2 && told[0].starts_with("has 2 fields; expected 5") && told[1].starts_with("has 6"),
        "{told:?}"
    );
    assert!(outcome.unread[1].path.ends_with(": line 4"), "{outcome:?}");
    let (kept, outcome) = read(format!("{header}\n{row}\n\"2026\n{row}\n").as_bytes());
    assert_eq!(kept.lines.len(), 1);
    is_incomplete(&outcome, "inside a quoted field");
}

#[test]
fn counts_that_are_none_are_told_and_the_record_is_read() {
    let flow =
        "2 123456789012 eni-1 172.31.16.139 203.0.113.9 1 443 6 20 4249 1418530010 1418530070 ACCEPT OK";
    let access = "o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 4249 1 1 1 \"-\" \"x\" -";
    for line in [flow, access] {
        assert_eq!(read(line.as_bytes()).1.unread, []);
        for count in ["-5", "99999999999999999999999", "1e9"] {
            let (kept, outcome) =
                read(format!("{line}\n{}\n", line.replace(" 4249 ", &format!(" {count} "))).as_bytes());
            assert_eq!(kept.lines.len(), 2, "{count}");
            is_incomplete(&outcome, "no count");
            assert!(told(&outcome).path.ends_with(": line 2"), "{outcome:?}");
        }
    }
}

#[test]
fn wide_text_of_any_format_is_named_and_nothing_at_all_is_called_empty() {
    let table = "eventTime,eventSource,eventName\n2026-03-19T18:40:12Z,s3.amazonaws.com,ListBuckets\n";
    for text in [table, EVENT, "o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k"] {
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        is_incomplete(&read(&utf16).1, "is UTF-16LE text");
        let utf32: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        is_incomplete(&read(&utf32).1, "is UTF-32BE text");
    }
    for nothing in [&b""[..], b" \n\n", &gzip(b""), &gzip(&vec![b' '; 1 << 20])] {
        assert_eq!(told(&read(nothing).1).why, "is empty");
    }
    let late = [vec![b'\n'; 1 << 20], EVENT.as_bytes().to_vec()].concat();
    is_incomplete(&read(&gzip(&late).repeat(2)).1, "very many blanks");
}
