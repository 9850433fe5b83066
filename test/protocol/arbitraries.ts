/** Requests of every shape, for properties. */
import fc from 'fast-check';
import type { Filter } from '../../src/ldap/filter.js';
import type { Control } from '../../src/ldap/control.js';
import type { Request, RequestMessage } from '../../src/ldap/request.js';

export const octets = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const someOctets = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
export const description = fc.oneof(
  fc.constantFrom('mail', 'objectClass', 'description;lang-en', '2.5.4.3', ''),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

export const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('present' as const), attribute: description }),
    fc.record({
      kind: fc.constantFrom('equality' as const, 'greaterOrEqual' as const, 'lessOrEqual' as const, 'approx' as const),
      attribute: description,
      value: octets,
    }),
    fc
      .record({
        kind: fc.constant('substrings' as const),
        attribute: description,
        initial: fc.option(someOctets, { nil: undefined }),
        any: fc.array(someOctets, { maxLength: 3 }),
        final: fc.option(someOctets, { nil: undefined }),
      })
      .filter(({ initial, any, final }) => initial !== undefined || any.length > 0 || final !== undefined),
    fc
      .record({
        kind: fc.constant('extensible' as const),
        rule: fc.option(description, { nil: undefined }),
        attribute: fc.option(description, { nil: undefined }),
        value: octets,
        dnAttributes: fc.boolean(),
      })
      .filter(({ rule, attribute }) => rule !== undefined || attribute !== undefined),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { maxLength: 5 }),
    }),
    fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
  ),
})).filter;

const attribute = fc.record({ type: description, values: fc.array(octets, { maxLength: 4 }) });
const limit = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0x7fffffff }));
const op = <const Name extends string>(name: Name) => fc.constant(name);

const simple = fc.record({ method: op('simple'), password: octets });
const sasl = fc.record({
  method: op('sasl'),
  mechanism: fc.constantFrom('EXTERNAL', 'PLAIN'),
  credentials: fc.option(octets, { nil: undefined }),
});

export const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ op: op('bind'), version: fc.integer({ min: -1, max: 200 }), name: octets, authentication: fc.oneof(simple, sasl) }),
  fc.record({ op: op('unbind') }),
  fc.record({
    op: op('search'),
    base: octets,
    scope: fc.constantFrom('base' as const, 'one' as const, 'sub' as const, 'children' as const),
    derefAliases: fc.nat({ max: 3 }),
    sizeLimit: limit,
    timeLimit: limit,
    typesOnly: fc.boolean(),
    filter,
    attributes: fc.array(description, { maxLength: 5 }),
  }),
  fc.record({ op: op('add'), entry: octets, attributes: fc.array(attribute, { maxLength: 5 }) }),
  fc.record({
    op: op('modify'),
    object: octets,
    changes: fc.array(
      fc.record({
        operation: fc.constantFrom('add' as const, 'delete' as const, 'replace' as const, 'increment' as const),
        attribute,
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({ op: op('delete'), entry: octets }),
  fc.record({
    op: op('modifyDN'),
    entry: octets,
    newRDN: octets,
    deleteOldRDN: fc.boolean(),
    newSuperior: fc.option(octets, { nil: undefined }),
  }),
  fc.record({ op: op('compare'), entry: octets, attribute: description, value: octets }),
  fc.record({ op: op('abandon'), messageId: fc.nat({ max: 0x7fffffff }) }),
  fc.record({
    op: op('extended'),
    name: fc.constantFrom('1.3.6.1.4.1.4203.1.11.1', '1.2.3'),
    value: fc.option(octets, { nil: undefined }),
  }),
);

const critical = fc.boolean();
const unknownControl: fc.Arbitrary<Control> = fc.record({
  type: op('unknown'),
  critical,
  oid: fc.constantFrom('1.2.3', '1.2.3.4'),
  value: fc.option(octets, { nil: undefined }),
});

const searchControl: fc.Arbitrary<Control> = fc.oneof(
  fc.record({ type: op('pagedResults'), critical, size: limit, cookie: octets }),
  fc.record({
    type: op('serverSideSort'),
    critical,
    keys: fc.array(
      fc.record({ attribute: description, orderingRule: fc.option(description, { nil: undefined }), reverse: fc.boolean() }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({ type: op('assertion'), critical, filter }),
  fc.record({ type: op('manageDsaIT'), critical }),
  fc.record({ type: op('proxiedAuthorization'), critical, authzId: fc.constantFrom('', 'dn:dc=é') }),
  fc.record({ type: op('subentries'), critical, visible: fc.boolean() }),
  fc.record({ type: op('domainScope'), critical }),
  fc.record({ type: op('searchOptions'), critical }),
  fc.record({ type: op('dontUseCopy'), critical }),
  fc.record({
    type: op('dereference'),
    critical,
    specs: fc.array(fc.record({ reference: description, attributes: fc.array(description, { minLength: 1, maxLength: 3 }) }), {
      maxLength: 3,
    }),
  }),
  fc.record({ type: op('valueSort'), critical, raw: fc.boolean() }),
  fc.record({
    type: op('virtualListView'),
    critical,
    before: fc.nat(),
    after: fc.nat(),
    by: fc.constant('offset' as const),
    offset: fc.nat(),
    count: fc.nat(),
  }),
  fc.record({
    type: op('virtualListView'),
    critical,
    before: fc.nat(),
    after: fc.nat(),
    by: fc.constant('value' as const),
    value: octets,
  }),
  fc.record({ type: op('syncRequest'), critical, value: fc.option(octets, { nil: undefined }) }),
);

const modifyControl: fc.Arbitrary<Control> = fc.oneof(
  fc.record({ type: fc.constantFrom('preRead' as const, 'postRead' as const), critical, attributes: fc.array(description) }),
  fc.record({ type: fc.constantFrom('noOp' as const, 'relax' as const), critical }),
);

export const message: fc.Arbitrary<RequestMessage> = request.chain((sent) =>
  fc.record({
    messageId: fc.oneof(fc.nat({ max: 200 }), fc.integer({ min: -1, max: 0x7fffffff })),
    request: fc.constant(sent),
    controls: fc.uniqueArray(
      sent.op === 'search'
        ? fc.oneof(unknownControl, searchControl)
        : sent.op === 'modify'
          ? fc.oneof(unknownControl, modifyControl)
          : unknownControl,
      { maxLength: 3, selector: (control) => control.type },
    ),
  }),
);
