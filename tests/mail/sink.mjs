// A mail server for the tests of alarms, with TLS and signing in: `node sink.mjs MODE FOLDER [REFUSALS]`. MODE is `implicit` (TLS from the first byte),
// `starttls`, or `plain` (STARTTLS is not offered); FOLDER has oneroster.crt and oneroster.key. It prints its port once it listens, then a line of JSON
// for each mail taken or refused, and ends when its standard input does. The first REFUSALS recipients are to come back later.
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [mode, folder, refusals] = process.argv.slice(2);
let left = Number(refusals ?? 0);
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const server = new SMTPServer({
  secure: mode === 'implicit',
  hideSTARTTLS: mode === 'plain',
  disabledCommands: mode === 'plain' ? ['STARTTLS'] : [],
  allowInsecureAuth: mode === 'plain',
  key: readFileSync(`${folder}/oneroster.key`),
  cert: readFileSync(`${folder}/oneroster.crt`),
  minVersion: 'TLSv1.2',
  onAuth({ username, password }, _session, callback) {
    if (username === 'oneroster' && password === 'a password of the tests') return callback(null, { user: username });
    callback(new Error('wrong user or password'));
  },
  onRcptTo({ address }, _session, callback) {
    if (left > 0) {
      left -= 1;
      say({ refused: address });
      return callback(Object.assign(new Error('come back later'), { responseCode: 451 }));
    }
    callback();
  },
  onData(stream, session, callback) {
    let mail = '';
    stream.setEncoding('utf8');
    stream.on('data', (part) => (mail += part));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      say({ taken: mail, to, user: session.user, secure: session.secure });
      callback();
    });
  },
});
// Whoever does not trust the certificate hangs up.
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
