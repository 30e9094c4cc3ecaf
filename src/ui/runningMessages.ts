import type { RunningCall } from '../dispatch/runningCalls';
import type { HostMessage } from '../shared/reportMessages';

/** What the page must hear when the running calls are `calls`, and it knows of those in `shown`. */
export function runningMessages(
  shown: ReadonlyMap<string, RunningCall>,
  calls: readonly RunningCall[],
): readonly HostMessage[] {
  const running = new Set(calls.map(({ callId }) => callId));
  return [
    ...[...shown.keys()].flatMap((callId): readonly HostMessage[] =>
      running.has(callId) ? [] : [{ type: 'callEnded', callId }],
    ),
    ...calls.flatMap((call): readonly HostMessage[] =>
      shown.get(call.callId) === call
        ? []
        : [{ type: 'callRunning', call: { ...call, ref: { ...call.ref } } }],
    ),
  ];
}
