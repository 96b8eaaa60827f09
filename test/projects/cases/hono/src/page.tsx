import type { FC } from 'hono/jsx';

export const Page: FC<{ titles: string[] }> = ({ titles }) => (
  <ul>
    {titles.map((title) => (
      <li>{title}</li>
    ))}
  </ul>
);
