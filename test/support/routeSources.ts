import type { RouteSources } from '../../src/dispatch/resolve';

/** Route sources of a user who set nothing, apart from what a test needs to be there. */
export function plainSources(
  given: Pick<RouteSources, 'registry' | 'backend'> & Partial<RouteSources>,
): RouteSources {
  return {
    isHosted: (kind) => ['openai', 'anthropic', 'gemini'].includes(kind),
    pick: () => undefined,
    task: () => 'general',
    candidates: () => [],
    capabilityRules: () => [],
    thinking: () => undefined,
    retry: () => false,
    escalation: () => null,
    toolCalling: () => undefined,
    contextFor: () => null,
    ...given,
  };
}
