import { expect, test } from 'vitest';
import { defaultSchema } from '../../src/schema/default.js';

test('the built-in files make one schema with the Jamm classes in it', () => {
  const schema = defaultSchema();
  expect(schema.objectClass('jammmailaccount')?.must.size).toBe(7);
  expect(defaultSchema()).toBe(schema);
});
