/** A database whose suffix is empty, beside one that lies in it; `defaultsearchbase`. */
import { add, bind, by, modify, read, remove, rename, search } from '../directed/steps.js';
import { database, domainEntry, head, personEntry, root, rootPassword, tree, unitEntry, type Setting } from './setting.js';

const scopes = ['base', 'one', 'sub', 'children'] as const;
const all = '(objectClass=*)';

export const wholeTree: Setting = {
  config: `${head}
defaultsearchbase "dc=test"
${database('dc=inner,dc=test', 'inner', 'access to * by * read')}
${database('', 'all', 'index objectClass eq\naccess to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({
      'dc=test': domainEntry(),
      'ou=a,dc=test': unitEntry(),
      'cn=a,ou=a,dc=test': personEntry(),
      'o=second': { objectClass: ['organization'] },
      'cn=b,o=second': personEntry(),
      'dc=inner,dc=test': domainEntry(),
      'cn=i,dc=inner,dc=test': personEntry(),
      'ou=orphan,dc=nowhere': unitEntry(),
    }),
    ...['', 'dc=test', 'o=second', 'dc=inner,dc=test', 'dc=none', 'cn=Subschema'].flatMap((base) =>
      scopes.map((scope) =>
        search(base, all, {
          as: '#nobody',
          scope,
          attributes: ['entryDN', ...(/^(?:|cn=.*)$/.test(base) ? [] : ['hasSubordinates'])],
        }),
      ),
    ),
    read('', ['namingContexts'], { as: '#nobody' }),
    ...by('#root', [
      modify('', [['replace', 'description', 'x']]),
      add('', domainEntry()),
      rename('o=second', 'o=third'),
      rename('ou=a,dc=test', 'ou=a', { newSuperior: 'o=third' }),
      rename('ou=a,o=third', 'ou=a', { newSuperior: 'dc=inner,dc=test' }),
      remove('dc=test'),
      remove('dc=none'),
      search('', all, { scope: 'sub', attributes: ['1.1'] }),
      search('o=third', all, { scope: 'sub', attributes: ['1.1'] }),
    ]),
    search('', all, { as: '#nobody', scope: 'sub', attributes: ['1.1'] }),
  ],
};
