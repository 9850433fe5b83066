import { describe, expect, it } from 'vitest';
import { attribute, collect, draft, ndn, openStore, reopenStore, temporaryFolder } from './fixture.js';

describe('a store', () => {
  it('keeps what was written over a restart', async () => {
    let store = await openStore({ location: await temporaryFolder() });
    await store.write((tx) => {
      const suffix = tx.insert(draft('dc=example', { objectClass: ['top', 'domain'], dc: 'example' }), 0, 0);
      tx.insert(draft('ou=Pübl\\2Cic,dc=example', { objectClass: 'organizationalUnit', ou: 'Pübl,ic' }), suffix.id, 0);
    });
    store = await reopenStore(store);
    const unit = store.entryByNdn(ndn('OU=pübl\\2Cic, DC=Example'));
    expect(unit?.dn).toBe('ou=Pübl\\2Cic,dc=example');
    expect(unit?.values(attribute('ou')).map(String)).toEqual(['Pübl,ic']);
    expect(unit?.parentId).toBe(store.idOf('dc=example'));
    expect(store.entryCount).toBe(2);
    expect(store.childCount(unit!.parentId)).toBe(1);
  });

  it('finds entries by presence, equality and substrings', async () => {
    const store = await openStore();
    await store.write((tx) => {
      const suffix = tx.insert(draft('dc=example', { objectClass: 'domain', dc: 'example' }), 0, 0);
      for (const name of ['anna', 'bert', 'annabel']) {
        tx.insert(draft(`mail=${name}@d1.example,dc=example`, { mail: `${name}@d1.example` }), suffix.id, 0);
      }
    });
    const id = (name: string): number => store.idOf(ndn(`mail=${name}@d1.example,dc=example`))!;
    const mail = attribute('mail');
    const equality = store.indexes.equality(mail, 'anna@d1.example')!;
    expect(store.fewCandidates({ op: 'posting', key: equality })).toEqual([id('anna')]);
    expect(store.fewCandidates({ op: 'posting', key: store.indexes.presence(mail)! })).toHaveLength(3);
    const parts = { initial: 'anna', any: [], final: undefined };
    const terms = store.indexes.substrings(mail, parts)!.map((key) => ({ op: 'posting', key }) as const);
    expect(store.fewCandidates({ op: 'and', terms })).toEqual([id('anna'), id('annabel')]);
    expect(store.indexes.equality(attribute('sn'), 'x')).toBeUndefined();
    expect(await collect(store.scan())).toHaveLength(4);
  });
});
