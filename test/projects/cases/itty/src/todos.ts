export const todos: readonly { title: string; done: boolean }[] = [
  { title: 'write', done: true },
  { title: 'read', done: false },
];
