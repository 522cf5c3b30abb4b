//! Names that are nearly those that were asked for.

/// The longest name that is compared letter by letter.
const LONGEST: usize = 64;

/// The names that are near to a text, the nearest first, up to a number.
pub(crate) fn near<'n>(text: &str, names: impl Iterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let lower = text.to_lowercase();
    let mut near: Vec<(usize, &str)> =
        names.filter_map(|name| Some((distance(&lower, &name.to_lowercase())?, name))).collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(most);
    near.into_iter().map(|(_, name)| name).collect()
}

/// How far two names are apart; `None` if they are not near.
fn distance(asked: &str, name: &str) -> Option<usize> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let edits = edits(asked, name).into_iter().chain(edits(asked, last)).min();
    // `2.1` for `v2.1.0`, `fix` for `hotfix/a`.
    let within = (asked.len() >= 3 && name.contains(asked)).then(|| 3 + name.len() - asked.len());
    edits.into_iter().chain(within).min()
}

/// How many letters have to be changed, added or taken away, if that are few.
fn edits(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let most = (one.len() / 3).min(2);
    if one.len().max(other.len()) > LONGEST || one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], at + 1);
        for (column, wanted) in other.iter().enumerate() {
            let changed = before + usize::from(letter != wanted);
            before = row[column + 1];
            row[column + 1] = changed.min(before + 1).min(row[column] + 1);
        }
    }
    row.last().copied().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_a_part_or_another_case_is_near_and_nothing_else() {
        let names = ["main", "v1.2.0", "v1.2.1", "v1.20.0", "feature/login", "origin/main", "Release"];
        let near = |text: &str| near(text, names.into_iter(), 3);
        assert_eq!(near("mian"), [""; 0]);
        assert_eq!(near("maim"), ["main", "origin/main"]);
        assert_eq!(near("v1.2"), ["v1.2.0", "v1.2.1", "v1.20.0"]);
        assert_eq!(near("release"), ["Release"]);
        assert_eq!(near("login"), ["feature/login"]);
        assert_eq!(near("xyz"), [""; 0]);
    }
}
