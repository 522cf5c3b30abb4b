//! Every shape in which CloudTrail events come.

mod read_support;

use floodmark_trace::place::Container;
use read_support::{EVENT, SEEN, lines, read};

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text")
}

#[track_caller]
fn is_one_event(text: &str, number: u32) {
    assert_eq!(lines(text.as_bytes()), [format!("{number} {SEEN}")], "{text}");
}

#[test]
fn delivered_files_arrays_lines_and_concatenated_objects_are_read() {
    is_one_event(&format!("{{\"Records\":[{EVENT}]}}"), 0);
    is_one_event(&format!("[{EVENT}]"), 0);
    is_one_event(&format!("{EVENT}\n"), 1);
    let two = |a: u32, b: u32| vec![format!("{a} {SEEN}"), format!("{b} {SEEN}")];
    assert_eq!(lines(format!("{EVENT}\r\n{EVENT}").as_bytes()), two(1, 2));
    assert_eq!(lines(format!("{EVENT}{EVENT}").as_bytes()), two(0, 1));
    assert_eq!(lines(format!("{{\"Records\":[{EVENT}]}}{{\"Records\":[{EVENT}]}}").as_bytes()), two(0, 1));
    let (_, outcome) = read(format!("{EVENT}{EVENT}").as_bytes());
    assert_eq!(outcome.input.map(|input| input.container), Some(Container::Values));
}

