use floodmark_trace::{Progress, Request, trace};
fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap();
    let from = args.map(|f| f.parse().unwrap()).collect();
    let a = trace(&Request {
        paths: vec![path.into()],
        at_hand: vec![],
        from,
        since: None,
        rules: vec![],
        builtin_rules: true,
        public_keys: None,
        threads: std::num::NonZero::new(2).unwrap(),
        progress: Progress::default(),
    });
    println!("{}", serde_json::to_string_pretty(&a).unwrap());
}
