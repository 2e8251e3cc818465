// Documents that were changed in the copy after they had been copied: a store served it, and acknowledged the change. A scope's
// stream keeps its last event alone, so that nothing proves it; it is concluded from what both manifests say of their documents.

import { type DocumentsChanged, documentsChanged, type ManifestEntry } from '../../../contracts/events/documents.ts';
import { fromInstant } from '../../../contracts/time.ts';
import { parseJson } from '../json-event.ts';
import { LogRefused, type RecordedEvent } from '../port.ts';

/**
 * A manifest that differs from the source's was copied before the source's was made; the clocks of two logs, and the time that
 * a copy takes, may make it look later, but not by so much.
 */
const CERTAINLY_LATER = 3_600_000_000;

/** @throws LogRefused what the copy holds is no earlier state of the source's documents */
export function refuseChangedThere(stream: string, there: RecordedEvent | undefined, source: RecordedEvent): void {
  if (there === undefined || there.id === source.id || !isChanged(there, source)) return;
  throw new LogRefused(
    `the copy has gone on by itself: documents in its stream ${stream} were changed there after they were copied, and would be lost. It is a log of its own now, and is left as it is`,
  );
}

function isChanged(there: RecordedEvent, source: RecordedEvent): boolean {
  if (there.created - source.created > CERTAINLY_LATER) return true;
  const held = entriesOf(there);
  const [ours, theirs] = [byKey(entriesOf(source)), byKey(held)];
  const newest = Math.max(...held.map(updatedOf));
  // Later than anything that the source did; what it deleted since was there before.
  if (newest > Math.max(source.created, ...[...ours.values()].map(updatedOf))) return true;
  for (const [key, mine] of ours) {
    const other = theirs.get(key);
    if (other === undefined) {
      // It was there when the newest that was copied came: so it was copied too, and deleted in the copy.
      if (updatedOf(mine) <= newest) return true;
    } else if (updatedOf(other) > updatedOf(mine)) return true;
    else if (other.updated === mine.updated && other.etag !== mine.etag) return true;
  }
  return false;
}

function entriesOf({ data }: RecordedEvent): DocumentsChanged['documents'] {
  return documentsChanged.parse(parseJson(data)).documents;
}

function byKey(entries: readonly ManifestEntry[]): Map<string, ManifestEntry> {
  return new Map(entries.map((entry) => [JSON.stringify([entry.id, entry.registration]), entry]));
}

function updatedOf({ updated }: ManifestEntry): number {
  return fromInstant(updated)!;
}
