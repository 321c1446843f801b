//! The document as a page for people. What stands in it is for reading, without a script; its script puts Swagger UI over the
//! same document in its place, by which the operations are tried.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

const STYLE: &str = include_str!("page.css");

/// Stands in the rendered page for what allows its scripts and styles, which differs in each answer.
const NONCE: &str = "{nonce}";

/// The files of the page, as [`super::Documents::file`] serves them.
const STYLE_SHEETS: [&str; 2] = ["swagger-ui-5.35.0.css", "docs.css"];
const SCRIPTS: [&str; 2] = ["swagger-ui-5.35.0.js", "docs.js"];

/// Returns a page and the policy under which it is shown: its own scripts and styles, and requests to this server only. Swagger UI
/// draws its arrows by images within its style sheet.
pub(super) fn with_nonce(page: &str) -> (String, String) {
    let nonce = STANDARD.encode(rand::random::<[u8; 18]>());
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    (page.replace(NONCE, &nonce), policy)
}

/// Returns the page, for [`with_nonce`]. Its files are below `base_path`, the path of the base address.
pub(super) fn html(document: &Value, base_path: &str) -> String {
    let mut page = HtmlPage(String::new());
    let address = text(&document["servers"][0]["url"]);
    let (title, version) = (
        text(&document["info"]["title"]),
        text(&document["info"]["version"]),
    );
    page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    page.element("title", title);
    page.raw("<style nonce=\"")
        .raw(NONCE)
        .raw("\">")
        .raw(STYLE)
        .raw("</style>");
    for name in STYLE_SHEETS {
        page.file("<link rel=\"stylesheet\" href=\"", base_path, name)
            .raw(">");
    }
    page.raw("</head><body><main id=\"reading\">");
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
    page.raw("</main><div id=\"trying\" data-base-path=\"")
        .text(base_path)
        .raw("\" hidden></div>");
    for name in SCRIPTS {
        page.file("<script src=\"", base_path, name).raw("></script>");
    }
    page.raw("</body></html>");
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

    /// Begins an element that loads a file of the page.
    fn file(&mut self, element: &str, base_path: &str, name: &str) -> &mut Self {
        self.raw(element)
            .text(base_path)
            .raw("/docs/assets/")
            .raw(name)
            .raw("\" nonce=\"")
            .raw(NONCE)
            .raw("\"")
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
