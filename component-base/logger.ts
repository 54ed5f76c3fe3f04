/** Structured logs of a process: pino, one line of JSON per entry. */
import pino from 'pino';

export type Logger = pino.Logger;

/** `verbosity` is klog's `-v`: 0 and 1 log info, 2 and more debug, 6 and more trace. */
export function createLogger(component: string, verbosity = 0): Logger {
  const level = verbosity >= 6 ? 'trace' : verbosity >= 2 ? 'debug' : 'info';
  return pino({
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
