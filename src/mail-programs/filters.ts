/** The search filters of the HOWTO's lookups; `key` is the placeholder that the program replaces with the address or domain. */

/** Every account that is in use. */
export const accountsFilter = '(&(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE))';

export const accountFilter = (key: string): string =>
  `(&(objectClass=JammMailAccount)(mail=${key})(accountActive=TRUE)(delete=FALSE))`;

export const aliasFilter = (key: string): string => `(&(objectClass=JammMailAlias)(mail=${key})(accountActive=TRUE))`;

export const domainFilter = (key: string): string =>
  `(&(jvd=${key})(objectClass=JammVirtualDomain)(accountActive=TRUE)(delete=FALSE))`;
