/**
 * A view that stays on the terminal and is drawn again and again, until q, Ctrl-C or a signal ends it. It has the screen
 * to itself meanwhile, and leaves it as it was.
 */

const screen = {
  enter: '\u001b[?1049h\u001b[?25l',
  leave: '\u001b[?25h\u001b[?1049l',
  home: '\u001b[H',
  clearLine: '\u001b[K',
  clearBelow: '\u001b[J',
} as const;

const columnsDefault = 80;
const rowsDefault = 24;

const endKeys = new Set(['q', 'Q', '\u0003', '\u0004', '\u001b']);
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `lines` must not reject. Resolves when somebody has had enough. */
export async function showLive(lines: () => Promise<readonly string[]>, intervalMs: number): Promise<void> {
  const { stdin, stdout } = process;
  let over = false;
  let wake: (() => void) | undefined;
  let shown: readonly string[] = [];
  const end = (): void => {
    over = true;
    wake?.();
  };
  const onKey = (data: Buffer): void => {
    if ([...data.toString('latin1')].some((key) => endKeys.has(key))) end();
  };
  // A terminal of no size is one that does not know it.
  const draw = (): void => void stdout.write(screenOf(shown, stdout.columns || columnsDefault, stdout.rows || rowsDefault));
  const keys = stdin.isTTY;
  for (const signal of endSignals) process.on(signal, end);
  stdout.on('resize', draw);
  stdout.write(screen.enter);
  try {
    if (keys) {
      stdin.setRawMode(true);
      stdin.on('data', onKey);
      stdin.resume();
    }
    while (!over) {
      shown = await lines();
      draw();
      // What happened while the lines were made counts, too.
      if (!over) await sleep(intervalMs, (end) => (wake = end));
    }
  } finally {
    stdout.write(screen.leave);
    stdout.off('resize', draw);
    for (const signal of endSignals) process.off(signal, end);
    if (keys) {
      stdin.off('data', onKey);
      stdin.setRawMode(false);
      stdin.pause();
    }
  }
}

/** Drawn over what is there, so that nothing flickers; what does not fit is cut off. */
function screenOf(lines: readonly string[], columns: number, rows: number): string {
  const fitting = lines.slice(0, rows).map((line) => [...line].slice(0, columns).join('') + screen.clearLine);
  return screen.home + fitting.join('\r\n') + screen.clearBelow;
}

function sleep(milliseconds: number, onSleep: (end: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    onSleep(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
