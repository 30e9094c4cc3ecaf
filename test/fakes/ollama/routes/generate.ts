import type { AnswerFormat } from '../answer';
import { generate as run, parseRunSettings } from '../generation';
import { goTime } from '../goTime';
import { cloudRefusal, findModel } from '../modelLookup';
import { fullName, parseModelName } from '../names';
import { replyError, replyJson } from '../reply';
import type { GenerateBody } from '../requests';
import { parseGenerateBody } from '../requests';
import type { Piece } from '../script';
import { countTokens } from '../script';
import type { Exchange, Route, World } from '../world';

export const generateRoutes: readonly Route[] = [{ method: 'POST', path: '/api/generate', handle: generate }];

/** Tokens in `context` are made up: nothing but their count means anything. */
const FIRST_TOKEN = 259;

async function generate(exchange: Exchange): Promise<void> {
  const { world, response } = exchange;
  const parsed = parseGenerateBody(exchange.body);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const body = parsed.value;
  const settings = parseRunSettings(body);
  if (!settings.ok) return replyError(response, 400, settings.error);
  const requestedName = body.model ?? '';
  const name = parseModelName(requestedName);
  if (name === null) return replyError(response, 404, `model '${requestedName}' not found`);
  const refusal = cloudRefusal(world, name, '/api/generate');
  if (refusal !== null) return replyError(response, refusal.status, refusal.error);
  const found = findModel(world, name, requestedName);
  if (!found.ok) return replyError(response, found.status, found.error);
  const { model } = found;
  const prompt = body.prompt ?? '';
  if (prompt === '' && settings.keepAliveMs === 0) {
    world.runners.unload(model);
    return replyJson(response, 200, ending(world, requestedName, 'unload'));
  }
  if (!world.store.capabilities(model).includes('completion')) {
    return replyError(response, 400, `"${requestedName}" does not support generate`);
  }
  if ((body.suffix ?? '') !== '') {
    return replyError(response, 400, `${fullName(model.name)} does not support insert`);
  }
  const later = notSimulated(body);
  if (later !== null) return replyError(response, 501, `the fake Ollama does not simulate \`${later}\` yet`);
  await run(exchange, {
    model,
    requestedName,
    options: body.options ?? {},
    keepAliveMs: settings.keepAliveMs,
    truncate: body.truncate ?? true,
    shift: body.shift ?? true,
    stream: body.stream ?? true,
    promptTokens: 2 + countTokens(prompt),
    // A raw prompt has no template that would make the model think.
    ask:
      prompt === ''
        ? null
        : {
            isQuestion: true,
            lastText: prompt,
            think: body.raw === true ? false : settings.think,
            tools: [],
          },
    format: generateFormat(world, requestedName, body.raw === true),
    loaded: ending(world, requestedName, 'load'),
  });
}

function notSimulated(body: GenerateBody): string | null {
  if (body.format !== undefined && body.format !== null) return 'format';
  return body.logprobs === true ? 'logprobs' : null;
}

function ending(world: World, model: string, reason: 'load' | 'unload'): object {
  return { model, created_at: goTime(world.nowMs()), response: '', done: true, done_reason: reason };
}

function generateFormat(world: World, model: string, raw: boolean): AnswerFormat {
  const line = (): object => ({ model, created_at: goTime(world.nowMs()), response: '' });
  return {
    line: (piece) => ({ ...line(), ...textOf(piece), done: false }),
    last: (whole, reason, figures) => ({
      ...line(),
      ...(whole === null ? {} : { response: whole.content }),
      ...(whole === null || whole.thinking === '' ? {} : { thinking: whole.thinking }),
      done: true,
      done_reason: reason,
      ...(raw ? {} : { context: tokens(figures.prompt_eval_count + figures.eval_count) }),
      ...figures,
    }),
  };
}

function textOf(piece: Piece): object {
  if (piece.kind === 'content') return { response: piece.text };
  return piece.kind === 'thinking' ? { thinking: piece.text } : {};
}

function tokens(count: number): number[] {
  return Array.from({ length: count }, (_, index) => FIRST_TOKEN + (index % 200));
}
