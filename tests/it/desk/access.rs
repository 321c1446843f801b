//! *Toegang*: what a manager sees, gives and takes, at their schools and nowhere else.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::desk::{Browser, PASSWORD, Site};
use crate::harness::school::school;
use crate::harness::{TestDatabase, database};

const WRITES: &str = "iLeerlingen: Alles schrijven";
const READS: &str = "iLeerlingen: Alles lezen";

/// Two tenants, the first with a second school.
async fn world() -> (TestDatabase, Site) {
    let database = database().await;
    for tenant_id in ["zandpoort", "ander"] {
        let school = school(&database.pool, tenant_id).await;
        school
            .change(
                "insert into informat.school (tenant_id, instelnr, school) values ($1, '001508', 'Kade');
                 insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                     values ($1, '001508', 1, '311', 'Kade 1', true), ($1, '001508', 2, '311', 'Kade 2', true);",
            )
            .await;
    }
    let site = Site::start(&database.pool).await;
    (database, site)
}

async fn person(site: &Site, name: &str, given: &[(&str, &str, Option<i32>, &str)]) -> (String, Browser) {
    let account = site.account(name, given).await;
    (account.account_id.to_string(), site.signed_in(&account).await)
}

async fn seen(site: &Site, browser: &Browser) -> Value {
    let answer = site.get(browser, "/desk/api/zandpoort/access").await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()
}

async fn act(site: &Site, browser: &Browser, what: &str, body: Value) -> (StatusCode, Value) {
    let answer = site
        .post(browser, &format!("/desk/api/zandpoort/access/{what}"), &body)
        .await;
    (answer.status, answer.json())
}

fn names(seen: &Value) -> Vec<&str> {
    let accounts = seen["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["name"].as_str().unwrap())
        .collect()
}

fn account<'s>(seen: &'s Value, name: &str) -> &'s Value {
    let mut accounts = seen["accounts"].as_array().unwrap().iter();
    accounts.find(|account| account["name"] == name).unwrap()
}

