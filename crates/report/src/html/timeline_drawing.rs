//! The timeline as a drawing: days along, one lane per credential.

use std::collections::HashMap;

use floodmark_case::{Answer, Credential, Finding, Gap, Outcome, Severity, TimelineRow, Timestamp, Window};
use maud::{Markup, html};

use super::prose::shown;
use crate::fit::{keep_ends, keep_tail};
use crate::lineage::branches;
use crate::outline::span;
use crate::quantity::{counted, minute, second, thousands, window};
use crate::{inert, wording};

const WIDTH: f64 = 1040.0;
const LEFT: f64 = 196.0;
const RIGHT: f64 = 1030.0;
const TOP: f64 = 30.0;
const MARKS: f64 = 40.0;
const LANE: f64 = 40.0;
const GAP_LANE: f64 = 26.0;
/// How wide a letter of a gap's label is in the widest of the fonts.
const GAP_LETTER: f64 = 6.3;
/// Lanes that are drawn; the credentials with the most calls have one.
const LANES: usize = 18;
/// Gaps that are shaded.
const GAPS: usize = 60;
/// Closer than this, two bars are one.
const MERGE: f64 = 2.0;
/// The room that a label of the axis takes to the right of its mark, at most.
const LABEL: f64 = 18.0;

/// The drawing, with its heading and legend.
pub(super) fn section(answer: &Answer) -> Markup {
    let Some(whole) = span(answer) else {
        return html! {
            section #timeline { h2 { "Timeline" } p { "No call of a fallen credential was seen in the logs that were read." } }
        };
    };
    let lanes = lanes(answer);
    let scale = Scale::over(whole);
    let gaps: Vec<_> =
        answer.coverage.gaps.iter().filter(|gap| gap.window.is_some_and(|w| scale.shows(w))).collect();
    let foot = TOP + MARKS + LANE * lanes.len() as f64;
    let height = foot + if gaps.is_empty() { 8.0 } else { GAP_LANE + 6.0 };
    html! {
        section #timeline {
            h2 { "Timeline" }
            p { (window(whole)) " UTC. One lane per fallen credential; the marks above them are detections." }
            figure {
                div.scroll {
                    svg viewBox={ "0 0 " (WIDTH) " " (at(height)) } role="img" aria-labelledby="tl-title tl-desc" style="width:100%;min-width:720px;height:auto" {
                        title #tl-title { "Timeline of the intrusion" }
                        desc #tl-desc { (describe(answer, whole, &lanes)) }
                        (patterns())
                        (shades(&gaps, &scale, foot))
                        (axis(&scale, foot))
                        (marks(&answer.findings, &scale))
                        @for (nth, lane) in lanes.iter().enumerate() { (draw(lane, TOP + MARKS + LANE * nth as f64, &scale)) }
                        @if !gaps.is_empty() { text.soft x="0" y=(at(foot + 18.0)) font-size="11" { "No logs" } }
                    }
                }
                (legend(!gaps.is_empty()))
            }
        }
    }
}

/// From time to place.
struct Scale {
    from: i64,
    to: i64,
}

impl Scale {
    fn over(whole: Window) -> Self {
        let (from, to) = (whole.from.as_second(), whole.to.as_second());
        let (from, to) = (from.min(to), from.max(to));
        let margin = ((to - from) / 60).max(60);
        Self { from: from - margin, to: to + margin }
    }

    fn x(&self, instant: Timestamp) -> f64 {
        self.x_of(instant.as_second())
    }

