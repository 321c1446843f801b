//! The requests of known consumers and test suites, in their order.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use super::{ServedRoster, total};
use crate::harness::api;

/// Microsoft's Postman collections: the paging they assert, their filters, an unknown school, a blank in a name.
#[tokio::test]
async fn microsoft_postman() {
    let stage = ServedRoster::new().await;
    let token = stage.token("").await;
    for collection in [
        "schools",
        "orgs",
        "courses",
        "classes",
        "students",
        "teachers",
        "enrollments",
        "users",
    ] {
        let all = total(&stage.api.get(&token, &format!("/{collection}")).await);
        for (query, rows) in [
            ("offset=2&limit=1", 1),
            ("offset=0&limit=5000", all),
            ("offset=0&limit=10000", all),
            ("limit%20=100", all.min(100)),
        ] {
            let answer = stage.api.get(&token, &format!("/{collection}?{query}")).await;
            assert_eq!(
                (total(&answer), answer.header("x-count")),
                (all, rows.to_string().as_str()),
                "{collection}?{query}"
            );
        }
    }
    let students = stage.count("users", |_, _, user| user["role"] == "student");
    let years = stage.count("academicSessions", |_, status, _| status == "active");
    for (path, expected) in [
        ("/users?filter=role='student'", students),
        (
            "/users?filter=role='student' AND dateLastModified>'2020-01-01T01:00:00.000Z'",
            students,
        ),
        ("/users?filter=username='ZU001' OR email~'zu001'", 1),
        (
            "/academicSessions?filter=schoolYear='2027' AND status='active'",
            years,
        ),
        ("/orgs?filter=sourcedId='norecords'", 0),
        ("/orgs?filter=status='norecords'", 0),
        ("/schools/1000000/classes", 0),
        ("/schools/1000000/enrollments", 0),
    ] {
        let path = path.replace(' ', "%20").replace('>', "%3E");
        assert_eq!(total(&stage.api.get(&token, &path).await), expected, "{path}");
    }
    let answer = stage
        .api
        .ask(Method::GET, &token, "/ims/oneroster/v1p1//classes/zk000")
        .await;
    assert_eq!(
        (total(&answer), &answer.json()["class"]["sourcedId"]),
        (1, &json!("zk000"))
    );
}

/// Google's suite: four scopes at once, raw quotes, a body on GET, a path that 1.1 does not have.
#[tokio::test]
async fn google_1_1_suite() {
    let stage = ServedRoster::new().await;
    let token = stage
        .token("roster.readonly gradebook.readonly gradebook.createput gradebook.delete")
        .await;
    for (path, key, expected) in [
        ("/teachers?limit=1", "users", 1),
        (
            "/teachers/zu000/classes?limit=10000&filter=status='active'",
            "classes",
            1,
        ),
        ("/classes/zk000/students?limit=10000", "users", 1),
        ("/classes?filter=sourcedId='zk000'", "classes", 1),
        ("/terms/zt002/gradingPeriods", "academicSessions", 1),
    ] {
        let answer = stage.api.get(&token, path).await;
        assert!(answer.ids(key).len() >= expected, "{path}: {:?}", answer.json());
    }
    let by_email = stage
        .api
        .get(&token, "/teachers?filter=email='a@b.example'&limit=10000")
        .await;
    assert_eq!(by_email.json(), json!({ "users": [] }));
    for path in [
        "/classes/zk000/categories",
        "/classes/zk000/lineItems",
        "/categories",
    ] {
        let answer = stage.get_as_json(&token, path, "{\"a\":1}").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["CodeMinor"]),
            (404, &json!("unknown object"))
        );
    }
}

/// Moodle: `roster.readonly` for everything, 200 a page until a short one, a delta by day, sort without orderBy.
#[tokio::test]
async fn moodle() {
    let stage = ServedRoster::new().await;
    let token = stage.token("roster.readonly").await;
    for collection in [
        "academicSessions",
        "terms",
        "gradingPeriods",
        "orgs",
        "schools",
        "courses",
        "classes",
        "enrollments",
        "users",
        "students",
        "teachers",
    ] {
        let mut seen = 0;
        loop {
            let page = stage
                .api
                .get(&token, &format!("/{collection}?limit=200&offset={seen}"))
                .await;
            let count: usize = page.header("x-count").parse().unwrap();
            seen += count;
            if count < 200 {
                assert_eq!(seen, total(&page), "{collection}");
                break;
            }
        }
    }
    let get = async |path: &str| stage.api.get(&token, path).await;
    let names: Vec<String> = get("/users?sort=familyName&limit=1000").await.json()["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["familyName"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        names.is_sorted() && names.len() > 100,
        "ascending unless told otherwise"
    );
    let ids = get("/users?sort=sourcedId&orderBy=desc&limit=1000")
        .await
        .ids("users");
    assert!(ids.iter().rev().is_sorted());
    let selected = get("/users?fields=sourcedId,email&limit=1").await;
    assert_eq!(selected.json()["users"][0], json!({ "sourcedId": "zu000" }));
    assert_eq!(
        total(&get("/users?filter=givenName%3D%27Colin%20Robert%27").await),
        0
    );
    assert_eq!(
        total(&get("/users?filter=dateLastModified%3E%272020-01-01%27").await),
        150
    );
    let of_class = stage.count("enrollments", |_, _, row| row["class"]["sourcedId"] == "zk000");
    for field in ["class", "class.sourcedId"] {
        assert_eq!(
            total(&get(&format!("/enrollments?filter={field}='zk000'")).await),
            of_class
        );
    }
    assert_eq!(get("/demographics").await.status, 403);
}

