import { dirname, join } from 'node:path';
import { loadSync } from 'protobufjs';
import { decodeWriteResult, encodeGuardedWrite } from '../../../../apiserver/storage/etcd-txn';

const proto = loadSync(join(dirname(require.resolve('etcd3/package.json')), 'proto/rpc.proto'));
const txnRequest = proto.lookupType('etcdserverpb.TxnRequest');
const txnResponse = proto.lookupType('etcdserverpb.TxnResponse');

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
