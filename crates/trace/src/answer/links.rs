//! What the story adds to the chain.

use floodmark_case::{Access, Confidence, Link, LinkKind, Node, NodeKind, Story, Window};

/// Credential to credential, credential to principal, credential to resource; sorted, each once.
pub(super) fn links(story: &Story) -> Vec<Link> {
    let mut links = Vec::new();
    for credential in &story.credentials {
        let node = || Node::new(NodeKind::Credential, &*credential.id);
        let Some(window) = credential.used.or(credential.fell.map(Window::at)) else { continue };
        if credential.citations.is_empty() {
            continue;
        }
        let link = |from, to, kind, confidence| Link {
            from,
            to,
            kind,
            window: Some(window),
            confidence,
            citations: credential.citations.clone(),
        };
        if let Some(parent) = &credential.parent {
            links.push(link(
                Node::new(NodeKind::Credential, &**parent),
                node(),
                LinkKind::Begot,
                credential.confidence,
            ));
        }
        if !credential.principal.is_empty() && credential.principal != credential.id {
            let principal = Node::new(NodeKind::Principal, &*credential.principal);
            links.push(link(node(), principal, LinkKind::ActedAs, Confidence::High));
        }
        for address in &credential.addresses {
            links.push(link(
                node(),
                Node::new(NodeKind::Address, &**address),
                LinkKind::UsedFrom,
                Confidence::High,
            ));
        }
    }
    for reached in story.reached.iter().filter(|reached| reached.access != Access::Denied) {
        links.extend(reached.by.iter().map(|by| Link {
            from: Node::new(NodeKind::Credential, &**by),
            to: Node::new(NodeKind::Resource, &*reached.resource),
            kind: kind(reached.access),
            window: Some(reached.window),
            confidence: reached.confidence,
            citations: reached.citations.clone(),
        }));
    }
    links.sort();
    links.dedup();
    links
}

fn kind(access: Access) -> LinkKind {
    match access {
        Access::Read => LinkKind::Read,
        Access::Written => LinkKind::Wrote,
        Access::Created => LinkKind::Created,
        Access::Changed => LinkKind::Changed,
        Access::Shared => LinkKind::Shared,
        Access::Deleted => LinkKind::Deleted,
        Access::Executed | Access::Denied => LinkKind::Performed,
    }
}
