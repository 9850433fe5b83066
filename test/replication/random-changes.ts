/** Random writes of all kinds, as LDIF for ldapmodify; some of them fail, which is as it should be. */

export const suffix = 'dc=replica,dc=example';

export const startLdif = `dn: ${suffix}
objectClass: domain
dc: replica

dn: ou=a,${suffix}
objectClass: organizationalUnit
ou: a

dn: ou=b,${suffix}
objectClass: organizationalUnit
ou: b

`;

export class RandomChanges {
  #state: number;
  #serial = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** `swaps`: names may be exchanged, and used again for other entries. */
  ldif(changes: number, { swaps = true } = {}): string {
    let text = '';
    for (let count = 0; count < changes; count++) text += this.#change(swaps);
    return text;
  }

  /** Renames and moves of people and of units with all below them, to names that nobody has had. */
  renames(changes: number): string {
    let text = '';
    for (let count = 0; count < changes; count++) {
      const superior = this.below(2) ? `ou=${this.pick(['a', 'b', 'c'])},${suffix}` : undefined;
      text += this.below(2)
        ? rename(this.#person(), `cn=${this.#word()}`, this.below(2), superior)
        : rename(this.#unit(), `ou=${this.#word()}`, 1, superior);
    }
    return text;
  }

  #change(swaps: boolean): string {
    const person = this.#person();
    switch (this.below(swaps ? 14 : 9)) {
      case 0:
      case 1:
      case 2:
        return add(person, this.#personAttributes(person));
      case 3:
        return add(this.#unit(), 'objectClass: organizationalUnit\n');
      case 4:
        return this.#modify(person);
      case 5:
        return `dn: ${person}\nchangetype: modify\nreplace: userPassword\nuserPassword: {SSHA}${this.#word()}\n\n`;
      case 6:
        return add(
          `ou=ref${this.below(3)},ou=a,${suffix}`,
          `objectClass: referral\nobjectClass: extensibleObject\nref: ldap://${this.#word()}/dc=x\n`,
        );
      case 7:
        return `dn: ${this.pick([person, person, `ou=ref${this.below(3)},ou=a,${suffix}`, this.#unit()])}\nchangetype: delete\n\n`;
      case 8:
        return this.#modify(this.pick([suffix, this.#unit()]));
      case 9:
        return `dn: ${person}\nchangetype: delete\n\n${add(person, this.#personAttributes(person))}`;
      case 10:
        return rename(person, `cn=p${this.below(12)}`, this.below(2), this.below(2) ? this.#container() : undefined);
      case 11:
        return rename(this.#unit(), `ou=u${this.below(4)}`, 1, this.below(2) ? this.#container() : undefined);
      case 12:
        return rename(`ou=${this.pick(['a', 'b', 'c'])},${suffix}`, `ou=${this.pick(['a', 'b', 'c'])}`, this.below(2), undefined);
      default: {
        const other = this.#person();
        const [own, ...above] = person.split(',');
        const [otherRdn, ...otherAbove] = other.split(',');
        const between = `cn=between,${above.join(',')}`;
        return (
          rename(person, 'cn=between', 1, undefined) +
          rename(other, own!, 1, above.join(',')) +
          rename(between, otherRdn!, 1, otherAbove.join(','))
        );
      }
    }
  }

  #container(): string {
    const top = `ou=${this.pick(['a', 'b', 'c'])},${suffix}`;
    return this.below(3) === 0 ? `ou=u${this.below(4)},${top}` : top;
  }

  #unit(): string {
    return `ou=u${this.below(4)},ou=${this.pick(['a', 'b', 'c'])},${suffix}`;
  }

  #person(): string {
    return `cn=p${this.below(12)},${this.#container()}`;
  }

  #word(): string {
    return `w${(this.#serial++).toString(36)}x${this.below(1e6).toString(36)}`;
  }

  #personAttributes(dn: string): string {
    const cn = /^cn=([^,]+)/.exec(dn)![1]!;
    const german = this.below(2) ? `sn;lang-de: ${this.#word()}\n` : '';
    const mails = Array.from({ length: this.below(4) }, () => `mail: ${this.#word()}@one.example\n`).join('');
    const photo = this.below(4) === 0 ? `jpegPhoto:: ${Buffer.from(this.#word().repeat(20)).toString('base64')}\n` : '';
    return `objectClass: inetOrgPerson\ncn: ${cn}\nsn: ${this.#word()}\n${german}${mails}${photo}`;
  }

  #modify(dn: string): string {
    const parts = [
      `replace: description\ndescription: ${this.#word()}\n`,
      `add: description\ndescription: ${this.#word()}\ndescription: ${this.#word()}\n`,
      'delete: description\n',
      `replace: description;lang-fr\ndescription;lang-fr: ${this.#word()}\n`,
      `add: telephoneNumber\ntelephoneNumber: ${this.below(1e6)}\n`,
    ];
    const first = this.pick(parts);
    const second = this.pick(parts);
    return `dn: ${dn}\nchangetype: modify\n${first}${first === second ? '' : `-\n${second}`}\n`;
  }
}

function add(dn: string, attributes: string): string {
  return `dn: ${dn}\nchangetype: add\n${attributes}\n`;
}

function rename(dn: string, rdn: string, deleteOld: number, superior: string | undefined): string {
  const move = superior === undefined ? '' : `newsuperior: ${superior}\n`;
  return `dn: ${dn}\nchangetype: modrdn\nnewrdn: ${rdn}\ndeleteoldrdn: ${deleteOld}\n${move}\n`;
}
