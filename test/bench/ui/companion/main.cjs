// Runs beside the installed extension, in the same extension host: what it does there before and after its activation
// has returned is seen here, and VS Code's own marks say when that was.
const childProcess = require('node:child_process');
const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const { performance } = require('node:perf_hooks');
const process = require('node:process');
const { setTimeout: delay } = require('node:timers/promises');
const workers = require('node:worker_threads');
const vscode = require('vscode');

const OURS = 'modelpool.model-pool';
/** What stands in the stack of a call that comes from our bundles. */
const OUR_FILES = /modelpool\.model-pool-[^/\\]+[/\\]dist[/\\]/;
/** @type {{ what: string, atMs: number }[]} */
const work = [];
let watchedFromMs = Infinity;

exports.activate = async (/** @type {import('vscode').ExtensionContext} */ context) => {
  watch(fs, Object.keys(fs).filter(isFunction(fs)), 'file');
  watch(fs.promises, Object.keys(fs.promises).filter(isFunction(fs.promises)), 'file');
  watch(
    childProcess,
    ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
    'process',
  );
  watch(net.Socket.prototype, ['connect'], 'socket');
  watch(dgram, ['createSocket'], 'socket');
  watch(workers, ['Worker'], 'thread');
  watch(globalThis.WebAssembly, ['compile', 'instantiate', 'Module', 'Instance'], 'WebAssembly');
  watchedFromMs = performance.now();
  context.subscriptions.push(vscode.commands.registerCommand('modelPoolBench.openEmpty', openEmpty));
  void tellActivation();
};

const isFunction = (/** @type {object} */ module) => (/** @type {string} */ name) =>
  typeof Reflect.get(module, name) === 'function' && !/^[A-Z_]/.test(name);

/**
 * Notes each call of these functions that our bundles make.
 *
 * @param {object} module
 * @param {readonly string[]} names
 * @param {string} kind
 */
function watch(module, names, kind) {
  for (const name of names) {
    const original = Reflect.get(module, name);
    const noted = new Proxy(original, {
      apply: (target, self, args) => {
        note(kind, name);
        return Reflect.apply(target, self, args);
      },
      construct: (target, args) => {
        note(kind, name);
        return Reflect.construct(target, args);
      },
    });
    Reflect.set(module, name, noted);
  }
}

/**
 * @param {string} kind
 * @param {string} name
 */
function note(kind, name) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const stack = new Error('where').stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  if (OUR_FILES.test(stack)) work.push({ what: `${kind}: ${name}`, atMs: performance.now() });
}

async function tellActivation() {
  const file = process.env['MODEL_POOL_BENCH_ACTIVATIONS'];
  if (!file) return;
  const extension = vscode.extensions.getExtension(OURS);
  if (!extension) throw new Error(`${OURS} is not installed.`);
  // By itself, at its own time: asking for it here would activate it sooner.
  while (!extension.isActive) await delay(50);
  await delay(1_000);
  const marks = Reflect.get(globalThis, 'MonacoPerformanceMarks').getMarks();
  const at = (/** @type {string} */ step) =>
    marks.find((/** @type {{ name: string }} */ { name }) => name === `code/extHost/${step}/${OURS}`)
      .startTime;
  const clock = performance.timeOrigin;
  const between = (/** @type {string} */ from, /** @type {string} */ to) =>
    work.filter(({ atMs }) => atMs + clock >= at(from) && atMs + clock <= at(to)).map(({ what }) => what);
  if (watchedFromMs + clock > at('willLoadExtensionCode')) throw new Error('The companion came too late.');
  const told = {
    loadMs: at('didLoadExtensionCode') - at('willLoadExtensionCode'),
    activateMs: at('didActivateExtension') - at('willActivateExtension'),
    workBefore: between('willLoadExtensionCode', 'didActivateExtension'),
    workAfter: work.filter(({ atMs }) => atMs + clock > at('didActivateExtension')).length,
  };
  fs.appendFileSync(file, `${JSON.stringify(told)}\n`);
}

/** What every report has to pay for: VS Code's own frames around a page without a script. */
function openEmpty() {
  const panel = vscode.window.createWebviewPanel('modelPoolBench.empty', 'Empty', vscode.ViewColumn.Active, {
    enableScripts: true,
  });
  panel.webview.html =
    '<!DOCTYPE html><html lang="en"><head><title>Empty</title></head><body><p class="bench-empty">Empty</p></body></html>';
}
