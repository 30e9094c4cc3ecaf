import { ModelPoolError } from '../shared/errors';

/** Why a session could not do what it was asked. */
export class SessionError extends ModelPoolError<'session_ended' | 'not_a_session' | 'bad_request'> {}
