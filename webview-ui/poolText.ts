import * as l10n from '@vscode/l10n';
import type { PoolDiskReport, PoolEvent, PoolReport } from '../src/shared/poolMessage';
import { formatBytes, BYTES_PER_GIB } from '../src/shared/units';
import { formatNumber, UNKNOWN } from './format';

/** What the Pool tab says of disks, of the order in which models go, and of what was done. Pure. */

type Leaving = PoolDiskReport['leaving'][number];
type Staying = PoolDiskReport['staying'][number];
type Blob = PoolDiskReport['blobs'][number];

/** A model whose removal frees less has its weights in common with one that is there still. */
const SHARED_BELOW_BYTES = 2 ** 20;

/** GiB with one decimal, for columns that say so in their head; an en dash for null. */
export function gib(bytes: number | null): string {
  return formatNumber(bytes === null ? null : bytes / BYTES_PER_GIB, 1);
}

/** A model's name without the registry and owner before it: `hf.co/owner/Model-GGUF:Q4` is `Model-GGUF:Q4`. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The first characters of a digest, as people compare them; a key that is none is said to be unknown. */
export function shortDigest(digest: string): string {
  return /^sha256:([0-9a-f]{12})/.exec(digest)?.[1] ?? UNKNOWN;
}

/** Whose layer it is, in a few words. */
export function blobOwners({ models, kind }: Blob): string {
  if (kind === 'partial') return l10n.t('unfinished download');
  return models.map(shortName).join(', ');
}

/** What a disk holds, line by line; null bytes are not known. */
export function diskFigures(disk: PoolDiskReport): readonly { name: string; bytes: number | null }[] {
  const sum = (kind: Blob['kind']): number =>
    disk.blobs.reduce((total, blob) => (blob.kind === kind ? total + blob.bytes : total), 0);
  const { budgetBytes, usedBytes, comingBytes } = disk;
  return [
    { name: l10n.t('Budget'), bytes: budgetBytes },
    { name: l10n.t('Used by the pool'), bytes: usedBytes },
    ...(comingBytes > 0 ? [{ name: l10n.t('On the way'), bytes: comingBytes }] : []),
    { name: l10n.t('Left of the budget'), bytes: Math.max(0, budgetBytes - usedBytes - comingBytes) },
    { name: l10n.t('Outside the pool'), bytes: sum('outside') },
    { name: l10n.t('Unfinished downloads'), bytes: disk.partialsKnown ? sum('partial') : null },
    { name: l10n.t('Free on the volume'), bytes: disk.freeBytes },
  ];
}

interface DiskNote {
  readonly text: string;
  readonly warning: boolean;
}

/** What a reader should know about the figures of a disk, with what to do where there is something. */
export function diskNotes(disk: PoolDiskReport): readonly DiskNote[] {
  const { budgetBytes, usedBytes, comingBytes, freeBytes, partialsKnown, guessedModels } = disk;
  const over = usedBytes + comingBytes - budgetBytes;
  const left = Math.max(0, -over);
  const partials = disk.blobs.filter(({ kind }) => kind === 'partial');
  const notes: DiskNote[] = [];
  const note = (text: string, warning = false): void => void notes.push({ text, warning });
  if (over > 0) {
    note(
      l10n.t(
        'The pool is {0} over its budget. Nothing is removed for that; further installs must make room first, or need a higher budget.',
        formatBytes(over),
      ),
      true,
    );
  }
  if (freeBytes !== null && freeBytes < left) {
    note(
      l10n.t(
        'The volume has {0} free, less than the budget leaves: the disk is the limit here.',
        formatBytes(freeBytes),
      ),
      true,
    );
  }
  if (partials.length > 0) {
    note(
      l10n.t(
        'Unfinished downloads keep their disk until they are resumed, or until Ollama is started again an hour or more after they stopped.',
      ),
    );
  }
  if (!partialsKnown) {
    note(
      l10n.t(
        'The folder of the models cannot be read from here, so unfinished downloads and layers shared with models outside the pool are not known.',
      ),
    );
  }
  if (guessedModels > 0) {
    note(
      guessedModels === 1
        ? l10n.t(
            '1 model counted by the size that the server says, not by layer: what they share with others counts twice.',
          )
        : l10n.t(
            '{0} models counted by the size that the server says, not by layer: what they share with others counts twice.',
            formatNumber(guessedModels),
          ),
    );
  }
  return notes;
}

/** Why a model stands before the next one in the order in which models go. */
export function orderReason(row: Leaving, next: Leaving | undefined): string {
  const place = placeReason(row, next);
  return row.freesBytes < SHARED_BELOW_BYTES ? l10n.t('{0}; others share its layers', place) : place;
}

function placeReason(row: Leaving, next: Leaving | undefined): string {
  if (!next) return l10n.t('goes last');
  if (row.score < next.score) return l10n.t('lower score than the next');
  if (row.lastUsedAt === null && next.lastUsedAt !== null) return l10n.t('same score, never used');
  if (row.lastUsedAt !== next.lastUsedAt) return l10n.t('same score, unused for longer');
  return l10n.t('same score and use, installed earlier');
}

/** Why a model is never taken away by the pool. */
export function staysBecause(reason: Staying['reason']): string {
  switch (reason) {
    case 'running':
      return l10n.t('loaded now');
    case 'in-use':
      return l10n.t('a call uses it now');
    case 'pinned':
      return l10n.t('you have pinned it');
    case 'user':
      return l10n.t('installed outside the pool');
    case 'last-tool-capable':
      return l10n.t('the last one that calls tools');
    case 'leaving':
      return l10n.t('goes already, as soon as no call uses it');
    case 'not-needed':
      return l10n.t('the room is there without it');
  }
}

/** When models go at all. */
export function autonomySentence(autonomy: PoolReport['autonomy']): string {
  return autonomy === 'ask'
    ? l10n.t('Nothing goes without your word (modelPool.pool.autonomy is ask).')
    : l10n.t(
        'Proposals of the allowed organisations are carried out by themselves (modelPool.pool.autonomy is within-budget).',
      );
}

/** What happened, in a few words without the names. */
export function eventTitle({ kind, came }: PoolEvent): string {
  switch (kind) {
    case 'added':
      return l10n.t('Came into the pool');
    case 'removed':
      return l10n.t('Removed');
    case 'gone':
      return l10n.t('Removed outside Model Pool');
    case 'failed':
      return l10n.t('Download failed');
    case 'stopped':
      return l10n.t('Download paused');
    case 'approved':
      return came === null ? l10n.t('Removal approved') : l10n.t('Proposal approved');
    case 'rejected':
      return came === null ? l10n.t('Removal rejected') : l10n.t('Proposal rejected');
    case 'missing':
      return l10n.t('Not to be had any more');
  }
}

/** Which models it was about: `new in place of old`. */
export function eventModels({ kind, came, went }: PoolEvent): string {
  if (came === null) return shortName(went ?? '');
  if (went === null) return shortName(came);
  return kind === 'approved'
    ? l10n.t('{0} in place of {1}', shortName(came), shortName(went))
    : l10n.t('{0} for {1}', shortName(came), shortName(went));
}
