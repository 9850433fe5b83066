/**
 * Where new accounts keep their mail, and whose mail may lie there already (HOWTO section 5.5): a mailbox path outlives
 * its account, so that whoever gets it next could read what the last owner left. Entries that are flagged as deleted
 * still hold their path; for purged ones the domain's entry keeps a note until the files are gone.
 */
import type { MailContext } from './context.js';
import { notePrefix } from './domains.js';
import { toPerson } from './entries.js';
import { MailError } from './errors.js';
import { told } from './told.js';
import { accountClass, and, equals, isA } from './filters.js';
import { listWhole } from './whole-list.js';

const purgedNote = `${notePrefix}purged-mailbox `;
const candidatesMax = 100;

/** A path below the mail home, in Maildir form, that a local part can be trusted to name. */
export function defaultMailbox(localPart: string, domain: string): string {
  return `${domain}/${mailboxFolder(localPart)}/`;
}

function mailboxFolder(localPart: string): string {
  const safe = localPart
    .toLowerCase()
    .replace(/[^a-z0-9._+=-]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return safe.replace(/^\./, '%2e');
}

export interface PurgedMailbox {
  readonly homeDirectory: string;
  readonly mailbox: string;
  /** The description value that holds it. */
  readonly note: string;
}

export function purgedMailboxNote(homeDirectory: string, mailbox: string): string {
  return `${purgedNote}${JSON.stringify([homeDirectory, mailbox])}`;
}

/** What purged accounts of a domain have left on disk. */
export async function purgedMailboxes({ directory, tree }: MailContext, domain: string): Promise<readonly PurgedMailbox[]> {
  const entry = await directory.read(tree.domain(domain), ['description']);
  return (entry?.all('description') ?? []).flatMap(parseNote);
}

function parseNote(note: string): PurgedMailbox[] {
  if (!note.startsWith(purgedNote)) return [];
  try {
    const parts: unknown = JSON.parse(note.slice(purgedNote.length));
    if (!Array.isArray(parts)) return [];
    const [homeDirectory, mailbox] = parts as readonly unknown[];
    return typeof homeDirectory === 'string' && typeof mailbox === 'string' ? [{ homeDirectory, mailbox, note }] : [];
  } catch {
    return [];
  }
}

/** `fresh` takes an unused folder, `reuse` takes over what a deleted account left; undecided asks when it matters. */
export type MailboxChoice = 'fresh' | 'reuse' | undefined;

type Owner = 'live' | 'deleted' | 'purged' | undefined;

/** Whose the mail folders of a domain are: asked for one by one, or known beforehand where many are wanted. */
export class MailFolders {
  readonly #owners: Map<string, Owner>;
  readonly #lookUp: ((mailbox: string) => Promise<Owner>) | undefined;

  private constructor(owners: Map<string, Owner>, lookUp?: (mailbox: string) => Promise<Owner>) {
    this.#owners = owners;
    this.#lookUp = lookUp;
  }

  /** For one new account. */
  static async open(context: MailContext, domain: string): Promise<MailFolders> {
    return new MailFolders(await purgedOwners(context, domain), (mailbox) => mailboxOwner(context, domain, mailbox));
  }

  /** For many. */
  static async load(context: MailContext, domain: string): Promise<MailFolders> {
    const owners = await purgedOwners(context, domain);
    const { entries, cut } = await listWhole(context.directory, context.tree.domain(domain), {
      filter: isA(accountClass),
      attributes: ['objectClass', 'mailbox', 'delete'],
      max: 100_000,
    });
    if (cut) return MailFolders.open(context, domain);
    for (const person of entries.map(toPerson)) {
      if (person?.kind !== 'account') continue;
      if (owners.get(person.mailbox) !== 'live') owners.set(person.mailbox, person.deleted ? 'deleted' : 'live');
    }
    return new MailFolders(owners);
  }

  /** Takes a folder for a new account, so that it is not given twice. Returns whose it was. */
  async take(mailbox: string, acceptable: (owner: Owner) => boolean): Promise<Owner | 'refused'> {
    const known = this.#owners.get(mailbox);
    const owner = known === 'live' ? known : ((await this.#lookUp?.(mailbox)) ?? known);
    if (!acceptable(owner)) return 'refused';
    this.#owners.set(mailbox, 'live');
    return owner;
  }
}

async function purgedOwners(context: MailContext, domain: string): Promise<Map<string, Owner>> {
  return new Map((await purgedMailboxes(context, domain)).map(({ mailbox }) => [mailbox, 'purged']));
}

async function mailboxOwner(context: MailContext, domain: string, mailbox: string): Promise<Owner> {
  const { entries } = await context.directory.list(context.tree.domain(domain), {
    filter: and(isA(accountClass), equals('mailbox', mailbox)),
    attributes: ['objectClass', 'delete'],
    max: 100,
  });
  if (entries.length === 0) return undefined;
  return entries.map(toPerson).some((person) => person?.kind === 'account' && !person.deleted) ? 'live' : 'deleted';
}

export interface ChosenMailbox {
  readonly mailbox: string;
  /** The domain's note about a purged account's files is to be dropped. */
  readonly wasPurged: boolean;
}

/**
 * The mailbox path for a new account. A path that a live account uses is never given again.
 *
 * @throws MailError `needs-confirmation` (field `mailbox`) when the path was a deleted account's and nothing is chosen
 */
export async function chooseMailbox(
  folders: MailFolders,
  localPart: string,
  domain: string,
  choice: MailboxChoice,
): Promise<ChosenMailbox> {
  const path = defaultMailbox(localPart, domain).slice(0, -1);
  for (let candidate = 1; candidate <= candidatesMax; candidate++) {
    const mailbox = `${path}${candidate === 1 ? '' : `-${candidate}`}/`;
    let inherited = false as boolean;
    const owner = await folders.take(mailbox, (owner) => {
      inherited = owner === 'deleted' || owner === 'purged';
      return owner === undefined || (inherited && choice === 'reuse');
    });
    if (owner !== 'refused') return { mailbox, wasPurged: owner === 'purged' };
    if (inherited && choice === undefined) {
      throw new MailError('needs-confirmation', told('folderOfDeleted', { folder: mailbox }), 'mailbox');
    }
  }
  throw new MailError('conflict', told('foldersTaken', { count: candidatesMax, folder: path }), 'address');
}

export async function rememberPurged(
  context: MailContext,
  domain: string,
  homeDirectory: string,
  mailbox: string,
): Promise<void> {
  await context.directory.modifyUnlessDone(context.tree.domain(domain), [
    ['add', 'description', [purgedMailboxNote(homeDirectory, mailbox)]],
  ]);
}

/** Called when the files are gone or have a new owner. */
export async function forgetPurged(context: MailContext, domain: string, mailbox: string): Promise<void> {
  const notes = (await purgedMailboxes(context, domain)).filter((purged) => purged.mailbox === mailbox).map(({ note }) => note);
  if (notes.length === 0) return;
  await context.directory.modifyUnlessDone(context.tree.domain(domain), [['delete', 'description', notes]]);
}
