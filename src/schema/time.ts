/** Generalized Time (RFC 4517 section 3.3.13) and the change sequence numbers that slapd builds on it. */

const timePattern = /^(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?(?:[.,](\d+))?(?:Z|([+-])(\d{2})(\d{2})?)$/;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 100 === 0 ? year % 400 === 0 : year % 4 === 0;
}

function digits(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

/**
 * The moment as `YYYYmmddHHMMSS`, with `.` and the fraction's significant digits where it has any, in UTC; undefined
 * where it is no Generalized Time. Plain text order of these is time order.
 */
export function normalizeTime(text: string): string | undefined {
  const match = timePattern.exec(text);
  if (!match) return undefined;
  const [, yearText, monthText, dayText, hourText, minuteText = '00', secondText = '00', fractionText = ''] = match;
  const year = Number(yearText);
  const month = Number(monthText);
  const day = Number(dayText);
  const hour = Number(hourText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  // 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = offsetMinutes(match[8], match[9], match[10]);
  if (offset === undefined) return undefined;
  const shifted = shift({ year, month, day, hour, minute }, -offset);
  if (!shifted) return undefined;
  const fraction = withoutTrailingZeros(fractionText);
  return shifted + secondText + (fraction === '' ? '' : `.${fraction}`);
}

/** In one pass: the obvious regular expression tries every zero as the first of the last ones. */
function withoutTrailingZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '0') end--;
  return text.slice(0, end);
}

function offsetMinutes(sign: string | undefined, hours = '00', minutes = '00'): number | undefined {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** `YYYYmmddHHMM` of the moment moved by some minutes, less than a day and a half. */
function shift({ year, month, day, hour, minute }: Moment, minutes: number): string | undefined {
  let total = hour * 60 + minute + minutes;
  if (total < 0) {
    total += 24 * 60;
    if (--day < 1) {
      if (--month < 1) {
        month = 12;
        year--;
      }
      day = daysInMonth(year, month);
    }
  } else if (total >= 24 * 60) {
    total -= 24 * 60;
    if (++day > daysInMonth(year, month)) {
      day = 1;
      if (++month > 12) {
        month = 1;
        year++;
      }
    }
  }
  if (year < 0 || year > 9999) return undefined;
  return digits(year, 4) + digits(month) + digits(day) + digits(Math.floor(total / 60)) + digits(total % 60);
}

const csnPattern = /^(\d{14}\.\d{6}Z#[0-9a-f]{6}#)([0-9a-f]{3}#[0-9a-f]{6})$/i;
const csnPatternOf23 = /^(\d{14})Z(#[0-9a-f]{6}#)([0-9a-f]{2}#[0-9a-f]{6})$/i;
const csnPatternOf21 = /^(\d{10}):(\d{2}):(\d{2})Z#0x([0-9a-f]{4})#([0-9a-f])#([0-9a-f]{4})$/i;

/**
 * A change sequence number in today's form, `YYYYmmddHHMMSS.uuuuuuZ#SSSSSS#SID#ssssss`, from that form or the shorter
 * ones of OpenLDAP 2.1 and 2.3; undefined where it is none.
 */
export function normalizeCsn(text: string): string | undefined {
  const match = csnPattern.exec(withTodaysWidths(text));
  if (!match) return undefined;
  const [, timeAndCount, serverAndModification] = match;
  if (normalizeTime(timeAndCount!.slice(0, timeAndCount!.indexOf('#'))) === undefined) return undefined;
  return timeAndCount! + serverAndModification!.toLowerCase();
}

function withTodaysWidths(text: string): string {
  const of23 = csnPatternOf23.exec(text);
  if (of23) return `${of23[1]}.000000Z${of23[2]}0${of23[3]}`;
  const of21 = csnPatternOf21.exec(text);
  return of21 ? `${of21[1]}${of21[2]}${of21[3]}.000000Z#00${of21[4]}#00${of21[5]}#00${of21[6]}` : text;
}

/** The server's number, three hexadecimal digits, of a change sequence number or as it stands. */
export function csnServerId(text: string): string | undefined {
  if (/^[0-9a-f]{3}$/i.test(text)) return text.toLowerCase();
  return normalizeCsn(text)?.split('#')[2];
}
