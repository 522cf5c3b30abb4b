//! The lineage as a drawing: a tree from left to right, each generation a column.

use std::cmp::Reverse;

use floodmark_case::{Answer, Credential};
use maud::{Markup, html};

use super::prose::shown;
use crate::fit::{keep_ends, keep_tail};
use crate::lineage::{Branch, branches};
use crate::quantity::{counted, minute, thousands};
use crate::{inert, wording};

const BOX_WIDTH: f64 = 232.0;
const BOX_HEIGHT: f64 = 66.0;
const FOLD_HEIGHT: f64 = 30.0;
const COLUMN: f64 = BOX_WIDTH + 36.0;
/// From the top of one box to the top of the next: the box, the label above it, and air.
const ROW: f64 = BOX_HEIGHT + 32.0;
/// Credentials that are drawn.
const DRAWN: usize = 40;
/// Children of one credential that are drawn.
const CHILDREN: usize = 6;
/// Generations that are drawn.
const DEEPEST: usize = 8;

pub(super) fn figure(answer: &Answer) -> Markup {
    let tree = branches(&answer.story.credentials);
    if tree.is_empty() {
        return html! { p { "No credential." } };
    }
    let boxes = lay_out(&tree);
    let drawn = boxes.iter().filter(|b| matches!(b.what, What::Credential(_))).count();
    let width = boxes.iter().map(|b| b.x).fold(0.0, f64::max) + BOX_WIDTH + 2.0;
    let height = boxes.iter().map(|b| b.y).fold(0.0, f64::max) + BOX_HEIGHT + 4.0;
    html! {
        figure {
            div.scroll {
                svg viewBox={ "0 0 " (at(width)) " " (at(height)) } role="img" aria-labelledby="li-title li-desc" style={ "width:" (at(width)) "px;max-width:" (at(width)) "px;height:auto" } {
                    title #li-title { "Lineage of the credentials" }
                    desc #li-desc { (describe(answer, drawn)) }
                    @for b in &boxes { @if let Some(parent) = b.parent { (edge(&boxes[parent], b)) } }
                    @for b in &boxes { (draw(b)) }
                }
            }
            figcaption.legend {
                span { svg width="26" height="16" aria-hidden="true" { rect.box.fallen x="1" y="1" width="24" height="14" rx="3" {} rect.stripe x="1" y="1" width="4" height="14" {} } "fallen: in the intruder's hands" }
                span { svg width="26" height="16" aria-hidden="true" { rect.box.free x="1" y="1" width="24" height="14" rx="3" {} } "an ancestor, not fallen" }
                @if width > 1042.0 { span { "the drawing goes on to the right" } }
                @if drawn < tree.len() { span { (thousands(drawn as u64)) " of " (thousands(tree.len() as u64)) " credentials are drawn; the JSON view has all" } }
            }
        }
    }
}

enum What<'a> {
    Credential(&'a Credential),
    /// So many further children.
    Fold(usize),
}

struct Placed<'a> {
    what: What<'a>,
    x: f64,
    y: f64,
    parent: Option<usize>,
}

/// Leaves take a row each, in the order of the tree; a parent stands level with its first child, so that the main line
/// runs along the top.
fn lay_out<'a>(tree: &[Branch<'a>]) -> Vec<Placed<'a>> {
    let mut boxes: Vec<Placed<'a>> = Vec::new();
    let mut place: Vec<Option<usize>> = vec![None; tree.len()];
    let mut row = 0.0;
    for entry in keep(tree) {
        let (what, parent, depth) = match entry {
            Kept::Credential(index) => {
                let branch = &tree[index];
                place[index] = Some(boxes.len());
                (What::Credential(branch.credential), branch.parent, branch.depth)
            }
            Kept::Fold(parent, hidden) => {
                (What::Fold(hidden), parent, parent.map_or(0, |parent| tree[parent].depth + 1))
            }
        };
        let parent = parent.and_then(|parent| place[parent]);
        // The first child comes right behind its parent and shares its row.
        let is_first = parent.is_some_and(|parent| parent + 1 == boxes.len());
        if !is_first && !boxes.is_empty() {
            row +=
                if boxes.last().is_some_and(|last| matches!(last.what, What::Fold(_))) { 0.6 } else { 1.0 };
        }
        boxes.push(Placed { what, x: 1.0 + depth as f64 * COLUMN, y: 22.0 + row * ROW, parent });
    }
    boxes
}

enum Kept {
    Credential(usize),
    /// Under this parent, so many children are not drawn.
    Fold(Option<usize>, usize),
}

