import { dirname, join } from 'node:path';
import { loadSync } from 'protobufjs';
import {
  decodeWatchResponse,
  decodeWriteResult,
  encodeGuardedWrite,
  encodeWatchStart,
} from '../../../../apiserver/storage/etcd-messages';

const proto = loadSync(join(dirname(require.resolve('etcd3/package.json')), 'proto/rpc.proto'));
const txnRequest = proto.lookupType('etcdserverpb.TxnRequest');
const txnResponse = proto.lookupType('etcdserverpb.TxnResponse');

const watchRequest = proto.lookupType('etcdserverpb.WatchRequest');
const watchResponse = proto.lookupType('etcdserverpb.WatchResponse');

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const key = '/registry/core/pods/default/wöb';

describe('a guarded write', () => {
  const revision = 2 ** 40 + 3;
  const read = { failure: [{ requestRange: { key: base64(key) } }] };
  const compare = (modRevision: number): object => ({
    compare: [{ target: 'Mod', key: base64(key), modRevision: String(modRevision) }],
  });

  it.each([
    [
      'creates what does not exist',
      { key, ifRevision: 0, value: Buffer.from('{}') },
      { ...compare(0), success: [{ requestPut: { key: base64(key), value: base64('{}') } }], ...read },
    ],
    [
      'replaces what is as it was read',
      { key, ifRevision: revision, value: Buffer.from('x'.repeat(70_000)) },
      {
        ...compare(revision),
        success: [{ requestPut: { key: base64(key), value: base64('x'.repeat(70_000)) } }],
        ...read,
      },
    ],
    [
      'binds what it writes to a lease',
      { key, ifRevision: 0, value: Buffer.from('{}'), leaseId: '7587894836123456789' },
      {
        ...compare(0),
        success: [{ requestPut: { key: base64(key), value: base64('{}'), lease: '7587894836123456789' } }],
        ...read,
      },
    ],
    [
      'deletes',
      { key, ifRevision: 5 },
      { ...compare(5), success: [{ requestDeleteRange: { key: base64(key) } }], ...read },
    ],
  ])('%s', (_what, write, expected) => {
    const sent = txnRequest.decode(encodeGuardedWrite(write));
    expect(txnRequest.toObject(sent, { longs: String, enums: String, bytes: String })).toEqual(expected);
  });
});

describe('the result of a write', () => {
  const answer = (message: object): Buffer => Buffer.from(txnResponse.encode(txnResponse.fromObject(message)).finish());
  const header = { clusterId: 1, memberId: 2, revision: 2 ** 40 + 1, raftTerm: 9 };

  it('is the revision of what was written', () => {
    const written = answer({ header, succeeded: true, responses: [{ responsePut: { header } }] });
    expect(decodeWriteResult(written)).toEqual({ succeeded: true, revision: 2 ** 40 + 1 });
  });

  it('is what is there instead', () => {
    const kv = { key: Buffer.from(key), createRevision: 1, modRevision: 7, version: 3, value: Buffer.from('{"a":1}') };
    const refused = answer({ header, responses: [{ responseRange: { header, kvs: [kv], count: 1 } }] });
    expect(decodeWriteResult(refused)).toEqual({
      succeeded: false,
      revision: 2 ** 40 + 1,
      current: { key, revision: 7, value: Buffer.from('{"a":1}') },
    });
  });

  it('is that nothing is there', () => {
    const refused = answer({ header, responses: [{ responseRange: { header } }] });
    expect(decodeWriteResult(refused)).toEqual({ succeeded: false, revision: 2 ** 40 + 1 });
  });

  it('is refused when it is cut off', () => {
    const written = answer({ header, succeeded: true });
    expect(() => decodeWriteResult(written.subarray(0, 5))).toThrow('index out of range');
  });
});

describe('a watch', () => {
  it('begins at a revision', () => {
    const sent = watchRequest.decode(encodeWatchStart({ start: '/registry/', end: '/registry0', fromRevision: 7 }));
    expect(watchRequest.toObject(sent, { longs: Number, bytes: String })).toEqual({
      createRequest: { key: base64('/registry/'), rangeEnd: base64('/registry0'), startRevision: 7 },
    });
  });

  const header = { clusterId: 1, memberId: 2, revision: 12, raftTerm: 9 };
  const nothing = {
    ...{ revision: 12, created: false, canceled: false, compactRevision: 0, cancelReason: '' },
    events: [],
  };
  const value = Buffer.from('{"a":1}');
  const kv = { key: Buffer.from(key), createRevision: 1, modRevision: 11, version: 3, value };

  it.each([
    ['that it began', { header, watchId: 0, created: true }, { ...nothing, created: true }],
    [
      'that its past is compacted',
      { header, canceled: true, compactRevision: 9, cancelReason: 'gone' },
      { ...nothing, canceled: true, compactRevision: 9, cancelReason: 'gone' },
    ],
    [
      'of events',
      {
        header,
        events: [
          { type: 'Put', kv, prevKv: { ...kv, modRevision: 10 } },
          { type: 'Delete', kv: { key: Buffer.from('/registry/x'), modRevision: 12 } },
        ],
      },
      {
        ...nothing,
        events: [
          { type: 'put', key, value, revision: 11 },
          { type: 'delete', key: '/registry/x', value: Buffer.alloc(0), revision: 12 },
        ],
      },
    ],
  ])('tells %s', (_what, message, expected) => {
    const sent = Buffer.from(watchResponse.encode(watchResponse.fromObject(message)).finish());
    expect(decodeWatchResponse(sent)).toEqual(expected);
  });
});
