//! A list that knows the order in which its entries were last used.

/// Where there is no entry.
const NONE: usize = usize::MAX;

/// Entries in the order in which they were last used. Every operation takes the same few steps, however many there are.
pub(super) struct RecencyList<T> {
    /// Entries and free places, linked by their positions here.
    nodes: Vec<Node<T>>,
    newest: usize,
    oldest: usize,
    /// The first free place; the others follow by `older`.
    free: usize,
    /// How many nodes were looked at.
    #[cfg(test)]
    pub(super) steps: usize,
}

/// The place of an entry in its list. It stays valid until the entry is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ListPosition(usize);

struct Node<T> {
    /// `None` in a free place.
    entry: Option<T>,
    newer: usize,
    older: usize,
}

impl<T> Default for RecencyList<T> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            newest: NONE,
            oldest: NONE,
            free: NONE,
            #[cfg(test)]
            steps: 0,
        }
    }
}

impl<T> RecencyList<T> {
    /// Adds an entry, which is then the one used last.
    pub(super) fn push(&mut self, entry: T) -> ListPosition {
        let node = Node {
            entry: Some(entry),
            newer: NONE,
            older: NONE,
        };
        let position = self.free;
        if let Some(vacant) = self.node(position) {
            let next_free = vacant.older;
            *vacant = node;
            self.free = next_free;
            self.link_newest(position);
            return ListPosition(position);
        }
        self.nodes.push(node);
        let position = self.nodes.len() - 1;
        self.link_newest(position);
        ListPosition(position)
    }

    /// Makes an entry the one used last.
    pub(super) fn touch(&mut self, place: ListPosition) {
        if place.0 != self.newest {
            self.unlink(place.0);
            self.link_newest(place.0);
        }
    }

    /// Removes an entry.
    pub(super) fn remove(&mut self, place: ListPosition) -> Option<T> {
        self.unlink(place.0);
        let free = self.free;
        let node = self.node(place.0)?;
        let entry = node.entry.take()?;
        node.older = free;
        self.free = place.0;
        Some(entry)
    }

    /// Removes the entry that was used least recently.
    pub(super) fn pop_oldest(&mut self) -> Option<T> {
        self.remove(ListPosition(self.oldest))
    }

    fn node(&mut self, position: usize) -> Option<&mut Node<T>> {
        #[cfg(test)]
        {
            self.steps += 1;
        }
        self.nodes.get_mut(position)
    }

    fn unlink(&mut self, position: usize) {
        let Some(node) = self.node(position).filter(|node| node.entry.is_some()) else {
            return;
        };
        let (newer, older) = (node.newer, node.older);
        match self.node(newer) {
            Some(node) => node.older = older,
            None => self.newest = older,
        }
        match self.node(older) {
            Some(node) => node.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link_newest(&mut self, position: usize) {
        let second = std::mem::replace(&mut self.newest, position);
        if let Some(node) = self.node(position) {
            node.newer = NONE;
            node.older = second;
        }
        match self.node(second) {
            Some(node) => node.newer = position,
            None => self.oldest = position,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What one operation does, to the entry used as many-th last.
    #[derive(Debug, Clone, Copy)]
    enum Operation {
        Push,
        Touch(usize),
        Remove(usize),
        PopOldest,
    }

    fn operation() -> impl Strategy<Value = Operation> {
        prop_oneof![
            3 => Just(Operation::Push),
            3 => (0..8_usize).prop_map(Operation::Touch),
            1 => (0..8_usize).prop_map(Operation::Remove),
            1 => Just(Operation::PopOldest),
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_list_in_the_order_of_use(operations in proptest::collection::vec(operation(), 0..60)) {
            let mut list = RecencyList::default();
            // The last used one first.
            let mut expected: Vec<(u32, ListPosition)> = Vec::new();
            for (number, operation) in (0..).zip(operations) {
                match operation {
                    Operation::Push => expected.insert(0, (number, list.push(number))),
                    Operation::Touch(at) if at < expected.len() => {
                        list.touch(expected[at].1);
                        expected[..=at].rotate_right(1);
                    }
                    Operation::Remove(at) if at < expected.len() => {
                        let (number, place) = expected.remove(at);
                        prop_assert_eq!(list.remove(place), Some(number));
                        prop_assert_eq!(list.remove(place), None);
                    }
                    Operation::Touch(_) | Operation::Remove(_) => {}
                    Operation::PopOldest => {
                        prop_assert_eq!(list.pop_oldest(), expected.pop().map(|(number, _)| number));
                    }
                }
                prop_assert!(list.nodes.len() <= usize::try_from(number).unwrap() + 1);
            }
            while let Some((number, _)) = expected.pop() {
                prop_assert_eq!(list.pop_oldest(), Some(number));
            }
            prop_assert_eq!(list.pop_oldest(), None);
        }
    }
}
