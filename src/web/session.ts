/** Sessions: a random name in a signed cookie, and here, by that name, a connection bound as its person. No password is kept. */
import { randomBytes } from 'node:crypto';
import type { MailContext } from '../mail/context.js';
import { normalizedDn } from '../mail/names.js';
import { sessionLimits } from './limits.js';

export interface Message {
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

export class Session {
  readonly id = randomBytes(24).toString('base64url');
  /** What the forms of this session carry. */
  readonly token = randomBytes(24).toString('base64url');
  readonly startedAt = Date.now();
  seenAt = Date.now();
  #messages: Message[] = [];

  /** The second factor: there is none, its code is awaited, or has been given. */
  factor: 'none' | 'awaited' | 'given' = 'none';
  /** Where the login was to lead, once the code is given. */
  afterCode: { readonly stash: string; readonly next: string | undefined } | undefined;
  /** Of a second factor that is being set up. */
  totpSecret: string | undefined;

  constructor(public mail: MailContext) {}

  /** To be shown on the next page. */
  say(kind: Message['kind'], text: string): void {
    this.#messages = [...this.#messages.slice(-4), { kind, text }];
  }

  takeMessages(): readonly Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}

export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #idleMs: number;
  readonly #sweeper: NodeJS.Timeout;

  constructor(idleMs: number = sessionLimits.idleMs) {
    this.#idleMs = idleMs;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(60_000, idleMs));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** In the order of use: what has been idle longest comes first. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  start(mail: MailContext): Session {
    const session = new Session(mail);
    const own = this.#of(mail.actor.dn);
    if (own.length >= sessionLimits.perPerson && own[0]) this.end(own[0]);
    const oldest = this.#sessions.values().next().value;
    if (this.#sessions.size >= sessionLimits.count && oldest) this.end(oldest);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The living session of that name, now the most recently used. */
  find(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    if (this.#isOver(session)) {
      this.end(session);
      return undefined;
    }
    session.seenAt = Date.now();
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    return session;
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
    void session.mail.directory.close();
  }

  /** Ends all sessions of a person, whose password has changed; `kept` is the one it was changed in. */
  endAllOf(dn: string, kept?: Session): void {
    for (const session of this.#of(dn)) if (session !== kept) this.end(session);
  }

  #of(dn: string): readonly Session[] {
    const who = normalizedDn(dn);
    return this.all().filter(({ mail }) => normalizedDn(mail.actor.dn) === who);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    const sessions = this.all();
    this.#sessions.clear();
    await Promise.all(sessions.map(({ mail }) => mail.directory.close()));
  }

  #isOver(session: Session): boolean {
    const now = Date.now();
    const idle = now - session.seenAt > this.#idleMs;
    return idle || now - session.startedAt > sessionLimits.ageMs || !session.mail.directory.isOpen;
  }

  #sweep(): void {
    for (const session of this.all()) if (this.#isOver(session)) this.end(session);
  }
}