/// The TCI clients: core alone for all of these, a content type on GET, on until an empty page.
#[tokio::test]
async fn tci() {
    let stage = ServedRoster::new().await;
    let token = stage.token("roster-core.readonly").await;
    for collection in [
        "students",
        "teachers",
        "classes",
        "schools",
        "academicSessions",
        "courses",
        "enrollments",
        "users",
    ] {
        for (offset, is_empty) in [(0, false), (5000, true)] {
            let path = format!("/{collection}?limit=5000&offset={offset}");
            let answer = stage.get_as_json(&token, &path, "").await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("x-count") == "0"),
                (200, is_empty)
            );
        }
    }
    let answer = stage
        .api
        .get(&token, "/users?filter=role%3D%27administrator%27")
        .await;
    assert_eq!(
        total(&answer),
        stage.count("users", |_, _, user| user["role"] == "administrator")
    );
}

/// mfonism and CNYRIC: no scope asked, slashes at the end, from teachers to classes to students.
#[tokio::test]
async fn mfonism_and_cnyric() {
    let stage = ServedRoster::new().await;
    let token = stage.token("").await;
    for path in ["/users/", "/students/", "/classes/"] {
        assert!(total(&stage.api.get(&token, path).await) > 0, "{path}");
    }
    let mut reached = 0;
    for teacher in stage.api.get(&token, "/teachers/").await.ids("users") {
        let classes = stage
            .api
            .get(&token, &format!("/teachers/{teacher}/classes"))
            .await;
        for class in classes.ids("classes") {
            let students = stage.api.get(&token, &format!("/classes/{class}/students")).await;
            reached += students.ids("users").len();
        }
    }
    assert!(reached > 20);
}

/// Glasgow: a login whose answer is the token, `bearer` in lower case, on by Link alone.
#[tokio::test]
async fn glasgow() {
    let stage = ServedRoster::new().await;
    let login = async |secret: &str| {
        let body = format!("clientid={}&clientsecret={secret}", stage.client.client_id);
        let request = Request::builder()
            .method(Method::POST)
            .uri("/ims/oneroster/v1p1/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        stage.api.send(request).await
    };
    let refused = login("wrong").await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]),
        (401, &json!("invalid_client"))
    );
    let answer = login(&stage.client.client_secret).await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = String::from_utf8(answer.body).unwrap();
    let mut next = Some("/ims/oneroster/v1p1/enrollments?filter=status='active'".to_owned());
    let (mut seen, mut pages) = (0, 0);
    while let Some(path) = next.take() {
        let request = Request::builder()
            .uri(&path)
            .header("authorization", format!("bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let answer = stage.api.send(request).await;
        seen += answer.ids("enrollments").len();
        pages += 1;
        next = answer
            .header("link")
            .split(", ")
            .find_map(|link| link.strip_suffix(">; rel=\"next\""))
            .map(|address| {
                address
                    .strip_prefix(&format!("<{}", api::BASE_URL))
                    .unwrap()
                    .to_owned()
            });
    }
    let active = stage.count("enrollments", |_, status, _| status == "active");
    assert_eq!((seen, pages), (active, active.div_ceil(100)));
}

/// vossenv, `ClassLink`, Longsight, smulic: a slash before the question mark, `&&`, links of one form, X-Count.
#[tokio::test]
async fn vossenv_classlink_longsight_and_smulic() {
    let stage = ServedRoster::new().await;
    let token = stage.token("").await;
    let get = async |path: &str| stage.api.get(&token, path).await;
    let answer = get("/courses/?limit=7").await;
    assert!(
        answer.body.starts_with(b"{\"courses\":["),
        "the first value is the collection"
    );
    assert_eq!((answer.header("x-count"), answer.ids("courses").len()), ("7", 7));
    for link in answer.header("link").split(',').map(str::trim) {
        let (address, relation) = link.split_once("; ").unwrap();
        assert!(
            address.starts_with("<https://") && address.ends_with('>'),
            "{link}"
        );
        let words = ["first", "prev", "next", "last"].map(|word| format!("rel=\"{word}\""));
        assert!(words.iter().any(|word| word == relation), "{link}");
    }
    let fields =
        get("/users?limit=2&offset=1&&filter=status%3D%27active%27&fields=username%2CsourcedId").await;
    for user in fields.json()["users"].as_array().unwrap() {
        let keys: Vec<&String> = user.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["sourcedId", "username"]);
    }
    let first = get("/users?fields=sourcedId&offset=0&limit=1&sort=sourcedId").await;
    assert_eq!(first.json()["users"], json!([{ "sourcedId": "zu000" }]));
    for path in ["/schools/zo001/users", "/classes/zk000/users"] {
        assert_eq!(get(path).await.status, 404, "not in 1.1: {path}");
    }
}
