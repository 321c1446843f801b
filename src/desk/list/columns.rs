//! Columns of many rows in little memory: texts in one piece, lists in one piece.

/// A text per row.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: String,
    /// Where each row's text ends.
    ends: Vec<u32>,
}

impl Texts {
    /// Makes it; texts beyond 4 GiB in all are left empty.
    pub(super) fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut column = Self::default();
        for text in texts {
            column.push(text);
        }
        column.text.shrink_to_fit();
        column.ends.shrink_to_fit();
        column
    }

    fn push(&mut self, text: &str) {
        let before = self.text.len();
        self.text.push_str(text);
        let end = u32::try_from(self.text.len()).unwrap_or_else(|_| {
            self.text.truncate(before);
            u32::try_from(before).unwrap_or(u32::MAX)
        });
        self.ends.push(end);
    }

    /// Returns the text of a row; empty for a row there is not.
    pub(super) fn get(&self, row: usize) -> &str {
        let (start, end) = bounds(&self.ends, row);
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns how much memory it takes, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

/// A list of indexes per row.
#[derive(Debug, Default)]
pub(super) struct Lists {
    items: Vec<u32>,
    ends: Vec<u32>,
}

impl Lists {
    /// Makes it.
    pub(super) fn of<'l>(lists: impl IntoIterator<Item = &'l [usize]>) -> Self {
        let mut column = Self::default();
        for list in lists {
            let items = list.iter().filter_map(|item| u32::try_from(*item).ok());
            column.items.extend(items);
            column
                .ends
                .push(u32::try_from(column.items.len()).unwrap_or(u32::MAX));
        }
        column.items.shrink_to_fit();
        column.ends.shrink_to_fit();
        column
    }

    /// Returns the indexes of a row.
    pub(super) fn get(&self, row: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let (start, end) = bounds(&self.ends, row);
        let items = self.items.get(start..end).unwrap_or_default();
        items.iter().filter_map(|item| usize::try_from(*item).ok())
    }

    /// Returns how much memory it takes, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        (self.items.capacity() + self.ends.capacity()) * size_of::<u32>()
    }
}

/// Returns where a row's part begins and ends.
fn bounds(ends: &[u32], row: usize) -> (usize, usize) {
    let end_of = |row: usize| ends.get(row).and_then(|end| usize::try_from(*end).ok());
    let start = row.checked_sub(1).and_then(end_of).unwrap_or_default();
    (start, end_of(row).unwrap_or(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_gets_back_what_was_put_in() {
        let texts = ["Peeters", "", "Zoë", "’t Jolle"];
        let column = Texts::of(texts);
        let back: Vec<&str> = (0..5).map(|row| column.get(row)).collect();
        assert_eq!(back, [&texts[..], &[""]].concat());
        let lists: [&[usize]; 3] = [&[3, 1], &[], &[7]];
        let column = Lists::of(lists);
        let back: Vec<Vec<usize>> = (0..4).map(|row| column.get(row).collect()).collect();
        assert_eq!(back, [vec![3, 1], vec![], vec![7], vec![]]);
        assert!(column.bytes() > 0);
    }
}
