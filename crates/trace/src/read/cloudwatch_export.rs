//! What CloudWatch Logs exports to S3: each message behind its time, a line each.

use std::io::{self, BufRead};

use super::lines::each_line;
use super::{Reading, records, vpc_flow_log};
use crate::time::Time;

/// Whether a line is a time and then a message that trace reads.
pub(super) fn recognises(line: &str) -> bool {
    message(line).is_some_and(|message| message.starts_with('{') || vpc_flow_log::recognises(message))
}

/// Reads all lines.
pub(super) fn read(stream: &mut dyn BufRead, reading: &mut Reading<'_>) -> io::Result<()> {
    each_line(stream, |number, line| match line.and_then(message) {
        Some(message) if message.starts_with('{') => records::read(message, number, reading),
        Some(message) if vpc_flow_log::read_line(message, number, reading) => {}
        _ => reading.problem(number, "is no time followed by a CloudTrail event or a VPC flow"),
    })
}

fn message(line: &str) -> Option<&str> {
    let (time, message) = line.split_once(' ')?;
    Time::parse(time).map(|_| message.trim_start())
}
