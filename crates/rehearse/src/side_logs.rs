//! The logs beside CloudTrail: server access logs of buckets, a flow log, findings of the detector.

use std::fmt::Write;
use std::path::Path;

use crate::actor::object_key;
use crate::calendar::{Moment, TICK, TICKS, TICKS_PER_DAY, apache, compact, dashed, iso_text, march, parts};
use crate::delivery::{unix, write_gzip, write_plain};
use crate::intrusion::{Lineup, Story};
use crate::organisation::{Cloud, Organisation, account, region};
use crate::rng::{BASE64, Rng, UPPER, word};
use crate::services::{TASK_ROLE, task_habit, task_id};
use crate::template::pooled;
use crate::{Intrusion, Plan, RehearseError, Summary};

/// Writes the access logs and the flow log of a day.
pub(crate) fn write_side_logs(
    org: &Organisation,
    plan: &Plan,
    story: &Story,
    day: u64,
    stretch: u64,
    out: &Path,
) -> Result<Summary, RehearseError> {
    // One file per bucket and six hours at the most: hourly ones would be many and nearly empty.
    let stretch = stretch.max(24);
    let mut summary = Summary::default();
    for first in (day * TICKS_PER_DAY..(day + 1) * TICKS_PER_DAY).step_by(stretch as usize) {
        for bucket in 0..org.buckets.len() {
            if org.buckets[bucket].logged.in_access_log() {
                access_log(org, plan, story, bucket, first..first + stretch, out, &mut summary)?;
            }
        }
        flow_log(org, plan, story, first..first + stretch, out, &mut summary)?;
    }
    Ok(summary)
}

/// How many of a total come before a tick.
fn before(total: u64, tick: u64) -> u64 {
    total * tick / TICKS
}

struct Visit<'a> {
    at: Moment,
    address: &'a str,
    requester: &'a str,
    operation: &'a str,
    key: &'a str,
    status: u64,
    bytes: u64,
    agent: &'a str,
    /// Its id; empty to draw one.
    request_id: String,
}

