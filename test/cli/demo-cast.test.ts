import fc from 'fast-check';
import { deciders, freshId } from '../../src/cli/demo-cast.js';
import { deliveryIdSchema, deliverySettingsSchema } from '../../src/delivery/definition.js';

const settings = (approval: object, owner?: string) =>
  deliverySettingsSchema.parse({ name: 'News', sender: { address: 'a@b.example' }, subject: 'x', approval, owner });

describe('who decides in the demo', () => {
  test.each([
    ['the approver, for four eyes', { approvers: ['approver'], fourEyes: true }, 'publisher', ['approver']],
    ['the owner, who is another than the author', { fourEyes: true }, 'boss', ['boss']],
    ['the author, where that is allowed', {}, undefined, ['publisher']],
    ['as many as the quorum asks for', { approvers: ['one', 'two', 'three'], quorum: 2 }, 'boss', ['one', 'two']],
    ['nobody twice', { approvers: ['boss', 'one'], quorum: 2 }, 'boss', ['boss', 'one']],
  ])('%s', (_what, approval, owner, people) => {
    expect(deciders({ settings: settings(approval, owner), author: 'publisher' })).toEqual(people);
  });

  test.each([
    ['four eyes and only the author', { fourEyes: true }, undefined],
    ['a quorum that the people named do not make', { approvers: ['one'], quorum: 3 }, 'boss'],
  ])('%s: refused', (_what, approval, owner) => {
    const delivery = { settings: settings(approval, owner), author: 'publisher' };
    expect(() => deciders(delivery)).toThrow(expect.objectContaining({ code: 'REFUSED' }));
  });
});

describe('a fresh id', () => {
  const now = new Date('2026-11-24T22:10:33Z');

  test.each([
    ['examples/winter-news', 'winter-news-20261124-2210-x7'],
    ['examples/winter-news/delivery.yaml', 'winter-news-20261124-2210-x7'],
    ['Spring Offer.yaml', 'spring-offer-20261124-2210-x7'],
  ])('%s gives %s', (definition, id) => {
    expect(freshId(definition, now, () => 33 * 36 + 7)).toBe(id);
  });

  test('is an id whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => deliveryIdSchema.safeParse(freshId(name, now)).success),
    );
  });
});
