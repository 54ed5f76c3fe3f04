/** Writes Events about objects, aggregating repeats into a count and limiting bursts, as client-go's recorder does. */
import type { KubeObject } from '../api/meta/types';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorder {
  /**
   * Never throws and never blocks: events are sent in the background. `regarding` needs apiVersion, kind and metadata;
   * `fieldPath` names a part, such as `spec.containers{web}`.
   */
  event(regarding: KubeObject, type: EventType, reason: string, message: string, fieldPath?: string): void;
}
