//! The routes as data: what each needs is said once, checked before its handler runs, and read by the tests.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{self, MethodRouter};
use oneroster_school::rights::Access;

use super::error::DeskError;
use super::session::{TenantUser, User};
use super::state::Desk;

/// What a route needs. Whoever lacks it is answered as if the path did not exist, but who reads and may not write is told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Anybody may ask.
    Nothing,
    /// A session.
    SignIn,
    /// To see something in the tenant of the path. Its handler sees to it that they see no more than they may.
    Read,
    /// To change something in the tenant of the path. Its handler sees to it that they change no more than they may.
    Write,
    /// To be manager of a school in the tenant of the path.
    Manage,
    /// To be the vendor's operator.
    Operate,
}

/// A route.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) needs: Needs,
    handler: MethodRouter<Arc<Desk>>,
}

impl Route {
    /// Makes a route for questions.
    pub(super) fn get<H: Handler<T, Arc<Desk>>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new("GET", path, needs, routing::get(handler))
    }

    /// Makes a route for what changes something, or asks with a body.
    pub(super) fn post<H: Handler<T, Arc<Desk>>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new("POST", path, needs, routing::post(handler))
    }

    /// Makes a route for what is put in the place of what was.
    pub(super) fn put<H: Handler<T, Arc<Desk>>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new("PUT", path, needs, routing::put(handler))
    }

    const fn new(
        method: &'static str,
        path: &'static str,
        needs: Needs,
        handler: MethodRouter<Arc<Desk>>,
    ) -> Self {
        Self {
            method,
            path,
            needs,
            handler,
        }
    }

    /// Adds it to a router, behind the check of what it needs.
    pub(super) fn onto(self, router: Router<Arc<Desk>>, desk: &Arc<Desk>) -> Router<Arc<Desk>> {
        let guard = from_fn_with_state((Arc::clone(desk), self.needs), check);
        router.route(self.path, self.handler.layer(guard))
    }
}

async fn check(State((desk, needs)): State<(Arc<Desk>, Needs)>, request: Request, next: Next) -> Response {
    // The extractors keep what they found in the extensions, where the handler's find it again.
    let (mut parts, body) = request.into_parts();
    let allowed = match needs {
        Needs::Nothing => Ok(()),
        Needs::SignIn => User::from_request_parts(&mut parts, &desk).await.map(|_| ()),
        Needs::Read | Needs::Write | Needs::Manage => {
            let user = TenantUser::from_request_parts(&mut parts, &desk).await;
            user.and_then(|user| within(&user, needs))
        }
        Needs::Operate => {
            let user = User::from_request_parts(&mut parts, &desk).await;
            user.and_then(|user| user.is_operator.then_some(()).ok_or(DeskError::NotFound))
        }
    };
    match allowed {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) => refused.into_response(),
    }
}

fn within(user: &TenantUser, needs: Needs) -> Result<(), DeskError> {
    match needs {
        Needs::Write if user.rights.strongest() < Access::Write => Err(DeskError::MayNotWrite),
        Needs::Manage if !user.rights.is_manager() => Err(DeskError::NotFound),
        Needs::Operate if !user.user.is_operator => Err(DeskError::NotFound),
        Needs::Nothing | Needs::SignIn | Needs::Read | Needs::Write | Needs::Manage | Needs::Operate => {
            Ok(())
        }
    }
}
