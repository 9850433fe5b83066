/**
 * Does for a test what systemd does with a socket unit: opens the sockets, keeps them open, and starts the program with
 * them from descriptor 3 on, any number of times.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Perl, which can open a socket without serving it, and pass it on. */
const script = String.raw`
use IO::Socket::IP; use IO::Socket::UNIX; use Socket qw(SOCK_STREAM SOMAXCONN);
$| = 1; $^F = 1000;
my (@sockets, $names);
while (($_ = shift @ARGV) ne '--') {
  my ($kind, $where) = split /=/, $_, 2;
  if ($kind eq 'names') { $names = $where; next }
  my $socket = $kind eq 'unix'
    ? IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $where, Listen => SOMAXCONN)
    : IO::Socket::IP->new(LocalHost => $where, LocalPort => 0, Listen => SOMAXCONN, V6Only => 1);
  die "$_: $!" unless $socket;
  push @sockets, $socket;
  print "opened ", ($kind eq 'unix' ? $where : $socket->sockport), "\n";
}
my $pid;
while (my $word = <STDIN>) {
  if ($word eq "start\n") {
    $pid = fork;
    if ($pid) { print "started $pid\n"; next }
    open STDIN, '<', '/dev/null';
    $ENV{LISTEN_PID} = $$; $ENV{LISTEN_FDS} = @sockets;
    $ENV{LISTEN_FDNAMES} = $names if defined $names;
    exec @ARGV or die "exec: $!";
  }
  kill 'TERM', $pid; waitpid $pid, 0; print "ended with ", $? >> 8, "\n"; undef $pid;
}
if ($pid) { kill 'KILL', $pid; waitpid $pid, 0 }
`;

export interface LaunchedSockets {
  /** What to listen on, in the order of descriptors: `ip=127.0.0.1`, `ip=::1`, `unix=/PATH`. */
  readonly sockets: readonly string[];
  /** LISTEN_FDNAMES. */
  readonly names?: string;
}

export class SocketLauncher {
  readonly #child: ChildProcess;
  readonly #count: number;
  #output = '';
  #watchers: (() => void)[] = [];

  constructor({ sockets, names }: LaunchedSockets, command: readonly string[]) {
    const named = names === undefined ? [] : [`names=${names}`];
    this.#count = sockets.length;
    this.#child = spawn('perl', ['-e', script, ...sockets, ...named, '--', ...command], { stdio: 'pipe' });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        for (const watcher of this.#watchers) watcher();
      });
    }
  }

  /** Everything that launcher and program have written. */
  get output(): string {
    return this.#output;
  }

  /** The process id of the program that was started last. */
  get pid(): number {
    return Number(this.#all(/^started (\d+)$/gm).at(-1));
  }

  /** Of each TCP socket its port, of each Unix socket its path. */
  async opened(): Promise<string[]> {
    await this.until(() => this.#all(/^opened (.*)$/gm).length === this.#count);
    return this.#all(/^opened (.*)$/gm);
  }

  /** URLs as the program tells them; resolves when it has told as many as there are sockets, or `count`. */
  async start(count = this.#count): Promise<string[]> {
    const before = this.#all(/^listening on (.*)$/gm).length;
    this.begin();
    await this.until(() => this.#all(/^listening on (.*)$/gm).length === before + count);
    return this.#all(/^listening on (.*)$/gm).slice(before);
  }

  /** Starts the program and does not wait for it. */
  begin(): void {
    this.#child.stdin!.write('start\n');
  }

  /** Resolves with the program's exit status. */
  async stop(): Promise<number> {
    const before = this.#all(/^ended with (\d+)$/gm).length;
    this.#child.stdin!.write('stop\n');
    await this.until(() => this.#all(/^ended with (\d+)$/gm).length > before);
    return Number(this.#all(/^ended with (\d+)$/gm).at(-1));
  }

  /** Ends both. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin!.end();
    await once(this.#child, 'close');
  }

  async until(done: () => boolean): Promise<void> {
    if (done()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not in time:\n${this.#output}`)), 20_000);
      this.#watchers.push(() => {
        if (!done()) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #all(pattern: RegExp): string[] {
    return [...this.#output.matchAll(pattern)].map((match) => match[1]!);
  }
}
