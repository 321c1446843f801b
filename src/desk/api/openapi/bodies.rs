//! What each route takes and answers: the types that its handler reads and writes.

use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::desk::api::access::{
    AccessAnswer, Copying, GivenAnswer, Giving, MadeAnswer, Making, ResetAnswer, Resetting, TakenAnswer,
    Taking, TrailAnswer,
};
use crate::desk::api::bulk::{PreviewQuestion, UndoOrder};
use crate::desk::api::check_file::{ExportAsked, Judgement, MatchAnswer};
use crate::desk::api::clients::{
    ChangedSettings, Credentials, NewClient, Revoked, SettingsAnswer, WhichClient,
};
use crate::desk::api::edit::{NameAnswer, NameOrder, SyncAnswer, SyncOrder};
use crate::desk::api::export::ExportQuestion;
use crate::desk::api::hold::{HoldAnswer, HoldQuestion};
use crate::desk::api::me::MeAnswer;
use crate::desk::api::person::PersonAnswer;
use crate::desk::api::sds_report::SdsAnswer;
use crate::desk::api::settings::{
    FormatsAnswer, SettingsPreview, StoredSettings, WantedFormats, WantedSettings,
};
use crate::desk::api::swap::{SwapAnswer, SwapOrder};
use crate::desk::api::teams_cleanup::TeamsAnswer;
use crate::desk::api::usernames::{CountsQuestion, RowsAnswer, RowsQuestion};
use crate::desk::bulk::{Acted, LastBulk, Order, Preview, UndoAnswer};
use crate::desk::list::Counts;
use crate::desk::search::{Findings, SearchAnswer, WhyAnswer};

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// There is none.
    Nothing,
    /// JSON of a type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Any JSON.
    Anything,
    /// A file that is handed in.
    Bytes,
    /// A file as CSV or a workbook.
    File,
}

use Shape::{Anything, Bytes, File, Json, Nothing};

/// What a route takes and answers.
pub(super) struct Body {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) asked: Shape,
    pub(super) answered: Shape,
}

const fn get(path: &'static str, answered: Shape) -> Body {
    Body {
        method: "GET",
        path,
        asked: Nothing,
        answered,
    }
}

const fn post(path: &'static str, asked: Shape, answered: Shape) -> Body {
    Body {
        method: "POST",
        path,
        asked,
        answered,
    }
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What is answered to who is refused.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what `refusal` and `error` write")]
pub(super) struct Refusal {
    /// Why.
    error: Why,
}

/// Why something is refused.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what `refusal` and `error` write")]
struct Why {
    /// In a word, for programs.
    code: String,
    /// In words, in the language of who asks.
    message: String,
    /// The way out, if there is one to tell.
    #[serde(default)]
    hint: Option<String>,
}

/// Every route below `/desk/api`, the tenant left out.
pub(super) static BODIES: [Body; 43] = [
    get("me", Json(of::<MeAnswer>)),
    get("me/preferences/{screen}", Json(of::<Option<Value>>)),
    Body {
        method: "PUT",
        path: "me/preferences/{screen}",
        asked: Anything,
        answered: Nothing,
    },
    get("openapi.json", Anything),
    get("access", Json(of::<AccessAnswer>)),
    get("access/trail", Json(of::<TrailAnswer>)),
    post("access/give", Json(of::<Giving>), Json(of::<GivenAnswer>)),
    post("access/take", Json(of::<Taking>), Json(of::<TakenAnswer>)),
    post("access/copy", Json(of::<Copying>), Json(of::<GivenAnswer>)),
    post("access/accounts", Json(of::<Making>), Json(of::<MadeAnswer>)),
    post("access/password", Json(of::<Resetting>), Json(of::<ResetAnswer>)),
    post("check-file/export", Json(of::<ExportAsked>), File),
    post("check-file/judge", Bytes, Json(of::<Judgement>)),
    post("check-file/apply", Bytes, Json(of::<Judgement>)),
    post("check-file/match", Bytes, Json(of::<MatchAnswer>)),
    post("check-file/match/export", Bytes, File),
    post("clients", Json(of::<NewClient>), Json(of::<Credentials>)),
    post("clients/rotate", Json(of::<WhichClient>), Json(of::<Credentials>)),
    post("clients/revoke", Json(of::<WhichClient>), Json(of::<Revoked>)),
    post(
        "clients/settings",
        Json(of::<ChangedSettings>),
        Json(of::<SettingsAnswer>),
    ),
    post("hold/release", Json(of::<HoldQuestion>), Json(of::<HoldAnswer>)),
    post("hold/discard", Json(of::<HoldQuestion>), Json(of::<HoldAnswer>)),
    post("settings", Json(of::<WantedSettings>), Json(of::<StoredSettings>)),
    post(
        "settings/preview",
        Json(of::<WantedSettings>),
        Json(of::<SettingsPreview>),
    ),
    post(
        "settings/formats",
        Json(of::<WantedFormats>),
        Json(of::<FormatsAnswer>),
    ),
    post("teams-cleanup", Bytes, Json(of::<TeamsAnswer>)),
    post("teams-cleanup/file", Bytes, File),
    post("sds-report", Bytes, Json(of::<SdsAnswer>)),
    get("search", Json(of::<SearchAnswer>)),
    get("why", Json(of::<WhyAnswer>)),
    get("why/findings", Json(of::<Findings>)),
    get("swap/{id}", Json(of::<SwapAnswer>)),
    post("swap", Json(of::<SwapOrder>), Json(of::<SwapAnswer>)),
    post("usernames/rows", Json(of::<RowsQuestion>), Json(of::<RowsAnswer>)),
    post("usernames/counts", Json(of::<CountsQuestion>), Json(of::<Counts>)),
    post("usernames/name", Json(of::<NameOrder>), Json(of::<NameAnswer>)),
    post("usernames/sync", Json(of::<SyncOrder>), Json(of::<SyncAnswer>)),
    post("usernames/export", Json(of::<ExportQuestion>), File),
    get("usernames/{id}", Json(of::<PersonAnswer>)),
    post(
        "usernames/bulk/preview",
        Json(of::<PreviewQuestion>),
        Json(of::<Preview>),
    ),
    post("usernames/bulk", Json(of::<Order>), Json(of::<Acted>)),
    get("usernames/bulk/last", Json(of::<Option<LastBulk>>)),
    post(
        "usernames/bulk/undo",
        Json(of::<UndoOrder>),
        Json(of::<UndoAnswer>),
    ),
];
