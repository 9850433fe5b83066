/**
 * `npm run deb`: dist/jammd_VERSION_ARCH.deb, made by dpkg-deb of the built program, the packages it runs with, the
 * units, and what scripts/deb/reference.mjs makes of the program's own help.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ensureBuilt, ensureInstalled, root, runScript } from '../bootstrap.mjs';
import { bashCompletion, commandManual, configurationManual } from './reference.mjs';

const library = '/usr/lib/jammd';
const configuration = '/etc/jammd/jammd.conf';

/** The package's files before they are packed. */
class Stage {
  constructor(folder) {
    this.folder = folder;
  }

  write(path, text, mode = 0o644) {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  copy(from, path, filter = () => true) {
    cpSync(join(root, from), join(this.folder, path), { recursive: true, dereference: true, filter });
  }
}

function addProgram(stage) {
  for (const name of ['bin', 'schema', 'data', 'dist/program', 'package.json', 'packaging/wait-until-ready']) {
    stage.copy(name, join(library, name));
  }
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const packages = listed
    .split('\n')
    .map((path) => relative(root, path))
    .filter((path) => path.startsWith('node_modules/'));
  for (const path of packages) {
    // Other systems' binaries, and what only builds them.
    stage.copy(
      path,
      join(library, path),
      (file) => !/\/prebuilds\/(?!linux-)|\/deps\/|\/binding\.gyp$|\.map$|\.d\.ts$/.test(file),
    );
  }
  mkdirSync(join(stage.folder, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/jammd/bin/jammd', join(stage.folder, 'usr/bin/jammd'));
}

function addUnits(stage) {
  for (const name of ['jammd.service', 'jammd.socket']) {
    const text = readFileSync(join(root, 'packaging', name), 'utf8')
      .replace(/^#.*Install: cp .*\n/m, '')
      .replaceAll('/opt/jammd/bin/jammd', '/usr/bin/jammd')
      .replaceAll('/opt/jammd/docs/', '/usr/share/doc/jammd/')
      .replaceAll('/opt/jammd', library)
      .replaceAll('/var/lib/jammd/slapd.conf', configuration)
      .replace('StateDirectoryMode=0700\n', 'StateDirectoryMode=0700\nLogsDirectory=jammd\nLogsDirectoryMode=0750\n');
    stage.write(`/usr/lib/systemd/system/${name}`, text);
  }
  stage.copy('packaging/debian/logrotate', '/etc/logrotate.d/jammd');
  stage.copy('packaging/debian/fail2ban-filter.conf', '/etc/fail2ban/filter.d/jammd.conf');
}

async function addConfiguration(stage, version) {
  const { defaultConfigText } = await import(join(root, 'dist/config/default.js'));
  const { makeProgram } = await import(join(root, 'dist/main.js'));
  const { globalDirectives } = await import(join(root, 'dist/config/global-directives.js'));
  const { databaseDirectives } = await import(join(root, 'dist/config/database-directives.js'));
  const text = defaultConfigText({ directory: '/var/lib/jammd/data' }).replace(
    /^(#[^\n]*\n)+/,
    '# jammd.conf(5) and slapd.conf(5) say what may stand here.\n',
  );
  stage.write(configuration, text, 0o640);
  const program = await makeProgram(undefined);
  const manual = { globalNames: globalDirectives.keys(), databaseNames: databaseDirectives.keys(), text, version };
  stage.write('/usr/share/man/man8/jammd.8.gz', gzipSync(commandManual(program, version)));
  stage.write('/usr/share/man/man5/jammd.conf.5.gz', gzipSync(configurationManual(manual)));
  stage.write('/usr/share/bash-completion/completions/jammd', bashCompletion(program));
  stage.copy('docs', '/usr/share/doc/jammd', (file) => !file.includes('/images'));
  stage.copy('data/base.ldif', '/usr/share/doc/jammd/base.ldif');
  stage.copy('packaging/grafana-dashboard.json', '/usr/share/doc/jammd/grafana-dashboard.json');
  stage.copy('LICENSE', '/usr/share/doc/jammd/copyright');
}

function addControl(stage, version) {
  const control = `Package: jammd
Version: ${version}
Architecture: ${architecture()}
Maintainer: jammd <root@localhost>
Installed-Size: ${Math.ceil(bytesIn(stage.folder) / 1024)}
Depends: nodejs (>= 20.19), adduser
Suggests: fail2ban, logrotate, ldap-utils
Section: net
Priority: optional
Description: LDAP directory server for mail hosting
 Takes OpenLDAP's place in the set-up of the Virtual Mailserver HOWTO: Postfix,
 Exim, Dovecot and Courier look domains, aliases and mailboxes up in it and log
 users in against it.
`;
  stage.write('/DEBIAN/control', control);
  const files = ['/etc/jammd/jammd.conf', '/etc/logrotate.d/jammd', '/etc/fail2ban/filter.d/jammd.conf'];
  stage.write('/DEBIAN/conffiles', `${files.join('\n')}\n`);
  for (const name of ['postinst', 'prerm', 'postrm']) {
    stage.write(`/DEBIAN/${name}`, readFileSync(join(root, 'packaging/debian', name)), 0o755);
  }
}

function architecture() {
  return execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
}

function bytesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

await runScript('deb', async () => {
  ensureInstalled({ dev: true });
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'jammd-deb-'));
  try {
    chmodSync(folder, 0o755);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const stage = new Stage(folder);
    addProgram(stage);
    addUnits(stage);
    await addConfiguration(stage, version);
    addControl(stage, version);
    const file = join(root, 'dist', `jammd_${version}_${architecture()}.deb`);
    // Two may be made at once, by tests: each is whole when it gets its name.
    const unfinished = `${file}.${process.pid}`;
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', folder, unfinished], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(unfinished, file);
    console.log(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
});
