import { discoveryOfLegacy } from '../../../../apiserver/aggregation/remote-documents';

it('makes aggregated discovery of a list of resources', () => {
  const resources = [
    {
      name: 'flunders',
      singularName: 'flunder',
      namespaced: true,
      kind: 'Flunder',
      verbs: ['get'],
      shortNames: ['fl'],
    },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['update'] },
    { name: 'fischers', singularName: 'fischer', namespaced: false, kind: 'Fischer', verbs: ['list'] },
  ];
  const responseKind = (kind: string) => ({ group: 'wardle.example.com', version: 'v1', kind });
  expect(discoveryOfLegacy('wardle.example.com', 'v1', { resources })).toEqual([
    {
      resource: 'flunders',
      responseKind: responseKind('Flunder'),
      scope: 'Namespaced',
      singularResource: 'flunder',
      verbs: ['get'],
      shortNames: ['fl'],
      subresources: [{ subresource: 'status', responseKind: responseKind('Flunder'), verbs: ['update'] }],
    },
    {
      resource: 'fischers',
      responseKind: responseKind('Fischer'),
      scope: 'Cluster',
      singularResource: 'fischer',
      verbs: ['list'],
    },
  ]);
});
