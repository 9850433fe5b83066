/**
 * `npm start`: a directory to try, with nothing to set up. Installs and compiles what is missing; the first run makes
 * the private folder var/ with the HOWTO's tree and the sample in it, and tells the Manager's password once; later
 * runs start what is there.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root, runScript, ScriptError } from './bootstrap.mjs';

const suffix = 'dc=myhosting,dc=example';
const sampleAccount = `mail=ada@orchard.example,jvd=orchard.example,o=hosting,${suffix}`;

const help = `Usage: npm start [-- options]

Starts jammd on this machine's loopback address with a sample directory, and the web pages beside it.

Options:
  --port <number>        the port to listen on (default: 3890)
  --password <password>  the Manager's password, for the first run; the environment variable
                         JAMMD_MANAGER_PASSWORD does the same. Without either one is generated.
  --web-port <number>    the port of the web pages (default: 8389); 0: no web pages
  --data <folder>        where everything is kept (default: var)
  --help                 print this help
`;

await runScript('start', async () => {
  const options = readOptions();
  if (options.help) {
    console.log(help);
    return 0;
  }
  ensureInstalled({ dev: false });
  ensureBuilt();
  const url = `ldap://127.0.0.1:${options.port}/`;
  await requirePort(options.port);
  const folder = resolve(root, options.data);
  const configuration = join(folder, 'slapd.conf');
  const { initialize, isInitialized } = await import('../dist/commands/init.js');
  if (isInitialized(folder)) {
    if (options.password !== undefined) {
      throw new ScriptError(
        `${show(folder)} exists and has its Manager's password already. To change it, put what bin/jammd passwd ` +
          `prints after rootpw in ${show(configuration)}.`,
      );
    }
  } else {
    await firstRun(initialize, folder, options, url);
  }
  const web = await serveWeb(options.webPort, url);
  try {
    const { run } = await import('../dist/main.js');
    return await run(['serve', '-f', configuration, '-h', url]);
  } finally {
    await web?.close();
  }
});

/** Before anything is made, and a password told for a server that then does not start. */
async function requirePort(port) {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
  } catch (error) {
    const reason = error.code === 'EADDRINUSE' ? 'another program (an earlier npm start?) listens there' : error.message;
    throw new ScriptError(`port ${port} cannot be used: ${reason}. --port takes another: npm start -- --port 3891`);
  } finally {
    probe.close();
  }
}

/** The web pages are a convenience here: without their port the directory starts all the same. */
async function serveWeb(port, ldapUrl) {
  if (port === 0) return undefined;
  const { startWeb } = await import('../dist/web/start.js');
  try {
    const web = await startWeb({ ldapUrl, listen: `127.0.0.1:${port}` });
    console.log(`web pages on ${web.url} (log in as root with the Manager's password, or as a mail address)`);
    return web;
  } catch (error) {
    console.error(`No web pages: ${error.message}. --web-port takes another port.`);
    return undefined;
  }
}

async function firstRun(initialize, folder, options, url) {
  const given = options.password ?? process.env.JAMMD_MANAGER_PASSWORD;
  const { managerDN, password } = await initialize({
    folder,
    suffix,
    password: given,
    ldif: [join(root, 'data', 'base.ldif'), join(root, 'data', 'sample.ldif')],
    onResume: () => console.log(`An earlier first run in ${show(folder)} was interrupted; starting over.`),
  });
  console.log(`Created ${show(folder)} with the tree of data/base.ldif and data/sample.ldif.`);
  console.log(`
  URL       ${url}
  Manager   ${managerDN}
  Password  ${given === undefined ? `${password}    (shown only once; jammd keeps only its hash)` : '(as given)'}

Try, in another terminal:

  ldapsearch -x -H ${url} -b o=hosting,${suffix} '(mail=ada@orchard.example)'
  ldapwhoami -x -H ${url} -D ${sampleAccount} -w sample-ada
  ldapsearch -x -H ${url} -D ${managerDN} -W -b o=hosting,${suffix} '(objectClass=JammVirtualDomain)' userPassword jvd
  bin/jammd domain list -H ${url}    (asks for the Manager's password; see bin/jammd --help)
`);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: 'string', default: '3890' },
        'web-port': { type: 'string', default: '8389' },
        password: { type: 'string' },
        data: { type: 'string', default: 'var' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new ScriptError(`${error.message}\n\n${help}`);
  }
  const port = readPort('--port', values.port, 1);
  const webPort = readPort('--web-port', values['web-port'], 0);
  if (values.password === '') throw new ScriptError('--password: the password is empty');
  return { ...values, port, webPort };
}

function readPort(option, text, least) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < least || port > 65_535) throw new ScriptError(`${option} ${text}: no port number`);
  return port;
}

function show(path) {
  const short = relative(root, path);
  return short.startsWith('..') ? path : short;
}
