//! Reading a provider over HTTP as SDS does: a token per run, five whole collections, pages by offset.

use serde_json::Value;

/// What an admin types into the wizard.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) base_url: String,
    pub(crate) token_url: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// One run's access: the token is fetched once, at its beginning.
pub(crate) struct Run<'a> {
    http: &'a reqwest::Client,
    base_url: &'a str,
    token: String,
}

impl Connection {
    /// Fetches a token the way SDS does: Basic credentials, the grant in the body, no scope.
    pub(crate) async fn begin<'a>(&'a self, http: &'a reqwest::Client) -> Run<'a> {
        let answer = http
            .post(&self.token_url)
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .header("accept", "application/json")
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{body}");
        Run {
            http,
            base_url: self.base_url.trim_end_matches('/'),
            token: body["access_token"].as_str().unwrap().to_owned(),
        }
    }
}

impl Run<'_> {
    /// Reads a collection whole: `offset=…&limit=…&filter=status='active'` until the promised number is there.
    pub(crate) async fn full(&self, collection: &str, page_size: usize) -> Vec<Value> {
        let mut rows = Vec::new();
        loop {
            let query = format!("offset={}&limit={page_size}&filter=status='active'", rows.len());
            let (page, total) = self.get(collection, &query).await;
            assert!(
                !page.is_empty() || rows.len() == total,
                "{collection}: an empty page after {} of {total} rows",
                rows.len()
            );
            rows.extend(page);
            if rows.len() >= total {
                return rows;
            }
        }
    }

    /// Reads what changed since a moment: one request with neither limit nor offset, as Microsoft prints it.
    pub(crate) async fn delta(&self, collection: &str, since: &str) -> Vec<Value> {
        let query = format!("filter=dateLastModified>'{since}'");
        let (rows, total) = self.get(collection, &query).await;
        assert_eq!(
            rows.len(),
            total,
            "{collection}: a delta that is cut short says nothing about it"
        );
        rows
    }

    /// Returns the rows and the count that the answer promises.
    async fn get(&self, collection: &str, query: &str) -> (Vec<Value>, usize) {
        let address = format!("{}/{collection}?{query}", self.base_url);
        let answer = self
            .http
            .get(&address)
            .bearer_auth(&self.token)
            .header("accept", "application/json")
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let total = answer.headers().get("x-total-count").cloned();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{address}: {body}");
        let total = total.unwrap_or_else(|| panic!("{address}: no X-Total-Count"));
        let rows = body[collection].as_array();
        let rows = rows.unwrap_or_else(|| panic!("{address}: no {collection} in {body}"));
        (rows.clone(), total.to_str().unwrap().parse().unwrap())
    }
}
