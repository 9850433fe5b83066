/**
 * Directives of slapd that jammd does not need. Those that tune slapd's engine are accepted with a warning; those that
 * ask for something unsupported are refused with advice on what to write instead. Names are in lower case.
 */

const noTuning = 'the store here has nothing of the kind to tune';
const alwaysSynced = 'every write is on disk before it is answered, here always';

/** Of the storage engine, and so of a database only: why the directive has no effect. */
export const acceptedInDatabase: ReadonlyMap<string, string> = new Map([
  ...[
    'cachesize',
    'cachefree',
    'dncachesize',
    'idlcachesize',
    'dbcachesize',
    'dbcachenowsync',
    'dbconfig',
    'dbpagesize',
    'db_page_size',
    'cryptfile',
    'cryptkey',
    'dirtyread',
    'linearindex',
    'lockdetect',
    'maxreaders',
    'multival',
    'checksum',
    'rtxnsize',
    'searchstack',
    'shm_key',
    'mode',
  ].map((name) => [name, noTuning] as const),
  ['maxsize', 'a database grows as far as its disk has room'],
  ['maxentrysize', 'write "entry_max_bytes" before all databases'],
  ...['checkpoint', 'dbnosync', 'dbsync', 'envflags'].map((name) => [name, alwaysSynced] as const),
]);

/** After `backend mdb`: the size of an index slot, as a power of two, and why it has no effect. */
export const slotSize = { name: 'idlexp', least: 16, most: 30, why: noTuning } as const;

/** Why the directive has no effect. */
export const acceptedDirectives: ReadonlyMap<string, string> = new Map([
  ...[
    'index_intlen',
    'index_substr_if_minlen',
    'index_substr_if_maxlen',
    'index_substr_any_len',
    'index_substr_any_step',
    'index_hash64',
  ].map((name) => [name, noTuning] as const),
  ...['concurrency', 'threads', 'threadqueues', 'listener-threads', 'tool-threads', 'tcp-buffer', 'gentlehup'].map(
    (name) => [name, 'the server here has nothing of the kind to tune'] as const,
  ),
  ...[
    'sasl-host',
    'sasl-realm',
    'sasl-secprops',
    'sasl-auxprops',
    'sasl-auxprops-dontusecopy',
    'sasl-auxprops-dontusecopy-ignore',
  ].map((name) => [name, 'EXTERNAL and SCRAM-SHA-256 have nothing of the kind to set'] as const),
  ['sortvals', 'values stay in the order in which they were written'],
  ['extra_attrs', 'all attributes of an entry are always at hand'],
  ['sasl-cbinding', 'over TLS every channel binding that the client may choose is offered'],
  ['reverse-lookup', 'names of clients are never looked up'],
  ...['logfile', 'logfile-format', 'logfile-only', 'logfile-rotate'].map(
    (name) => [name, 'the log goes to standard error, where systemd or another supervisor collects it'] as const,
  ),
  ['lastbind-send-assert', 'what logins change stays in the server they reach'],
  ...['replica-pidfile', 'replica-argsfile', 'ucdata-path'].map((name) => [name, 'it is obsolete, in slapd too'] as const),
  ['plugin', 'there are no plug-ins'],
  ['pluginlog', 'there are no plug-ins'],
  ['modulepath', 'nothing is loaded: what there is, is built in'],
  ['monitoring', 'cn=Monitor shows every database'],
  ['conn_threads', 'the server here has nothing of the kind to tune'],
]);

/** What to write instead. */
export const refusedDirectives: ReadonlyMap<string, string> = new Map([
  ...['updatedn', 'replica', 'replogfile', 'replicationinterval'].map(
    (name) => [name, 'replicas follow their provider by "syncrepl"'] as const,
  ),
  ['sync_use_subentry', 'the position of a replica is contextCSN at the suffix'],
  ...['TLSCertificate', 'TLSCertificateKey', 'TLSCACertificate'].map(
    (name) => [name.toLowerCase(), `certificates are read from files: write ${name}File`] as const,
  ),
  ...['crypto', 'passphrase'].map((name) => [name, 'databases are not encrypted; encrypt the file system'] as const),
  ['restrictop', 'write "restrict"'],
  ['authid-rewrite', 'rewriting identities is not supported; write authz-regexp'],
]);

/** Storage engines of slapd's: all mean the one store here. */
export const storeTypes: ReadonlySet<string> = new Set(['ldbm', 'bdb', 'hdb', 'mdb']);
