/** What one model of the fake takes and refuses. */
export interface FakeGeminiModel {
  readonly id: string;
  /** Range of `thinkingBudget`, and whether 0 stops it; absent: it takes none. */
  readonly budget?: { readonly min: number; readonly max: number; readonly canStop: boolean };
  /** Words of `thinkingLevel`; absent: it takes none. */
  readonly levels?: readonly string[];
  /** Refuses calls in the history that have no signature of their thought. */
  readonly wantsSignatures: boolean;
  readonly outputTokenLimit: number;
}

const NEW = { wantsSignatures: true, outputTokenLimit: 65_536 } as const;
const OLD = { wantsSignatures: false, outputTokenLimit: 65_536 } as const;

/**
 * One model for each way of asking, after https://ai.google.dev/gemini-api/docs/thinking and
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking.
 */
export const GEMINIS: readonly FakeGeminiModel[] = [
  { ...OLD, id: 'gemini-2.0-flash', outputTokenLimit: 8_192 },
  { ...OLD, id: 'gemini-2.5-flash-lite', budget: { min: 512, max: 24_576, canStop: true } },
  { ...OLD, id: 'gemini-2.5-flash', budget: { min: 1, max: 24_576, canStop: true } },
  { ...OLD, id: 'gemini-2.5-pro', budget: { min: 128, max: 32_768, canStop: false } },
  { ...NEW, id: 'gemini-3-pro-preview', levels: ['LOW', 'HIGH'] },
  { ...NEW, id: 'gemini-3-flash-preview', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] },
  { ...NEW, id: 'gemini-3.1-flash-lite', levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] },
  { ...NEW, id: 'gemini-3.1-pro-preview', levels: ['LOW', 'MEDIUM', 'HIGH'] },
  { ...NEW, id: 'gemini-3.8-flash', levels: ['LOW', 'MEDIUM', 'HIGH'] },
  { ...NEW, id: 'gemini-flash-latest', levels: ['LOW', 'MEDIUM', 'HIGH'] },
];
