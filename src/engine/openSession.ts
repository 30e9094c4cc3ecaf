import type { ChatRequest } from '../dispatch/chat';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { Explanation } from '../dispatch/explanation';
import type { Sessions } from '../registry/sessions';
import type { Logger } from '../shared/logger';
import type { ModelPoolSession } from './sessionApi';
import { SessionError } from './sessionError';
import { parseChatRequest, parseRouteRequest, parseSessionName, reportedRows } from './sessionRequests';

export interface SessionParts {
  readonly sessions: Sessions;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
  readonly explain: (request: ChatRequest) => Explanation;
  readonly logger: Logger;
}

/**
 * A session for another extension, composed of the registry's reports and dispatch. The object is the permission: each
 * method looks whether it was called on this very object, so that a copy, a proxy or a look-alike can do nothing.
 *
 * @throws {SessionError} `bad_request` for a name that cannot be one
 */
export function openSession(
  { sessions, dispatcher, explain, logger }: SessionParts,
  rawName: unknown,
): ModelPoolSession {
  const name = parseSessionName(rawName);
  const capability = sessions.open(name);
  /** Throws where the caller has no right to an answer; a report has no answer, and is dropped instead. */
  const mustBeLive = (caller: unknown): void => {
    if (caller !== session) {
      throw new SessionError(
        'not_a_session',
        'This is not the object that registerSession returned. Call its methods on the object itself.',
      );
    }
    if (!sessions.isLive(capability)) {
      throw new SessionError('session_ended', 'This session has ended. Open a new one with registerSession.');
    }
  };
  const explained = (raw: unknown, method: 'resolveModel' | 'explain'): Explanation =>
    explain({ ...parseRouteRequest(raw, method), messages: [], sessionId: name });
  const session: ModelPoolSession = Object.freeze({
    name,
    reportModels(this: unknown, reports: unknown): void {
      const rows = reportedRows(reports);
      if (rows === null) logger.log('warn', 'session.report.dropped', { session: name, why: 'no list' });
      else sessions.report(this === session ? capability : undefined, rows);
    },
    resolveModel(this: unknown, request: unknown) {
      mustBeLive(this);
      const { primary } = explained(request, 'resolveModel');
      if (!primary.ok) return { ok: false, ...primary.failure };
      return { ok: true, model: { ...primary.ref }, host: primary.host };
    },
    explain(this: unknown, request: unknown) {
      mustBeLive(this);
      // A copy: what it names belongs to us.
      return structuredClone(explained(request, 'explain'));
    },
    dispatch(this: unknown, request: unknown) {
      mustBeLive(this);
      return dispatcher.dispatch({ ...parseChatRequest(request), sessionId: name });
    },
    dispose(this: unknown): void {
      if (this === session) sessions.close(capability);
    },
  } satisfies ModelPoolSession);
  return session;
}
