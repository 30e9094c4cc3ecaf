import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';

/** A bundled program that speaks JSON lines, under a test's control. */
export class WindowProcess {
  /** Every line that it has printed, parsed. */
  readonly said: unknown[] = [];
  readonly #child: ChildProcess;

  constructor(program: string, programArguments: readonly string[]) {
    const child = spawn(process.execPath, [program, ...programArguments], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.said.push(JSON.parse(line)));
    // A command for one that was just killed is lost, as it should be.
    child.stdin.on('error', () => undefined);
  }

  send(command: string): void {
    this.#child.stdin?.write(`${command}\n`);
  }

  /** Sends a command and returns the line that it answers with. */
  async ask(command: string): Promise<unknown> {
    const before = this.said.length;
    this.send(command);
    await vi.waitUntil(() => this.said.length > before, { timeout: 10_000, interval: 5 });
    return this.said[before];
  }

  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it as a crash would, and resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
