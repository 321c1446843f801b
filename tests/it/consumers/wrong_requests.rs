//! What consumers get wrong: the file says what each request is answered and what to send instead, and this replays it.

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine;
use serde::Deserialize;

use super::ServedRoster;
use crate::harness::api::Answer;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    request: Vec<WrongRequest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrongRequest {
    about: String,
    ask: Option<String>,
    token: Option<String>,
    content_type: Option<String>,
    authorization: Option<String>,
    status: u16,
    /// Words of the refusal.
    says: Option<String>,
    /// Words of the warning beside the data; none when absent.
    warns: Option<String>,
    /// The granted scope.
    scope: Option<String>,
    /// What is answered 200.
    instead: Option<String>,
}

impl ServedRoster {
    fn filled(&self, text: &str) -> String {
        let (id, secret) = (&self.client.client_id, &self.client.client_secret);
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
        text.replace("{basic}", &format!("Basic {pair}"))
            .replace("{id}", id)
            .replace("{secret}", secret)
            .replace("{user}", "zu001")
            .replace("{class}", "zk000")
    }

    async fn send_wrong(&self, request: &WrongRequest, bearer: &str) -> Answer {
        let authorization = request.authorization.as_ref().map(|text| self.filled(text));
        let (method, uri, body) = match (&request.ask, &request.token) {
            (Some(path), None) => {
                let path = self.filled(path).replace(' ', "%20");
                (Method::GET, format!("/ims/oneroster/v1p1{path}"), String::new())
            }
            (None, Some(body)) => (Method::POST, "/connect/token".to_owned(), self.filled(body)),
            _ => panic!("{}: either ask or token", request.about),
        };
        let mut sent = Request::builder().method(method.clone()).uri(uri);
        match authorization.as_deref() {
            Some("") => {}
            Some(value) => sent = sent.header("authorization", value),
            None if method == Method::GET => {
                sent = sent.header("authorization", format!("Bearer {bearer}"));
            }
            None => {}
        }
        if method == Method::POST {
            let form = "application/x-www-form-urlencoded";
            sent = sent.header("content-type", request.content_type.as_deref().unwrap_or(form));
        }
        self.api.send(sent.body(Body::from(body)).unwrap()).await
    }
}

#[tokio::test]
async fn what_consumers_get_wrong_is_answered_as_the_file_says() {
    let corpus: Corpus = toml::from_str(include_str!("wrong_requests.toml")).unwrap();
    assert!(corpus.request.len() > 30);
    let stage = ServedRoster::new().await;
    let bearer = stage.token("").await;
    for request in &corpus.request {
        let about = &request.about;
        let answer = stage.send_wrong(request, &bearer).await;
        let body = answer.json();
        assert_eq!(answer.status.as_u16(), request.status, "{about}: {body}");
        assert_eq!(
            request.says.is_some(),
            request.status >= 400,
            "{about}: every refusal has its words"
        );
        if let Some(says) = &request.says {
            let key = if request.token.is_some() {
                "error_description"
            } else {
                "Description"
            };
            let description = body[key].as_str().unwrap();
            assert!(description.contains(says.as_str()), "{about}: {description}");
        }
        let warning = answer.header("x-oneroster-warning");
        match &request.warns {
            Some(words) => assert!(warning.contains(words.as_str()), "{about}: {warning}"),
            None => assert_eq!(warning, "", "{about}"),
        }
        if let Some(scope) = &request.scope {
            assert_eq!(body["scope"], scope.as_str(), "{about}");
        }
        if let Some(instead) = &request.instead {
            let path = stage.filled(instead).replace(' ', "%20");
            let right = stage.api.get(&bearer, &path).await;
            assert_eq!(right.status, 200, "{about}: {instead}: {}", right.json());
            assert_eq!(right.header("x-oneroster-warning"), "", "{about}: {instead}");
        }
    }
}
