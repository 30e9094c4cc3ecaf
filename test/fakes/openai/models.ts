/** What the fake service takes for one of its models. */
export interface FakeModel {
  /** Words that it takes for `reasoning_effort`; absent: it does not reason. */
  readonly efforts?: readonly string[];
  /** What it does where none is named. */
  readonly usualEffort?: string;
  /** Refuses function tools together with any effort but `none`. */
  readonly toolsOnlyWithoutReasoning?: boolean;
  readonly contextTokens: number;
}

/**
 * Models of the service and what its documentation, and its answers as people reported them, say that they take
 * (November 2026). Written apart from the extension's own table, so that each is held to the other.
 */
export const FAKE_MODELS: Readonly<Record<string, FakeModel>> = {
  'gpt-4.1': { contextTokens: 1_047_576 },
  'o4-mini': { efforts: ['low', 'medium', 'high'], usualEffort: 'medium', contextTokens: 200_000 },
  'gpt-5': {
    efforts: ['minimal', 'low', 'medium', 'high'],
    usualEffort: 'medium',
    contextTokens: 400_000,
  },
  'gpt-5.1': { efforts: ['none', 'low', 'medium', 'high'], usualEffort: 'none', contextTokens: 400_000 },
  'gpt-5.6-terra': {
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'],
    usualEffort: 'medium',
    toolsOnlyWithoutReasoning: true,
    contextTokens: 400_000,
  },
  'gpt-6-astra': {
    efforts: ['low', 'medium', 'high', 'xhigh'],
    usualEffort: 'medium',
    toolsOnlyWithoutReasoning: true,
    contextTokens: 922_000,
  },
};
