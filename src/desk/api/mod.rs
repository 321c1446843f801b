//! The API of the pages: JSON in and out, under `/desk/api`.

mod access;
mod body;
mod bulk;
mod check_file;
pub(super) mod clients;
mod edit;
mod export;
mod hold;
mod me;
mod openapi;
mod person;
mod preferences;
mod sds_report;
mod search;
mod settings;
mod swap;
pub(super) mod teams_cleanup;
mod upload;
mod usernames;
mod words;

use super::route::{Needs, Route};

/// Every route of the API.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = of_screens();
    routes.extend(of_files());
    routes.extend(of_usernames());
    routes
}

/// The routes of the list of usernames, and what belongs to none of the screens.
fn of_usernames() -> Vec<Route> {
    vec![
        Route::post("/desk/api/{tenant}/usernames/rows", Needs::Read, usernames::rows),
        Route::post(
            "/desk/api/{tenant}/usernames/counts",
            Needs::Read,
            usernames::counts,
        ),
        Route::post("/desk/api/{tenant}/usernames/name", Needs::Write, edit::name),
        Route::post("/desk/api/{tenant}/usernames/sync", Needs::Write, edit::sync),
        Route::post("/desk/api/{tenant}/usernames/export", Needs::Read, export::export),
        Route::get("/desk/api/{tenant}/usernames/{id}", Needs::Read, person::person),
        Route::get(
            "/desk/api/me/preferences/{screen}",
            Needs::SignIn,
            preferences::read,
        ),
        Route::put(
            "/desk/api/me/preferences/{screen}",
            Needs::SignIn,
            preferences::write,
        ),
        Route::get("/desk/api/openapi.json", Needs::SignIn, openapi::document),
        Route::post(
            "/desk/api/{tenant}/usernames/bulk/preview",
            Needs::Write,
            bulk::preview,
        ),
        Route::post("/desk/api/{tenant}/usernames/bulk", Needs::Write, bulk::act),
        Route::get("/desk/api/{tenant}/usernames/bulk/last", Needs::Read, bulk::last),
        Route::post("/desk/api/{tenant}/usernames/bulk/undo", Needs::Write, bulk::undo),
    ]
}

fn of_screens() -> Vec<Route> {
    vec![
        Route::get("/desk/api/me", Needs::SignIn, me::me),
        Route::get("/desk/api/{tenant}/access", Needs::Manage, access::list),
        Route::get("/desk/api/{tenant}/access/trail", Needs::Manage, access::trail),
        Route::post("/desk/api/{tenant}/access/give", Needs::Manage, access::give),
        Route::post("/desk/api/{tenant}/access/take", Needs::Manage, access::take),
        Route::post("/desk/api/{tenant}/access/copy", Needs::Manage, access::copy),
        Route::post("/desk/api/{tenant}/access/accounts", Needs::Manage, access::make),
        Route::post("/desk/api/{tenant}/access/password", Needs::Manage, access::reset),
        Route::post("/desk/api/{tenant}/clients", Needs::Manage, clients::create),
        Route::post(
            "/desk/api/{tenant}/clients/rotate",
            Needs::Manage,
            clients::rotate,
        ),
        Route::post(
            "/desk/api/{tenant}/clients/revoke",
            Needs::Manage,
            clients::revoke,
        ),
        Route::post("/desk/api/{tenant}/clients/settings", Needs::Manage, clients::set),
        Route::post("/desk/api/{tenant}/hold/release", Needs::Operate, hold::release),
        Route::post("/desk/api/{tenant}/hold/discard", Needs::Operate, hold::discard),
        Route::post("/desk/api/{tenant}/settings", Needs::Operate, settings::apply),
        Route::post(
            "/desk/api/{tenant}/settings/preview",
            Needs::Operate,
            settings::preview,
        ),
        Route::post(
            "/desk/api/{tenant}/settings/formats",
            Needs::Operate,
            settings::formats,
        ),
        Route::get("/desk/api/{tenant}/search", Needs::Read, search::search),
        Route::get("/desk/api/{tenant}/swap/{id}", Needs::Read, swap::find),
        Route::post("/desk/api/{tenant}/swap", Needs::Write, swap::step),
        Route::get("/desk/api/{tenant}/why", Needs::Read, search::why),
        Route::get("/desk/api/{tenant}/why/findings", Needs::Read, search::findings),
    ]
}

/// The routes to which files are handed in.
fn of_files() -> Vec<Route> {
    vec![
        Route::post(
            "/desk/api/{tenant}/check-file/export",
            Needs::Read,
            check_file::export,
        ),
        Route::post(
            "/desk/api/{tenant}/check-file/judge",
            Needs::Write,
            check_file::judge,
        ),
        Route::post(
            "/desk/api/{tenant}/check-file/apply",
            Needs::Write,
            check_file::apply,
        ),
        Route::post(
            "/desk/api/{tenant}/check-file/match",
            Needs::Write,
            check_file::compare,
        ),
        Route::post(
            "/desk/api/{tenant}/check-file/match/export",
            Needs::Write,
            check_file::export_compared,
        ),
        Route::post("/desk/api/{tenant}/sds-report", Needs::Read, sds_report::read),
        Route::post(
            "/desk/api/{tenant}/teams-cleanup",
            Needs::Manage,
            teams_cleanup::judge,
        ),
        Route::post(
            "/desk/api/{tenant}/teams-cleanup/file",
            Needs::Manage,
            teams_cleanup::file,
        ),
    ]
}
