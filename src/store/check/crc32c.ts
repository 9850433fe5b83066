/** CRC-32C as LevelDB stores it: masked, because a checksum of bytes that contain their own checksum is weak. */

const maskDelta = 0xa282ead8;

/** CRC-32C of each byte, then of that byte followed by one to seven zeros, so that eight bytes can be processed at a time. */
const crcTable = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  crcTable[byte] = crc;
}
for (let index = 256; index < crcTable.length; index++) {
  const crc = crcTable[index - 256]!;
  crcTable[index] = (crc >>> 8) ^ crcTable[crc & 0xff]!;
}

/** Of `bytes[start, end)`. */
export function maskedCrc32c(bytes: Buffer, start: number, end: number): number {
  let crc = ~0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      crcTable[0x700 | (low & 0xff)]! ^
      crcTable[0x600 | ((low >>> 8) & 0xff)]! ^
      crcTable[0x500 | ((low >>> 16) & 0xff)]! ^
      crcTable[0x400 | (low >>> 24)]! ^
      crcTable[0x300 | bytes[at + 4]!]! ^
      crcTable[0x200 | bytes[at + 5]!]! ^
      crcTable[0x100 | bytes[at + 6]!]! ^
      crcTable[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = crcTable[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0;
}
