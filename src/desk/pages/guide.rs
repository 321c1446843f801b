//! The guide for a school, `docs/handleiding.md`, as a page. Each screen leads to its chapter.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html};

use crate::desk::language::Language;
use crate::desk::page::{self, Frame};
use crate::desk::state::Desk;

const MARKDOWN: &str = include_str!("../../../docs/handleiding.md");

/// Where the pictures are, as the file in `docs/` says it.
const PICTURES: &str = "../src/desk/assets/";

/// What stands for the address of the files of the pages, which is known when a page is asked for.
const ASSETS: &str = "__assets__";

static HTML: LazyLock<String> = LazyLock::new(|| rendered(MARKDOWN));

#[derive(Template)]
#[template(path = "guide.html")]
struct Guide {
    frame: Frame,
    content: String,
}

/// Shows the guide, to anybody.
pub(in crate::desk) async fn guide(State(desk): State<Arc<Desk>>) -> Response {
    let frame = Frame::new(Language::default(), desk.base_path());
    let nonce = frame.nonce.clone();
    let content = HTML.replace(ASSETS, &page::assets_path(desk.base_path()));
    page::rendered(StatusCode::OK, &nonce, &Guide { frame, content })
}

/// Renders the guide: headings get anchors as GitHub gives them, pictures their address here.
fn rendered(markdown: &str) -> String {
    let mut events: Vec<Event<'_>> = Parser::new(markdown).collect();
    let mut heading: Option<(usize, String)> = None;
    for place in 0..events.len() {
        let mut anchor = None;
        match events.get_mut(place) {
            Some(Event::Start(Tag::Heading { .. })) => heading = Some((place, String::new())),
            Some(Event::Start(Tag::Image { dest_url, .. })) => {
                let address = dest_url.replace(PICTURES, &format!("{ASSETS}/"));
                *dest_url = CowStr::from(address);
            }
            Some(Event::Text(text) | Event::Code(text)) => {
                if let Some((_, words)) = &mut heading {
                    words.push_str(text);
                }
            }
            Some(Event::End(TagEnd::Heading(_))) => anchor = heading.take(),
            _ => {}
        }
        if let Some((start, words)) = anchor
            && let Some(Event::Start(Tag::Heading { id, .. })) = events.get_mut(start)
        {
            *id = Some(CowStr::from(anchor_of(&words)));
        }
    }
    let mut content = String::new();
    html::push_html(&mut content, events.into_iter());
    content
}

fn anchor_of(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars()
        .filter(|character| character.is_alphanumeric() || *character == '-')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::menu::Screen;

    #[test]
    fn every_screen_and_every_link_within_leads_to_a_chapter() {
        let chapters = Screen::ALL.iter().map(|screen| screen.chapter());
        for chapter in chapters.chain([page::PASSWORD_CHAPTER]) {
            let anchor = format!("id=\"{chapter}\"");
            assert!(HTML.contains(&anchor), "no heading {anchor}");
        }
        for link in HTML.split("href=\"#").skip(1) {
            let (anchor, _) = link.split_once('"').unwrap();
            assert!(HTML.contains(&format!("id=\"{anchor}\"")), "#{anchor}");
        }
    }

    #[test]
    fn every_picture_of_the_guide_is_there() {
        let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desk/assets");
        let pictures: Vec<&str> = HTML.split("__assets__/").skip(1).collect();
        assert!(pictures.len() >= 4, "the guide shows what it speaks of");
        for picture in pictures {
            let (path, _) = picture.split_once('"').unwrap();
            assert!(assets.join(path).is_file(), "{path}");
        }
    }
}
