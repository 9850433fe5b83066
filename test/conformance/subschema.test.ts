/** What the subschema entry and the root DSE publish: jammd's definitions in slapd's own words, and no false claims. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requirePrograms } from '../support/programs.js';
import { serverKinds, type ReferenceServer, type ServerKind } from '../support/reference-server.js';
import { WireClient, type WireResult } from '../support/wire/client.js';
import { startContestant } from './servers.js';

/** slapd's own configuration and monitoring schema, and its experiments: an implementation's, not the directory's. */
const slapdOwnOids = /^\( 1\.3\.6\.1\.4\.1\.4203\.(1\.12|666)\./;

const publishedLists = ['attributeTypes', 'objectClasses', 'ldapSyntaxes', 'matchingRules'] as const;
type PublishedList = (typeof publishedLists)[number];

function valuesOf(result: WireResult, type: string): string[] {
  const attribute = result.entries[0]?.attributes.find((candidate) => candidate.type === type);
  return (attribute?.values ?? []).map((value) => value.toString('utf8'));
}

function oidOf(definition: string): string {
  return /^\( (\S+)/.exec(definition)?.[1] ?? definition;
}

describe.skipIf(requirePrograms('slapd') ?? (serverKinds.includes('jammd') ? undefined : 'jammd is left out'))(
  'published on both',
  () => {
    const servers: ReferenceServer[] = [];
    const subschema = new Map<ServerKind, WireResult>();
    const rootDse = new Map<ServerKind, WireResult>();

    const published = (kind: ServerKind, type: string): string[] => {
      const result = subschema.get(kind);
      return result === undefined ? [] : valuesOf(result, type);
    };
    const claimed = (kind: ServerKind, type: string): string[] => {
      const result = rootDse.get(kind);
      return result === undefined ? [] : valuesOf(result, type).sort();
    };

    beforeAll(async () => {
      for (const kind of ['slapd', 'jammd'] as const) {
        const server = await startContestant(kind);
        servers.push(server);
        const client = await WireClient.connect(server.port);
        subschema.set(kind, await client.request({ op: 'search', base: 'cn=Subschema', attributes: [...publishedLists] }));
        rootDse.set(kind, await client.request({ op: 'search', base: '', attributes: ['+'] }));
        await client.unbind();
      }
    });

    afterAll(async () => {
      for (const server of servers) await server.stop();
    });

    describe.each(publishedLists)('%s', (list: PublishedList) => {
      test('what both publish is spelled the same', () => {
        const bySlapd = new Map(published('slapd', list).map((definition) => [oidOf(definition), definition]));
        const shared = published('jammd', list).filter((definition) => bySlapd.has(oidOf(definition)));
        expect(shared.length).toBeGreaterThan(10);
        expect(shared).toEqual(shared.map((definition) => bySlapd.get(oidOf(definition))));
      });

      test('no OID is published twice', () => {
        const oids = published('jammd', list).map(oidOf);
        expect(new Set(oids).size).toBe(oids.length);
      });
    });

    test.each(['attributeTypes', 'objectClasses'])('none of the %s of the schema files is missing', (list) => {
      const byJammd = new Set(published('jammd', list).map(oidOf));
      const missing = published('slapd', list).filter(
        (definition) => !slapdOwnOids.test(definition) && !byJammd.has(oidOf(definition)),
      );
      expect(missing).toEqual([]);
    });

    /** What slapd names only where an overlay is loaded: server-side sorting (RFC 2891) and virtual lists, of sssvlv. */
    const ofOverlays = ['1.2.840.113556.1.4.473', '1.2.840.113556.1.4.474', '2.16.840.1.113730.3.4.9'];
    /** What slapd honours and does not name: domain scope, search options, permissive modify, no-op, relax. */
    const hidden = [
      '1.2.840.113556.1.4.1339',
      '1.2.840.113556.1.4.1340',
      '1.2.840.113556.1.4.1413',
      '1.3.6.1.4.1.4203.666.5.2',
      '1.3.6.1.4.1.4203.666.5.12',
    ];

    test('every control, extension and feature that jammd names is one that slapd knows', () => {
      for (const type of ['supportedControl', 'supportedExtension', 'supportedFeatures']) {
        const known = new Set([...claimed('slapd', type), ...ofOverlays, ...hidden]);
        const unknown = claimed('jammd', type).filter((oid) => !known.has(oid));
        expect({ type, unknown }).toEqual({ type, unknown: [] });
        expect(claimed('jammd', type).length).toBeGreaterThan(0);
      }
    });

    test.each(['supportedControl', 'supportedExtension', 'supportedFeatures'])('jammd names all that slapd does: %s', (type) => {
      const left = claimed('slapd', type).filter((oid) => !claimed('jammd', type).includes(oid));
      expect(left).toEqual([]);
    });

    test('naming contexts and versions are the same', () => {
      expect(claimed('jammd', 'namingContexts')).toEqual(claimed('slapd', 'namingContexts'));
      expect(claimed('jammd', 'supportedLDAPVersion')).toEqual(['3']);
    });
  },
);
