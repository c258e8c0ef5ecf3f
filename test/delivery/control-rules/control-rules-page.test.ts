import { readFileSync } from 'node:fs';
import { ruleDescriptions } from '../../../src/delivery/control-rules/index.js';

test('docs/control-rules.md has one row for each rule, as it is', () => {
  const rows = readFileSync('docs/control-rules.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(
    ruleDescriptions.map(({ id, level, step, explanation, fixed }) => [
      `\`${id}\``,
      fixed ? `${level}, fixed` : level,
      step,
      explanation,
    ]),
  );
});
