import { systemClock, type Clock } from '../../src/shared/clock';

/** Real time with waits of ours ten times as long: what ends by itself has ended before, however busy the machine is. */
export const patientClock: Clock = {
  ...systemClock,
  after: (delayMs, fn) => systemClock.after(10 * delayMs, fn),
};
