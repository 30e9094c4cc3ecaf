import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecaCommandRunner, isMissing } from '../../../src/hardware/commandRunner';

const runner = new ExecaCommandRunner();
const node = (code: string, options?: { readonly signal?: AbortSignal }, by = runner) =>
  by.run(process.execPath, ['-e', code], options);

describe('running a command', () => {
  it('gives both outputs and the exit code, whatever it is', async () => {
    const result = await node('console.log("out"); console.error("err"); process.exitCode = 9');
    expect(result).toEqual({ stdout: 'out', stderr: 'err', exitCode: 9 });
  });

  it('a command that does not exist is missing, not an exception', async () => {
    const result = await runner.run('no-such-vendor-tool', []);
    expect(isMissing(result)).toBe(true);
    expect(result.failure).toBe('missing');
  });

  it('a file that cannot be run is told apart from a missing one', async () => {
    const result = await runner.run(import.meta.dirname, []);
    expect(result).toMatchObject({ failure: 'not_run', exitCode: 126 });
  });

  it('a command that hangs is ended at the time limit', async () => {
    const result = await node('setInterval(() => 0, 1000)', {}, new ExecaCommandRunner({ timeoutMs: 150 }));
    expect(result).toMatchObject({ failure: 'timeout', exitCode: 124 });
  });

  it('output is cut at 4 MiB', async () => {
    const result = await node('process.stdout.write("x".repeat(5 * 1024 * 1024))');
    expect(result.failure).toBe('too_large');
    expect(result.stdout.length).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('arguments are not seen by a shell, the locale is C and the folder is not the workspace', async () => {
    const print = 'console.log(JSON.stringify([process.argv[1], process.env.LC_ALL, process.cwd()]))';
    const result = await runner.run(process.execPath, ['-e', print, '$(id); echo *']);
    expect(JSON.parse(result.stdout)).toEqual(['$(id); echo *', 'C', path.dirname(process.execPath)]);
  });

  it('nothing is waiting on its input', async () => {
    expect((await node('process.stdin.resume().on("end", () => console.log("ended"))')).stdout).toBe('ended');
  });

  it("cancelling ends the process and rejects with the signal's reason", async () => {
    const reason = new Error('window closed');
    const controller = new AbortController();
    const running = node('setInterval(() => 0, 1000)', { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(node('0', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
