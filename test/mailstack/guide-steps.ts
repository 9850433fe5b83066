/** The commands of a guide in Markdown: its blocks of sh, with the sections they stand in. */
export interface GuideStep {
  readonly section: string;
  /** Of the block's first line in the file. */
  readonly line: number;
  readonly script: string;
}

/** @throws where a block has no end */
export function guideSteps(markdown: string): GuideStep[] {
  const steps: GuideStep[] = [];
  let section = '';
  let open: { language: string; line: number; text: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open) {
      if (fence) {
        if (open.language === 'sh') steps.push({ section, line: open.line, script: `${open.text.join('\n')}\n` });
        open = undefined;
      } else {
        open.text.push(line);
      }
    } else if (fence) {
      open = { language: fence[1] ?? '', line: index + 2, text: [] };
    } else {
      section = /^#+ (.+)$/.exec(line)?.[1] ?? section;
    }
  }
  if (open) throw new Error(`the block at line ${open.line} has no end`);
  return steps;
}
