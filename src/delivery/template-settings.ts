/** Settings that may hold Liquid, beside the extra headers. */
const paths = [
  'subject',
  'unsubscribe.url',
  'sender.name',
  'sender.address',
  'sender.replyTo.name',
  'sender.replyTo.address',
  'sender.errorAddress',
].map((path) => path.split('.'));

/**
 * @param settings - parsed or not; a wrong type is the schema's matter
 * @returns those of the settings that may hold Liquid, with their paths
 */
export function templateSettings(settings: object): { path: string[]; template: string }[] {
  const headers: unknown = Reflect.get(settings, 'headers');
  const names = typeof headers === 'object' && headers !== null ? Object.keys(headers) : [];
  return [...paths, ...names.map((name) => ['headers', name])].flatMap((path) => {
    const template = path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      settings,
    );
    return typeof template === 'string' ? [{ path, template }] : [];
  });
}
