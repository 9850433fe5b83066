/** Numbers of bytes as people read them. */

/** A stored quota: `500 MB`; what is not a plain size stays as it is stored. */
export function displayQuota(stored: string): string {
  const bytes = /^(\d+)S$/.exec(stored)?.[1];
  if (bytes === undefined) return stored;
  let size = Number(bytes);
  if (size < 1024) return `${size}S`;
  const names = ['KB', 'MB', 'GB', 'TB'];
  let unit = -1;
  while (size >= 1024 && unit < names.length - 1) {
    size /= 1024;
    unit += 1;
  }
  // Only a form that reads back as the same number of bytes may be shown in a field.
  const rounded = Math.round(size * 1000) / 1000;
  return rounded === size ? `${rounded} ${names[unit]}` : stored;
}

/** A number of bytes as people read it. */
export function displayBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const exact = displayQuota(`${bytes}S`);
  if (!exact.endsWith('S')) return exact;
  const units = ['KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power - 1]}`;
}
