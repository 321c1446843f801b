//! Who changes from one road to another keeps every account and every Team: ids and names are the same by each.

use super::group::{Case, DOMAINS};
use crate::m365::{IdentityRule, Microsoft365, Profile, Sds, Upload};

/// What must stay: accounts by SIS id and name, and Teams with who is in them.
fn kept(tenant: &Microsoft365) -> Vec<String> {
    let accounts = tenant.accounts.iter();
    let accounts =
        accounts.map(|account| format!("{:?} {} {:?}", account.sis_id, account.name, account.aliases));
    let teams = tenant.teams.iter().map(|(id, team)| format!("{id} {team:?}"));
    accounts.chain(teams).collect()
}

#[tokio::test]
async fn accounts_and_teams_stay_from_the_api_to_v1_to_v2_and_back() {
    let case = Case::begin("\"informat\"").await;
    let mut tenant = Microsoft365::new(&DOMAINS);
    let profile = |name: &str| Profile::new(name, IdentityRule::AsSent);
    let mut by_api = Sds::connect(case.group.connection.clone(), profile("api"));
    for _ in 0..2 {
        // Accounts that are new join their Teams from the second sync on.
        let report = by_api
            .sync_full(&mut tenant, &case.world.clock.text().await)
            .await;
        assert!(report.is_clean(), "{report:?}");
    }
    let before = kept(&tenant);
    assert!(before.len() > 12, "{before:?}");
    by_api.stop(&mut tenant);

    let (v1, _) = case.export("v1", "sds-v1").await;
    let (v2, _) = case.export("v2", "sds-v2.1").await;
    let uploads = [
        ("V1", Upload::v1(|file| v1[file].rows.as_slice())),
        ("V2.1", Upload::v2(|file| v2[file].rows.as_slice())),
        ("V1 again", Upload::v1(|file| v1[file].rows.as_slice())),
    ];
    for (name, upload) in uploads {
        let mut by_files = Sds::connect(case.group.connection.clone(), profile(name));
        by_files.upload(&upload);
        let report = by_files.manage(&mut tenant);
        assert!(
            report.is_clean() && report.created.is_empty(),
            "{name}: {report:?}"
        );
        assert!(
            report.renamed.is_empty() && report.linked.is_empty(),
            "{name}: {report:?}"
        );
        assert_eq!(kept(&tenant), before, "{name}");
        by_files.stop(&mut tenant);
    }
    let mut by_api = Sds::connect(case.group.connection.clone(), profile("api again"));
    let report = by_api
        .sync_full(&mut tenant, &case.world.clock.text().await)
        .await;
    assert!(report.is_clean() && report.created.is_empty(), "{report:?}");
    assert_eq!(kept(&tenant), before);
}

/// V1 has one school for each person: the security groups of another lack them, as the note says, and nothing else does.
#[tokio::test]
async fn v1_costs_people_of_two_schools_the_groups_of_one() {
    let case = Case::begin("\"informat\"").await;
    let bert = case.bert.sis_id();
    let mut groups = Vec::new();
    let (v1, _) = case.export("v1", "sds-v1").await;
    let (v2, _) = case.export("v2", "sds-v2.1").await;
    for upload in [
        Upload::v1(|file| v1[file].rows.as_slice()),
        Upload::v2(|file| v2[file].rows.as_slice()),
    ] {
        let mut tenant = Microsoft365::new(&DOMAINS);
        let mut sds = Sds::connect(
            case.group.connection.clone(),
            Profile::new("files", IdentityRule::AsSent),
        );
        sds.upload(&upload);
        for _ in 0..2 {
            assert!(sds.manage(&mut tenant).is_clean());
        }
        groups.push(
            tenant
                .security_groups_of(&bert)
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        );
    }
    let lacking: Vec<&String> = groups[1]
        .iter()
        .filter(|group| !groups[0].contains(group))
        .collect();
    assert_eq!(lacking, ["001507-2", "001507-2 Staff"]);
}
