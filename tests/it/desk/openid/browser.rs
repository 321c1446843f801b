//! A browser as far as signing in needs one: it keeps cookies per host and follows nothing by itself.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode, Url};

#[derive(Clone)]
pub(super) struct Browser {
    client: Client,
    /// By host and port, then name.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    /// Where it leads, whole.
    pub(super) location: Option<String>,
    pub(super) set_cookies: Vec<String>,
    pub(super) body: String,
}

impl Page {
    pub(super) fn location(&self) -> &str {
        self.location.as_deref().unwrap_or_else(|| panic!("{self:?}"))
    }
}

impl Browser {
    pub(super) fn new() -> Self {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            client,
            cookies: BTreeMap::new(),
        }
    }

    pub(super) async fn get(&mut self, url: &str) -> Page {
        self.send(url, None).await
    }

    /// Sends a form, as a page of the same server does.
    pub(super) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Page {
        self.send(url, Some(form)).await
    }

    async fn send(&mut self, url: &str, form: Option<&[(&str, &str)]>) -> Page {
        let url = Url::parse(url).unwrap();
        let host = format!("{}:{:?}", url.host_str().unwrap(), url.port());
        let kept = self.cookies.entry(host).or_default();
        let cookies: Vec<String> = kept
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = match form {
            Some(form) => self
                .client
                .post(url.clone())
                .header("sec-fetch-site", "same-origin")
                .form(form),
            None => self.client.get(url.clone()),
        };
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        let texts = |name| {
            let values = answer.headers().get_all(name).iter();
            values
                .map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let set_cookies = texts(SET_COOKIE);
        for cookie in &set_cookies {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let is_over = cookie.to_ascii_lowercase().contains("max-age=0") || value.is_empty();
            if is_over {
                kept.remove(name);
            } else {
                kept.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = texts(LOCATION).pop();
        Page {
            status: answer.status(),
            location: location.map(|to| url.join(&to).unwrap().to_string()),
            set_cookies,
            body: answer.text().await.unwrap(),
        }
    }

    /// Goes where answers lead as long as `may` says so.
    pub(super) async fn follow(&mut self, url: &str, may: impl Fn(&str) -> bool) -> (String, Page) {
        let mut url = url.to_owned();
        for _ in 0..20 {
            let page = self.get(&url).await;
            match &page.location {
                Some(to) if may(to) => url.clone_from(to),
                _ => return (url, page),
            }
        }
        panic!("too many redirects, now at {url}");
    }
}
