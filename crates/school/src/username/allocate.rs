//! Finding a free name: the base, then base2, base3, … (R48, informat-domain §6.2).

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::tenant::username_format::{LOCAL_PART_MAX_LENGTH, is_separator};

/// How many names of a base are looked through for one that a person had before they were erased.
const LOOKED_THROUGH: u64 = 50;

/// A name of somebody who was erased, or that was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErasedName {
    /// Whose it was.
    pub owner: Uuid,
    /// Whether they had it at the end; a former name is given back only where that one is not found.
    pub is_current: bool,
}

/// Whose a name was who was erased; the name is in lower case.
pub type ErasedOwner<'a> = &'a dyn Fn(&str) -> Option<ErasedName>;

/// Names that are no longer held, and yet not free.
#[derive(Clone, Copy)]
pub struct Unavailable<'a> {
    /// Names whose holder was renamed, in lower case.
    pub retired: &'a HashSet<String>,
    /// Names of people who were erased: the same person gets theirs, nobody else does.
    pub erased: ErasedOwner<'a>,
}

impl std::fmt::Debug for Unavailable<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Unavailable")
            .field("retired", &self.retired)
            .finish_non_exhaustive()
    }
}

/// Hands out names of one tenant. Names are compared in lower case, whatever the domain.
#[derive(Debug)]
pub struct Allocator {
    taken: HashSet<String>,
    /// The suffix to try next for a base, so that a thousand namesakes take a thousand steps.
    next_suffix: HashMap<String, u64>,
    max_length: usize,
}

impl Allocator {
    /// Begins with the names that are held or retired, in any case.
    pub fn new(taken: impl IntoIterator<Item = String>, max_length: usize) -> Self {
        Self {
            taken: taken.into_iter().map(|name| name.to_lowercase()).collect(),
            next_suffix: HashMap::new(),
            max_length: max_length.min(LOCAL_PART_MAX_LENGTH),
        }
    }

    /// Keeps a name from being given.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// Takes the first free name for a base. `base` holds only `a-z 0-9 . _ -` and is not empty.
    pub fn take(&mut self, base: &str) -> String {
        self.take_for(base, Uuid::nil(), &|_| None)
    }

    /// Takes the name that a person had when they were erased, if it is one of these, else a former one of theirs; else the first free
    /// one that was nobody's who was erased.
    pub fn take_for(&mut self, base: &str, person: Uuid, erased: ErasedOwner<'_>) -> String {
        let base = shorten(base, self.max_length);
        let theirs = (1..=LOOKED_THROUGH)
            .map(|number| numbered(&base, number, self.max_length))
            .filter_map(|name| {
                let is_theirs = |erased: &ErasedName| erased.owner == person && !self.taken.contains(&name);
                let is_current = erased(&name).filter(is_theirs)?.is_current;
                Some((is_current, name))
            });
        if let Some((_, name)) = theirs.min_by_key(|(is_current, _)| !is_current) {
            self.taken.insert(name.clone());
            return name;
        }
        let next = self.next_suffix.entry(base.clone()).or_insert(1);
        loop {
            let name = numbered(&base, *next, self.max_length);
            *next += 1;
            let is_of_another = || erased(&name).is_some_and(|erased| erased.owner != person);
            if !self.taken.contains(&name) && !is_of_another() {
                self.taken.insert(name.clone());
                return name;
            }
        }
    }
}

/// Returns a base with a number; 1 is none.
fn numbered(base: &str, number: u64, max_length: usize) -> String {
    if number == 1 {
        return base.to_owned();
    }
    let digits = number.to_string();
    shorten(base, max_length.saturating_sub(digits.len())) + &digits
}

/// Returns `true` if a name is one that [`Allocator::take`] could give for a base: the base, or the base with a number from 2 on.
pub(super) fn is_made_from(name: &str, base: &str, max_length: usize) -> bool {
    let max_length = max_length.min(LOCAL_PART_MAX_LENGTH);
    let name = name.to_lowercase();
    if name == shorten(base, max_length) {
        return true;
    }
    let count = name.chars().rev().take_while(char::is_ascii_digit).count();
    (1..=count).any(|count| {
        let (rest, digits) = name.split_at(name.len().saturating_sub(count));
        let is_suffix = !digits.starts_with('0') && digits != "1";
        is_suffix && rest == shorten(&shorten(base, max_length), max_length.saturating_sub(count))
    })
}

