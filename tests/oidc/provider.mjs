// An OpenID Connect provider for the tests: `node provider.mjs REDIRECT_URI`. It prints its address once it listens, and ends
// when its standard input does. Whoever comes is signed in as who their login_hint or the only account says.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);
const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const account = {
  accountId: 'account-of-jan',
  claims: () => ({
    sub: 'account-of-jan',
    name: 'Jan Peeters',
    email: 'jan@school.example',
    roles: ['100001:iLeerlingen:Alles_schrijven'],
  }),
};

const provider = new Provider(issuer, {
  clients: [{ client_id: 'desk', client_secret: 'secret-of-desk', redirect_uris: [redirectUri] }],
  claims: { openid: ['sub', 'roles'], profile: ['name'], email: ['email'] },
  // The claims stand in the token itself, as Entra does it.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['key of the tests'] },
  ttl: { Interaction: 60, Session: 60, Grant: 60, AuthorizationCode: 60, AccessToken: 60, IdToken: 60 },
  features: { devInteractions: { enabled: false } },
  findAccount: () => account,
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});
// Signing in and consenting happen at once, as for somebody whom the provider knows already.
const callback = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return callback(request, response);
  try {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: account.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const grantId = await grant.save();
    const result = { login: { accountId: account.accountId }, consent: { grantId } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(issuer);
