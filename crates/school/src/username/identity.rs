//! Who a person is, apart from the lasting id: by key, names and birth date.

use chrono::NaiveDate;

use super::comparable::comparable;
use crate::informat::Persoon;

/// What people are recognised by: birth date, and names in one order.
pub type PersonKey = (NaiveDate, [String; 2]);

/// What tells a person apart when the lasting id is another one. Names are in the form in which they are compared, but for
/// those that a record got before allocation saw the person: [`Identity::compared`] brings these to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Informat's internal number of the person.
    pub p_persoon: i64,
    /// Given name, compared by [`comparable`]; empty if there is none.
    pub given_name: String,
    /// Family name, likewise.
    pub family_name: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

impl Identity {
    /// Returns the identity of a person in the mirror.
    pub fn of(person: &Persoon) -> Self {
        Self {
            p_persoon: person.p_persoon,
            given_name: compared(person.voornaam.as_deref()),
            family_name: compared(person.naam.as_deref()),
            birth_date: person.geboortedatum,
        }
    }

    /// Returns the same with its names in the form in which they are compared.
    #[must_use]
    pub fn compared(&self) -> Self {
        Self {
            given_name: compared(Some(&self.given_name)),
            family_name: compared(Some(&self.family_name)),
            ..self.clone()
        }
    }

    /// Returns `true` if both names are equal, in either order. People without any name are never the same.
    pub fn has_names_of(&self, other: &Self) -> bool {
        let names = self.names();
        names != ["", ""] && names == other.names()
    }

    /// Returns `true` if both birth dates are known and equal.
    pub fn has_birth_date_of(&self, other: &Self) -> bool {
        self.birth_date.is_some() && self.birth_date == other.birth_date
    }

    /// Returns `true` if names and birth date are equal.
    pub fn is_same_person(&self, other: &Self) -> bool {
        self.has_names_of(other) && self.has_birth_date_of(other)
    }

    /// Returns `true` if names and birth date are known of both, and both differ: a key that comes back so is somebody else's.
    pub fn is_somebody_else(&self, other: &Self) -> bool {
        let is_known = |one: &Self| one.birth_date.is_some() && one.names() != ["", ""];
        let can_be_told = is_known(self) && is_known(other);
        can_be_told && !self.has_birth_date_of(other) && !self.has_names_of(other)
    }

    /// Returns what the person is recognised by; `None` for whom it cannot be told: without a birth date, or without any name.
    pub fn key(&self) -> Option<PersonKey> {
        let names = self.names();
        let key = (self.birth_date?, names.map(str::to_owned));
        (names != ["", ""]).then_some(key)
    }

    /// Returns both names, in one order whichever is which.
    fn names(&self) -> [&str; 2] {
        let mut names = [self.given_name.as_str(), self.family_name.as_str()];
        names.sort_unstable();
        names
    }
}

/// Returns the form in which a name is compared; the sign for no name is none.
fn compared(name: Option<&str>) -> String {
    match comparable(name.unwrap_or_default()) {
        name if name == "-" => String::new(),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(voornaam: &str, naam: &str, born: &str) -> Identity {
        Identity::of(&Persoon {
            p_persoon: 1,
            rowguid: Uuid::nil(),
            naam: (!naam.is_empty()).then(|| naam.to_owned()),
            voornaam: Some(voornaam.to_owned()),
            geboortedatum: born.parse().ok(),
            changed: None,
        })
    }

    #[test]
    fn two_spellings_in_either_order_with_one_birth_date_are_one_person() {
        let one = person("Zoë", "D’Hondt", "2012-03-02");
        for other in [
            person("Zoe\u{308}", "D'hondt", "2012-03-02"),
            person("DHONDT", "zoë", "2012-03-02"),
        ] {
            assert!(
                one.is_same_person(&other) && !one.is_somebody_else(&other),
                "{other:?}"
            );
        }
        let written = person("محمد", "العلي", "2012-03-02");
        assert!(written.is_same_person(&written.clone()), "compared as written");
        assert!(!written.is_same_person(&person("محمد", "علي", "2012-03-02")));
    }

    #[test]
    fn an_unknown_birth_date_is_equal_to_none_and_other_than_none() {
        let known = person("Jan", "Maes", "2012-03-02");
        let unknown = person("Jan", "Maes", "");
        assert!(!known.is_same_person(&unknown) && !unknown.is_same_person(&unknown.clone()));
        let other = person("An", "Claes", "");
        assert!(!known.is_somebody_else(&other), "the date may be the same");
    }

    #[test]
    fn somebody_else_has_another_name_and_another_birth_date() {
        let jan = person("Jan", "Maes", "2012-03-02");
        assert!(jan.is_somebody_else(&person("An", "Claes", "2012-03-03")));
        assert!(
            !jan.is_somebody_else(&person("An", "Claes", "2012-03-02")),
            "same day"
        );
        assert!(
            !jan.is_somebody_else(&person("Jan", "Maes", "2012-03-03")),
            "same name"
        );
        let nameless = person("-", "", "2012-03-03");
        assert!(
            !jan.is_somebody_else(&nameless) && !nameless.is_somebody_else(&jan),
            "the name may be the same"
        );
    }

    #[test]
    fn people_without_a_name_are_not_one() {
        let nobody = person("-", "", "2012-03-02");
        assert!(!nobody.is_same_person(&nobody.clone()));
        let only = person("", "Sukarno", "2012-03-02");
        assert!(only.is_same_person(&person("Sukarno", "-", "2012-03-02")));
    }
}