#[test]
fn what_lookup_events_prints_is_read_whole_and_as_its_event_strings() {
    let string = quoted(EVENT);
    let entry = format!(
        r#"{{"EventId":"e-1","EventName":"GetObject","EventSource":"s3.amazonaws.com","EventTime":1.7e9,"CloudTrailEvent":{string}}}"#
    );
    is_one_event(&format!(r#"{{"NextToken":"x","Events":[{entry}]}}"#), 0);
    is_one_event(&format!("[{string}]"), 0);
    is_one_event(&format!("{string}\n"), 1);
    is_one_event(&format!("[[{string}]]"), 0);
}

#[test]
fn envelopes_of_eventbridge_sns_and_sqs_are_opened() {
    let envelope = format!(
        r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{EVENT}}}"#
    );
    is_one_event(&envelope, 1);
    let sns = format!(r#"{{"Type":"Notification","Message":{}}}"#, quoted(&envelope));
    let sqs = format!(r#"{{"Messages":[{{"Body":{}}}]}}"#, quoted(&sns));
    is_one_event(&sqs, 1);
}

#[test]
fn what_siems_export_is_opened() {
    let string = quoted(EVENT);
    for text in [
        format!(
            r#"{{"preview":false,"result":{{"_time":"x","host":"h","_raw":{string},"eventName":"GetObject"}}}}"#
        ),
        format!(
            r#"{{"result":{{"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventTime":"2026-03-19T18:40:12Z","_raw":{string}}}}}"#
        ),
        format!(
            r#"{{"_index":"i","_source":{{"event":{{"original":{string}}},"aws":{{"cloudtrail":{{"x":1}}}}}}}}"#
        ),
        format!(r#"{{"id":"1","attributes":{{"service":"cloudtrail","attributes":{EVENT}}}}}"#),
        format!(r#"{{"@timestamp":"x","@message":{string}}}"#),
        format!(r#"{{"a":[{{"b":[{EVENT}]}}]}}"#),
    ] {
        is_one_event(&text, 1);
    }
    for text in [
        format!(
            r#"{{"took":1,"hits":{{"total":1,"hits":[{{"_source":{{"event":{{"original":{string}}}}}}}]}}}}"#
        ),
        format!(
            r#"{{"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{{"id":"1","timestamp":1,"message":{string}}}]}}"#
        ),
        format!(r#"{{"data":[{{"attributes":{{"attributes":{EVENT}}}}}]}}"#),
    ] {
        is_one_event(&text, 0);
    }
}

#[test]
fn events_that_were_flattened_or_turned_into_columns_are_read() {
    let flat = r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity.accessKeyId":"AKIA1","userIdentity.type":"IAMUser","requestParameters.bucketName":"b"}"#;
    is_one_event(flat, 1);
    let sentinel = r#"{"TimeGenerated":"2026-03-19T18:40:12Z","EventSource":"s3.amazonaws.com","EventName":"GetObject","UserIdentityAccessKeyId":"AKIA1","RequestParameters":"{\"bucketName\":\"b\"}"}"#;
    is_one_event(sentinel, 1);
    let lake = r#"{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventTime":"2026-03-19 18:40:12.000"},{"eventSource":"s3.amazonaws.com"},{"eventName":"GetObject"},{"userIdentity":"{type=IAMUser, accesskeyid=AKIA1}"},{"requestParameters":"{bucketName=b}"}]]}"#;
    is_one_event(lake, 0);
    is_one_event(&format!(r#"{{"QueryResultRows":[[{{"eventJson":{}}}]]}}"#, quoted(EVENT)), 0);
}

#[test]
fn tables_of_lake_of_the_console_and_of_splunk_are_read() {
    let lake = "\"eventTime\",\"eventSource\",\"eventName\",\"userIdentity\",\"requestParameters\"\n\"2026-03-19 18:40:12.000\",\"s3.amazonaws.com\",\"GetObject\",\"{type=IAMUser, accesskeyid=AKIA1}\",\"{\"\"bucketName\"\":\"\"b\"\"}\"\n";
    is_one_event(lake, 2);
    let console = "Event name,Event ID,Event time,User name,Event source,AWS access key\nGetObject,e,2026-03-19T18:40:12Z,u,s3.amazonaws.com,AKIA1\n";
    assert_eq!(lines(console.as_bytes()), ["2 s3:GetObject AKIA1"]);
    is_one_event(&format!("_time,_raw\nx,\"{}\"\n", EVENT.replace('"', "\"\"")), 2);
}

#[test]
fn what_cloudwatch_exports_to_s3_is_read() {
    let flow = "2 123456789012 eni-1 10.0.0.1 203.0.113.9 1 443 6 20 4249 1418530010 1418530070 ACCEPT OK";
    let time = "2026-03-19T18:40:12.123Z";
    assert_eq!(
        lines(format!("{time} {EVENT}\n{time} {flow}\n").as_bytes()),
        [format!("1 {SEEN}"), "2 10.0.0.1 > 203.0.113.9 Some(4249)".to_owned()]
    );
    let subscribed = format!(r#"{{"owner":"1","logEvents":[{{"message":"{flow}"}}]}}"#);
    assert_eq!(lines(subscribed.as_bytes()), ["0 10.0.0.1 > 203.0.113.9 Some(4249)"]);
}

#[test]
fn insights_are_their_own_kind_and_service_events_without_identity_are_events() {
    let insight = r#"{"Records":[{"eventVersion":"1.07","eventTime":"2026-03-19T18:40:12Z","awsRegion":"r","eventID":"i","eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start","eventSource":"s3.amazonaws.com","eventName":"GetObject","insightType":"ApiCallRateInsight"},"eventCategory":"Insight"}]}"#;
    assert_eq!(lines(insight.as_bytes()), ["0 insight ApiCallRateInsight Start GetObject"]);
    let service = r#"{"eventTime":"2026-03-19T18:40:12Z","eventSource":"kms.amazonaws.com","eventName":"RotateKey","eventType":"AwsServiceEvent"}"#;
    assert_eq!(lines(service.as_bytes()), ["1 kms:RotateKey"]);
}

#[test]
fn notifications_of_s3_are_no_events() {
    let text = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-03-19T18:40:12Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"x"}}]}"#;
    let (kept, outcome) = read(text.as_bytes());
    assert_eq!(kept.lines, [""; 0]);
    assert!(outcome.read.is_none() && !outcome.unread[0].incomplete);
}

#[test]
fn guardduty_findings_are_read_as_exported_as_printed_and_in_envelopes() {
    let exported = r#"{"schemaVersion":"2.0","accountId":"1","region":"eu-west-1","id":"f","type":"UnauthorizedAccess:IAMUser/X","resource":{"resourceType":"AccessKey","accessKeyDetails":{"accessKeyId":"ASIA1","principalId":"AROA:i","userName":"ci","userType":"AssumedRole"},"s3BucketDetails":[{"name":"b"}]},"service":{"serviceName":"guardduty","action":{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"ListBuckets","serviceName":"s3.amazonaws.com","remoteIpDetails":{"ipAddressV4":"203.0.113.9"}}},"eventFirstSeen":"2026-03-19T18:00:00Z","eventLastSeen":"2026-03-19T18:40:12.5Z","count":3,"archived":false},"severity":8,"createdAt":"2026-03-19T18:50:00.123Z","updatedAt":"2026-03-19T18:55:00.123Z","title":"t","description":"d"}"#;
    let printed = exported
        .replace("\"accountId\"", "\"AccountId\"")
        .replace("\"type\"", "\"Type\"")
        .replace("\"severity\"", "\"Severity\"")
        .replace("\"service\"", "\"Service\"")
        .replace("\"resource\"", "\"Resource\"")
        .replace("\"accessKeyDetails\"", "\"AccessKeyDetails\"")
        .replace("\"accessKeyId\"", "\"AccessKeyId\"")
        .replace("\"remoteIpDetails\"", "\"RemoteIpDetails\"")
        .replace("\"ipAddressV4\"", "\"IpAddressV4\"");
    for (text, number) in [
        (format!("{exported}\n"), 1),
        (format!(r#"{{"Findings": [{printed}]}}"#), 0),
        (format!(r#"{{"detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{exported}}}"#), 1),
    ] {
        let (kept, outcome) = read(text.as_bytes());
        assert_eq!(
            (outcome.unread, kept.lines),
            (vec![], vec![format!("{number} UnauthorizedAccess:IAMUser/X")])
        );
        let finding = &kept.findings[0];
        assert_eq!(
            (&*finding.access_key, &*finding.remote_ip, &*finding.account),
            ("ASIA1", "203.0.113.9", "1")
        );
        assert_eq!(
            (&*finding.called, finding.count, &finding.buckets[..]),
            ("ListBuckets", 3, &["b".to_owned()][..])
        );
        assert!((finding.severity - 8.0).abs() < f64::EPSILON);
        assert_eq!(finding.last_seen.to_string(), "2026-03-19T18:40:12.5Z");
    }
}

#[test]
fn logs_of_s3_and_flows_with_a_header_are_read_line_by_line() {
    let s3 = "o b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 1 1 1 1 \"-\" \"x\" -\n";
    let (kept, outcome) = read(format!("{s3}broken\n{s3}").as_bytes());
    assert_eq!(kept.lines, ["1 REST.GET.OBJECT b k", "3 REST.GET.OBJECT b k"]);
    assert_eq!(outcome.unread.len(), 1);
    assert!(outcome.unread[0].path.ends_with(": line 2") && outcome.unread[0].incomplete);
    assert_eq!(outcome.read.map(|read| (read.kind, read.records)), Some(("s3-access-log".to_owned(), 2)));
    let flows = "srcaddr dstaddr bytes start end log-status\n10.0.0.1 10.0.0.2 7 1418530010 1418530070 OK\n- - - 1418530010 1418530070 NODATA\n";
    assert_eq!(lines(flows.as_bytes()), ["2 10.0.0.1 > 10.0.0.2 Some(7)", "3  >  None"]);
}

#[test]
fn archives_and_other_forms_are_named_for_what_they_are() {
    for (bytes, word) in [
        (&b"PK\x03\x04xxxx"[..], "zip"),
        (b"PAR1xxxx", "Parquet"),
        (b"# Read me\n", "no kind"),
        (b"", "empty"),
    ] {
        let (_, outcome) = read(bytes);
        assert!(outcome.unread[0].why.contains(word), "{:?}", outcome.unread);
    }
}
