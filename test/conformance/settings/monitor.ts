/** cn=Monitor: slapd's tree, as far as there is such a thing here. */
import { bind, by, compare, modify, read, remove, search } from '../directed/steps.js';
import { database, domainEntry, head, root, rootPassword, tree, type Setting } from './setting.js';

const entries = [
  'cn=Monitor',
  'cn=Databases,cn=Monitor',
  'cn=Database 1,cn=Databases,cn=Monitor',
  'cn=Database 2,cn=Databases,cn=Monitor',
  'cn=Connections,cn=Monitor',
  'cn=Listeners,cn=Monitor',
  'cn=Operations,cn=Monitor',
  'cn=Bind,cn=Operations,cn=Monitor',
  'cn=Statistics,cn=Monitor',
  'cn=Bytes,cn=Statistics,cn=Monitor',
  'cn=Time,cn=Monitor',
  'cn=Start,cn=Time,cn=Monitor',
  'cn=Waiters,cn=Monitor',
  'cn=Read,cn=Waiters,cn=Monitor',
];

const executing = [
  '(objectClass=monitorConnection)',
  '(monitorConnectionOpsExecuting=1)',
  '(monitorConnectionOpsAsync=0)',
  '(monitorConnectionGet=*)',
  '(monitorConnectionRead=*)',
  '(monitorConnectionWrite=0)',
  '(monitorConnectionMask=rx)',
  '(monitorConnectionPeerDomain=unknown)',
];

export const monitor: Setting = {
  config: `${head.replace('moduleload back_mdb', 'moduleload back_mdb\nmoduleload back_monitor')}
database monitor
access to dn.subtree="cn=Connections,cn=Monitor" by dn.exact="${root}" read by * none
access to * by * read
${database('dc=test', 'test', 'access to * by * read')}`,
  steps: [
    bind(root, rootPassword, { as: '#root' }),
    ...tree({ 'dc=test': domainEntry() }),
    ...entries.flatMap((name) => [
      // slapd's own engine has a class of its own.
      read(
        name,
        [
          ...(name.startsWith('cn=Database 2') ? [] : ['objectClass']),
          'cn',
          'structuralObjectClass',
          'hasSubordinates',
          'entryDN',
          'subschemaSubentry',
        ],
        { as: '#nobody' },
      ),
      search(name, '(objectClass=*)', {
        as: '#nobody',
        scope: 'base',
        // slapd's list has cn=config and the frontend, too.
        attributes: ['readOnly', 'monitorIsShadow', ...(name.startsWith('cn=Databases') ? [] : ['namingContexts'])],
      }),
    ]),
    ...by('#nobody', [
      read('cn=none,cn=Monitor', ['1.1']),
      read('cn=none,cn=Time,cn=Monitor', ['1.1']),
      search('cn=Operations,cn=Monitor', '(objectClass=*)', { scope: 'sub', attributes: ['1.1'] }),
      search('cn=Statistics,cn=Monitor', '(objectClass=*)', { scope: 'one', attributes: ['1.1'] }),
      search('cn=Time,cn=Monitor', '(objectClass=*)', { scope: 'sub', attributes: ['1.1'] }),
      search('cn=Waiters,cn=Monitor', '(objectClass=*)', { scope: 'sub', attributes: ['1.1'] }),
      search('cn=Monitor', '(cn=Bind)', { scope: 'sub', attributes: ['objectClass'] }),
      search('cn=Monitor', '(objectClass=monitorOperation)', { scope: 'sub', attributes: ['1.1'] }),
      search('cn=Monitor', '(objectClass=*)', { scope: 'one', attributes: ['1.1'], sizeLimit: 2, counted: true }),
      compare('cn=Monitor', 'cn', 'monitor'),
      compare('cn=Monitor', 'cn', 'other'),
      modify('cn=Monitor', [['replace', 'description', 'x']]),
      search('', '(objectClass=*)', { attributes: ['namingContexts'] }),
    ]),
    ...by('#root', [
      modify('cn=Monitor', [['replace', 'description', 'x']], { either: [53] }),
      remove('cn=Time,cn=Monitor'),
      // The connection that asks, with the operation that it asks by.
      search('cn=Connections,cn=Monitor', `(&${executing.join('')})`, { scope: 'one', attributes: ['1.1'], counted: true }),
    ]),
  ],
};
