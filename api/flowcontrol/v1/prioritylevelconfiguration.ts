/** PriorityLevelConfiguration: how many requests run at once, and what happens to those above. */
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { defineResource, type TableColumn } from '../../meta/resource-definition';
import { validatePriorityLevel, validatePriorityLevelStatus } from './prioritylevel-validation';
import type { PriorityLevelConfiguration, QueuingConfiguration } from './types';

const queuingColumn = (
  name: string,
  field: keyof QueuingConfiguration,
  description: string,
): TableColumn<PriorityLevelConfiguration> => ({
  name,
  type: 'string',
  description,
  value: ({ spec }) => spec?.limited?.limitResponse?.queuing?.[field] ?? '<none>',
});

export const priorityLevelConfigurations = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  names: { plural: 'prioritylevelconfigurations', singular: 'prioritylevelconfiguration' },
  scope: 'Cluster',
  defaults({ spec }) {
    if (spec?.exempt) {
      spec.exempt.nominalConcurrencyShares ??= 0;
      spec.exempt.lendablePercent ??= 0;
    }
    if (!spec?.limited) return;
    spec.limited.nominalConcurrencyShares ??= 30;
    spec.limited.lendablePercent ??= 0;
    const queuing = spec.limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  validate: validatePriorityLevel,
  generation: true,
  subresources: { status: { validateUpdate: validatePriorityLevelStatus } },
  columns: [
    nameColumn,
    textColumn(
      'Type',
      '`type` indicates whether this priority level is subject to limitation on request execution.  A value of `"Exempt"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `"Limited"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server\'s limited capacity is made available exclusively to this priority level. Required.',
      ({ spec }) => spec?.type ?? '',
    ),
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      description:
        "`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level. This is the number of execution seats available at this priority level. This is used both for requests dispatched from this priority level as well as requests dispatched from other priority levels borrowing seats from this level. The server's concurrency limit (ServerCL) is divided among the Limited priority levels in proportion to their NCS values.",
      value: ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>',
    },
    queuingColumn(
      'Queues',
      'queues',
      '`queues` is the number of queues for this priority level. The queues exist independently at each apiserver. The value must be positive.  Setting it to 1 effectively precludes shufflesharding and thus makes the distinguisher method of associated flow schemas irrelevant.  This field has a default value of 64.',
    ),
    queuingColumn(
      'HandSize',
      'handSize',
      "`handSize` is a small positive number that configures the shuffle sharding of requests into queues.  When enqueuing a request at this priority level the request's flow identifier (a string pair) is hashed and the hash value is used to shuffle the list of queues and deal a hand of the size specified here.",
    ),
    queuingColumn(
      'QueueLengthLimit',
      'queueLengthLimit',
      '`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.  This value must be positive.  If not specified, it will be defaulted to 50.',
    ),
    ageColumn,
  ],
});