    fn x_of(&self, second: i64) -> f64 {
        let share = (second - self.from) as f64 / (self.to - self.from) as f64;
        LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    fn shows(&self, window: Window) -> bool {
        window.to.as_second() > self.from && window.from.as_second() < self.to
    }

    /// Whole hours or days, at most twelve of them.
    fn ticks(&self) -> (i64, Vec<i64>) {
        const STEPS: [i64; 9] = [300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
        let least = (self.to - self.from) / 12 + 1;
        let step = STEPS.into_iter().find(|step| *step >= least).unwrap_or((least / 604_800 + 1) * 604_800);
        let first = self.from.div_euclid(step) * step + step;
        (step, (0..14).map(|nth| first + nth * step).take_while(|tick| *tick < self.to).collect())
    }
}

/// The rows of one credential, or of all those that have no lane of their own.
struct Lane<'a> {
    label: String,
    note: String,
    credential: Option<&'a Credential>,
    rows: Vec<&'a TimelineRow>,
}

fn lanes(answer: &Answer) -> Vec<Lane<'_>> {
    let mut rows: HashMap<&str, Vec<&TimelineRow>> = HashMap::new();
    for row in &answer.story.timeline {
        rows.entry(&row.credential).or_default().push(row);
    }
    let tree = branches(&answer.story.credentials);
    let fallen: Vec<_> =
        tree.iter().map(|branch| branch.credential).filter(|credential| credential.tainted).collect();
    let calls = |id: &str| {
        rows.get(id).map_or(0, |rows| rows.iter().map(|row| row.count).fold(0, u64::saturating_add))
    };
    let mut busiest: Vec<_> =
        fallen.iter().map(|credential| (calls(&credential.id), credential.id.as_str())).collect();
    busiest.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let chosen: std::collections::BTreeSet<&str> = busiest.iter().take(LANES).map(|(_, id)| *id).collect();
    let mut lanes = Vec::new();
    for credential in fallen.iter().filter(|credential| chosen.contains(credential.id.as_str())) {
        let kind = wording::credential_kind(credential.kind);
        let room = 32_usize.saturating_sub(kind.len() + 3);
        let note = format!("{kind} · {}", keep_tail(&inert(wording::short(&credential.principal)), room));
        lanes.push(Lane {
            label: keep_ends(&inert(wording::short(&credential.id)), 24),
            note,
            credential: Some(credential),
            rows: rows.remove(credential.id.as_str()).unwrap_or_default(),
        });
    }
    let others: Vec<_> =
        (answer.story.timeline.iter()).filter(|row| !chosen.contains(row.credential.as_str())).collect();
    let unlisted = fallen.len().saturating_sub(lanes.len());
    if !others.is_empty() || unlisted > 0 {
        let note = "the JSON view names them".to_owned();
        lanes.push(Lane {
            label: format!("{} others", thousands(unlisted as u64)),
            note,
            credential: None,
            rows: others,
        });
    }
    lanes
}

/// A bar that stands for one or many runs of calls.
struct Bar {
    from: f64,
    to: f64,
    calls: u64,
    runs: u64,
    window: Window,
    what: String,
}

fn bars<'a>(rows: impl Iterator<Item = &'a TimelineRow>, scale: &Scale) -> Vec<Bar> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| (row.window.from, row.window.to));
    let mut bars: Vec<Bar> = Vec::new();
    for row in rows {
        let (from, to) = (scale.x(row.window.from), scale.x(row.window.to));
        let (from, to) = (from, to.max(from + MERGE));
        match bars.last_mut().filter(|bar| from < bar.to + 1.0) {
            Some(bar) => {
                bar.to = bar.to.max(to);
                bar.calls = bar.calls.saturating_add(row.count);
                bar.runs += 1;
                bar.window = bar.window.hull(row.window);
            }
            None => bars.push(Bar {
                from,
                to,
                calls: row.count,
                runs: 1,
                window: row.window,
                what: row.call.clone(),
            }),
        }
    }
    bars
}

fn draw(lane: &Lane<'_>, top: f64, scale: &Scale) -> Markup {
    let done = bars(lane.rows.iter().copied().filter(|row| row.outcome == Outcome::Success), scale);
    let refused = bars(lane.rows.iter().copied().filter(|row| row.outcome != Outcome::Success), scale);
    let base = top + 23.0;
    html! {
        line.hair x1="0" y1=(at(top)) x2=(RIGHT) y2=(at(top)) {}
        text.mono.strong x="0" y=(at(top + 17.0)) font-size="11.5" { (lane.label) }
        text.soft x="0" y=(at(top + 31.0)) font-size="10" { (lane.note) }
        @if let Some(fell) = lane.credential.and_then(|credential| credential.fell).filter(|fell| scale.shows(Window::at(*fell))) {
            @let x = scale.x(fell);
            path.fell d={ "M" (at(x)) " " (at(top + 4.0)) "V" (at(top + LANE - 4.0)) "M" (at(x)) " " (at(top + 4.0)) "l-5 0l5 6z" } {
                title { "Fell " (second(fell)) " UTC" }
            }
        }
        @for bar in &done {
            @let height = 6.0 + 2.2 * (bar.calls.max(1) as f64).log10().min(4.5);
            rect.bar x=(at(bar.from)) y=(at(base - height)) width=(at(bar.to - bar.from)) height=(at(height)) rx="0.8" { title { (tell(bar)) } }
        }
        @for bar in &refused {
            rect.refused x=(at(bar.from)) y=(at(base + 3.0)) width=(at(bar.to - bar.from)) height="8" { title { (tell(bar)) ", denied or failed" } }
        }
        @if lane.rows.is_empty() {
            @let x = lane.credential.and_then(|credential| credential.fell).map_or(LEFT, |fell| scale.x(fell));
            @let (x, anchor) = if x > RIGHT - 130.0 { (x - 10.0, "end") } else { (x + 9.0, "start") };
            text.soft x=(at(x)) y=(at(top + 24.0)) font-size="10.5" font-style="italic" text-anchor=(anchor) { "not seen in use" }
        }
    }
}

