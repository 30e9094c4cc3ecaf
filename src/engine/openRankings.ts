import type { RegisteredModel } from '../registry/row';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import type { Catalogue } from './catalogue';
import { HostMeasurements } from './hostMeasurements';
import type { Hosts } from './hosts';
import type { ModelTrials } from './modelTrials';
import { RankingService } from './rankingService';
import type { ServedModels } from './servedModels';

export interface OpenRankingsOptions {
  readonly hosts: Pick<Hosts, 'profileOf' | 'forget'>;
  readonly catalogue: Pick<Catalogue, 'snapshot'>;
  readonly hostOf: (backendId: string) => HostId;
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
  /** Asked at each ranking, not before. */
  readonly trials: () => Pick<ModelTrials, 'measurements'>;
  /** Asked at each ranking, not before. */
  readonly served: () => Pick<ServedModels, 'all' | 'isOwn'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rankings of every machine, with what was measured there. */
export function openRankings(options: OpenRankingsOptions): RankingService {
  const { hosts, catalogue, hostOf, canonicalId, trials, served, clock, logger } = options;
  const measured = new HostMeasurements({
    ...{ hostOf, canonicalId },
    measurements: () => trials().measurements(),
    served: () =>
      served()
        .all()
        .filter((model) => served().isOwn(model)),
  });
  return new RankingService(
    {
      detect: (host) => hosts.profileOf(host),
      forgetHardware: () => hosts.forget(),
      loadSnapshot: () => catalogue.snapshot(),
      measurements: (host, candidates) => measured.of(host, candidates),
    },
    clock,
    logger,
  );
}
