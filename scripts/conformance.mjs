/**
 * `npm run conformance`: jammd and slapd side by side for as long as one likes, on random operations that a seed
 * repeats, or on the directed script.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { parseArgs } from 'node:util';

const help = `npm run conformance -- [options]

Sends the same operations to Debian's slapd and to jammd (built first: npm run build) and tells every difference.

  --seed N         the first random episode (default: taken from the clock, and printed)
  --ops N          about how many random operations to send (default 20000)
  --differences N  stop after so many differences (default 20)
  --directed       run the directed scripts as well
  --record         ask slapd again for the recorded answers of the scripts, and nothing else
  --slapd 2.6      against Debian 13's slapd (as root, with debootstrap): the directed scripts and settings, access rules,
                   response bytes, subschema, ldap-utils and random operations
  --servers LIST   slapd, jammd or both (default slapd,jammd); slapd alone plays against itself
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    ops: { type: 'string', default: '20000' },
    differences: { type: 'string', default: '20' },
    directed: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    servers: { type: 'string', default: 'slapd,jammd' },
    slapd: { type: 'string', default: '2.5' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(help);
  process.exit(0);
}

const seed = values.seed ?? String(Date.now() % 1_000_000_000);
const numbers = { '--seed': seed, '--ops': values.ops, '--differences': values.differences };
for (const [name, value] of Object.entries(numbers)) {
  if (!/^\d{1,9}$/.test(value)) {
    console.error(`${name}: ${value} is not a whole number below 1000000000`);
    process.exit(2);
  }
}

if (!['2.5', '2.6'].includes(values.slapd)) {
  console.error(`--slapd ${values.slapd}: 2.5 or 2.6`);
  process.exit(2);
}
if (values.record && values.slapd !== '2.5') {
  console.error('--record: the recorded answers are those of slapd 2.5');
  process.exit(2);
}
const wholeOf26 = ['directed', 'settings', 'access-matrix', 'response-bytes', 'subschema', 'ldap-utils'];

const files = values.record
  ? ['test/conformance/directed.test.ts', 'test/conformance/settings.test.ts']
  : [
      'test/conformance/random.test.ts',
      ...(values.slapd === '2.6' ? wholeOf26.map((name) => `test/conformance/${name}.test.ts`) : []),
      ...(values.directed && values.slapd === '2.5'
        ? ['test/conformance/directed.test.ts', 'test/conformance/settings.test.ts']
        : []),
    ];
if (!values.record) console.log(`seed ${seed}, ${values.ops} operations`);
const { status } = spawnSync('npx', ['vitest', 'run', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    JAMM_TEST_SERVERS: values.record ? 'slapd' : values.servers,
    JAMM_SLAPD: values.slapd,
    JAMM_CONFORMANCE_SEED: seed,
    JAMM_CONFORMANCE_OPS: values.ops,
    JAMM_CONFORMANCE_DIFFERENCES: values.differences,
    ...(values.record ? { JAMM_CONFORMANCE_RECORD: '1' } : {}),
  },
});
process.exit(status ?? 1);
