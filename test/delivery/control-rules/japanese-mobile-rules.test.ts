import { checkAnalysis } from '../../../src/delivery/control-rules/index.js';
import { analysis } from './views.js';

test('operators of whom different things are to be said have a sentence each', () => {
  const japaneseMobiles = {
    recipients: { docomo: 1, softbank: 2, au: 3 },
    oversized: [],
    unwritable: [],
    images: [],
    linkedImages: 0,
    tags: ['table', 'a', 'object'],
  };
  const found = checkAnalysis(analysis({ japaneseMobiles })).filter(({ rule }) => rule === 'japanese-mobile-markup');
  expect(found.map(({ sentence }) => sentence.split(':')[0])).toEqual([
    'Mobiles of NTT DoCoMo (1 recipient) and SoftBank (2 recipients) do not know the tags table and object',
    'Mobiles of KDDI au (3 recipients) do not know the tags table and a',
  ]);
});
