// The page with which the operations are tried: Swagger UI over the document of this server. Without this script the page for reading stays.
// The id and secret that somebody types go to this server's token endpoint and stay in the page's memory: nothing is stored, nothing is in the address.

const HELP =
  "To try an operation, choose *Authorize* and type a client id and its secret. They are sent to the token endpoint of this server only, and forgotten with the page. " +
  "The token is taken then: choose *Logout* and *Authorize* again to read a newer state. An empty field is left out.";

const place = document.getElementById("trying");
const base = location.origin + place.dataset.basePath;

/** Returns a word as a shell takes it. */
const quoted = (word) => `'${String(word).replaceAll("'", "'\\''")}'`;

/** Returns a request as a line for HTTPie. */
function httpie(request) {
  const address = new URL(request.get("url"));
  const sent = [...(request.get("headers") ?? [])].filter(([name]) => !/^(accept|content-type|x-requested-with)$/i.test(name));
  const form = request.get("method") === "GET" ? [] : ["--form", request.get("method")];
  const query = [...address.searchParams].map(([name, value]) => quoted(`${name}==${value}`));
  const headers = sent.map(([name, value]) => quoted(`${name}:${value}`));
  const body = [...new URLSearchParams(typeof request.get("body") === "string" ? request.get("body") : "")].map(([name, value]) => quoted(`${name}=${value}`));
  return ["http", ...form, quoted(address.origin + address.pathname), ...query, ...headers, ...body].join(" ");
}

/** Takes out of the document what would fill a field that nobody filled, and points it at where this page came from. */
function prepared(spec) {
  spec.servers = [{ url: base }];
  spec.info.description = `${spec.info.description}\n\n${HELP}`;
  spec.components.securitySchemes.token.flows.clientCredentials.tokenUrl = `${base}/connect/token`;
  // One place to type a secret: the token endpoint's own form takes one too.
  delete spec.components.securitySchemes.client;
  spec.paths["/connect/token"].post.security = [];
  for (const item of Object.values(spec.paths)) {
    for (const { parameters = [] } of Object.values(item)) {
      for (const parameter of parameters) {
        delete parameter.examples;
        delete parameter.schema.default;
      }
    }
  }
  return spec;
}

/** Names what Swagger UI leaves without a name for those who do not see it, and lets the keyboard reach what scrolls. */
function name() {
  for (const button of place.querySelectorAll(".close-modal:not([aria-label])")) button.setAttribute("aria-label", "Close");
  for (const button of place.querySelectorAll(".authorize[aria-label]")) button.removeAttribute("aria-label");
  for (const select of place.querySelectorAll("select:not([aria-label])")) select.setAttribute("aria-label", select.closest("[data-param-name]")?.dataset.paramName ?? "Media type");
  for (const text of place.querySelectorAll("pre:not([tabindex])")) text.tabIndex = 0;
  for (const tab of place.querySelectorAll(".curl-command div.btn:not([role])")) {
    tab.setAttribute("role", "button");
    tab.tabIndex = 0;
    tab.addEventListener("keydown", (event) => event.key === "Enter" && tab.click());
  }
}

async function show() {
  const answer = await fetch(`${base}/openapi.json`);
  if (!answer.ok) return;
  const spec = prepared(await answer.json());
  place.hidden = false;
  new MutationObserver(name).observe(place, { childList: true, subtree: true });
  SwaggerUIBundle({
    spec,
    domNode: place,
    layout: "BaseLayout",
    deepLinking: false,
    persistAuthorization: false,
    tryItOutEnabled: true,
    validatorUrl: null,
    defaultModelsExpandDepth: 0,
    // Colouring a page of ten thousand objects takes the browser many seconds.
    syntaxHighlight: { activated: false },
    // No cookie of the desk goes along, and the browser asks for no password of its own when the token endpoint refuses one.
    requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
    requestSnippetsEnabled: true,
    requestSnippets: { generators: { curl_bash: { title: "curl", syntax: "bash" }, httpie: { title: "HTTPie", syntax: "bash" } } },
    plugins: [() => ({ fn: { requestSnippetGenerator_httpie: httpie } })],
    onComplete: () => document.getElementById("reading").remove(),
  });
}

// Whoever has no connection keeps the page for reading.
show().catch(() => (place.hidden = true));
