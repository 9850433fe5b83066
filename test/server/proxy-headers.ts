/** PROXY headers of version 2, right and wrong, as a load balancer would send them. */
export const proxySignature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

export interface HeaderParts {
  readonly versionAndCommand?: number;
  readonly family?: number;
  readonly block?: Buffer;
  /** What the header says; the block's length by default. */
  readonly length?: number;
}

export function proxyHeader({ versionAndCommand = 0x21, family = 0x11, block = Buffer.alloc(0), length }: HeaderParts): Buffer {
  const head = Buffer.concat([proxySignature, Buffer.from([versionAndCommand, family, 0, 0])]);
  head.writeUInt16BE(length ?? block.length, 14);
  return Buffer.concat([head, block]);
}

/** Source and destination; the addresses as hex digits. */
export function addressBlock(source: string, port: number, destination = source): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(389, 2);
  return Buffer.concat([Buffer.from(source, 'hex'), Buffer.from(destination, 'hex'), ports]);
}

/** A type-length-value of so many bytes in all. */
export function option(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  made[0] = 0x04;
  made.writeUInt16BE(bytes - 3, 1);
  return made;
}

/** 192.0.2.7, port 4660 */
export const fourBlock = addressBlock('c0000207', 4_660);
/** 2001:db8::7, port 4660 */
export const sixBlock = addressBlock('20010db8000000000000000000000007', 4_660);

export const four = (...options: readonly Buffer[]): Buffer =>
  proxyHeader({ family: 0x11, block: Buffer.concat([fourBlock, ...options]) });
export const six = (...options: readonly Buffer[]): Buffer =>
  proxyHeader({ family: 0x21, block: Buffer.concat([sixBlock, ...options]) });
export const local = (block?: Buffer): Buffer => proxyHeader({ versionAndCommand: 0x20, family: 0, ...(block ? { block } : {}) });
