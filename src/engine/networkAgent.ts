import { Agent, Pool, type buildConnector, type Dispatcher } from 'undici';

/** One way to servers: without a proxy, or through one. */
export interface Way {
  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
  /** Takes no new request and ends when the last one has. */
  close(): Promise<void>;
  /** Cuts off every request, also after `close`. */
  destroy(): Promise<void>;
}

/**
 * Connections to every server, made by `connect`. An `Agent` of undici that is closing forgets its pools and cannot cut
 * them off any more; this one remembers them.
 */
export function agentWay(connect: buildConnector.connector): Way {
  const pools = new Set<Pool>();
  const agent = new Agent({
    connect,
    factory: (origin, options) => {
      // The agent closes the pool of a server to which no connection is left, and makes a new one for the next.
      for (const pool of pools) if (pool.closed && pool.stats.connected === 0) pools.delete(pool);
      const pool = new Pool(origin, options);
      pools.add(pool);
      return pool;
    },
  });
  return {
    dispatch: (options, handler) => agent.dispatch(options, handler),
    close: () => agent.close(),
    async destroy() {
      await agent.destroy();
      await Promise.all([...pools].map((pool) => pool.destroy()));
    },
  };
}
