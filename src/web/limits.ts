/** Every limit of the web pages. Those of texts, such as the length of a name, belong to the use cases in mail/. */

const second = 1_000;
const minute = 60 * second;
const KiB = 1024;
const MiB = 1024 * KiB;

export const sessionLimits = {
  idleMs: 30 * minute,
  /** However busy a session is, it ends after this long. */
  ageMs: 12 * 60 * minute,
  /** Sessions in all: each holds a connection to the directory. The longest idle one makes room. */
  count: 1_000,
  perPerson: 20,
} as const;

export const connectionLimits = {
  count: 1_000,
  /** From one address; local ones and trusted proxies come for many. */
  perAddress: 100,
  /** Until the headers of a request, and until all of it, have arrived. */
  headersMs: 10 * second,
  requestMs: 2 * minute,
  /** Without a byte in either direction. */
  silentMs: 2 * minute,
  /** Between two requests. */
  keepAliveMs: 5 * second,
  /** How often the first two are looked at. */
  checkMs: 2 * second,
} as const;

export const bodyLimits = {
  /** Of an ordinary form, and of one with a CSV file. */
  formBytes: 256 * KiB,
  uploadBytes: 3 * MiB,
  /** Of all forms that are being received from people who are logged in. */
  membersBytes: 64 * MiB,
  /** Of a form that is received from them whatever else is. */
  memberBytes: 32 * KiB,
  /** Of a login form that carries nothing else: it is received whatever else is. */
  loginBytes: 4 * KiB,
  /** Of all bigger forms that are being received from strangers, such as those of ended sessions. */
  strangersBytes: 8 * MiB,
  /** Until a stranger's form has arrived. */
  strangersMs: 15 * second,
  /** Of a form that is kept for after the login. */
  stashBytes: 128 * KiB,
} as const;

/** How much failed log-ins slow down the next one. Nobody is ever locked out. */
export interface DelayPolicy {
  /** Failures without consequence. */
  readonly freeFailures: number;
  /** For the first failure beyond; doubled for each further one. */
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

export const loginLimits = {
  perName: { freeFailures: 5, firstDelayMs: 50, delayMsMax: 2 * second },
  /** Local addresses are not counted: a proxy there comes for everybody. */
  perAddress: { freeFailures: 20, firstDelayMs: 50, delayMsMax: 5 * second },
  /** After this long without another one, a count of failures is halved; after twenty times that it is forgotten. */
  halfLifeMs: minute,
  forgottenMs: 20 * minute,
  /** Names, and addresses, that are remembered: the one whose last failure is longest ago is forgotten first. */
  remembered: 10_000,
} as const;

/** Wrong codes of a second factor: of those who know the password, so these may lock out. */
export const codeLimits = {
  freeFailures: 5,
  /** For the first failure beyond; doubled for each further one. */
  firstWaitMs: minute,
  waitMsMax: 60 * minute,
  forgottenMs: 24 * 60 * minute,
  remembered: 10_000,
} as const;

export const apiLimits = {
  bodyBytes: 64 * KiB,
  /** Of one name or token, and of one address that is counted. */
  perCaller: { burst: 120, perSecond: 20 },
  remembered: 10_000,
} as const;

/** What anybody may ask without a login, such as the settings of mail programs. */
export const openLimits = {
  bodyBytes: 16 * KiB,
  /** Of one address that is counted. */
  perAddress: { burst: 60, perSecond: 5 },
} as const;

export const listLimits = {
  /** Entries one action takes at once. */
  bulk: 500,
  /** Characters of a search, and of the letters that addresses begin with. */
  searchText: 200,
  initials: 64,
} as const;
