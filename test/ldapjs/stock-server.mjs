/**
 * A stock ldapjs 3 server in a process of its own. Its handlers are written as ldapjs's own guide suggests. It prints
 * `listening on PORT` once it is ready.
 */
import ldapjs from 'ldapjs';

const server = ldapjs.createServer();
server.on('error', () => undefined);

server.bind('', (request, response, next) => {
  if (request.credentials !== 'right') return next(new ldapjs.InvalidCredentialsError());
  response.end();
  return next();
});

server.exop('1.3.6.1.4.1.4203.1.11.3', (request, response, next) => {
  response.responseValue = request.connection.ldap.bindDN.toString();
  response.end();
  return next();
});

/** What handlers were given, as JSON in an entry's description. */
let seen = '';

server.modify('', (request, response, next) => {
  const values = request.changes.flatMap(({ modification }) => modification.buffers.map((value) => value.toString('hex')));
  seen = JSON.stringify({ dn: request.dn.toString(), values });
  response.end();
  return next();
});

server.search('', (request, response, next) => {
  const entry = { objectclass: ['account'], homeDirectory: '/home/x', description: seen };
  if (request.filter.toString().includes('quota')) {
    // What a handler has to evaluate filters with.
    if (request.filter.matches({ cn: 'x' })) response.send({ dn: 'cn=x,o=y', attributes: entry });
  } else {
    const filter = request.filter.clauses?.[0] ?? request.filter;
    const value = Buffer.from(String(filter.value ?? '')).toString('hex');
    seen ||= JSON.stringify({ base: request.dn.toString(), value });
    response.send({ dn: 'cn=x,o=y', attributes: { ...entry, description: seen } });
  }
  seen = '';
  response.end();
  return next();
});

server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