fn tell(bar: &Bar) -> String {
    let what = shown(&bar.what);
    let more = if bar.runs > 1 {
        format!(" and {} like it or others", counted(bar.runs - 1, "run"))
    } else {
        String::new()
    };
    format!("{what}{more}: {}, {} UTC", counted(bar.calls, "call"), window(bar.window))
}

fn axis(scale: &Scale, foot: f64) -> Markup {
    let (step, ticks) = scale.ticks();
    html! {
        line.axis x1=(LEFT) y1=(at(TOP - 4.0)) x2=(RIGHT) y2=(at(TOP - 4.0)) {}
        @for tick in ticks {
            @let x = scale.x_of(tick);
            line.hair x1=(at(x)) y1=(at(TOP - 4.0)) x2=(at(x)) y2=(at(foot)) {}
            line.axis x1=(at(x)) y1=(at(TOP - 8.0)) x2=(at(x)) y2=(at(TOP - 4.0)) {}
            // A label at the right edge would be cut by it.
            @let anchor = if x > RIGHT - LABEL { "end" } else { "middle" };
            text.soft x=(at(x)) y=(at(TOP - 13.0)) font-size="11" text-anchor=(anchor) { (label(tick, step)) }
        }
    }
}

fn label(tick: i64, step: i64) -> String {
    let Ok(instant) = Timestamp::from_second(tick) else { return String::new() };
    let form = match (step >= 86_400, tick.rem_euclid(86_400) == 0, step > 86_400 * 60) {
        (_, _, true) => "%b %Y",
        (true, ..) | (_, true, _) => "%-d %b",
        _ => "%H:%M",
    };
    instant.strftime(form).to_string()
}

fn shades(gaps: &[&Gap], scale: &Scale, foot: f64) -> Markup {
    let height = foot - TOP + GAP_LANE;
    html! {
        @for gap in gaps.iter().take(GAPS) {
            @if let Some(when) = gap.window {
                @let (from, to) = (scale.x(when.from), scale.x(when.to));
                g {
                    title { (wording::gap_kind(gap.kind)) ": " (shown(&gap.what)) ", " (window(when)) " UTC" }
                    rect.gap x=(at(from)) y=(at(TOP - 4.0)) width=(at((to - from).max(2.0))) height=(at(height)) {}
                    path.gap-edge d={ "M" (at(from)) " " (at(TOP - 4.0)) "v" (at(height)) "M" (at(to)) " " (at(TOP - 4.0)) "v" (at(height)) } {}
                }
            }
        }
        @for (x, label) in gap_labels(gaps, scale) {
            text.soft x=(at(x)) y=(at(foot + 18.0)) font-size="10" { (label) }
        }
    }
}

/// The names of the gaps, where there is room for them.
fn gap_labels(gaps: &[&Gap], scale: &Scale) -> Vec<(f64, String)> {
    let mut places: Vec<_> =
        gaps.iter().filter_map(|gap| gap.window.map(|window| (scale.x(window.from) + 4.0, gap))).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut labels = Vec::new();
    let mut free = LEFT;
    for (x, gap) in places {
        let label = format!("{}, {}", wording::gap_kind(gap.kind), keep_tail(&inert(&gap.what), 26));
        let wide = label.chars().count() as f64 * GAP_LETTER;
        if x >= free && x + wide <= WIDTH {
            free = x + wide + 10.0;
            labels.push((x, label));
        }
    }
    labels
}

/// Detections that stand too close to be told apart.
struct Mark<'a> {
    x: f64,
    worst: &'a Finding,
    count: usize,
}

impl Mark<'_> {
    /// The sign, the number beside it, and air.
    fn width(&self) -> f64 {
        if self.count == 1 { 20.0 } else { 24.0 + 6.5 * thousands(self.count as u64).len() as f64 }
    }
}

