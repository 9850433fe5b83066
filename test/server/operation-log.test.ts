import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { Filter } from '../../src/ldap/filter.js';
import type { Request } from '../../src/ldap/request.js';
import { filterText, requestLines } from '../../src/server/operation-log.js';
import { message } from '../protocol/client-messages.js';
import { startServer, stopServers } from './fake-directory.js';
import { RawClient } from './raw-client.js';
import { abandon, bind, lookup, unbind } from './requests.js';

afterEach(stopServers);

const equality = (attribute: string, value = 'secret'): Filter => ({ kind: 'equality', attribute, value: Buffer.from(value) });

describe('log lines', () => {
  it("follow slapd's habit, from accepting a connection to its end", async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line) => lines.push((JSON.parse(line) as { msg: string }).msg) });
    const { port } = await startServer({ logger });
    const client = await RawClient.connect(port);
    client.send(bind(1), lookup(2), abandon(3, 9), unbind(4));
    await client.untilClosed();
    await expect.poll(() => lines.at(-1)).toContain('closed');
    const local = `IP=127.0.0.1:${port}`;
    const shown = lines.map((line) =>
      line
        .replace(/qtime=\d\.\d{6} etime=\d\.\d{6}/, 'qtime=T etime=T')
        .replace(/fd=\d+/, 'fd=N')
        .replace(/IP=127.0.0.1:(?!\d*\)).*? /, 'PEER '),
    );
    expect(shown).toEqual([
      `conn=1000 fd=N ACCEPT from PEER (${local})`,
      'conn=1000 op=0 BIND dn="cn=Manager" method=128',
      'conn=1000 op=0 BIND dn="cn=Manager" mech=SIMPLE bind_ssf=0 ssf=0',
      'conn=1000 op=0 RESULT tag=97 err=0 qtime=T etime=T text=',
      'conn=1000 op=1 SRCH base="o=hosting" scope=2 deref=0 filter="(mail=jd@d.example)"',
      'conn=1000 op=1 SRCH attr=mailbox',
      'conn=1000 op=1 SEARCH RESULT tag=101 err=0 qtime=T etime=T nentries=1 text=',
      'conn=1000 op=2 ABANDON msg=9',
      'conn=1000 op=3 UNBIND',
      'conn=1000 fd=N closed',
    ]);
  });

  it('never hold passwords, wherever they stand in a request', () => {
    const password = Buffer.from('hunter2');
    const requests: Request[] = [
      { op: 'bind', version: 3, name: Buffer.from('cn=x'), authentication: { method: 'simple', password } },
      {
        op: 'bind',
        version: 3,
        name: Buffer.from('cn=x'),
        authentication: { method: 'sasl', mechanism: 'PLAIN', credentials: password },
      },
      { op: 'compare', entry: Buffer.from('cn=x'), attribute: 'userPassword', value: password },
      { op: 'add', entry: Buffer.from('cn=x'), attributes: [{ type: 'userPassword', values: [password] }] },
      {
        op: 'modify',
        object: Buffer.from('cn=x'),
        changes: [{ operation: 'replace', attribute: { type: 'userPassword', values: [password] } }],
      },
      { op: 'extended', name: '1.3.6.1.4.1.4203.1.11.1', value: password },
    ];
    const text = requests.flatMap(requestLines).join('\n');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('MOD attr=userPassword');
  });

  it('hide what a filter asserts about a password, and only that', () => {
    const filter: Filter = {
      kind: 'and',
      filters: [
        equality('mail', 'jd'),
        { kind: 'not', filter: { kind: 'or', filters: [equality('USERPASSWORD;lang-en'), equality('2.5.4.35')] } },
        {
          kind: 'substrings',
          attribute: 'clearPassword',
          initial: Buffer.from('sec'),
          any: [Buffer.from('r')],
          final: undefined,
        },
        { kind: 'present', attribute: 'userPassword' },
      ],
    };
    expect(filterText(filter)).toBe(
      '(&(mail=jd)(!(|(USERPASSWORD;lang-en=<hidden>)(2.5.4.35=<hidden>)))(clearPassword=<hidden>*)(userPassword=*))',
    );
  });

  it('stay lines of a bounded length, whatever a client sends', () => {
    const [line] = requestLines({ op: 'delete', entry: Buffer.from('cn=a\nconn=1 op=1 BIND "x"\u001b[2J') });
    expect(line).toBe('DEL dn="cn=a\\0aconn=1 op=1 BIND \\22x\\22\\1b[2J"');
    const wide: Filter = { kind: 'or', filters: new Array<Filter>(10_000).fill(equality('mail')) };
    expect(filterText(wide).length).toBeLessThan(2_100);
    let deep: Filter = equality('mail');
    for (let level = 0; level < 1_000; level++) deep = { kind: 'not', filter: deep };
    expect(filterText(deep).startsWith('(!(!(')).toBe(true);
    const attributes = new Array<string>(10_000).fill('mail');
    const lines = requestLines({ ...(searchFor(attributes) as Extract<Request, { op: 'search' }>) });
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2_200);
  });

  it('are not made while nobody wants them', async () => {
    const lines: string[] = [];
    const { port } = await startServer({ logger: pino({ level: 'info' }, { write: (line) => lines.push(line) }) });
    const client = await RawClient.connect(port);
    client.send(lookup(1), message(2, { op: 'unbind' }));
    await client.untilClosed();
    expect(lines).toEqual([]);
  });
});

function searchFor(attributes: readonly string[]): Request {
  return {
    op: 'search',
    base: Buffer.alloc(0),
    scope: 'base',
    derefAliases: 0,
    sizeLimit: 0,
    timeLimit: 0,
    typesOnly: false,
    filter: equality('mail'),
    attributes,
  };
}