/// What is drawn, each behind its parent: generation by generation as long as there is room, and of the children of one
/// credential those with children of their own or with most calls; the rest is counted.
fn keep(tree: &[Branch<'_>]) -> Vec<Kept> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); tree.len()];
    let mut roots = Vec::new();
    for (index, branch) in tree.iter().enumerate() {
        match branch.parent {
            Some(parent) => children[parent].push(index),
            None => roots.push(index),
        }
    }
    let choose = |candidates: &[usize], room: usize| {
        let mut best = candidates.to_vec();
        best.sort_by_key(|index| Reverse((!children[*index].is_empty(), tree[*index].credential.calls)));
        best.truncate(room.min(CHILDREN));
        best.sort_unstable();
        best
    };
    let mut chosen = choose(&roots, DRAWN);
    let mut next = 0;
    while let Some(index) = chosen.get(next).copied() {
        next += 1;
        if tree[index].depth + 1 < DEEPEST {
            chosen.extend(choose(&children[index], DRAWN - chosen.len()));
        }
    }
    let mut drawn = vec![false; tree.len()];
    for index in chosen {
        drawn[index] = true;
    }
    let mut kept = Vec::new();
    let mut open = Vec::new();
    let unfold = |candidates: &[usize], parent: Option<usize>, open: &mut Vec<Kept>| {
        let hidden = candidates.iter().filter(|index| !drawn[**index]).count();
        open.extend((hidden > 0).then_some(Kept::Fold(parent, hidden)));
        open.extend(
            candidates.iter().rev().filter(|index| drawn[**index]).map(|index| Kept::Credential(*index)),
        );
    };
    unfold(&roots, None, &mut open);
    while let Some(next) = open.pop() {
        if let Kept::Credential(index) = next {
            unfold(&children[index], Some(index), &mut open);
        }
        kept.push(next);
    }
    kept
}

fn edge(from: &Placed<'_>, to: &Placed<'_>) -> Markup {
    let (x1, y1) = (from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2.0);
    let (x2, y2) = (to.x, to.y + middle(to));
    let turn = x1 + 16.0;
    let (down, side) = if y2 >= y1 { (1.0, 6.0_f64) } else { (-1.0, 6.0) };
    let bend = side.min((y2 - y1).abs() / 2.0);
    html! {
        path.edge d={
            "M" (at(x1)) " " (at(y1)) "H" (at(turn - bend))
            "Q" (at(turn)) " " (at(y1)) " " (at(turn)) " " (at(y1 + down * bend))
            "V" (at(y2 - down * bend))
            "Q" (at(turn)) " " (at(y2)) " " (at(turn + bend)) " " (at(y2)) "H" (at(x2))
        } {}
        @if let What::Credential(credential) = &to.what {
            text.mono.call x=(at(x2)) y=(at(to.y - 6.0)) font-size="10.5" { (keep_tail(&inert(&credential.how), 32)) }
        }
    }
}

fn middle(placed: &Placed<'_>) -> f64 {
    if matches!(placed.what, What::Fold(_)) { FOLD_HEIGHT / 2.0 } else { BOX_HEIGHT / 2.0 }
}

fn draw(placed: &Placed<'_>) -> Markup {
    let (x, y) = (placed.x, placed.y);
    let credential = match &placed.what {
        What::Credential(credential) => credential,
        What::Fold(hidden) => {
            return html! {
                rect.box.fold x=(at(x)) y=(at(y)) width=(BOX_WIDTH) height=(FOLD_HEIGHT) rx="4" {}
                text.soft x=(at(x + 14.0)) y=(at(y + 19.0)) font-size="11" { "and " (thousands(*hidden as u64)) " more, not drawn" }
            };
        }
    };
    let class = if credential.tainted { "box fallen" } else { "box free" };
    html! {
        g {
            title { (shown(&credential.id)) ", " (wording::kind_and_owner(credential.kind, &shown(&credential.principal))) }
            rect class=(class) x=(at(x)) y=(at(y)) width=(BOX_WIDTH) height=(BOX_HEIGHT) rx="4" {}
            @if credential.tainted { rect.stripe x=(at(x)) y=(at(y)) width="4" height=(BOX_HEIGHT) {} }
            text.mono.strong x=(at(x + 14.0)) y=(at(y + 20.0)) font-size="12" { (keep_ends(&inert(wording::short(&credential.id)), 28)) }
            text.soft x=(at(x + 14.0)) y=(at(y + 37.0)) font-size="10.5" { (whose(credential)) }
            text.fallen-text[credential.tainted].soft[!credential.tainted] x=(at(x + 14.0)) y=(at(y + 54.0)) font-size="10.5" { (state(credential)) }
        }
        @if placed.parent.is_none() {
            text.mono.call x=(at(x)) y=(at(y - 6.0)) font-size="10.5" { (keep_tail(&inert(&credential.how), 32)) }
        }
    }
}

fn whose(credential: &Credential) -> String {
    let kind = wording::credential_kind(credential.kind);
    let room = 36_usize.saturating_sub(kind.len() + 3);
    format!("{kind} · {}", keep_tail(&inert(wording::short(&credential.principal)), room))
}

fn state(credential: &Credential) -> String {
    let calls =
        if credential.calls > 0 { counted(credential.calls, "call") } else { "not seen in use".into() };
    match (credential.tainted, credential.fell) {
        (false, _) => "not fallen".into(),
        (true, Some(fell)) => format!("fell {} · {calls}", minute(fell)),
        (true, None) => format!("fallen · {calls}"),
    }
}

fn describe(answer: &Answer, drawn: usize) -> String {
    let fallen = answer.story.credentials.iter().filter(|credential| credential.tainted).count() as u64;
    format!(
        "A tree of {}, {} of all fallen; {} drawn. Each box names the credential, its kind and owner, when it fell and how many calls it made; the label above a box is the call that begot it. The table below tells the same.",
        counted(answer.story.credentials.len() as u64, "credential"),
        thousands(fallen),
        thousands(drawn as u64),
    )
}

/// A coordinate, to a tenth.
fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}
