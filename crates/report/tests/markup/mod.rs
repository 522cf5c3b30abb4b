//! A strict reader of the page: it accepts only the elements and attributes that the page may hold.

use std::collections::BTreeSet;

const VOID: [&str; 3] = ["meta", "br", "!DOCTYPE"];
const ELEMENTS: &str = "html head meta title style body header main footer section nav article figure figcaption div span p h1 h2 h3 h4 \
    ul ol li dl dt dd a em strong code pre time br table thead tbody tr th td details summary \
    svg g defs pattern line path rect circle text desc";
const ATTRIBUTES: &str = "lang charset http-equiv content name class id href scope colspan aria-hidden aria-label aria-labelledby datetime style role \
    viewBox width height x y x1 y1 x2 y2 cx cy r rx d fill stroke stroke-width stroke-dasharray font-size font-style text-anchor \
    patternUnits patternTransform";

/// What the page holds.
pub(crate) struct Page {
    pub(crate) ids: BTreeSet<String>,
    pub(crate) targets: BTreeSet<String>,
    pub(crate) policy: Option<String>,
    pub(crate) text: String,
}

/// Reads the page; whatever is not expected is an error that says what and where.
pub(crate) fn read(page: &str) -> Result<Page, String> {
    let mut read = Page { ids: BTreeSet::new(), targets: BTreeSet::new(), policy: None, text: String::new() };
    let mut open: Vec<String> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        text(&rest[..start], &mut read)?;
        let end = rest[start..].find('>').ok_or("a tag does not end")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop().ok_or("closed twice")?;
            if last != name {
                return Err(format!("{last} is closed by {name}"));
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or_default();
        if name == "!DOCTYPE" {
            continue;
        }
        if !ELEMENTS.split_whitespace().any(|known| known == name) {
            return Err(format!("element {name:?} in {tag:?}"));
        }
        attributes(tag[name.len()..].trim_start(), name, &mut read)?;
        if name == "style" {
            rest = rest.split_once("</style>").ok_or("the style does not end")?.1;
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    text(rest, &mut read)?;
    if open.is_empty() { Ok(read) } else { Err(format!("not closed: {open:?}")) }
}

fn attributes(mut rest: &str, element: &str, read: &mut Page) -> Result<(), String> {
    while !rest.is_empty() {
        let (name, value) =
            rest.split_once("=\"").ok_or_else(|| format!("attribute without value: {rest:?}"))?;
        let (value, after) = value.split_once('"').ok_or("a value does not end")?;
        if !ATTRIBUTES.split_whitespace().any(|known| known == name) {
            return Err(format!("attribute {name:?} of {element}"));
        }
        match name {
            "id" if !read.ids.insert(value.to_owned()) => return Err(format!("id {value:?} twice")),
            "href" => {
                let target =
                    value.strip_prefix('#').ok_or_else(|| format!("a link leaves the page: {value:?}"))?;
                read.targets.insert(target.to_owned());
            }
            "content" if value.contains("default-src") => read.policy = Some(value.to_owned()),
            _ => {}
        }
        rest = after.trim_start();
    }
    Ok(())
}

fn text(text: &str, read: &mut Page) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|entity| text[at..].starts_with(entity));
        if !known {
            return Err(format!("a bare ampersand in {text:?}"));
        }
    }
    read.text.push_str(
        &text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"),
    );
    Ok(())
}
