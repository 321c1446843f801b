//! Asking a provider: bounded in time and size, and without following it elsewhere.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// How long one question to a provider may take, from connecting to the last byte.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest answer that is read, in bytes. Entra's keys are some 20,000.
const ANSWER_MAX_BYTES: usize = 1 << 20;

/// A provider gave no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum FetchError {
    /// It cannot be reached, or broke off.
    #[error("the provider cannot be reached")]
    Request(#[source] Arc<reqwest::Error>),
    /// It did not answer in time.
    #[error("the provider did not answer within {} seconds", ANSWER_TIMEOUT.as_secs())]
    Timeout,
    /// Its answer does not end in time.
    #[error("the provider's answer is longer than {ANSWER_MAX_BYTES} bytes")]
    TooLong,
    /// It answered with another status than 200.
    #[error("the provider answered {0}")]
    Status(u16),
    /// What it answered is not what the standard asks for.
    #[error("the provider's {what} cannot be used: {problem}")]
    Content {
        /// Which document.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        // The address is the provider's; a token is asked for with secrets in the body only.
        Self::Request(Arc::new(error))
    }
}

/// Asks providers. It follows no redirect: an answer counts from the address that was asked only.
#[derive(Debug, Clone)]
pub(super) struct HttpClient(reqwest::Client);

impl HttpClient {
    /// Makes one. Over plain HTTP it asks only where `allows_plain` is true: a provider on this machine.
    pub(super) fn new(allows_plain: bool) -> Result<Self, FetchError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .https_only(!allows_plain)
            .timeout(ANSWER_TIMEOUT)
            .connect_timeout(ANSWER_TIMEOUT)
            .build()?;
        Ok(Self(client))
    }

    /// Reads a document by its address.
    pub(super) async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let response = self.0.get(url).send().await?;
        let status = response.status();
        if status != reqwest::StatusCode::OK {
            return Err(FetchError::Status(status.as_u16()));
        }
        read(response).await
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let request = reqwest::Request::try_from(request)?;
        let response = self.0.execute(request).await?;
        let mut answer = HttpResponse::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = read(response).await?;
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > ANSWER_MAX_BYTES {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}
