/**
 * The whole directed script of the conformance tests, through a mount and through jammd's own server: whatever stock
 * ldapjs does to messages, clients get the same codes, names, entries and values.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer, openDirectory, ResultCode, type Directory, type OpenOptions } from '../../src/index.js';
import { Contestant, describeStep } from '../conformance/contestant.js';
import { groups } from '../conformance/directed/index.js';
import type { Outcome } from '../conformance/outcome.js';
import { accessRules, manager, suffix } from '../support/howto.js';
import { wholeTreeLdif } from '../support/hosting-tree.js';
import { mountHosting, type Mounted } from './support.js';

const second = 'dc=second,dc=example';

const open: OpenOptions = {
  memory: true,
  configText: `include core.schema
include cosine.schema
include nis.schema
include inetorgperson.schema
include jamm.schema
database mdb
directory unused
suffix "${suffix}"
rootdn "${manager}"
rootpw {SSHA}ra0sD47QP32ASAlaAhF8kgi+8Aflbgr7
index objectClass pres,eq
index mail,cn eq,sub
${accessRules}
database mdb
directory unused-too
suffix "${second}"
rootdn "${manager}"
access to * by * read
`,
};

const secondLdif = `dn: ${second}\nobjectClass: domain\ndc: second\n\ndn: ou=there,${second}\nobjectClass: organizationalUnit\nou: there\n`;

let mounted: Mounted;
let own: Directory;
const contestants: Contestant[] = [];

beforeAll(async () => {
  mounted = await mountHosting({ open });
  await mounted.directory.importLdif(secondLdif, { suffix: second });
  own = await openDirectory(open);
  await own.importLdif(wholeTreeLdif);
  await own.importLdif(secondLdif, { suffix: second });
  const [url] = await createServer(own).listen('ldap://127.0.0.1:0/');
  contestants.push(new Contestant(mounted.port), new Contestant(Number(new URL(url!).port)));
});

afterAll(async () => {
  for (const contestant of contestants) contestant.close();
  await mounted.close();
  await own.close();
});

describe.each(Object.entries(groups))('%s', (_, steps) => {
  test.each(steps.map((step, index) => [index, describeStep(step), step] as const))('%i: %s', async (_index, _text, step) => {
    const [fromMount, fromOwn] = (await Promise.all(contestants.map((contestant) => contestant.answer(step)))) as [
      Outcome,
      Outcome,
    ];
    expect(fromMount).toEqual(fromOwn);
  });
});

test('only what is no LDAP at all has ended a connection', () => {
  expect(mounted.errors.map(({ code, cause }) => [code, (cause as Error).name])).toEqual(
    mounted.errors.map(() => [ResultCode.protocolError, 'ProtocolError']),
  );
});
