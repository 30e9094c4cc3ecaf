import { keepEvidence, keepPrivate } from '../../scripts/test/evidence.mjs';
import type { ChatEvent, ChatRequest } from '../../src/dispatch/chat';
import { createLogger, type Logger } from '../../src/shared/logger';

/** A logger as the extension has it, whose lines are kept for the step `leaks`; `also` gets what it is told. */
export function evidenceLogger(source: string, also?: Logger): Logger {
  const kept = createLogger((_level, line) => keepEvidence(source, line));
  return {
    log(...line) {
      kept.log(...line);
      also?.log(...line);
    },
  };
}

/** Keeps a record for the step `leaks`. */
export function keepRecord(source: string, record: object): void {
  keepEvidence(source, JSON.stringify(record));
}

/** Notes what a call asks, so that nothing of it may be in the evidence. Stop words are the user's, and on record. */
export function noteRequest({ messages, tools = [] }: Pick<ChatRequest, 'messages' | 'tools'>): void {
  for (const { content, images = [], toolCalls = [] } of messages) {
    keepPrivate('content', content);
    for (const { base64 } of images) keepPrivate('content', base64);
    for (const call of toolCalls) noteTexts(call.arguments);
  }
  for (const { description, parameters } of tools) {
    keepPrivate('content', description);
    noteTexts(parameters['description']);
  }
}

/** Notes what a call answered, and keeps what it says of itself: how it ended, what failed, why it was tried again. */
export function noteAnswer(source: string, events: readonly ChatEvent[]): void {
  for (const type of ['text', 'thinking'] as const) {
    keepPrivate('content', events.map((event) => (event.type === type ? event.text : '')).join(''));
  }
  for (const event of events) {
    if (event.type === 'toolCall') noteTexts(event.call.arguments);
    else if (event.type !== 'text' && event.type !== 'thinking') keepEvidence(source, JSON.stringify(event));
  }
}

/** Notes the secrets of a backend's headers. */
export function noteHeaders(headers: Readonly<Record<string, string>>): void {
  for (const value of Object.values(headers)) keepPrivate('secret', value.replace(/^(?:Bearer|Basic) /, ''));
}

/** Notes every text in a value; one that contains itself is read once. */
function noteTexts(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value === 'string') keepPrivate('content', value);
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const inner of Object.values(value)) noteTexts(inner, seen);
}
