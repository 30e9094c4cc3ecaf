import * as z from 'zod';
import type { Logger } from '../shared/logger';
import type { StateDatabase } from '../storage/stateDatabase';
import { Findings } from './findings';

/** Whether a model calls tools, and how that is known: its server lists it, or it was tried. */
export interface ToolCallingFinding {
  readonly callsTools: boolean;
  readonly how: 'listed' | 'tried';
  readonly foundAtMs: number;
}

/** More models than that nobody tries. */
const MAX_SUBJECTS = 1_000;
const US_PER_MS = 1_000;

const row = z
  .object({
    subject: z.string().min(1),
    calls_tools: z.union([z.literal(0), z.literal(1)]),
    how: z.enum(['listed', 'tried']),
    found_at: z.number().nonnegative(),
  })
  .transform(({ subject, calls_tools: callsTools, how, found_at: foundAt }) => {
    const atMs = foundAt / US_PER_MS;
    return { key: subject, value: { callsTools: callsTools === 1, how, foundAtMs: atMs }, atMs };
  });

/** Which models call tools, by subject (`modelSubject`), for all windows. */
export class ToolCallingStore {
  readonly #findings: Findings<ToolCallingFinding>;
  readonly onDidChange: Findings<ToolCallingFinding>['onDidChange'];

  constructor(options: { readonly state: StateDatabase; readonly logger: Logger }) {
    this.#findings = new Findings({
      ...options,
      name: 'tool_calling',
      query: 'SELECT subject, calls_tools, how, found_at FROM tool_calling ORDER BY subject',
      row,
    });
    this.onDidChange = this.#findings.onDidChange;
  }

  find(subject: string): ToolCallingFinding | undefined {
    return this.#findings.get(subject)?.value;
  }

  /** Never rejects. */
  async save(subject: string, finding: ToolCallingFinding): Promise<void> {
    const { callsTools, how, foundAtMs } = finding;
    await this.#findings.keep({ key: subject, value: finding, atMs: foundAtMs }, (sql) => {
      sql.run(
        `INSERT INTO tool_calling (subject, calls_tools, how, found_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (subject) DO UPDATE SET calls_tools = excluded.calls_tools, how = excluded.how,
           found_at = excluded.found_at`,
        [subject, callsTools ? 1 : 0, how, foundAtMs * US_PER_MS],
      );
      sql.run(
        `DELETE FROM tool_calling WHERE subject NOT IN
           (SELECT subject FROM tool_calling ORDER BY found_at DESC, subject LIMIT ${MAX_SUBJECTS})`,
      );
    });
  }
}
