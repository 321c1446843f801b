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

/// Everyone, and the classes of the year: 3A, 3B and 3C at Markt, 5B at Veld. Those who come later are known as persons only.
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
    classes: [Class; 4],
}

impl People {
    /// Fills Informat as it is in August.
    pub(super) fn enter(informat: &mut Informat) -> Self {
        let mut person = |given_name, family_name| informat.person(given_name, family_name);
        let people = Self {
            bert: person("Bert", "Ameel"),
            an: person("An", "Smets"),
            els: person("Els", "Maes"),
            jan: person("Jan", "Peters"),
            noor: person("Noor", "Claes"),
            lotte: person("Lotte", "Maes"),
            jens: person("Jens", "Verwee"),
            tom: person("Tom", "Leroy"),
            sara: person("Sara", "Aerts"),
            bart: person("Bart", "Bal"),
            boris: person("Boris", "Bal"),
            nina: person("Nina", "Nys"),
            wout: person("Wout", "Wils"),
            classes: [("3A", MARKT), ("3B", MARKT), ("3C", MARKT), ("5B", VELD)]
                .map(|(code, site)| informat.class(site, YEAR, code)),
        };
        people.work(informat);
        people.learn(informat);
        people
    }

    fn work(&self, informat: &mut Informat) {
        for (teacher, site, class) in [
            (self.bert, MARKT, self.class("3A")),
            (self.an, VELD, self.class("5B")),
        ] {
            informat.employ(teacher, site, START);
            informat.class_teacher(teacher, class, START);
        }
        informat.employ(self.els, VELD, START);
    }

    fn learn(&self, informat: &mut Informat) {
        let mathematics = informat.subgroup(MARKT, YEAR, "3WIS4");
        for (pupil, class) in [
            (self.jan, self.class("5B")),
            (self.noor, self.class("3A")),
            (self.lotte, self.class("3A")),
            (self.jens, self.class("3A")),
            (self.tom, self.class("3B")),
            (self.sara, self.class("3B")),
        ] {
            let registration = informat.enrol_in(pupil, class, START);
            if pupil == self.noor {
                informat.put(registration, mathematics, START);
            }
        }
    }

    /// A class of the year.
    pub(super) fn class(&self, code: &str) -> Class {
        let place = ["3A", "3B", "3C", "5B"].iter().position(|other| *other == code);
        self.classes[place.unwrap()]
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

    /// Enters the next year, in May: classes with new ids, and everyone who stays or is new.
    pub(super) fn enter_next_year(&self, informat: &mut Informat) {
        let at_markt = informat.class(MARKT, NEXT_YEAR, "4A");
        let at_veld = informat.class(VELD, NEXT_YEAR, "4B");
        for pupil in [self.noor, self.lotte, self.sara, self.bart, self.nina] {
            informat.enrol_in(pupil, at_markt, "2055-09-01");
        }
        for pupil in [self.jens, self.boris] {
            informat.enrol_in(pupil, at_veld, "2055-09-01");
        }
        informat.enrol_in(self.wout, at_markt, "2055-09-06");
        informat.class_teacher(self.bert, at_markt, "2055-09-01");
        informat.class_teacher(self.els, at_veld, "2055-09-01");
    }
}

/// The first day of the year.
pub(super) const START: &str = "2054-09-01";
