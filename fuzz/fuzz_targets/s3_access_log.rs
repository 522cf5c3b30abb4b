//! A line of an S3 server access log.
#![no_main]

use floodmark_trace::read::s3_access_log::S3Access;

libfuzzer_sys::fuzz_target!(|line: &str| {
    if let Some(access) = S3Access::parse(line) {
        assert!(line.contains(access.bucket) && line.contains(access.agent));
    }
});
