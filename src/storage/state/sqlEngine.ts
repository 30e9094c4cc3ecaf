import { readFile } from 'node:fs/promises';
import type { SqlJsStatic } from 'sql.js';

/** Node has it; the types that sql.js brings hide it. */
declare const WebAssembly: { validate(bytes: ArrayBuffer): boolean };

/**
 * sql.js, loaded when it is first asked for: its WebAssembly is 690 kB and takes about 10 ms. A load that failed is tried
 * again by the next call.
 */
export class SqlEngine {
  #loading: Promise<SqlJsStatic> | undefined;

  /** @param wasmFile sql.js's `sql-wasm.wasm`, of the very version of the package. */
  constructor(private readonly wasmFile: string) {}

  load(): Promise<SqlJsStatic> {
    this.#loading ??= load(this.wasmFile).catch((thrown: unknown) => {
      this.#loading = undefined;
      throw thrown;
    });
    return this.#loading;
  }
}

async function load(wasmFile: string): Promise<SqlJsStatic> {
  const file = await readFile(wasmFile);
  const wasmBinary = new Uint8Array(file).buffer;
  // sql.js keeps the result of its first initialisation for ever, a failed one as well: it must not see a broken file.
  if (!WebAssembly.validate(wasmBinary)) throw new Error(`${wasmFile} is not the WebAssembly of sql.js`);
  const { default: initSqlJs } = await import('sql.js');
  return initSqlJs({ wasmBinary });
}

/** Whether the engine itself failed, for want of memory as a rule; that says nothing about the data. */
export function isEngineFailure(thrown: unknown): boolean {
  return (
    thrown instanceof RangeError ||
    (thrown instanceof Error && (thrown.name === 'RuntimeError' || thrown.message === 'out of memory'))
  );
}
