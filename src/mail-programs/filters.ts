/** The search filters of the HOWTO's lookups; `key` is the placeholder that the program replaces with the address or domain. */

/** Every account that is in use. */
export const accountsFilter = '(&(objectClass=JammMailAccount)(accountActive=TRUE)(delete=FALSE))';

export const accountFilter = (key: string): string =>
  `(&(objectClass=JammMailAccount)(mail=${key})(accountActive=TRUE)(delete=FALSE))`;

export const aliasFilter = (key: string): string => `(&(objectClass=JammMailAlias)(mail=${key})(accountActive=TRUE))`;

/** An account or alias whose entry names who else may send from it. */
export const sharedAddressFilter = (key: string): string =>
  `(&(|(objectClass=JammMailAccount)(objectClass=JammMailAlias))(mail=${key})(accountActive=TRUE))`;

/** A domain that is another name of one. */
export const aliasDomainFilter = (key: string): string =>
  `(&(jvd=${key})(objectClass=jammdAliasDomain)(accountActive=TRUE)(delete=FALSE))`;

export const domainFilter = (key: string): string =>
  `(&(jvd=${key})(objectClass=JammVirtualDomain)(accountActive=TRUE)(delete=FALSE))`;
