/** What all nodes of a cluster must have in common, so that a change that one accepts means the same on the others. */
import { createHash } from 'node:crypto';
import type { Config, DatabaseConfig } from '../../config/model.js';
import type { Schema } from '../../ldap/schema.js';

const format = 1;

interface Agreement {
  readonly format: number;
  readonly suffixes: readonly string[];
  readonly serverId: number;
  /** Of all definitions. */
  readonly schema: string;
}

/** As it is kept in the cluster: equal where two nodes agree. */
export function agreementText({ schema, serverId }: Config, { suffixes }: DatabaseConfig): string {
  const agreement: Agreement = {
    format,
    suffixes: suffixes.map(({ normalized }) => normalized),
    serverId,
    schema: schemaDigest(schema),
  };
  return JSON.stringify(agreement);
}

function schemaDigest(schema: Schema): string {
  const hash = createHash('sha256');
  for (const kind of ['ldapSyntaxes', 'attributeTypes', 'objectClasses', 'dITContentRules'] as const) {
    for (const definition of [...schema.published(kind)].sort()) hash.update(`${kind} ${definition}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}

/** In what the cluster and this node differ, for its operator. */
export function describeDisagreement(theirs: string, ours: string): string {
  const [cluster, node] = [parse(theirs), parse(ours)];
  if (cluster?.format !== node!.format) return 'it is of another version of jammd';
  if (cluster.suffixes.join('\n') !== node!.suffixes.join('\n')) {
    return `it holds the suffix "${cluster.suffixes.join('", "')}", and this database "${node!.suffixes.join('", "')}"`;
  }
  if (cluster.serverId !== node!.serverId) {
    return `its nodes have serverID ${cluster.serverId}, and this one ${node!.serverId}: all need the same`;
  }
  return 'its nodes have another schema; see jammd cluster schema --help';
}

/** Do they differ in the schema alone? */
export function differInSchemaAlone(theirs: string, ours: string): boolean {
  const [cluster, node] = [parse(theirs), parse(ours)];
  return cluster !== undefined && JSON.stringify({ ...cluster, schema: node!.schema }) === ours;
}

function parse(text: string): Agreement | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && Array.isArray((parsed as Agreement).suffixes)
      ? (parsed as Agreement)
      : undefined;
  } catch {
    return undefined;
  }
}
