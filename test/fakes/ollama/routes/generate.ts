import type { AnswerFormat, DoneReason, Figures } from '../answer';
import { RUNNER_DIED } from '../answer';
import { generate as run, parseRunSettings } from '../generation';
import { goTime } from '../goTime';
import { jsonAnswer } from '../jsonAnswer';
import { cloudRefusal, findModel } from '../modelLookup';
import { fullName, parseModelName } from '../names';
import type { Voice } from '../reply';
import { OLLAMA_VOICE, replyError } from '../reply';
import type { GenerateBody } from '../requests';
import { parseGenerateBody } from '../requests';
import type { Piece } from '../script';
import { countTokens } from '../script';
import type { Exchange, Route, World } from '../world';

export const generateRoutes: readonly Route[] = [{ method: 'POST', path: '/api/generate', handle: generate }];

/** Tokens in `context` are made up: nothing but their count means anything. */
const FIRST_TOKEN = 259;

async function generate(exchange: Exchange): Promise<void> {
  const parsed = parseGenerateBody(exchange.body);
  if (!parsed.ok) return replyError(exchange.response, 400, parsed.error);
  await answerGenerate(exchange, parsed.value, OLLAMA_VOICE, generateFormat);
}

/** Continues a prompt, said in the words of whichever API asked. */
export async function answerGenerate(
  exchange: Exchange,
  body: GenerateBody,
  voice: Voice,
  format: (world: World, model: string, body: GenerateBody) => AnswerFormat,
): Promise<void> {
  const { world, response } = exchange;
  const settings = parseRunSettings(body);
  if (!settings.ok) return voice.error(response, 400, settings.error);
  const requestedName = body.model ?? '';
  const name = parseModelName(requestedName);
  if (name === null) return voice.error(response, 404, `model '${requestedName}' not found`);
  const refusal = cloudRefusal(world, name, exchange.request.url ?? '');
  if (refusal !== null) return replyError(response, refusal.status, refusal.error);
  const found = findModel(world, name, requestedName);
  if (!found.ok) return voice.error(response, found.status, found.error);
  const { model } = found;
  const prompt = body.prompt ?? '';
  if (prompt === '' && settings.keepAliveMs === 0) {
    world.runners.unload(model);
    return voice.whole(response, ending(world, requestedName, 'unload'));
  }
  if (!world.store.capabilities(model).includes('completion')) {
    return voice.error(response, 400, `"${requestedName}" does not support generate`);
  }
  if ((body.suffix ?? '') !== '') {
    return voice.error(response, 400, `${fullName(model.name)} does not support insert`);
  }
  const wanted = jsonAnswer(body.format);
  if (!wanted.ok) return voice.error(response, wanted.status, wanted.error);
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
            json: wanted.text,
          },
    format: format(world, requestedName, body),
    voice,
    loaded: ending(world, requestedName, 'load'),
  });
}

function ending(world: World, model: string, reason: 'load' | 'unload'): object {
  return { model, created_at: goTime(world.nowMs()), response: '', done: true, done_reason: reason };
}

function generateFormat(world: World, model: string, { raw, logprobs }: GenerateBody): AnswerFormat {
  const line = (): object => ({ model, created_at: goTime(world.nowMs()), response: '' });
  const odds = (pieces: readonly Piece[]): object =>
    logprobs === true ? { logprobs: pieces.map(certain) } : {};
  const done = (reason: DoneReason, figures: Figures): object => ({
    ...{ done: true, done_reason: reason },
    ...(raw === true ? {} : { context: tokens(figures.prompt_eval_count + figures.eval_count) }),
    ...figures,
  });
  return {
    lines: (piece) => [{ ...line(), ...textOf(piece), done: false, ...odds([piece]) }],
    end: (reason, figures) => [{ ...line(), ...done(reason, figures) }],
    died: [{ error: RUNNER_DIED }],
    whole: ({ content, thinking, pieces }, reason, figures) => ({
      ...{ ...line(), response: content },
      ...(thinking === '' ? {} : { thinking }),
      ...{ ...done(reason, figures), ...odds(pieces) },
    }),
  };
}

/** A token of which the model was sure, with the one that it thought least of. */
function certain(piece: Piece): object {
  const token = 'text' in piece ? piece.text : '<think>';
  const sure = { token, logprob: 0, bytes: [...Buffer.from(token)] };
  return { ...sure, top_logprobs: [sure, { token: '', logprob: -45.139 }] };
}

function textOf(piece: Piece): object {
  if (piece.kind === 'content') return { response: piece.text };
  return piece.kind === 'thinking' ? { thinking: piece.text } : {};
}

function tokens(count: number): number[] {
  return Array.from({ length: count }, (_, index) => FIRST_TOKEN + (index % 200));
}
