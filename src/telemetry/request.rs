//! The ids of the request that a task works on: every line that is written meanwhile says them.
//!
//! Not a span: entering, recording and formatting one costs a fifth of what a small answer costs.

use std::sync::{Arc, OnceLock};

tokio::task_local! {
    static CURRENT: Arc<RequestIds>;
}

/// What every log line of a request says.
#[derive(Debug)]
pub struct RequestIds {
    request_id: String,
    trace_id: Option<String>,
    ticket: OnceLock<TicketIds>,
}

/// Whose request it is, once that is proven.
#[derive(Debug)]
pub(crate) struct TicketIds {
    pub(crate) tenant: String,
    pub(crate) client: String,
    pub(crate) generation: Option<i64>,
}

impl RequestIds {
    /// Begins with the id of the request and, if its caller sent one, that of the trace it belongs to.
    pub fn new(request_id: &str, trace_id: Option<String>) -> Arc<Self> {
        Arc::new(Self {
            request_id: request_id.to_owned(),
            trace_id,
            ticket: OnceLock::new(),
        })
    }

    /// Sets whose request it is, once that is proven, and the generation it reads. Only the first call counts.
    pub fn set_ticket(&self, tenant: &str, client: &str, generation: Option<i64>) {
        let _ = self.ticket.set(TicketIds {
            tenant: tenant.to_owned(),
            client: client.to_owned(),
            generation,
        });
    }

    /// Returns the id of the request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Returns the id of the trace that its caller said it belongs to.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    pub(crate) fn ticket(&self) -> Option<&TicketIds> {
        self.ticket.get()
    }
}

/// Runs work as part of a request.
pub async fn within<T>(ids: Arc<RequestIds>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(ids, work).await
}

/// Makes work part of the request, if any, that the current task works on, for a task of its own.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let current = CURRENT.try_with(Arc::clone).ok();
    async move {
        match current {
            Some(ids) => within(ids, work).await,
            None => work.await,
        }
    }
}

/// Calls `read` with the ids of the current request, if there is one.
pub(super) fn with_current<T>(read: impl FnOnce(&RequestIds) -> T) -> Option<T> {
    CURRENT.try_with(|ids| read(ids)).ok()
}
