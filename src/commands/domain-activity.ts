/** `jammd domain activity`: who changed what in a domain, and when. */
import { Command, InvalidArgumentError } from 'commander';
import { domainActivity, type Activity, type Doer } from '../mail/activity.js';
import { parseDomain } from '../mail/address.js';
import type { MailContext } from '../mail/context.js';
import { positiveInteger, report, table, withMail, type MailOptions } from './mail.js';
import { activitySource, addActivityOptions, type ActivityOptions } from './site-services.js';

interface Options extends MailOptions, ActivityOptions {
  readonly max: number;
  readonly before?: Date;
}

export function activityCommand(): Command {
  return addActivityOptions(new Command('activity'))
    .argument('<domain>')
    .description("list who changed what in a domain, newest first, from the server's log")
    .option('--max <number>', 'how many changes', positiveInteger, 100)
    .option('--before <time>', 'only earlier ones: 2026-11-28T17:50:13Z', time)
    .action(activity);
}

function time(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('Not a time such as 2026-11-28T17:50:13Z.');
  return at;
}

async function activity(typed: string, options: Options): Promise<void> {
  const tell = async (mail: MailContext): Promise<void> => {
    const { before, max } = options;
    const { activities, more, cut } = await domainActivity(mail, parseDomain(typed), { before, max });
    report(options, activities.map(activityJson), table(activities.map(row)));
    if (more) process.stderr.write('jammd domain activity: there are more: see --max and --before\n');
    else if (cut) process.stderr.write('jammd domain activity: older parts of the log were not looked at\n');
  };
  await withMail(options, tell, activitySource(options));
}

function activityJson({ at, who, newSubject, from, ...others }: Activity): Readonly<Record<string, unknown>> {
  return { at: at.toISOString(), who, ...others, newSubject: newSubject ?? null, from: from ?? null };
}

function row({ at, who, kind, subject, newSubject, attributes, refused }: Activity): readonly string[] {
  const details = newSubject === undefined ? attributes.join(', ') : `to ${newSubject}`;
  return [at.toISOString(), whoText(who), `${kind}${refused ? ' (refused)' : ''}`, subject, details].map(printable);
}

function whoText({ kind, name }: Doer): string {
  return kind === 'person' ? name : name === '' ? kind : `${kind} ${name}`;
}

/** Names of entries and attributes are what clients sent. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
