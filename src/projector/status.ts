// How far the models of a data folder are, read from their files.

import { NOTHING, type Sequence } from '../../contracts/words.ts';
import { OtherModelVersion } from '../read-models/files.ts';
import { MODELS, type ModelName } from './models.ts';

export interface ModelStatus {
  readonly model: ModelName;
  readonly version: string;
  /** `none`: there is none; `other-version`: nothing of this version can read it. Either is made by a store that starts. */
  readonly state: 'live' | 'none' | 'other-version';
  readonly generation?: number;
  /** The last event that it has seen; -1: none. */
  readonly sequence: number;
  /** Events of the record that it has not seen. */
  readonly lag: number;
  /** A generation being built beside it, or in its place. */
  readonly building?: { readonly generation: number; readonly sequence: number };
  /** Over every table of the live one. */
  readonly digest?: string;
}

/** The last event that any model of the folder has seen, live or being built. */
export function furthestModel(dataDir: string): Sequence {
  const seen = statusOfModels(dataDir, NOTHING, { digest: false });
  return Math.max(...seen.flatMap(({ sequence, building }) => [sequence, building?.sequence ?? -1])) as Sequence;
}

export function statusOfModels(
  dataDir: string,
  head: number,
  { digest: withDigest }: { readonly digest: boolean },
): ModelStatus[] {
  return Object.values(MODELS).map(({ name, version, files, checkpoint, digest }) => {
    const { live, building } = files.read(dataDir);
    const sequenceOf = (generation: number | undefined): number | undefined => {
      if (generation === undefined) return undefined;
      try {
        return checkpoint(files.file(dataDir, generation)).sequence;
      } catch (error) {
        if (error instanceof OtherModelVersion) return undefined;
        throw error;
      }
    };
    const sequence = sequenceOf(live);
    return {
      model: name,
      version,
      state: live === undefined ? 'none' : sequence === undefined ? 'other-version' : 'live',
      ...(live !== undefined && { generation: live }),
      sequence: sequence ?? -1,
      lag: Math.max(0, head - (sequence ?? -1)),
      ...(building !== undefined && { building: { generation: building, sequence: sequenceOf(building) ?? -1 } }),
      ...(withDigest && sequence !== undefined && { digest: digest(files.file(dataDir, live!)) }),
    };
  });
}
