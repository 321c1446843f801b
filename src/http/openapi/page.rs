//! The document as a page for people: no script, one style sheet inside, nothing loaded from anywhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");

/// Returns the policy under which the page is shown: its own style sheet and nothing else.
pub(super) fn content_security_policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// Returns the page.
pub(super) fn html(document: &Value) -> String {
    let mut page = HtmlPage(String::new());
    let address = text(&document["servers"][0]["url"]);
    let (title, version) = (
        text(&document["info"]["title"]),
        text(&document["info"]["version"]),
    );
    page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    page.element("title", title);
    page.raw("<style>").raw(STYLE).raw("</style></head><body><main>");
    page.element("h1", &format!("{title}, version {version}"));
    page.element("p", text(&document["info"]["description"]));
    page.raw("<p>For programs: ")
        .link(&format!("{address}/openapi.json"), "openapi.json")
        .raw(". Address: <code>");
    page.text(address).raw("</code></p>");
    for tag in items(&document["tags"]) {
        page.tag(document, tag);
    }
    page.raw("<h2>Schemas</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        page.schema(name, schema);
    }
    page.raw("</main></body></html>");
    page.0
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// HTML under construction.
struct HtmlPage(String);

impl HtmlPage {
    fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
        self
    }

    fn element(&mut self, name: &str, content: &str) -> &mut Self {
        self.raw("<")
            .raw(name)
            .raw(">")
            .text(content)
            .raw("</")
            .raw(name)
            .raw(">")
    }

    fn link(&mut self, address: &str, label: &str) -> &mut Self {
        self.raw("<a href=\"")
            .text(address)
            .raw("\">")
            .text(label)
            .raw("</a>")
    }

    fn tag(&mut self, document: &Value, tag: &Value) {
        let name = text(&tag["name"]);
        self.element("h2", name).element("p", text(&tag["description"]));
        for (path, methods) in members(&document["paths"]) {
            for (method, operation) in members(methods) {
                if items(&operation["tags"]).any(|of| of == name) {
                    self.operation(document, method, path, operation);
                }
            }
        }
    }

    fn operation(&mut self, document: &Value, method: &str, path: &str, operation: &Value) {
        let id = text(&operation["operationId"]);
        self.raw("<details id=\"")
            .text(id)
            .raw("\"><summary><b>")
            .text(&method.to_uppercase())
            .raw("</b> ");
        self.element("code", path)
            .raw(" ")
            .text(text(&operation["summary"]))
            .raw("</summary>");
        self.element("p", text(&operation["description"]));
        let scopes: Vec<&str> = items(&operation["security"])
            .flat_map(|way| items(&way["token"]))
            .map(text)
            .collect();
        if !scopes.is_empty() {
            self.element(
                "p",
                &format!("Any one of these scopes opens it: {}", scopes.join(" ")),
            );
        }
        if operation["parameters"].is_array() {
            self.raw("<table><tr><th>parameter</th><th>in</th><th>takes</th><th></th></tr>");
            for parameter in items(&operation["parameters"]) {
                self.raw("<tr><td>").element("code", text(&parameter["name"]));
                self.raw("</td>").element("td", text(&parameter["in"]));
                self.raw("<td>").form(&parameter["schema"]);
                self.raw("</td>")
                    .element("td", text(&parameter["description"]))
                    .raw("</tr>");
            }
            self.raw("</table>");
        }
        for (media_type, content) in members(&operation["requestBody"]["content"]) {
            self.element("p", &format!("Body: {media_type}"))
                .properties(&content["schema"]);
        }
        self.raw("<table><tr><th>status</th><th>when</th><th>headers</th><th>body</th></tr>");
        for (status, response) in members(&operation["responses"]) {
            self.response(status, resolved(document, response));
        }
        self.raw("</table></details>");
    }

    fn response(&mut self, status: &str, response: &Value) {
        let headers: Vec<&str> = members(&response["headers"])
            .map(|(name, _)| name.as_str())
            .collect();
        self.raw("<tr>")
            .element("td", status)
            .element("td", text(&response["description"]));
        self.element("td", &headers.join(", ")).raw("<td>");
        for (media_type, content) in members(&response["content"]) {
            self.element("code", media_type).raw(" ");
            if content["schema"]["$ref"].is_string() {
                self.form(&content["schema"]);
            } else {
                self.properties(&content["schema"]);
            }
        }
        self.raw("</td></tr>");
    }

    fn schema(&mut self, name: &str, schema: &Value) {
        self.raw("<section id=\"")
            .text(name)
            .raw("\">")
            .element("h3", name);
        self.element("p", text(&schema["description"]));
        if schema["properties"].is_object() {
            self.properties(schema);
        } else {
            self.raw("<p>").form(schema).raw("</p>");
        }
        self.raw("</section>");
    }

    fn properties(&mut self, schema: &Value) {
        if !schema["properties"].is_object() {
            return;
        }
        self.raw("<table><tr><th>member</th><th></th><th>holds</th><th></th></tr>");
        for (name, member) in members(&schema["properties"]) {
            let is_required = items(&schema["required"]).any(|required| required == name);
            self.raw("<tr><td>").element("code", name).raw("</td>");
            self.element("td", if is_required { "always" } else { "" })
                .raw("<td>")
                .form(member);
            self.raw("</td>")
                .element("td", text(&member["description"]))
                .raw("</tr>");
        }
        self.raw("</table>");
    }

    /// In a few words what a schema admits.
    fn form(&mut self, schema: &Value) -> &mut Self {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self.link(&format!("#{name}"), name);
        }
        match &schema["type"] {
            Value::String(word) => self.text(word).raw(" "),
            Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => self,
        };
        if schema["items"].is_object() {
            self.raw("of ").form(&schema["items"]);
        }
        for (at, option) in items(&schema["anyOf"]).enumerate() {
            self.raw(if at == 0 { "" } else { " or " });
            self.form(option);
        }
        let words: Vec<String> = items(&schema["enum"])
            .chain(schema.get("const"))
            .map(Value::to_string)
            .collect();
        self.text(&words.join(", "));
        for (name, value) in members(schema) {
            if [
                "format",
                "minimum",
                "maximum",
                "default",
                "minLength",
                "maxLength",
                "maxItems",
            ]
            .contains(&name.as_str())
            {
                self.raw(" ").text(&format!("{name} {value}"));
            }
        }
        self
    }
}

/// Follows a reference within the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let path = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| document.pointer(path)).unwrap_or(value)
}
