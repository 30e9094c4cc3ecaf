type ThinkingType = 'enabled' | 'adaptive' | 'disabled' | 'between_tools';

/** What one model of the fake takes and refuses. */
export interface FakeClaude {
  readonly id: string;
  readonly maxInputTokens: number;
  readonly maxTokens: number;
  /** Types of `thinking` that it takes. */
  readonly thinking: readonly ThinkingType[];
  /** Whether it thinks where nothing is said. */
  readonly thinksByDefault: boolean;
  /** Words of `output_config.effort`; none where it does not take the field. */
  readonly efforts: readonly string[];
  readonly sampling: boolean;
}

const ALL_EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
const LATE = {
  maxInputTokens: 1_000_000,
  maxTokens: 128_000,
  efforts: ALL_EFFORTS,
  sampling: false,
} as const;
const EARLY = { maxInputTokens: 200_000, efforts: [], sampling: true, thinksByDefault: false } as const;

/**
 * One model for each way of asking, after https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 * and the pages of the models there. Where pages disagree about what is taken (`disabled` at 4.7), the stricter one
 * counts.
 */
export const CLAUDES: readonly FakeClaude[] = [
  { ...EARLY, id: 'claude-3-haiku-20240307', maxTokens: 4_096, thinking: [] },
  { ...EARLY, id: 'claude-3-5-haiku-20241022', maxTokens: 8_192, thinking: [] },
  { ...EARLY, id: 'claude-3-7-sonnet-20250219', maxTokens: 64_000, thinking: ['enabled', 'disabled'] },
  { ...EARLY, id: 'claude-opus-4-1-20250805', maxTokens: 32_000, thinking: ['enabled', 'disabled'] },
  { ...EARLY, id: 'claude-haiku-4-5-20251001', maxTokens: 64_000, thinking: ['enabled', 'disabled'] },
  {
    ...EARLY,
    id: 'claude-opus-4-6',
    maxTokens: 128_000,
    thinking: ['enabled', 'adaptive', 'disabled'],
    efforts: ['low', 'medium', 'high', 'max'],
  },
  { ...LATE, id: 'claude-opus-4-7', thinking: ['adaptive'], thinksByDefault: false },
  { ...LATE, id: 'claude-opus-5', thinking: ['adaptive', 'disabled'], thinksByDefault: true },
  { ...LATE, id: 'claude-sonnet-5', thinking: ['adaptive', 'disabled'], thinksByDefault: true },
  { ...LATE, id: 'claude-haiku-5-5', thinking: ['adaptive', 'disabled'], thinksByDefault: true },
  { ...LATE, id: 'claude-sonnet-5-5', thinking: ['adaptive', 'between_tools'], thinksByDefault: true },
  { ...LATE, id: 'claude-opus-5-5', thinking: ['adaptive'], thinksByDefault: true },
  { ...LATE, id: 'claude-fable-5-1', thinking: ['adaptive'], thinksByDefault: true },
];
