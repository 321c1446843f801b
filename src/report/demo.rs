//! The report of `oneroster demo`: what the wizard of School Data Sync asks for.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The values for the wizard; also what `DIR/demo.json` says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoReport {
    /// Base URL.
    pub base_url: String,
    /// Token URL.
    pub token_url: String,
    /// Id of the client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where people sign in, and as whom.
    #[serde(flatten)]
    pub desk: DeskValues,
    /// The folder with the data, the bundle they came from and `demo.json`.
    #[serde(skip)]
    pub directory: PathBuf,
}

/// Where people sign in to the desk, and as whom. A demo of an older version had none of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeskValues {
    /// Address of the desk.
    pub admin_url: String,
    /// A secretary, who writes at one school.
    pub admin_user: String,
    /// Their password.
    pub admin_password: String,
    /// The vendor's operator, who may do everything.
    pub operator_user: String,
    /// Their password.
    pub operator_password: String,
    /// Somebody who reads at the same school.
    pub reader_user: String,
    /// Their password.
    pub reader_password: String,
}

impl std::fmt::Debug for DemoReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DemoReport")
            .field("base_url", &self.base_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Display for DemoReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            base_url,
            token_url,
            client_id,
            client_secret,
            desk:
                DeskValues {
                    admin_url,
                    admin_user,
                    admin_password,
                    operator_user,
                    operator_password,
                    reader_user,
                    reader_password,
                },
            directory,
        } = self;
        write!(
            formatter,
            "
Serving a school group to School Data Sync. What its wizard asks for:

  base URL       {base_url}
  token URL      {token_url}
  client id      {client_id}
  client secret  {client_secret}

Check and release usernames in a browser:

  desk           {admin_url}
  secretary      {admin_user}  {admin_password}
  reader         {reader_user}  {reader_password}
  operator       {operator_user}  {operator_password}

Try the API in a second shell:

  TOKEN=$(curl -s -u '{client_id}:{client_secret}' -d grant_type=client_credentials {token_url} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s -H \"Authorization: Bearer $TOKEN\" '{base_url}/users?limit=2'

and as School Data Sync would, every rule:

  target/release/oneroster check --full --base-url {base_url} --token-url {token_url} --client-id {client_id} --client-secret {client_secret}

Data, the bundle it came from and these values (demo.json) are in {}
Ctrl-C stops it; the next start goes on with the same data.",
            directory.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn the_values_are_shown_with_what_can_be_done_with_them_and_never_in_debug_output() {
        let report = DemoReport {
            base_url: "http://127.0.0.1:8080/ims/oneroster/v1p1".to_owned(),
            token_url: "http://127.0.0.1:8080/connect/token".to_owned(),
            client_id: "demo.h3".to_owned(),
            client_secret: "s3cret".to_owned(),
            desk: DeskValues {
                admin_url: "http://127.0.0.1:8080/desk".to_owned(),
                admin_user: "secretariaat".to_owned(),
                admin_password: "s3cret-a".to_owned(),
                operator_user: "operator".to_owned(),
                operator_password: "s3cret-o".to_owned(),
                reader_user: "lezer".to_owned(),
                reader_password: "s3cret-r".to_owned(),
            },
            directory: PathBuf::from("demo-data"),
        };
        snapshot::assert("demo", &report);
        assert!(!format!("{report:?}").contains("s3cret"));
    }
}
