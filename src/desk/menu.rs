//! The entries of the menu: nobody sees one they cannot use.

use oneroster_school::rights::{Access, Rights};

/// An entry of the menu.
pub(super) struct Entry {
    /// Key of its text.
    pub(super) key: &'static str,
    /// Where it leads.
    pub(super) path: String,
    /// Whether it is the page that is shown.
    pub(super) is_current: bool,
}

/// A screen that the menu leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    /// What waits for who asks.
    Overview,
    /// The list of usernames.
    Usernames,
    /// What comes, on any day.
    Preview,
    /// What was, and who did it.
    History,
    /// Who may see and change what.
    Access,
    /// The clients of the schools.
    Clients,
    /// The tenant's settings.
    Settings,
    /// All tenants.
    Tenants,
}

impl Screen {
    pub(super) const ALL: [Self; 8] = [
        Self::Overview,
        Self::Usernames,
        Self::Preview,
        Self::History,
        Self::Access,
        Self::Clients,
        Self::Settings,
        Self::Tenants,
    ];

    const fn text_key(self) -> &'static str {
        match self {
            Self::Overview => "menu-overview",
            Self::Usernames => "menu-usernames",
            Self::Preview => "menu-preview",
            Self::History => "menu-history",
            Self::Access => "menu-access",
            Self::Clients => "menu-clients",
            Self::Settings => "menu-settings",
            Self::Tenants => "menu-tenants",
        }
    }

    /// Returns where it is, from `/desk` on.
    pub(super) fn path(self, tenant_id: &str) -> String {
        let name = match self {
            Self::Tenants => return "/desk/tenants".to_owned(),
            Self::Overview => "overzicht",
            Self::Usernames => "gebruikersnamen",
            Self::Preview => "vooruitblik",
            Self::History => "historiek",
            Self::Access => "toegang",
            Self::Clients => "koppelingen",
            Self::Settings => "instellingen",
        };
        format!("/desk/{tenant_id}/{name}")
    }

    /// Returns the chapter of the guide about it, as the anchor of its heading.
    pub(super) const fn chapter(self) -> &'static str {
        match self {
            Self::Overview | Self::Tenants => "overzicht",
            Self::Usernames => "gebruikersnamen",
            Self::Preview => "vooruitblik",
            Self::History => "historiek",
            Self::Access | Self::Clients | Self::Settings => "wie-mag-wat",
        }
    }

    fn is_open_to(self, rights: &Rights, managers_create_clients: bool) -> bool {
        match self {
            Self::Overview | Self::Usernames | Self::Preview | Self::History => {
                rights.strongest() >= Access::Read
            }
            Self::Access => rights.is_manager(),
            Self::Clients => rights.is_operator() || (managers_create_clients && rights.is_manager()),
            Self::Settings | Self::Tenants => rights.is_operator(),
        }
    }
}

/// Returns the entries that somebody can use in a tenant, the shown one marked.
pub(super) fn entries(
    rights: &Rights,
    managers_create_clients: bool,
    base_path: &str,
    tenant_id: &str,
    shown: Screen,
) -> Vec<Entry> {
    let all = Screen::ALL.into_iter();
    let open = all.filter(|screen| screen.is_open_to(rights, managers_create_clients));
    open.map(|screen| Entry {
        key: screen.text_key(),
        path: format!("{base_path}{}", screen.path(tenant_id)),
        is_current: screen == shown,
    })
    .collect()
}

/// Returns where the screens are that somebody can use in a tenant.
pub(super) fn paths(
    rights: &Rights,
    managers_create_clients: bool,
    base_path: &str,
    tenant_id: &str,
) -> Vec<String> {
    let all = Screen::ALL.into_iter();
    let open = all.filter(|screen| screen.is_open_to(rights, managers_create_clients));
    open.map(|screen| format!("{base_path}{}", screen.path(tenant_id)))
        .collect()
}

#[cfg(test)]
mod tests {
    use oneroster_school::rights::Grant;

    use super::*;

    fn keys(rights: &Rights, managers_create_clients: bool) -> Vec<&'static str> {
        let all = entries(rights, managers_create_clients, "", "dilsen", Screen::Usernames);
        all.into_iter().map(|entry| entry.key).collect()
    }

    #[test]
    fn nobody_sees_an_entry_they_cannot_use() {
        let grant = |is_manager| Grant {
            instelnr: "001507".to_owned(),
            vestnr: None,
            access: Access::Read,
            is_manager,
        };
        let of_reader = ["menu-overview", "menu-usernames", "menu-preview", "menu-history"];
        assert_eq!(keys(&Rights::default(), true), Vec::<&str>::new());
        assert_eq!(keys(&Rights::of([grant(false)]), true), of_reader);
        let of_manager = [&of_reader[..], &["menu-access"]].concat();
        assert_eq!(keys(&Rights::of([grant(true)]), false), of_manager);
        let of_manager = [&of_manager[..], &["menu-clients"]].concat();
        assert_eq!(keys(&Rights::of([grant(true)]), true), of_manager);
        let of_operator = [&of_manager[..], &["menu-settings", "menu-tenants"]].concat();
        assert_eq!(keys(&Rights::operator(), false), of_operator);
    }

    #[test]
    fn the_shown_screen_is_marked_and_paths_begin_at_the_base() {
        let all = entries(&Rights::operator(), false, "/school", "dilsen", Screen::Usernames);
        let current: Vec<_> = all.iter().filter(|entry| entry.is_current).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0].path, "/school/desk/dilsen/gebruikersnamen");
    }
}
