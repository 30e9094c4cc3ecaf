/** What the name of a model says of how it wants to be asked. */
export interface AnthropicModel {
  /** False for a model of somebody else, behind a server that speaks this format. */
  readonly claude: boolean;
  /** How thinking is asked for: never, with a budget, left to the model, or either of these two. */
  readonly thinking: 'none' | 'budget' | 'either' | 'adaptive';
  /**
   * How it is told not to think: by leaving the field out, with a type of that name, or not at all because it always
   * thinks.
   */
  readonly off: 'absent' | 'disabled' | 'between_tools' | 'never';
  /** Whether it takes a temperature; newer models refuse one. */
  readonly sampling: boolean;
  /** Most tokens of one answer, thinking included. */
  readonly maxOutputTokens: number;
}

/** A rule for the versions from `from` on, of one family or of all. */
interface Row extends Omit<AnthropicModel, 'claude'> {
  /** 100 times the major version and the minor one: minor versions may have two digits. */
  readonly from: number;
  /** Absent: any. */
  readonly family?: string;
}

const ADAPTIVE = { thinking: 'adaptive', sampling: false, maxOutputTokens: 128_000 } as const;

/**
 * The first row that matches counts. From the pages "Troubleshooting thinking", "Models overview" and the migration
 * guides of Opus 4.7, Fable 5, Opus 5.5 and Sonnet 5.5 of https://platform.claude.com/docs, read in November 2026. A
 * model that is newer than the table is asked like the newest ones, which refuse the most.
 */
const ROWS: readonly Row[] = [
  { from: 505, family: 'sonnet', off: 'between_tools', ...ADAPTIVE },
  { from: 500, family: 'haiku', off: 'disabled', ...ADAPTIVE },
  { from: 501, off: 'never', ...ADAPTIVE },
  { from: 500, family: 'sonnet', off: 'disabled', ...ADAPTIVE },
  { from: 500, family: 'opus', off: 'disabled', ...ADAPTIVE },
  { from: 500, off: 'never', ...ADAPTIVE },
  { from: 407, off: 'absent', ...ADAPTIVE },
  { from: 406, off: 'disabled', thinking: 'either', sampling: true, maxOutputTokens: 128_000 },
  { from: 405, off: 'disabled', thinking: 'budget', sampling: true, maxOutputTokens: 64_000 },
  { from: 400, family: 'opus', off: 'disabled', thinking: 'budget', sampling: true, maxOutputTokens: 32_000 },
  { from: 307, off: 'disabled', thinking: 'budget', sampling: true, maxOutputTokens: 64_000 },
  { from: 305, off: 'absent', thinking: 'none', sampling: true, maxOutputTokens: 8_192 },
  { from: 0, off: 'absent', thinking: 'none', sampling: true, maxOutputTokens: 4_096 },
];

/** Has no number in its name, and thinks always. */
const NEWEST: AnthropicModel = { claude: true, off: 'never', ...ADAPTIVE };

/** Servers that speak this format for models of their own know the first form of thinking, and its opposite. */
const FOREIGN: AnthropicModel = {
  claude: false,
  thinking: 'budget',
  off: 'disabled',
  sampling: true,
  maxOutputTokens: Number.POSITIVE_INFINITY,
};

/** `claude-opus-4-6`, `claude-3-5-sonnet-20241022`, `anthropic/claude-haiku-4.5`; a date is no minor version. */
const NAME = /claude-(?:([a-z]+)-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?!\d)(?:-([a-z]+))?/i;

/** How a model wants to be asked, by its id. */
export function anthropicModelOf(modelId: string): AnthropicModel {
  if (!/claude/i.test(modelId)) return FOREIGN;
  const [, before, major, minor = '0', after] = NAME.exec(modelId) ?? [];
  if (major === undefined) return NEWEST;
  const version = 100 * Number(major) + Number(minor);
  const family = (before ?? after)?.toLowerCase();
  const row = ROWS.find(
    (candidate) =>
      version >= candidate.from && (candidate.family === undefined || candidate.family === family),
  );
  return row === undefined ? NEWEST : { claude: true, ...row };
}