/// Cuts a name to a length in characters and leaves no separator at its end.
pub(crate) fn shorten(name: &str, length: usize) -> String {
    let cut: String = name.chars().take(length).collect();
    cut.trim_end_matches(is_separator).to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::fill::fill;
    use super::*;

    /// The worked examples of the username rules, in the order they are allocated.
    const WORKED_EXAMPLES: [(&str, &str, &str); 33] = [
        ("Jan", "Janssens", "jan.janssens"),
        ("Lotte", "Van den Broeck", "lotte.vandenbroeck"),
        ("Lotte", "Vandenbroeck", "lotte.vandenbroeck2"),
        ("Wout", "D'Hondt", "wout.dhondt"),
        ("Wout", "D’hondt", "wout.dhondt2"),
        ("Zoë", "’t Jolle", "zoe.tjolle"),
        ("Jean-Baptiste", "de t'Serclaes", "jean-baptiste.detserclaes"),
        ("Yasmine", "El Amrani", "yasmine.elamrani"),
        ("Mohamed-Amine", "Ben Ali", "mohamed-amine.benali"),
        ("Anne-Sophie", "Peeters-Claes", "anne-sophie.peeters-claes"),
        (
            "Marie Louise",
            "Van Den Eynde - De Smet",
            "marielouise.vandeneynde-desmet",
        ),
        ("José María", "Núñez", "josemaria.nunez"),
        ("François", "Lefèvre", "francois.lefevre"),
        ("Łukasz", "Wiśniewski", "lukasz.wisniewski"),
        ("Çağla", "Yıldız", "cagla.yildiz"),
        ("İrem", "Öztürk", "irem.ozturk"),
        ("Søren", "Kjær", "soren.kjaer"),
        ("Đorđe", "Đukić", "dorde.dukic"),
        ("Ștefan", "Țîrlea", "stefan.tirlea"),
        ("Hans", "Groß", "hans.gross"),
        ("Fatou", "N'Diaye", "fatou.ndiaye"),
        ("Nguyễn", "Thị Đào", "nguyen.thidao"),
        ("Noor", "IJzerman", "noor.ijzerman"),
        ("Noor", "Ĳzerman", "noor.ijzerman2"),
        ("J.P.", "Mac Donald", "jp.macdonald"),
        ("", "Sukarno", "sukarno"),
        ("-", "Suharto", "suharto"),
        ("محمد", "Al Masri", "almasri"),
        (
            "Maximiliaan-Alexander Emmanuel Ferdinand",
            "Van Den Abbeele-Vanderstraeten de la Kethulle de Ryhove",
            "maximiliaan-alexanderemmanuelferdinand.vandenabbeele-vanderstrae",
        ),
        ("Bert", "Ameel", "bert.ameel"),
        ("Bert", "Ameel", "bert.ameel2"),
        ("Bert", "Ameel", "bert.ameel3"),
        (
            "Maximiliaan-Alexander Emmanuel Ferdinand",
            "Van Den Abbeele-Vanderstraeten de la Kethulle de Ryhove",
            "maximiliaan-alexanderemmanuelferdinand.vandenabbeele-vanderstra2",
        ),
    ];

    #[test]
    fn r46_r48_r137_the_worked_examples() {
        let format = "{voornaam}.{familienaam}".parse().unwrap();
        let mut allocator = Allocator::new([], 75);
        for (given, family, expected) in WORKED_EXAMPLES {
            assert_eq!(
                allocator.take(&fill(&format, given, family).text),
                expected,
                "{given} {family}"
            );
        }
    }

    #[test]
    fn r13_the_cap_holds_with_the_suffix_and_leaves_no_separator_at_the_end() {
        let mut allocator = Allocator::new([], 12);
        assert_eq!(allocator.take("jan.peeters-claes"), "jan.peeters");
        assert_eq!(allocator.take("jan.peeters-claes"), "jan.peeters2");
        for _ in 3..10 {
            allocator.take("jan.peeters-claes");
        }
        assert_eq!(allocator.take("jan.peeters-claes"), "jan.peeter10");
    }

    #[test]
    fn r49_r50_held_and_retired_names_are_skipped_whatever_their_case() {
        let mut allocator = Allocator::new(["Bert.Ameel".to_owned(), "bert.ameel3".to_owned()], 75);
        assert_eq!(allocator.take("bert.ameel"), "bert.ameel2");
        assert_eq!(allocator.take("bert.ameel"), "bert.ameel4");
    }

    #[test]
    fn a_name_of_somebody_who_was_erased_goes_to_nobody_but_them() {
        let (jan, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let former = |is_former: bool| {
            is_former.then_some(ErasedName {
                owner: jan,
                is_current: false,
            })
        };
        let erased = |name: &str| former(matches!(name, "jan.maes" | "jan.maes3"));
        let mut allocator = Allocator::new(["jan.maes5".to_owned()], 75);
        assert_eq!(allocator.take_for("jan.maes", other, &erased), "jan.maes2");
        assert_eq!(allocator.take_for("jan.maes", other, &erased), "jan.maes4");
        assert_eq!(allocator.take_for("jan.maes", other, &erased), "jan.maes6");
        assert_eq!(allocator.take_for("jan.maes", jan, &erased), "jan.maes");
        let of_number = |name: &str| former(name == "els.maes3");
        assert_eq!(allocator.take_for("els.maes", jan, &of_number), "els.maes3");
        assert_eq!(allocator.take_for("els.maes", other, &of_number), "els.maes");
        assert_eq!(allocator.take_for("els.maes", other, &of_number), "els.maes2");
        assert_eq!(allocator.take_for("els.maes", other, &of_number), "els.maes4");
    }

    #[test]
    fn whoever_comes_back_gets_the_name_they_had_last() {
        let jan = Uuid::from_u128(1);
        let erased = |name: &str| {
            matches!(name, "jan.maes" | "jan.maes2" | "jan.maes3").then_some(ErasedName {
                owner: jan,
                is_current: name == "jan.maes3",
            })
        };
        assert_eq!(
            Allocator::new([], 75).take_for("jan.maes", jan, &erased),
            "jan.maes3"
        );
        // Somebody has it by now: a former one, as far as it is free.
        let taken = ["jan.maes".to_owned(), "jan.maes3".to_owned()];
        assert_eq!(
            Allocator::new(taken, 75).take_for("jan.maes", jan, &erased),
            "jan.maes2"
        );
    }

    #[test]
    fn a_name_is_of_its_base_with_or_without_a_number_from_2_on() {
        for (name, expected) in [
            ("jan.maes", true),
            ("Jan.Maes", true),
            ("jan.maes2", true),
            ("jan.maes17", true),
            ("jan.maes1", false),
            ("jan.maes0", false),
            ("jan.maes02", false),
            ("jan.mae2", false),
            ("jan", false),
            ("2", false),
            ("", false),
        ] {
            assert_eq!(is_made_from(name, "jan.maes", 75), expected, "{name:?}");
        }
        assert!(
            is_made_from("jan.mae2", "jan.maes", 8),
            "shortened for the number"
        );
        assert!(is_made_from("u172", "u17", 75) && is_made_from("u17", "u17", 75));
    }

    proptest::proptest! {
        #[test]
        fn r48_no_two_names_are_equal_and_none_is_too_long(
            bases in proptest::collection::vec("[ab]{1,3}[.-]?[ab2]{1,9}", 1..200),
            max_length in 8usize..20,
        ) {
            let mut allocator = Allocator::new([], max_length);
            let mut seen = HashSet::new();
            for base in bases {
                let name = allocator.take(&base);
                proptest::prop_assert!(name.len() <= max_length && !name.is_empty());
                proptest::prop_assert!(is_made_from(&name.to_uppercase(), &base, max_length), "{} of {}", name, base);
                let other = format!("z{name}");
                proptest::prop_assert!(!is_made_from(&other, &base, 64));
                proptest::prop_assert!(seen.insert(name));
            }
        }
    }
}
