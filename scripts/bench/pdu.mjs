/** Encodes LDAP requests for the load generator, each with a message id of four octets that it will replace. */

function element(tag, ...contents) {
  const body = Buffer.concat(contents);
  const { length } = body;
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), body]);
}

const octets = (value, tag = 0x04) => element(tag, Buffer.from(value));
const integer = (value, tag = 0x02) =>
  element(tag, value < 0x80 ? Buffer.from([value]) : Buffer.from([value >> 8, value & 0xff]));
const boolean = (value) => element(0x01, Buffer.from([value ? 0xff : 0]));
const sequence = (...contents) => element(0x30, ...contents);
const message = (...operation) => sequence(element(0x02, Buffer.from([0x7f, 0, 0, 0])), ...operation);

const scopes = { base: 0, one: 1, sub: 2 };

export const equality = (type, value) => element(0xa3, octets(type), octets(value));
export const present = (type) => octets(type, 0x87);
export const and = (...filters) => element(0xa0, ...filters);

/** @param pieces [initial | undefined, any[], final | undefined] */
export const substrings = (type, [initial, any, final]) =>
  element(
    0xa4,
    octets(type),
    sequence(
      ...(initial === undefined ? [] : [octets(initial, 0x80)]),
      ...any.map((piece) => octets(piece, 0x81)),
      ...(final === undefined ? [] : [octets(final, 0x82)]),
    ),
  );

const searchRequest = (base, scope, filter, attributes) =>
  element(
    0x63,
    octets(base),
    integer(scopes[scope], 0x0a),
    integer(0, 0x0a),
    integer(0),
    integer(0),
    boolean(false),
    filter,
    sequence(...attributes.map((attribute) => octets(attribute))),
  );

export const search = (...request) => message(searchRequest(...request));

/** A search that refreshes and persists (RFC 4533). */
export const persist = (base, scope) => {
  const control = sequence(octets('1.3.6.1.4.1.4203.1.9.1.1'), boolean(true), octets(sequence(integer(3, 0x0a))));
  return message(searchRequest(base, scope, present('objectClass'), ['*', '+']), element(0xa0, control));
};

export const bind = (name, password) => message(element(0x60, integer(3), octets(name), octets(password, 0x80)));

/** @param attributes [type, ...values][] */
export const add = (entry, attributes) =>
  message(
    element(
      0x68,
      octets(entry),
      sequence(
        ...attributes.map(([type, ...values]) => sequence(octets(type), element(0x31, ...values.map((value) => octets(value))))),
      ),
    ),
  );

export const replace = (entry, type, value) =>
  message(
    element(0x66, octets(entry), sequence(sequence(integer(2, 0x0a), sequence(octets(type), element(0x31, octets(value)))))),
  );
