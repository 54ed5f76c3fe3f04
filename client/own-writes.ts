/**
 * Objects as one's own writes left them, for as long as the watch has not told: a decision that rests on what was before
 * one's last decision may undo it. Upstream: the consistency store of KEP-5647.
 */
import type { KubeObject, Stored } from '../api/meta/types';
import type { Informer } from './informer';
import { newer } from './newer';

export class OwnWrites<T extends KubeObject> {
  /** Answers by UID. */
  private readonly answers = new Map<string, Stored<T>>();

  constructor(informer: Pick<Informer<T>, 'addEventHandler'>) {
    const seen = (object: Stored<T>): void => {
      if (this.newest(object) === object) this.answers.delete(object.metadata.uid);
    };
    informer.addEventHandler({
      add: seen,
      update: seen,
      delete: ({ metadata }) => this.answers.delete(metadata.uid),
    });
  }

  /** To be told of every answer to a write. */
  note(answer: Stored<T>): void {
    this.answers.set(answer.metadata.uid, answer);
  }

  /** The object as it is known best. */
  newest(watched: Stored<T>): Stored<T> {
    return newer(watched, this.answers.get(watched.metadata.uid));
  }
}
