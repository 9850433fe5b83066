/** Starts, loads and stops the two servers that are compared, each in a private folder and on a private port. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { hosting, manager, suffix } from './tree.mjs';

const root = join(import.meta.dirname, '../..');

/** The HOWTO's policy and indexes; `maxsize` is back-mdb's map, and sizelimit lets full reads be full. */
const configuration = (folder, { syncprov = false, cluster }) => `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include ${root}/schema/jamm.schema
modulepath /usr/lib/ldap
moduleload back_mdb
${syncprov ? 'moduleload syncprov\n' : ''}pidfile ${folder}/slapd.pid
sizelimit unlimited
database mdb
maxsize 17179869184
directory ${folder}/data
suffix "${suffix}"
rootdn "${manager.dn}"
rootpw ${manager.password}
index objectClass pres,eq
index mail,cn eq,sub
access to dn.regex=".*,jvd=([^,]+),${hosting}" attrs=userPassword
  by self write
  by group/JammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,${hosting}" write
  by anonymous auth
  by * none
access to dn.regex=".*jvd=([^,]+),${hosting}"
  by self write
  by group/JammPostmaster/roleOccupant.expand="cn=postmaster,jvd=$1,${hosting}" write
  by * read
access to * by * read
${cluster === undefined ? '' : `cluster ${cluster}\n`}${syncprov ? 'overlay syncprov\n' : ''}`;

const programs = {
  slapd: {
    serve: (config, url) => ['/usr/sbin/slapd', '-f', config, '-h', url, '-d', '0'],
    load: (config, ldif) => ['/usr/sbin/slapadd', '-q', '-f', config, '-l', ldif],
    export: (config, ldif) => ['/usr/sbin/slapcat', '-f', config, '-l', ldif],
  },
  jammd: {
    serve: (config, url, jammd) => [process.execPath, jammd, 'serve', '-f', config, '-h', url],
    load: (config, ldif, jammd) => [process.execPath, jammd, 'import', '-q', '-f', config, '-l', ldif],
    export: (config, ldif, jammd) => [process.execPath, jammd, 'export', '-f', config, '-l', ldif],
  },
};

export class Server {
  #process;

  #jammd;

  /** `checkout`: where jammd is run from; its own by itself. */
  constructor(kind, folder, port, checkout = root) {
    this.kind = kind;
    this.#jammd = join(checkout, 'bin/jammd');
    this.port = port;
    this.folder = join(folder, kind);
    this.config = join(this.folder, 'slapd.conf');
    mkdirSync(join(this.folder, 'data'), { recursive: true });
    this.configure({});
  }

  /** Takes effect at the next start. `syncprov`: replicas may follow. `cluster`: the words of that line. */
  configure(options) {
    writeFileSync(this.config, configuration(this.folder, options));
  }

  get url() {
    return `ldap://127.0.0.1:${this.port}/`;
  }

  /** Loads the tree into an empty database, in place of what there was; returns seconds. */
  load(ldif) {
    const data = join(this.folder, 'data');
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data);
    return this.#timed('load', ldif);
  }

  /** Writes the database as LDIF while the server is down; returns seconds. */
  export(ldif) {
    return this.#timed('export', ldif);
  }

  /** Starts it and returns the seconds until its first answer. */
  async start() {
    const [program, ...args] = programs[this.kind].serve(this.config, this.url, this.#jammd);
    const log = openSync(join(this.folder, 'log'), 'a');
    const started = performance.now();
    this.#process = spawn(program, args, { stdio: ['ignore', log, log] });
    for (let attempt = 0; attempt < 10_000; attempt++) {
      if (this.#process.exitCode !== null)
        throw new Error(`${this.kind} ended at once: ${readFileSync(join(this.folder, 'log'), 'utf8')}`);
      if (await answers(this.port)) return (performance.now() - started) / 1000;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`${this.kind} did not start`);
  }

  /** A figure of /proc/PID/status, in MB. */
  memory(figure) {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(new RegExp(`${figure}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  }

  cpuSeconds() {
    return cpuSecondsOf(this.#process.pid);
  }

  async stop() {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  /** Runs one of jammd's commands while it is down. */
  command(...words) {
    const { status, stderr } = spawnSync(process.execPath, [this.#jammd, ...words, '-f', this.config], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`jammd ${words.join(' ')} exited ${status}: ${stderr}`);
  }

  signal(name) {
    this.#process.kill(name);
  }

  /** Synchronously, for the end of a run that failed. */
  kill() {
    this.#process?.kill('SIGKILL');
  }

  #timed(work, ldif) {
    const [program, ...args] = programs[this.kind][work](this.config, ldif, this.#jammd);
    const started = performance.now();
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) throw new Error(`${this.kind} ${work} exited ${status}: ${stderr}`);
    return (performance.now() - started) / 1000;
  }
}

/** CPU time so far of a process, all its threads together. Linux counts in hundredths of a second. */
export function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) / 100, system: Number(fields[12]) / 100 };
}

/** Whether the root DSE is answered: a started listener alone is not yet a directory. */
function answers(port) {
  const rootDse = Buffer.from('3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000', 'hex');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(rootDse));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
