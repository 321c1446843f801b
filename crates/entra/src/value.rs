//! What a cell says: addresses, and answers to a question.

/// Returns the mail addresses of a cell such as `SMTP:a@b.example+smtp:c@b.example`.
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = String> {
    text.split(['+', ',', ';', ' ', '|']).filter_map(|address| {
        let mail = match address.split_once(':') {
            Some((kind, mail)) if kind.eq_ignore_ascii_case("smtp") => mail,
            Some(_) => return None,
            None => address,
        };
        mail.contains('@').then(|| mail.to_lowercase())
    })
}

/// Returns what a cell answers to whether something is so.
pub(crate) fn answer(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "ja" | "waar" | "1" | "on" | "aan" | "ingeschakeld" | "enabled" => Some(true),
        "false" | "no" | "nee" | "onwaar" | "0" | "off" | "uit" | "uitgeschakeld" | "disabled" => Some(false),
        _ => None,
    }
}

/// Returns what a cell answers to whether signing in is blocked: `Ja`, or a state such as `Sign-in allowed`.
pub(crate) fn is_blocked(text: &str) -> Option<bool> {
    let state = text.to_lowercase();
    if [
        "toegestaan",
        "allowed",
        "niet geblokkeerd",
        "not blocked",
        "unblocked",
    ]
    .iter()
    .any(|word| state.contains(word))
    {
        Some(false)
    } else if state.contains("geblokkeerd") || state.contains("blocked") {
        Some(true)
    } else {
        answer(text)
    }
}
