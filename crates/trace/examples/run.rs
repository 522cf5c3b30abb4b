//! scratch
use std::num::NonZero;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let answer = floodmark_trace::trace(&floodmark_trace::Request {
        paths: vec![path.into()], at_hand: vec![], from: vec![], since: None, rules: std::env::args().skip(2).map(Into::into).collect(),
        builtin_rules: std::env::args().nth(2).is_none(), public_keys: None, threads: NonZero::new(2).unwrap(), progress: Default::default(),
    });
    println!("{} {}", answer.verdict, answer.findings.len());
}
