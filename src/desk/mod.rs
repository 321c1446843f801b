//! The desk: the pages of a school's admin ("Gebruikersnamen MS365" and what belongs around it), and their API.
//!
//! A service beside [`crate::http`], over [`crate::edge`]; neither knows the other. Pages are rendered here (`page`,
//! `templates/`), their texts stand in `language/` only, their scripts and styles in `assets/`. What a page shows and does
//! goes through the same operations as the commands, in the scope of one tenant and within the rights of who asks
//! (`session`).

mod address;
mod api;
pub mod bulk;
mod cause;
mod dates;
mod error;
mod form;
mod grants;
mod landing;
mod language;
mod letter;
pub mod list;
mod menu;
#[cfg_attr(not(feature = "openid"), path = "openid_absent.rs")]
mod openid;
mod page;
mod pages;
mod reasons;
mod record;
mod refusal;
mod route;
pub mod search;
mod session;
mod setup;
mod sheet;
mod state;
mod timeline;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower::{Service, ServiceExt, service_fn};

use crate::edge::{self, LogFields, PeerAddress, RequestLog};
use error::DeskError;
pub use language::Language;
pub use letter::{About, Letter, letter};
pub use openid::OpenId;
pub use route::Needs;
use route::Route;
use session::ClientAddress;
pub use setup::SetupError;
pub use sheet::{SheetClient, SheetSource, sheet};
pub use state::Desk;

/// Returns `true` for a path that the desk answers: its own, and the landing page.
pub fn answers(base_path: &str, path: &str) -> bool {
    let own = path.strip_prefix(base_path).unwrap_or(path);
    let own = own.trim_start_matches('/');
    own.is_empty() || own == "desk" || own.starts_with("desk/")
}

/// Returns the service that answers every request of the desk, compressed where the browser accepts that.
pub fn service(
    desk: Desk,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static {
    let desk = Arc::new(desk);
    let router = router(&desk);
    edge::compressed(service_fn(move |request| {
        let (desk, router) = (Arc::clone(&desk), router.clone());
        async move { Ok(serve(&desk, router, request).await) }
    }))
}

/// Every route of the desk, with what it needs. A path with `{tenant}` is answered only for who has rights there.
fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/", Needs::Nothing, landing::page),
        Route::get("/desk", Needs::SignIn, landing::desk),
        Route::get("/desk/", Needs::SignIn, landing::desk),
        Route::get("/desk/sign-in", Needs::Nothing, session::sign_in_page),
        Route::get("/desk/handleiding", Needs::Nothing, pages::guide),
        Route::post("/desk/sign-in", Needs::Nothing, session::sign_in),
        Route::post("/desk/afmelden", Needs::Nothing, session::sign_out),
        Route::post(
            "/desk/afmelden-overal",
            Needs::SignIn,
            session::sign_out_everywhere,
        ),
        Route::get("/desk/wachtwoord", Needs::SignIn, session::password_page),
        Route::post("/desk/wachtwoord", Needs::SignIn, session::change_password),
        Route::post("/desk/taal", Needs::SignIn, session::choose_language),
        Route::get("/desk/tenants", Needs::Operate, pages::tenants),
        Route::get("/desk/{tenant}/overzicht", Needs::Read, pages::overview),
        Route::get("/desk/{tenant}/koppelingen", Needs::Manage, pages::clients),
        Route::get(
            "/desk/{tenant}/koppelingen/blad",
            Needs::Manage,
            pages::client_sheet,
        ),
        Route::get("/desk/{tenant}/instellingen", Needs::Operate, pages::settings),
        Route::get("/desk/{tenant}/gebruikersnamen", Needs::Read, pages::usernames),
        Route::get(
            "/desk/{tenant}/gebruikersnamen/controlebestand",
            Needs::Read,
            pages::check_file,
        ),
        Route::get(
            "/desk/{tenant}/gebruikersnamen/afdrukken",
            Needs::Read,
            pages::print,
        ),
        Route::get("/desk/{tenant}/historiek", Needs::Read, pages::history),
        Route::get("/desk/{tenant}/toegang", Needs::Manage, pages::access),
        Route::get("/desk/{tenant}/vooruitblik", Needs::Read, pages::outlook),
    ];
    routes.extend(openid::routes());
    routes.extend(api::routes());
    routes
}

/// Returns every route: its method, its path and what it needs.
pub fn listed_routes() -> Vec<(&'static str, &'static str, Needs)> {
    let listed = routes().into_iter();
    listed
        .map(|route| (route.method, route.path, route.needs))
        .collect()
}

fn router(desk: &Arc<Desk>) -> Router {
    let all = routes().into_iter();
    all.fold(Router::new(), |router, route| route.onto(router, desk))
        .with_state(Arc::clone(desk))
        .nest("/desk/assets", page::assets())
        .fallback(async || DeskError::NotFound)
        .method_not_allowed_fallback(async || DeskError::NotFound)
}

/// Answers one request, whatever happens in it, and writes its log line.
async fn serve(desk: &Desk, router: Router, mut request: Request) -> Response {
    let request_id = edge::request_id(request.headers());
    let fields = Arc::new(LogFields::new(&request_id, edge::trace_id(request.headers())));
    let peer = request.extensions().get::<PeerAddress>().copied();
    let address = peer.and_then(|peer| desk.trusted_proxies.client(peer.0.ip(), request.headers()));
    fields.address(address);
    request.extensions_mut().insert(ClientAddress(address));
    fields.route("/desk", None);
    let log = RequestLog::start(request_id, request.method().clone(), &fields, |_| {});
    let for_person = page::is_for_person(&request);
    let work = async {
        if session::is_forged(desk, request.method(), request.headers()) {
            return DeskError::Forged.into_response();
        }
        router
            .oneshot(desk.without_base_path(request))
            .await
            .unwrap_or_else(|never| match never {})
    };
    let response = edge::guard(edge::REQUEST_TIMEOUT, fields.ids(), work)
        .await
        .unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response());
    let response = if for_person && response.status() == StatusCode::NOT_FOUND {
        page::missing(desk.base_path())
    } else {
        response
    };
    log.finish(page::secured(response))
}
