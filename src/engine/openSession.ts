import type { Dispatcher } from '../dispatch/dispatcher';
import type { Sessions } from '../registry/sessions';
import type { Logger } from '../shared/logger';
import type { ModelPoolSession } from './sessionApi';
import { SessionError } from './sessionError';
import { parseChatRequest, parseResolveRequest, parseSessionName, reportedRows } from './sessionRequests';

export interface SessionParts {
  readonly sessions: Sessions;
  readonly dispatcher: Pick<Dispatcher, 'dispatch' | 'explain'>;
  readonly logger: Logger;
}

/**
 * A session for another extension, composed of the registry's reports and dispatch. The object is the permission: each
 * method looks whether it was called on this very object, so that a copy, a proxy or a look-alike can do nothing.
 *
 * @throws {SessionError} `bad_request` for a name that cannot be one
 */
export function openSession(
  { sessions, dispatcher, logger }: SessionParts,
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
  const session: ModelPoolSession = Object.freeze({
    name,
    reportModels(this: unknown, reports: unknown): void {
      const rows = reportedRows(reports);
      if (rows === null) logger.log('warn', 'session.report.dropped', { session: name, why: 'no list' });
      else sessions.report(this === session ? capability : undefined, rows);
    },
    resolveModel(this: unknown, request: unknown) {
      mustBeLive(this);
      const resolution = dispatcher.explain({
        ...parseResolveRequest(request),
        messages: [],
        sessionId: name,
      });
      if (!resolution.ok) return { ok: false, ...resolution.failure };
      const { ref, host } = resolution.route;
      return { ok: true, model: { ...ref }, host };
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
