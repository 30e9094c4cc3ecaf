import * as l10n from '@vscode/l10n';
import type { BackendKindRow } from '../backends/backendKind';
import type { BackendConfig } from '../backends/contract';
import { ConnectionFault } from '../shared/connectionFault';

/** Where keys lie: VS Code's SecretStorage, whose names are those of the settings. */
export interface SecretReader {
  /** The secret of this name, undefined where none is stored. Rejects where secrets cannot be read at all. */
  get(name: string): Promise<string | undefined>;
}

/** No secret is stored. */
export const noSecrets: SecretReader = { get: () => Promise.resolve(undefined) };

type Headers = Readonly<Record<string, string>>;

/** The name under which the key of a backend lies. */
export function secretNameOf({
  id,
  secretName,
}: {
  readonly id: string;
  readonly secretName?: string | undefined;
}): string {
  return secretName ?? id;
}

/**
 * The headers of each request to a backend: those that its kind needs, its key where one is stored, and those of the
 * settings, which win over both whatever their letter case. Rejects with a `ConnectionFault` where a key is needed and
 * cannot be read; a server of the person's own is asked without one then. Keys are read anew each time and never kept.
 */
export async function backendHeaders(
  config: Pick<BackendConfig, 'id' | 'headers' | 'secretName'>,
  row: Pick<BackendKindRow, 'auth' | 'fixedHeaders' | 'hosted'>,
  secrets: SecretReader,
): Promise<Headers> {
  const written = new Set(Object.keys(config.headers).map((name) => name.toLowerCase()));
  const own = (name: string): boolean => written.has(name.toLowerCase());
  const fixed = Object.entries(row.fixedHeaders ?? {}).filter(([name]) => !own(name));
  return { ...Object.fromEntries(fixed), ...(await keyHeader(config, row, secrets, own)), ...config.headers };
}

async function keyHeader(
  config: Pick<BackendConfig, 'id' | 'secretName'>,
  { auth, hosted }: Pick<BackendKindRow, 'auth' | 'hosted'>,
  secrets: SecretReader,
  own: (name: string) => boolean,
): Promise<Headers> {
  if (auth === 'none' || own(auth === 'bearer' ? 'authorization' : auth)) return {};
  const key = await secrets.get(secretNameOf(config)).catch((thrown: unknown) => {
    if (!hosted && config.secretName === undefined) return undefined;
    // The cause stays out of it: nobody knows what an error of a secret storage holds.
    throw keyUnreadable(config.id, thrown);
  });
  if (key === undefined || key === '') return {};
  return auth === 'bearer' ? { authorization: `Bearer ${key}` } : { [auth]: key };
}

function keyUnreadable(id: string, thrown: unknown): ConnectionFault {
  const kind = thrown instanceof Error ? thrown.name : l10n.t('unknown error');
  return new ConnectionFault(
    'KEY_UNREADABLE',
    l10n.t("the key of {0} cannot be read: VS Code's secret storage fails ({1})", id, kind),
    l10n.t(
      'See whether the keychain of this computer is unlocked, then set the key again with the command "Model Pool: Set API Key".',
    ),
  );
}
