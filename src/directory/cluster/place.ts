/** The place in the cluster's log of what one node tells another, as it goes into a sync cookie: a word without commas. */
import { parsePosition, positionText, type Position } from '../../cluster/position.js';
import type { StoreSnapshot } from '../../store/snapshot.js';

export interface Place {
  readonly position: Position;
  /** What the node holds there: who was told fewer has not seen everything. */
  readonly entries: number;
}

/** Undefined where the database is in no cluster. */
export function placeOf({ clusterPosition, entryCount }: StoreSnapshot): string | undefined {
  return clusterPosition && `${clusterPosition.toString().replaceAll(' ', '-')}-${entryCount}`;
}

/** Undefined where the text is none. */
export function parsePlace(text: string): Place | undefined {
  const [, place = '', entries] = /^(.*)-(\d{1,15})$/.exec(text) ?? [];
  const position = parsePosition(place.replaceAll('-', ' '));
  return position && { position, entries: Number(entries) };
}

/** As the store keeps it. */
export function storedPosition({ position }: Place): Buffer {
  return Buffer.from(positionText(position));
}
