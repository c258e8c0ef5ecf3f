import { PassThrough } from 'node:stream';
import { Terminal } from '../../src/cli/terminal.js';
import { recordedTerminal } from './recorded-terminal.js';

describe('a terminal', () => {
  test('shows nothing that acts on it, neither as text nor as JSON', () => {
    const { terminal, out, err } = recordedTerminal();
    terminal.print('\x1b]0;title\x07', 'second\nline');
    terminal.warn('\x9b2J');
    terminal.json({ subject: '\u202egpj' });
    expect(out()).toBe('?]0;title?\nsecond line\n{"subject":"\\u202egpj"}\n');
    expect(err()).toBe('?2J\n');
  });

  test('keeps its changing line below what is printed', () => {
    const { terminal, out } = recordedTerminal({ tty: true });
    terminal.show('50 %');
    terminal.print('paused');
    expect(out()).toBe('\r\x1b[K50 %\r\x1b[Kpaused\n\r\x1b[K50 %');
  });

  test('has no changing line where nobody looks', () => {
    const { terminal, out } = recordedTerminal();
    terminal.show('50 %');
    expect(out()).toBe('');
  });

  test('of no known size is as wide as any', () => {
    const { terminal, out } = recordedTerminal({ tty: true, columns: 0 });
    terminal.show('50 %');
    expect(out()).toBe('\r\x1b[K50 %');
  });

  test('takes an answer without the blanks around it', async () => {
    expect(await recordedTerminal({ typed: '  3f9c2a71 \n' }).terminal.ask('? ')).toBe('3f9c2a71');
  });

  test('tells an end of input from an answer', async () => {
    expect(await recordedTerminal({ typed: '' }).terminal.ask('? ')).toBeUndefined();
  });

  test('asks on standard error and aside of standard output', async () => {
    const recorded = recordedTerminal({ typed: 'x\n' });
    await recorded.terminal.ask('Sure? ');
    recorded.terminal.aside().print('told');
    expect([recorded.out(), recorded.err()]).toEqual(['', 'Sure? told\n']);
  });

  test('goes at the pace of a slow reader, and leaves nothing behind on the stream', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const before = output.listenerCount('close');
    const terminal = new Terminal({ input: new PassThrough(), output, errors: new PassThrough(), colour: false });
    for (let n = 0; n < 20; n += 1) {
      let written = false;
      const writing = terminal.write('line\n').then(() => (written = true));
      await Promise.resolve();
      expect(written).toBe(false);
      output.read();
      await writing;
    }
    expect([output.listenerCount('close') - before, output.listenerCount('drain')]).toEqual([0, 0]);
  });
});
