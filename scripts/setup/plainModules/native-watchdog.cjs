// Takes the place of the native @vscode/native-watchdog in our copy of code-server: ends this process when the one
// that it belongs to has ended.
const process = require('node:process');
const { setInterval } = require('node:timers');

const LOOK_EVERY_MS = 2_000;

exports.start = (parentPid) => {
  setInterval(() => {
    try {
      process.kill(parentPid, 0);
    } catch {
      process.exit(87);
    }
  }, LOOK_EVERY_MS).unref();
};
