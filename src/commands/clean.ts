/** `jammd clean`: archives and removes what deleted accounts and domains have left, mail and entries. */
import { Command } from 'commander';
import { clean, type CleanStep } from '../mail/clean.js';
import { addMailOptions, report, withMail, type MailOptions } from './mail.js';

interface CleanCommandOptions extends MailOptions {
  readonly archive: string;
  readonly yes?: true;
}

export function cleanCommand(): Command {
  return addMailOptions(
    new Command('clean')
      .summary('archive and remove the mail of deleted accounts')
      .description(
        'For every account that is deleted, or whose domain is: archives its Maildir, removes it, and then ' +
          'removes the entry. Folders outside --mail-home, behind symbolic links, in use by a live account, or that are no ' +
          'Maildir are left alone and reported, and so are their entries. Without --yes it only reports what it would do.',
      )
      .option('--archive <folder>', 'where the archives go', '/var/backups/jammd')
      .option('--yes', 'do it')
      .addHelpText(
        'after',
        `
Run it as the user the Maildirs belong to. Exit code 1 means that something was left alone.

Examples:
  $ jammd clean -y /etc/jammd/manager.password
  $ jammd clean -y /etc/jammd/manager.password --yes     # in cron, once a week`,
      )
      .action(cleanNow),
  );
}

function cleanNow(options: CleanCommandOptions): Promise<void> {
  return withMail(options, async (mail) => {
    const apply = options.yes === true;
    const steps: CleanStep[] = [];
    for await (const step of clean(mail, { mailHome: options.mailHome, archive: options.archive, apply })) {
      steps.push(step);
      if (!options.json) report(options, step, [sentence(step, apply)]);
    }
    if (options.json) report(options, steps, []);
    else if (steps.length === 0) report(options, steps, ['nothing to clean']);
    if (!apply && steps.length > 0) process.stderr.write('jammd clean: nothing was done; run it with --yes to do it\n');
    if (steps.some(({ kind }) => kind === 'refused')) process.exitCode = 1;
  });
}

function sentence(step: CleanStep, apply: boolean): string {
  const removed = apply ? 'removed' : 'would be removed';
  const files = (folder: string | undefined, archive: string | undefined): string =>
    folder === undefined ? 'no mail on disk' : `${folder} ${apply ? 'archived as' : 'would be archived as'} ${archive}`;
  switch (step.kind) {
    case 'account':
      return `${step.address} ${removed}; ${files(step.folder, step.archive)}`;
    case 'orphan':
      return `what a purged account of ${step.domain} left ${removed}; ${files(step.folder, step.archive)}`;
    case 'domain':
      return `${step.domain} ${removed}, ${step.entries} entries`;
    case 'refused':
      return `left alone: ${step.what}: ${step.reason}`;
  }
}
