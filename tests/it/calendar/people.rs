//! Whom the year happens to.

use crate::harness::informat::{Class, Informat, Person, Registration, Site};

/// New usernames are released at once here.
pub(super) const MARKT: Site = Site {
    instelnr: "001507",
    number: 1,
    structure: "311",
    name: "Markt",
};

/// Here they wait for a tick.
pub(super) const VELD: Site = Site {
    number: 2,
    name: "Veld",
    ..MARKT
};

/// The year that is walked through, and the next.
pub(super) const YEAR: &str = "2054-55";
/// See [`YEAR`].
pub(super) const NEXT_YEAR: &str = "2055-56";

/// Everyone, and the classes of the year. Those who come later are known as persons only.
pub(super) struct People {
    /// Class teacher of 3A, Markt.
    pub(super) bert: Person,
    /// Class teacher of 5B, Veld, until February; Els follows.
    pub(super) an: Person,
    pub(super) els: Person,
    /// 5B, leaves at the end of the year.
    pub(super) jan: Person,
    /// Changes class.
    pub(super) noor: Person,
    /// Changes programme.
    pub(super) lotte: Person,
    /// Moves to the other site.
    pub(super) jens: Person,
    /// Leaves for good.
    pub(super) tom: Person,
    /// Leaves and returns.
    pub(super) sara: Person,
    /// Starts after Christmas, Sync on by default.
    pub(super) bart: Person,
    /// Starts after Christmas, Sync off by default.
    pub(super) boris: Person,
    /// Starts on the first day of the next year.
    pub(super) nina: Person,
    /// Starts some days later.
    pub(super) wout: Person,
    pub(super) class_3a: Class,
    pub(super) class_3b: Class,
    pub(super) class_3c: Class,
    pub(super) class_5b: Class,
}

impl People {
    /// Fills Informat as it is in August.
    pub(super) fn enter(informat: &mut Informat) -> Self {
        let mut person = |given_name, family_name| informat.person(given_name, family_name);
        let (bert, an, els) = (
            person("Bert", "Ameel"),
            person("An", "Smets"),
            person("Els", "Maes"),
        );
        let (jan, noor, lotte) = (
            person("Jan", "Peters"),
            person("Noor", "Claes"),
            person("Lotte", "Maes"),
        );
        let (jens, tom, sara) = (
            person("Jens", "Verwee"),
            person("Tom", "Leroy"),
            person("Sara", "Aerts"),
        );
        let (bart, boris) = (person("Bart", "Bal"), person("Boris", "Bal"));
        let (nina, wout) = (person("Nina", "Nys"), person("Wout", "Wils"));
        let class_3a = informat.class(MARKT, YEAR, "3A");
        let class_3b = informat.class(MARKT, YEAR, "3B");
        let class_3c = informat.class(MARKT, YEAR, "3C");
        let class_5b = informat.class(VELD, YEAR, "5B");
        let mathematics = informat.subgroup(MARKT, YEAR, "3WIS4");
        for (teacher, site, class) in [(bert, MARKT, class_3a), (an, VELD, class_5b)] {
            informat.employ(teacher, site, START);
            informat.class_teacher(teacher, class, START);
        }
        informat.employ(els, VELD, START);
        for (pupil, class) in [
            (jan, class_5b),
            (noor, class_3a),
            (lotte, class_3a),
            (jens, class_3a),
            (tom, class_3b),
            (sara, class_3b),
        ] {
            let registration = informat.enrol_in(pupil, class, START);
            if pupil == noor {
                informat.put(registration, mathematics, START);
            }
        }
        Self {
            bert,
            an,
            els,
            jan,
            noor,
            lotte,
            jens,
            tom,
            sara,
            bart,
            boris,
            nina,
            wout,
            class_3a,
            class_3b,
            class_3c,
            class_5b,
        }
    }

    /// Everyone who has a class or an assignment in August.
    pub(super) const fn of_august(&self) -> [Person; 9] {
        [
            self.bert, self.an, self.els, self.jan, self.noor, self.lotte, self.jens, self.tom, self.sara,
        ]
    }

    /// The registration that was entered last for a person.
    pub(super) fn registration(informat: &Informat, person: Person) -> Registration {
        *informat.registrations_of(person).last().unwrap()
    }

    /// Enters the next year, in May: classes with new ids, and everyone who stays or comes.
    pub(super) fn enter_next_year(&self, informat: &mut Informat) {
        let class_4a = informat.class(MARKT, NEXT_YEAR, "4A");
        let class_4b = informat.class(VELD, NEXT_YEAR, "4B");
        for pupil in [self.noor, self.lotte, self.sara, self.bart, self.nina] {
            informat.enrol_in(pupil, class_4a, "2055-09-01");
        }
        for pupil in [self.jens, self.boris] {
            informat.enrol_in(pupil, class_4b, "2055-09-01");
        }
        informat.enrol_in(self.wout, class_4a, "2055-09-06");
        informat.class_teacher(self.bert, class_4a, "2055-09-01");
        informat.class_teacher(self.els, class_4b, "2055-09-01");
    }
}

/// The first day of the year.
pub(super) const START: &str = "2054-09-01";
