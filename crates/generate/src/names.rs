//! Names of invented people: common Flemish given and family names, combined at random.

use super::dice::Dice;

/// Given and family names by kind, one `kind,name` a line.
const NAMES: &str = include_str!("names-nl-be.csv");

/// The official name of a person; either half may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) given: Option<String>,
    pub(super) family: Option<String>,
}

impl Name {
    pub(super) fn new(given: &str, family: &str) -> Self {
        let half = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            given: half(given),
            family: half(family),
        }
    }
}

/// The name lists.
#[derive(Debug)]
pub(super) struct Names {
    given: Vec<&'static str>,
    given_tricky: Vec<&'static str>,
    family: Vec<&'static str>,
    family_particle: Vec<&'static str>,
    family_tricky: Vec<&'static str>,
    single: Vec<&'static str>,
}

/// Longer names are left to the case that is about them.
const LONGEST_DRAWN: usize = 30;

impl Names {
    pub(super) fn load() -> Self {
        let of = |kinds: &[&str]| -> Vec<&'static str> {
            NAMES
                .lines()
                .filter_map(|line| line.split_once(','))
                .filter(|(kind, name)| kinds.contains(kind) && name.chars().count() <= LONGEST_DRAWN)
                .map(|(_, name)| name)
                .collect()
        };
        Self {
            given: of(&["first_f", "first_m"]),
            given_tricky: of(&["first_tricky"]),
            family: of(&["last"]),
            family_particle: of(&["last_particle"]),
            family_tricky: of(&["last_tricky"]),
            single: of(&["single"]),
        }
    }

    /// Draws a name: of a thousand people about 20 have a tricky given name, 45 a double surname.
    pub(super) fn draw(&self, dice: &mut Dice) -> Name {
        let given = if dice.chance(20) {
            dice.pick(&self.given_tricky)
        } else {
            dice.pick(&self.given)
        };
        let given = given.copied().unwrap_or_default();
        let family = match dice.below(1000) {
            0..20 => dice
                .pick(&self.family_tricky)
                .copied()
                .unwrap_or_default()
                .to_owned(),
            20..65 => self.double_surname(dice),
            _ => self.surname(dice).to_owned(),
        };
        Name::new(given, &family)
    }

    /// Draws the name of someone with one name, which Informat holds in either field.
    pub(super) fn single(&self, dice: &mut Dice, as_given: bool) -> Name {
        let name = dice.pick(&self.single).copied().unwrap_or_default();
        if as_given {
            Name::new(name, "")
        } else {
            Name::new("", name)
        }
    }

    fn double_surname(&self, dice: &mut Dice) -> String {
        let (first, second) = (self.surname(dice), self.surname(dice));
        match dice.below(3) {
            0 => format!("{first}-{second}"),
            1 => format!("{first} - {second}"),
            _ => format!("{first} {second}"),
        }
    }

    fn surname(&self, dice: &mut Dice) -> &'static str {
        if dice.chance(220) {
            return dice.pick(&self.family_particle).copied().unwrap_or_default();
        }
        // The list runs from common to rare: the lower of two draws makes the common ones common.
        let index = dice.index(self.family.len()).min(dice.index(self.family.len()));
        self.family.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_list_is_read() {
        let names = Names::load();
        let read = [&names.given, &names.given_tricky, &names.family]
            .into_iter()
            .chain([&names.family_particle, &names.family_tricky, &names.single])
            .map(Vec::len)
            .collect::<Vec<_>>();
        assert!(read.iter().all(|length| *length >= 4), "{read:?}");
        // Two entries are too long to be drawn, one line is the header.
        assert_eq!(read.iter().sum::<usize>(), NAMES.lines().count() - 3);
        assert!(!NAMES.contains('"'), "the list is read without quoting");
    }

    #[test]
    fn tricky_and_double_names_are_a_small_share() {
        let (names, mut dice) = (Names::load(), Dice::new(1));
        let people: Vec<Name> = (0..10_000).map(|_| names.draw(&mut dice)).collect();
        let share = |test: &dyn Fn(&Name) -> bool| people.iter().filter(|name| test(name)).count();
        let tricky = share(&|name| {
            let given = name.given.as_deref().unwrap();
            names.given_tricky.contains(&given)
                || names.family_tricky.contains(&name.family.as_deref().unwrap())
        });
        assert!((200..700).contains(&tricky), "{tricky}");
        let particle = share(&|name| names.family_particle.contains(&name.family.as_deref().unwrap()));
        assert!((1500..2500).contains(&particle), "{particle}");
    }
}
