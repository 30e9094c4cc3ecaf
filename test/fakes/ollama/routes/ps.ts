import { goTime } from '../goTime';
import { modelDetails } from '../modelDetails';
import { shortName } from '../names';
import { replyJson } from '../reply';
import type { Runner } from '../runners';
import type { Exchange, Route } from '../world';

export const psRoutes: readonly Route[] = [{ method: 'GET', path: '/api/ps', handle: ps }];

/** Longest lifetime that is printed for a model in use, in milliseconds. */
const IN_USE_MS = 300_000;

function ps({ response, world }: Exchange): void {
  const entry = (runner: Runner): object => {
    const name = shortName(runner.model.name);
    const expiresAtMs = Number.isFinite(runner.expiresAtMs) ? runner.expiresAtMs : world.nowMs() + IN_USE_MS;
    return {
      name,
      model: name,
      size: runner.sizeBytes,
      digest: runner.model.digest,
      details: { ...modelDetails(runner.model), parent_model: '' },
      expires_at: goTime(expiresAtMs),
      size_vram: runner.vramBytes,
      context_length: runner.contextTokens,
    };
  };
  replyJson(response, 200, { models: world.runners.list().map(entry) });
}
