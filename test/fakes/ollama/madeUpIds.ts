import { randomBytes, randomInt } from 'node:crypto';

/** `call_5gemz1rf`. */
export function callId(): string {
  return `call_${randomInt(36 ** 8)
    .toString(36)
    .padStart(8, '0')}`;
}

/** `msg_` or another prefix and 24 hexadecimal digits. */
export function longId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}

/** `chatcmpl-438`, `resp_76566`: a prefix and a number below `limit`. */
export function numberId(prefix: string, limit: number): string {
  return `${prefix}${randomInt(limit)}`;
}
