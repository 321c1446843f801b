//! Where to go after signing in: a path of the desk, whatever the address says.

use crate::desk::state::Desk;
use crate::edge;

/// Longest path that is gone back to.
const LENGTH_MAX: usize = 2_000;

/// Returns the path to the sign-in, which leads to `next` afterwards.
pub(super) fn sign_in_path(desk: &Desk, next: Option<&str>) -> String {
    let base = desk.base_path();
    match next.filter(|next| own_path(desk, next).is_some()) {
        Some(next) => format!("{base}/desk/sign-in?next={}", edge::encode(next)),
        None => format!("{base}/desk/sign-in"),
    }
}

/// Returns a path if it is one of the desk: it leads to no other host, however it is read, and to nothing but pages.
pub(in crate::desk) fn own_path<'p>(desk: &Desk, path: &'p str) -> Option<&'p str> {
    let own = path.strip_prefix(desk.base_path())?;
    let is_of_desk = own == "/desk" || own.starts_with("/desk/");
    let is_plain = path.len() <= LENGTH_MAX
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !path.contains("//")
        && !path.contains("/.");
    let leads_back = ["/desk/sign-", "/desk/openid"]
        .iter()
        .any(|start| own.starts_with(start))
        || own.starts_with("/desk/api/");
    (is_of_desk && is_plain && !leads_back).then_some(path)
}
