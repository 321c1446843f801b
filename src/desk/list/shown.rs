//! Texts that many rows show, and where texts come when sorted.

use crate::accounts::folded;

/// A text that many rows show: as it is, as it is compared, and where it comes when sorted.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) folded: String,
    pub(super) rank: u32,
}

/// Returns texts as they are shown, compared and sorted.
pub(super) fn shown<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Shown> {
    let texts: Vec<(&str, String)> = texts.map(|text| (text, folded(text))).collect();
    let ranks = ranks(texts.iter().map(|(_, folded)| folded.as_str()));
    let each = texts.into_iter().zip(ranks);
    each.map(|((text, folded), rank)| Shown {
        text: text.to_owned(),
        folded,
        rank,
    })
    .collect()
}

/// Returns where each text comes among all of them; equal ones come at the same place.
pub(super) fn ranks<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<u32> {
    let mut sorted: Vec<(&str, usize)> = texts.zip(0..).collect();
    sorted.sort_unstable();
    let mut ranks = vec![0; sorted.len()];
    let (mut rank, mut before) = (0, None);
    for (text, place) in sorted {
        if before.is_some_and(|before| before != text) {
            rank += 1;
        }
        before = Some(text);
        if let Some(slot) = ranks.get_mut(place) {
            *slot = rank;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_come_at_one_place_whatever_case_and_accents() {
        let shown = shown(["Zoë", "Anna", "zoe", ""].into_iter());
        let ranks: Vec<u32> = shown.iter().map(|shown| shown.rank).collect();
        assert_eq!(ranks, [2, 1, 2, 0]);
        assert_eq!(shown[0].text, "Zoë");
    }
}
