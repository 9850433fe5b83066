/** How a DN may be written and how it is printed again. */
import { suffix } from '../../support/howto.js';
import type { Step } from '../contestant.js';
import { add, compare, modify, person, read, remove, search, unit } from './steps.js';

const ou = `ou=names,${suffix}`;

/** Written as an entry's RDN; each is added, read, and shows how it is printed. */
const rdns = [
  'cn=plain', 'cn=  lead and trail  ', 'cn=two  blanks', 'cn=\\ edge\\ ', 'cn=\\20edge2\\20', 'cn=com\\,ma', 'cn=com\\2cma2', 'cn=plus\\+', 'cn=equals=in', 'cn=equals\\=in2',
  'cn=semi\\;', 'cn=less\\<', 'cn=more\\>', 'cn=quote\\"', 'cn="quoted, value"', 'cn="with \\" quote"', 'cn=back\\\\slash', 'cn=\\#hash', 'cn=in#side',
  'cn=#0403616263', 'cn=#0c03616264', 'cn=#04', 'cn=#zz', 'cn=Größe', 'cn=Gr\\c3\\b6ße2', 'cn=\\e2\\82\\ac', 'cn=\\ff', 'cn=\\00nul', 'cn=a\\0ab', 'cn=new\\0d\\0aline',
  'CN=Upper', '2.5.4.3=oid', 'oid.2.5.4.3=oid2', 'commonName=alias', 'cn=b+sn=Surname', 'sn=Surname+cn=a', 'cn=x+cn=y', 'cn=x+sn=Surname+uid=u', ' cn = blanks ',
  'cn=\\', 'cn=\\4', 'cn=+', 'cn', 'cn=a b;', 'cn=a,', ',cn=a', 'cn=', 'cn=tab\there', 'cn=x\\zz', 'c-n=x', '1cn=x', 'cn;lang-en=x', 'cn="unclosed', 'cn="closed" x', 'uid=u ', 'cn=*', 'cn=(paren)',
];

export const nameSteps: readonly Step[] = [
  add(ou, unit()),
  ...rdns.flatMap((rdn) => [
    add(`${rdn},${ou}`, person(/^\s*(cn|commonname|2\.5\.4\.3|sn=)/i.test(rdn) ? {} : { cn: ['Filler'] }), rdn.includes('#') || rdn.includes('oid.') ? { either: [0, 34] } : {}),
    search(`${rdn},${ou}`, '(objectClass=*)', { attributes: ['cn', 'entryDN'] }),
  ]),
  search(ou, '(objectClass=*)', { scope: 'sub', attributes: ['cn', 'sn', 'uid'] }),
  read(`CN=PLAIN;${ou.replaceAll(',', ' ; ')}`, ['1.1']),
  read(`cn=Plain , ou = names ,${suffix}`, ['1.1']),
  read(`cn="plain",${ou}`, ['1.1']),
  read(`cn=\\70lain,${ou}`, ['1.1']),
  read(`cn=COM\\2CMA,${ou}`, ['1.1']),
  read(`cn="com,ma",${ou}`, ['1.1']),
  read(`cn=lead and  trail,${ou}`, ['1.1']),
  read(`cn=GRÖSSE,${ou}`, ['1.1']),
  read(`cn=GRÖßE,${ou}`, ['1.1']),
  read(`sn=surname+cn=B,${ou}`, ['1.1']),
  read(`cn=B+sn=surname,${ou}`, ['1.1']),
  read(`cn=B,${ou}`, ['1.1']),
  compare(`cn=plain,${ou}`, 'entryDN', `CN=Plain,${ou}`, { either: [6] }),
  modify(`cn=plain,${ou}`, [['add', 'seeAlso', 'CN=a\\,b + SN=c , DC=X', 'cn="q,r",dc=x', 'cn=\\41,dc=x', '', 'dc=x;dc=y']]),
  modify(`cn=plain,${ou}`, [['add', 'seeAlso', 'cn=A,dc=X']]),
  modify(`cn=plain,${ou}`, [['add', 'seeAlso', 'foo=bar']]),
  modify(`cn=plain,${ou}`, [['add', 'seeAlso', '1.2.3.4=bar']], { either: [0, 21] }),
  read(`cn=plain,${ou}`, ['seeAlso']),
  modify(`cn=plain,${ou}`, [['delete', 'seeAlso', 'sn=C+cn=A\\2cB,dc=x']]),
  modify(`cn=plain,${ou}`, [['delete', 'seeAlso', '']]),
  read(`cn=plain,${ou}`, ['seeAlso']),
  search(ou, '(seeAlso=cn=q\\5c,r,dc=x)', { scope: 'sub', attributes: ['1.1'] }),
  remove(`cn=PLAIN,${ou}`),
];
