/** `overlay syncprov`: replicas follow this database (RFC 4533). */
import { ConfigError, onlyNumber, onOff, requireWords, wholeNumber } from '../directive.js';
import { defineOverlay } from './definition.js';
import type { SyncprovSettings } from './settings.js';

interface SyncprovDraft {
  changesMax: number;
  noPresent: boolean;
}

/** Replicas that are connected follow the log, too: a shorter one would lose them in a burst of writes. */
const changesMin = 1_000;
const bytesMax = 64 * 1_024 * 1_024;
const numberMax = 0x7fffffff;

export const syncprovOverlay = defineOverlay<SyncprovDraft>({
  name: 'syncprov',
  olcClass: 'olcSyncProvConfig',
  repeatable: false,
  options: [
    {
      // contextCSN is on disk with each change, which is more often than any line here asks for.
      name: 'syncprov-checkpoint',
      olc: 'olcSpCheckpoint',
      read(_, directive) {
        requireWords(directive, 2, 2);
        for (const word of directive.words) {
          if (wholeNumber(word, directive.name, 0, numberMax) === 0)
            throw new ConfigError('"syncprov-checkpoint" takes numbers above 0');
        }
      },
    },
    {
      name: 'syncprov-sessionlog',
      olc: 'olcSpSessionlog',
      read(draft, directive, { reader }) {
        const changes = onlyNumber(directive);
        draft.changesMax = Math.max(changesMin, changes);
        if (changes < changesMin) reader.warn(directive, `"syncprov-sessionlog": the log holds ${changesMin} changes at least`);
      },
    },
    {
      name: 'syncprov-sessionlog-source',
      olc: 'olcSpSessionlogSource',
      read(_, directive) {
        throw new ConfigError(`"${directive.name}" is not supported: the change log is part of the database`);
      },
    },
    { name: 'syncprov-nopresent', olc: 'olcSpNoPresent', read: (draft, directive) => void (draft.noPresent = onOff(directive)) },
    // What the hint asks for, all entries rather than an error, is what every replica gets that the log has left behind.
    { name: 'syncprov-reloadhint', olc: 'olcSpReloadHint', read: (_, directive) => void onOff(directive) },
  ],
  begin: () => ({ changesMax: Infinity, noPresent: false }),
  finish({ changesMax, noPresent }, _, { database }): SyncprovSettings {
    if (!database.lastmod) {
      throw new ConfigError('"overlay syncprov" needs "lastmod on": replicas know entries by their UUID and CSN');
    }
    return { kind: 'syncprov', log: { changesMax, bytesMax }, noPresent };
  },
});
