//! VPC flow logs: one flow a line, fields between spaces, in the order of the header or of the default format.

use std::io::{self, BufRead};

use super::Reading;
use super::lines::each_line;
use crate::place::Place;
use crate::time::Time;

/// One record of a flow log: traffic between two endpoints during a capture window.
///
/// Text is empty, and a number `None`, where the log has `-` or no such field. Source: Amazon VPC User Guide, "Flow log
/// records".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow<'a> {
    /// `start`: when the first packet came, or the window began.
    pub start: Time,
    /// `end`.
    pub end: Time,
    /// `log-status`.
    pub status: FlowStatus,
    /// `account-id`.
    pub account: &'a str,
    /// `interface-id`.
    pub interface: &'a str,
    /// `srcaddr`: on the interface, so the address of an intermediate layer where there is one.
    pub source: &'a str,
    /// `dstaddr`.
    pub destination: &'a str,
    /// `srcport`.
    pub source_port: Option<u16>,
    /// `dstport`.
    pub destination_port: Option<u16>,
    /// `protocol`: the IANA number.
    pub protocol: Option<u8>,
    /// `packets`.
    pub packets: Option<u64>,
    /// `bytes`.
    pub bytes: Option<u64>,
    /// `action`: `ACCEPT` or `REJECT`.
    pub action: &'a str,
    /// `vpc-id`.
    pub vpc: &'a str,
    /// `subnet-id`.
    pub subnet: &'a str,
    /// `instance-id`.
    pub instance: &'a str,
    /// `tcp-flags`: FIN 1, SYN 2, RST 4, SYN-ACK 18, or-ed.
    pub tcp_flags: Option<u16>,
    /// `type`: `IPv4`, `IPv6`, `EFA`.
    pub kind: &'a str,
    /// `pkt-srcaddr`: the original source, in the packet.
    pub packet_source: &'a str,
    /// `pkt-dstaddr`: the original destination.
    pub packet_destination: &'a str,
    /// `region`.
    pub region: &'a str,
    /// `az-id`.
    pub zone: &'a str,
    /// `pkt-src-aws-service`.
    pub source_service: &'a str,
    /// `pkt-dst-aws-service`: `S3`, `EC2`, `AMAZON`, …
    pub destination_service: &'a str,
    /// `flow-direction`: `ingress` or `egress`.
    pub direction: &'a str,
    /// `traffic-path`: 1 to 8 for egress traffic (8 is an internet gateway).
    pub path: Option<u8>,
    /// `reject-reason`.
    pub reject_reason: &'a str,
    /// Whether `bytes` or `packets` holds something that is no count.
    pub miscounted: bool,
}

/// `log-status`: whether there is traffic in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum FlowStatus {
    /// The traffic of the window.
    #[default]
    Ok,
    /// There was none.
    NoData,
    /// Some was not logged: the window's traffic is a lower bound.
    SkipData,
}

/// The default format, version 2.
const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

/// Whether a line is of this format: a header, or a record of the default format.
pub(super) fn recognises(line: &str) -> bool {
    Layout::of_header(line).is_some() || Layout::default().flow(line).is_some()
}

/// Reads all lines. A header line, wherever it stands (joined files), sets the order of the fields.
pub(super) fn read(stream: &mut dyn BufRead, reading: &mut Reading<'_>) -> io::Result<()> {
    let mut layout = Layout::default();
    each_line(stream, |number, line| {
        if let Some(header) = line.and_then(Layout::of_header) {
            layout = header;
            return;
        }
        match line.and_then(|line| layout.flow(line)) {
            Some(flow) => hand_on(&flow, number, reading),
            None => reading.problem(number, "is no VPC flow log record with the fields of its header"),
        }
    })
}

/// Reads one line of the default format that something else carried; says whether it was one.
pub(super) fn read_line(line: &str, number: u32, reading: &mut Reading<'_>) -> bool {
    let Some(flow) = Layout::default().flow(line) else { return false };
    hand_on(&flow, number, reading);
    true
}

fn hand_on(flow: &Flow<'_>, number: u32, reading: &mut Reading<'_>) {
    if flow.miscounted {
        reading.problem(
            number,
            "has `bytes` or `packets` that are no count; expected digits or `-`: read without them",
        );
    }
    reading.saw("vpc-flow-log", flow.start);
    reading.sink.flow(flow, Place { input: reading.input, record: number });
}

/// Which fields a log has, in which order.
#[derive(Debug, Clone)]
pub struct Layout(Vec<Field>);

impl Default for Layout {
    fn default() -> Self {
        Self(DEFAULT.split(' ').map(field).collect())
    }
}

impl Layout {
    /// The layout that a header line gives; `None` if it is none, or lacks the times without which no flow has a place.
    pub fn of_header(line: &str) -> Option<Self> {
        let is_name =
            |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte));
        if !line.split_ascii_whitespace().all(is_name) {
            return None;
        }
        let fields: Vec<Field> = line.split_ascii_whitespace().map(field).collect();
        let has = |wanted: Field| fields.contains(&wanted);
        let addresses = [Field::Source, Field::Destination, Field::PacketSource, Field::PacketDestination];
        (has(Field::Start) && addresses.into_iter().any(has)).then_some(Self(fields))
    }

    /// Reads one line; `None` if it has another number of fields, or no time where it should.
    pub fn flow<'a>(&self, line: &'a str) -> Option<Flow<'a>> {
        let mut flow = Flow::default();
        let mut words = line.split_ascii_whitespace();
        let mut start = None;
        let mut end = None;
        for field in &self.0 {
            let word = words.next()?;
            let text = if word == "-" { "" } else { word };
            match field {
                Field::Start => start = Some(seconds(text)?),
                Field::End => end = Some(seconds(text)?),
                Field::Status => flow.status = FlowStatus::parse(text)?,
                Field::Version if text.parse::<u8>().is_err() => return None,
                _ => field.put(text, &mut flow),
            }
        }
        flow.start = start?;
        flow.end = end.unwrap_or(flow.start);
        words.next().is_none().then_some(flow)
    }
}