#[tokio::test]
async fn r4_r90_a_manager_sees_and_gives_at_their_school_alone() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let (jan_id, jan) = person(
        &site,
        "jan",
        &[
            ("zandpoort", "001507", Some(1), READS),
            ("zandpoort", "001508", None, WRITES),
        ],
    )
    .await;
    let (els_id, _) = person(&site, "els", &[("zandpoort", "001508", None, WRITES)]).await;
    person(&site, "tom", &[("ander", "001507", None, WRITES)]).await;
    let all = seen(&site, &mia).await;
    assert_eq!(names(&all), ["jan", "mia"]);
    assert_eq!(all["schools"].as_array().unwrap().len(), 1);
    assert_eq!(
        account(&all, "jan")["rights"].as_array().unwrap().len(),
        1,
        "of the other school nothing"
    );
    assert_eq!(all["roles"].as_array().unwrap().len(), 18);
    // At their school they give; the same again is nothing new.
    let given = json!({"accounts": [jan_id], "places": [{"school": "001507"}],
                       "rights": [{"kind": "standard", "role": WRITES}]});
    assert_eq!(
        act(&site, &mia, "give", given.clone()).await,
        (StatusCode::OK, json!({"given": 1}))
    );
    assert_eq!(
        act(&site, &mia, "give", given).await,
        (StatusCode::OK, json!({"given": 0}))
    );
    let unknown = site.get(&mia, "/desk/api/zandpoort/nothing").await;
    for (whom, place) in [
        (json!({"accounts": [jan_id]}), json!({"school": "001508"})),
        (json!({"accounts": [jan_id]}), json!({"school": "001509"})),
        (
            json!({"accounts": [jan_id]}),
            json!({"school": "001507", "site": 7}),
        ),
        (json!({"accounts": [els_id]}), json!({"school": "001507"})),
        (
            json!({"accounts": ["00000000-0000-4000-8000-0000000000ff"]}),
            json!({"school": "001507"}),
        ),
    ] {
        let mut body = json!({"places": [place], "rights": [{"kind": "standard", "role": READS}]});
        body.as_object_mut()
            .unwrap()
            .extend(whom.as_object().unwrap().clone());
        let answer = site.post(&mia, "/desk/api/zandpoort/access/give", &body).await;
        assert_eq!(
            (answer.status, &answer.body),
            (unknown.status, &unknown.body),
            "{body}"
        );
    }
    // A colleague of another school, by the name they tell; then they are seen.
    let by_name = json!({"names": ["ELS"], "places": [{"school": "001507", "site": 1}], "rights": [{"kind": "standard", "role": READS}]});
    assert_eq!(act(&site, &mia, "give", by_name).await.1, json!({"given": 1}));
    assert_eq!(names(&seen(&site, &mia).await), ["els", "jan", "mia"]);
    let nobody = json!({"names": ["piet"], "places": [{"school": "001507"}], "rights": [{"kind": "standard", "role": READS}]});
    let (status, refused) = act(&site, &mia, "give", nobody).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "unknown-account");
    // Who writes and is no manager has no such screen.
    let screen = site.get(&jan, "/desk/zandpoort/toegang").await;
    assert_eq!(screen.status, StatusCode::NOT_FOUND);
    assert_eq!(
        site.get(&mia, "/desk/zandpoort/toegang").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn r88_r89_a_custom_role_opens_nothing_unless_that_is_said() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let (_, jan) = person(&site, "jan", &[]).await;
    let page = "/desk/zandpoort/gebruikersnamen";
    let custom = |name: &str, access: Option<&str>| {
        json!({"names": ["jan"], "places": [{"school": "001507"}],
               "rights": [{"kind": "custom", "role": name, "based_on": WRITES, "access": access}]})
    };
    assert_eq!(
        act(&site, &mia, "give", custom("Secretariaat", None)).await.1["given"],
        1
    );
    assert_eq!(site.get(&jan, page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        act(&site, &mia, "give", custom("Onthaal", Some("read"))).await.1["given"],
        1
    );
    assert_eq!(site.get(&jan, page).await.status, StatusCode::OK);
    let (status, _) = act(&site, &mia, "give", custom("X", Some("all"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn r90_rights_are_copied_from_a_colleague_as_far_as_they_are_seen() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let (jan_id, _) = person(
        &site,
        "jan",
        &[
            ("zandpoort", "001507", Some(1), READS),
            ("zandpoort", "001507", None, WRITES),
            ("zandpoort", "001508", None, WRITES),
        ],
    )
    .await;
    person(&site, "els", &[]).await;
    let (status, done) = act(&site, &mia, "copy", json!({"from": jan_id, "names": ["els"]})).await;
    assert_eq!((status, done), (StatusCode::OK, json!({"given": 2})));
    let seen = seen(&site, &mia).await;
    assert_eq!(account(&seen, "els")["rights"].as_array().unwrap().len(), 2);
    let schools: Vec<String> =
        sqlx::query_scalar("select distinct school from desk.access_grant where login_name = 'els'")
            .fetch_all(&site.pool)
            .await
            .unwrap();
    assert_eq!(schools, ["001507"], "nothing of a school that they do not manage");
}

#[tokio::test]
async fn what_is_taken_is_gone_at_once_and_the_trail_tells_who_did_what() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let (_, jan) = person(&site, "jan", &[("zandpoort", "001507", None, READS)]).await;
    let (_, els) = person(&site, "els", &[("zandpoort", "001508", None, "manager")]).await;
    let page = "/desk/zandpoort/gebruikersnamen";
    assert_eq!(site.get(&jan, page).await.status, StatusCode::OK);
    let id = account(&seen(&site, &mia).await, "jan")["rights"][0]["id"].clone();
    // A manager of another school knows nothing of it.
    assert_eq!(
        act(&site, &els, "take", json!({"grants": [id]})).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        act(&site, &mia, "take", json!({"grants": [id]})).await.1,
        json!({"taken": 1})
    );
    assert_eq!(site.get(&jan, page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        act(&site, &mia, "take", json!({"grants": [id]})).await.0,
        StatusCode::NOT_FOUND
    );
    let trail = site.get(&mia, "/desk/api/zandpoort/access/trail").await.json();
    let newest = &trail["lines"][0];
    assert_eq!(newest["kind"], "right_taken");
    assert_eq!(
        (&newest["by"], &newest["account"], &newest["role"]),
        (&json!("mia"), &json!("jan"), &json!(READS))
    );
    let of_els = site.get(&els, "/desk/api/zandpoort/access/trail").await.json();
    assert!(!of_els.to_string().contains("jan"), "{of_els}");
}

#[tokio::test]
async fn a_manager_makes_an_account_for_their_school_and_resets_its_password() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let new = json!({"name": "piet", "display_name": "Piet", "places": [{"school": "001507"}],
                     "rights": [{"kind": "standard", "role": WRITES}]});
    let (status, made) = act(&site, &mia, "accounts", new.clone()).await;
    assert_eq!(status, StatusCode::OK);
    let sign_in = async |password: &str| {
        let form = format!("name=piet&password={password}");
        site.form(&Browser::default(), "/desk/sign-in", &form).await
    };
    let mut piet = Browser::default();
    let first = sign_in(made["password"].as_str().unwrap()).await;
    piet.keep(&first);
    assert_eq!(
        site.get(&piet, "/desk/zandpoort/gebruikersnamen").await.status,
        StatusCode::OK
    );
    assert_eq!(
        act(&site, &mia, "accounts", new).await.1["error"]["code"],
        "name-taken"
    );
    let elsewhere = json!({"name": "an", "display_name": "An", "places": [{"school": "001508"}], "rights": [{"kind": "manager"}]});
    assert_eq!(
        act(&site, &mia, "accounts", elsewhere).await.0,
        StatusCode::NOT_FOUND
    );
    let nowhere = json!({"name": "an", "display_name": "An", "places": [], "rights": []});
    assert_eq!(
        act(&site, &mia, "accounts", nowhere).await.0,
        StatusCode::NOT_FOUND
    );
    let (status, reset) = act(&site, &mia, "password", json!({"account": made["id"]})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        site.get(&piet, "/desk/zandpoort/gebruikersnamen").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        sign_in(reset["password"].as_str().unwrap()).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        sign_in(made["password"].as_str().unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn nobody_gets_more_rights_by_resetting_a_password() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    let mut ids = vec![];
    for (name, given) in [
        (
            "both",
            &[
                ("zandpoort", "001507", None, READS),
                ("zandpoort", "001508", None, READS),
            ][..],
        ),
        (
            "abroad",
            &[
                ("zandpoort", "001507", None, READS),
                ("ander", "001507", None, READS),
            ],
        ),
    ] {
        ids.push(person(&site, name, given).await.0);
    }
    let vendor = site.account("vendor", &[]).await;
    let given = json!({"names": ["vendor"], "places": [{"school": "001507"}], "rights": [{"kind": "standard", "role": READS}]});
    act(&site, &mia, "give", given).await;
    sqlx::query("update desk.account set is_operator = true where login_name = 'vendor'")
        .execute(&site.pool)
        .await
        .unwrap();
    ids.push(vendor.account_id.to_string());
    for id in ids {
        let (status, answer) = act(&site, &mia, "password", json!({"account": id})).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (StatusCode::FORBIDDEN, &json!("not-yours")),
            "{id}"
        );
        assert!(answer.get("password").is_none());
    }
    let all = seen(&site, &mia).await;
    assert!(
        all["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|account| account["may_reset"] == (account["name"] == "mia"))
    );
    // Their own they may: it is the same as knowing it.
    let own = site
        .form(
            &Browser::default(),
            "/desk/sign-in",
            &format!("name=mia&password={}", PASSWORD.replace(' ', "+")),
        )
        .await;
    assert_eq!(own.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_operator_gives_everywhere_and_me_tells_each_what_they_can_use() {
    let (_database, site) = world().await;
    let vendor = site.operator("vendor").await;
    let vendor = site.signed_in(&vendor).await;
    let (_, jan) = person(&site, "jan", &[]).await;
    let given = json!({"names": ["jan"], "places": [{"school": "001507"}, {"school": "001508"}], "rights": [{"kind": "manager"}]});
    assert_eq!(act(&site, &vendor, "give", given).await.1, json!({"given": 2}));
    assert_eq!(seen(&site, &jan).await["schools"].as_array().unwrap().len(), 2);
    let me = site.get(&jan, "/desk/api/me").await.json();
    assert_eq!(me["name"], "jan");
    assert_eq!(me["tenants"].as_array().unwrap().len(), 1);
    let entries = me["tenants"][0]["entries"].to_string();
    assert!(
        entries.contains("/desk/zandpoort/toegang") && !entries.contains("tenants"),
        "{entries}"
    );
    let me = site.get(&vendor, "/desk/api/me").await.json();
    assert_eq!(me["tenants"].as_array().unwrap().len(), 2);
    // The language is kept with the account.
    let answer = site
        .form(
            &jan,
            "/desk/taal",
            "language=en&next=%2Fdesk%2Fzandpoort%2Ftoegang",
        )
        .await;
    assert_eq!(answer.header("location"), "/desk/zandpoort/toegang");
    let page = site.get(&jan, "/desk/zandpoort/toegang").await;
    assert!(String::from_utf8_lossy(&page.body).contains("Who has access"));
}

/// Of operators and of people of other tenants only, an exact name tells a manager nothing; and who guesses names waits.
#[tokio::test]
async fn a_manager_learns_no_name_of_another_tenant_and_guesses_slowly() {
    let (_database, site) = world().await;
    let (_, mia) = person(&site, "mia", &[("zandpoort", "001507", None, "manager")]).await;
    person(&site, "tom", &[("ander", "001507", None, WRITES)]).await;
    person(
        &site,
        "both",
        &[
            ("ander", "001507", None, WRITES),
            ("zandpoort", "001508", None, READS),
        ],
    )
    .await;
    person(&site, "newcomer", &[]).await;
    site.operator("vendor").await;
    let right = json!([{"kind": "standard", "role": READS}]);
    let give = async |browser: &Browser, name: &str| {
        let body = json!({"names": [name], "places": [{"school": "001507"}], "rights": right});
        let answer = site.post(browser, "/desk/api/zandpoort/access/give", &body).await;
        let text = String::from_utf8(answer.body).unwrap();
        (answer.status, text.replace(name, "NAME"))
    };
    let nobody = give(&mia, "piet").await;
    assert_eq!(nobody.0, StatusCode::UNPROCESSABLE_ENTITY);
    for hidden in ["tom", "vendor", "TOM"] {
        assert_eq!(give(&mia, hidden).await, nobody, "{hidden}");
    }
    for told in ["both", "newcomer"] {
        assert_eq!(give(&mia, told).await.0, StatusCode::OK, "{told}");
    }
    let copy = json!({"from": seen(&site, &mia).await["accounts"][0]["id"], "names": ["tom"]});
    assert_eq!(
        act(&site, &mia, "copy", copy).await.1["error"]["code"],
        "unknown-account"
    );
    // Five were wrong. After ten it costs time, whether or not the next one is there.
    for guess in 0..5 {
        assert_eq!(
            give(&mia, &format!("guess{guess}")).await.0,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    for name in ["both", "guess", "tom"] {
        let (status, text) = give(&mia, name).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{text}");
        assert!(text.contains("Wacht"), "{text}");
    }
    let new =
        json!({"name": "piet", "display_name": "Piet", "places": [{"school": "001507"}], "rights": right});
    assert_eq!(
        act(&site, &mia, "accounts", new).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );
    // Colleagues do not wait for her.
    let (_, an) = person(&site, "an", &[("zandpoort", "001507", None, "manager")]).await;
    assert_eq!(give(&an, "both").await.0, StatusCode::OK);
}
