//! Informat's roles, and what each opens of the page for usernames (R85–R87).

use super::Access;

/// The application of Informat that a role belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Application {
    /// Pupils of primary schools, and of all schools before.
    IBasis,
    /// Pupils.
    ILeerlingen,
    /// Staff. Its roles open pupils too.
    IPersoneel,
}

impl Application {
    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IBasis => "iBasis",
            Self::ILeerlingen => "iLeerlingen",
            Self::IPersoneel => "iPersoneel",
        }
    }
}

/// A standard role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// The application it belongs to.
    pub application: Application,
    /// Its name, as Informat spells it.
    pub name: &'static str,
    /// What it opens of the page for usernames.
    pub access: Access,
}

const fn role(application: Application, name: &'static str, access: Access) -> Role {
    Role {
        application,
        name,
        access,
    }
}

/// Every standard role (manual 002 §4.3.2).
pub const ROLES: [Role; 18] = [
    role(Application::ILeerlingen, "Aanwezigheden", Access::None),
    role(
        Application::ILeerlingen,
        "Schrijven zonder deliberatie",
        Access::Write,
    ),
    role(Application::ILeerlingen, "Enkel inschrijven", Access::None),
    role(Application::ILeerlingen, "Personalia lezen", Access::None),
    role(Application::ILeerlingen, "Stages", Access::None),
    role(Application::ILeerlingen, "Alles schrijven", Access::Write),
    role(
        Application::ILeerlingen,
        "Algemeen lezen, rest schrijven",
        Access::Write,
    ),
    role(Application::ILeerlingen, "Alles lezen", Access::Read),
    role(Application::IPersoneel, "Enkel personalia lezen", Access::None),
    role(Application::IPersoneel, "Alles schrijven", Access::Write),
    role(Application::IPersoneel, "Alles lezen", Access::Read),
    role(
        Application::IBasis,
        "Algemeen lezen, rest schrijven",
        Access::Write,
    ),
    role(Application::IBasis, "Personalia lezen", Access::None),
    role(Application::IBasis, "Algemeen niet, rest lezen", Access::Read),
    role(Application::IBasis, "Alles schrijven", Access::Write),
    role(Application::IBasis, "Afwezigheden ingeven", Access::None),
    role(Application::IBasis, "Alles lezen", Access::Read),
    role(Application::IBasis, "iAanwezighedenLeerkrachten", Access::None),
];

impl Role {
    /// Finds a role by `APPLICATION: NAME`, whatever the case.
    pub fn find(text: &str) -> Option<&'static Self> {
        let (application, name) = text.split_once(':')?;
        ROLES.iter().find(|role| {
            role.application.as_str().eq_ignore_ascii_case(application.trim())
                && role.name.eq_ignore_ascii_case(name.trim())
        })
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.application.as_str(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r85_r86_r87_every_role_is_found_by_its_name() {
        for role in &ROLES {
            assert_eq!(Role::find(&role.to_string()), Some(role));
        }
        assert_eq!(
            Role::find("ileerlingen:alles LEZEN").map(|role| role.access),
            Some(Access::Read)
        );
        for text in ["Alles lezen", "iPersoneel: Stages", "", ":"] {
            assert_eq!(Role::find(text), None, "{text}");
        }
    }
}
