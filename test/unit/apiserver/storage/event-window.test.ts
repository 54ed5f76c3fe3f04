import { EventWindow } from '../../../../apiserver/storage/event-window';

const window = new EventWindow(10, { minEvents: 2, maxEvents: 4, freshMs: 100, maxBytes: 1000 });
const append = (revision: number, atMs: number, sizeBytes = 10): void =>
  window.append({ type: 'ADDED', revision, atMs, entry: { sizeBytes } as never });

it('finds where to resume, and says when that is gone', () => {
  expect(window.positionAfter(9)).toBeUndefined();
  expect(window.positionAfter(10)).toBe(0);
  append(11, 0);
  append(12, 0);
  append(14, 0);
  expect(window.positionAfter(11)).toBe(1);
  expect(window.positionAfter(13)).toBe(2);
  expect(window.at(window.positionAfter(13)!).revision).toBe(14);
  expect(window.positionAfter(99)).toBe(3);
});

it('drops what is old, and what is too much', () => {
  append(15, 1);
  append(16, 2);
  expect(window.floor).toBe(11);
  append(17, 500);
  expect(window.floor).toBe(15);
  expect([window.start, window.end]).toEqual([4, 6]);
  expect(window.positionAfter(14)).toBeUndefined();
});

it('drops what is fresh when the objects are too large, but never the newest', () => {
  append(18, 501, 900);
  expect(window.floor).toBe(16);
  append(19, 502, 100);
  expect(window.floor).toBe(17);
  append(20, 503, 5000);
  expect([window.start, window.end]).toEqual([8, 9]);
  expect(window.positionAfter(19)).toBe(8);
});

it('drops what is old also when nothing happens any more, but for the least', () => {
  const quiet = new EventWindow(0, { minEvents: 2, maxEvents: 9, freshMs: 100, maxBytes: 1000 });
  for (const revision of [1, 2, 3, 4]) {
    quiet.append({ type: 'ADDED', revision, atMs: revision, entry: { sizeBytes: 10 } as never });
  }
  quiet.trim(102);
  expect(quiet.floor).toBe(1);
  quiet.trim(10_000);
  expect(quiet.floor).toBe(2);
  expect([quiet.start, quiet.end]).toEqual([2, 4]);
});
