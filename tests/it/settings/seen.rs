//! A small school whose clients have settings, and what each of them reads.

use oneroster::auth::client::{self, NewSecret};
use serde_json::Value;

use crate::harness::api::Api;
use crate::harness::school::School;

/// Makes a client with these settings.
pub(super) async fn client(school: &School, entries: &[&str]) -> NewSecret {
    let made = client::create(&school.server, &school.tenant_id, "one")
        .await
        .unwrap();
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    client::set(&school.server, &school.tenant_id, &made.client_id, &entries)
        .await
        .unwrap();
    made
}

/// Changes the tenant file as `tenant apply` does: what it says, and that it was said.
pub(super) async fn configure(school: &School, path: &str, value: Value) {
    sqlx::query(
        "update tenant.tenant set configuration = jsonb_set(configuration, $2::text[], $3) where tenant_id = $1",
    )
    .bind(&school.tenant_id)
    .bind(path.split('.').collect::<Vec<_>>())
    .bind(value)
    .execute(&school.pool)
    .await
    .unwrap();
    sqlx::query("update tenant.input_version set version = version + 1 where tenant_id = $1 and input = 'configuration'")
        .bind(&school.tenant_id)
        .execute(&school.pool)
        .await
        .unwrap();
}

/// Reads what stands in the collection of an answer.
pub(super) async fn objects(api: &Api, client: &NewSecret, path: &str) -> Vec<Value> {
    let token = api.token(client).await;
    let answer = api.get(&token, path).await.json();
    answer
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .as_array()
        .unwrap()
        .clone()
}
