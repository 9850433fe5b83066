/** The manual pages and the shell's completion, from the command's own help and the configuration's own tables. */

/** Troff takes lines that begin with a dot or an apostrophe, and backslashes, for its own. */
function troff(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

function header(name, section, version, title) {
  return `.TH ${name} ${section} "" "jammd ${version}" "${title}"\n`;
}

const example = (text) => `.nf\n${troff(text.trimEnd())}\n.fi\n`;

function optionList(command, helper) {
  const options = helper.visibleOptions(command);
  return options
    .map((option) => `.TP\n.B ${troff(helper.optionTerm(option))}\n${troff(helper.optionDescription(option))}\n`)
    .join('');
}

/** Commands that can be called, with the words that lead there. */
function* callable(command, words = []) {
  const subcommands = command.commands.filter((sub) => sub.name() !== 'help');
  if (subcommands.length === 0) yield { command, words };
  for (const sub of subcommands) yield* callable(sub, [...words, sub.name()]);
}

/** jammd(8) */
export function commandManual(program, version) {
  const helper = program.createHelp();
  const commands = [...callable(program)].map(({ command, words }) => {
    const text = helper.commandDescription(command) || helper.subcommandDescription(command);
    const usage = helper.commandUsage(command).replace(/^\S+/, `jammd ${words.slice(0, -1).join(' ')}`.trim());
    return `.SS jammd ${troff(words.join(' '))}\n.B ${troff(usage)}\n.PP\n${troff(text)}\n${optionList(command, helper)}`;
  });
  return `${header('JAMMD', 8, version, 'System administration')}.SH NAME
jammd \\- LDAP directory server for mail hosting
.SH SYNOPSIS
.B jammd
.I command
[options]
.SH DESCRIPTION
${troff(helper.commandDescription(program))}
.SH COMMANDS
${commands.join('')}.SH FILES
.TP
.I /etc/jammd/jammd.conf
the configuration
.TP
.I /var/lib/jammd
the databases
.SH SEE ALSO
.BR jammd.conf (5),
.BR ldapsearch (1),
.BR slapd.conf (5)
`;
}

/** jammd.conf(5) */
export function configurationManual({ globalNames, databaseNames, text, version }) {
  const list = (names) => `${troff([...names].sort().join(', '))}\n`;
  return `${header('JAMMD.CONF', 5, version, 'File formats')}.SH NAME
jammd.conf \\- configuration of jammd
.SH DESCRIPTION
The text of
.BR slapd.conf (5):
directives on lines of their own, continued by lines that begin with a blank; a number sign begins a comment line.
.B jammd check \\-f
.I file
reports every mistake with its line.
.SH DIRECTIVES
Before the first
.B database
line:
${list(globalNames)}.PP
After it, for that database:
${list(databaseNames)}.PP
Directives that only tune slapd's own engine are accepted with a warning.
.SH EXAMPLE
The configuration that the package brings:
.PP
${example(text)}.SH SEE ALSO
.BR jammd (8),
.BR slapd.conf (5),
.BR slapd.access (5)
`;
}

/** For /usr/share/bash-completion/completions/jammd */
export function bashCompletion(program) {
  const helper = program.createHelp();
  const optionWords = (command) =>
    helper.visibleOptions(command).flatMap((option) => [option.short, option.long].filter((word) => word !== undefined));
  const cases = [];
  const visit = (command, words) => {
    const subcommands = command.commands.map((sub) => sub.name());
    cases.push(`    '${words.join(' ')}') candidates='${[...subcommands, ...optionWords(command)].join(' ')}' ;;`);
    for (const sub of command.commands) visit(sub, [...words, sub.name()]);
  };
  visit(program, []);
  return `# bash completion for jammd: commands and options; file names otherwise.
_jammd() {
  local candidates='' path='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    path="\${path:+$path }$word"
  done
  while :; do
    case "$path" in
${cases.join('\n')}
    esac
    [ -n "$candidates" ] || [ -z "$path" ] && break
    case "$path" in *' '*) path="\${path% *}" ;; *) path='' ;; esac
  done
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _jammd jammd
`;
}
