import type { DefinitionFiles, DefinitionSource } from '../../src/client/index.js';

export type Values = Exclude<DefinitionSource, string | DefinitionFiles>;

/** A small delivery in code; owner and approver are different people. */
export function definition(own: Partial<Values> & { id: string }): Values {
  return {
    name: 'Test delivery',
    owner: 'owner',
    sender: { name: 'Garden', address: 'news@garden.example' },
    subject: "Hello {{ first_name | default: 'friend' }}",
    unsubscribe: { url: 'https://garden.example/unsubscribe?address={{ email }}' },
    approval: { approvers: ['approver'] },
    content: {
      html: '<p>Dear {{ first_name }}, <a href="{{ unsubscribe_url }}">unsubscribe</a></p>',
      text: 'Dear {{ first_name }}, unsubscribe: {{ unsubscribe_url }}',
    },
    recipients: recipients(5),
    ...own,
  };
}

export function recipients(count: number): { email: string; first_name: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    email: `person${index + 1}@shop.example`,
    first_name: `Name${index + 1}`,
  }));
}
