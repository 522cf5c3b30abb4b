//! Writes the sample answer in a format: `cargo run -p floodmark-report --example founding -- FORMAT [WIDTH] [colour]`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use floodmark_report::{Format, Layout, Style, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let format: Format = arguments.next().as_deref().unwrap_or("table").parse()?;
    let width = arguments.next().and_then(|width| width.parse().ok()).unwrap_or(80);
    let style = if arguments.next().is_some() { Style::Colour } else { Style::Plain };
    render(&sample::answer(), format, &Layout { width, style }, &mut std::io::stdout())?;
    Ok(())
}
