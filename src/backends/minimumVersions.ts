import * as l10n from '@vscode/l10n';
import type { BackendKind, ProbeFailure } from './contract';

/** What came with which version. */
interface MinimumVersion {
  readonly minimum: string;
  /** What an older version does not do, as a sentence without its full stop. */
  readonly lacks: (label: string, version: string) => string;
  /** Nothing works without it. */
  readonly essential?: true;
  /** Where it is said. */
  readonly source: string;
}

interface VersionedKind {
  readonly label: string;
  readonly versions: readonly MinimumVersion[];
}

/**
 * Minimum versions by kind and feature. llama-server tells what its template can do and LM Studio's API tells no
 * version, so that there is nothing to compare; hosted services have none.
 */
const MINIMUM_VERSIONS: Partial<Readonly<Record<BackendKind, VersionedKind>>> = {
  ollama: {
    label: 'Ollama',
    versions: [
      {
        minimum: '0.1.14',
        lacks: (label, version) => l10n.t('{0} {1} cannot chat over its API', label, version),
        essential: true,
        source: 'https://github.com/ollama/ollama/issues/1467',
      },
      {
        minimum: '0.6.4',
        lacks: (label, version) => l10n.t('{0} {1} does not tell what its models can do', label, version),
        source: 'https://github.com/ollama/ollama/releases/tag/v0.6.4',
      },
      {
        minimum: '0.8.0',
        lacks: (label, version) =>
          l10n.t('{0} {1} does not stream answers of models that are given tools', label, version),
        source: 'https://ollama.com/blog/streaming-tool',
      },
      {
        minimum: '0.9.0',
        lacks: (label, version) => l10n.t('{0} {1} does not tell thinking from the answer', label, version),
        source: 'https://github.com/ollama/ollama/releases/tag/v0.9.0',
      },
    ],
  },
  vllm: {
    label: 'vLLM',
    versions: [
      {
        minimum: '0.6.0',
        lacks: (label, version) =>
          l10n.t('{0} {1} does not let models call tools of their own choice', label, version),
        source: 'https://github.com/vllm-project/vllm/pull/5649',
      },
    ],
  },
};

/** The failure of a version with which nothing works, or null for every other one and for those nobody can compare. */
export function tooOld(kind: BackendKind, version: string | undefined): ProbeFailure | null {
  const missing = missingIn(kind, version).find(({ essential }) => essential === true);
  const label = MINIMUM_VERSIONS[kind]?.label;
  if (missing === undefined || label === undefined) return null;
  return {
    readiness: 'too_old',
    message: `${missing.lacks(label, version ?? '')}.`,
    nextStep: l10n.t('Update {0} to {1} or newer.', label, missing.minimum),
  };
}

/** What a version does not do yet, one sentence for each feature; no `limits` where nothing is known to be missing. */
export function limitsOf(
  kind: BackendKind,
  version: string | undefined,
): { readonly limits?: readonly string[] } {
  const label = MINIMUM_VERSIONS[kind]?.label ?? kind;
  const limits = missingIn(kind, version).map(({ lacks, minimum }) =>
    l10n.t('{0}: update it to {1} or newer.', lacks(label, version ?? ''), minimum),
  );
  return limits.length === 0 ? {} : { limits };
}

function missingIn(kind: BackendKind, version: string | undefined): readonly MinimumVersion[] {
  const numbers = numbersOf(version);
  if (numbers === null) return [];
  return (MINIMUM_VERSIONS[kind]?.versions ?? []).filter(({ minimum }) => isBelow(numbers, minimum));
}

/**
 * The numbers of a release (`0.32.15`, `v0.9.0-rc1`). Null for what is built from somewhere in between: `0.0.0`, which
 * is Ollama's without a tag, `dev` builds as Python's packages name them, and hashes.
 */
function numbersOf(version: string | undefined): readonly number[] | null {
  const found = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?/.exec(version ?? '');
  if (found === null || /dev/i.test(version ?? '')) return null;
  const numbers = [found[1], found[2], found[3]].map((part) => Number(part ?? 0));
  return numbers.every((number) => number === 0) ? null : numbers;
}

function isBelow(numbers: readonly number[], minimum: string): boolean {
  const wanted = minimum.split('.').map(Number);
  for (const [index, number] of wanted.entries()) {
    const own = numbers[index] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