fn marks(findings: &[Finding], scale: &Scale) -> Markup {
    let mut places: Vec<_> =
        findings.iter().filter_map(|finding| Some((scale.x(finding.window?.from), finding))).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let mut marks: Vec<Mark<'_>> = Vec::new();
    for (x, finding) in places {
        match marks.last_mut().filter(|mark| x - mark.x < mark.width()) {
            Some(mark) => {
                mark.count += 1;
                if finding.severity > mark.worst.severity {
                    mark.worst = finding;
                }
            }
            None => marks.push(Mark { x, worst: finding, count: 1 }),
        }
    }
    let y = TOP + 16.0;
    html! {
        text.strong x="0" y=(at(y + 4.0)) font-size="11.5" { "Detections" }
        @for mark in &marks {
            a href={ "#" (shown(&mark.worst.id)) } {
                title {
                    (wording::severity_mark(mark.worst.severity)) ": " (shown(&mark.worst.title)) @if let Some(window) = mark.worst.window { ", " (minute(window.from)) " UTC" }
                    @if mark.count > 1 { "; " (counted(mark.count as u64 - 1, "more finding")) " here" }
                }
                (sign(mark.worst.severity, mark.x, y))
                @if mark.count > 1 { text.soft x=(at(mark.x + 9.0)) y=(at(y + 4.0)) font-size="10.5" { (thousands(mark.count as u64)) } }
            }
        }
    }
}

/// Each severity has a shape of its own.
fn sign(severity: Severity, x: f64, y: f64) -> Markup {
    let class = format!("s-{}", severity.as_str());
    html! {
        @match severity {
            Severity::Critical => path class=(class) d={ "M" (at(x)) " " (at(y - 8.0)) "l8 8l-8 8l-8 -8z" } {},
            Severity::High => path class=(class) d={ "M" (at(x)) " " (at(y - 7.0)) "l7.5 13h-15z" } {},
            Severity::Medium => rect class=(class) x=(at(x - 5.0)) y=(at(y - 5.0)) width="10" height="10" {},
            Severity::Low | Severity::Informational => circle class=(class) cx=(at(x)) cy=(at(y)) r="4.5" {},
        }
    }
}

fn patterns() -> Markup {
    html! {
        defs {
            pattern #refused width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" { line.refused-line x1="0" y1="0" x2="0" y2="4" {} }
            pattern #gap width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)" { line.gap-line x1="0" y1="0" x2="0" y2="7" {} }
        }
    }
}

fn legend(has_gaps: bool) -> Markup {
    html! {
        figcaption.legend {
            span { svg width="22" height="14" aria-hidden="true" { rect.bar x="1" y="2" width="20" height="10" {} } "calls carried out; taller is more" }
            span { svg width="22" height="14" aria-hidden="true" { rect.refused x="1" y="3" width="20" height="8" {} } "denied or failed" }
            span { svg width="12" height="16" aria-hidden="true" { path.fell d="M8 1V15M8 1l-5 0l5 6z" {} } "the credential fell" }
            @for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
                span { svg width="18" height="18" aria-hidden="true" { (sign(severity, 9.0, 9.0)) } (severity.as_str()) }
            }
            @if has_gaps { span { svg width="22" height="14" aria-hidden="true" { rect.gap x="1" y="1" width="20" height="12" {} } "no logs" } }
        }
    }
}

fn describe(answer: &Answer, whole: Window, lanes: &[Lane<'_>]) -> String {
    format!(
        "From {} UTC, {} of calls by {} and {}. The same is told in the tables of calls and detections below.",
        window(whole),
        counted(answer.story.timeline.len() as u64, "run"),
        counted(lanes.len() as u64, "lane"),
        counted(answer.findings.len() as u64, "detection"),
    )
}

/// A coordinate, to a tenth.
fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_at_the_right_edge_is_not_cut_by_it() {
        // A mark every five minutes; the last one a second before the end.
        let drawn = axis(&Scale { from: 0, to: 3_001 }, 100.0).into_string();
        let anchors: Vec<&str> = drawn.split("text-anchor=\"").skip(1).map(|rest| &rest[..3]).collect();
        assert_eq!(anchors.last(), Some(&"end"), "{drawn}");
        assert_eq!(anchors.iter().filter(|anchor| **anchor == "end").count(), 1, "{drawn}");
    }
}
