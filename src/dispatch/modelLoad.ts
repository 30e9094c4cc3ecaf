import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import { parseJson } from '../shared/json';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import { MAX_MESSAGE_CHARACTERS, MAX_SERVER_TEXT_CHARACTERS } from './failureText';

/** How long a large model may take to load from a slow disk: as long as a call waits for its first word. */
export const COLD_LOAD_MS = 10 * 60_000;

/** How an order to load a model ended. `loaded` false: it was there already. */
export type LoadEnd =
  | { readonly ok: true; readonly loaded: boolean }
  /** What happened and what to do. */
  | { readonly ok: false; readonly message: string };

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/** Why a model could not be loaded: what its server says of it, where it says anything. */
export function failedLoad({ url, status, body, message, nextStep }: HttpFailure, modelId: string): LoadEnd {
  const said = errorBody.safeParse(parseJson(body ?? '')).data?.error;
  const words = typeof said === 'string' ? said : said?.message;
  const where = originOf(url);
  if (words === undefined && status === undefined) {
    const next = nextStep ?? l10n.t('Start that server, or look into its log, then try again.');
    return refusal(`${l10n.t('{0} was not loaded: {1}.', modelId, message)} ${next}`);
  }
  const why =
    words === undefined
      ? l10n.t('status {0}', status ?? 0)
      : shorten(redactText(words), MAX_SERVER_TEXT_CHARACTERS);
  return refusal(
    l10n.t(
      '{0} did not load {1}: {2}. Look into the log of that server, or use a smaller model.',
      where,
      modelId,
      why,
    ),
  );
}

/** A load that did not happen, in sentences. */
export function refusal(message: string): LoadEnd {
  return { ok: false, message: shorten(message, MAX_MESSAGE_CHARACTERS) };
}
