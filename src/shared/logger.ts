import { redactValue } from './redact';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log line: a short event name in lower case with dots, and facts that were already parsed. */
export interface Logger {
  log(level: LogLevel, event: string, facts?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: Logger = { log: () => undefined };

/** A logger whose every line goes through redaction before `write` sees it. */
export function createLogger(write: (level: LogLevel, line: string) => void): Logger {
  return {
    log(level, event, facts) {
      const text = facts === undefined ? event : `${event} ${JSON.stringify(redactValue(facts))}`;
      write(level, text);
    },
  };
}
