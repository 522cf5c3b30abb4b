//! A header and a line of a VPC flow log.
#![no_main]

use floodmark_trace::read::vpc_flow_log::Layout;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (header, line) = text.split_once('\n').unwrap_or(("", text));
    let layout = Layout::of_header(header).unwrap_or_default();
    if let Some(flow) = layout.flow(line) {
        assert!(line.contains(flow.source));
    }
});
