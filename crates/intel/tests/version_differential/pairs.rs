//! Pairs of versions that are worth comparing: real ones, made-up ones, and those with their neighbours.

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or_default()
    }

    pub(crate) fn one_of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// So many pairs of texts that are versions or nearly.
///
/// `pieces` are what versions of the order are made of, separators with what follows them (`.1`, `-rc`, `~`).
pub(crate) fn pairs(seed: u64, count: usize, real: &[String], pieces: &[&str]) -> Vec<(String, String)> {
    let mut dice = Dice::new(seed);
    (0..count)
        .map(|_| {
            let first = version(&mut dice, real, pieces);
            let second = match dice.below(10) {
                0..=6 => neighbour(&mut dice, &first, pieces),
                _ => version(&mut dice, real, pieces),
            };
            if dice.below(2) == 0 { (first, second) } else { (second, first) }
        })
        .collect()
}

fn version(dice: &mut Dice, real: &[String], pieces: &[&str]) -> String {
    if !real.is_empty() && dice.below(2) == 0 {
        return real[dice.below(real.len())].clone();
    }
    let mut text = dice.one_of(&["0", "1", "1.0", "1.2.3", "2.0.0", "10.1"]).to_owned();
    for _ in 0..dice.below(5) {
        text.push_str(dice.one_of(pieces));
    }
    text
}

fn neighbour(dice: &mut Dice, text: &str, pieces: &[&str]) -> String {
    let mut text = text.to_owned();
    for _ in 0..=dice.below(2) {
        let places: Vec<usize> = (0..=text.len()).filter(|place| text.is_char_boundary(*place)).collect();
        let place = places[dice.below(places.len())];
        match dice.below(6) {
            0 => text.push_str(dice.one_of(pieces)),
            1 => text.insert_str(place, dice.one_of(pieces)),
            2 => text.insert_str(place, dice.one_of(&["0", "1", "9", "a", "."])),
            3 => text.truncate(place),
            4 if place < text.len() => drop(text.remove(place)),
            5 if place < text.len() && text.as_bytes()[place].is_ascii_digit() => {
                text.replace_range(place..=place, dice.one_of(&["0", "1", "2", "9", "10"]));
            }
            _ => {}
        }
    }
    if text.is_empty() { "0".to_owned() } else { text }
}
