/**
 * Lists the directives that slapd's manual pages describe: names only, a page on each line. It makes test/config/manual-directives.txt:
 *
 *     node scripts/man-directives.mjs 2.5=/usr/share/man/man5 2.6=FOLDER > test/config/manual-directives.txt
 *
 * Another release's pages come from its packages: `apt-get download slapd slapd-contrib`, then `dpkg-deb -x`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const pageName = /^(slapd\.(?:conf|access|plugin)|slap[dom]-[a-z\d]+)\.5(?:\.gz)?$/;

/** Sections whose lists are of other things: methods of a Perl module, what may stand within a rewrite rule, files. */
const otherSections =
  /^slapd-perl description|^\S+ (?:maps|additional|pattern|substitution|action|passes|files|schema|notes|author|see also|.* examples?)/i;

/** The entries of the page's lists, each with the depth of its list. */
function* headsOf(page, text) {
  let depth = 0;
  let section = '';
  let isHead = false;
  let isFirst = false;
  for (const line of text.split('\n')) {
    const [, request, argument = line] = /^\.(\w+)\s*(.*)$/.exec(line) ?? [];
    if (request === 'SH') {
      section = `${page} ${argument.replaceAll('"', '')}`;
      depth = 0;
    } else if (request === 'RS') depth++;
    else if (request === 'RE') depth--;
    if (request === 'TP' || request === 'HP') {
      isHead = isFirst = !otherSections.test(section);
    } else if (request !== 'hy' && isHead) {
      isHead = request === undefined ? isFirst : /^BI?R?$/.test(request);
      if (isHead) yield { depth, text: argument };
      isFirst = false;
    }
  }
}

/** Directives as the page spells them, where a head begins with one. */
function namesIn(head) {
  const [, stem, ends] = /^([\w-]+-)\{([\w|]+)\}/.exec(head) ?? [];
  if (stem !== undefined) return ends.split('|').map((end) => stem + end);
  return /^"?((?:[a-z]|TLS)[\w-]*)(?=[\s:<{"]|$)/.exec(head)?.slice(1) ?? [];
}

function readPage(path) {
  const bytes = readFileSync(path);
  const text = String(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  return text.replaceAll('\\-', '-').replace(/\\[fF](?:\[\w*\]|\w)/g, '');
}

/** By page and name, the releases that have it. */
const pages = new Map();
const releases = process.argv.slice(2).map((argument) => argument.split('='));
const heads = [];
for (const [release, folder] of releases) {
  for (const file of readdirSync(folder).sort()) {
    const page = pageName.exec(file)?.[1];
    if (!page) continue;
    if (!pages.has(page)) pages.set(page, new Map());
    for (const { depth, text } of headsOf(page, readPage(join(folder, file)))) {
      for (const name of namesIn(text).filter((name) => name !== page)) {
        heads.push({ page, name, release });
        if (depth === 0 && !pages.get(page).has(name)) pages.get(page).set(name, new Set());
      }
    }
  }
}
// Some pages close a list that they never opened, so a depth counts only where it says that there is a directive.
for (const { page, name, release } of heads) pages.get(page).get(name)?.add(release);

for (const [page, names] of pages) {
  const words = [...names].map(([name, has]) => (has.size === releases.length ? name : `${name}@${[...has].join()}`));
  process.stdout.write(`${page}: ${words.join(' ')}\n`.replace(': \n', ':\n'));
}
