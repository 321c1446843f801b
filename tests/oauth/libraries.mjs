// Takes tokens with the OAuth libraries of JavaScript, and reads a page with each. Every case prints one line; one that fails ends it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as openid from "openid-client";
import { ClientCredentials } from "simple-oauth2";

const facts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const LONG = "https://purl.imsglobal.org/spec/or/v1p1/scope/";
const NAMES = ["roster-core.readonly", "roster.readonly"];
const SCOPES = { none: null, short: NAMES, long: NAMES.map((name) => LONG + name) };

/** Takes a token by simple-oauth2. */
async function simpleOauth2(scope, way) {
  const { origin, pathname } = new URL(facts.token_url);
  const client = new ClientCredentials({
    client: { id: facts.client_id, secret: facts.client_secret },
    auth: { tokenHost: origin, tokenPath: pathname },
    options: { authorizationMethod: way },
  });
  const { token } = await client.getToken(scope ? { scope } : {});
  return token;
}

/** Takes a token by openid-client, which looks the endpoint up. */
async function openidClient(scope, way) {
  const authentication = way === "header" ? openid.ClientSecretBasic(facts.client_secret) : openid.ClientSecretPost(facts.client_secret);
  const issuer = new URL(facts.base_url).origin;
  const configuration = await openid.discovery(new URL(issuer), facts.client_id, undefined, authentication, { execute: [openid.allowInsecureRequests] });
  return openid.clientCredentialsGrant(configuration, scope ? { scope: scope.join(" ") } : {});
}

for (const [library, taken] of Object.entries({ "simple-oauth2": simpleOauth2, "openid-client": openidClient })) {
  for (const way of ["header", "body"]) {
    for (const [spelling, scope] of Object.entries(SCOPES)) {
      const token = await taken(scope, way);
      if (scope) assert.deepEqual(token.scope.split(" "), scope);
      const answer = await fetch(`${facts.base_url}/users?limit=5`, { headers: { authorization: `Bearer ${token.access_token}` } });
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).users.length, 5);
      console.log(`${library}: credentials in the ${way}, scopes ${spelling}: a page of 5 users`);
    }
  }
}
