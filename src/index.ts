/**
 * jammd in your own program: an LDAP directory that is opened, asked and served from Node.
 *
 *     import { createServer, openDirectory } from 'jammd';
 *
 *     const directory = await openDirectory({ memory: true, suffix: 'dc=example,dc=org' });
 *     await directory.root().add('dc=example,dc=org', { objectClass: ['top', 'domain'], dc: 'example' });
 *     const [url] = await createServer(directory).listen('ldap://127.0.0.1:0/');
 *     console.log(`ldapsearch -x -H ${url} -b dc=example,dc=org`);
 *
 * All that fails, fails with LdapError: an LDAP result code, the DN that was found on the way, and a diagnostic.
 *
 * @packageDocumentation
 */
export { LdapError, ResultCode, resultCodeName, type LdapResult } from './ldap/result.js';
export type { ResponseControl } from './ldap/control.js';
export type { PartialAttribute, SearchScope } from './ldap/request.js';
export { Entry } from './library/entry.js';
export { openDirectory, type Directory } from './library/directory.js';
export type { ConfigFileDirectory, ConfigTextDirectory, FolderDirectory, MemoryDirectory, OpenOptions } from './library/open.js';
export type { PasswordChange, RenameOptions, SearchOptions, Session } from './library/session.js';
export type { SearchResults } from './library/search-results.js';
export type { AttributeChange, Attributes, OperationOptions, Value } from './library/values.js';
export type { Change, ChangesOptions, ChangeStream } from './library/changes.js';
export type { ExportOptions, ImportFailure, ImportOptions, ImportReport, LdifSource } from './library/ldif.js';
export { createServer, type Server, type ServerOptions, type TlsOptions } from './library/server.js';