impl FlowStatus {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "OK" | "" => Some(Self::Ok),
            "NODATA" => Some(Self::NoData),
            "SKIPDATA" => Some(Self::SkipData),
            _ => None,
        }
    }
}

fn seconds(text: &str) -> Option<Time> {
    text.parse().ok().map(Time::from_seconds).filter(|time| time.is_of_log())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Version,
    Account,
    Interface,
    Source,
    Destination,
    SourcePort,
    DestinationPort,
    Protocol,
    Packets,
    Bytes,
    Start,
    End,
    Action,
    Status,
    Vpc,
    Subnet,
    Instance,
    TcpFlags,
    Kind,
    PacketSource,
    PacketDestination,
    Region,
    Zone,
    SourceService,
    DestinationService,
    Direction,
    Path,
    RejectReason,
    /// One that is not asked for, or not known.
    Other,
}

fn field(name: &str) -> Field {
    match name.replace('_', "-").as_str() {
        "version" => Field::Version,
        "account-id" => Field::Account,
        "interface-id" => Field::Interface,
        "srcaddr" => Field::Source,
        "dstaddr" => Field::Destination,
        "srcport" => Field::SourcePort,
        "dstport" => Field::DestinationPort,
        "protocol" => Field::Protocol,
        "packets" => Field::Packets,
        "bytes" => Field::Bytes,
        "start" => Field::Start,
        "end" => Field::End,
        "action" => Field::Action,
        "log-status" => Field::Status,
        "vpc-id" => Field::Vpc,
        "subnet-id" => Field::Subnet,
        "instance-id" => Field::Instance,
        "tcp-flags" => Field::TcpFlags,
        "type" => Field::Kind,
        "pkt-srcaddr" => Field::PacketSource,
        "pkt-dstaddr" => Field::PacketDestination,
        "region" => Field::Region,
        "az-id" => Field::Zone,
        "pkt-src-aws-service" => Field::SourceService,
        "pkt-dst-aws-service" => Field::DestinationService,
        "flow-direction" => Field::Direction,
        "traffic-path" => Field::Path,
        "reject-reason" => Field::RejectReason,
        _ => Field::Other,
    }
}

impl Field {
    fn put<'a>(self, text: &'a str, flow: &mut Flow<'a>) {
        match self {
            Self::Account => flow.account = text,
            Self::Interface => flow.interface = text,
            Self::Source => flow.source = text,
            Self::Destination => flow.destination = text,
            Self::SourcePort => flow.source_port = text.parse().ok(),
            Self::DestinationPort => flow.destination_port = text.parse().ok(),
            Self::Protocol => flow.protocol = text.parse().ok(),
            Self::Packets | Self::Bytes => {
                let count = text.parse().ok();
                flow.miscounted |= count.is_none() && !text.is_empty();
                *(if self == Self::Bytes { &mut flow.bytes } else { &mut flow.packets }) = count;
            }
            Self::Action => flow.action = text,
            Self::Vpc => flow.vpc = text,
            Self::Subnet => flow.subnet = text,
            Self::Instance => flow.instance = text,
            Self::TcpFlags => flow.tcp_flags = text.parse().ok(),
            Self::Kind => flow.kind = text,
            Self::PacketSource => flow.packet_source = text,
            Self::PacketDestination => flow.packet_destination = text,
            Self::Region => flow.region = text,
            Self::Zone => flow.zone = text,
            Self::SourceService => flow.source_service = text,
            Self::DestinationService => flow.destination_service = text,
            Self::Direction => flow.direction = text,
            Self::Path => flow.path = text.parse().ok(),
            Self::RejectReason => flow.reject_reason = text,
            Self::Version | Self::Start | Self::End | Self::Status | Self::Other => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_format_is_read_without_a_header() {
        let line = "2 123456789012 eni-1 172.31.16.139 203.0.113.9 20641 443 6 20 4249 1418530010 1418530070 ACCEPT OK";
        let flow = Layout::default().flow(line).expect("a record");
        assert_eq!(
            (flow.source, flow.destination_port, flow.bytes),
            ("172.31.16.139", Some(443), Some(4_249))
        );
        assert_eq!((flow.start.seconds(), flow.end.seconds()), (1_418_530_010, 1_418_530_070));
        let silent = "2 123456789012 eni-1 - - - - - - - 1431280876 1431280934 - NODATA";
        let flow = Layout::default().flow(silent).expect("a record");
        assert_eq!((flow.status, flow.source, flow.bytes), (FlowStatus::NoData, "", None));
    }

    #[test]
    fn a_header_gives_the_order_and_unknown_fields_are_passed() {
        let layout =
            Layout::of_header("pkt-dstaddr end new-field start bytes flow-direction tcp-flags log-status");
        let flow = layout.expect("a header").flow("203.0.113.9 1418530070 x 1418530010 9 egress 18 SKIPDATA");
        let flow = flow.as_ref().expect("a record").to_owned();
        assert_eq!(
            (flow.packet_destination, flow.tcp_flags, flow.direction),
            ("203.0.113.9", Some(18), "egress")
        );
        assert_eq!((flow.status, flow.bytes), (FlowStatus::SkipData, Some(9)));
    }

    #[test]
    fn other_text_is_no_flow() {
        for text in
            ["", "start", "bytes start end", "2 1 eni-1 1.1.1.1", "this is the start of srcaddr talk."]
        {
            assert!(!recognises(text), "{text}");
        }
    }
}
