//! What of the lineage and the reach is told.

use std::collections::BTreeSet;

use floodmark_case::{Access, Credential, CredentialKind, Reached};

use crate::engine::lineage::{Hands, Lineage};
use crate::engine::story::Telling;

/// Leaves out what fell only by the letter:
///
/// - sessions of compute that others run and the intruder entered, if none of their calls was the intruder's;
/// - users and roles that the intruder made, where nobody came through them: they are leftovers, and what was made for
///   them (keys, passwords, sessions) is listed itself.
pub(super) fn prune(telling: &mut Telling, lineage: &Lineage) {
    loop {
        let parents: BTreeSet<String> =
            telling.credentials.iter().filter_map(|credential| credential.parent.clone()).collect();
        let before = telling.credentials.len();
        telling
            .credentials
            .retain(|credential| !is_idle(credential, lineage) || parents.contains(&credential.id));
        if telling.credentials.len() == before {
            break;
        }
    }
    telling.reached.retain(|reached| !(reached.access == Access::Denied && reached.kind == "account"));
}

fn is_idle(credential: &Credential, lineage: &Lineage) -> bool {
    if !credential.tainted || credential.calls > 0 {
        return false;
    }
    let is_shared = lineage.taint_of(&credential.id).is_some_and(|fallen| fallen.hands != Hands::Intruder);
    let is_made = matches!(credential.kind, CredentialKind::Principal) || credential.how == "iam:CreateRole";
    let is_session = credential.kind == CredentialKind::RoleSession;
    is_made || (is_shared && is_session)
}

/// Adds the buckets that only an access log shows to have been read.
pub(super) fn complete(telling: &mut Telling) {
    let in_access_log = telling.volumes.iter().filter(|volume| volume.basis == "s3-access-log");
    let more: Vec<Reached> = in_access_log
        .filter_map(|volume| {
            let is_told =
                |reached: &&Reached| reached.resource == volume.resource && reached.access == Access::Read;
            if telling.reached.iter().any(|reached| is_told(&reached)) {
                return None;
            }
            Some(Reached {
                resource: volume.resource.clone(),
                kind: "bucket".into(),
                account: String::new(),
                access: Access::Read,
                count: volume.reads,
                window: volume.window,
                by: Vec::new(),
                confidence: floodmark_case::Confidence::High,
                citations: volume.citations.clone(),
            })
        })
        .collect();
    for one in more {
        match telling
            .reached
            .iter_mut()
            .find(|known| known.resource == one.resource && known.access == one.access)
        {
            Some(known) => {
                known.count += one.count;
                known.window = known.window.hull(one.window);
                known.citations.extend(one.citations);
            }
            None => telling.reached.push(one),
        }
    }
    telling.reached.sort_by(|a, b| (&a.resource, a.access).cmp(&(&b.resource, b.access)));
}