fn access_log(
    org: &Organisation,
    plan: &Plan,
    story: &Story,
    bucket: usize,
    ticks: std::ops::Range<u64>,
    out: &Path,
    summary: &mut Summary,
) -> Result<(), RehearseError> {
    let name = &org.buckets[bucket].name;
    let mut rng = org.rng(&[word("access log"), bucket as u64, ticks.start]);
    let mut lines: Vec<(Moment, String)> = Vec::new();
    let total = plan.events / 400 + 8;
    let shift = rng.below(2);
    for _ in before(total, ticks.start)..before(total, ticks.end).saturating_sub(shift) {
        let at = ticks.start * TICK + rng.below((ticks.end - ticks.start) * TICK);
        let line = innocent_visit(org, bucket, at, &mut rng);
        lines.push((at, line));
    }
    if plan.intrusion == Intrusion::Woven
        && let Some(haul) = story.hauls.iter().find(|haul| haul.bucket == bucket)
    {
        for taken in ticks.clone().flat_map(|tick| haul.taken(org, tick)) {
            let visit = Visit {
                at: taken.at,
                address: &haul.caller.address,
                requester: &haul.caller.arn,
                operation: "REST.GET.OBJECT",
                key: &taken.key,
                status: 200,
                bytes: taken.bytes,
                agent: &haul.caller.agent,
                request_id: haul.request_id(org, &taken.key),
            };
            lines.push((taken.at, visit_line(org, bucket, &visit, &mut rng)));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    lines.sort();
    let text: String = lines.iter().map(|(_, line)| line.as_str()).collect();
    let mut unique = String::new();
    org.rng(&[word("access log name"), bucket as u64, ticks.start]).letters(
        16,
        b"0123456789ABCDEF",
        &mut unique,
    );
    // Delivered a little after the last of them.
    let path = out.join(format!("s3-access-logs/{name}/{}-{unique}", dashed(ticks.end * TICK - 41)));
    summary.access_log_lines += lines.len() as u64;
    summary.bytes += write_plain(&path, text.as_bytes())?;
    summary.files += 1;
    Ok(())
}

fn innocent_visit(org: &Organisation, bucket: usize, at: Moment, rng: &mut Rng) -> String {
    let id = org.account(account::HOSTING);
    let key = object_key(rng, at);
    let size = rng.between(400, 400_000);
    let (task_address, task_agent) = task_habit(org);
    let task = format!("arn:aws:sts::{id}:assumed-role/{TASK_ROLE}/{}", task_id(org));
    let user = format!("arn:aws:iam::{id}:user/{}", crate::pipelines::stolen_user(org));
    let edge = org.cloud_address(Cloud::Aws, &[word("edge"), rng.below(40)]);
    let visitor = org.home_address(&[word("visitor"), rng.below(300)]);
    let runs = at < crate::intrusion::Clock::of(org).response;
    let visit = match rng.below(20) {
        0..11 => Visit {
            at,
            address: &edge,
            requester: "svc:cloudfront.amazonaws.com",
            operation: "REST.GET.OBJECT",
            key: &key,
            status: 200,
            bytes: size,
            agent: "Amazon%20CloudFront",
            request_id: String::new(),
        },
        11..16 => Visit {
            at,
            address: &task_address,
            requester: &task,
            operation: "REST.GET.OBJECT",
            key: &key,
            status: 200,
            bytes: size,
            agent: &task_agent,
            request_id: String::new(),
        },
        16..18 if runs => Visit {
            at,
            address: &org.runners[0],
            requester: &user,
            operation: "REST.PUT.OBJECT",
            key: &key,
            status: 200,
            bytes: 0,
            agent: crate::pipelines::PUBLISH_AGENT,
            request_id: String::new(),
        },
        16..18 => Visit {
            at,
            address: &edge,
            requester: "svc:cloudfront.amazonaws.com",
            operation: "REST.GET.OBJECT",
            key: &key,
            status: 304,
            bytes: 0,
            agent: "Amazon%20CloudFront",
            request_id: String::new(),
        },
        18 => Visit {
            at,
            address: &task_address,
            requester: &task,
            operation: "REST.HEAD.OBJECT",
            key: &key,
            status: 200,
            bytes: 0,
            agent: &task_agent,
            request_id: String::new(),
        },
        _ => Visit {
            at,
            address: &visitor,
            requester: "-",
            operation: "REST.GET.OBJECT",
            key: &key,
            status: 403,
            bytes: 243,
            agent: "Mozilla/5.0 (compatible; Bytespider; https://zhanzhang.toutiao.com/)",
            request_id: String::new(),
        },
    };
    visit_line(org, bucket, &visit, rng)
}

/// One line, as in the S3 User Guide, "Amazon S3 server access log format".
fn visit_line(org: &Organisation, bucket: usize, visit: &Visit<'_>, rng: &mut Rng) -> String {
    let shelf = &org.buckets[bucket];
    let (name, region) = (&shelf.name, org.regions[shelf.region]);
    let mut line = String::with_capacity(640);
    org.rng(&[word("owner"), shelf.account as u64]).hex(64, &mut line);
    let method = visit.operation.split('.').nth(1).unwrap_or("GET");
    let drawn = rng.text(16, UPPER);
    let request = if visit.request_id.is_empty() { &drawn } else { &visit.request_id };
    let _ = write!(
        line,
        " {name} [{}] {} {} {request} {} {} \"{method} /{} HTTP/1.1\" {} {} ",
        apache(visit.at),
        visit.address,
        visit.requester,
        visit.operation,
        visit.key,
        visit.key,
        visit.status,
        if visit.status == 403 { "AccessDenied" } else { "-" },
    );
    let _ = match visit.bytes {
        0 => write!(line, "- {} ", rng.between(400, 9_000)),
        bytes => write!(line, "{bytes} {bytes} "),
    };
    let took = rng.between(9, 400);
    let signed = if visit.requester == "-" { "- - -" } else { "SigV4 TLS_AES_128_GCM_SHA256 AuthHeader" };
    let _ = write!(line, "{took} {} \"-\" \"{}\" - ", took / 2, visit.agent);
    rng.letters(76, BASE64, &mut line);
    let _ = writeln!(line, " {signed} {name}.s3.{region}.amazonaws.com TLSv1.3 - -");
    line
}

fn flow_log(
    org: &Organisation,
    plan: &Plan,
    story: &Story,
    ticks: std::ops::Range<u64>,
    out: &Path,
    summary: &mut Summary,
) -> Result<(), RehearseError> {
    let id = org.account(account::HOSTING);
    let mut rng = org.rng(&[word("flow log"), ticks.start]);
    let mut text = String::from(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
    );
    let mut count = 0;
    let total = plan.events / 40 + 200;
    for _ in before(total, ticks.start)..before(total, ticks.end) {
        let at = unix(ticks.start * TICK + rng.below((ticks.end - ticks.start) * TICK - 60));
        let interface = pooled(org, "eni", account::HOSTING, rng.below(24));
        let (inside, port) =
            (format!("10.20.{}.{}", rng.below(9), rng.between(4, 250)), rng.between(32_768, 60_999));
        let refused = rng.permille(40);
        let packets = rng.between(1, 900);
        let bytes = packets * rng.between(60, 1_400);
        let other = match rng.below(3) {
            0 => format!("10.20.{}.{}", rng.below(9), rng.between(4, 250)),
            1 => org.cloud_address(Cloud::Aws, &[word("s3 edge"), rng.below(20)]),
            _ => format!("198.{}.{}.{}", rng.between(18, 19), rng.below(256), rng.between(2, 250)),
        };
        let action = if refused { "REJECT" } else { "ACCEPT" };
        let _ = writeln!(
            text,
            "2 {id} {interface} {other} {inside} {} {port} 6 {packets} {bytes} {at} {} {action} OK",
            if refused { 51_111 } else { 443 },
            at + 58
        );
        count += 1;
    }
    let flow = &story.flow;
    for tick in ticks.clone() {
        let (from, until) = (tick * TICK, (tick + 1) * TICK);
        if plan.intrusion == Intrusion::Absent || until <= flow.from || from >= flow.until {
            continue;
        }
        let share = |at: Moment| {
            let at = at.clamp(flow.from, flow.until) - flow.from;
            (u128::from(flow.bytes) * u128::from(at) / u128::from(flow.until - flow.from)) as u64
        };
        let bytes = share(until) - share(from);
        let (begins, ends) = (unix(from.max(flow.from)), unix(until.min(flow.until)));
        let edge = org.cloud_address(Cloud::Aws, &[word("s3 edge"), 1]);
        let (interface, inside, outside) = (&flow.interface, &flow.inside, &flow.outside);
        let _ = writeln!(
            text,
            "2 {id} {interface} {edge} {inside} 443 41822 6 {} {bytes} {begins} {ends} ACCEPT OK",
            bytes / 1_380 + 1
        );
        let _ = writeln!(
            text,
            "2 {id} {interface} {inside} {outside} 44310 443 6 {} {bytes} {begins} {ends} ACCEPT OK",
            bytes / 1_380 + 1
        );
        count += 2;
    }
    let region = org.regions[region::HOME];
    let (day, ..) = parts(ticks.start * TICK);
    let mut log = String::from("fl-0");
    org.rng(&[word("flow log id")]).hex(16, &mut log);
    let mut unique = String::new();
    org.rng(&[word("flow log name"), ticks.start]).hex(8, &mut unique);
    let path = out.join(format!(
        "AWSLogs/{id}/vpcflowlogs/{region}/2026/03/{day:02}/{id}_vpcflowlogs_{region}_{log}_{}_{unique}.log.gz",
        compact(ticks.start * TICK)
    ));
    summary.flow_log_lines += count;
    summary.bytes += write_gzip(&path, text.as_bytes())?;
    summary.files += 1;
    Ok(())
}

/// Writes what the detector found: two innocent matters, and with the intrusion three of it.
pub(crate) fn findings(
    org: &Organisation,
    plan: &Plan,
    lineup: &Lineup,
    out: &Path,
) -> Result<Summary, RehearseError> {
    let id = org.account(account::HOSTING);
    let key = |user: &str, key: &str| {
        format!(
            r#"{{"resourceType":"AccessKey","accessKeyDetails":{{"accessKeyId":"{key}","principalId":"{}","userType":"IAMUser","userName":"{user}"}}}}"#,
            crate::identity::user_id(org, account::HOSTING, user)
        )
    };
    let instance = format!(
        r#"{{"resourceType":"Instance","instanceDetails":{{"instanceId":"{}","instanceType":"m7g.large"}}}}"#,
        pooled(org, "i", account::HOSTING, 2)
    );
    let mut all = vec![
        (
            "Recon:EC2/PortProbeUnprotectedPort",
            2,
            march(16, 4, 12),
            instance.clone(),
            "198.19.77.20".to_owned(),
        ),
        (
            "Policy:S3/BucketBlockPublicAccessDisabled",
            2,
            march(20, 11, 3),
            r#"{"resourceType":"S3Bucket"}"#.to_owned(),
            org.offices[0].clone(),
        ),
    ];
    if plan.intrusion == Intrusion::Woven {
        if let Some(at) = lineup.kali {
            let stolen = key(&lineup.stolen_user, &lineup.stolen_key);
            all.push(("PenTest:IAMUser/KaliLinux", 5, at, stolen, lineup.address.clone()));
        }
        all.push((
            "Discovery:IAMUser/AnomalousBehavior",
            2,
            lineup.looked,
            key(&lineup.victim, &lineup.victim_key),
            lineup.address.clone(),
        ));
        all.push((
            "Exfiltration:IAMUser/AnomalousBehavior",
            8,
            lineup.took,
            key(&lineup.victim, &lineup.victim_key),
            lineup.address.clone(),
        ));
    }
    let region = org.regions[region::HOME];
    let mut summary = Summary::default();
    for (number, (kind, severity, at, resource, address)) in all.iter().enumerate() {
        let mut rng = org.rng(&[word("finding"), number as u64]);
        let (mut finding, mut detector, mut file) = (String::new(), String::new(), String::new());
        rng.hex(32, &mut finding);
        org.rng(&[word("detector")]).hex(32, &mut detector);
        rng.uuid(&mut file);
        let when = iso_text(*at);
        let json = format!(
            "{{\"schemaVersion\":\"2.0\",\"accountId\":\"{id}\",\"region\":\"{region}\",\"partition\":\"aws\",\"id\":\"{finding}\",\
             \"arn\":\"arn:aws:guardduty:{region}:{id}:detector/{detector}/finding/{finding}\",\"type\":\"{kind}\",\"resource\":{resource},\
             \"service\":{{\"serviceName\":\"guardduty\",\"detectorId\":\"{detector}\",\"action\":{{\"actionType\":\"AWS_API_CALL\",\
             \"awsApiCallAction\":{{\"remoteIpDetails\":{{\"ipAddressV4\":\"{address}\"}}}}}},\"resourceRole\":\"TARGET\",\"eventFirstSeen\":\"{when}\",\
             \"eventLastSeen\":\"{when}\",\"archived\":false,\"count\":1}},\"severity\":{severity},\"createdAt\":\"{when}\",\"updatedAt\":\"{when}\",\
             \"title\":\"{kind}\",\"description\":\"Unusual activity of a kind that the detector knows.\"}}\n"
        );
        let (day, ..) = parts(*at);
        let path = out.join(format!("AWSLogs/{id}/GuardDuty/{region}/2026/03/{day:02}/{file}.jsonl.gz"));
        summary.bytes += write_gzip(&path, json.as_bytes())?;
        summary.files += 1;
    }
    Ok(summary)
}
